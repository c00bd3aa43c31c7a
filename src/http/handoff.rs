//! `/handoff/ingest`, `/handoff/remove` and `/handoff/reindex`: writes of this user's own command line while the server holds the index.
//!
//! A request proves to the [guard](super::guard), by a keyed hash, that its sender can read the secret of this server's
//! index and has the same settings. The proof replaces a key, and only with it may a request say which files its documents come from. Requests
//! and responses are lines of JSON, see [`handoff`](crate::handoff). Both are streamed: the command line reads its files
//! at the pace of the ingest, and prints each outcome when the document is stored. What has arrived is ingested in turns,
//! each with all documents of its files, so that no lock is held while the command line reads.
//!
//! These routes are not part of the API and not in its description.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::App;
use super::admission::{Handoff, Slot};
use super::caller::Caller;
use super::connection::Connection;
use super::problem::Problem;
use crate::cancel::Cancel;
use crate::error::{Error, Result as CoreResult};
use crate::footnote::{Footnote, Ingested, Outcome, Progress};
use crate::handoff::{self, Event, Failure, Item, Lines, Removal};
use crate::ingest;

/// A turn of this many lines or bytes takes no more. One origin can have more.
const MAX_TURN_LINES: usize = 128;
const MAX_TURN_BYTES: usize = 4 * 1024 * 1024;
/// A blank line is sent this often, so that the command line knows that the server is at work.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Proof that a request comes from the server's own user, with the collection that it writes to.
pub(super) struct Proved {
    collection: Option<String>,
    /// Whether nothing of the documents may be left.
    erase: bool,
}

#[derive(Deserialize)]
struct Target {
    collection: Option<String>,
    #[serde(default)]
    erase: bool,
}

impl FromRequestParts<Arc<App>> for Proved {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &Arc<App>) -> Result<Self, Problem> {
        if !Caller::of(&parts.extensions).is_some_and(Caller::is_owner) {
            return Err(Problem::not_proved());
        }
        let Query(Target { collection, erase }) = Query::try_from_uri(&parts.uri)
            .map_err(|rejected| Problem::bad_request(rejected.body_text(), "name the collection"))?;
        Ok(Self { collection, erase })
    }
}

/// Ingests documents and reports each.
pub(super) async fn ingest(
    State(app): State<Arc<App>>,
    proved: Proved,
    Handoff(slot): Handoff,
    request: Request,
) -> Response {
    respond(app, proved, slot, request, |footnote, turns, to_client| {
        let turns = turns.map(|turn| Ok(turn?.map(|item: CoreResult<Item>| item.map(ingest::Item::from))));
        footnote.ingest_turns(turns, &mut |progress| send(to_client, &Event::of(&progress)))
    })
}

/// Removes documents and reports each.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    proved: Proved,
    Handoff(slot): Handoff,
    request: Request,
) -> Response {
    let (jobs, erase) = (Arc::clone(&app.jobs), proved.erase);
    respond(app, proved, slot, request, move |footnote, turns, to_client| {
        let mut ids = Vec::new();
        for turn in turns {
            for removal in turn? {
                let Removal { id } = removal?;
                ids.push(id.clone());
                let outcome = match footnote.delete(&id) {
                    Ok(()) => Outcome::Removed,
                    Err(error @ Error::NotFound { .. }) => Outcome::Failed(error),
                    Err(error) => return Err(error),
                };
                let done = Ingested::new(id, String::new(), outcome);
                send(to_client, &Event::of(&Progress::Done(&done)));
            }
        }
        if erase {
            footnote.erase_traces()?;
            let open = jobs.forget_documents(footnote.name(), &ids)?;
            send(to_client, &Event::Erased { open_jobs: open });
        }
        Ok(())
    })
}

/// Ends a reindex that the command line has embedded: from then on questions are answered with the new model. The request has
/// no lines.
pub(super) async fn reindex(
    State(app): State<Arc<App>>,
    proved: Proved,
    Handoff(slot): Handoff,
    request: Request,
) -> Response {
    respond(app, proved, slot, request, |footnote, turns: Received<Removal>, to_client| {
        for turn in turns {
            turn?;
        }
        footnote.finish_reindex(&mut |progress| send(to_client, &Event::of(&progress))).map(drop)
    })
}

