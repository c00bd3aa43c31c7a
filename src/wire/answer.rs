//! The JSON of `POST /v1/ask` and `POST /v1/search`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check::Verdict;
use super::facets::Facets;
use super::passage::{Mode, Model, Passage, TookMs};
use super::same::same;
use super::understood::{AnswerPart, Comparison, Correction, Disagreement, DocumentCount, Note, Operator, TimeUsed};
use crate::footnote::SearchResults;
use crate::model::ModelIdentity;
use crate::passage;

/// An answer and its citations.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AskResponse {
    answer: Answer,
    /// Best first.
    citations: Vec<Citation>,
    model: Model,
    took_ms: TookMs,
}

/// The answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Answer {
    /// The sentences, each followed by its footnote mark such as `[1]`. Empty if the documents do not answer the question.
    text: String,
    // No documentation: with one, the description would say that it is an object.
    #[schema(inline)]
    mode: Mode,
    /// Whether `confidence` reaches the configured threshold. If not, `text` is empty and the citations are the nearest
    /// passages. A message that asks nothing, such as a greeting, is not answerable and has no citations.
    answerable: bool,
    /// Estimated probability that the documents answer the question, 0 to 1.
    confidence: f32,
    /// Names in the question that no cited passage has under any name that Footnote knows for them, as the question writes
    /// them. With one, the question is not answerable. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["高盛"]))]
    missing: Vec<String>,
    sentences: Vec<AnswerSentence>,
    /// Why there is no answer, or not the kind that was requested, to show to a person. Absent if there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
    /// The time of the documents that the question asks for, such as "last week". Absent if it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<TimeUsed>,
    /// The things that the question asks, each answered by itself. Absent if it asks one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<AnswerPart>,
    /// The statements side by side, if the question compares things. Absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comparison: Option<Comparison>,
    /// True if the question asks for each that there is, so that every sentence is an item. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    list: bool,
    /// Where its sentences say different things of the same: other numbers, dates or directions. Absent if they do not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Disagreement>,
    /// How many documents have what the question asks that of. Absent if it does not ask. Such an answer has no sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<DocumentCount>,
    /// Misspelt words of the question, in order, and what was searched for instead. Absent if nothing was corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    corrections: Vec<Correction>,
    /// The operators in the question, in order. Absent if it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    operators: Vec<Operator>,
    /// What a person should know of how the question was understood. Absent if there is nothing to tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
    /// What the language model did: `state` says whether the answer is its own. Absent unless `mode` is `write` or `translate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    writer: Option<Writer>,
}

/// What the language model did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Writer {
    #[schema(inline)]
    state: WriterState,
    /// The model's name.
    #[schema(example = "qwen3:8b")]
    model: String,
    /// What went wrong, for whoever runs the model. Absent if nothing did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Sentences that were left out because the documents do not support them.
    dropped: usize,
}

/// How the language model ended. With the others than `written` and `cut_short` the answer is quoted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WriterState {
    /// The answer is the model's, as far as the documents support it.
    Written,
    /// The model broke off. The answer consists of the sentences before, or is quoted if there are none.
    CutShort,
    /// It wrote nothing that the documents support.
    Unsupported,
    /// It says that the quotes do not answer the question.
    Declined,
    /// There was nothing for it to do: no answer, or no sentence in another language.
    NotNeeded,
    /// It cannot be reached.
    Unreachable,
    /// Its server refused the request.
    Refused,
    /// It took too long.
    TimedOut,
    /// Its server sent something that cannot be read.
    Garbled,
    /// As many answers as it may write at once are being written.
    Busy,
}

/// Says why there is no answer, or not the kind that was requested.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Notice {
    #[schema(inline)]
    reason: Reason,
    /// The BCP 47 tag of its language: that of the question if Footnote knows it, otherwise English.
    #[schema(example = "zh-Hant")]
    language: String,
    /// One or two sentences.
    #[schema(example = "文件中沒有這個問題的答案。")]
    text: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The documents do not answer the question.
    Unanswered,
    /// No document of the time that the question asks for answers it. The citations are passages of other times.
    OutsideTime,
    /// The message asks nothing: a greeting, thanks, punctuation alone.
    NoQuestion,
    /// The message is an order that is not followed, such as to write a poem.
    Order,
    /// The language model gave no answer that the documents support; the answer consists of quotes.
    NotWritten,
    /// The language model broke off; the answer consists of the sentences before.
    CutShort,
}

