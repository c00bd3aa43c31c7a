//! The JSON of the result of `check`.

use rmcp::schemars::JsonSchema;
use serde::Serialize;

use super::address::Addresses;
use super::shapes::QuoteSpan;
use crate::display::one_line;
use crate::passage;

/// The result of `check`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct CheckResult {
    /// Whether every sentence is supported.
    supported: bool,
    /// The sentences that state something, in order. Headings, questions and code are left out.
    sentences: Vec<CheckedSentence>,
}

/// A sentence with its verdict.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct CheckedSentence {
    /// As it stands in the checked text.
    text: String,
    /// Where it starts in the checked text, in Unicode scalar values.
    start: usize,
    /// One past its end, likewise.
    end: usize,
    /// `supported`: the documents say it; where it cites some, those do. `partly`: they support a part of it.
    /// `unsupported`: they do not support it. `misattributed`: another document than the cited ones supports it; see
    /// `support`. `contradicted`: they have another number, date or unit, or say the contrary; see `differences`.
    verdict: String,
    /// How well the nearest support matches, 0 to 1. Not a probability.
    score: f64,
    /// The nearest support, best first.
    support: Vec<Support>,
    /// What the nearest support says otherwise, or lacks.
    differences: Vec<Difference>,
    /// What the sentence cites.
    cited: Vec<Cited>,
}

/// A place in a document that supports the sentence or comes nearest to it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Support {
    /// The document's id for `fetch`.
    document: String,
    title: String,
    /// A link to the document. Cite it with the title.
    url: String,
    /// Copied verbatim from the document.
    quote: String,
    span: QuoteSpan,
    /// How well it matches the sentence, 0 to 1.
    score: f64,
    /// Whether the sentence cites the document.
    cited: bool,
}

/// Something that the sentence says and its nearest support does not.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Difference {
    /// `number`, `date`, `unit`, `name`, `negation`, `direction`, or `quote` for words in quotation marks.
    kind: String,
    /// The words of the sentence.
    said: String,
    /// The words of the support in their place. Absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    stands: Option<String>,
}

/// A citation in the checked text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Cited {
    /// As it is written.
    mark: String,
    /// Ids of the documents that it denotes; empty if the collection has none of them.
    documents: Vec<String>,
}

impl CheckResult {
    pub(super) fn new(checked: passage::Checked, addresses: &Addresses) -> Self {
        let supported = checked.is_supported();
        let sentence = |sentence: passage::CheckedSentence| CheckedSentence {
            text: sentence.text,
            start: sentence.chars.start,
            end: sentence.chars.end,
            verdict: sentence.verdict.as_str().to_owned(),
            score: rounded(sentence.score),
            support: sentence.support.into_iter().map(|support| Support::new(support, addresses)).collect(),
            differences: sentence.differences.into_iter().map(Difference::from).collect(),
            cited: sentence
                .cited
                .into_iter()
                .map(|cited| Cited { mark: cited.mark, documents: cited.documents })
                .collect(),
        };
        Self { supported, sentences: checked.sentences.into_iter().map(sentence).collect() }
    }
}

impl Support {
    fn new(support: passage::Support, addresses: &Addresses) -> Self {
        let passage::Location { bytes, chars, lines } = support.quote.location;
        Self {
            document: addresses.id(&support.document),
            title: one_line(&support.document.title),
            url: addresses.url(&support.document),
            quote: support.quote.text,
            span: QuoteSpan {
                bytes: [bytes.start, bytes.end],
                chars: [chars.start, chars.end],
                lines: [lines.0, lines.1],
            },
            score: rounded(support.score),
            cited: support.is_cited,
        }
    }
}

impl From<passage::Difference> for Difference {
    fn from(difference: passage::Difference) -> Self {
        let passage::Difference { kind, said, stands } = difference;
        Self { kind: kind.as_str().to_owned(), said, stands }
    }
}

/// Rounds to four digits, without those that widening adds.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e4).round() / 1e4
}
