//! Errors as responses: RFC 9457 problem details, or the error format of the API that the path belongs to.

mod kinds;

use std::any::Any;
use std::fmt;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::dialect::{Dialect, ErrorText};
use crate::error::Error;
use crate::error_report::ErrorReport;
use crate::handoff::Failure;

/// The media type of a problem.
pub(in super::super) const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which a request that was refused because of overload may be sent again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// An error for the caller.
///
/// Its response has only status and headers. The [`envelope`](super::envelope) adds the body, since the path is known
/// there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Problem {
    status: StatusCode,
    /// Names the kind of problem in `/problems/<slug>`. It never changes.
    slug: &'static str,
    title: &'static str,
    detail: String,
    hint: Option<String>,
    retry_after_seconds: Option<u64>,
}

/// Problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with a hint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(in super::super) struct ProblemBody<'a> {
    /// A URI reference that names the kind of problem. It never changes.
    #[schema(example = "/problems/not-found")]
    r#type: String,
    /// The kind of problem in words.
    #[schema(example = "Not found")]
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What went wrong this time.
    #[schema(example = "no document `fed-2026`")]
    detail: &'a str,
    /// The path that was requested.
    #[schema(example = "/v1/documents/fed-2026")]
    instance: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "GET /v1/documents lists the documents")]
    hint: Option<&'a str>,
    /// The request's id, as in the header `X-Request-Id` and in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    request_id: Option<&'a str>,
}

impl Problem {
    fn new(status: StatusCode, slug: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, slug, title, detail: detail.into(), hint: None, retry_after_seconds: None }
    }

    /// The problem for an error response that a library made.
    fn of_status(status: StatusCode) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self::new(status, "other", title, format!("the request was refused with status {}", status.as_u16()))
    }

    /// Replaces the hint.
    pub(in super::super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The problem as the command line reads it.
    pub(in super::super) fn into_failure(self) -> Failure {
        Failure::Other { reason: self.detail, hint: self.hint.unwrap_or_default() }
    }

    #[cfg(feature = "mcp")]
    pub(in super::super) fn status(&self) -> StatusCode {
        self.status
    }

    fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// The problem details for a request for `instance`.
    pub(in super::super) fn to_json(&self, instance: &str) -> serde_json::Value {
        // Strings and a number always serialize.
        serde_json::to_value(self.body(instance, None)).unwrap_or_default()
    }

    fn body<'a>(&'a self, instance: &'a str, request_id: Option<&'a str>) -> ProblemBody<'a> {
        ProblemBody {
            r#type: format!("/problems/{}", self.slug),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            instance,
            hint: self.hint.as_deref(),
            request_id,
        }
    }

    /// The name of its kind.
    pub(in super::super) fn slug(&self) -> &'static str {
        self.slug
    }

    /// The body of an error for a client of the API that `instance` belongs to.
    pub(in super::super) fn body_for(&self, instance: &str) -> serde_json::Value {
        let text = ErrorText { status: self.status, slug: self.slug, detail: &self.detail, hint: self.hint.as_deref() };
        Dialect::of(instance).error(&text).unwrap_or_else(|| self.to_json(instance))
    }

    /// The full response to the request for `instance` with this id, in the error format of the API that the path belongs to.
    pub(in super::super) fn render(&self, instance: &str, request_id: &str) -> Response {
        let text = ErrorText { status: self.status, slug: self.slug, detail: &self.detail, hint: self.hint.as_deref() };
        let dialect = Dialect::of(instance);
        if let Some(body) = dialect.error(&text) {
            return (dialect.status(self.status), axum::Json(body)).into_response();
        }
        let mut response = (self.status, axum::Json(self.body(instance, Some(request_id)))).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }

    /// The problem that `response` stands for, if it is an error.
    pub(in super::super) fn of_response(response: &Response) -> Option<Self> {
        let status = response.status();
        if !(status.is_client_error() || status.is_server_error()) {
            return None;
        }
        if let Some(problem) = response.extensions().get::<Self>() {
            return Some(problem.clone());
        }
        let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let bare = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
        bare.then(|| Self::of_status(status))
    }
}

/// What went wrong and what to do about it, in one line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            Some(hint) => write!(f, "{}; {hint}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

impl std::error::Error for Problem {}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let ErrorReport { status, slug, title, detail, hint } = ErrorReport::of(&error);
        // Every status of a report is a valid one.
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_seconds = matches!(error, Error::Busy | Error::Cancelled).then_some(RETRY_AFTER_SECONDS);
        Self { status, slug, title, detail, hint, retry_after_seconds }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"footnote\""));
        }
        // The rest of such a request's body is not read.
        if matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// For a path without a route.
pub(in super::super) async fn no_route(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no-route",
        "No such route",
        format!("there is no route {method} {}", uri.path()),
    )
    .with_hint("GET /openapi.json describes the routes; a document's id is percent-encoded in a path")
}

/// For a route with other methods. The router adds the Allow header.
pub(in super::super) async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Method not allowed",
        format!("{} does not support {method}", uri.path()),
    )
    .with_hint("the Allow header lists the methods that it supports")
}

/// For a handler that panicked. The panic's message is not logged, since it may quote a document.
pub(in super::super) fn panicked(_payload: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked; this is a bug in footnote");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn being_busy_is_a_503_that_says_when_to_try_again() {
        let response = Problem::from(Error::Busy).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
    }

    #[test]
    fn an_error_that_a_library_answered_in_plain_text_becomes_a_problem() {
        let response = (StatusCode::URI_TOO_LONG, "too long").into_response();
        let problem = Problem::of_response(&response).unwrap();
        assert_eq!((problem.status, problem.title), (StatusCode::URI_TOO_LONG, "URI Too Long"));
        assert_eq!(Problem::of_response(&(StatusCode::OK, "fine").into_response()), None);
        assert_eq!(Problem::of_response(&(StatusCode::BAD_REQUEST, axum::Json("{}")).into_response()), None);
    }
}
