//! Documents, passages and citations as plain data, which all other modules share.
//!
//! All offsets are bytes into a document's stored text, on character boundaries, half-open.

mod checked;
mod disagreement;
mod facets;
mod format;
mod labels;
mod last_passages;
mod layout;
mod location;
mod note;
mod notice;
mod operator;
mod original;
mod part;
mod place;
mod row;
mod same;
mod sheet;
mod stored_layout;
mod time;
mod written;

use std::sync::Arc;

pub use checked::{Checked, CheckedSentence, Cited, Difference, DifferenceKind, Support, Verdict};
pub use disagreement::{DisagreeingValue, Disagreement, DisagreementKind};
pub use facets::{Facet, FacetValue, Facets};
pub use format::Format;
pub(crate) use last_passages::KEYS_OF_A_GENERATION;
pub use last_passages::LastPassages;
pub use layout::{At, Confidence, Heading, Layout, Line, Page, PageBox, Place};
pub(crate) use location::{LineIndex, is_line_end, line_end};
pub use location::{Location, Span};
pub use note::{Correction, Note, NoteAbout};
pub use notice::{Notice, Reason};
pub use operator::{Operator, OperatorKind, OperatorOutcome};
pub use original::{Original, OriginalBytes, OriginalFile, OriginalRecord};
pub use part::{AnswerPart, CollectionCount, Comparison, DocumentCount};
pub use place::{Cells, CitedPlace};
pub use row::Row;
pub(crate) use row::row_at;
pub use sheet::{SheetCell, SheetRow, SheetRows};
pub use time::{TimeOutcome, TimeUsed};
pub use written::{Writing, WritingState};

/// A document to ingest, as the caller describes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewDocument {
    /// Identity. The default is derived from the uri or, without one, from the content.
    pub id: Option<String>,
    /// Its title. The default is its first line or its id.
    pub title: Option<String>,
    /// The text, which is stored unchanged.
    pub text: String,
    /// Who published it.
    pub source: Option<String>,
    /// Its address.
    pub uri: Option<String>,
    /// When it was published: `2026-01-31`, or an RFC 3339 time.
    pub published: Option<String>,
    /// BCP 47 language tag; detected if `None`.
    pub language: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Further fields, returned as given.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// The format of its file.
    pub format: Format,
    /// Where its text stands in its file; empty if the text is the file's.
    pub layout: Layout,
    /// The file that it was read from. When the file is ingested again, documents that it no longer contains are removed.
    pub origin: Option<String>,
    /// That file, if it is more than the text.
    pub original: Option<Arc<Original>>,
}

/// A stored document without its text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentInfo {
    /// Identity, given or derived.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who published it.
    pub source: Option<String>,
    /// Its address.
    pub uri: Option<String>,
    /// When it was published, ISO 8601.
    pub published: Option<String>,
    /// BCP 47 language tag with script for Chinese: `zh-Hant`, `zh-Hans`, `en`, `ja`.
    pub language: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Further fields, as given.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// The format of its file.
    pub format: Format,
    /// Length of the text in bytes.
    pub size_bytes: usize,
    /// Number of its passages.
    pub passages: usize,
    /// When this version was stored, RFC 3339 in UTC.
    pub ingested: String,
}

/// A stored document. `text` is valid UTF-8 and never changes after ingest: all offsets point into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Everything but the text.
    pub info: DocumentInfo,
    /// The text.
    pub text: String,
    /// Where it stands in its file.
    pub layout: Layout,
}

/// A passage before it is embedded: a span of a document's text and its sentences.
///
/// The passages of a document tile its text: the first starts at 0, each one starts where the one before it ends, and the
/// last ends where the text ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its span in the document's text.
    pub span: Span,
    /// Its sentences in order: disjoint, inside `span`, without surrounding white space.
    pub sentences: Vec<Span>,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
}

