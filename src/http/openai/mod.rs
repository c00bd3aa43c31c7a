//! The face that speaks `OpenAI`'s API: chat completions, models, embeddings, vector stores.
//!
//! Requests are read leniently, since clients send many fields that mean nothing here; what would change an answer and
//! cannot be done is refused.

pub(super) mod chat;
pub(super) mod embeddings;
mod events;
pub(super) mod models;
mod prose;
pub(super) mod vector_stores;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

/// What the tokens of a request and its response add up to, by the embedding model's tokenizer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct Usage {
    /// Tokens of what was read: the texts, or the question with those that it leans on.
    pub(super) prompt_tokens: usize,
    /// Tokens of what was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completion_tokens: Option<usize>,
    /// Both.
    pub(super) total_tokens: usize,
}

/// An error as `OpenAI` writes it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenAiError {
    error: OpenAiErrorBody,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
struct OpenAiErrorBody {
    /// What went wrong, and what to do about it.
    #[schema(example = "no collection `newz`; `footnote collections` and GET /v1/collections list those there are")]
    message: String,
    /// Tells whether to try again: `server_error` may pass.
    #[schema(example = "invalid_request_error")]
    r#type: String,
    /// Always null.
    #[schema(required)]
    param: Option<String>,
    /// The kind of error.
    #[schema(required, example = "not_found")]
    code: Option<String>,
}

/// The schema of one text or several, none of them blank.
fn one_or_more_texts(most_texts: usize, most_chars: Option<usize>) -> RefOr<Schema> {
    let text = || {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some("[^\\s\\u0085]"));
        text.min_length(Some(1)).max_length(most_chars)
    };
    let texts = ArrayBuilder::new().items(text()).min_items(Some(1)).max_items(Some(most_texts));
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(text()).item(texts).build()))
}

/// Seconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
