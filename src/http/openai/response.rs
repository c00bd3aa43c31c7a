//! A response of `OpenAI`'s Responses API as an object and as a stream of events.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::super::attributes::attributes_of;
use super::conversation::Spoken;
use super::ending::Finish;
use super::new_id;
use super::prose::UrlCitation;
use crate::display::{clean, one_line};
use crate::passage::Citation;

/// What the request determines.
pub(super) struct Given {
    pub(super) created_at: i64,
    pub(super) model: String,
    pub(super) instructions: Option<String>,
    pub(super) max_output_tokens: Option<usize>,
    pub(super) metadata: Map<String, Value>,
    /// Whether the search is reported.
    pub(super) searches: bool,
    /// Whether what was found is reported.
    pub(super) with_results: bool,
    /// The collection.
    pub(super) store: String,
}

/// A response.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in super::super) struct ResponseObject {
    id: String,
    #[schema(example = "response")]
    object: &'static str,
    /// Seconds since 1970.
    created_at: i64,
    /// `completed`, or `incomplete` if the answer has as many tokens as it may.
    #[schema(example = "completed")]
    status: &'static str,
    #[schema(required)]
    error: Option<String>,
    /// Why it is incomplete.
    #[schema(required)]
    incomplete_details: Option<IncompleteDetails>,
    #[schema(required)]
    instructions: Option<String>,
    #[schema(required)]
    max_output_tokens: Option<usize>,
    model: String,
    /// The search, if the request has the tool `file_search`, and the answer.
    output: Vec<OutputItem>,
    parallel_tool_calls: bool,
    /// Always null: responses are not stored.
    #[schema(required)]
    previous_response_id: Option<String>,
    /// Always false.
    store: bool,
    #[schema(required)]
    temperature: Option<f32>,
    #[schema(required)]
    top_p: Option<f32>,
    #[schema(value_type = Object)]
    text: Value,
    #[schema(example = "auto")]
    tool_choice: &'static str,
    #[schema(value_type = Vec<Object>)]
    tools: Vec<Value>,
    #[schema(example = "disabled")]
    truncation: &'static str,
    #[schema(required)]
    usage: Option<ResponseUsage>,
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

/// Why a response is incomplete.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct IncompleteDetails {
    #[schema(example = "max_output_tokens")]
    reason: &'static str,
}

/// A part of a response.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
enum OutputItem {
    /// What was searched for.
    Search(SearchCall),
    /// The answer.
    Message(OutputMessage),
}

/// A search of a collection.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SearchCall {
    #[schema(example = "file_search_call")]
    r#type: &'static str,
    id: String,
    #[schema(example = "completed")]
    status: &'static str,
    /// The question, made independent of the conversation.
    queries: Vec<String>,
    /// The passages found, best first, if the request includes `file_search_call.results`.
    #[schema(required)]
    results: Option<Vec<SearchedFile>>,
}

/// A passage.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SearchedFile {
    /// The document's id.
    file_id: String,
    /// The document's title.
    filename: String,
    /// The collection.
    vector_store_id: String,
    /// Estimated probability that it answers the question, 0 to 1.
    score: f32,
    text: String,
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
}

/// An answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct OutputMessage {
    #[schema(example = "message")]
    r#type: &'static str,
    id: String,
    #[schema(example = "completed")]
    status: &'static str,
    #[schema(example = "assistant")]
    role: &'static str,
    /// Exactly one.
    content: Vec<OutputText>,
}

/// The text of an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct OutputText {
    #[schema(example = "output_text")]
    r#type: &'static str,
    /// Markdown: sentences with footnote marks, then a list of the sources.
    text: String,
    /// For each mark the document, its copies, and the address.
    annotations: Vec<OutputAnnotation>,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    logprobs: Vec<Value>,
}

/// What a mark cites.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OutputAnnotation {
    /// A document.
    FileCitation {
        /// The first character of the mark.
        index: usize,
        /// The document's id.
        file_id: String,
        /// The document's title.
        filename: String,
    },
    /// An address.
    UrlCitation(UrlCitation),
}

/// Token counts, by the embedding model's tokenizer.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ResponseUsage {
    input_tokens: usize,
    input_tokens_details: CachedTokens,
    output_tokens: usize,
    output_tokens_details: ReasoningTokens,
    total_tokens: usize,
}

/// Always 0.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct CachedTokens {
    cached_tokens: usize,
}

/// Always 0.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ReasoningTokens {
    reasoning_tokens: usize,
}