/// One sentence of an answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AnswerSentence {
    /// Copied verbatim from the cited document, or written by the language model if it has a `verdict`.
    text: String,
    /// Offset of its first byte in the answer's text.
    start: usize,
    /// Offset just past its last byte in the answer's text.
    end: usize,
    /// Ids of the citations that it is quoted from or rests on.
    citations: Vec<usize>,
    /// Of a quote, whether it probably holds evidence: the estimated probability is at least one half. Of a sentence with a
    /// `verdict`, whether that is `supported`.
    supported: bool,
    /// What the check of a sentence found that the language model wrote. Absent from quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    /// Of a translation, the sentence that it translates, copied verbatim from the cited document. Absent from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<String>,
}

/// A passage found for the question, and its number in the answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Citation {
    /// The number in its footnote mark, from 1.
    id: usize,
    #[serde(flatten)]
    passage: Passage,
}

/// The first event of a stream: the passages, before there is an answer.
#[derive(Debug, Serialize)]
pub(crate) struct FoundPassages {
    passages: Vec<Passage>,
    confidence: f32,
}

/// Passages for a question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SearchResponse {
    /// Best first.
    passages: Vec<Passage>,
    /// Estimated probability that the documents answer the question, 0 to 1.
    confidence: f32,
    /// The cursor of the next passages. Absent if there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    next: Option<String>,
    /// What was counted among the documents that were found. Absent if nothing was requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    facets: Option<Facets>,
    /// The time of the documents that the question asks for, such as "last week". Absent if it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<TimeUsed>,
    /// Misspelt words of the question, in order, and what was searched for instead. Absent if nothing was corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    corrections: Vec<Correction>,
    /// The operators in the question, in order. Absent if it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    operators: Vec<Operator>,
    /// What a person should know of how the question was understood. Absent if there is nothing to tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
    model: Model,
    took_ms: TookMs,
}

impl AskResponse {
    pub(crate) fn new(answer: passage::Answer, model: ModelIdentity) -> Self {
        let sentences = answer.sentences.into_iter().map(Into::into);
        let citations = answer.citations.into_iter();
        Self {
            answer: Answer {
                text: answer.text,
                mode: answer.mode.into(),
                answerable: answer.answerable,
                confidence: answer.confidence,
                missing: answer.missing,
                sentences: sentences.collect(),
                notice: answer.notice.map(Into::into),
                time: answer.time.map(Into::into),
                parts: answer.parts.into_iter().map(Into::into).collect(),
                comparison: answer.comparison.map(Into::into),
                list: answer.is_list,
                differences: answer.differences.into_iter().map(Into::into).collect(),
                count: answer.count.map(Into::into),
                corrections: answer.corrections.into_iter().map(Into::into).collect(),
                operators: answer.operators.into_iter().map(Into::into).collect(),
                notes: answer.notes.into_iter().map(Into::into).collect(),
                writer: answer.writing.map(Into::into),
            },
            citations: citations.map(Into::into).collect(),
            model: model.into(),
            took_ms: answer.took.into(),
        }
    }

