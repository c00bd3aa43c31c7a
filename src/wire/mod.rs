//! The JSON that the HTTP API and the command line share: responses, and what the command line sends to a server and
//! reads from it.

mod answer;
mod check;
mod document;
pub(crate) mod example;
mod facets;
mod feedback;
mod health;
mod job;
mod passage;
mod place;
mod same;
mod understood;

use serde::Serialize;
use serde_json::{Value, json};

use crate::footnote::{Ingested, Question, SearchResults};
use crate::library::{ALL, AskedOf};
use crate::model::ModelIdentity;
use crate::passage::{Answer, Checked, DocumentInfo};
pub(crate) use answer::{AnswerSentence, AskResponse, Citation, FoundPassages, SearchResponse};
pub(crate) use check::CheckResponse;
pub(crate) use document::{DocumentOutcome, DocumentPage, DocumentProblem, DocumentResponse, DocumentsResponse};
pub(crate) use facets::Facet;
pub(crate) use feedback::{AskedQuestion, AskedQuestions, Feedback, FeedbackPage, FeedbackVerdict, RemovedRecords};
pub(crate) use health::Health;
pub(crate) use job::{ItemDone, Job, JobCounts, JobItem, JobProgress, JobState, JobWithItems, Jobs};
pub(crate) use passage::{Format, Mode};
pub(crate) use place::CitedPlace;

/// The response of `POST /v1/ask`.
pub fn answer(answer: Answer, model: ModelIdentity) -> Value {
    value(&AskResponse::new(answer, model))
}

/// The response of `POST /v1/search`.
pub fn search(results: SearchResults, model: ModelIdentity) -> Value {
    value(&SearchResponse::new(results, model))
}

/// The response of `POST /v1/check`.
pub fn check(checked: Checked, model: ModelIdentity) -> Value {
    value(&CheckResponse::new(checked, model))
}

/// A document in the response of `GET /v1/documents`.
pub fn document(info: DocumentInfo) -> Value {
    value(&DocumentResponse::from(info))
}

/// The outcome for a document in the response of `POST /v1/documents`.
pub fn ingested(ingested: &Ingested) -> Value {
    value(&DocumentOutcome::from(ingested))
}

/// The body of `POST /v1/ask` and `POST /v1/search`; `None` if the filter cannot be written as JSON, or there are
/// conditions on passages beside the text.
pub fn question(question: &Question, asked: &AskedOf) -> Option<Value> {
    if !question.passages.is_empty() {
        return None;
    }
    let (collection, collections) = match asked {
        AskedOf::Configured => (None, None),
        AskedOf::One(name) => (Some(name.as_str()), None),
        AskedOf::Several(names) => (None, Some(names.iter().map(String::as_str).collect::<Vec<_>>())),
        AskedOf::All => (None, Some(vec![ALL])),
    };
    let mut sent = json!({
        "question": question.text,
        "collection": collection,
        "mode": question.mode.map(crate::passage::Mode::as_str),
        "top_k": question.top_k,
        "context_sentences": question.context_sentences,
        "filter": question.filter.to_json()?,
        "operators": question.operators,
        "skip": question.skip,
        "facets": question.facets.iter().map(|facet| facet.name()).collect::<Vec<_>>(),
        "now": question.now.map(|now| now.to_string()),
    });
    if let Some(names) = collections {
        sent["collections"] = json!(names);
    }
    Some(sent)
}

/// Reads what `answer` wrote. It lacks headings and the facts about a document that a citation leaves out.
pub fn read_answer(json: &[u8]) -> serde_json::Result<(Answer, ModelIdentity)> {
    serde_json::from_slice::<AskResponse>(json).map(AskResponse::into_answer)
}

/// Reads what [`search`] wrote, with the same gaps as [`read_answer`].
pub fn read_search(json: &[u8]) -> serde_json::Result<(SearchResults, ModelIdentity)> {
    serde_json::from_slice::<SearchResponse>(json).map(SearchResponse::into_results)
}

/// Feedback in the response of `GET /v1/feedback`.
pub fn feedback(kept: crate::feedback::Feedback) -> Value {
    value(&Feedback::from(kept))
}

/// The response of `GET /v1/questions`, with all groups on one page.
pub fn questions(groups: Vec<crate::QuestionGroup>, logged: &[crate::LoggedQuestion]) -> Value {
    value(&AskedQuestions::of(groups, logged))
}

fn value(shape: &impl Serialize) -> Value {
    // Shapes of strings, numbers and lists always serialize.
    serde_json::to_value(shape).unwrap_or_default()
}
