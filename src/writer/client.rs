//! One HTTP exchange with the server of a language model, within limits of time and size.
//!
//! Each exchange has a connection of its own, which is closed when the exchange ends, is cancelled or takes too long. It
//! follows no redirects and uses no proxy: nothing is sent to another host than the configured one.

use std::ops::ControlFlow;
use std::time::Duration;

use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::connect::Endpoint;
use super::failure::Failure;
use crate::cancel::Cancel;

/// How often an exchange looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);
/// Longest pause within a response. Before its first piece the model reads the prompt, which may take longer.
const MAX_SILENCE: Duration = Duration::from_secs(30);
/// Largest response. An answer takes a few kilobytes, as a stream some two hundred bytes for each token.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// What is read of the body of an error.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A request.
pub(super) struct Outgoing<'a> {
    pub(super) method: Method,
    /// Below the base of the API.
    pub(super) path: &'a str,
    pub(super) key: Option<&'a str>,
    /// JSON; empty for none.
    pub(super) body: String,
}

/// Receives the pieces of a response, until it breaks.
pub(super) type OnPiece<'a> = &'a mut dyn FnMut(&[u8]) -> Result<ControlFlow<()>, Failure>;

/// How an exchange ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The response has been read to its end, or as far as it was wanted.
    Complete,
    /// Nobody waits for it any more.
    Cancelled,
    /// The server answered with another status than 200; its message.
    Status(StatusCode, String),
}

/// Sends `request` and passes the pieces of a successful response to `on_piece`, until that breaks.
pub(super) fn exchange(
    endpoint: &Endpoint,
    request: Outgoing<'_>,
    deadline: Instant,
    cancel: &Cancel,
    on_piece: OnPiece<'_>,
) -> Result<Ended, Failure> {
    let key = request.key.map(str::to_owned);
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::unreachable(&error.to_string()))?;
    let ended = runtime.block_on(async {
        tokio::select! {
            biased;
            () = cancelled(cancel) => Ok(Ended::Cancelled),
            ended = timeout_at(deadline, run(endpoint, request, on_piece)) => {
                ended.unwrap_or_else(|_| Err(Failure::timed_out("the model took longer than [writer] timeout_seconds")))
            }
        }
    });
    // A look-up of a name that takes long is not waited for.
    runtime.shutdown_background();
    ended.map_err(|failure| failure.without(key.as_deref()))
}

async fn cancelled(cancel: &Cancel) {
    while cancel.check().is_ok() {
        sleep(LOOK).await;
    }
}

async fn run(endpoint: &Endpoint, request: Outgoing<'_>, on_piece: OnPiece<'_>) -> Result<Ended, Failure> {
    let broken = |error: hyper::Error| Failure::unreachable(&format!("the connection broke: {error}"));
    let stream = endpoint.connect().await?;
    let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to the language model ended");
        }
    });
    let request = request.into_http(endpoint)?;
    let response = requests.send_request(request).await.map_err(broken)?;
    let status = response.status();
    let mut body = response.into_body();
    if status != StatusCode::OK {
        return Ok(Ended::Status(status, message(&mut body).await));
    }
    let mut size = 0;
    let mut is_first = true;
    loop {
        let frame = if is_first {
            body.frame().await
        } else {
            let frame = timeout(MAX_SILENCE, body.frame()).await;
            frame.map_err(|_| Failure::timed_out("the model stopped in the middle of its answer"))?
        };
        is_first = false;
        let Some(frame) = frame else { return Ok(Ended::Complete) };
        let frame = frame.map_err(|error| Failure::cut_short(&format!("the connection broke: {error}")))?;
        let Ok(piece) = frame.into_data() else { continue };
        size += piece.len();
        if size > MAX_BYTES {
            return Err(Failure::garbled("the response is longer than 16 MiB"));
        }
        if on_piece(&piece)?.is_break() {
            return Ok(Ended::Complete);
        }
    }
}

impl Outgoing<'_> {
    fn into_http(self, endpoint: &Endpoint) -> Result<Request<Full<Bytes>>, Failure> {
        let mut builder = Request::builder()
            .method(self.method)
            .uri(endpoint.target(self.path))
            .header(header::HOST, endpoint.authority())
            .header(header::USER_AGENT, concat!("footnote/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "text/event-stream, application/json")
            .header(header::CONNECTION, "close");
        if !self.body.is_empty() {
            builder = builder.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = self.key {
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        // The message of the error would not name the key, but it is not needed either.
        builder.body(Full::new(Bytes::from(self.body))).map_err(|_| {
            Failure::refused("the key in the variable that [writer] key_env names cannot be sent in a header")
        })
    }
}

/// What a server says about an error, as far as it comes in time: `error.message` or `error`, as most write it.
async fn message(body: &mut Incoming) -> String {
    let mut read = Vec::new();
    while read.len() < MAX_ERROR_BYTES
        && let Ok(Some(Ok(frame))) = timeout(Duration::from_secs(2), body.frame()).await
    {
        if let Ok(piece) = frame.into_data() {
            read.extend_from_slice(&piece);
        }
    }
    let Ok(json) = serde_json::from_slice::<Value>(&read) else { return String::new() };
    let error = &json["error"];
    let said = error["message"].as_str().or(error.as_str()).or(json["message"].as_str()).or(json["detail"].as_str());
    said.unwrap_or_default().to_owned()
}
