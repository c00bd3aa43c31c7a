//! Where the sentences of an answer part ways.

/// Sentences of an answer that say different things of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// In what they differ.
    pub kind: DisagreementKind,
    /// What each says, the newest first.
    pub values: Vec<DisagreeingValue>,
}

/// In what sentences differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisagreementKind {
    /// In a number, an amount or a measure.
    Number,
    /// In a date.
    Date,
    /// In a direction: "rose" and "fell".
    Direction,
}

/// What one of them says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisagreeingValue {
    /// Its number, date or word of direction, as the sentence writes it.
    pub value: String,
    /// The sentence.
    pub text: String,
    /// The number of its citation.
    pub citation: usize,
    /// Whether its document is older than that of another one.
    pub is_older: bool,
}
