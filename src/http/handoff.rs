//! `/handoff/ingest` and `/handoff/remove`: writes of this user's own command line while the server holds the index.
//!
//! A request proves, by a keyed hash, that its sender can read the secret of this server's index and has the same
//! settings. The proof replaces a key, and only with it may a request say which files its documents come from. Requests
//! and responses are lines of JSON, see [`handoff`](crate::handoff). Both are streamed: the command line reads its files
//! at the pace of the ingest, and prints each outcome when the document is stored.
//!
//! These routes are not part of the API and not in its description.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use blake3::Hash;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::App;
use super::admission::{Slot, Write};
use super::problem::Problem;
use super::serve::ReachedAt;
use crate::cancel::Cancel;
use crate::error::{Error, Result as CoreResult};
use crate::footnote::{Footnote, Ingested, Outcome, Progress};
use crate::handoff::{self, Event, Failure, Item, Lines, PROOF_HEADER, Removal};
use crate::{identity, ingest};

/// Lines that are read ahead of the work.
const READ_AHEAD: usize = 8;
/// A blank line is sent this often, so that the command line knows that the server is at work.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Proof that a request comes from the server's own user, with the collection that it writes to.
pub(super) struct Proved {
    collection: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    collection: Option<String>,
}

impl FromRequestParts<Arc<App>> for Proved {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let proved = || {
            let ReachedAt(address) = *parts.extensions.get::<ReachedAt>()?;
            let (nonce, proof) = parts.headers.get(PROOF_HEADER)?.to_str().ok()?.split_once(' ')?;
            let proof = Hash::from_hex(proof).ok()?;
            let identity = app.health.identity().filter(|_| identity::is_nonce(nonce))?;
            let target = parts.uri.path_and_query()?.as_str();
            // `Hash` compares in constant time.
            (identity.write_proof(target, nonce, address) == proof).then_some(())
        };
        proved().ok_or_else(Problem::not_proved)?;
        let Query(Target { collection }) = Query::try_from_uri(&parts.uri)
            .map_err(|rejected| Problem::bad_request(rejected.body_text(), "name the collection"))?;
        Ok(Self { collection })
    }
}

/// Ingests documents and reports each.
pub(super) async fn ingest(
    State(app): State<Arc<App>>,
    proved: Proved,
    Write(slot): Write,
    request: Request,
) -> Response {
    respond(app, proved, slot, request, |footnote, lines, to_client| {
        let items = lines.map(|item: CoreResult<Item>| item.map(ingest::Item::from));
        footnote.ingest_items(items, &mut |progress| send(to_client, &Event::of(&progress)))
    })
}

/// Removes documents and reports each.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    proved: Proved,
    Write(slot): Write,
    request: Request,
) -> Response {
    respond(app, proved, slot, request, |footnote, mut lines, to_client| {
        lines.try_for_each(|removal: CoreResult<Removal>| {
            let id = removal?.id;
            let outcome = match footnote.delete(&id) {
                Ok(()) => Outcome::Removed,
                Err(error @ Error::NotFound { .. }) => Outcome::Failed(error),
                Err(error) => return Err(error),
            };
            let done = Ingested::new(id, String::new(), outcome);
            send(to_client, &Event::of(&Progress::Done(&done)));
            Ok(())
        })
    })
}

/// Answers with the events of `work`, which runs on a blocking thread over the lines of the request as they arrive.
fn respond<T: DeserializeOwned + Send + 'static>(
    app: Arc<App>,
    Proved { collection }: Proved,
    slot: Slot,
    request: Request,
    work: impl FnOnce(&Footnote, Received<T>, &ToClient) -> CoreResult<()> + Send + 'static,
) -> Response {
    let cancel = Cancel::default();
    let waiting = cancel.on_drop();
    let (lines, received) = channel(READ_AHEAD);
    tokio::spawn(read(request.into_body(), handoff::max_line_bytes(app.max_document_bytes), lines));
    // Without a bound, so that a command line that prints slowly does not hold up the index. Each event is small.
    let (to_client, events) = unbounded_channel();
    tokio::spawn(async move {
        let worker = to_client.clone();
        let received = Received { lines: received, cancel, item: PhantomData };
        let working = slot.run(&app, collection, move |footnote| Ok(work(footnote, received, &worker)));
        tokio::pin!(working);
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        let done = loop {
            tokio::select! {
                done = &mut working => break done,
                _ = heartbeat.tick() => drop(to_client.send(b"\n".to_vec())),
            }
        };
        let failure = match done {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Failure::from(&error)),
            Err(problem) => Some(problem.into_failure()),
        };
        send(&to_client, &Event::End(failure));
    });
    let body = UnboundedReceiverStream::new(events).map(move |line| {
        // Dropped with the stream when the client disconnects.
        let _cancels = &waiting;
        Ok::<_, Infallible>(line)
    });
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body)).into_response()
}

type ToClient = UnboundedSender<Vec<u8>>;

fn send(to_client: &ToClient, event: &Event) {
    // If the client is gone, the work ends before the next document.
    let _ = to_client.send(handoff::line(event));
}

/// Cuts a body into lines. If it is incomplete, an error follows.
async fn read(body: Body, max_line_bytes: usize, to_work: Sender<CoreResult<Vec<u8>>>) {
    let mut body = body.into_data_stream();
    let mut lines = Lines::new(max_line_bytes);
    let broken = loop {
        match body.next().await {
            None if lines.is_at_end() => return,
            None | Some(Err(_)) => break Error::Cancelled,
            Some(Ok(piece)) => {
                let Ok(found) = lines.push(&piece) else {
                    break Error::Input { reason: "a line is too long".into(), hint: String::new() };
                };
                for line in found {
                    if to_work.send(Ok(line)).await.is_err() {
                        return;
                    }
                }
            }
        }
    };
    let _ = to_work.send(Err(broken)).await;
}

/// The lines of a request. An error is the last of them.
struct Received<T> {
    lines: Receiver<CoreResult<Vec<u8>>>,
    cancel: Cancel,
    item: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Iterator for Received<T> {
    type Item = CoreResult<T>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(cancelled) = self.cancel.check() {
            return Some(Err(cancelled));
        }
        let line = match self.lines.blocking_recv()? {
            Ok(line) => line,
            Err(error) => return Some(Err(error)),
        };
        let unreadable =
            |error| Error::Input { reason: format!("a line cannot be read: {error}"), hint: String::new() };
        Some(serde_json::from_slice(&line).map_err(unreadable))
    }
}
