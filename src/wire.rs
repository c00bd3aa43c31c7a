//! The JSON that the command line prints: the same as over HTTP, from the same types.

use serde::Serialize;
use serde_json::Value;

use crate::embed::ModelIdentity;
use crate::footnote::{Ingested, SearchResults};
use crate::http::ask::{AskResponse, SearchResponse};
use crate::http::documents::DocumentResponse;
use crate::http::ingest::DocumentOutcome;
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

fn value(shape: &impl Serialize) -> Value {
    // Shapes of strings, numbers and lists always serialize.
    serde_json::to_value(shape).unwrap_or_default()
}
