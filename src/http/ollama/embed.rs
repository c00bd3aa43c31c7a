//! `POST /api/embed` and `/api/embeddings`: embed texts with the configured model.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::super::App;
use super::super::admission::{Embed, Slot};
use super::super::body::Json;
use super::super::openai::models::embedding_role;
use super::super::openai::{MAX_TEXTS, one_or_more_texts};
use super::super::problem::Problem;
use super::super::schema::OllamaProblems;
use super::{no_model, without_tag};
use crate::footnote::Embeddings;
use crate::json::whole;

/// Texts to embed. A text that is too long for the model is refused, also with `truncate`.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct OllamaTexts {
    /// The embedding model's name. Append `:query` to embed queries instead of passages.
    #[schema(example = "footnote-e5-small")]
    model: String,
    /// One text or several.
    #[schema(schema_with = input_schema)]
    input: Input,
    #[schema(ignore)]
    #[serde(default, deserialize_with = "whole")]
    dimensions: Option<usize>,
}

fn input_schema() -> RefOr<Schema> {
    one_or_more_texts(MAX_TEXTS, None)
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Texts(Vec<String>),
}

/// A text to embed.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct OllamaText {
    /// The embedding model's name. Append `:query` to embed queries instead of passages.
    #[schema(example = "footnote-e5-small")]
    model: String,
    /// The text.
    #[schema(min_length = 1, pattern = "[^\\s\\u0085]")]
    prompt: String,
}

/// Vectors of L2 norm 1, in the order of the texts.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaEmbeddings {
    model: String,
    embeddings: Vec<Vec<f32>>,
    /// Nanoseconds.
    total_duration: u64,
    /// Always 0.
    load_duration: u64,
    /// Tokens that the model read.
    prompt_eval_count: usize,
}

/// A vector of L2 norm 1.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaEmbedding {
    embedding: Vec<f32>,
}

/// Embed texts for an Ollama client
#[utoipa::path(
    post,
    path = "/api/embed",
    operation_id = "ollama_embed",
    tag = "others",
    request_body(content = OllamaTexts, example = json!({"model": "footnote-e5-small", "input": ["聯準會降息"]})),
    responses((status = 200, description = "The vectors", body = OllamaEmbeddings), OllamaProblems)
)]
pub(in super::super) async fn texts(
    State(app): State<Arc<App>>,
    Embed(slot): Embed,
    Json(OllamaTexts { model, input, dimensions }, _reserved): Json<OllamaTexts>,
) -> Result<axum::Json<OllamaEmbeddings>, Problem> {
    let started = Instant::now();
    let texts = match input {
        Input::Text(text) => vec![text],
        Input::Texts(texts) => texts,
    };
    let found = embed(&app, slot, &model, texts).await?;
    let length = found.vectors.first().map_or(0, Vec::len);
    if let Some(wanted) = dimensions.filter(|wanted| *wanted != length) {
        return Err(Problem::bad_request(
            format!("`dimensions` is {wanted}; the model's vectors have {length}"),
            "leave `dimensions` out: this model's vectors cannot be shortened",
        ));
    }
    Ok(axum::Json(OllamaEmbeddings {
        model,
        embeddings: found.vectors,
        total_duration: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
        load_duration: 0,
        prompt_eval_count: found.tokens,
    }))
}

/// Embed a text for an Ollama client
///
/// The older form of `/api/embed`.
#[utoipa::path(
    post,
    path = "/api/embeddings",
    operation_id = "ollama_embed_one",
    tag = "others",
    request_body(content = OllamaText, example = json!({"model": "footnote-e5-small", "prompt": "聯準會降息"})),
    responses((status = 200, description = "The vector", body = OllamaEmbedding), OllamaProblems)
)]
pub(in super::super) async fn text(
    State(app): State<Arc<App>>,
    Embed(slot): Embed,
    Json(OllamaText { model, prompt }, _reserved): Json<OllamaText>,
) -> Result<axum::Json<OllamaEmbedding>, Problem> {
    let embedding = embed(&app, slot, &model, vec![prompt]).await?.vectors.pop().unwrap_or_default();
    Ok(axum::Json(OllamaEmbedding { embedding }))
}

async fn embed(app: &App, slot: Slot, model: &str, texts: Vec<String>) -> Result<Embeddings, Problem> {
    let role = embedding_role(without_tag(model), &app.model).ok_or_else(|| no_model(model))?;
    if texts.is_empty() || texts.len() > MAX_TEXTS {
        return Err(Problem::bad_request(
            format!("`input` has {} texts", texts.len()),
            format!("send 1 to {MAX_TEXTS}"),
        ));
    }
    slot.run_cancellable(app, None, move |footnote, cancel| footnote.embed(&texts, role, cancel)).await
}
