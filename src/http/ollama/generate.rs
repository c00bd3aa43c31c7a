//! `POST /api/generate`: answers a question without a conversation.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::App;
use super::super::admission::Read;
use super::super::body::Json;
use super::super::json_object::JsonObject;
use super::super::openai::conversation::{Conversation, Wanted};
use super::super::openai::models::ChatModel;
use super::super::problem::Problem;
use super::super::schema::OllamaProblems;
use super::stream::{Done, created_at, lines};
use super::{OllamaOptions, Unsupported, ending, no_model, without_tag};
use crate::filter::Filter;
use crate::links::Links;

/// A question. Fields that only steer how a language model samples have no effect; `format`, `logprobs`, `suffix` and images
/// are refused.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct OllamaPrompt {
    /// `footnote`, or another of `GET /api/tags`.
    #[schema(example = "footnote")]
    model: String,
    /// The question. Without one nothing is asked.
    prompt: Option<String>,
    /// Instructions for a language model. They have no effect.
    system: Option<String>,
    /// Whether to send the answer in pieces, one JSON object on each line. Default: true.
    stream: Option<bool>,
    #[schema(value_type = Option<OllamaOptions>)]
    options: Option<JsonObject<OllamaOptions>>,
    #[schema(ignore)]
    #[serde(flatten)]
    unsupported: Unsupported,
}

/// An answer, or a piece of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaCompletion {
    model: String,
    /// RFC 3339.
    created_at: String,
    /// Markdown: sentences with footnote marks, then a list of the sources.
    response: String,
    /// Whether it is the last.
    done: bool,
    #[serde(flatten)]
    end: Option<Done>,
}

/// Generate with an Ollama client
///
/// Answers a question with sentences quoted from the documents.
#[utoipa::path(
    post,
    path = "/api/generate",
    operation_id = "ollama_generate",
    tag = "others",
    request_body(content = OllamaPrompt, example = json!({
        "model": "footnote", "prompt": "who expects the Fed to cut in 2026", "stream": false
    })),
    responses(
        (status = 200, description = "The answer; one JSON object on each line unless `stream` is false", content(
            (OllamaCompletion = "application/json"),
            (String = "application/x-ndjson")
        )),
        OllamaProblems
    )
)]
pub(in super::super) async fn generate(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    Json(request, _reserved): Json<OllamaPrompt>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let model = ChatModel::parse(without_tag(&request.model)).ok_or_else(|| no_model(&request.model))?;
    let name = request.model;
    let answer = |response: String, end: Option<Done>| OllamaCompletion {
        model: name.clone(),
        created_at: created_at(),
        response,
        done: end.is_some(),
        end,
    };
    let Some(prompt) = request.prompt.filter(|prompt| !prompt.is_empty()) else {
        return Ok(axum::Json(answer(String::new(), Some(Done::loaded()))).into_response());
    };
    let mut conversation = Conversation::default();
    conversation.add("system", request.system.unwrap_or_default());
    conversation.add("user", prompt);
    if !conversation.is_task() {
        request.unsupported.check()?;
    }
    let wanted = Wanted { model, top_k: None, filter: Filter::default(), ending: ending(request.options)? };
    let spoken = conversation.answer(slot, &app, links, wanted).await?;
    let done = Done::of(&spoken, started);
    if request.stream == Some(false) {
        return Ok(axum::Json(answer(spoken.prose.text(), Some(done))).into_response());
    }
    let pieces = spoken.prose.pieces.into_iter().map(|piece| answer(piece, None));
    Ok(lines(pieces.chain([answer(String::new(), Some(done))])))
}
