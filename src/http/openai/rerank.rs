//! `POST /v1/rerank` and `/v2/rerank`: ranks given texts for a question, in the form of Jina's and Cohere's APIs.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

use super::super::App;
use super::super::admission::Embed;
use super::super::body::Json;
use super::super::json_object::JsonObject;
use super::super::problem::Problem;
use super::super::schema::OpenAiQuestionProblems;
use super::models::{ChatModel, embedding_role, no_model};
use super::new_id;
use crate::json::whole;

/// The same limit as Cohere's.
const MAX_DOCUMENTS: usize = 1_000;

/// Texts to rank. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct RerankRequest {
    /// `footnote`, or the embedding model's name: both mean the same model. Default: `footnote`.
    #[schema(example = "footnote")]
    model: Option<String>,
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    query: String,
    /// Texts, or objects with a `text`.
    #[schema(schema_with = documents_schema)]
    documents: Vec<Document>,
    /// Results to return, at most. Default: all.
    #[schema(minimum = 1)]
    #[serde(default, deserialize_with = "whole")]
    top_n: Option<usize>,
    /// Whether the results have their texts.
    return_documents: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Document {
    Text(String),
    Object(JsonObject<DocumentObject>),
}

#[derive(Debug, Deserialize)]
struct DocumentObject {
    text: String,
}

fn documents_schema() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    let object = ObjectBuilder::new().property("text", text()).required("text");
    let document = OneOfBuilder::new().item(text()).item(object);
    let documents = ArrayBuilder::new().items(document);
    documents.min_items(Some(1)).max_items(Some(MAX_DOCUMENTS)).into()
}

/// Texts by relevance.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct RerankResponse {
    id: String,
    model: String,
    /// Best first.
    results: Vec<RerankResult>,
    usage: RerankUsage,
    meta: RerankMeta,
}

/// A text.
#[derive(Debug, Serialize, ToSchema)]
struct RerankResult {
    /// Its place in the request.
    index: usize,
    /// Estimated probability that it answers the question, 0 to 1.
    relevance_score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<RerankedText>,
}

/// A text as it was sent.
#[derive(Debug, Serialize, ToSchema)]
struct RerankedText {
    text: String,
}

/// Tokens of the question and the texts, by the embedding model's tokenizer.
#[derive(Debug, Serialize, ToSchema)]
struct RerankUsage {
    total_tokens: usize,
}

/// What Cohere's clients expect.
#[derive(Debug, Serialize, ToSchema)]
struct RerankMeta {
    api_version: RerankVersion,
    billed_units: BilledUnits,
}

/// The version of Cohere's API.
#[derive(Debug, Serialize, ToSchema)]
struct RerankVersion {
    #[schema(example = "2")]
    version: &'static str,
}

/// Always 0.
#[derive(Debug, Serialize, ToSchema)]
struct BilledUnits {
    search_units: u32,
}

/// Rerank texts
///
/// Ranks texts for a question by late interaction, as a search ranks passages. A long text counts as its best passage.
/// Requests wait for their turn.
#[utoipa::path(
    post,
    path = "/v1/rerank",
    operation_id = "rerank",
    tag = "openai",
    request_body(content = RerankRequest, example = json!({
        "model": "footnote", "query": "who expects a cut?", "documents": ["麵包很香。", "聯準會可能在2026年降息兩次。"], "top_n": 1
    })),
    responses((status = 200, description = "The texts, best first", body = RerankResponse), OpenAiQuestionProblems)
)]
pub(in super::super) async fn rerank(
    State(app): State<Arc<App>>,
    Embed(slot): Embed,
    Json(request, _reserved): Json<RerankRequest>,
) -> Result<axum::Json<RerankResponse>, Problem> {
    let RerankRequest { model, query, documents, top_n, return_documents } = request;
    let model = model.unwrap_or_else(|| "footnote".to_owned());
    if ChatModel::parse(&model).is_none() && embedding_role(&model, &app.model).is_none() {
        return Err(no_model(&model));
    }
    if documents.is_empty() || documents.len() > MAX_DOCUMENTS {
        return Err(Problem::bad_request(
            format!("`documents` has {} texts", documents.len()),
            format!("send 1 to {MAX_DOCUMENTS}"),
        ));
    }
    if top_n == Some(0) {
        return Err(Problem::bad_request("`top_n` is 0", "ask for at least one result"));
    }
    let texts: Vec<String> = documents
        .into_iter()
        .map(|document| match document {
            Document::Text(text) | Document::Object(JsonObject(DocumentObject { text })) => text,
        })
        .collect();
    let work = move |footnote: &crate::Footnote, cancel: &crate::cancel::Cancel| {
        let reranked = footnote.rerank(&query, &texts, cancel)?;
        Ok((reranked, texts))
    };
    let (reranked, mut texts) = slot.run_cancellable(&app, None, work).await?;
    let mut order: Vec<(usize, f32)> = reranked.relevances.into_iter().enumerate().collect();
    // The sort is stable: equally relevant texts stay in their order.
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.truncate(top_n.unwrap_or(usize::MAX));
    let text = |index: usize| RerankedText { text: std::mem::take(&mut texts[index]) };
    let mut text = Some(text).filter(|_| return_documents == Some(true));
    let result = |(index, relevance_score)| RerankResult {
        index,
        relevance_score,
        document: text.as_mut().map(|text| text(index)),
    };
    Ok(axum::Json(RerankResponse {
        id: new_id("rerank-"),
        model,
        results: order.into_iter().map(result).collect(),
        usage: RerankUsage { total_tokens: reranked.tokens },
        meta: RerankMeta { api_version: RerankVersion { version: "2" }, billed_units: BilledUnits { search_units: 0 } },
    }))
}
