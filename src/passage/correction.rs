//! What was corrected in a question.

use super::Span;

/// A misspelt word of a question, and what was searched for instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The word as the question writes it.
    pub from: String,
    /// The word that was meant.
    pub to: String,
    /// Where `from` stands in the question, in bytes.
    pub span: Span,
}
