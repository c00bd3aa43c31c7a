//! Conditions on passages: phrases that they have word for word, and words that they lack.

/// What passages must have and must not have, beside what their documents meet.
///
/// A phrase stands word for word in the text of the passage, in its document's title, or in one of the headings above it,
/// whatever its case, width, accents, Chinese script and white space. It does not cross the end of a passage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassageFilter {
    /// Phrases that the passage has, all of them.
    pub phrases: Vec<String>,
    /// Words and phrases none of which it has.
    pub without: Vec<String>,
}

impl PassageFilter {
    /// Whether every passage meets it.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty() && self.without.is_empty()
    }
}