impl ResponseObject {
    pub(super) fn new(given: Given, spoken: Spoken) -> Self {
        let Given { created_at, model, instructions, max_output_tokens, metadata, searches, with_results, store } =
            given;
        let is_cut = spoken.finish == Finish::Length;
        let status = if is_cut { "incomplete" } else { "completed" };
        let usage = ResponseUsage {
            input_tokens: spoken.usage.prompt_tokens,
            input_tokens_details: CachedTokens { cached_tokens: 0 },
            output_tokens: spoken.usage.completion_tokens.unwrap_or_default(),
            output_tokens_details: ReasoningTokens { reasoning_tokens: 0 },
            total_tokens: spoken.usage.total_tokens,
        };
        let mut output = Vec::new();
        if searches {
            let results = spoken.citations.iter().map(|citation| searched(citation, &store)).collect();
            output.push(OutputItem::Search(SearchCall {
                r#type: "file_search_call",
                id: new_id("fs_"),
                status: "completed",
                queries: Some(spoken.question).into_iter().filter(|question| !question.is_empty()).collect(),
                results: with_results.then_some(results),
            }));
        }
        let text = spoken.prose.text();
        let mut annotations = Vec::new();
        for annotation in spoken.prose.annotations {
            let index = annotation.url_citation.start_index;
            let cited = spoken.citations.iter().find(|citation| citation.id == annotation.citation);
            annotations.extend(cited.into_iter().flat_map(|citation| files(citation, index)));
            annotations.push(OutputAnnotation::UrlCitation(annotation.url_citation));
        }
        let content = vec![OutputText { r#type: "output_text", text, annotations, logprobs: Vec::new() }];
        let message = OutputMessage { r#type: "message", id: new_id("msg_"), status, role: "assistant", content };
        output.push(OutputItem::Message(message));
        let search = json!({"type": "file_search", "vector_store_ids": [store]});
        Self {
            id: new_id("resp_"),
            object: "response",
            created_at,
            status,
            error: None,
            incomplete_details: is_cut.then_some(IncompleteDetails { reason: "max_output_tokens" }),
            instructions,
            max_output_tokens,
            model,
            output,
            parallel_tool_calls: false,
            previous_response_id: None,
            store: false,
            temperature: None,
            top_p: None,
            text: json!({"format": {"type": "text"}}),
            tool_choice: "auto",
            tools: if searches { vec![search] } else { Vec::new() },
            truncation: "disabled",
            usage: Some(usage),
            metadata,
        }
    }
}

/// A citation's document and its copies.
fn files(citation: &Citation, index: usize) -> impl Iterator<Item = OutputAnnotation> {
    let passage = &citation.passage;
    let own = std::iter::once((&passage.document.id, &passage.document.title));
    let copies = passage.copies.iter().map(|copy| (&copy.id, &copy.title));
    own.chain(copies).map(move |(id, title)| OutputAnnotation::FileCitation {
        index,
        file_id: id.clone(),
        filename: one_line(title),
    })
}

fn searched(citation: &Citation, store: &str) -> SearchedFile {
    let passage = &citation.passage;
    SearchedFile {
        file_id: passage.document.id.clone(),
        filename: one_line(&passage.document.title),
        vector_store_id: citation.passage.collection_or(store).to_owned(),
        score: passage.relevance,
        text: clean(&passage.text).into_owned(),
        attributes: attributes_of(passage),
    }
}

/// The events of a response, whose text comes in these pieces.
pub(super) fn events(response: &ResponseObject, pieces: &[String]) -> Vec<Value> {
    let begun = ResponseObject {
        status: "in_progress",
        incomplete_details: None,
        output: Vec::new(),
        usage: None,
        ..response.clone()
    };
    let mut events = Events::default();
    events.add("response.created", json!({"response": begun}));
    events.add("response.in_progress", json!({"response": begun}));
    for (output_index, item) in response.output.iter().enumerate() {
        match item {
            OutputItem::Search(call) => events.search(output_index, call),
            OutputItem::Message(message) => events.message(output_index, message, pieces),
        }
    }
    let last = if response.status == "incomplete" { "response.incomplete" } else { "response.completed" };
    events.add(last, json!({"response": response}));
    events.0
}

#[derive(Default)]
struct Events(Vec<Value>);

impl Events {
    fn add(&mut self, kind: &str, mut event: Value) {
        if let Some(members) = event.as_object_mut() {
            members.insert("type".into(), kind.into());
            members.insert("sequence_number".into(), self.0.len().into());
        }
        self.0.push(event);
    }

    fn search(&mut self, output_index: usize, call: &SearchCall) {
        let begun = SearchCall { status: "in_progress", queries: Vec::new(), results: None, ..call.clone() };
        self.add("response.output_item.added", json!({"output_index": output_index, "item": begun}));
        for step in ["in_progress", "searching", "completed"] {
            let kind = format!("response.file_search_call.{step}");
            self.add(&kind, json!({"output_index": output_index, "item_id": call.id}));
        }
        self.add("response.output_item.done", json!({"output_index": output_index, "item": call}));
    }

    fn message(&mut self, output_index: usize, message: &OutputMessage, pieces: &[String]) {
        let begun = OutputMessage { status: "in_progress", content: Vec::new(), ..message.clone() };
        self.add("response.output_item.added", json!({"output_index": output_index, "item": begun}));
        for (content_index, part) in message.content.iter().enumerate() {
            let mut of_part = |kind: &str, rest: Value| {
                let mut event =
                    json!({"item_id": message.id, "output_index": output_index, "content_index": content_index});
                if let (Some(event), Value::Object(rest)) = (event.as_object_mut(), rest) {
                    event.extend(rest);
                }
                self.add(kind, event);
            };
            let empty = OutputText { text: String::new(), annotations: Vec::new(), ..part.clone() };
            of_part("response.content_part.added", json!({"part": empty}));
            for piece in pieces {
                of_part("response.output_text.delta", json!({"delta": piece, "logprobs": []}));
            }
            for (annotation_index, annotation) in part.annotations.iter().enumerate() {
                let rest = json!({"annotation_index": annotation_index, "annotation": annotation});
                of_part("response.output_text.annotation.added", rest);
            }
            of_part("response.output_text.done", json!({"text": part.text, "logprobs": []}));
            of_part("response.content_part.done", json!({"part": part}));
        }
        self.add("response.output_item.done", json!({"output_index": output_index, "item": message}));
    }
}
