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
use crate::error::{Error, Result};
use crate::footnote::{Ingested, Question, SearchResults};
use crate::identity;
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

/// The server that answers `GET /healthz` or `GET /readyz` at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// The program's version.
    pub version: String,
    /// Whether it gives the same answers as this process would: from the same index, with the same settings.
    pub answers_alike: bool,
}

/// A random challenge for a server, so that an earlier proof is useless.
///
/// # Errors
///
/// [`Error::Io`] if the system gives no random bytes.
pub fn nonce() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("read", "the system's random bytes")(std::io::Error::other(error)))?;
    Ok(blake3::Hash::from_bytes(bytes).to_hex().to_string())
}

/// The address at which this machine reaches a server that listens at `address`. Its proof covers it.
pub fn reached(address: SocketAddr) -> SocketAddr {
    identity::reached(address)
}

/// Reads the response of a health route at `address` to `nonce`, and checks its proof against `config`.
pub fn read_health(json: &[u8], config: &Config, nonce: &str, address: SocketAddr) -> serde_json::Result<ServerInfo> {
    let health: Health = serde_json::from_slice(json)?;
    let proof = health.proof.and_then(|proof| blake3::Hash::from_hex(proof).ok());
    let mut config = config.clone();
    config.index.collection = health.collection;
    let plain = check_collection_name(&config.index.collection).is_ok();
    let expected = identity::of(&config).filter(|_| plain).map(|identity| identity.proof(nonce, address));
    // `Hash` compares in constant time.
    let answers_alike = expected.is_some() && proof == expected;
    Ok(ServerInfo { version: health.version, answers_alike })
}

fn value(shape: &impl Serialize) -> Value {
    // Shapes of strings, numbers and lists always serialize.
    serde_json::to_value(shape).unwrap_or_default()
}
