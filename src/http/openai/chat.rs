//! `POST /v1/chat/completions`: answers the last message of a conversation with a message that has footnotes.

use std::pin::pin;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::mpsc::unbounded_channel;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use super::super::App;
use super::super::admission::Read;
use super::super::body::Json;
use super::super::json_object::JsonObject;
use super::super::problem::Problem;
use super::super::schema::{OpenAiQuestionProblems, examples, filters};
use super::super::stream::ServerSentEvent;
use super::conversation::{Conversation, Spoken, Wanted};
use super::ending::{Ending, Stop, stop_schema};
use super::events::{Chunks, Head, doubles_annotations};
use super::live;
use super::models::{ChatModel, no_model};
use super::parameters::{Unsupported, not_text};
use super::prose::Annotation;
use super::{Usage, new_id, now};
use crate::filter::Filter;
use crate::json::whole;
use crate::links::Links;
use crate::wire::Mode;

/// Largest body: a long conversation.
pub(in super::super) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// A conversation. Fields that only steer how a language model samples have no effect. `response_format` other than text,
/// a `tool_choice` that demands a call, `logprobs`, `audio`, `web_search_options`, and images are refused.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct ChatRequest {
    /// `footnote`, or another of `GET /v1/models`.
    #[schema(example = "footnote")]
    model: String,
    /// The user's last message is the question. Earlier ones are used if it refers to them.
    #[schema(min_items = 1, value_type = Vec<ChatMessage>)]
    messages: Vec<JsonObject<ChatMessage>>,
    /// Whether to stream the answer as server-sent events.
    stream: Option<bool>,
    #[schema(value_type = Option<StreamOptions>)]
    stream_options: Option<JsonObject<StreamOptions>>,
    /// Must be 1.
    #[schema(minimum = 1, maximum = 1)]
    #[serde(default, deserialize_with = "whole")]
    n: Option<usize>,
    /// The most tokens of the answer, by the embedding model's tokenizer. The answer then ends behind a whole sentence, with
    /// the `finish_reason` `length`.
    #[schema(minimum = 0)]
    #[serde(default, deserialize_with = "whole")]
    max_completion_tokens: Option<usize>,
    /// The older name of `max_completion_tokens`.
    #[schema(minimum = 0)]
    #[serde(default, deserialize_with = "whole")]
    max_tokens: Option<usize>,
    /// The answer ends before the first of these texts.
    #[schema(schema_with = stop_schema)]
    stop: Option<Stop>,
    #[schema(ignore)]
    #[serde(flatten)]
    unsupported: Unsupported,
    /// Footnote's own options.
    #[schema(value_type = Option<FootnoteOptions>)]
    footnote: Option<JsonObject<FootnoteOptions>>,
}

/// Options that only Footnote has. They are separate since clients send a `top_k` that means sampling.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FootnoteOptions {
    /// Passages to find and cite, at most. Default: the configured number.
    #[schema(minimum = 1, maximum = 100)]
    #[serde(default, deserialize_with = "whole")]
    pub(super) top_k: Option<usize>,
    #[schema(schema_with = filters::own)]
    pub(super) filter: Option<Map<String, Value>>,
    /// `write` and `translate` need a language model in the settings. Default: the configured mode, `extract` unless it is
    /// changed.
    #[schema(inline)]
    pub(super) mode: Option<Mode>,
}

/// Options of a stream.
#[derive(Debug, Deserialize, ToSchema)]
struct StreamOptions {
    /// Whether the last chunk has the token usage.
    include_usage: Option<bool>,
}

/// A message of the conversation.
#[derive(Debug, Deserialize, ToSchema)]
struct ChatMessage {
    /// `user` for questions. Messages of other roles are ignored.
    #[schema(example = "user")]
    role: String,
    /// The text, or a list of parts, of which those with a text are used.
    #[schema(schema_with = content_schema)]
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<JsonObject<Part>>),
}

fn content_schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(SchemaType::Array(vec![Type::String, Type::Null]));
    let parts = ArrayBuilder::new().items(Ref::from_schema_name("MessagePart"));
    RefOr::T(Schema::AnyOf(AnyOfBuilder::new().item(text).item(parts).build()))
}

/// A part of a message.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MessagePart)]
pub(in super::super) struct Part {
    /// A text of the user or of the assistant.
    #[schema(schema_with = part_type_schema)]
    pub(super) r#type: Option<String>,
    pub(super) text: Option<String>,
}

/// The types of parts that are texts.
const TEXTS: [&str; 3] = ["text", "input_text", "output_text"];

fn part_type_schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(TEXTS));
    let none = ObjectBuilder::new().schema_type(SchemaType::new(Type::Null));
    RefOr::T(Schema::AnyOf(AnyOfBuilder::new().item(text).item(none).build()))
}

/// A message with footnotes.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct ChatCompletion {
    id: String,
    #[schema(example = "chat.completion")]
    object: &'static str,
    /// Seconds since 1970.
    created: i64,
    model: String,
    /// Exactly one.
    choices: Vec<Choice>,
    usage: Usage,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
