//! The JSON of feedback and of logged questions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::feedback::{self, LoggedQuestion, QuestionGroup};

/// What is said about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FeedbackVerdict {
    /// The answer is right. If there was none, there should be none.
    Right,
    /// A sentence of the answer does not answer the question.
    WrongSentence,
    /// The answer is from a document that does not answer the question, or not as well as another.
    WrongDocument,
    /// There was no answer, but the documents have one.
    HasAnswer,
    /// There was an answer, but the documents have none.
    NoAnswer,
}

impl From<FeedbackVerdict> for feedback::Judgement {
    fn from(verdict: FeedbackVerdict) -> Self {
        match verdict {
            FeedbackVerdict::Right => Self::Right,
            FeedbackVerdict::WrongSentence => Self::WrongSentence,
            FeedbackVerdict::WrongDocument => Self::WrongDocument,
            FeedbackVerdict::HasAnswer => Self::HasAnswer,
            FeedbackVerdict::NoAnswer => Self::NoAnswer,
        }
    }
}

impl From<feedback::Judgement> for FeedbackVerdict {
    fn from(judgement: feedback::Judgement) -> Self {
        match judgement {
            feedback::Judgement::Right => Self::Right,
            feedback::Judgement::WrongSentence => Self::WrongSentence,
            feedback::Judgement::WrongDocument => Self::WrongDocument,
            feedback::Judgement::HasAnswer => Self::HasAnswer,
            feedback::Judgement::NoAnswer => Self::NoAnswer,
        }
    }
}

/// Feedback on an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Feedback {
    #[schema(example = "5f0c9a1e7b3d24680651")]
    pub(crate) id: String,
    /// When it was given, RFC 3339 in UTC.
    #[schema(example = "2026-01-02T03:04:05Z")]
    pub(crate) created: String,
    /// The question.
    pub(crate) question: String,
    #[schema(inline)]
    pub(crate) verdict: FeedbackVerdict,
    /// Whether the question was answered.
    pub(crate) answerable: bool,
    /// The id of the document that answers the question; null if none is named.
    #[schema(required)]
    pub(crate) document: Option<String>,
    /// Where in the document's text the passage stands that answers the question, in UTF-8 bytes: first, and one past the
    /// last. They are those of the text as it was when the feedback was given.
    #[schema(required, min_items = 2, max_items = 2)]
    pub(crate) bytes: Option<[usize; 2]>,
    /// A remark.
    #[schema(required)]
    pub(crate) comment: Option<String>,
    /// The name of the key that it was given with; null without keys.
    #[schema(required, example = "laptop")]
    pub(crate) key: Option<String>,
}

impl From<feedback::Feedback> for Feedback {
    fn from(kept: feedback::Feedback) -> Self {
        let feedback::Feedback { id, created, question, judgement, answered, document, quote, comment, key, .. } = kept;
        let bytes = quote.map(|quote| quote.bytes);
        Self { id, created, question, verdict: judgement.into(), answerable: answered, document, bytes, comment, key }
    }
}

/// A page of feedback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FeedbackPage {
    /// The latest first.
    pub(crate) feedback: Vec<Feedback>,
    /// How much there is, on all pages.
    pub(crate) total: usize,
    /// The `after` of the next page; null on the last.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// How many records were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RemovedRecords {
    pub(crate) removed: usize,
}

/// Questions with nearly the same words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AskedQuestion {
    /// The wording that was asked most often.
    #[schema(example = "who expects the Fed to cut in 2026")]
    pub(crate) question: String,
    /// How often it was asked.
    pub(crate) count: usize,
    /// How often it was not answered.
    pub(crate) declined: usize,
    /// When it was last asked, RFC 3339 in UTC.
    #[schema(example = "2026-01-02T03:04:05Z")]
    pub(crate) latest: String,
    /// The highest confidence of its answers.
    pub(crate) confidence: f64,
    /// Names in it that no passage had under any of their names.
    pub(crate) missing: Vec<String>,
    /// Its wordings, the most frequent first, at most ten.
    pub(crate) wordings: Vec<String>,
}

impl From<QuestionGroup> for AskedQuestion {
    fn from(group: QuestionGroup) -> Self {
        let QuestionGroup { question, count, declined, latest, confidence, missing, wordings, .. } = group;
        // As many digits as a confidence has in an answer.
        let confidence = (f64::from(confidence) * 1e4).round() / 1e4;
        Self { question, count, declined, latest, confidence, missing, wordings }
    }
}

/// The questions that were logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AskedQuestions {
    /// The most frequent first, then the latest.
    pub(crate) questions: Vec<AskedQuestion>,
    /// How many groups there are, on all pages.
    pub(crate) total: usize,
    /// How many questions were logged, each time that one was asked counted.
    pub(crate) asked: usize,
    /// When the earliest of them was asked, RFC 3339 in UTC; null if there is none.
    #[schema(required)]
    pub(crate) earliest: Option<String>,
    /// The `after` of the next page; null on the last.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

impl AskedQuestions {
    /// All groups of logged questions, which are in the order in which they were asked.
    pub(crate) fn of(groups: Vec<QuestionGroup>, logged: &[LoggedQuestion]) -> Self {
        Self {
            total: groups.len(),
            questions: groups.into_iter().map(Into::into).collect(),
            asked: logged.len(),
            earliest: logged.first().map(|first| first.time.clone()),
            next: None,
        }
    }

    /// The page of `limit` groups behind the one whose page had this `next`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such group any more.
    pub(crate) fn page(mut self, after: Option<String>, limit: usize) -> Result<Self> {
        if let Some(id) = after {
            let place = self.questions.iter().position(|group| cursor(group) == id);
            let place = place.ok_or(Error::NotFound { kind: "question", id })?;
            self.questions.drain(..=place);
        }
        let is_last = self.questions.len() <= limit;
        self.questions.truncate(limit);
        self.next = self.questions.last().filter(|_| !is_last).map(cursor);
        Ok(self)
    }
}

/// What names a group in an address: its wording may be long.
fn cursor(group: &AskedQuestion) -> String {
    blake3::hash(group.question.as_bytes()).to_hex()[..16].to_owned()
}
