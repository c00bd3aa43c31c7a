//! The JSON of passages and of what several responses share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::place::CitedPlace;
use crate::model::ModelIdentity;
use crate::passage::{self, DocumentInfo, FoundPassage, Location, Quote};

/// A passage and the sentence in it that answers the question best.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Passage {
    /// The collection that it is from. Absent unless the question was asked of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "news")]
    collection: Option<String>,
    /// Stable until its document changes. It is never reused in its collection.
    passage_id: String,
    /// Orders the passages of one response. Not comparable between responses.
    score: f32,
    /// Estimated probability that it answers the question, 0 to 1. Comparable between responses.
    relevance: f32,
    /// Estimated probability that the quote holds evidence of the answer, 0 to 1.
    support: f32,
    document: CitedDocument,
    /// Copied verbatim: equal to the document's text at `span.bytes`, byte for byte.
    quote: String,
    span: Span,
    /// The words of `quote` that match the question: its words in any form, their translations and other names. In order and
    /// disjoint; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    matches: Vec<Match>,
    /// Where the quote stands in the original file; null if that is not known or is the text itself.
    #[schema(required)]
    place: Option<CitedPlace>,
    passage: PassageText,
    scores: Scores,
    /// Other documents with the same words, which share the citation. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    copies: Vec<DocumentCopy>,
}

/// A document with the words of a citation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentCopy {
    id: String,
    title: String,
    /// Its address.
    #[schema(required)]
    uri: Option<String>,
    /// The collection that it is in. Absent unless the question was asked of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collection: Option<String>,
}

/// The document that contains a passage.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CitedDocument {
    id: String,
    title: String,
    /// Who published it.
    #[schema(required)]
    source: Option<String>,
    /// Its address.
    #[schema(required)]
    uri: Option<String>,
    /// When it was published, ISO 8601.
    #[schema(required)]
    published: Option<String>,
    /// BCP 47 language tag.
    #[schema(required)]
    language: Option<String>,
}

/// A range of a document's text, in three units.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Span {
    /// UTF-8 bytes from the start of the text: first, and one past the last.
    #[schema(min_items = 2, max_items = 2)]
    bytes: [usize; 2],
    /// Unicode scalar values from the start of the text: first, and one past the last.
    #[schema(min_items = 2, max_items = 2)]
    chars: [usize; 2],
    /// First and last line, from 1.
    #[schema(min_items = 2, max_items = 2)]
    lines: [usize; 2],
}

/// A passage's text and the context of the quote.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct PassageText {
    text: String,
    span: Span,
    /// Up to `context_sentences` sentences before the quote.
    before: String,
    /// Up to `context_sentences` sentences after the quote.
    after: String,
    /// The words of `text` that match the question, like the `matches` of the quote. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    matches: Vec<Match>,
}

/// A word, or several, within a text.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Match {
    /// UTF-8 bytes from the start of that text: first, and one past the last.
    #[schema(min_items = 2, max_items = 2)]
    bytes: [usize; 2],
    /// Unicode scalar values from the start of that text: first, and one past the last.
    #[schema(min_items = 2, max_items = 2)]
    chars: [usize; 2],
}

impl Match {
    /// The spans of `text`, which are in order, in both units.
    fn all(text: &str, spans: &[passage::Span]) -> Vec<Self> {
        let (mut at, mut chars) = (0, 0);
        let mut chars_to = |byte: usize| {
            chars += text.get(at..byte).map_or(0, |between| between.chars().count());
            at = byte;
            chars
        };
        let one = |span: &passage::Span| Self {
            bytes: [span.start, span.end],
            chars: [chars_to(span.start), chars_to(span.end)],
        };
        spans.iter().map(one).collect()
    }

    fn span(&self) -> passage::Span {
        let [start, end] = self.bytes;
        passage::Span::new(start.min(end), end)
    }
}

/// The scores that determine a passage's rank. Higher is better. They are not probabilities.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Scores {
    /// Cosine similarity of question and passage.
    dense: f32,
    /// Cosine similarity of the question and the passage's best sentence.
    sentence: f32,
    /// BM25 score as a share of the highest score that the question could reach, 0 to 1.
    lexical: f32,
    /// Late interaction (MaxSim): the question's tokens compared with those of the passage's best sentences.
    late: f32,
    /// Weighted sum of `late` and `lexical`, by which passages are ordered.
    r#final: f32,
    /// The reranker's score; passages that have one are ordered by it. Null without a reranker.
    #[schema(required)]
    rerank: Option<f32>,
    /// Rank by `dense` alone, from 1; 0 if vector search did not find it.
    dense_rank: usize,
    /// Rank by `lexical` alone, from 1; 0 if lexical search did not find it.
    lexical_rank: usize,
}

/// The embedding model of the collection.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Model {
    #[schema(example = "footnote-e5-small")]
    name: String,
    /// A hash of everything that a vector depends on.
    fingerprint: String,
}

/// Duration of the steps, in milliseconds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TookMs {
    /// Embedding the question.
    embed: f64,
    /// Finding passages.
    search: f64,
    /// Choosing and locating quotes.
    cite: f64,
    /// The whole request.
    total: f64,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Quotes the sentences that answer.
    Extract,
    /// Has the language model answer from the quotes, in the question's language. Every sentence is checked.
    Write,
    /// Quotes the sentences that answer, each with a translation into the question's language, which is checked.
    Translate,
    /// Returns passages without an answer.
    Passages,
}

/// How a document's text is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// No markup.
    Plain,
    /// `CommonMark`.
    Markdown,
}

