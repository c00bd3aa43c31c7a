//! Read connections: each question, list or check takes one of its own, so that no reader waits for another.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Store;
use crate::error::Result;

/// Page cache of all idle read connections together, in KiB.
const CACHE_KIB: usize = 32 * 1024;
/// Page cache that a connection gets at least, in KiB.
const MIN_CACHE_KIB: usize = 1024;
/// How long a connection waits while another process recovers or removes the write-ahead log; reading itself never
/// waits.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS: usize = 64;

/// Opens read connections and keeps idle ones. There is no bound on those in use, so that nobody waits for one; only
/// so many are kept.
pub(super) struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    keep: usize,
}

impl Pool {
    pub(super) fn new(path: &Path) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { path: path.to_owned(), idle: Mutex::default(), keep: (2 * cores).max(4) }
    }

    /// The most recently used idle connection, whose page cache is the warmest, or a new one.
    pub(super) fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.connect(), Ok)
    }

    pub(super) fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.keep {
            idle.push(connection);
        }
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        // A write-ahead log is read through shared memory beside it, which a read-only medium cannot have.
        let shared = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let alone = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(&self.path, shared)
            .or_else(|_| Connection::open_with_flags(&self.path, alone))?;
        reader.pragma_update(None, "query_only", true)?;
        reader.busy_timeout(BUSY_TIMEOUT)?;
        let cache_kib = (CACHE_KIB / self.keep).max(MIN_CACHE_KIB);
        // Negative: SQLite takes a positive number as pages.
        reader.pragma_update(None, "cache_size", -(cache_kib as i64))?;
        reader.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without it a cached statement is planned anew whenever other values are bound to it.
        reader.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(reader)
    }
}

/// The store as of one moment: a read transaction on a connection of its own. It begins with the first read and ends
/// when it is dropped; what is committed meanwhile does not show in it.
pub struct Snapshot<'s> {
    store: &'s Store,
    /// `None` only while it is dropped.
    connection: Option<Connection>,
}

impl<'s> Snapshot<'s> {
    pub(super) fn begin(store: &'s Store) -> Result<Self> {
        let begin = || {
            let connection = store.readers.take()?;
            connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
            Ok(connection)
        };
        let connection = begin().map_err(|error| store.error(error))?;
        Ok(Self { store, connection: Some(connection) })
    }

    /// The database file.
    pub fn path(&self) -> &'s Path {
        self.store.path()
    }

    pub(super) fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        // It is there until the drop.
        let outcome = self.connection.as_ref().map_or(Err(rusqlite::Error::InvalidQuery), query);
        outcome.map_err(|error| self.store.error(error))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let ended = connection.prepare_cached("ROLLBACK").and_then(|mut rollback| rollback.execute([]));
        if ended.is_ok() {
            self.store.readers.put_back(connection);
        }
    }
}
