//! `POST /api/chat`: answers the last message of a conversation.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// A conversation. Fields that only steer how a language model samples have no effect; `format`, `logprobs` and images are
/// refused. Tools are never called.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct OllamaChat {
    /// `footnote`, or another of `GET /api/tags`.
    #[schema(example = "footnote")]
    model: String,
    /// The user's last message is the question. Earlier ones are used if it refers to them. Without messages nothing is
    /// asked.
    #[schema(value_type = Option<Vec<OllamaMessage>>)]
    messages: Option<Vec<JsonObject<OllamaMessage>>>,
    /// Whether to send the answer in pieces, one JSON object on each line. Default: true.
    stream: Option<bool>,
    #[schema(value_type = Option<OllamaOptions>)]
    options: Option<JsonObject<OllamaOptions>>,
    #[schema(ignore)]
    #[serde(flatten)]
    unsupported: Unsupported,
}

/// A message of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
struct OllamaMessage {
    /// `user` for questions.
    #[schema(example = "user")]
    role: String,
    content: Option<String>,
    #[schema(ignore)]
    images: Option<Vec<Value>>,
}

/// An answer, or a piece of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaAnswer {
    model: String,
    /// RFC 3339.
    created_at: String,
    message: Said,
    /// Whether it is the last.
    done: bool,
    #[serde(flatten)]
    end: Option<Done>,
}

/// What was said.
#[derive(Debug, Serialize, ToSchema)]
struct Said {
    #[schema(example = "assistant")]
    role: &'static str,
    /// Markdown: sentences with footnote marks, then a list of the sources.
    content: String,
}

/// Chat with an Ollama client
///
/// Answers the last message of a conversation with sentences quoted from the documents.
#[utoipa::path(
    post,
    path = "/api/chat",
    operation_id = "ollama_chat",
    tag = "others",
    request_body(content = OllamaChat, example = json!({
        "model": "footnote", "messages": [{"role": "user", "content": "who expects the Fed to cut in 2026"}], "stream": false
    })),
    responses(
        (status = 200, description = "The answer; one JSON object on each line unless `stream` is false", content(
            (OllamaAnswer = "application/json"),
            (String = "application/x-ndjson")
        )),
        OllamaProblems
    )
)]
pub(in super::super) async fn chat(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    Json(request, _reserved): Json<OllamaChat>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let model = ChatModel::parse(without_tag(&request.model)).ok_or_else(|| no_model(&request.model))?;
    let name = request.model;
    let answer = |content: String, end: Option<Done>| OllamaAnswer {
        model: name.clone(),
        created_at: created_at(),
        message: Said { role: "assistant", content },
        done: end.is_some(),
        end,
    };
    let mut conversation = Conversation::default();
    for JsonObject(OllamaMessage { role, content, images }) in request.messages.unwrap_or_default() {
        if role == "user" && images.is_some_and(|images| !images.is_empty()) {
            return Err(Problem::bad_request(
                "a message has images, and only text is read",
                "send the question as text",
            ));
        }
        conversation.add(&role, content.unwrap_or_default());
    }
    if conversation.said.is_empty() {
        return Ok(axum::Json(answer(String::new(), Some(Done::loaded()))).into_response());
    }
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
