//! How much runs at once, and the way from async handlers to the blocking library.
//!
//! A request first receives its body (see [`receive`](super::receive)), then waits for its turn in the queue of its
//! kind, then runs on a blocking thread. Each kind has its own room, so that long work keeps no question out.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tracing::Span;

use super::App;
use super::caller::Caller;
use super::connection::Connection;
use super::deadline::Deadline;
use super::limits::Limits;
use super::problem::Problem;
use super::receive::BodyMemory;
use crate::cancel::Cancel;
use crate::config::ServerConfig;
use crate::error::Result;
use crate::footnote::{Collections, Footnote};
use crate::keys::Holder;
use crate::library::{AskedOf, Library, Reach};
use crate::room::{Permit, Room};

/// Writes that run at once. The store takes one document at a time; a few overlap reading, splitting and embedding.
const MAX_CONCURRENT_WRITES: usize = 4;
/// Writes of the command line that run at once. Most of their time they wait for its files, so they have a room of their
/// own.
const MAX_CONCURRENT_HANDOFFS: usize = 2;
/// Embedding requests that run at once. The model runs one batch at a time; a second keeps it busy.
const MAX_CONCURRENT_EMBEDS: usize = 2;
/// Questions and lookups that may wait, for each one that may run.
const WAITING_READS: usize = 4;
const MAX_WAITING_WRITES: usize = 256;
const MAX_WAITING_EMBEDS: usize = 1024;
/// Embeddings wait until the request's own deadline, and writes for as long as it takes.
const UNLIMITED: Duration = Duration::from_hours(8760);

const READ_MEMORY: usize = 32 * 1024 * 1024;
const EMBED_MEMORY: usize = 32 * 1024 * 1024;
/// Uploads of the largest size that are held in memory at once.
const LARGEST_UPLOADS: usize = 2;

/// The rooms, and the memory for the bodies of their requests.
pub(super) struct Admission {
    reads: Room,
    writes: Room,
    handoffs: Room,
    embeds: Room,
    pub(super) read_memory: BodyMemory,
    pub(super) write_memory: BodyMemory,
    pub(super) embed_memory: BodyMemory,
}

impl Admission {
    pub(super) fn new(server: &ServerConfig, limits: &Limits) -> Self {
        let max_reads = server.max_concurrent;
        Self {
            reads: Room::new(max_reads, max_reads.saturating_mul(WAITING_READS), limits.read_patience),
            writes: Room::new(MAX_CONCURRENT_WRITES, MAX_WAITING_WRITES, UNLIMITED),
            handoffs: Room::new(MAX_CONCURRENT_HANDOFFS, MAX_WAITING_WRITES, UNLIMITED),
            embeds: Room::new(MAX_CONCURRENT_EMBEDS, MAX_WAITING_EMBEDS, UNLIMITED),
            read_memory: BodyMemory::new(READ_MEMORY),
            write_memory: BodyMemory::new(server.max_body_bytes.saturating_mul(LARGEST_UPLOADS)).with_small(),
            embed_memory: BodyMemory::new(EMBED_MEMORY),
        }
    }

    /// How many requests run and wait, by queue.
    pub(super) fn load(&self) -> [(&'static str, usize, usize); 4] {
        let rooms = [
            ("questions", &self.reads),
            ("writes", &self.writes),
            ("handoffs", &self.handoffs),
            ("embeddings", &self.embeds),
        ];
        rooms.map(|(name, room)| (name, room.running(), room.queued()))
    }

    #[cfg(feature = "mcp")]
    /// The room of reads, for an API that does its own waiting.
    pub(super) fn reads(&self) -> Room {
        self.reads.clone()
    }
}

/// A request's claim to run in one of the rooms. It waits for its turn when it is run, after its body has arrived.
pub(super) struct Slot {
    room: Room,
    /// The collections that its caller may use.
    reach: Reach,
    /// The holder of its caller's key.
    asker: Option<Holder>,
    deadline: Deadline,
    connection: Option<Arc<Connection>>,
    /// Whether the deadline ends when the work begins.
    is_write: bool,
    /// What the lines that the work logs have in common.
    span: Span,
}

impl Slot {
    fn new(room: &Room, parts: &Parts, is_write: bool) -> Result<Self, Problem> {
        let extensions = &parts.extensions;
        let caller = Caller::of(extensions).ok_or_else(Problem::internal)?;
        Ok(Self {
            room: room.clone(),
            reach: caller.reach().clone(),
            asker: caller.holder(),
            deadline: Deadline::of(extensions),
            connection: Connection::of(extensions),
            is_write,
            span: Span::current(),
        })
    }

