//! The operators about documents, and the filter that they make.

use serde_json::Value;

use crate::filter::{Comparison, Field, Filter};
use crate::language_tag::language_tag;
use crate::passage::{Format, OperatorKind};
use crate::suggest::nearest;

/// Names of operators. The first of a kind is its own.
const NAMES: [(&str, OperatorKind); 15] = [
    ("source", OperatorKind::Source),
    ("tag", OperatorKind::Tag),
    ("tags", OperatorKind::Tag),
    ("title", OperatorKind::Title),
    ("lang", OperatorKind::Language),
    ("language", OperatorKind::Language),
    ("format", OperatorKind::Format),
    ("type", OperatorKind::Format),
    ("filetype", OperatorKind::Format),
    ("before", OperatorKind::Before),
    ("since", OperatorKind::Since),
    ("after", OperatorKind::Since),
    ("until", OperatorKind::Until),
    ("intitle", OperatorKind::Title),
    ("author", OperatorKind::Source),
];
/// Letters of a name from which a slip in it is recognised: "tab:" and "text:" are words.
const MIN_SLIP: usize = 5;
/// Other names of formats.
const FORMATS: [(&str, Format); 12] = [
    ("word", Format::Docx),
    ("doc", Format::Docx),
    ("excel", Format::Xlsx),
    ("powerpoint", Format::Pptx),
    ("ppt", Format::Pptx),
    ("md", Format::Markdown),
    ("htm", Format::Html),
    ("text", Format::Plain),
    ("txt", Format::Plain),
    ("mail", Format::Eml),
    ("email", Format::Eml),
    ("tex", Format::Latex),
];

/// The operator with this name, whatever its case; or the one that was probably meant.
pub(super) fn kind(name: &str) -> Result<OperatorKind, Option<OperatorKind>> {
    let known = |name: &str| NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind);
    let meant = || {
        let meant = nearest(name, NAMES.iter().map(|(known, _)| *known))?;
        known(meant).filter(|_| name.len() >= MIN_SLIP)
    };
    known(name).ok_or_else(meant)
}

/// Conditions on documents. Of several values of a field a document has one; dates hold all.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    wanted: Vec<(OperatorKind, Vec<Filter>)>,
    others: Vec<Filter>,
}

impl Conditions {
    /// Adds a condition. Returns its value as it is compared; `None` if the value is no such thing.
    pub(super) fn add(&mut self, kind: OperatorKind, value: &str, excludes: bool) -> Option<String> {
        let (field, comparison, value) = match kind {
            OperatorKind::Source => (Field::Source, Comparison::Like, value.to_owned()),
            OperatorKind::Tag => (Field::Tags, Comparison::Same, value.to_owned()),
            OperatorKind::Title => (Field::Title, Comparison::Like, value.to_owned()),
            OperatorKind::Language => (Field::Language, Comparison::Equal, language(value)?),
            OperatorKind::Format => (Field::Format, Comparison::Equal, format(value)?),
            OperatorKind::Before => (Field::Published, Comparison::Less, day(value)?),
            OperatorKind::Since => (Field::Published, Comparison::GreaterOrEqual, day(value)?),
            OperatorKind::Until => (Field::Published, Comparison::LessOrEqual, day(value)?),
            OperatorKind::Phrase | OperatorKind::Word => return None,
        };
        let is_date = field == Field::Published;
        let filter = Filter::is(field, comparison, Value::from(value.clone())).ok()?;
        match self.wanted.iter_mut().find(|(known, _)| *known == kind) {
            _ if excludes => self.others.push(Filter::Not(Box::new(filter))),
            _ if is_date => self.others.push(filter),
            Some((_, filters)) => filters.push(filter),
            None => self.wanted.push((kind, vec![filter])),
        }
        Some(value)
    }

    /// The filter of all conditions.
    pub(super) fn filter(self) -> Filter {
        let any = |(_, mut filters): (OperatorKind, Vec<Filter>)| {
            if filters.len() == 1 { filters.remove(0) } else { Filter::Any(filters) }
        };
        Filter::All(self.wanted.into_iter().map(any).chain(self.others).collect())
    }
}

/// A language tag, or the tag of a language by its English name.
fn language(value: &str) -> Option<String> {
    let tag = language_tag(value)?;
    let is_name = value.chars().count() > 3 && !value.contains(['-', '_']);
    Some(if is_name { tag } else { value.to_owned() })
}

fn format(value: &str) -> Option<String> {
    let lower = value.trim_start_matches('.').to_lowercase();
    let other = FORMATS.iter().find(|(name, _)| *name == lower).map(|(_, format)| *format);
    Some(other.or_else(|| Format::from_name(&lower))?.as_str().to_owned())
}

/// `2026-01-31` for `2026/1/31`; a year or a month alone, too.
fn day(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split(['-', '/', '.']).collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) || parts[0].len() != 4 {
        return None;
    }
    let padded: Vec<String> = parts.iter().map(|part| format!("{part:0>2}")).collect();
    Some(padded.join("-"))
}
