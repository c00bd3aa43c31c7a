//! The JSON of `POST /v1/ask` and `POST /v1/search`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::passage::{Mode, Model, Passage, TookMs};
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
    /// Why there is no answer, to show to a person. Absent if the question is answerable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
}

/// Says why there is no answer.
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
    /// The message asks nothing: a greeting, thanks, punctuation alone.
    NoQuestion,
}

/// One sentence of an answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AnswerSentence {
    /// Copied verbatim from the cited document.
    text: String,
    /// Offset of its first byte in the answer's text.
    start: usize,
    /// Offset just past its last byte in the answer's text.
    end: usize,
    /// Ids of the citations that it is quoted from.
    citations: Vec<usize>,
    /// Whether it probably holds evidence: the estimated probability is at least one half.
    supported: bool,
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
    model: Model,
    took_ms: TookMs,
}

impl AskResponse {
    /// The citations, best first.
    pub(crate) fn citations(&self) -> &[Citation] {
        &self.citations
    }

    pub(crate) fn new(answer: passage::Answer, model: ModelIdentity) -> Self {
        let sentences = answer.sentences.into_iter().map(|sentence| AnswerSentence {
            text: sentence.text,
            start: sentence.span.start,
            end: sentence.span.end,
            supported: sentence.supported,
            citations: sentence.citations,
        });
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
            },
            citations: citations
                .map(|citation| Citation { id: citation.id, passage: citation.passage.into() })
                .collect(),
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
            took: self.took_ms.into(),
        };
        (answer, self.model.into())
    }
}

impl From<passage::Notice> for Notice {
    fn from(passage::Notice { reason, language, text }: passage::Notice) -> Self {
        let reason = match reason {
            passage::Reason::Unanswered => Reason::Unanswered,
            passage::Reason::NoQuestion => Reason::NoQuestion,
        };
        Self { reason, language, text }
    }
}

impl From<Notice> for passage::Notice {
    fn from(Notice { reason, language, text }: Notice) -> Self {
        let reason = match reason {
            Reason::Unanswered => passage::Reason::Unanswered,
            Reason::NoQuestion => passage::Reason::NoQuestion,
        };
        Self { reason, language, text }
    }
}

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
            model: model.into(),
            took_ms: results.took.into(),
        }
    }

    /// As [`AskResponse::into_answer`].
    pub(crate) fn into_results(self) -> (SearchResults, ModelIdentity) {
        let passages = self.passages.into_iter().map(Passage::into_found).collect();
        let results =
            SearchResults { passages, confidence: self.confidence, missing: Vec::new(), took: self.took_ms.into() };
        (results, self.model.into())
    }
}
