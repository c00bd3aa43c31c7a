//! The time of the documents that a question asks for, and what became of it.

use super::FoundPassage;

/// The time of the documents that a question asks for: "latest", "last week", "since March".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeUsed {
    /// The words that ask for it, as the question writes them.
    pub words: String,
    /// The first day, ISO 8601; `None` if it is open.
    pub since: Option<String>,
    /// The last day, ISO 8601; `None` if it is open.
    pub until: Option<String>,
    /// Whether newer documents come first.
    pub newest: bool,
    /// What became of it.
    pub outcome: TimeOutcome,
    /// Documents without a date, which were left out.
    pub undated: usize,
    /// Of an answer that is from the time, a document outside of it that matches better, by its id.
    pub better_outside: Option<String>,
    /// The collection of that document, if the question was asked of several.
    pub better_outside_collection: Option<String>,
}

impl TimeUsed {
    /// Whether a passage that was found for the question is from another time than it asks for.
    pub fn is_outside(&self, passage: &FoundPassage) -> bool {
        self.outcome == TimeOutcome::Outside || self.is_better_outside(passage)
    }

    /// Whether a passage is of the document outside of the time that matches better.
    pub fn is_better_outside(&self, passage: &FoundPassage) -> bool {
        self.better_outside.as_ref() == Some(&passage.document.id)
            && self.better_outside_collection == passage.collection
    }
}

/// What became of the time that a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeOutcome {
    /// The passages are from documents of the time or, if newer ones come first, in that order.
    Applied,
    /// Passages of other times come behind those of the time, or there are none of them.
    Preferred,
    /// No document of the time, which is only preferred, answers about as well. The passages are from others.
    Elsewhere,
    /// No document of the time answers. The passages are from others.
    Outside,
    /// No document has a date.
    NoDates,
}