/// A passage that was found for a question.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FoundPassage {
    /// The passage's key in its collection: never reused, stable until its document changes.
    pub key: u64,
    /// The collection that it is from, if the question was asked of several.
    pub collection: Option<String>,
    /// Its document.
    pub document: DocumentInfo,
    /// Its span in the document's text.
    pub location: Location,
    /// `text[location.bytes]`.
    pub text: String,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// The sentences that answer best, inside the passage.
    pub quote: Quote,
    /// Whether the quote begins with a row of a table.
    pub is_row: bool,
    /// The header row of that table, if the text has one.
    pub table_header: Option<Quote>,
    /// Where the quote stands in the original, if that is known.
    pub place: Option<CitedPlace>,
    /// The sentences before the quote in the same document, if context was requested.
    pub before: String,
    /// The sentences after the quote, likewise.
    pub after: String,
    /// The scores that determine its rank.
    pub scores: Scores,
    /// The confidence that the question is answered, halved for every [`HALVING`](crate::ask::HALVING) that the passage
    /// scores below the best one. Between 0 and 1; never higher than that of the passage before.
    pub relevance: f32,
    /// Estimated probability that the quote holds evidence of the answer.
    pub support: f32,
    /// Other documents with the same words, of those that were compared with the question.
    pub copies: Vec<DocumentCopy>,
    /// The words of `text` that match the question, as bytes of `text`, in order and disjoint: its own words in any form, their
    /// translations and other names.
    pub matches: Vec<Span>,
    /// The same for the text of `quote`.
    pub quote_matches: Vec<Span>,
}

/// A document that has the words of a citation, too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentCopy {
    /// The document's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its address.
    pub uri: Option<String>,
    /// The collection that it is from, if the question was asked of several.
    pub collection: Option<String>,
}

/// Verbatim words of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Equal to the document's text at `location.bytes`, byte for byte.
    pub text: String,
    /// Its location in the document's text.
    pub location: Location,
}

/// The scores that determine a passage's rank. Higher is better. They are comparable within one question only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Scores {
    /// Cosine of the question's vector and the passage's vector.
    pub dense: f32,
    /// Cosine of the question's vector and the vector of the passage's nearest sentence.
    pub sentence: f32,
    /// Lexical score: BM25 divided by the most that the question could score; between 0 and 1.
    pub lexical: f32,
    /// Late-interaction score of the best run of sentences: the weighted mean of the best match of each of the question's tokens.
    pub late: f32,
    /// `late + lexical_weight · lexical`, by which passages are ordered.
    pub fused: f32,
    /// The reranker's logit. Passages that have one are ordered by it and come first.
    pub rerank: Option<f32>,
    /// Rank in the vector search, 1-based; 0 if that did not find it.
    pub dense_rank: usize,
    /// Rank in the lexical search, 1-based; 0 if that did not find it.
    pub lexical_rank: usize,
}

/// A footnote of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Citation {
    /// Its number in the answer, from 1.
    pub id: usize,
    /// The passage that it cites.
    pub passage: FoundPassage,
}

/// One sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerSentence {
    /// Its span in [`Answer::text`], in bytes.
    pub span: Span,
    /// The sentence: verbatim from the cited document, or written by the language model if it has a verdict.
    pub text: String,
    /// Ids of the citations that it is quoted from or rests on.
    pub citations: Vec<usize>,
    /// Of a quote, whether it probably holds evidence: the estimated probability is at least one half. Of a sentence with
    /// a verdict, whether that is [`Verdict::Supported`].
    pub supported: bool,
    /// Whether it is a row of a table or its header. Rows that follow one another stand on lines of their own.
    pub is_row: bool,
    /// What the check of a sentence found that the language model wrote; `None` for a quote.
    pub verdict: Option<Verdict>,
    /// Of a translation, the sentence that it translates, verbatim from the cited document.
    pub original: Option<String>,
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Answer {
    /// The sentences, each followed by its footnote marks. Empty if the question is not answerable or only passages
    /// were requested.
    pub text: String,
    /// The requested kind of answer. [`Answer::writing`] says whether the language model gave it.
    pub mode: Mode,
    /// Whether the message asks something and `confidence` reaches the configured threshold.
    pub answerable: bool,
    /// The probability that the documents answer the question, calibrated on answerable and unanswerable questions.
    pub confidence: f32,
    /// Names in the question that none of the cited passages has under any of their names. With one, the question is not
    /// answerable.
    pub missing: Vec<String>,
    /// Its sentences.
    pub sentences: Vec<AnswerSentence>,
    /// The footnotes, best first.
    pub citations: Vec<Citation>,
    /// Why the question is not answered, or not as it was asked to be; `None` if it is.
    pub notice: Option<Notice>,
    /// The time of the documents that the question asks for; `None` if it asks for none.
    pub time: Option<TimeUsed>,
    /// The parts, if the question asks several things. Each is answered by itself.
    pub parts: Vec<AnswerPart>,
    /// The things side by side, if the question compares them.
    pub comparison: Option<Comparison>,
    /// Whether the question asks for each that there is, so that every sentence is an item.
    pub is_list: bool,
    /// Where its sentences say different things of the same.
    pub differences: Vec<Disagreement>,
    /// How many documents have what the question asks, if it asks that.
    pub count: Option<DocumentCount>,
    /// Misspelt words of the question, in order, and what was searched for instead.
    pub corrections: Vec<Correction>,
    /// The operators of the question, in order.
    pub operators: Vec<Operator>,
    /// What a person should know of how the question was understood.
    pub notes: Vec<Note>,
    /// What the language model did; `None` if it was not to be asked.
    pub writing: Option<Writing>,
    /// Time taken by each step.
    pub took: Timings,
}

