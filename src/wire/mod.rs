//! The JSON that the HTTP API and the command line share: responses, and what the command line sends to a server and
//! reads from it.

mod answer;
mod document;
pub(crate) mod example;
mod health;
mod passage;

use std::net::SocketAddr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::config::{Config, check_collection_name};
use crate::footnote::{Ingested, Question, SearchResults};
use crate::identity::{self, Identity};
use crate::model::ModelIdentity;
use crate::passage::{Answer, DocumentInfo};
pub(crate) use answer::{AskResponse, FoundPassages, SearchResponse};
use document::DocumentOutcome;
pub(crate) use document::{DocumentPage, DocumentResponse, DocumentsResponse};
pub(crate) use health::Health;
pub(crate) use passage::{Format, Mode};

/// The response of `POST /v1/ask`.
pub fn answer(answer: Answer, model: ModelIdentity) -> Value {
    value(&AskResponse::new(answer, model))
}

/// The response of `POST /v1/search`.
pub fn search(results: SearchResults, model: ModelIdentity) -> Value {
    value(&SearchResponse::new(results, model))
}

/// A document in the response of `GET /v1/documents`.
pub fn document(info: DocumentInfo) -> Value {
    value(&DocumentResponse::from(info))
}

/// The outcome for a document in the response of `POST /v1/documents`.
pub fn ingested(ingested: &Ingested) -> Value {
    value(&DocumentOutcome::from(ingested))
}

/// The body of `POST /v1/ask` and `POST /v1/search`; `None` if the filter cannot be written as JSON.
pub fn question(question: &Question, collection: &str) -> Option<Value> {
    Some(json!({
        "question": question.text,
        "collection": collection,
        "mode": question.mode.as_str(),
        "top_k": question.top_k,
        "context_sentences": question.context_sentences,
        "filter": question.filter.to_json()?,
    }))
}

/// Reads what [`answer`] wrote. It lacks headings and the facts about a document that a citation leaves out.
pub fn read_answer(json: &[u8]) -> serde_json::Result<(Answer, ModelIdentity)> {
    serde_json::from_slice::<AskResponse>(json).map(AskResponse::into_answer)
}

/// Reads what [`search`] wrote, with the same gaps as [`read_answer`].
pub fn read_search(json: &[u8]) -> serde_json::Result<(SearchResults, ModelIdentity)> {
    serde_json::from_slice::<SearchResponse>(json).map(SearchResponse::into_results)
}

/// What a server says of itself at `GET /healthz` or `GET /readyz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerInfo {
    /// The program's version.
    pub(crate) version: String,
    /// The identity that it has proved, if it is this process's own: it serves the same index with the same settings.
    pub(crate) identity: Option<Identity>,
}

/// Reads what the server at `address` answered to `nonce`, and checks its proof against `config`.
pub(crate) fn read_health(
    json: &[u8],
    config: &Config,
    nonce: &str,
    address: SocketAddr,
) -> serde_json::Result<ServerInfo> {
    let health: Health = serde_json::from_slice(json)?;
    let proof = health.proof.and_then(|proof| blake3::Hash::from_hex(proof).ok());
    let mut config = config.clone();
    config.index.collection = health.collection;
    let is_name = check_collection_name(&config.index.collection).is_ok();
    let identity = identity::of(&config).filter(|_| is_name);
    // `Hash` compares in constant time.
    let identity = identity.filter(|identity| proof == Some(identity.proof(nonce, address)));
    Ok(ServerInfo { version: health.version, identity })
}

fn value(shape: &impl Serialize) -> Value {
    // Shapes of strings, numbers and lists always serialize.
    serde_json::to_value(shape).unwrap_or_default()
}
