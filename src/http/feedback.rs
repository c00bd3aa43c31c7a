//! `GET|POST|DELETE /v1/feedback`, `DELETE /v1/feedback/{id}`: says whether answers are right.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::admission::Read;
use super::body::{DocumentId, Json, Parameters};
use super::caller::Caller;
use super::collections::InCollection;
use super::problem::Problem;
use super::schema::{FeedbackProblems, RecordProblems, examples};
use crate::error::{Error, Result};
use crate::feedback::{self, NewFeedback};
use crate::footnote::Footnote;
use crate::json::in_range;
use crate::keys::{Holder, Scope};
use crate::wire::{Feedback, FeedbackPage, FeedbackVerdict, RemovedRecords};

/// Of records, or groups of them, in a page.
pub(super) const DEFAULT_LIMIT: usize = 100;
pub(super) const MAX_LIMIT: usize = 1000;

/// Feedback on an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackRequest {
    /// The question, as it was asked.
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    question: String,
    #[schema(inline)]
    verdict: FeedbackVerdict,
    /// The `answerable` of the answer: whether the question was answered. `right` says of a question that was not that the
    /// documents do not answer it. Default: what the verdict implies; for `right`, true.
    answerable: Option<bool>,
    /// The id of the document that answers the question.
    document: Option<String>,
    /// The passage of that document that answers it, as in a citation's `span.bytes`: bytes of its text, first, and one past
    /// the last, at most 4,096 of them.
    #[schema(min_items = 2, max_items = 2)]
    bytes: Option<Vec<usize>>,
    /// A remark.
    #[schema(max_length = 2000)]
    comment: Option<String>,
    /// The collection that was asked. Default: the configured collection.
    collection: Option<String>,
}

impl FeedbackRequest {
    /// The collection's name and the feedback, which the holder of this key gives.
    fn into_feedback(self, key: Option<Holder>) -> Result<(Option<String>, NewFeedback)> {
        let Self { question, verdict, answerable, document, bytes, comment, collection } = self;
        let bytes = bytes.map(<[usize; 2]>::try_from).transpose().map_err(|bytes| Error::Input {
            reason: format!("`bytes` has {} numbers", bytes.len()),
            hint: "send two, as in a citation's `span.bytes`: the first byte, and one past the last".into(),
        })?;
        let judgement = verdict.into();
        Ok((collection, NewFeedback { question, judgement, answered: answerable, document, bytes, comment, key }))
    }
}

/// Selects a page of feedback.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedbackParameters {
    /// The `next` of the previous page.
    after: Option<String>,
    /// Records in a page, at most. Default: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// Selects records to remove.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClearParameters {
    /// Only what is from before this day (in UTC) or RFC 3339 time. Default: all.
    #[param(
        pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$",
        example = "2026-01-28"
    )]
    before: Option<String>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

impl ClearParameters {
    /// What a caller removes with these, and the collection.
    pub(super) fn clearing(self, caller: Caller) -> Result<(Clearing, Option<String>)> {
        let before = self.before.as_deref().map(feedback::since).transpose()?;
        Ok((Clearing { caller, before }, self.collection))
    }
}

/// Which records a request removes.
pub(super) struct Clearing {
    caller: Caller,
    /// The time before which records go, as they have times; `None` for all.
    before: Option<String>,
}

impl Clearing {
    /// Whether it removes all that there is, also what cannot be read.
    pub(super) fn is_of_all(&self) -> bool {
        self.before.is_none() && self.caller.may(Scope::Admin)
    }

    /// Whether it removes a record of this key and time.
    pub(super) fn has(&self, key_id: Option<&str>, time: &str) -> bool {
        self.caller.sees_record_of(key_id) && self.before.as_deref().is_none_or(|before| time < before)
    }
}

