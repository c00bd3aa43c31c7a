//! `POST /v1/embeddings`: embeds texts with the configured model.

use std::sync::Arc;

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::super::App;
use super::super::admission::Embed;
use super::super::body::Json;
use super::super::problem::Problem;
use super::super::schema::OpenAiQuestionProblems;
use super::models::{embedding_role, no_model};
use super::{MAX_TEXTS, Usage, one_or_more_texts};
use crate::json::whole;

/// Largest body: that many texts of the length that the model reads.
pub(in super::super) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Texts to embed. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct EmbeddingsRequest {
    /// The embedding model's name in `GET /v1/models`. Append `:query` to embed queries instead of passages.
    #[schema(example = "footnote-e5-small")]
    model: String,
    /// One text or several. A text that is too long for the model is refused.
    #[schema(schema_with = input_schema)]
    input: Input,
    #[schema(inline)]
    encoding_format: Option<Encoding>,
    /// The length of the vectors. It cannot be changed.
    #[schema(ignore)]
    #[serde(default, deserialize_with = "whole")]
    dimensions: Option<usize>,
}

/// The accepted forms of [`Input`].
fn input_schema() -> RefOr<Schema> {
    one_or_more_texts(MAX_TEXTS, None)
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Texts(Vec<String>),
    /// Tokens of another model's tokenizer, which are refused.
    Tokens(#[serde(deserialize_with = "anything")] ()),
}

fn anything<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(drop)
}

/// The format of a vector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// A list of numbers.
    #[default]
    Float,
    /// Base64 of little-endian 32-bit floats.
    Base64,
}

/// Vectors.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Embeddings {
    #[schema(example = "list")]
    object: &'static str,
    /// In the order of the texts.
    data: Vec<Embedding>,
    model: String,
    usage: Usage,
}

/// The vector of one text.
#[derive(Debug, Serialize, ToSchema)]
struct Embedding {
    #[schema(example = "embedding")]
    object: &'static str,
    index: usize,
    embedding: Vector,
}

/// A vector of L2 norm 1.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Vector {
    /// Its values.
    Float(Vec<f32>),
    /// Its values in Base64.
    Base64(String),
}

/// Embed texts
///
/// Embeds each text on its own, so that a vector depends only on its text. A text that is too long for the model is
/// refused, never cut. Requests wait for their turn.
#[utoipa::path(
    post,
    path = "/v1/embeddings",
    operation_id = "openai_embed",
    tag = "openai",
    request_body(
        content = EmbeddingsRequest,
        example = json!({"model": "footnote-e5-small", "input": ["聯準會降息", "The Fed cut rates"]})
    ),
    responses((status = 200, description = "The vectors", body = Embeddings), OpenAiQuestionProblems)
)]
pub(in super::super) async fn embed(
    State(app): State<Arc<App>>,
    Embed(slot): Embed,
    Json(request, _reserved): Json<EmbeddingsRequest>,
) -> Result<axum::Json<Embeddings>, Problem> {
    let role = embedding_role(&request.model, &app.model).ok_or_else(|| no_model(&request.model))?;
    let texts = match request.input {
        Input::Text(text) => vec![text],
        Input::Texts(texts) => texts,
        Input::Tokens(()) => {
            return Err(Problem::bad_request(
                "`input` is not a text or a list of texts",
                "send texts, not tokens; in LangChain set check_embedding_ctx_length=False",
            ));
        }
    };
    if texts.is_empty() || texts.len() > MAX_TEXTS {
        return Err(Problem::bad_request(
            format!("`input` has {} texts", texts.len()),
            format!("send 1 to {MAX_TEXTS}"),
        ));
    }
    let found = slot.run_cancellable(&app, None, move |footnote, cancel| footnote.embed(&texts, role, cancel)).await?;
    let length = found.vectors.first().map_or(0, Vec::len);
    if let Some(wanted) = request.dimensions.filter(|wanted| *wanted != length) {
        return Err(Problem::bad_request(
            format!("`dimensions` is {wanted}; the model's vectors have {length}"),
            "leave `dimensions` out: this model's vectors cannot be shortened",
        ));
    }
    let encode = |vector: Vec<f32>| match request.encoding_format.unwrap_or_default() {
        Encoding::Float => Vector::Float(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            Vector::Base64(STANDARD.encode(bytes))
        }
    };
    let data = found.vectors.into_iter().enumerate();
    let data =
        data.map(|(index, vector)| Embedding { object: "embedding", index, embedding: encode(vector) }).collect();
    let usage = Usage { prompt_tokens: found.tokens, completion_tokens: None, total_tokens: found.tokens };
    Ok(axum::Json(Embeddings { object: "list", data, model: request.model, usage }))
}
