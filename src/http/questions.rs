//! `GET|DELETE /v1/questions`: the questions that were logged.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::admission::Read;
use super::body::Parameters;
use super::caller::Caller;
use super::feedback::ClearParameters;
use super::problem::Problem;
use super::schema::{RecordProblems, examples};
use crate::footnote::Footnote;
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
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// List logged questions
///
/// Groups questions with nearly the same words. `[ask] log_questions` in the server's settings says which questions are
/// logged; by default none are. A key without the scope `admin` sees only its own questions.
#[utoipa::path(
    get,
    path = "/v1/questions",
    operation_id = "list_questions",
    tag = "feedback",
    params(QuestionsParameters),
    responses(
        (status = 200, description = "The questions, the most frequent first", body = AskedQuestions,
            example = json!(examples::asked_questions())),
        RecordProblems
    )
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Parameters(QuestionsParameters { declined, collection }): Parameters<QuestionsParameters>,
) -> Result<axum::Json<AskedQuestions>, Problem> {
    let work = move |footnote: &Footnote| {
        let mut logged = footnote.logged_questions()?;
        logged
            .retain(|question| caller.sees_what_came_with(question.key.as_deref()) && !(declined && question.answered));
        Ok(AskedQuestions::of(&logged))
    };
    Ok(axum::Json(slot.run(&app, collection, work).await?))
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
    let before = parameters.before()?;
    let work = move |footnote: &Footnote| {
        footnote.remove_questions(&mut |question| {
            caller.sees_what_came_with(question.key.as_deref())
                && before.as_ref().is_none_or(|before| question.time < *before)
        })
    };
    let removed = slot.run(&app, parameters.collection, work).await?;
    Ok(axum::Json(RemovedRecords { removed }))
}
