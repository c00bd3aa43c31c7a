//! Reads JSON bodies, query strings and ids. A mistake is a problem that says where it is and what is known.

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::json_object::JsonObject;
use super::problem::Problem;
use super::receive::{self, Reserved};

/// Longer messages are shortened: serde quotes a caller's strings in full.
const MAX_MESSAGE_CHARS: usize = 400;

/// A longer body is parsed on a blocking thread, since it would keep other requests waiting.
const MAX_INLINE_BYTES: usize = 64 * 1024;

/// A JSON body, and the memory reserved for it. Every mistake in the JSON is a 400.
pub(super) struct Json<T>(pub(super) T, pub(super) Reserved);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (JsonObject(value), reserved) = receive_json(request, "one JSON object").await?;
        Ok(Self(value, reserved))
    }
}

/// A JSON body that is a list, likewise.
pub(super) struct JsonList<T>(pub(super) Vec<T>, pub(super) Reserved);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequest<S> for JsonList<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (values, reserved) = receive_json(request, "one JSON list").await?;
        Ok(Self(values, reserved))
    }
}

async fn receive_json<T: DeserializeOwned + Send + 'static>(
    mut request: Request,
    wanted: &'static str,
) -> Result<(T, Reserved), Problem> {
    let kind = media_type(request.headers());
    if kind.as_deref() != Some("application/json") {
        return Err(Problem::unsupported_media_type(kind.as_deref(), "Content-Type: application/json"));
    }
    let (incoming, reserved, _fault) = receive::begin(&mut request).await?;
    let bytes = incoming.collect().await?;
    let value = if bytes.len() > MAX_INLINE_BYTES {
        tokio::task::spawn_blocking(move || parse_json(&bytes, wanted)).await.map_err(|_| Problem::internal())??
    } else {
        parse_json(&bytes, wanted)?
    };
    Ok((value, reserved))
}

/// The media type of a request's body in lower case, without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split_once(';').map_or(value, |(essence, _parameters)| essence);
    Some(essence.trim().to_ascii_lowercase())
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8], wanted: &str) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The message ends with the line and column.
        let message = shorten(&error.to_string());
        if error.is_data() {
            Problem::bad_request(
                format!("the body is not a valid request for this route: {message}"),
                "GET /openapi.json describes the fields",
            )
        } else {
            Problem::bad_request(format!("the body is not JSON: {message}"), format!("send {wanted} in UTF-8"))
        }
    })
}

/// `message` without its middle if it is long: its beginning names the field, its end the line and column.
fn shorten(message: &str) -> String {
    let chars = message.chars().count();
    if chars <= MAX_MESSAGE_CHARS {
        return message.to_owned();
    }
    let half = MAX_MESSAGE_CHARS / 2;
    let head: String = message.chars().take(half).collect();
    let tail: String = message.chars().skip(chars - half).collect();
    format!("{head} … {tail}")
}

/// The parameters of a query string.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(parameters) = Query::try_from_uri(&parts.uri).map_err(|rejected| {
            Problem::bad_request(shorten(&rejected.body_text()), "GET /openapi.json describes the parameters")
        })?;
        Ok(Self(parameters))
    }
}

/// The document's id in a path, percent-decoded.
pub(super) struct DocumentId(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for DocumentId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|rejected| {
            Problem::bad_request(rejected.body_text(), "percent-encode the id's UTF-8 bytes in the path")
        })?;
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_without_its_parameters() {
        let kind = |value: &str| media_type(&[(CONTENT_TYPE, value.parse().unwrap())].into_iter().collect());
        assert_eq!(kind("Application/JSON; charset=utf-8").as_deref(), Some("application/json"));
        assert_eq!(kind("multipart/form-data;boundary=x").as_deref(), Some("multipart/form-data"));
        assert_eq!(media_type(&HeaderMap::new()), None);
    }

    #[test]
    fn a_message_about_an_enormous_string_keeps_its_beginning_and_its_position() {
        let body = format!("\"{}\"", "字".repeat(100_000));
        let error = serde_json::from_str::<usize>(&body).unwrap_err().to_string();
        let short = shorten(&error);
        assert!(short.chars().count() < 410, "{}", short.len());
        assert!(short.starts_with("invalid type: string") && short.contains("at line 1 column"), "{short}");
    }
}
