//! What an answer to a question about several things has besides its sentences.

/// A part of an answer: one of the things that the question asks.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerPart {
    /// What it is about, as the question writes it.
    pub label: String,
    /// The part as a question by itself.
    pub question: String,
    /// Whether it is answered.
    pub answerable: bool,
    /// The probability that the documents answer it.
    pub confidence: f32,
    /// Names in it that no passage has under any of their names.
    pub missing: Vec<String>,
    /// Its sentences among those of the answer: the first, and one past the last.
    pub sentences: (usize, usize),
}

/// A comparison: statements of the things that are compared, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The things.
    pub columns: Vec<String>,
    /// For each thing a sentence of the answer, by its place; `None` where it has none.
    pub rows: Vec<Vec<Option<usize>>>,
}

/// How many documents have something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentCount {
    /// What was counted, as the question writes it.
    pub what: String,
    /// Documents of which a passage has it.
    pub documents: usize,
    /// Documents in all, as far as the filter lets them through.
    pub of: usize,
    /// Other names under which it was counted, too.
    pub also: Vec<String>,
    /// The same for each collection, if the question was asked of several.
    pub by_collection: Vec<CollectionCount>,
}

/// How many documents of one of several collections have something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionCount {
    /// Its name.
    pub collection: String,
    /// Documents of it of which a passage has it.
    pub documents: usize,
    /// Documents of it in all, as far as the filter lets them through.
    pub of: usize,
}