struct Choice {
    index: usize,
    message: AnswerMessage,
    #[schema(required)]
    logprobs: Option<String>,
    #[schema(example = "stop")]
    finish_reason: &'static str,
}

/// The answer's message.
#[derive(Debug, Serialize, ToSchema)]
struct AnswerMessage {
    #[schema(example = "assistant")]
    role: &'static str,
    /// Markdown: sentences with footnote marks, then a list of the sources.
    content: String,
    #[schema(required)]
    refusal: Option<String>,
    /// The footnote marks and what they cite.
    annotations: Vec<Annotation>,
}

/// Chat
///
/// Answers the last message of a conversation with sentences quoted from the documents. With `stream` the answer is sent
/// in chunks, together with the sources that `Open WebUI` shows.
#[utoipa::path(
    post,
    path = "/v1/chat/completions",
    operation_id = "openai_chat",
    tag = "openai",
    request_body(content = ChatRequest, example = json!(examples::chat())),
    responses(
        (status = 200, description = "The answer", content(
            (ChatCompletion = "application/json"),
            (ServerSentEvent = "text/event-stream", example = "data: {\"object\":\"chat.completion.chunk\"}\n\ndata: [DONE]\n\n")
        )),
        OpenAiQuestionProblems
    )
)]
pub(in super::super) async fn complete(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    headers: HeaderMap,
    Json(request, _reserved): Json<ChatRequest>,
) -> Result<Response, Problem> {
    let model = ChatModel::parse(&request.model).ok_or_else(|| no_model(&request.model))?;
    if request.n.is_some_and(|n| n != 1) {
        return Err(Problem::bad_request("`n` is not 1", "leave `n` out; there is one answer"));
    }
    if request.messages.is_empty() {
        return Err(Problem::bad_request("`messages` is empty", "send the question as a message with the role `user`"));
    }
    let mut conversation = Conversation::default();
    for JsonObject(message) in &request.messages {
        conversation.add(&message.role, text(message)?);
    }
    if !conversation.is_task() {
        request.unsupported.check()?;
    }
    let FootnoteOptions { top_k, filter, mode } =
        request.footnote.map(|JsonObject(options)| options).unwrap_or_default();
    let model = ChatModel { mode: mode.map(Into::into).or(model.mode), ..model };
    let filter = filter.as_ref().map_or(Ok(Filter::default()), Filter::from_json)?.without_files();
    let ending = Ending::new(request.stop, request.max_completion_tokens.or(request.max_tokens))?;
    let wanted = Wanted { model, top_k, filter, ending };
    let streamed = request.stream == Some(true);
    let head = Head {
        id: new_id("chatcmpl-"),
        object: if streamed { "chat.completion.chunk" } else { "chat.completion" },
        created: now(),
        model: request.model,
    };
    if streamed {
        let with_usage = request.stream_options.and_then(|JsonObject(options)| options.include_usage) == Some(true);
        let annotated = !doubles_annotations(&headers);
        return live::stream(move |to_client| async move {
            let mut chunks = Chunks::new(head, links.clone());
            let (say, mut said) = unbounded_channel();
            let answering = conversation.answer_live(slot, &app, links, wanted, move |part| {
                // The client may have gone away.
                let _ = say.send(part);
            });
            let mut answering = pin!(answering);
            let spoken = loop {
                tokio::select! {
                    biased;
                    Some(part) = said.recv() => to_client.send(chunks.said(part)),
                    spoken = &mut answering => break spoken?,
                }
            };
            // The last parts may have come together with the end.
            while let Ok(part) = said.try_recv() {
                to_client.send(chunks.said(part));
            }
            to_client.send(chunks.end(&spoken, annotated, with_usage));
            Ok(())
        })
        .await;
    }
    let Spoken { prose, usage, finish, .. } = conversation.answer(slot, &app, links, wanted).await?;
    let message =
        AnswerMessage { role: "assistant", content: prose.text(), refusal: None, annotations: prose.annotations };
    let Head { id, object, created, model } = head;
    let choices = vec![Choice { index: 0, message, logprobs: None, finish_reason: finish.name() }];
    Ok(axum::Json(ChatCompletion { id, object, created, model, choices, usage }).into_response())
}

fn text(message: &ChatMessage) -> Result<String, Problem> {
    match &message.content {
        Some(Content::Text(text)) => Ok(text.clone()),
        Some(Content::Parts(parts)) if message.role == "user" => texts(parts.iter().map(|JsonObject(part)| part)),
        Some(Content::Parts(parts)) => {
            Ok(parts.iter().filter_map(|JsonObject(part)| part.text.as_deref()).collect::<Vec<_>>().join("\n"))
        }
        None => Ok(String::new()),
    }
}

/// The text of a message in parts.
pub(super) fn texts<'p>(parts: impl Iterator<Item = &'p Part>) -> Result<String, Problem> {
    let mut texts = Vec::new();
    for part in parts {
        match &part.r#type {
            Some(kind) if !TEXTS.contains(&kind.as_str()) => return Err(not_text(kind)),
            _ => texts.extend(part.text.as_deref()),
        }
    }
    Ok(texts.join("\n"))
}
