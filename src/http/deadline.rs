//! The time limit on one request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, sleep_until};

use super::problem::Problem;

/// Stands for no limit where the configured one is beyond what the clock can count.
pub(super) const FAR_FUTURE: Duration = Duration::from_hours(8760);

/// When a request is given up. Clones are the same deadline; each request has one among its extensions.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    at: Instant,
    lifted: Arc<AtomicBool>,
}

impl Deadline {
    /// The deadline of the request with these extensions.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_else(|| Self::after(FAR_FUTURE))
    }

    pub(super) fn after(limit: Duration) -> Self {
        let now = Instant::now();
        Self { at: now.checked_add(limit).unwrap_or(now + FAR_FUTURE), lifted: Arc::default() }
    }

    pub(super) fn at(&self) -> Instant {
        self.at
    }

    /// Takes the limit away: from here on the client waits for as long as the work takes. For writes, whose outcome
    /// must reach the client.
    pub(super) fn lift(&self) {
        self.lifted.store(true, Ordering::Relaxed);
    }

    /// Done when the deadline has passed; never if it was lifted before.
    async fn passed(&self) {
        sleep_until(self.at).await;
        if self.lifted.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

/// Answers 503 when a request takes longer than `limit`, unless its deadline was lifted.
///
/// Work on a blocking thread ends at its next step; it keeps its [room](super::admission) until then.
pub(super) async fn enforce(State(limit): State<Duration>, mut request: Request, next: Next) -> Response {
    let deadline = Deadline::after(limit);
    request.extensions_mut().insert(deadline.clone());
    tokio::select! {
        // First, so that a body that is late by the same deadline is the client's fault (408) and not the server's.
        biased;
        response = next.run(request) => response,
        () = deadline.passed() => Problem::timed_out().into_response(),
    }
}
