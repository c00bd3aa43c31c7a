//! What a question asks, as data.

/// The most parts of one question. What has more is a text, not a question.
pub(crate) const MOST_PARTS: usize = 6;

/// What a question asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// One thing.
    One,
    /// Several things, each by itself.
    Parts(Parts),
    /// Each that there is.
    List,
    /// How many documents have this.
    Count(String),
}

/// The parts of a question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parts {
    pub(crate) parts: Vec<Part>,
    /// Whether the things are compared.
    pub(crate) is_comparison: bool,
    /// Words that join the things. If a passage has them, they are one name, and the question is one.
    pub(crate) joined: Option<String>,
    /// Whether the things may be meant together: if the best passage has all of them, the question is one.
    pub(crate) may_be_one: bool,
}

/// A part of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// What it is about, as the question writes it.
    pub(crate) label: String,
    /// The part as a question by itself.
    pub(crate) text: String,
    /// Whether the label is a name that an answer must have.
    pub(crate) is_name: bool,
}