/// Give feedback
///
/// Says whether an answer is right and, if it is known, which passage is. The answer is not looked up, so its id is not
/// needed: send the question and what the answer cited. The words of the passage are not kept, only their place and a hash.
/// Of more than 10,000 records or 16 MiB of a collection, the oldest of the key that has most leave.
#[utoipa::path(
    post,
    path = "/v1/feedback",
    operation_id = "give_feedback",
    tag = "feedback",
    request_body(content = FeedbackRequest, example = json!(examples::new_feedback())),
    responses(
        (status = 200, description = "The feedback as it is kept", body = Feedback, example = json!(examples::feedback())),
        FeedbackProblems
    )
)]
pub(super) async fn give(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Json(request, _reserved): Json<FeedbackRequest>,
) -> Result<axum::Json<Feedback>, Problem> {
    let (collection, new) = request.into_feedback(caller.holder())?;
    let kept = slot.run(&app, collection, move |footnote| footnote.give_feedback(new)).await?;
    Ok(axum::Json(kept.into()))
}

/// List feedback
///
/// The latest first. A key without the scope `admin` sees only what was given with it.
#[utoipa::path(
    get,
    path = "/v1/feedback",
    operation_id = "list_feedback",
    tag = "feedback",
    params(FeedbackParameters),
    responses(
        (status = 200, description = "A page of feedback", body = FeedbackPage,
            example = json!(examples::feedback_page())),
        RecordProblems
    )
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Parameters(parameters): Parameters<FeedbackParameters>,
) -> Result<axum::Json<FeedbackPage>, Problem> {
    let FeedbackParameters { after, limit, collection } = parameters;
    let limit = in_range("limit", limit, 1, MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    let mut all = slot.run(&app, collection, Footnote::feedback).await?;
    all.retain(|feedback| caller.sees_record_of(feedback.key_id.as_deref()));
    all.reverse();
    let total = all.len();
    let start = match after {
        None => 0,
        Some(id) => match all.iter().position(|feedback| feedback.id == id) {
            Some(place) => place + 1,
            None => return Err(not_found(id).into()),
        },
    };
    let page: Vec<Feedback> = all.into_iter().skip(start).take(limit).map(Into::into).collect();
    let next = page.last().filter(|_| start + page.len() < total).map(|last| last.id.clone());
    Ok(axum::Json(FeedbackPage { feedback: page, total, next }))
}

/// Remove feedback
///
/// Removes all of it, or what was given before a time. A key without the scope `admin` removes only what was given with it.
#[utoipa::path(
    delete,
    path = "/v1/feedback",
    operation_id = "clear_feedback",
    tag = "feedback",
    params(ClearParameters),
    responses((status = 200, description = "How much was removed", body = RemovedRecords), RecordProblems)
)]
pub(super) async fn clear(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Parameters(parameters): Parameters<ClearParameters>,
) -> Result<axum::Json<RemovedRecords>, Problem> {
    let (clearing, collection) = parameters.clearing(caller)?;
    let work = move |footnote: &Footnote| match clearing.is_of_all() {
        true => footnote.clear_feedback(),
        false => footnote.remove_feedback(&mut |feedback| clearing.has(feedback.key_id.as_deref(), &feedback.created)),
    };
    let removed = slot.run(&app, collection, work).await?;
    Ok(axum::Json(RemovedRecords { removed }))
}

/// Take feedback back
///
/// Removes one record.
#[utoipa::path(
    delete,
    path = "/v1/feedback/{id}",
    operation_id = "delete_feedback",
    tag = "feedback",
    params(("id" = String, Path, description = "The id of the feedback"), InCollection),
    responses((status = 204, description = "It is removed"), RecordProblems)
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    DocumentId(id): DocumentId,
    Parameters(InCollection { collection }): Parameters<InCollection>,
) -> Result<StatusCode, Problem> {
    let work = move |footnote: &Footnote| {
        let is_it =
            &mut |feedback: &feedback::Feedback| feedback.id == id && caller.sees_record_of(feedback.key_id.as_deref());
        if footnote.remove_feedback(is_it)? == 0 { Err(not_found(id)) } else { Ok(()) }
    };
    slot.run(&app, collection, work).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn not_found(id: String) -> Error {
    Error::NotFound { kind: "feedback", id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_request_is_accepted() {
        serde_json::from_value::<FeedbackRequest>(examples::new_feedback()).unwrap();
    }
}