    /// The answer and its model, without what this JSON leaves out: which
    /// sentences are rows, headings, and most facts about the document.
    pub(crate) fn into_answer(self) -> (passage::Answer, ModelIdentity) {
        let sentences = self.answer.sentences.into_iter().map(|sentence| passage::AnswerSentence {
            span: passage::Span::new(sentence.start.min(sentence.end), sentence.end),
            text: sentence.text,
            citations: sentence.citations,
            supported: sentence.supported,
            is_row: false,
            verdict: sentence.verdict.map(Into::into),
            original: sentence.original,
        });
        let citation = |Citation { id, passage }| passage::Citation { id, passage: passage.into_found() };
        let answer = passage::Answer {
            text: self.answer.text,
            mode: self.answer.mode.into(),
            answerable: self.answer.answerable,
            confidence: self.answer.confidence,
            missing: self.answer.missing,
            sentences: sentences.collect(),
            citations: self.citations.into_iter().map(citation).collect(),
            notice: self.answer.notice.map(Into::into),
            time: self.answer.time.map(Into::into),
            parts: self.answer.parts.into_iter().map(Into::into).collect(),
            comparison: self.answer.comparison.map(Into::into),
            is_list: self.answer.list,
            differences: self.answer.differences.into_iter().map(Into::into).collect(),
            count: self.answer.count.map(Into::into),
            corrections: self.answer.corrections.into_iter().map(Into::into).collect(),
            operators: self.answer.operators.into_iter().map(Into::into).collect(),
            notes: self.answer.notes.into_iter().map(Into::into).collect(),
            writing: self.answer.writer.map(Into::into),
            took: self.took_ms.into(),
        };
        (answer, self.model.into())
    }
}

impl From<passage::AnswerSentence> for AnswerSentence {
    fn from(sentence: passage::AnswerSentence) -> Self {
        Self {
            text: sentence.text,
            start: sentence.span.start,
            end: sentence.span.end,
            supported: sentence.supported,
            citations: sentence.citations,
            verdict: sentence.verdict.map(Into::into),
            original: sentence.original,
        }
    }
}

impl From<passage::Citation> for Citation {
    fn from(passage::Citation { id, passage }: passage::Citation) -> Self {
        Self { id, passage: passage.into() }
    }
}

impl From<passage::Notice> for Notice {
    fn from(passage::Notice { reason, language, text }: passage::Notice) -> Self {
        Self { reason: reason.into(), language, text }
    }
}

impl From<Notice> for passage::Notice {
    fn from(Notice { reason, language, text }: Notice) -> Self {
        Self { reason: reason.into(), language, text }
    }
}

impl From<passage::Writing> for Writer {
    fn from(passage::Writing { state, model, detail, dropped }: passage::Writing) -> Self {
        Self { state: state.into(), model, detail, dropped }
    }
}

impl From<Writer> for passage::Writing {
    fn from(Writer { state, model, detail, dropped }: Writer) -> Self {
        Self { state: state.into(), model, detail, dropped }
    }
}

same!(Reason, Reason: Unanswered OutsideTime NoQuestion Order NotWritten CutShort);
same!(WriterState, WritingState: Written CutShort Unsupported Declined NotNeeded Unreachable Refused TimedOut Garbled Busy);

impl FoundPassages {
    pub(crate) fn new(found: &SearchResults) -> Self {
        Self { passages: found.passages.iter().cloned().map(Into::into).collect(), confidence: found.confidence }
    }
}

impl SearchResponse {
    pub(crate) fn new(results: SearchResults, model: ModelIdentity) -> Self {
        Self {
            passages: results.passages.into_iter().map(Into::into).collect(),
            confidence: results.confidence,
            next: None,
            facets: results.facets.map(Into::into),
            time: results.time.map(Into::into),
            corrections: results.corrections.into_iter().map(Into::into).collect(),
            operators: results.operators.into_iter().map(Into::into).collect(),
            notes: results.notes.into_iter().map(Into::into).collect(),
            model: model.into(),
            took_ms: results.took.into(),
        }
    }

    /// The same with the cursor of the next passages.
    pub(crate) fn with_next(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }

    /// As [`AskResponse::into_answer`].
    pub(crate) fn into_results(self) -> (SearchResults, ModelIdentity) {
        let passages = self.passages.into_iter().map(Passage::into_found).collect();
        let results = SearchResults {
            passages,
            confidence: self.confidence,
            missing: Vec::new(),
            time: self.time.map(Into::into),
            corrections: self.corrections.into_iter().map(Into::into).collect(),
            facets: self.facets.map(Into::into),
            last_passages: passage::LastPassages::default(),
            compared: None,
            operators: self.operators.into_iter().map(Into::into).collect(),
            notes: self.notes.into_iter().map(Into::into).collect(),
            took: self.took_ms.into(),
        };
        (results, self.model.into())
    }
}
