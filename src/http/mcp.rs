//! `POST /mcp`: MCP as streamable HTTP without sessions. Each message is answered on its own, in JSON.
//!
//! Errors of this route are JSON-RPC errors, which its clients read. Errors of the layers around it are problems.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use serde_json::Value;

use super::App;
use super::ask::MAX_BODY_BYTES;
use super::caller::Caller;
use super::links::links;
use super::receive;
use crate::library::Reach;
use crate::mcp::{self, HttpService, INVALID_REQUEST, PARSE_ERROR, Sender, Server, http_service};

/// Code of JSON-RPC 2.0.
const INTERNAL_ERROR: i32 = -32603;

/// The route. Methods other than POST get a 405, since there are no sessions to listen to or end.
pub(super) fn route(app: &App) -> MethodRouter<Arc<App>> {
    // Each request brings the collections that its sender may use; without them there are none.
    let none = app.library.within(&Reach::Only(Arc::new([])));
    let server = Server::new(Arc::new(none), app.admission.reads());
    let service = http_service(server, MAX_BODY_BYTES);
    let public_url: Arc<str> = app.public_url.as_str().into();
    post(move |State(app): State<Arc<App>>, caller: Caller, mut request: Request| {
        let (service, public_url) = (service.clone(), Arc::clone(&public_url));
        let library = Arc::new(app.library.within(caller.reach()));
        request.extensions_mut().insert(Sender { library, key: caller.holder() });
        async move { answer(service, &public_url, request).await }
    })
}

async fn answer(service: HttpService, public_url: &str, mut request: Request) -> Response {
    let received = match receive::begin(&mut request).await {
        Ok((incoming, reserved, _fault)) => incoming.collect().await.map(|body| (body, reserved)),
        Err(problem) => Err(problem),
    };
    let (body, _reserved) = match received {
        Ok(received) => received,
        Err(problem) if problem.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refusal(problem.status(), &Value::Null, INVALID_REQUEST, &problem.to_string());
        }
        Err(problem) => return problem.into_response(),
    };
    let (mut head, _) = request.into_parts();
    let message: Value = match serde_json::from_slice(&body) {
        Ok(message) => message,
        Err(error) => {
            let why = format!("the body is not JSON: {error}");
            return refusal(StatusCode::BAD_REQUEST, &Value::Null, PARSE_ERROR, &why);
        }
    };
    // The answer is never a stream, so a client need only accept JSON.
    if accepts_json(&head.headers) {
        head.headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    }
    head.extensions.insert(links(public_url, &head.headers));
    let response = service.handle(Request::from_parts(head, Body::from(body))).await.map(Body::new);
    in_json_rpc(response, &message).await
}

/// `response`; an error in plain text becomes a JSON-RPC error with the same text.
async fn in_json_rpc(response: Response, message: &Value) -> Response {
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let id = &message["id"];
    if status.is_server_error() {
        return refusal(status, id, INTERNAL_ERROR, "the server failed to answer; its log says why");
    }
    let said = axum::body::to_bytes(response.into_body(), MAX_BODY_BYTES).await.unwrap_or_default();
    // The SDK answers JSON that is not a message with this status, as it does a wrong Content-Type.
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE && said.starts_with(b"fail to deserialize") {
        let why = "the body is not a message of MCP in JSON-RPC 2.0";
        return refusal(StatusCode::BAD_REQUEST, id, INVALID_REQUEST, why);
    }
    refusal(status, id, INVALID_REQUEST, &String::from_utf8_lossy(&said))
}

fn refusal(status: StatusCode, id: &Value, code: i32, message: &str) -> Response {
    (status, axum::Json(mcp::refusal(id, code, message))).into_response()
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let json = |value: &str| ["application/json", "application/*", "*/*"].iter().any(|kind| value.contains(kind));
    accepted.peek().is_none() || accepted.any(|value| json(&value.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_client_that_accepts_json_or_anything_is_served() {
        for accept in ["application/json", "*/*", "text/html, Application/JSON;q=0.9", "application/*"] {
            assert!(accepts_json(&headers(&[("accept", accept)])), "{accept}");
        }
        assert!(accepts_json(&HeaderMap::new()));
        assert!(!accepts_json(&headers(&[("accept", "text/event-stream")])));
    }
}
