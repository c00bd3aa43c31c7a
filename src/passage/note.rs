//! What a person should know of how a question was understood, and which words of it were corrected.

use super::Span;

/// Says to a person how a question was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub about: NoteAbout,
    /// The BCP 47 tag of its language: that of the question, or English.
    pub language: String,
    /// One or two sentences.
    pub text: String,
}

/// What a [`Note`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteAbout {
    /// The time of the documents.
    Time,
    /// What was counted, and how.
    Count,
    /// Parts of the question that are not answered.
    Parts,
    /// Misspelt words that were corrected.
    Spelling,
    /// Operators in the question, such as `source:Reuters`.
    Operators,
}

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
