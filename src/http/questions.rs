//! `GET|DELETE /v1/questions`: the questions that were logged.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::admission::Read;
use super::body::Parameters;
use super::caller::Caller;
use super::feedback::{ClearParameters, DEFAULT_LIMIT, MAX_LIMIT};
use super::problem::Problem;
use super::schema::{RecordProblems, examples};
use crate::cancel::Cancel;
use crate::feedback::grouped;
use crate::footnote::Footnote;
use crate::json::in_range;
use crate::wire::{AskedQuestions, RemovedRecords};

/// Selects questions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QuestionsParameters {
    /// Only questions that were not answered.
    #[serde(default)]
    #[param(default = false)]
    declined: bool,
    /// The `next` of the previous page.
    after: Option<String>,
    /// Groups in a page, at most. Default: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// List logged questions
///
/// Groups questions with nearly the same words. `[ask] log_questions` in the server's settings says which questions are
/// logged; by default none are. A key without the scope `admin` sees only its own questions. A page whose `after` names a
/// group that has changed meanwhile is not found: begin again.
#[utoipa::path(
    get,
    path = "/v1/questions",
    operation_id = "list_questions",
    tag = "feedback",
    params(QuestionsParameters),
    responses(
        (status = 200, description = "A page of questions, the most frequent first", body = AskedQuestions,
            example = json!(examples::asked_questions())),
        RecordProblems
    )
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Parameters(parameters): Parameters<QuestionsParameters>,
) -> Result<axum::Json<AskedQuestions>, Problem> {
    let QuestionsParameters { declined, after, limit, collection } = parameters;
    let limit = in_range("limit", limit, 1, MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    let work = move |footnote: &Footnote, cancel: &Cancel| {
        let mut logged = footnote.logged_questions()?;
        logged.retain(|question| caller.sees_record_of(question.key_id.as_deref()) && !(declined && question.answered));
        AskedQuestions::of(grouped(&logged, cancel)?, &logged).page(after, limit)
    };
    Ok(axum::Json(slot.run_cancellable(&app, collection, work).await?))
}

/// Clear logged questions
///
/// Removes all of them, or those from before a time. A key without the scope `admin` removes only its own.
#[utoipa::path(
    delete,
    path = "/v1/questions",
    operation_id = "clear_questions",
    tag = "feedback",
    params(ClearParameters),
    responses((status = 200, description = "How many were removed", body = RemovedRecords), RecordProblems)
)]
pub(super) async fn clear(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Parameters(parameters): Parameters<ClearParameters>,
) -> Result<axum::Json<RemovedRecords>, Problem> {
    let (clearing, collection) = parameters.clearing(caller)?;
    let work = move |footnote: &Footnote| match clearing.is_of_all() {
        true => footnote.clear_questions(),
        false => footnote.remove_questions(&mut |question| clearing.has(question.key_id.as_deref(), &question.time)),
    };
    let removed = slot.run(&app, collection, work).await?;
    Ok(axum::Json(RemovedRecords { removed }))
}
