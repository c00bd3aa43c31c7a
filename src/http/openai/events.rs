//! A chat completion as it is streamed: chunks, and for `Open WebUI` the sources it shows beside a message.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use serde::Serialize;
use serde_json::{Value, json};

use super::Usage;
use super::prose::Prose;
use crate::links::Links;
use crate::passage::Citation;

/// What all chunks of one completion have in common.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) created: i64,
    pub(super) model: String,
}

/// The events of a message: the role, its sources, its pieces, where it cites, the end and, if wanted, what it took.
pub(super) fn chunks(
    head: &Head,
    prose: &Prose,
    sources: Vec<Value>,
    annotated: bool,
    usage: Option<Usage>,
) -> Vec<Value> {
    let chunk = |delta: Value, finish_reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
        with(head, json!({"choices": [choice]}))
    };
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
    for source in sources {
        // Beside an empty delta, so that a client that knows nothing of it finds a chunk like any other.
        let mut event = chunk(json!({}), None);
        event["event"] = json!({"type": "source", "data": source});
        chunks.push(event);
    }
    chunks.extend(prose.pieces.iter().map(|piece| chunk(json!({"content": piece}), None)));
    if annotated && !prose.annotations.is_empty() {
        chunks.push(chunk(json!({"annotations": prose.annotations}), None));
    }
    chunks.push(chunk(json!({}), Some("stop")));
    if let Some(usage) = usage {
        chunks.push(with(head, json!({"choices": [], "usage": usage})));
    }
    chunks
}

fn with(head: &Head, rest: Value) -> Value {
    // Strings and numbers always serialize.
    let mut chunk = serde_json::to_value(head).unwrap_or_default();
    if let (Some(chunk), Value::Object(rest)) = (chunk.as_object_mut(), rest) {
        chunk.extend(rest);
    }
    chunk
}

/// A footnote as `Open WebUI` shows it. It numbers sources by their ids in the order they come, so each footnote has an id
/// of its own; an id that is a web address would stand in for name and link, and its icon be asked for elsewhere.
pub(super) fn source(citation: &Citation, links: &Links, collection: &str) -> Value {
    let passage = &citation.passage;
    let (document, quote) = (&passage.document, passage.quote.location.bytes);
    let id = format!("footnote:{collection}/{}#{}-{}", document.id, quote.start, quote.end);
    let url = links.document(collection, document, Some(quote));
    json!({
        "source": {"id": id, "name": document.title, "url": url},
        "document": [passage.text],
        "metadata": [{"source": id, "source_url": url, "name": document.title, "published": document.published}],
        "distances": [passage.relevance]
    })
}

/// Whether this client makes sources of its own out of annotations, beside those that it is sent. `Open WebUI` does; its
/// requests are those of aiohttp.
pub(super) fn doubles_annotations(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    agent.contains("aiohttp")
}
