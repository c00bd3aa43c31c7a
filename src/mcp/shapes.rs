//! The JSON of the tools' results.

use rmcp::schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::address::Addresses;
use crate::display::{clean, one_line};
use crate::footnote::SearchResults;
use crate::passage::{self, Answer, Document, DocumentInfo, FoundPassage, Location};

/// The result of `ask`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct AskResult {
    /// Sentences quoted from the documents, or written by a language model and checked, each followed by its citation mark
    /// such as `[1]`. Empty if the documents do not answer the question.
    pub(super) answer: String,
    /// The sentences that a language model wrote, with what the check of each against its citations found. Absent if the
    /// answer is quoted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) written: Vec<WrittenSentence>,
    /// Whether the documents answer the question. If not, the citations are only the nearest passages.
    pub(super) answerable: bool,
    /// Estimated probability that the documents answer the question, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub(super) confidence: f64,
    /// Names in the question that none of the passages has under any name that is known for them. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) missing: Vec<String>,
    /// Why there is no answer, or why it is quoted and not written, in the language of the question, to tell the user. Absent
    /// if there is nothing to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notice: Option<String>,
    /// The things that the question asks, each answered by itself. Absent if it asks one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) parts: Vec<Part>,
    /// Values that the citations give for the same thing and that differ. Show the user all of them with their sources and
    /// dates. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) differences: Vec<Difference>,
    /// How the question was understood, such as the time of the documents or what was counted, to tell the user. Absent if
    /// there is nothing to tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) notes: Vec<String>,
    /// The passages that the answer quotes and other passages near the question, best first.
    pub(super) citations: Vec<Citation>,
}

/// One of the things that a question asks.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Part {
    /// What it is about, as the question writes it.
    pub(super) label: String,
    /// Its sentences, with their citation marks. Empty if the documents do not answer it.
    pub(super) answer: String,
}

/// One of several values that differ.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Difference {
    /// Values with the same number belong together.
    pub(super) group: usize,
    /// The number, date or word, as the document writes it.
    pub(super) value: String,
    /// The `id` of its citation.
    pub(super) citation: usize,
    /// Whether its document is older than that of another value of the group.
    pub(super) older: bool,
}

/// A sentence that a language model wrote.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct WrittenSentence {
    text: String,
    /// `supported`, `partly`, `unsupported`, `misattributed` or `contradicted`. Present only what is `supported` as a fact.
    verdict: &'static str,
    /// Of a translation, the sentence that it translates, copied verbatim from the cited document.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<String>,
}

/// A footnote.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Citation {
    /// Its number in the answer, from 1.
    pub(super) id: usize,
    /// Whether the answer quotes it. If not, it is only near the question.
    pub(super) in_answer: bool,
    pub(super) document: CitedDocument,
    #[serde(flatten)]
    pub(super) found: Found,
}

/// The quoted document.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct CitedDocument {
    /// The id for `fetch`.
    pub(super) id: String,
    pub(super) title: String,
    /// Who published it.
    pub(super) source: Option<String>,
    /// When it was published, ISO 8601.
    pub(super) published: Option<String>,
    /// BCP 47 language tag.
    pub(super) language: Option<String>,
    /// The collection that it is in. Absent unless several were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collection: Option<String>,
}

/// A passage and its best sentence.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Found {
    /// A link to it. Cite it with the title.
    pub(super) url: String,
    /// Where the quote stands in the original: `p. 3`, `Rates!B3`, `slide 2`, `1:02`. Absent for texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    /// Copied verbatim from the document.
    pub(super) quote: String,
    pub(super) span: QuoteSpan,
    /// The passage around the quote.
    pub(super) passage: String,
    /// Orders the passages of this result. Not a probability.
    pub(super) score: f64,
    /// How many other documents have the same words, with some of their titles. Absent if none has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) copies: Option<String>,
}

/// The position of a quote in its document's text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct QuoteSpan {
    /// UTF-8 bytes: first, and one past the last.
    pub(super) bytes: [usize; 2],
    /// Unicode scalar values: first, and one past the last.
    pub(super) chars: [usize; 2],
    /// First and last line, from 1.
    pub(super) lines: [usize; 2],
}

/// The result of `search`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct SearchResult {
    /// The documents, best first, each once.
    pub(super) results: Vec<Hit>,
    /// How the query was understood, such as the time of the documents, to tell the user. Absent if there is nothing to tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) notes: Vec<String>,
}

/// A document and its best passage.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Hit {
    #[serde(flatten)]
    document: CitedDocument,
    #[serde(flatten)]
    best: Found,
    /// Other passages of the document, best first.
    more: Vec<Found>,
}

/// The result of `fetch`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct FetchResult {
    id: String,
    title: String,
    /// The full text. Quotes and spans refer to it.
    text: String,
    /// A link to it. Cite it with the title.
    url: String,
    /// Other facts: `collection` and, under the names that filters use, `source`, `uri`, `published`, `language`, `tags` and
    /// `metadata.NAME`.
    metadata: Map<String, Value>,
}

/// The result of `list_documents`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct DocumentList {
    /// In the order in which they were first added.
    documents: Vec<ListedDocument>,
    /// The `after` of the next page; null on the last page.
    next: Option<String>,
}

/// A document without its text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct ListedDocument {
    #[serde(flatten)]
    document: CitedDocument,
    /// A link to it.
    url: String,
    tags: Vec<String>,
    /// Length of its text in bytes.
    size_bytes: usize,
}

