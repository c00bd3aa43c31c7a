//! `POST /v1/ask` with `stream`: the answer as server-sent events, each as soon as it is there.

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
use super::ask::{AskResponse, FoundPassages};
use super::problem::Problem;
use crate::cancel::Cancel;
use crate::embed::ModelIdentity;
use crate::footnote::Question;
use crate::passage::Answer;

// Never built: it tells OpenAPI what an event is.
/// An event of a stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct ServerSentEvent {
    /// Its kind; `message` where the stream does not say.
    event: Option<String>,
    /// JSON.
    data: String,
}

/// What is sent, or why nothing more is.
type Sent = Result<Event, Problem>;

/// Answers in events. What goes wrong before the first of them is an ordinary error.
pub(super) async fn answer(
    slot: Slot,
    app: Arc<App>,
    collection: Option<String>,
    question: Question,
) -> Result<Response, Problem> {
    let cancel = Cancel::default();
    let waiting = cancel.on_drop();
    // Without a bound, so that a client that reads slowly never holds the slot. An answer is bounded by itself.
    let (sender, mut events) = unbounded_channel::<Sent>();
    tokio::spawn(async move {
        let to_client = sender.clone();
        let work = move |footnote: &crate::Footnote| {
            let answer = footnote.ask_with(&question, &cancel, &mut |found| {
                send(&to_client, "passages", &FoundPassages::new(found));
            })?;
            send_answer(&to_client, answer, footnote.model()?);
            Ok(())
        };
        if let Err(problem) = slot.run(&app, collection, work).await {
            // The client may have gone away.
            let _ = sender.send(Err(problem));
        }
    });
    let first = events.recv().await.unwrap_or_else(|| Err(Problem::internal()))?;
    let rest = UnboundedReceiverStream::new(events);
    let stream = tokio_stream::once(Ok(first)).chain(rest).map(move |sent| {
        // Dropped with the stream, when its client goes away.
        let _cancels = &waiting;
        Ok::<_, Infallible>(sent.unwrap_or_else(|problem| event("error", &problem.to_json("/v1/ask"))))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

/// The pieces of an answer, each followed by those of its citations that were not sent before; then the whole.
fn send_answer(to_client: &UnboundedSender<Sent>, answer: Answer, model: ModelIdentity) {
    let pieces: Vec<String> = answer.pieces().into_iter().map(str::to_owned).collect();
    let cited: Vec<Vec<usize>> = answer.sentences.iter().map(|sentence| sentence.citations.clone()).collect();
    let whole = AskResponse::new(answer, model);
    let mut sent = BTreeSet::new();
    for (piece, ids) in pieces.iter().zip(cited) {
        send(to_client, "answer.delta", &json!({"text": piece}));
        for id in ids.into_iter().filter(|id| sent.insert(*id)) {
            if let Some(citation) = whole.citations().get(id - 1) {
                send(to_client, "citation", citation);
            }
        }
    }
    send(to_client, "answer.done", &whole);
}

fn send(to_client: &UnboundedSender<Sent>, name: &str, data: &impl Serialize) {
    // A client that went away is noticed between the steps of the work.
    let _ = to_client.send(Ok(event(name, data)));
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // Shapes of strings, numbers and lists always serialize.
    Event::default().event(name).json_data(data).unwrap_or_default()
}
