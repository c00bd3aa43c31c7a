//! What the check of a text found: a verdict for each sentence, the nearest support, and what differs.

use super::{DocumentInfo, Quote, Span};

/// What the check of a sentence found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The documents support it; where it cites some, those do.
    Supported,
    /// They support a part of it.
    Partly,
    /// They do not support it.
    Unsupported,
    /// Another document than the cited ones supports it.
    Misattributed,
    /// They say something else in its place: another number, date or unit, or the contrary.
    Contradicted,
}

impl Verdict {
    /// Its name in every API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Partly => "partly",
            Self::Unsupported => "unsupported",
            Self::Misattributed => "misattributed",
            Self::Contradicted => "contradicted",
        }
    }
}

/// A text, checked.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// Its sentences that state something, in order.
    pub sentences: Vec<CheckedSentence>,
}

impl Checked {
    /// Whether every sentence is supported.
    pub fn is_supported(&self) -> bool {
        self.sentences.iter().all(|sentence| sentence.verdict == Verdict::Supported)
    }
}

/// A sentence with its verdict.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckedSentence {
    /// The sentence as it stands in the text.
    pub text: String,
    /// Its span in the checked text, in bytes.
    pub span: Span,
    /// The same in Unicode scalar values.
    pub chars: Span,
    /// What was found.
    pub verdict: Verdict,
    /// How well the nearest support matches, from 0 to 1.
    pub score: f32,
    /// The sentences of documents that come nearest, best first. For `Misattributed`, those that support it.
    pub support: Vec<Support>,
    /// What the nearest support says otherwise, or lacks.
    pub differences: Vec<Difference>,
    /// What the sentence cites.
    pub cited: Vec<Cited>,
}

/// A place in a document that supports a sentence, or comes nearest to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Support {
    /// The document.
    pub document: DocumentInfo,
    /// Its words, verbatim.
    pub quote: Quote,
    /// How well they match the sentence, from 0 to 1.
    pub score: f32,
    /// Whether the sentence cites the document.
    pub is_cited: bool,
}

/// Something that a sentence says and its support does not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What differs.
    pub kind: DifferenceKind,
    /// The words of the sentence.
    pub said: String,
    /// The words of the support in their place; `None` if it has none.
    pub stands: Option<String>,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// A number.
    Number,
    /// A date or a time.
    Date,
    /// The unit of a number.
    Unit,
    /// A name.
    Name,
    /// A "not".
    Negation,
    /// Up or down, more or less.
    Direction,
    /// Words in quotation marks that do not stand there.
    Quote,
}

impl DifferenceKind {
    /// Its name in every API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::Unit => "unit",
            Self::Name => "name",
            Self::Negation => "negation",
            Self::Direction => "direction",
            Self::Quote => "quote",
        }
    }
}

/// A citation in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cited {
    /// The mark as it stands in the text: `[1]`, `[^note]`, a link.
    pub mark: String,
    /// Ids of the documents that it denotes; empty if it denotes none of the collection.
    pub documents: Vec<String>,
}
