//! The JSON that the command line prints, and what it sends to a server and reads from it: the same as over HTTP, from
//! the same types.

use std::net::SocketAddr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::config::{Config, check_collection_name};
use crate::error::{Error, Result};
use crate::footnote::{Ingested, Question, SearchResults};
use crate::http::ask::AskResponse;
use crate::http::documents::DocumentResponse;
use crate::http::health::Health;
use crate::http::ingest::DocumentOutcome;
use crate::http::search::SearchResponse;
use crate::identity;
use crate::model::ModelIdentity;
use crate::passage::{Answer, DocumentInfo};

/// As `POST /v1/ask` answers.
pub fn answer(answer: Answer, model: ModelIdentity) -> Value {
    value(&AskResponse::new(answer, model))
}

/// As `POST /v1/search` answers.
pub fn search(results: SearchResults, model: ModelIdentity) -> Value {
    value(&SearchResponse::new(results, model))
}

/// As `GET /v1/documents` shows a document.
pub fn document(info: DocumentInfo) -> Value {
    value(&DocumentResponse::from(info))
}

/// As `POST /v1/documents` tells what became of a document.
pub fn ingested(ingested: &Ingested) -> Value {
    value(&DocumentOutcome::from(ingested))
}

/// What `POST /v1/ask` and `POST /v1/search` take; `None` for a filter that JSON has no form for.
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

/// What [`answer`] wrote. Headings, and what is known of a document beside what a citation shows, are not in it.
pub fn read_answer(json: &[u8]) -> serde_json::Result<(Answer, ModelIdentity)> {
    serde_json::from_slice::<AskResponse>(json).map(AskResponse::into_answer)
}

/// What [`search`] wrote, like [`read_answer`].
pub fn read_search(json: &[u8]) -> serde_json::Result<(SearchResults, ModelIdentity)> {
    serde_json::from_slice::<SearchResponse>(json).map(SearchResponse::into_results)
}

/// Who answers `GET /healthz` or `GET /readyz` at an address, and whether as this process would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// The program's version.
    pub version: String,
    /// Whether it answers as this process would with these settings: from the same index, in the same way.
    pub answers_alike: bool,
}

/// What a server is asked to prove itself for: random, so that no earlier answer is of use to anybody.
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

/// Where what listens at `address` is reached on this machine, and so for what it proves itself.
pub fn reached(address: SocketAddr) -> SocketAddr {
    identity::reached(address)
}

/// Reads what the server at `address` said of itself when it was given `nonce`, and checks the proof against `config`.
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
