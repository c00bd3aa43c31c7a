//! The JSON of a checked text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::passage::{Model, Span};
use crate::model::ModelIdentity;
use crate::passage;

/// A text, checked sentence by sentence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckResponse {
    /// Whether every sentence is supported.
    supported: bool,
    /// Its sentences that state something, in order. Headings, questions and code are left out.
    sentences: Vec<CheckedSentence>,
    /// The embedding model, by which sentences and passages were compared.
    model: Model,
}

/// A sentence with its verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckedSentence {
    /// As it stands in the checked text.
    text: String,
    /// Where it starts in the checked text, in Unicode scalar values.
    start: usize,
    /// One past its end, likewise.
    end: usize,
    verdict: Verdict,
    /// How well the nearest support matches, 0 to 1. Not a probability.
    score: f32,
    /// The nearest support, best first.
    support: Vec<Support>,
    /// What the nearest support says otherwise, or lacks.
    differences: Vec<Difference>,
    /// What the sentence cites.
    cited: Vec<Cited>,
}

/// Whether the documents say what a sentence says. `supported`: they do; where it cites some, those do. `partly`: they
/// support a part of it. `unsupported`: they do not support it. `misattributed`: another document than the cited ones
/// supports it, and is named. `contradicted`: they have another number, date or unit, or say the contrary.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Supported,
    Partly,
    Unsupported,
    Misattributed,
    Contradicted,
}

/// A place in a document that supports a sentence or comes nearest to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Support {
    document: SupportDocument,
    /// Copied verbatim: equal to the document's text at `span.bytes`, byte for byte.
    quote: String,
    span: Span,
    /// How well it matches the sentence, 0 to 1.
    score: f32,
    /// Whether the sentence cites the document.
    cited: bool,
}

/// The document of a support.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupportDocument {
    id: String,
    title: String,
    /// Its address.
    #[schema(required)]
    uri: Option<String>,
}

/// Something that a sentence says and its nearest support does not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    kind: DifferenceKind,
    /// The words of the sentence.
    said: String,
    /// The words of the support in their place; null if it has none.
    #[schema(required)]
    stands: Option<String>,
}

/// What differs. `quote`: words in quotation marks that do not stand there.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DifferenceKind {
    Number,
    Date,
    Unit,
    Name,
    Negation,
    Direction,
    Quote,
}

/// A citation in the checked text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cited {
    /// As it is written: `[1]`, `[^note]`, a link.
    mark: String,
    /// Ids of the documents that it denotes; empty if the collection has none of them.
    documents: Vec<String>,
}

impl CheckResponse {
    pub(crate) fn new(checked: passage::Checked, model: ModelIdentity) -> Self {
        Self {
            supported: checked.is_supported(),
            sentences: checked.sentences.into_iter().map(CheckedSentence::from).collect(),
            model: model.into(),
        }
    }
}

impl From<passage::CheckedSentence> for CheckedSentence {
    fn from(checked: passage::CheckedSentence) -> Self {
        Self {
            text: checked.text,
            start: checked.chars.start,
            end: checked.chars.end,
            verdict: checked.verdict.into(),
            score: checked.score,
            support: checked.support.into_iter().map(Support::from).collect(),
            differences: checked.differences.into_iter().map(Difference::from).collect(),
            cited: checked
                .cited
                .into_iter()
                .map(|cited| Cited { mark: cited.mark, documents: cited.documents })
                .collect(),
        }
    }
}

impl From<passage::Support> for Support {
    fn from(support: passage::Support) -> Self {
        Self {
            document: SupportDocument {
                id: support.document.id,
                title: support.document.title,
                uri: support.document.uri,
            },
            quote: support.quote.text,
            span: support.quote.location.into(),
            score: support.score,
            cited: support.is_cited,
        }
    }
}

impl From<passage::Difference> for Difference {
    fn from(difference: passage::Difference) -> Self {
        let passage::Difference { kind, said, stands } = difference;
        Self { kind: kind.into(), said, stands }
    }
}

impl From<passage::Verdict> for Verdict {
    fn from(verdict: passage::Verdict) -> Self {
        match verdict {
            passage::Verdict::Supported => Self::Supported,
            passage::Verdict::Partly => Self::Partly,
            passage::Verdict::Unsupported => Self::Unsupported,
            passage::Verdict::Misattributed => Self::Misattributed,
            passage::Verdict::Contradicted => Self::Contradicted,
        }
    }
}

impl From<Verdict> for passage::Verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Supported => Self::Supported,
            Verdict::Partly => Self::Partly,
            Verdict::Unsupported => Self::Unsupported,
            Verdict::Misattributed => Self::Misattributed,
            Verdict::Contradicted => Self::Contradicted,
        }
    }
}

impl From<passage::DifferenceKind> for DifferenceKind {
    fn from(kind: passage::DifferenceKind) -> Self {
        match kind {
            passage::DifferenceKind::Number => Self::Number,
            passage::DifferenceKind::Date => Self::Date,
            passage::DifferenceKind::Unit => Self::Unit,
            passage::DifferenceKind::Name => Self::Name,
            passage::DifferenceKind::Negation => Self::Negation,
            passage::DifferenceKind::Direction => Self::Direction,
            passage::DifferenceKind::Quote => Self::Quote,
        }
    }
}
