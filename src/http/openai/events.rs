//! A streamed chat completion: chunks, and the sources that `Open WebUI` shows beside a message.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use serde::Serialize;
use serde_json::{Value, json};

use super::conversation::{Said, Spoken};
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
pub(super) struct Chunks {
    head: Head,
    links: Links,
    /// Whether the sources have been sent.
    has_sources: bool,
    /// Pieces that have been sent.
    told: usize,
}

impl Chunks {
    pub(super) fn new(head: Head, links: Links) -> Self {
        Self { head, links, has_sources: false, told: 0 }
    }

    /// Those of a part of the answer.
    pub(super) fn said(&mut self, said: Said) -> Vec<Value> {
        match said {
            Said::Found(citations, collection) => self.start(&citations, &collection),
            Said::Piece(piece) => {
                self.told += 1;
                vec![self.chunk(&json!({"content": piece}), None)]
            }
        }
    }

    /// Those of a complete answer that have not been sent.
    pub(super) fn end(mut self, spoken: &Spoken, annotated: bool, with_usage: bool) -> Vec<Value> {
        let prose = &spoken.prose;
        let mut chunks = if self.has_sources { Vec::new() } else { self.start(&spoken.citations, &spoken.collection) };
        let rest = prose.pieces.iter().skip(self.told);
        chunks.extend(rest.map(|piece| self.chunk(&json!({"content": piece}), None)));
        if annotated && !prose.annotations.is_empty() {
            chunks.push(self.chunk(&json!({"annotations": prose.annotations}), None));
        }
        chunks.push(self.chunk(&json!({}), Some(spoken.finish.name())));
        if with_usage {
            chunks.push(with(&self.head, json!({"choices": [], "usage": spoken.usage})));
        }
        chunks
    }

    fn start(&mut self, citations: &[Citation], collection: &str) -> Vec<Value> {
        self.has_sources = true;
        let mut chunks = vec![self.chunk(&json!({"role": "assistant", "content": ""}), None)];
        for citation in citations {
            // With an empty delta, so that other clients see an ordinary chunk.
            let mut event = self.chunk(&json!({}), None);
            event["event"] = json!({"type": "source", "data": source(citation, &self.links, collection)});
            chunks.push(event);
        }
        chunks
    }

    fn chunk(&self, delta: &Value, finish_reason: Option<&str>) -> Value {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
        with(&self.head, json!({"choices": [choice]}))
    }
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
    let own = passage.collection_or(collection);
    let id = format!("footnote:{own}/{}#{}-{}", one_line(&document.id), quote.start, quote.end);
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