impl Answer {
    /// The text in pieces, one for each sentence with its footnote marks. Joined, they are the text.
    pub fn pieces(&self) -> Vec<&str> {
        let ends = self.sentences.iter().skip(1).map(|next| {
            // The space between two sentences belongs to the second piece.
            self.text[..next.span.start].trim_end().len()
        });
        let mut start = 0;
        let mut pieces = Vec::with_capacity(self.sentences.len());
        for end in ends.chain((!self.text.is_empty()).then_some(self.text.len())) {
            pieces.push(&self.text[start..end]);
            start = end;
        }
        pieces
    }
}

/// The kind of answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Only the passages, without an answer text.
    Passages,
    /// Sentences that answer the question, verbatim.
    #[default]
    Extract,
    /// Sentences that the language model wrote from the quotes, each checked.
    Write,
    /// Sentences that answer the question, verbatim, each with a translation by the language model, which is checked.
    Translate,
}

impl Mode {
    /// Its name in every API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passages => "passages",
            Self::Extract => "extract",
            Self::Write => "write",
            Self::Translate => "translate",
        }
    }
}

/// Wall-clock time of a question's steps, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Timings {
    /// Embedding the question.
    pub embed_ms: f64,
    /// Finding passages.
    pub search_ms: f64,
    /// Reading documents, choosing and locating quotes.
    pub cite_ms: f64,
    /// The whole question.
    pub total_ms: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_stands_before_the_full_stop() {
        let with_detail = |text: &str| {
            let notice = Notice { reason: Reason::Unanswered, language: "en".into(), text: text.into() };
            notice.with_detail("0.12")
        };
        assert_eq!(with_detail("No. Not that."), "No. Not that (0.12).");
        assert_eq!(with_detail("沒有。"), "沒有 (0.12)。");
        assert_eq!(with_detail("ไม่มี"), "ไม่มี (0.12)");
    }

    #[test]
    fn an_answer_comes_in_pieces_that_end_with_their_marks() {
        let sentence = |start, end| AnswerSentence {
            verdict: None,
            original: None,
            span: Span::new(start, end),
            text: String::new(),
            citations: vec![1],
            supported: true,
            is_row: false,
        };
        let mut answer = Answer {
            text: "甲。[1] 乙。[2][3]".into(),
            mode: Mode::Extract,
            answerable: true,
            confidence: 1.0,
            missing: Vec::new(),
            sentences: vec![sentence(0, 6), sentence(10, 16)],
            citations: Vec::new(),
            notice: None,
            ..Answer::default()
        };
        assert_eq!(answer.pieces(), ["甲。[1]", " 乙。[2][3]"]);
        (answer.text, answer.sentences) = (String::new(), Vec::new());
        assert_eq!(answer.pieces(), Vec::<&str>::new());
    }
}
