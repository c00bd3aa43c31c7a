//! What every response gets: the body of a problem, the common headers, a line in the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::Response;

use super::problem::Problem;

/// The outermost layer. The log has the route and not the path, since a path may contain a document's id.
pub(super) async fn wrap(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let mut response = next.run(request).await;
    if let Some(problem) = Problem::of_response(&response) {
        response = with_body_of(response, problem.render(&path));
    }
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

    tracing::info!(
        method = %method,
        route = route.as_ref().map_or("none", MatchedPath::as_str),
        status = response.status().as_u16(),
        ms = started.elapsed().as_millis() as u64,
        "request"
    );
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
