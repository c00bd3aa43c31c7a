//! The words of a passage and of what it inherits: its document's title, source, tags and date, and the headings above it.

use std::collections::HashSet;

use super::names::Name;
use crate::passage::{Document, Span};
use crate::terms::terms;

/// Bytes before and behind a passage in which a name that the passage lacks may stand.
const NEIGHBOURHOOD_BYTES: usize = 900;

/// Sets of index terms.
pub(super) struct Words {
    sentences: Vec<HashSet<String>>,
    inherited: HashSet<String>,
}

impl Words {
    /// Those of the passage with these `sentences` in a document's text.
    pub(super) fn of(document: &Document, headings: &[String], sentences: &[Span]) -> Self {
        let part = |span: &Span| document.text.get(span.range()).unwrap_or_default();
        let info = &document.info;
        let source = info.source.as_deref().unwrap_or_default();
        let published = info.published.as_deref().unwrap_or_default();
        let (headings, tags) = (headings.join("\n"), info.tags.join("\n"));
        let inherited = [info.title.as_str(), source, &headings, &tags, published].join("\n");
        Self { sentences: sentences.iter().map(|span| set(part(span))).collect(), inherited: set(&inherited) }
    }

    /// Those of a text without title, headings or source.
    #[cfg(test)]
    pub(super) fn plain(text: &str, sentences: &[Span]) -> Self {
        Self { sentences: sentences.iter().map(|span| set(&text[span.range()])).collect(), inherited: HashSet::new() }
    }

    /// The terms of what the passage inherits.
    pub(super) fn inherited(&self) -> &HashSet<String> {
        &self.inherited
    }

    /// The terms of each sentence.
    pub(super) fn sentences(&self) -> &[HashSet<String>] {
        &self.sentences
    }
}

/// What stands around a passage, as far as a name in it belongs to the passage, with what the passage inherits.
pub(super) struct Neighbourhood<'t> {
    text: &'t str,
    terms: HashSet<String>,
    /// The same without those of the day on which the document was published: it may be about any other.
    undated: HashSet<String>,
}

impl<'t> Neighbourhood<'t> {
    /// That of a passage of this document.
    pub(super) fn of(document: &'t Document, words: &Words, passage: Span) -> Self {
        let text = document.text.as_str();
        let start = text.floor_char_boundary(passage.start.saturating_sub(NEIGHBOURHOOD_BYTES));
        let end = text.ceil_char_boundary((passage.end + NEIGHBOURHOOD_BYTES).min(text.len()));
        let text = text.get(start..end).unwrap_or_default();
        let mut terms = set(text);
        terms.extend(words.inherited.iter().cloned());
        let published = set(document.info.published.as_deref().unwrap_or_default());
        let is_dated = |term: &String| published.contains(term) && !text.contains(term.as_str());
        let undated = terms.iter().filter(|term| !is_dated(term)).cloned().collect();
        Self { text, terms, undated }
    }

    /// Whether it has a name, or the words that it abbreviates.
    pub(super) fn has(&self, name: &Name) -> bool {
        name.is_in(&self.terms) || name.abbreviates(self.text)
    }

    /// The index terms, without those of the date on which the document was published.
    pub(super) fn undated_terms(&self) -> &HashSet<String> {
        &self.undated
    }
}

fn set(text: &str) -> HashSet<String> {
    terms(text).into_iter().collect()
}