    /// The holder of its caller's key, for the log of questions.
    pub(super) fn asker(&self) -> Option<Holder> {
        self.asker.clone()
    }

    /// Runs `work` on a blocking thread, which keeps its room until it is done, even if the request is given up.
    ///
    /// `collection` is the collection's name; `None` is the configured one.
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

    /// As [`Slot::run_cancellable`], on the collections that a question is asked of.
    pub(super) async fn run_together<T: Send + 'static>(
        self,
        app: &App,
        asked: AskedOf,
        work: impl FnOnce(&Collections<'_>, &Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let cancel = Cancel::default();
        let _waiting = cancel.on_drop();
        self.turn().await?.run_together(app, asked, move |collections| work(collections, &cancel)).await
    }

    /// As [`Slot::run`], on all collections that the caller may use.
    pub(super) async fn run_on_library<T: Send + 'static>(
        self,
        app: &App,
        work: impl FnOnce(&Library) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        self.turn().await?.run_on_library(app, work).await
    }

    /// Waits for its turn. Dropping the future leaves the queue.
    pub(super) async fn turn(self) -> Result<Turn, Problem> {
        if self.is_write {
            self.deadline.lift();
        }
        let stopped = async {
            match &self.connection {
                Some(connection) => connection.stopped().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            permit = self.room.enter() => Ok(Turn { permit: permit?, reach: self.reach, span: self.span }),
            () = stopped => Err(Problem::stopping()),
        }
    }
}

/// A request whose turn has come.
pub(super) struct Turn {
    permit: Permit,
    reach: Reach,
    span: Span,
}

impl Turn {
    /// See [`Slot::run_together`].
    pub(super) async fn run_together<T: Send + 'static>(
        self,
        app: &App,
        asked: AskedOf,
        work: impl FnOnce(&Collections<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        self.run_on_library(app, move |library| library.together(&asked, work)).await
    }

    async fn run_on_library<T: Send + 'static>(
        self,
        app: &App,
        work: impl FnOnce(&Library) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { permit, reach, span } = self;
        let library = app.library.within(&reach);
        let task = tokio::task::spawn_blocking(move || {
            let result = span.in_scope(|| work(&library));
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

/// A claim to read: to ask, search or look up.
pub(super) struct Read(pub(super) Slot);

/// A claim to write: to ingest or delete.
pub(super) struct Write(pub(super) Slot);

/// A claim of the command line to write.
pub(super) struct Handoff(pub(super) Slot);

/// A claim to embed texts for a client's own use.
pub(super) struct Embed(pub(super) Slot);

impl FromRequestParts<Arc<App>> for Read {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::new(&app.admission.reads, parts, false).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Write {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::new(&app.admission.writes, parts, true).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Handoff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::new(&app.admission.handoffs, parts, true).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Embed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Slot::new(&app.admission.embeds, parts, false).map(Self)
    }
}

#[cfg(test)]
impl Admission {
    /// A claim to read without a request.
    pub(super) fn slot(&self) -> Slot {
        Slot {
            room: self.reads.clone(),
            reach: Reach::All,
            asker: None,
            deadline: Deadline::after(UNLIMITED),
            connection: None,
            is_write: false,
            span: Span::none(),
        }
    }

    /// Takes all room, until the permits are dropped.
    pub(super) fn fill(&self) -> [tokio::sync::OwnedSemaphorePermit; 3] {
        [&self.reads, &self.writes, &self.embeds].map(Room::fill)
    }
}
