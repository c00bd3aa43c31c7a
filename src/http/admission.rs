//! How much may be under way at once, and the way from async handlers to the blocking façade.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::problem::Problem;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::footnote::Footnote;
use crate::library::Library;

/// Writes under way at once. The store takes one at a time; the others wait with their bodies in memory.
const MAX_CONCURRENT_WRITES: usize = 4;

/// Requests under way at once that embed texts for others. Each may take a minute, and the model runs one at a time.
const MAX_CONCURRENT_EMBEDS: usize = 2;

/// Room for requests. Reads, writes and embeddings have their own, so that no long work keeps a question out.
pub(super) struct Admission {
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    embeds: Arc<Semaphore>,
}

impl Admission {
    /// Room for `max_reads` questions and lookups.
    pub(super) fn new(max_reads: usize) -> Self {
        Self {
            reads: Arc::new(Semaphore::new(max_reads.min(Semaphore::MAX_PERMITS))),
            writes: Arc::new(Semaphore::new(MAX_CONCURRENT_WRITES)),
            embeds: Arc::new(Semaphore::new(MAX_CONCURRENT_EMBEDS)),
        }
    }

    /// The room of reads, for a face that takes its own.
    pub(super) fn reads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.reads)
    }
}

/// One request's room, taken before its body is read, so that bodies in memory are bounded too.
pub(super) struct Slot(OwnedSemaphorePermit);

impl Slot {
    /// Refuses at once where a queue would only hide the overload.
    fn take(room: &Arc<Semaphore>) -> Result<Self, Problem> {
        Arc::clone(room).try_acquire_owned().map(Self).map_err(|_| Problem::overloaded())
    }

    /// Runs `work` on a blocking thread, which holds the slot until it is done, even if the request is given up.
    ///
    /// `collection` is the one meant; the configured one where that is not said.
    pub(super) async fn run<T: Send + 'static>(
        self,
        app: &App,
        collection: Option<String>,
        work: impl FnOnce(&Footnote) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        self.run_on_library(app, move |library| work(&*library.collection(collection.as_deref())?)).await
    }

    /// As [`Slot::run`], for work that is cancelled between its steps when the request is given up.
    pub(super) async fn run_cancellable<T: Send + 'static>(
        self,
        app: &App,
        collection: Option<String>,
        work: impl FnOnce(&Footnote, &Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let cancel = Cancel::default();
        let _waiting = cancel.on_drop();
        self.run(app, collection, move |footnote| work(footnote, &cancel)).await
    }

    /// As [`Slot::run`], on all collections.
    pub(super) async fn run_on_library<T: Send + 'static>(
        self,
        app: &App,
        work: impl FnOnce(&Library) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self(permit) = self;
        let library = Arc::clone(&app.library);
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&library);
            drop(permit);
            result
        });
        if let Ok(result) = task.await {
            result.map_err(Problem::from)
        } else {
            tracing::error!("work for a request panicked; this is a bug in footnote");
            Err(Problem::internal())
        }
    }
}

/// Room to read: to ask, search or look up.
pub(super) struct Read(pub(super) Slot);

/// Room to write: to ingest or delete.
pub(super) struct Write(pub(super) Slot);

/// Room to embed texts for a client's own use.
pub(super) struct Embed(pub(super) Slot);

impl FromRequestParts<Arc<App>> for Embed {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::take(&app.admission.embeds).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Read {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::take(&app.admission.reads).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Write {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::take(&app.admission.writes).map(Self)
    }
}

#[cfg(test)]
impl Admission {
    /// Room for one read.
    pub(super) fn slot(&self) -> Slot {
        Slot::take(&self.reads).unwrap()
    }

    /// Takes all room, until the permits are dropped.
    pub(super) fn fill(&self) -> [OwnedSemaphorePermit; 2] {
        [&self.reads, &self.writes].map(|room| {
            let free = room.available_permits() as u32;
            Arc::clone(room).try_acquire_many_owned(free).unwrap()
        })
    }
}
