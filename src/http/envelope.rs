//! What every response gets: the body of a problem, the common headers, the request's id, a line in the log, a place in the
//! metrics.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::metrics::Metrics;
use super::problem::Problem;
use super::request_id::{self, RequestId};

/// The outermost layer. The log has the route and not the path, since a path may contain a document's id. All lines that
/// are logged for a request have its id, and the name of its key once the guard knows that.
pub(super) async fn wrap(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let id = RequestId::of(request.headers());
    // Of the highest level, so that it is there whatever is logged.
    let span = tracing::error_span!("request", id = id.as_str(), key = tracing::field::Empty);

    let mut response = next.run(request).instrument(span.clone()).await;
    let problem = Problem::of_response(&response);
    if let Some(problem) = &problem {
        response = with_body_of(response, problem.render(&path, id.as_str()));
    }
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(id) = id.value() {
        response.headers_mut().insert(request_id::HEADER, id);
    }

    let (status, took) = (response.status(), started.elapsed());
    metrics.count(&method, route, status, took, problem.as_ref().map(Problem::slug));
    let _in_span = span.enter();
    tracing::info!(method = %method, route, status = status.as_u16(), ms = took.as_millis() as u64, "request");
    response
}

/// `response` with the body of `rendered`. Its other headers (Allow, Retry-After) stay.
fn with_body_of(response: Response, rendered: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let (rendered_parts, body) = rendered.into_parts();
    parts.status = rendered_parts.status;
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(kind) = rendered_parts.headers.get(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, kind.clone());
    }
    Response::from_parts(parts, body)
}
