//! `POST /v1/check`: checks a text against the documents.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::body::Json;
use super::caller::Caller;
use super::problem::Problem;
use super::schema::{QuestionProblems, examples};
use crate::footnote::CheckRequest;
use crate::wire::CheckResponse;

/// Largest body: a text with each character escaped, and the other fields.
pub(super) const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

const MAX_DOCUMENTS: usize = 100;

/// A text to check.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBody {
    /// The text, plain or Markdown, in any language. It must not be blank.
    #[schema(min_length = 1, max_length = 100_000, pattern = "[^\\s\\u0085]")]
    text: String,
    /// The collection to check it against. Default: the configured collection.
    collection: Option<String>,
    /// Ids of the documents to check it against. `[1]` in the text denotes the first of them, unless the text itself says
    /// what it denotes. Default: all documents of the collection.
    #[schema(max_items = 100)]
    documents: Option<Vec<String>>,
}

/// Check
///
/// Checks a text, written by a person or a language model, against the documents: for each sentence a verdict, the nearest
/// support, and what differs. It knows citations such as `[1]`, `[^1]` and links. No language model is used.
#[utoipa::path(
    post,
    path = "/v1/check",
    tag = "questions",
    request_body(content = CheckBody, example = json!(examples::check())),
    responses(
        (status = 200, description = "The sentences with their verdicts, in order", body = CheckResponse,
            example = json!(examples::checked())),
        QuestionProblems
    )
)]
pub(super) async fn check(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Json(request, _reserved): Json<CheckBody>,
) -> Result<axum::Json<CheckResponse>, Problem> {
    let CheckBody { text, collection, documents } = request;
    let documents = documents.unwrap_or_default();
    if documents.len() > MAX_DOCUMENTS {
        return Err(Problem::bad_request(
            format!("`documents` has {} ids; at most {MAX_DOCUMENTS} are allowed", documents.len()),
            "name fewer documents, or none to check against all",
        ));
    }
    let request = CheckRequest { text, documents, finds_files: caller.sees_paths() };
    request.check()?;
    let checked = slot.run_cancellable(&app, collection, move |footnote, cancel| {
        let checked = footnote.check_with(&request, cancel, &mut |_| {})?;
        Ok(CheckResponse::new(caller.shown(checked), footnote.model()?))
    });
    Ok(axum::Json(checked.await?))
}
