//! `POST /v1/responses`: `OpenAI`'s newer API for answers. It gives what chat completions give, with annotations that
//! name documents as well as addresses.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use super::super::App;
use super::super::admission::Read;
use super::super::body::Json;
use super::super::json_object::JsonObject;
use super::super::problem::Problem;
use super::super::schema::{OpenAiQuestionProblems, filters};
use super::super::stream::ServerSentEvent;
use super::chat::{FootnoteOptions, Part, texts};
use super::conversation::{Conversation, Wanted};
use super::ending::Ending;
use super::models::{ChatModel, no_model};
use super::now;
use super::parameters::{check_format, check_tool_choice, is_set, no_logprobs};
use super::response::{Given, ResponseObject, events};
use super::vector_stores::{MAX_RESULTS, read_filter};
use crate::filter::Filter;
use crate::json::{in_range, whole};
use crate::library::AskedOf;
use crate::links::Links;

/// A question in `OpenAI`'s newer form. Fields that only steer how a language model samples have no effect. Nothing is
/// stored: `previous_response_id`, `conversation`, `background` and `prompt` are refused, as are `text.format` other than
/// text, `top_logprobs`, images and files, and tools that the server would have to run, except `file_search`.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct ResponseRequest {
    /// `footnote`, or another of `GET /v1/models`.
    #[schema(example = "footnote")]
    model: String,
    /// The question, or the messages of a conversation, whose last one is the question.
    #[schema(schema_with = input_schema)]
    input: Input,
    /// Instructions for a language model. They have no effect.
    instructions: Option<String>,
    /// Whether to stream the answer as server-sent events.
    stream: Option<bool>,
    /// The most tokens of the answer, by the embedding model's tokenizer. The answer then ends behind a whole sentence, and
    /// its `status` is `incomplete`.
    #[schema(minimum = 0)]
    #[serde(default, deserialize_with = "whole")]
    max_output_tokens: Option<usize>,
    /// `file_search` chooses the collection. Functions are never called.
    #[schema(value_type = Option<Vec<ResponseTool>>)]
    tools: Option<Vec<JsonObject<ResponseTool>>>,
    /// With `file_search_call.results` the passages found are part of the response.
    #[schema(schema_with = include_schema)]
    include: Option<Vec<String>>,
    /// Returned as given.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// Footnote's own options.
    #[schema(value_type = Option<FootnoteOptions>)]
    footnote: Option<JsonObject<FootnoteOptions>>,
    #[schema(ignore)]
    #[serde(flatten)]
    unsupported: Unsupported,
}

/// Parameters that are accepted if they ask for what is given anyway.
#[derive(Debug, Default, Deserialize)]
struct Unsupported {
    previous_response_id: Option<Value>,
    conversation: Option<Value>,
    background: Option<Value>,
    prompt: Option<Value>,
    text: Option<Value>,
    tool_choice: Option<Value>,
    top_logprobs: Option<Value>,
}

/// A tool.
#[derive(Debug, Deserialize, ToSchema)]
struct ResponseTool {
    #[schema(schema_with = tool_type_schema)]
    r#type: String,
    /// The collections to search; several are searched together.
    #[schema(max_items = 32)]
    vector_store_ids: Option<Vec<String>>,
    /// Passages to find and cite, at most.
    #[schema(minimum = 1, maximum = 50)]
    #[serde(default, deserialize_with = "whole")]
    max_num_results: Option<usize>,
    #[schema(value_type = Option<filters::StoreFilter>)]
    filters: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Items(Vec<JsonObject<Item>>),
}

/// A message. Items of other types, such as those of earlier responses, are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ResponseItem)]
pub(in super::super) struct Item {
    #[schema(schema_with = item_type_schema)]
    r#type: Option<String>,
    /// `user` for questions.
    #[schema(example = "user")]
    role: Option<String>,
    /// The text, or a list of parts with texts.
    #[schema(schema_with = content_schema)]
    content: Option<ItemContent>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ItemContent {
    Text(String),
    Parts(Vec<JsonObject<Part>>),
}

fn text_schema() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

fn input_schema() -> RefOr<Schema> {
    let items = ArrayBuilder::new().items(Ref::from_schema_name("ResponseItem")).min_items(Some(1));
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(text_schema()).item(items).build()))
}

fn content_schema() -> RefOr<Schema> {
    let parts = ArrayBuilder::new().items(Ref::from_schema_name("MessagePart"));
    let none = ObjectBuilder::new().schema_type(SchemaType::new(Type::Null));
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(text_schema()).item(parts).item(none).build()))
}

