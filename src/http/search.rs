//! `POST /v1/search`: a question in, the passages found out.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::ask::QuestionRequest;
use super::body::Json;
use super::openapi::{QuestionProblems, examples};
use super::problem::Problem;
use super::prompt::{PromptDocuments, PromptFormat, SearchResultBlocks};
use super::wire::{Model, Passage, TookMs};
use crate::footnote::SearchResults;
use crate::links::Links;
use crate::model::ModelIdentity;

/// The passages found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SearchResponse {
    /// Best first.
    passages: Vec<Passage>,
    /// How likely it is that the question is answered, between 0 and 1.
    confidence: f32,
    model: Model,
    took_ms: TookMs,
}

/// The passages found, in the format asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum SearchBody {
    /// Without `format`.
    Own(SearchResponse),
    /// For `anthropic`.
    Anthropic(SearchResultBlocks),
    /// For `cohere`.
    Cohere(PromptDocuments),
}

/// Search
///
/// Finds passages for a question and, in each, the sentence that answers best. `mode` and `stream` are accepted and have no
/// effect.
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
    Json(request, _reserved): Json<QuestionRequest>,
) -> Result<axum::Json<SearchBody>, Problem> {
    let format = request.format;
    let (collection, question) = request.into_question()?;
    let body = slot.run_cancellable(&app, collection, move |footnote, cancel| {
        let results = footnote.search_with(&question, cancel)?;
        Ok(match format {
            None => SearchBody::Own(SearchResponse::new(results, footnote.model()?)),
            Some(PromptFormat::Anthropic) => {
                SearchBody::Anthropic(SearchResultBlocks::new(results.passages, &links, footnote.name()))
            }
            Some(PromptFormat::Cohere) => {
                SearchBody::Cohere(PromptDocuments::new(results.passages, &links, footnote.name()))
            }
        })
    });
    Ok(axum::Json(body.await?))
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

    /// Read back, like [`AskResponse::into_answer`](super::ask::AskResponse::into_answer).
    pub(crate) fn into_results(self) -> (SearchResults, ModelIdentity) {
        let passages = self.passages.into_iter().map(Passage::into_found).collect();
        let results = SearchResults { passages, confidence: self.confidence, took: self.took_ms.into() };
        (results, self.model.into())
    }
}
