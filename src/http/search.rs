//! `POST /v1/search`: finds passages for a question.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::ask::QuestionRequest;
use super::body::Json;
use super::caller::Caller;
use super::problem::Problem;
use super::prompt::{PromptDocuments, PromptFormat, SearchResultBlocks};
use super::schema::{QuestionProblems, examples};
use crate::links::Links;
use crate::wire::SearchResponse;

/// The passages, in the requested format.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum SearchBody {
    /// The default format.
    Own(Box<SearchResponse>),
    /// For `anthropic`.
    Anthropic(SearchResultBlocks),
    /// For `cohere`.
    Cohere(PromptDocuments),
}

/// Search
///
/// Finds passages for a question and the best sentence of each. `mode` and `stream` are ignored.
#[utoipa::path(
    post,
    path = "/v1/search",
    tag = "questions",
    request_body(content = QuestionRequest, example = json!(examples::question())),
    responses(
        (status = 200, description = "The passages, best first", body = SearchBody,
            example = json!(examples::search_results())),
        QuestionProblems
    )
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    caller: Caller,
    Json(request, _reserved): Json<QuestionRequest>,
) -> Result<axum::Json<SearchBody>, Problem> {
    let format = request.format;
    let (asked, mut question) = request.into_question()?;
    question.filter = caller.allowed(question.filter);
    let body = slot.run_together(&app, asked, move |collections, cancel| {
        let results = caller.shown(collections.search_with(&question, cancel)?);
        Ok(match format {
            None => SearchBody::Own(Box::new(SearchResponse::new(results, collections.model()?))),
            Some(PromptFormat::Anthropic) => {
                SearchBody::Anthropic(SearchResultBlocks::new(results.passages, &links, collections.name()))
            }
            Some(PromptFormat::Cohere) => {
                SearchBody::Cohere(PromptDocuments::new(results.passages, &links, collections.name()))
            }
        })
    });
    Ok(axum::Json(body.await?))
}