fn item_type_schema() -> RefOr<Schema> {
    let kinds = SchemaType::Array(vec![Type::String, Type::Null]);
    let told = "`message`; items of other types are ignored.";
    ObjectBuilder::new().schema_type(kinds).description(Some(told)).examples(["message"]).into()
}

fn tool_type_schema() -> RefOr<Schema> {
    text_schema().enum_values(Some(["file_search", "function"])).into()
}

/// What a response includes if it is asked to; a response has no reasoning.
const INCLUDED: [&str; 2] = ["file_search_call.results", "reasoning.encrypted_content"];

fn include_schema() -> RefOr<Schema> {
    let kinds = SchemaType::Array(vec![Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(text_schema().enum_values(Some(INCLUDED))).into()
}

/// Respond
///
/// Answers a question, or the last message of a conversation, with sentences quoted from the documents. With `stream` the
/// answer is sent as events. Responses are not stored: earlier messages are sent again in `input`.
#[utoipa::path(
    post,
    path = "/v1/responses",
    operation_id = "openai_respond",
    tag = "openai",
    request_body(content = ResponseRequest, example = json!({
        "model": "footnote", "input": "who expects the Fed to cut in 2026",
        "tools": [{"type": "file_search", "vector_store_ids": ["default"]}], "include": ["file_search_call.results"]
    })),
    responses(
        (status = 200, description = "The answer", content(
            (ResponseObject = "application/json"),
            (ServerSentEvent = "text/event-stream",
                example = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"…[1]\"}\n\n")
        )),
        OpenAiQuestionProblems
    )
)]
pub(in super::super) async fn respond(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    Json(request, _reserved): Json<ResponseRequest>,
) -> Result<Response, Problem> {
    let mut model = ChatModel::parse(&request.model).ok_or_else(|| no_model(&request.model))?;
    let conversation = conversation(request.input, request.instructions.as_ref())?;
    let tools: Vec<&ResponseTool> = request.tools.iter().flatten().map(|JsonObject(tool)| tool).collect();
    let search = tools.iter().copied().find(|tool| tool.r#type == FILE_SEARCH);
    if !conversation.is_task() {
        request.unsupported.check(search.is_some())?;
        check_tools(&tools)?;
    }
    let include = request.include.unwrap_or_default();
    if include.iter().any(|part| part == "message.output_text.logprobs") {
        return Err(no_logprobs());
    }
    if let Some(unknown) = include.iter().find(|part| !INCLUDED.contains(&part.as_str())) {
        return Err(Problem::bad_request(
            format!("`include` asks for `{unknown}`, which no response has"),
            format!("leave it out; `{}` includes the passages found", INCLUDED[0]),
        ));
    }
    let FootnoteOptions { top_k, filter, mode } =
        request.footnote.map(|JsonObject(options)| options).unwrap_or_default();
    model.mode = mode.map(Into::into).or(model.mode);
    let mut filters = vec![filter.as_ref().map_or(Ok(Filter::default()), Filter::from_json)?];
    if let Some(tool) = search {
        choose_collection(&mut model, tool)?;
        filters.extend(tool.filters.as_ref().map(|filter| read_filter(filter, 0)).transpose()?);
    }
    let results = search.and_then(|tool| tool.max_num_results);
    let top_k = top_k.or(in_range("max_num_results", results, 1, MAX_RESULTS)?);
    let ending = Ending { stop: Vec::new(), max_tokens: request.max_output_tokens };
    let filter = if filters.len() == 1 { filters.remove(0) } else { Filter::All(filters) };
    let filter = filter.without_files();
    let created_at = now();
    let spoken = conversation.answer(slot, &app, links.clone(), Wanted { model, top_k, filter, ending }).await?;
    let given = Given {
        created_at,
        model: request.model,
        instructions: request.instructions,
        max_output_tokens: request.max_output_tokens,
        metadata: request.metadata.unwrap_or_default(),
        searches: search.is_some(),
        with_results: include.iter().any(|part| part == INCLUDED[0]),
        store: spoken.collection.clone(),
    };
    let pieces = spoken.prose.pieces.clone();
    let response = ResponseObject::new(given, spoken);
    if request.stream == Some(true) {
        // Shapes of strings, numbers and lists always serialize.
        let event = |event: Value| {
            let name = event["type"].as_str().unwrap_or_default().to_owned();
            Ok::<_, Infallible>(Event::default().event(name).json_data(event).unwrap_or_default())
        };
        let events: Vec<_> = events(&response, &pieces).into_iter().map(event).collect();
        return Ok(Sse::new(tokio_stream::iter(events)).into_response());
    }
    Ok(axum::Json(response).into_response())
}

const FILE_SEARCH: &str = "file_search";

/// The messages among the items.
fn conversation(input: Input, instructions: Option<&String>) -> Result<Conversation, Problem> {
    let mut conversation = Conversation::default();
    if let Some(text) = instructions {
        conversation.add("system", text.clone());
    }
    let items = match input {
        Input::Text(text) => {
            conversation.add("user", text);
            return Ok(conversation);
        }
        Input::Items(items) => items,
    };
    if items.is_empty() {
        return Err(Problem::bad_request("`input` is empty", "send the question, or messages that end with it"));
    }
    for JsonObject(Item { r#type, role, content }) in items {
        match (r#type.as_deref(), role, content) {
            (Some("item_reference"), ..) => {
                return Err(Problem::bad_request(
                    "`input` refers to an item of an earlier response, and responses are not stored",
                    "send the messages themselves",
                ));
            }
            (None | Some("message"), Some(role), Some(ItemContent::Text(text))) => conversation.add(&role, text),
            (None | Some("message"), Some(role), Some(ItemContent::Parts(parts))) => {
                let parts = parts.iter().map(|JsonObject(part)| part);
                let text = match role.as_str() {
                    "user" => texts(parts)?,
                    _ => parts.filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n"),
                };
                conversation.add(&role, text);
            }
            (Some("input_image" | "input_file" | "input_audio"), ..) => {
                return Err(super::parameters::not_text(&r#type.unwrap_or_default()));
            }
            _ => {}
        }
    }
    Ok(conversation)
}

impl Unsupported {
    /// `searches` is whether there is a tool that is used whenever there is a question.
    fn check(&self, searches: bool) -> Result<(), Problem> {
        for (name, value) in
            [("previous_response_id", &self.previous_response_id), ("conversation", &self.conversation)]
        {
            if is_set(value.as_ref()) {
                return Err(Problem::bad_request(
                    format!("`{name}` names an earlier response, and responses are not stored"),
                    format!("leave `{name}` out and send the earlier messages in `input`"),
                ));
            }
        }
        for (name, value) in [("background", &self.background), ("prompt", &self.prompt)] {
            if is_set(value.as_ref()) {
                return Err(Problem::bad_request(
                    format!("`{name}` is not supported"),
                    format!("leave `{name}` out; an answer takes well under a second"),
                ));
            }
        }
        if is_set(self.top_logprobs.as_ref()) {
            return Err(no_logprobs());
        }
        check_format("text.format", self.text.as_ref().and_then(|text| text.get("format")).filter(|it| !it.is_null()))?;
        let choice = self.tool_choice.as_ref();
        let is_search = |choice: &Value| choice == "required" || choice["type"] == FILE_SEARCH;
        let is_allowed = |choice: &Value| choice["type"] == "allowed_tools" && choice["mode"] != "required";
        if choice.is_some_and(|choice| (searches && is_search(choice)) || is_allowed(choice)) {
            return Ok(());
        }
        check_tool_choice("tool_choice", choice)
    }
}

/// Functions need not be called, but what the server itself would have to run is missed if it does not.
fn check_tools(tools: &[&ResponseTool]) -> Result<(), Problem> {
    match tools.iter().find(|tool| !matches!(tool.r#type.as_str(), FILE_SEARCH | "function" | "custom")) {
        Some(other) => Err(Problem::bad_request(
            format!("there is no tool `{}`", other.r#type),
            "leave it out; `file_search` searches the documents, and functions are accepted but never called",
        )),
        None => Ok(()),
    }
}

/// The collections that the tool names.
fn choose_collection(model: &mut ChatModel, tool: &ResponseTool) -> Result<(), Problem> {
    let ids = tool.vector_store_ids.as_deref().unwrap_or_default();
    let asked = match ids {
        [] => return Ok(()),
        [id] => AskedOf::parse(id)?,
        several => AskedOf::several(several.to_vec())?,
    };
    if model.asked != AskedOf::Configured && model.asked != asked {
        return Err(Problem::bad_request(
            "`model` and `vector_store_ids` name different collections",
            "name them in one of the two; `model` is then `footnote`",
        ));
    }
    model.asked = asked;
    Ok(())
}