impl AskResult {
    pub(super) fn new(answer: Answer, addresses: &Addresses) -> Self {
        let written = answer.sentences.iter().filter_map(|sentence| {
            let (text, verdict) = (clean(&sentence.text).into_owned(), sentence.verdict?.as_str());
            Some(WrittenSentence { text, verdict, original: sentence.original.clone() })
        });
        let written = written.collect();
        let part = |part: &passage::AnswerPart| {
            let mut sentences = answer.sentences.get(part.sentences.0..part.sentences.1).unwrap_or_default().to_vec();
            let said = crate::footnote::joined(&mut sentences);
            Part { label: one_line(&part.label), answer: clean(&said).into_owned() }
        };
        let parts = answer.parts.iter().map(part).collect();
        let value = |(group, value): (usize, &passage::DisagreeingValue)| Difference {
            group,
            value: one_line(&value.value),
            citation: value.citation,
            older: value.is_older,
        };
        let of_group = |(group, found): (usize, &passage::Disagreement)| {
            found.values.iter().map(|found| value((group + 1, found))).collect::<Vec<_>>()
        };
        let differences = answer.differences.iter().enumerate().flat_map(of_group).collect();
        let quoted: Vec<usize> = answer.sentences.into_iter().flat_map(|sentence| sentence.citations).collect();
        let citation = |passage::Citation { id, passage }: passage::Citation| {
            let addresses = addresses.of(&passage);
            let document = CitedDocument::of(&passage, &addresses);
            Citation { id, in_answer: quoted.contains(&id), document, found: Found::new(passage, &addresses) }
        };
        Self {
            answer: clean(&answer.text).into_owned(),
            written,
            answerable: answer.answerable,
            confidence: rounded(answer.confidence),
            missing: answer.missing.iter().map(|name| one_line(name)).collect(),
            notice: answer.notice.map(|notice| notice.text),
            parts,
            differences,
            notes: answer.notes.into_iter().map(|note| clean(&note.text).into_owned()).collect(),
            citations: answer.citations.into_iter().map(citation).collect(),
        }
    }
}

impl SearchResult {
    /// Groups the passages found, best first, by document.
    pub(super) fn new(found: SearchResults, addresses: &Addresses) -> Self {
        let notes = found.notes.into_iter().map(|note| clean(&note.text).into_owned()).collect();
        let passages = found.passages;
        let mut results: Vec<Hit> = Vec::new();
        for passage in passages {
            let addresses = addresses.of(&passage);
            let document = CitedDocument::of(&passage, &addresses);
            let found = Found::new(passage, &addresses);
            match results.iter_mut().find(|hit| hit.document.id == document.id) {
                Some(hit) => hit.more.push(found),
                None => results.push(Hit { document, best: found, more: Vec::new() }),
            }
        }
        Self { results, notes }
    }
}

impl FetchResult {
    pub(super) fn new(Document { info, text, .. }: Document, addresses: &Addresses) -> Self {
        let known = [
            ("collection", json!(addresses.collection)),
            ("source", json!(info.source)),
            ("uri", json!(addresses.shown(&info))),
            ("published", json!(info.published)),
            ("language", json!(info.language)),
            ("tags", json!(info.tags)),
        ];
        let known =
            known.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value));
        let given = info.metadata.iter().map(|(name, value)| (format!("metadata.{name}"), value.clone()));
        let metadata = known.chain(given).collect();
        Self { id: addresses.id(&info), url: addresses.url(&info), title: one_line(&info.title), text, metadata }
    }
}

impl DocumentList {
    /// The first `limit` of `found`; there is a next page if it holds more.
    pub(super) fn new(mut found: Vec<DocumentInfo>, limit: usize, addresses: &Addresses) -> Self {
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.id.clone());
        let listed = |info: DocumentInfo| ListedDocument {
            document: CitedDocument::new(&info, addresses),
            url: addresses.url(&info),
            tags: info.tags,
            size_bytes: info.size_bytes,
        };
        Self { documents: found.into_iter().map(listed).collect(), next }
    }
}

impl CitedDocument {
    fn new(info: &DocumentInfo, addresses: &Addresses) -> Self {
        Self {
            id: addresses.id(info),
            title: one_line(&info.title),
            source: info.source.as_deref().map(one_line),
            published: info.published.clone(),
            language: info.language.clone(),
            collection: None,
        }
    }

    /// The document of a passage.
    fn of(passage: &FoundPassage, addresses: &Addresses) -> Self {
        Self { collection: passage.collection.clone(), ..Self::new(&passage.document, addresses) }
    }
}

impl Found {
    fn new(found: FoundPassage, addresses: &Addresses) -> Self {
        let Location { bytes, chars, lines } = found.quote.location;
        Self {
            url: addresses.url_of(&found),
            place: found.place_label().map(|label| one_line(&label)),
            copies: found.copies_label().map(|label| one_line(&label)),
            quote: found.quote.text,
            span: QuoteSpan {
                bytes: [bytes.start, bytes.end],
                chars: [chars.start, chars.end],
                lines: [lines.0, lines.1],
            },
            passage: clean(&found.text).into_owned(),
            score: rounded(found.scores.rerank.unwrap_or(found.scores.fused)),
        }
    }
}

/// Rounds to four digits, without those that widening adds.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e4).round() / 1e4
}
