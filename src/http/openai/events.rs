//! A streamed chat completion: chunks, and the sources that `Open WebUI` shows beside a message.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use serde::Serialize;
use serde_json::{Value, json};

use super::Usage;
use super::ending::Finish;
use super::prose::Prose;
use crate::display::{clean, one_line};
use crate::links::Links;
use crate::passage::Citation;

/// What all chunks of one completion share.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) created: i64,
    pub(super) model: String,
}

/// The chunks of a message: role, sources, text, annotations, end and, if requested, token usage.
pub(super) fn chunks(
    head: &Head,
    prose: &Prose,
    sources: Vec<Value>,
    annotated: bool,
    finish: Finish,
    usage: Option<Usage>,
) -> Vec<Value> {
    let chunk = |delta: Value, finish_reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
        with(head, json!({"choices": [choice]}))
    };
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
    for source in sources {
        // With an empty delta, so that other clients see an ordinary chunk.
        let mut event = chunk(json!({}), None);
        event["event"] = json!({"type": "source", "data": source});
        chunks.push(event);
    }
    chunks.extend(prose.pieces.iter().map(|piece| chunk(json!({"content": piece}), None)));
    if annotated && !prose.annotations.is_empty() {
        chunks.push(chunk(json!({"annotations": prose.annotations}), None));
    }
    chunks.push(chunk(json!({}), Some(finish.name())));
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

/// A footnote in `Open WebUI`'s format. It numbers sources by id in order of arrival, so each footnote has its own id. An
/// id that is a web address would replace name and link, and `Open WebUI` would fetch that site's icon.
pub(super) fn source(citation: &Citation, links: &Links, collection: &str) -> Value {
    let passage = &citation.passage;
    let (document, quote) = (&passage.document, passage.quote.location.bytes);
    let id = format!("footnote:{collection}/{}#{}-{}", one_line(&document.id), quote.start, quote.end);
    let (name, text) = (one_line(&document.title), clean(&passage.text));
    let url = links.passage(collection, passage);
    let place = passage.place_label().map(|label| one_line(&label));
    // Its citations show `page` from 0.
    let page = passage.place.as_ref().and_then(|place| place.pages).map(|(first, _)| first.saturating_sub(1));
    let mut metadata =
        json!({"source": id, "source_url": url, "name": name, "published": document.published, "place": place});
    if let (Some(page), Some(metadata)) = (page, metadata.as_object_mut()) {
        metadata.insert("page".into(), page.into());
    }
    json!({
        "source": {"id": id, "name": name, "url": url},
        "document": [text],
        "metadata": [metadata],
        "distances": [passage.relevance]
    })
}

/// Whether this client turns annotations into sources, in addition to the sources that it is sent. `Open WebUI` does; its
/// HTTP client is aiohttp.
pub(super) fn doubles_annotations(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    agent.contains("aiohttp")
}
