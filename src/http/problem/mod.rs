//! Errors on the wire: RFC 9457 problem details, and the one place where an [`Error`] gets its status.

mod kinds;

use std::any::Any;
use std::error::Error as _;
use std::fmt;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::face::{Face, Told};
use crate::error::Error;

/// The media type of a problem.
pub(in super::super) const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which a request that was refused for want of room may be sent again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Something went wrong, in the terms of the caller.
///
/// As a response it is its status and headers only: the [`envelope`](super::envelope) gives it its body, since only
/// there the path is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Problem {
    status: StatusCode,
    /// Names the kind of problem for good: `/problems/<slug>`.
    slug: &'static str,
    title: &'static str,
    detail: String,
    hint: Option<String>,
    retry_after_seconds: Option<u64>,
}

/// A problem as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) writes it, with a hint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(in super::super) struct ProblemBody<'a> {
    /// A URI reference that names the kind of problem and never changes.
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
}

/// A problem with one of several documents, inside a response that is itself a success.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct DocumentProblem {
    /// The kind of problem in words.
    #[schema(example = "Document refused")]
    title: String,
    /// What went wrong.
    #[schema(example = "notes.txt: it is not UTF-8 at byte 17")]
    detail: String,
    /// What to do about it.
    #[schema(required)]
    hint: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, slug: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, slug, title, detail: detail.into(), hint: None, retry_after_seconds: None }
    }

    /// What is left to say of a bare status.
    fn of_status(status: StatusCode) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self::new(status, "other", title, format!("the request was refused with status {}", status.as_u16()))
    }

    /// What a caller may know of `error`: everything where the mistake is theirs, no cause where it is not.
    fn of(error: &Error) -> Self {
        let status = status(error);
        let (slug, title, detail) = match error {
            Error::Input { .. } => ("bad-request", "Bad request", error.to_string()),
            Error::NotFound { .. } => ("not-found", "Not found", error.to_string()),
            Error::Document { .. } => ("document-refused", "Document refused", error.to_string()),
            Error::Busy | Error::Cancelled => return Self::overloaded(),
            Error::Model { .. } => ("model-unavailable", "Model unavailable", "the model cannot be used".into()),
            Error::ModelMismatch { .. } => {
                ("model-mismatch", "Model mismatch", "the index was made with another model than is configured".into())
            }
            Error::Locked { .. } => ("index-locked", "Index locked", "another process writes to the index".into()),
            Error::Incompatible { .. } => {
                ("index-incompatible", "Index incompatible", "another version of Footnote wrote the index".into())
            }
            Error::DiskFull { .. } => ("disk-full", "Disk full", "the disk is full".into()),
            Error::Config { .. }
            | Error::Embedding { .. }
            | Error::Corrupt { .. }
            | Error::Damaged { .. }
            | Error::Store { .. }
            | Error::Vector { .. }
            | Error::Lexical { .. }
            | Error::Io { .. } => return Self { hint: hint(error), ..Self::internal() },
        };
        Self { hint: hint(error), ..Self::new(status, slug, title, detail) }
    }

    /// The same, with another hint.
    pub(in super::super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(in super::super) fn status(&self) -> StatusCode {
        self.status
    }

    fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// As problem details of a request for `instance`.
    pub(in super::super) fn to_json(&self, instance: &str) -> serde_json::Value {
        // Strings and a number always serialize.
        serde_json::to_value(self.body(instance)).unwrap_or_default()
    }

    fn body<'a>(&'a self, instance: &'a str) -> ProblemBody<'a> {
        ProblemBody {
            r#type: format!("/problems/{}", self.slug),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            instance,
            hint: self.hint.as_deref(),
        }
    }

    /// The full response to a request for `instance`, as the face that has that path writes errors.
    pub(in super::super) fn render(&self, instance: &str) -> Response {
        let told = Told { status: self.status, slug: self.slug, detail: &self.detail, hint: self.hint.as_deref() };
        let face = Face::of(instance);
        if let Some(body) = face.error(&told) {
            return (face.status(self.status), axum::Json(body)).into_response();
        }
        let mut response = (self.status, axum::Json(self.body(instance))).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }

    /// The problem that `response` stands for. Error responses that a library made carry none; they get one by status.
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

    /// As part of a response that is a success as a whole.
    pub(in super::super) fn into_document_problem(self) -> DocumentProblem {
        DocumentProblem { title: self.title.to_owned(), detail: self.detail, hint: self.hint }
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

impl DocumentProblem {
    /// Why there was nothing to take in.
    pub(in super::super) fn skipped(reason: String) -> Self {
        Self { title: "Nothing to take in".to_owned(), detail: reason, hint: None }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Problem {
    /// Also logs what the caller is not told.
    fn from(error: &Error) -> Self {
        let problem = Self::of(error);
        // That a client went away is nobody's fault.
        if matches!(error, Error::Cancelled) {
            tracing::debug!("{error}");
        } else if problem.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(cause = error.source(), "{error}");
        } else if problem.status.is_server_error() {
            tracing::warn!(cause = error.source(), "{error}");
        }
        problem
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

/// The HTTP status of an error, as its variant documents it.
pub(in super::super) fn status(error: &Error) -> StatusCode {
    match error {
        Error::Input { .. } => StatusCode::BAD_REQUEST,
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Document { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Model { .. }
        | Error::ModelMismatch { .. }
        | Error::Incompatible { .. }
        | Error::Locked { .. }
        | Error::Busy
        | Error::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        Error::DiskFull { .. } => StatusCode::INSUFFICIENT_STORAGE,
        Error::Config { .. }
        | Error::Embedding { .. }
        | Error::Corrupt { .. }
        | Error::Damaged { .. }
        | Error::Store { .. }
        | Error::Vector { .. }
        | Error::Lexical { .. }
        | Error::Io { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What a caller over HTTP can do about `error`, which is not always what one at the command line can.
fn hint(error: &Error) -> Option<String> {
    match error {
        Error::NotFound { kind: "document", .. } => Some("GET /v1/documents lists the documents".to_owned()),
        // Its own hint may name files of this machine.
        Error::Model { .. } => Some("the server's log says why".to_owned()),
        _ => error.hint(),
    }
}

/// For a path that is no route.
pub(in super::super) async fn no_route(method: Method, uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no-route", "No such route", format!("nothing is at {method} {}", uri.path()))
        .with_hint("GET /openapi.json describes the routes; a document's id is percent-encoded in a path")
}

/// For a route that has other methods. The router adds the Allow header.
pub(in super::super) async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Method not allowed",
        format!("{} does not take {method}", uri.path()),
    )
    .with_hint("the Allow header lists the methods that it takes")
}

/// For a handler that panicked. What it panicked with is not logged: it may quote a document.
pub(in super::super) fn panicked(_payload: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked; this is a bug in footnote");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn what_the_caller_did_wrong_is_told_in_full() {
        let error = Error::Input { reason: "the question is blank".into(), hint: "ask something".into() };
        let problem = Problem::of(&error);
        assert_eq!(problem.status, StatusCode::BAD_REQUEST);
        assert_eq!(problem.detail, "the question is blank");
        assert_eq!(problem.hint.as_deref(), Some("ask something"));

        let problem = Problem::of(&Error::NotFound { kind: "document", id: "x".into() });
        assert_eq!((problem.status, problem.detail.as_str()), (StatusCode::NOT_FOUND, "no document `x`"));
        assert!(problem.hint.is_some_and(|hint| hint.contains("/v1/documents")));
    }

    #[test]
    fn what_the_server_did_wrong_names_no_file_and_no_cause() {
        let path = || PathBuf::from("/home/someone/secret.db");
        let said = || "secret words".to_owned();
        let errors = [
            Error::Config { reason: said() },
            Error::Embedding { reason: said() },
            Error::Corrupt { path: path(), reason: said() },
            Error::Store { path: path(), source: rusqlite::Error::InvalidQuery },
            Error::Vector { reason: said() },
            Error::Io { action: "read", path: path(), source: std::io::Error::other("secret words") },
            Error::Model { model: said(), reason: said(), hint: said() },
            Error::ModelMismatch { dir: path(), index: said(), configured: said() },
            Error::Locked { dir: path(), holder: said() },
        ];
        for error in errors {
            let problem = Problem::of(&error);
            assert!(problem.status.is_server_error(), "{error:?}");
            assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
        }
    }

    #[test]
    fn being_busy_is_a_503_that_says_when_to_try_again() {
        let response = Problem::of(&Error::Busy).into_response();
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
