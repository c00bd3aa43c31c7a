//! The limit on one request: when it ends, and who says so.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;

/// Stands for no limit where the configured one is beyond what the clock can count.
const FAR_FUTURE: Duration = Duration::from_hours(8760);

/// When a request is given up; among the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// The deadline of `request`.
    pub(super) fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or_else(|| Self::after(FAR_FUTURE))
    }

    fn after(limit: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(limit).unwrap_or(now + FAR_FUTURE))
    }

    /// Waits for the client to send what `reading` wants. 408 if it does not: the fault is the sender's.
    pub(super) async fn receive<T>(self, reading: impl Future<Output = T>) -> Result<T, Problem> {
        timeout_at(self.0, reading).await.map_err(|_| Problem::slow_body())
    }
}

/// Gives up what is not answered in time. 503: the fault is the server's.
///
/// Work on a blocking thread is not interrupted; it keeps its [admission](super::admission) until it ends.
pub(super) async fn enforce(State(limit): State<Duration>, mut request: Request, next: Next) -> Response {
    let deadline = Deadline::after(limit);
    request.extensions_mut().insert(deadline);
    match timeout_at(deadline.0, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::timed_out().into_response(),
    }
}
