//! An answer in Ollama's form: one JSON object, or one on each line of a stream.

use std::convert::Infallible;
use std::time::Instant;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response as HttpResponse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::openai::conversation::Spoken;

const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// What the last object of an answer says of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Done {
    /// `stop`, `length` if the answer has as many tokens as it may, or `load` if nothing was asked.
    #[schema(example = "stop")]
    done_reason: &'static str,
    /// Nanoseconds.
    total_duration: u64,
    /// Always 0: the model is loaded when the server starts.
    load_duration: u64,
    /// Tokens of the question, by the embedding model's tokenizer.
    prompt_eval_count: usize,
    /// Always 0.
    prompt_eval_duration: u64,
    /// Tokens of the answer.
    eval_count: usize,
    /// Nanoseconds.
    eval_duration: u64,
}

impl Done {
    /// For an answer to a question that was asked at `started`.
    pub(super) fn of(spoken: &Spoken, started: Instant) -> Self {
        let total_duration = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Self {
            done_reason: spoken.finish.name(),
            total_duration,
            load_duration: 0,
            prompt_eval_count: spoken.usage.prompt_tokens,
            prompt_eval_duration: 0,
            eval_count: spoken.usage.completion_tokens.unwrap_or_default(),
            eval_duration: total_duration,
        }
    }

    /// For a request that only loads the model.
    pub(super) fn loaded() -> Self {
        Self {
            done_reason: "load",
            total_duration: 0,
            load_duration: 0,
            prompt_eval_count: 0,
            prompt_eval_duration: 0,
            eval_count: 0,
            eval_duration: 0,
        }
    }
}

/// Now, in RFC 3339.
pub(super) fn created_at() -> String {
    jiff::Timestamp::now().to_string()
}

/// The objects of a stream, each on a line of its own.
pub(super) fn lines<T: Serialize>(objects: impl Iterator<Item = T>) -> Response {
    let line = |object: T| {
        // Shapes of strings and numbers always serialize.
        let mut line = serde_json::to_vec(&object).unwrap_or_default();
        line.push(b'\n');
        Ok::<_, Infallible>(line)
    };
    let lines: Vec<_> = objects.map(line).collect();
    let mut response = HttpResponse::new(Body::from_stream(tokio_stream::iter(lines)));
    response.headers_mut().insert(CONTENT_TYPE, NDJSON);
    response.into_response()
}
