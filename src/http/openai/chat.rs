//! `POST /v1/chat/completions`: answers the last message of a conversation with a message that has footnotes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use super::super::App;
use super::super::admission::Read;
use super::super::ask::MAX_TOP_K;
use super::super::body::Json;
use super::super::json_object::JsonObject;
use super::super::problem::Problem;
use super::super::schema::{OpenAiQuestionProblems, examples, filters};
use super::super::stream::ServerSentEvent;
use super::events::{Head, chunks, doubles_annotations, source};
use super::models::{ChatModel, no_model};
use super::prose::{Annotation, Prose};
use super::{Usage, now};
use crate::filter::Filter;
use crate::footnote::{Footnote, MAX_QUESTION_CHARS, Question, condense_question};
use crate::json::{in_range, whole};
use crate::links::Links;

/// Largest body: a long conversation.
pub(in super::super) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// A conversation. Unknown fields are ignored.
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
    /// Footnote's own options.
    #[schema(value_type = Option<FootnoteOptions>)]
    footnote: Option<JsonObject<FootnoteOptions>>,
}

/// Options that only Footnote has. They are separate since clients send a `top_k` that means sampling.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FootnoteOptions {
    /// Passages to find and cite, at most. Default: the configured number.
    #[schema(minimum = 1, maximum = 100)]
    #[serde(default, deserialize_with = "whole")]
    top_k: Option<usize>,
    #[schema(schema_with = filters::own)]
    filter: Option<Map<String, Value>>,
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
    text: Option<String>,
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
    let said: Vec<String> = request
        .messages
        .iter()
        .map(|JsonObject(message)| message)
        .filter(|message| message.role == "user")
        .map(text)
        .collect();
    let mut messages = request.messages.iter().map(|JsonObject(message)| message);
    let answered = messages.rfind(|message| message.role == "assistant").map(text).unwrap_or_default();
    if request.messages.is_empty() {
        return Err(Problem::bad_request("`messages` is empty", "send the question as a message with the role `user`"));
    }
    if said.last().is_some_and(|last| last.chars().count() > MAX_QUESTION_CHARS) {
        return Err(Problem::bad_request(
            format!("the last message has more than {MAX_QUESTION_CHARS} characters"),
            "ask a shorter question",
        ));
    }
    let FootnoteOptions { top_k, filter } = request.footnote.map(|JsonObject(options)| options).unwrap_or_default();
    let question = Question {
        text: String::new(),
        top_k: in_range("footnote.top_k", top_k, 1, MAX_TOP_K)?,
        context_sentences: None,
        mode: model.mode,
        filter: filter.as_ref().map_or(Ok(Filter::default()), Filter::from_json)?,
        language: None,
    };
    let streamed = request.stream == Some(true);
    let head = Head {
        id: format!("chatcmpl-{}", &blake3::hash(format!("{:?}", jiff::Timestamp::now()).as_bytes()).to_hex()[..24]),
        object: if streamed { "chat.completion.chunk" } else { "chat.completion" },
        created: now(),
        model: request.model,
    };
    let (prose, sources, usage) = slot
        .run_cancellable(&app, model.collection, move |footnote, cancel| {
            let (last, earlier) = said.split_last().map_or(("", &[][..]), |(last, earlier)| (last.as_str(), earlier));
            let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
            // "OK" has no language of its own; the conversation has.
            let language = said.iter().rev().find_map(|text| Footnote::language_of(text));
            let follow_up = condense_question(&earlier, last);
            let question = Question { text: follow_up.text.clone(), language, ..question };
            // A message that is no answer lists passages in its second paragraph.
            let answered = answered.split("\n\n").next().unwrap_or_default();
            let answer = match question.text.is_empty() {
                // Some clients open a conversation with an empty message.
                true => footnote.unasked(&question)?,
                false => footnote.ask_after(answered, &follow_up, &question, cancel)?,
            };
            let sources = answer.citations.iter().map(|citation| source(citation, &links, footnote.name()));
            let sources = if streamed { sources.collect() } else { Vec::new() };
            let prose = Prose::of(&answer, &links, footnote.name());
            let (prompt, completion) = (footnote.count_tokens(&question.text)?, footnote.count_tokens(&prose.text())?);
            let total_tokens = prompt + completion;
            Ok((prose, sources, Usage { prompt_tokens: prompt, completion_tokens: Some(completion), total_tokens }))
        })
        .await?;
    if streamed {
        let wanted = request.stream_options.and_then(|JsonObject(options)| options.include_usage) == Some(true);
        let annotated = !doubles_annotations(&headers);
        let chunks = chunks(&head, &prose, sources, annotated, wanted.then_some(usage)).into_iter();
        // Shapes of strings, numbers and lists always serialize.
        let events = chunks.map(|chunk| Event::default().json_data(chunk).unwrap_or_default());
        let events = events.chain([Event::default().data("[DONE]")]).map(Ok::<_, Infallible>);
        return Ok(Sse::new(tokio_stream::iter(events)).into_response());
    }
    let message =
        AnswerMessage { role: "assistant", content: prose.text(), refusal: None, annotations: prose.annotations };
    let Head { id, object, created, model } = head;
    let choices = vec![Choice { index: 0, message, logprobs: None, finish_reason: "stop" }];
    Ok(axum::Json(ChatCompletion { id, object, created, model, choices, usage }).into_response())
}

fn text(message: &ChatMessage) -> String {
    match &message.content {
        Some(Content::Text(text)) => text.clone(),
        Some(Content::Parts(parts)) => {
            parts.iter().filter_map(|JsonObject(part)| part.text.as_deref()).collect::<Vec<_>>().join("\n")
        }
        None => String::new(),
    }
}
