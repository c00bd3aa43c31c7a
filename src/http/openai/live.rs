//! A stream of chunks that are sent as they are made.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::super::problem::Problem;

/// The path whose clients read the stream.
const PATH: &str = "/v1/chat/completions";

/// Where chunks go.
pub(super) struct ToClient(UnboundedSender<Result<Value, Problem>>);

impl ToClient {
    pub(super) fn send(&self, chunks: Vec<Value>) {
        for chunk in chunks {
            // The client may have gone away; then the work is cancelled.
            let _ = self.0.send(Ok(chunk));
        }
    }
}

/// Ends the work when the client has gone.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A response with the chunks that `work` sends. An error before the first is an ordinary error response.
pub(super) async fn stream<F>(work: impl FnOnce(ToClient) -> F + Send + 'static) -> Result<Response, Problem>
where
    F: Future<Output = Result<(), Problem>> + Send,
{
    // Unbounded, so that a slow reader does not keep the room. An answer's size is bounded.
    let (sender, mut chunks) = unbounded_channel();
    let task = tokio::spawn(async move {
        let to_client = ToClient(sender.clone());
        if let Err(problem) = work(to_client).await {
            let _ = sender.send(Err(problem));
        }
    });
    let work = AbortOnDrop(task.abort_handle());
    let first = chunks.recv().await.unwrap_or_else(|| Err(Problem::internal()))?;
    let events = tokio_stream::once(Ok(first)).chain(UnboundedReceiverStream::new(chunks)).map(move |chunk| {
        // Dropped with the stream when the client disconnects.
        let _cancels = &work;
        let chunk = chunk.unwrap_or_else(|problem| problem.body_for(PATH));
        // Shapes of strings, numbers and lists always serialize.
        Event::default().json_data(chunk).unwrap_or_default()
    });
    let events = events.chain(tokio_stream::once(Event::default().data("[DONE]"))).map(Ok::<_, Infallible>);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}
