//! Says which value of a filter no document has, and which values there are.

use std::collections::BTreeMap;

use crate::display::one_line;
use crate::language_tag::Ranges;
use crate::passage::DocumentInfo;
use crate::suggest::nearest;

/// Values that are listed at most.
const MAX_LISTED: usize = 12;

/// A field of documents that the command line filters by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    Source,
    Tag,
    Language,
}

impl Facet {
    fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Tag => "tag",
            Self::Language => "language",
        }
    }

    fn values(self, document: &DocumentInfo) -> Vec<&str> {
        match self {
            Self::Source => document.source.as_deref().into_iter().collect(),
            Self::Tag => document.tags.iter().map(String::as_str).collect(),
            Self::Language => document.language.as_deref().into_iter().collect(),
        }
    }

    /// As filters compare: a language also matches its variants.
    fn matches(self, value: &str, wanted: &str) -> bool {
        match self {
            Self::Source | Self::Tag => value == wanted,
            Self::Language => Ranges::of(wanted).have(value),
        }
    }
}

/// Counts the values that documents have.
#[derive(Debug)]
pub(crate) struct Values<'w> {
    wanted: Vec<(Facet, &'w [String])>,
    counts: Vec<BTreeMap<String, usize>>,
}

impl<'w> Values<'w> {
    /// For the values `wanted` of some facets.
    pub(super) fn of(wanted: Vec<(Facet, &'w [String])>) -> Self {
        let wanted: Vec<_> = wanted.into_iter().filter(|(_, values)| !values.is_empty()).collect();
        Self { counts: vec![BTreeMap::new(); wanted.len()], wanted }
    }

    /// Counts the values of one document.
    pub(super) fn count(&mut self, document: &DocumentInfo) {
        for ((facet, _), counts) in self.wanted.iter().zip(&mut self.counts) {
            for value in facet.values(document) {
                *counts.entry(value.to_owned()).or_default() += 1;
            }
        }
    }

    /// A line for each wanted value that no document has, with the values that there are.
    pub(super) fn unmatched(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for ((facet, wanted), counts) in self.wanted.iter().zip(&self.counts) {
            for wanted in *wanted {
                if !counts.keys().any(|value| facet.matches(value, wanted)) {
                    lines.push(line(*facet, wanted, counts));
                }
            }
        }
        lines
    }
}

fn line(facet: Facet, wanted: &str, counts: &BTreeMap<String, usize>) -> String {
    let quoted = |value: &str| format!("`{}`", one_line(value));
    let name = facet.name();
    let none = format!("no document has the {name} {}", quoted(wanted));
    if let Some(meant) = nearest(wanted, counts.keys().map(String::as_str)) {
        return format!("{none}; did you mean {}?", quoted(meant));
    }
    // The most frequent first.
    let mut known: Vec<_> = counts.iter().collect();
    known.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let listed: Vec<_> = known.iter().take(MAX_LISTED).map(|(value, _)| quoted(value)).collect();
    match known.len() {
        0 => format!("{none}; no document has a {name}"),
        1 => format!("{none}; there is {}", listed.join(", ")),
        count if count > MAX_LISTED => {
            format!("{none}; there are {}, and {} more", listed.join(", "), count - MAX_LISTED)
        }
        _ => format!("{none}; there are {}", listed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture::document;

    fn unmatched(facet: Facet, wanted: &str) -> Vec<String> {
        let wanted = [wanted.to_owned()];
        let mut values = Values::of(vec![(facet, &wanted)]);
        for source in ["Macro Desk", "Macro Desk", "Harbour Post"] {
            values.count(&DocumentInfo { source: Some(source.into()), tags: vec!["fed".into()], ..document() });
        }
        values.unmatched()
    }

    #[test]
    fn a_value_that_no_document_has_is_named_with_those_there_are() {
        assert_eq!(
            unmatched(Facet::Source, "NoSuch"),
            ["no document has the source `NoSuch`; there are `Macro Desk`, `Harbour Post`"]
        );
        assert_eq!(
            unmatched(Facet::Source, "Macro Disk"),
            ["no document has the source `Macro Disk`; did you mean `Macro Desk`?"]
        );
        assert_eq!(
            unmatched(Facet::Language, "klingon"),
            ["no document has the language `klingon`; there is `zh-Hant`"]
        );
        assert_eq!(unmatched(Facet::Tag, "x\u{1b}"), ["no document has the tag `x\u{fffd}`; there is `fed`"]);
    }

    #[test]
    fn a_value_that_a_document_has_is_not_named() {
        for (facet, wanted) in [(Facet::Source, "Harbour Post"), (Facet::Language, "ZH"), (Facet::Tag, "fed")] {
            assert_eq!(unmatched(facet, wanted), Vec::<String>::new());
        }
        assert_eq!(unmatched(Facet::Language, "z").len(), 1, "a language is more than its beginning");
    }
}
