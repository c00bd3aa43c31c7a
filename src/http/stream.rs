//! `POST /v1/ask` with `stream`: the answer as server-sent events.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;
use utoipa::ToSchema;

use super::App;
use super::admission::Slot;
use super::caller::Caller;
use super::problem::Problem;
use crate::cancel::Cancel;
use crate::footnote::{AnswerEvent, Collections, Question};
use crate::library::AskedOf;
use crate::wire::{self, AskResponse, FoundPassages};

// Never built: it describes an event. Doc comments here are part of the API's description.
/// An event of a stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct ServerSentEvent {
    /// The kind of event. Default: `message`.
    event: Option<String>,
    /// JSON.
    data: String,
}

/// An event, or the problem that ends the stream.
type Sent = Result<Event, Problem>;

/// Answers with events. An error before the first event is an ordinary error response.
pub(super) async fn answer(
    slot: Slot,
    app: Arc<App>,
    caller: Caller,
    asked: AskedOf,
    question: Question,
) -> Result<Response, Problem> {
    respond(slot, app, asked, move |collections, cancel, to_client| {
        let mut sent = BTreeSet::new();
        let answer = collections.ask_with(&question, cancel, &mut |event| match event {
            AnswerEvent::Found(found) => {
                send(to_client, "passages", &FoundPassages::new(&caller.shown(found.clone())));
            }
            AnswerEvent::Sentence { piece, sentence, citations, .. } => {
                let sentence_sent = wire::AnswerSentence::from(sentence.clone());
                send(to_client, "answer.delta", &json!({"text": piece, "sentence": sentence_sent}));
                for id in sentence.citations.iter().filter(|id| sent.insert(**id)) {
                    if let Some(citation) = citations.get(id - 1) {
                        send(to_client, "citation", &wire::Citation::from(caller.shown(citation.clone())));
                    }
                }
            }
        })?;
        send(to_client, "answer.done", &AskResponse::new(caller.shown(answer), collections.model()?));
        Ok(())
    })
    .await
}

/// A response with the events that `work` sends. The work is cancelled when the client disconnects.
async fn respond(
    slot: Slot,
    app: Arc<App>,
    asked: AskedOf,
    work: impl FnOnce(&Collections<'_>, &Cancel, &UnboundedSender<Sent>) -> crate::Result<()> + Send + 'static,
) -> Result<Response, Problem> {
    let turn = slot.turn().await?;
    let cancel = Cancel::default();
    let waiting = cancel.on_drop();
    // Unbounded, so that a slow reader does not keep the room. An answer's size is bounded.
    let (sender, mut events) = unbounded_channel::<Sent>();
    tokio::spawn(async move {
        let to_client = sender.clone();
        if let Err(problem) = turn.run_together(&app, asked, move |asked| work(asked, &cancel, &to_client)).await {
            // The client may have gone away.
            let _ = sender.send(Err(problem));
        }
    });
    let first = events.recv().await.unwrap_or_else(|| Err(Problem::internal()))?;
    let rest = UnboundedReceiverStream::new(events);
    let stream = tokio_stream::once(Ok(first)).chain(rest).map(move |sent| {
        // Dropped with the stream when the client disconnects.
        let _cancels = &waiting;
        Ok::<_, Infallible>(sent.unwrap_or_else(|problem| event("error", &problem.to_json("/v1/ask"))))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

fn send(to_client: &UnboundedSender<Sent>, name: &str, data: &impl Serialize) {
    // Between its steps, the work notices that the client has disconnected.
    let _ = to_client.send(Ok(event(name, data)));
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // Shapes of strings, numbers and lists always serialize.
    Event::default().event(name).json_data(data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use super::*;
    use crate::config::Config;
    use crate::footnote::Footnote;
    use crate::http::limits::Limits;
    use crate::library::Library;

    fn app() -> (tempfile::TempDir, Arc<App>) {
        let index = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        index.path().clone_into(&mut config.index.dir);
        let app = App::new(Arc::new(Library::open(&config, Box::new(|_| {})).unwrap()), &config, Limits::default());
        (index, Arc::new(app))
    }

    /// Whether work that was allowed to continue found itself cancelled.
    fn outcome(found: &Receiver<crate::Result<()>>) -> crate::Result<()> {
        found.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_disconnects_from_a_stream_cancels_the_work() {
        let (_index, app) = app();
        for goes_away in [true, false] {
            let (go_on, gate) = channel::<()>();
            let (tell, found) = channel();
            let slot = app.admission.slot();
            let response = respond(slot, Arc::clone(&app), AskedOf::default(), move |_, cancel, to_client| {
                send(to_client, "passages", &json!({}));
                gate.recv().unwrap();
                tell.send(cancel.check()).unwrap();
                Ok(())
            });
            let response = response.await.unwrap();
            let kept = (!goes_away).then_some(response);
            go_on.send(()).unwrap();
            assert_eq!(outcome(&found).is_err(), goes_away);
            drop(kept);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_that_is_given_up_cancels_the_work() {
        let (_index, app) = app();
        let (go_on, gate) = channel::<()>();
        let (tell, found) = channel();
        let (started, has_started) = channel();
        let slot = app.admission.slot();
        let request = tokio::spawn(async move {
            let work = move |_: &Footnote, cancel: &Cancel| {
                started.send(()).unwrap();
                gate.recv().unwrap();
                tell.send(cancel.check()).unwrap();
                Ok(())
            };
            slot.run_cancellable(&app, None, work).await
        });
        has_started.recv_timeout(Duration::from_secs(20)).unwrap();
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        go_on.send(()).unwrap();
        assert!(outcome(&found).is_err());
    }
}
