//! `OpenAI`'s API: chat completions, models, embeddings, vector stores.
//!
//! Unknown fields are ignored, since clients send many that have no meaning here. A field that would change the answer and
//! is not supported is refused (`parameters`).

pub(super) mod chat;
pub(super) mod conversation;
pub(super) mod embeddings;
pub(super) mod ending;
mod events;
mod inert;
mod live;
pub(super) mod models;
mod parameters;
pub(super) mod prose;
pub(super) mod rerank;
mod response;
pub(super) mod responses;
pub(super) mod stores;
mod tasks;
pub(super) mod vector_stores;

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

/// Texts that one request may have embedded. The same limit as `OpenAI`'s.
pub(super) const MAX_TEXTS: usize = 2048;

/// Token counts of a request and its response, by the embedding model's tokenizer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct Usage {
    /// Tokens of the texts, or of the question.
    pub(super) prompt_tokens: usize,
    /// Tokens of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completion_tokens: Option<usize>,
    /// The sum.
    pub(super) total_tokens: usize,
}

/// An error in `OpenAI`'s format.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenAiError {
    error: OpenAiErrorBody,
}

/// The content of an error.
#[derive(Debug, Serialize, ToSchema)]
struct OpenAiErrorBody {
    /// What went wrong, and what to do about it.
    #[schema(example = "no collection `newz`; GET /v1/collections lists them")]
    message: String,
    /// The category. A `server_error` may be temporary.
    #[schema(example = "invalid_request_error")]
    r#type: String,
    /// Always null.
    #[schema(required)]
    param: Option<String>,
    /// The kind of error.
    #[schema(required, example = "not_found")]
    code: Option<String>,
}

/// The schema of one or more texts that are not blank.
pub(super) fn one_or_more_texts(max_texts: usize, max_chars: Option<usize>) -> RefOr<Schema> {
    let text = || {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some("[^\\s\\u0085]"));
        text.min_length(Some(1)).max_length(max_chars)
    };
    let texts = ArrayBuilder::new().items(text()).min_items(Some(1)).max_items(Some(max_texts));
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(text()).item(texts).build()))
}

/// Seconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// An id that no other response has.
fn new_id(prefix: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let hash = blake3::hash(format!("{:?} {count}", jiff::Timestamp::now()).as_bytes()).to_hex();
    format!("{prefix}{}", &hash[..24])
}