impl Passage {
    /// The passage, without what this JSON leaves out: headings, and most facts about the document.
    pub(crate) fn into_found(self) -> FoundPassage {
        FoundPassage {
            key: self.passage_id.parse().unwrap_or_default(),
            collection: self.collection,
            document: self.document.into_info(),
            location: self.passage.span.into_location(),
            text: self.passage.text,
            headings: self.place.as_ref().map(|place| place.headings().to_vec()).unwrap_or_default(),
            quote: Quote { text: self.quote, location: self.span.into_location() },
            is_row: false,
            table_header: None,
            place: self.place.map(Into::into),
            before: self.passage.before,
            after: self.passage.after,
            scores: passage::Scores {
                dense: self.scores.dense,
                sentence: self.scores.sentence,
                lexical: self.scores.lexical,
                late: self.scores.late,
                fused: self.scores.r#final,
                rerank: self.scores.rerank,
                dense_rank: self.scores.dense_rank,
                lexical_rank: self.scores.lexical_rank,
            },
            relevance: self.relevance,
            support: self.support,
            copies: self.copies.into_iter().map(DocumentCopy::into_copy).collect(),
            matches: self.passage.matches.iter().map(Match::span).collect(),
            quote_matches: self.matches.iter().map(Match::span).collect(),
        }
    }
}

impl DocumentCopy {
    fn into_copy(self) -> passage::DocumentCopy {
        passage::DocumentCopy { id: self.id, title: self.title, uri: self.uri, collection: self.collection }
    }
}

impl CitedDocument {
    fn into_info(self) -> DocumentInfo {
        DocumentInfo {
            id: self.id,
            title: self.title,
            source: self.source,
            uri: self.uri,
            published: self.published,
            language: self.language,
            format: passage::Format::default(),
            ..DocumentInfo::default()
        }
    }
}

impl Span {
    fn into_location(self) -> Location {
        // Only another program could send a range that ends before it starts.
        let span = |[start, end]: [usize; 2]| passage::Span::new(start.min(end), end);
        Location { bytes: span(self.bytes), chars: span(self.chars), lines: self.lines.into() }
    }
}

impl From<Model> for ModelIdentity {
    fn from(model: Model) -> Self {
        Self { name: model.name, fingerprint: model.fingerprint }
    }
}

impl From<TookMs> for passage::Timings {
    fn from(took: TookMs) -> Self {
        Self { embed_ms: took.embed, search_ms: took.search, cite_ms: took.cite, total_ms: took.total }
    }
}

impl From<FoundPassage> for Passage {
    fn from(found: FoundPassage) -> Self {
        let place = CitedPlace::of(&found);
        Self {
            collection: found.collection,
            passage_id: found.key.to_string(),
            score: found.scores.rerank.unwrap_or(found.scores.fused),
            relevance: found.relevance,
            support: found.support,
            document: found.document.into(),
            matches: Match::all(&found.quote.text, &found.quote_matches),
            quote: found.quote.text,
            span: found.quote.location.into(),
            place,
            passage: PassageText {
                matches: Match::all(&found.text, &found.matches),
                text: found.text,
                span: found.location.into(),
                before: found.before,
                after: found.after,
            },
            scores: Scores {
                dense: found.scores.dense,
                sentence: found.scores.sentence,
                lexical: found.scores.lexical,
                late: found.scores.late,
                r#final: found.scores.fused,
                rerank: found.scores.rerank,
                dense_rank: found.scores.dense_rank,
                lexical_rank: found.scores.lexical_rank,
            },
            copies: found.copies.into_iter().map(DocumentCopy::from).collect(),
        }
    }
}

impl From<passage::DocumentCopy> for DocumentCopy {
    fn from(copy: passage::DocumentCopy) -> Self {
        Self { id: copy.id, title: copy.title, uri: copy.uri, collection: copy.collection }
    }
}

impl From<DocumentInfo> for CitedDocument {
    fn from(info: DocumentInfo) -> Self {
        Self {
            id: info.id,
            title: info.title,
            source: info.source,
            uri: info.uri,
            published: info.published,
            language: info.language,
        }
    }
}

impl From<Location> for Span {
    fn from(location: Location) -> Self {
        Self {
            bytes: [location.bytes.start, location.bytes.end],
            chars: [location.chars.start, location.chars.end],
            lines: [location.lines.0, location.lines.1],
        }
    }
}

impl From<ModelIdentity> for Model {
    fn from(identity: ModelIdentity) -> Self {
        Self { name: identity.name, fingerprint: identity.fingerprint }
    }
}

impl From<passage::Timings> for TookMs {
    fn from(took: passage::Timings) -> Self {
        // The clocks are not finer than a microsecond.
        let rounded = |ms: f64| (ms * 1000.0).round() / 1000.0;
        Self {
            embed: rounded(took.embed_ms),
            search: rounded(took.search_ms),
            cite: rounded(took.cite_ms),
            total: rounded(took.total_ms),
        }
    }
}

impl From<Mode> for passage::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Extract => Self::Extract,
            Mode::Write => Self::Write,
            Mode::Translate => Self::Translate,
            Mode::Passages => Self::Passages,
        }
    }
}

impl From<passage::Mode> for Mode {
    fn from(mode: passage::Mode) -> Self {
        match mode {
            passage::Mode::Extract => Self::Extract,
            passage::Mode::Write => Self::Write,
            passage::Mode::Translate => Self::Translate,
            passage::Mode::Passages => Self::Passages,
        }
    }
}

impl From<Format> for passage::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Plain => Self::Plain,
            Format::Markdown => Self::Markdown,
        }
    }
}