/// A line of a request.
trait Line: DeserializeOwned + Send + 'static {
    /// Whether a turn may end behind it.
    fn ends_turn(&self) -> bool;
}

impl Line for Item {
    fn ends_turn(&self) -> bool {
        match self {
            Self::Document(document) => document.origin().is_none(),
            Self::Imported(_)
            | Self::End(..)
            | Self::Touched(..)
            | Self::Unchanged(..)
            | Self::Report(_)
            | Self::Unread(..)
            | Self::Mount(..)
            | Self::Page(..) => true,
        }
    }
}

impl Line for Removal {
    fn ends_turn(&self) -> bool {
        true
    }
}

/// Answers with the events of `work`, which runs on a blocking thread over the lines of the request as they arrive.
fn respond<T: Line>(
    app: Arc<App>,
    Proved { collection, erase: _ }: Proved,
    slot: Slot,
    request: Request,
    work: impl FnOnce(&Footnote, Received<T>, &ToClient) -> CoreResult<()> + Send + 'static,
) -> Response {
    let cancel = Cancel::default();
    let waiting = cancel.on_drop();
    let connection = Connection::of(request.extensions());
    let (turns, received) = channel(1);
    let max_line_bytes = app.max_line_bytes;
    tokio::spawn(gather(request.into_body(), max_line_bytes, connection.clone(), turns));
    // Without a bound, so that a command line that prints slowly does not hold up the index. Each event is small.
    let (to_client, events) = unbounded_channel();
    tokio::spawn(async move {
        let worker = to_client.clone();
        let received = Received { turns: received, cancel: cancel.clone() };
        // The inner result keeps the kind of an error, which the command line's exit status depends on.
        let working = slot.run_on_library(&app, move |library| {
            Ok(library.collection(collection.as_deref()).and_then(|footnote| work(&footnote, received, &worker)))
        });
        tokio::pin!(working);
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        let done = loop {
            tokio::select! {
                done = &mut working => break done,
                _ = heartbeat.tick() => drop(to_client.send(b"\n".to_vec())),
                // Work that waits for its turn leaves the queue; work under way ends before its next document.
                () = to_client.closed() => return,
                () = stopped(connection.as_deref()), if cancel.check().is_ok() => cancel.cancel(),
            }
        };
        let failure = match done {
            Ok(Ok(())) => None,
            Ok(Err(Error::Cancelled)) if connection.is_some_and(|connection| connection.is_stopping()) => {
                Some(Failure::from(&Error::Server {
                    reason: "the server is stopping".into(),
                    hint: "run the same command again; what was reported is stored".into(),
                }))
            }
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

/// Done when the server stops.
async fn stopped(connection: Option<&Connection>) {
    match connection {
        Some(connection) => connection.stopped().await,
        None => std::future::pending().await,
    }
}

/// Lines that have arrived and that the work has not taken.
struct Gathered<T> {
    lines: Vec<T>,
    /// How many of them make whole turns.
    whole: usize,
    bytes: usize,
}

impl<T: Line> Gathered<T> {
    fn push(&mut self, line: &[u8]) -> CoreResult<()> {
        let unreadable =
            |error| Error::Input { reason: format!("a line cannot be read: {error}"), hint: String::new() };
        self.lines.push(serde_json::from_slice(line).map_err(unreadable)?);
        self.bytes += line.len();
        if self.lines.last().is_some_and(T::ends_turn) {
            self.whole = self.lines.len();
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.whole > 0 && (self.lines.len() >= MAX_TURN_LINES || self.bytes >= MAX_TURN_BYTES)
    }

    /// Takes out the whole turns.
    fn take(&mut self) -> Vec<T> {
        let rest = self.lines.split_off(self.whole);
        (self.whole, self.bytes) = (0, 0);
        std::mem::replace(&mut self.lines, rest)
    }
}

/// Reads a body and gives the work what has arrived whenever it is ready for more. If the body is incomplete, an error
/// follows.
async fn gather<T: Line>(
    body: Body,
    max_line_bytes: usize,
    connection: Option<Arc<Connection>>,
    to_work: Sender<CoreResult<Vec<T>>>,
) {
    let mut body = body.into_data_stream();
    let mut lines = Lines::new(max_line_bytes);
    let mut gathered = Gathered { lines: Vec::new(), whole: 0, bytes: 0 };
    let last = loop {
        let piece = tokio::select! {
            () = to_work.closed() => return,
            () = stopped(connection.as_deref()) => break Err(Error::Cancelled),
            permit = to_work.reserve(), if gathered.whole > 0 => {
                let Ok(permit) = permit else { return };
                permit.send(Ok(gathered.take()));
                continue;
            }
            piece = body.next(), if !gathered.is_full() => piece,
        };
        match piece {
            None if lines.is_at_end() => break Ok(gathered.lines),
            None | Some(Err(_)) => break Err(Error::Cancelled),
            Some(Ok(piece)) => {
                let Ok(found) = lines.push(&piece) else {
                    break Err(Error::Input { reason: "a line is too long".into(), hint: String::new() });
                };
                if let Err(error) = found.iter().try_for_each(|line| gathered.push(line)) {
                    break Err(error);
                }
            }
        }
    };
    let _ = to_work.send(last).await;
}

/// The turns of a request. An error is the last of them.
struct Received<T> {
    turns: Receiver<CoreResult<Vec<T>>>,
    cancel: Cancel,
}

impl<T> Iterator for Received<T> {
    type Item = CoreResult<Turn<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let turn = self.turns.blocking_recv()?;
        Some(turn.map(|lines| Turn { lines: lines.into_iter(), cancel: self.cancel.clone() }))
    }
}

/// Lines that are worked on together, up to an error once the work is cancelled.
struct Turn<T> {
    lines: std::vec::IntoIter<T>,
    cancel: Cancel,
}

impl<T> Iterator for Turn<T> {
    type Item = CoreResult<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        Some(self.cancel.check().map(|()| line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_an_export_is_a_turn_by_itself_also_if_it_is_of_a_file() {
        let mut gathered = Gathered::<Item> { lines: Vec::new(), whole: 0, bytes: 0 };
        let document = serde_json::json!({
            "text": "t", "tags": [], "metadata": {}, "format": "plain", "layout": "", "origin": "/a"
        });
        gathered.push(serde_json::json!({ "document": document }).to_string().as_bytes()).unwrap();
        assert_eq!(gathered.whole, 0);
        gathered.push(serde_json::json!({ "imported": document }).to_string().as_bytes()).unwrap();
        assert_eq!(gathered.whole, 2);
    }

    #[tokio::test]
    async fn a_turn_has_all_documents_of_its_file_and_does_not_wait_for_the_next_file() {
        let line =
            |value: serde_json::Value| serde_json::from_value::<Item>(value).map(|item| handoff::line(&item)).unwrap();
        let document = |origin: &str| {
            line(serde_json::json!({"document": {
                "text": "t", "tags": [], "metadata": {}, "format": "plain", "layout": "", "origin": origin
            }}))
        };
        let end = |origin: &str| line(serde_json::json!({ "end": [origin, null] }));
        let (client, sent) = unbounded_channel::<Vec<u8>>();
        let body = Body::from_stream(UnboundedReceiverStream::new(sent).map(Ok::<_, Infallible>));
        let (to_work, mut turns) = channel::<CoreResult<Vec<Item>>>(1);
        tokio::spawn(gather(body, 1000, None, to_work));
        let kinds = |turn: Option<CoreResult<Vec<Item>>>| -> Vec<&'static str> {
            let kind = |item: &Item| if matches!(item, Item::End(..)) { "end" } else { "document" };
            turn.unwrap().unwrap().iter().map(kind).collect()
        };
        client.send([document("a"), document("a")].concat()).unwrap();
        client.send([end("a"), document("b")].concat()).unwrap();
        // The file `b` has not arrived in full, and the client sends nothing more.
        assert_eq!(kinds(turns.recv().await), ["document", "document", "end"]);
        client.send(end("b")).unwrap();
        assert_eq!(kinds(turns.recv().await), ["document", "end"]);
        client.send(document("c")[..9].to_vec()).unwrap();
        drop(client);
        assert!(matches!(turns.recv().await, Some(Err(Error::Cancelled))), "the body is incomplete");
        assert!(turns.recv().await.is_none());
    }
}
