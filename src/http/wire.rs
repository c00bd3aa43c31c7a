//! JSON shapes that several families of routes share, each made from the plain data it shows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::ModelIdentity;
use crate::passage::{self, DocumentInfo, FoundPassage, Location, Quote};

/// A passage that was found, and the sentence in it that answers best.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Passage {
    /// Stable until its document changes, and never given to another passage.
    passage_id: String,
    /// What the passages are ordered by; comparable within one response only.
    score: f32,
    /// How likely it is that it answers the question, between 0 and 1; comparable between responses.
    relevance: f32,
    document: CitedDocument,
    /// Words of the document, equal to its text at `span.bytes` to the byte.
    quote: String,
    span: Span,
    passage: PassageText,
    scores: Scores,
}

/// The document that a passage is from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct CitedDocument {
    id: String,
    title: String,
    /// Who published it.
    #[schema(required)]
    source: Option<String>,
    /// Where it is to be found.
    #[schema(required)]
    uri: Option<String>,
    /// When it was published, ISO 8601.
    #[schema(required)]
    published: Option<String>,
    /// BCP 47 language tag.
    #[schema(required)]
    language: Option<String>,
}

/// A place in a document's text, in the three units that callers count in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Span {
    /// Bytes of UTF-8 from the text's start, half-open.
    #[schema(min_items = 2, max_items = 2)]
    bytes: [usize; 2],
    /// Unicode scalar values from the text's start, half-open.
    #[schema(min_items = 2, max_items = 2)]
    chars: [usize; 2],
    /// First and last line, 1-based, inclusive.
    #[schema(min_items = 2, max_items = 2)]
    lines: [usize; 2],
}

/// A passage's words and what stands around the quote.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct PassageText {
    text: String,
    span: Span,
    /// The sentences before the quote, as many as `context_sentences`.
    before: String,
    /// The sentences after the quote, as many as `context_sentences`.
    after: String,
}

/// What a rank is made of. Higher is better; a cosine is no probability.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Scores {
    /// Cosine of the question's and the passage's vector.
    dense: f32,
    /// Cosine of the question's vector and that of the passage's best sentence.
    sentence: f32,
    /// The question's terms that the passage has, as a share of the most that it could score.
    lexical: f32,
    /// The question's tokens against those of the passage's best run of sentences.
    late: f32,
    /// What the passages are ordered by: `late` and a part of `lexical`.
    r#final: f32,
    /// The reranker's logit, by which the passages that have one are ordered; null without a reranker.
    #[schema(required)]
    rerank: Option<f32>,
    /// Rank by `dense` alone, 1-based; 0 if that leg did not find it.
    dense_rank: usize,
    /// Rank by `lexical` alone, 1-based; 0 if that leg did not find it.
    lexical_rank: usize,
}

/// The model that the vectors are from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Model {
    #[schema(example = "multilingual-e5-small")]
    name: String,
    /// A hash of all that a vector depends on.
    fingerprint: String,
}

/// Wall-clock time of the steps, in milliseconds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct TookMs {
    /// Embedding the question.
    embed: f64,
    /// Finding passages.
    search: f64,
    /// Choosing and locating quotes.
    cite: f64,
    /// All of it.
    total: f64,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// The sentences that answer, verbatim.
    Extract,
    /// The passages found, no answer text.
    Passages,
}

/// How a document's text is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// No markup.
    Plain,
    /// `CommonMark`.
    Markdown,
}

impl Passage {
    /// Read back. What this shape does not show stays empty: headings, and most of what is known of the document.
    pub(super) fn into_found(self) -> FoundPassage {
        FoundPassage {
            key: self.passage_id.parse().unwrap_or_default(),
            document: self.document.into_info(),
            location: self.passage.span.into_location(),
            text: self.passage.text,
            headings: Vec::new(),
            quote: Quote { text: self.quote, location: self.span.into_location() },
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
        }
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
            tags: Vec::new(),
            metadata: serde_json::Map::new(),
            format: passage::Format::default(),
            size_bytes: 0,
            passages: 0,
            ingested: String::new(),
        }
    }
}

impl Span {
    fn into_location(self) -> Location {
        // One that runs backward can only come from another program; it becomes an empty one.
        let span = |[start, end]: [usize; 2]| passage::Span::new(start.min(end), end);
        Location { bytes: span(self.bytes), chars: span(self.chars), lines: self.lines.into() }
    }
}

impl From<Model> for ModelIdentity {
    fn from(model: Model) -> Self {
        Self { name: model.name, fingerprint: model.fingerprint }
    }
}

impl From<TookMs> for passage::Took {
    fn from(took: TookMs) -> Self {
        Self { embed_ms: took.embed, search_ms: took.search, cite_ms: took.cite, total_ms: took.total }
    }
}

impl From<FoundPassage> for Passage {
    fn from(found: FoundPassage) -> Self {
        Self {
            passage_id: found.key.to_string(),
            score: found.scores.rerank.unwrap_or(found.scores.fused),
            relevance: found.relevance,
            document: found.document.into(),
            quote: found.quote.text,
            span: found.quote.location.into(),
            passage: PassageText {
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
        }
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

impl From<passage::Took> for TookMs {
    fn from(took: passage::Took) -> Self {
        // Microseconds are as fine as these clocks mean anything.
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
            Mode::Passages => Self::Passages,
        }
    }
}

impl From<passage::Mode> for Mode {
    fn from(mode: passage::Mode) -> Self {
        match mode {
            passage::Mode::Extract => Self::Extract,
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

impl From<passage::Format> for Format {
    fn from(format: passage::Format) -> Self {
        match format {
            passage::Format::Plain => Self::Plain,
            passage::Format::Markdown => Self::Markdown,
        }
    }
}
