//! The store: one SQLite file that holds everything that cannot be derived again. Commit, then acknowledge.
//!
//! Passage keys are never used twice, so that the passage index can never answer with a key that now means another
//! passage. Every change of passages is also a row of `changes`, from which the index catches up.
//!
//! Everything is stored with a checksum. The texts, passages and vectors that a question reads are checked when they are
//! read; aliases and the fields that a filter compares are checked by `footnote verify` only. Ingesting a damaged
//! document again replaces it.

mod adopt;
mod candidates;
mod check;
mod checksum;
mod convert;
mod copy;
mod counters;
mod encoded;
mod erase;
mod failure;
mod files;
mod filtered;
mod list;
mod once;
mod origin;
mod original;
mod pages;
mod pool;
mod prepared;
mod read;
mod rows;
mod schema;
mod select;
mod stamp;
mod takeover;
#[cfg(test)]
mod tests;
mod unread;
mod witness;
mod wording;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction};

use crate::error::{Error, Result};
use checksum::Checksum;
use counters::Counters;
use failure::Failure;
use filtered::Filtered;
use pool::Pool;
use schema::Found;
use witness::Witness;

pub use candidates::{Candidate, CandidateSentence, MAX_ALIASES, PassageText};
pub use files::{KnownDocument, KnownFile, NotedFile};
pub use list::{DocumentQuery, Listed, SortBy};
pub use origin::FileStamp;
pub use pages::PageRecord;
pub use pool::Snapshot;
#[cfg(test)]
pub use prepared::samples;
pub use prepared::{EmbeddedPassage, PreparedDocument};
pub use read::{Change, Counts, StoredPassage};
pub use takeover::Version;
pub use unread::UnreadFile;
pub use wording::{CountedFacts, Wording};
pub use write::Written;

/// How long a connection waits while another process recovers or removes the write-ahead log, or writes. Reading itself
/// never waits.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a write-ahead log, in bytes, stays as it is. A longer one is emptied after a commit.
const MAX_LOG_BYTES: u64 = 64 * 1024 * 1024;
/// How long a writer waits for the readers of a log that it empties.
const LOG_TIMEOUT: Duration = Duration::from_secs(1);
/// The setting that names the last change that was forgotten.
const CHANGES_FORGOTTEN_THROUGH: &str = "changes_forgotten_through";
/// The setting that names the codec of the vectors, [`Codec::ID`](crate::late::Codec::ID).
const CODEC: &str = "codec";

/// The store of one collection.
pub struct Store {
    path: PathBuf,
    readers: Pool,
    writer: Option<Mutex<Connection>>,
    /// The length of the write-ahead log, in bytes, beyond which a writer tries to empty it.
    log_limit: AtomicU64,
    /// The checksums of the texts that matched theirs when they were read, by the key of their document.
    checked: Mutex<HashMap<i64, Checksum>>,
    filtered: Mutex<Filtered>,
}

impl Store {
    /// The file's name in a collection's directory.
    pub const FILE: &'static str = "store.db";

    /// Opens the store at `path` for reading and writing. Creates it if it does not exist, and converts one of an
    /// earlier version.
    pub fn open(path: &Path) -> Result<Self> {
        let writer = open_writer(path).map_err(|failure| failure.into_error(path))?;
        Ok(Self { writer: Some(Mutex::new(writer)), ..Self::reading(path) })
    }

    /// Opens a store for reading, even while another process writes to it; `None` if nothing was ever stored in the file.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>> {
        let store = Self::reading(path);
        let found = store.snapshot()?.read(|reader| schema::look(reader, path))?;
        match found {
            Found::Nothing => Ok(None),
            Found::Current | Found::WithoutRows | Found::WithoutLayouts => Ok(Some(store)),
            Found::Convertible => Err(Error::Incompatible {
                path: path.to_owned(),
                reason: "an earlier version of Footnote made it".into(),
                hint: "run `footnote reindex` once to convert it".into(),
            }),
        }
    }

    fn reading(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            readers: Pool::new(path),
            writer: None,
            log_limit: MAX_LOG_BYTES.into(),
            checked: Mutex::default(),
            filtered: Mutex::default(),
        }
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The store as of one moment, for any number of reads. It never waits for a writer or another reader.
    pub fn snapshot(&self) -> Result<Snapshot<'_>> {
        Snapshot::begin(self)
    }

    /// The number of the last change that a writer of the store at `path` acknowledged, as far as is known. Call this
    /// before the store is opened: a change is recorded after its commit, so an intact store is never behind.
    pub fn last_acknowledged(path: &Path) -> Option<u64> {
        Witness::beside(path).last()
    }

    /// Records the last change, once it is committed.
    fn acknowledge(&self, writer: &Connection) {
        if let Ok(counters) = Counters::read(writer) {
            Witness::beside(&self.path).record(counters.change);
        }
    }

    /// Empties a write-ahead log that has grown long. While questions overlap SQLite never starts it anew, because at
    /// every moment one of them reads from it.
    fn shorten_log(&self, writer: &Connection) {
        let bytes = std::fs::metadata(stamp::log_of(&self.path)).map_or(0, |log| log.len());
        if bytes <= self.log_limit.load(Ordering::Relaxed) {
            return;
        }
        let empty = || {
            writer.busy_timeout(LOG_TIMEOUT)?;
            let busy = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
            writer.busy_timeout(BUSY_TIMEOUT)?;
            busy
        };
        let limit = match empty() {
            Ok(false) => MAX_LOG_BYTES,
            // A reader keeps it. Not every commit from now on is to wait for that one.
            Ok(true) => bytes + MAX_LOG_BYTES / 4,
            Err(error) => {
                tracing::warn!("cannot empty the write-ahead log of {}: {error}", self.path.display());
                bytes + MAX_LOG_BYTES / 4
            }
        };
        self.log_limit.store(limit, Ordering::Relaxed);
    }

    fn error(&self, failure: impl Into<Failure>) -> Error {
        failure.into().into_error(&self.path)
    }

    fn writer(&self) -> Result<MutexGuard<'_, Connection>> {
        let writer = self.writer.as_ref().ok_or_else(|| Error::Input {
            reason: "this collection is open for reading only".into(),
            hint: "open it with Footnote::open".into(),
        })?;
        Ok(writer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a change in one transaction.
    fn write<T>(&self, change: impl Fn(&Transaction<'_>) -> Result<T, Failure>) -> Result<T> {
        let mut writer = self.writer()?;
        let outcome = match attempt(&mut writer, &change) {
            // A damaged row no longer matches the indexes over its table, which keeps SQLite from replacing it.
            Err(Failure::Sqlite(error)) if failure::is_index_mismatch(&error) => {
                writer.execute_batch("REINDEX").map_err(Failure::from).and_then(|()| attempt(&mut writer, &change))
            }
            outcome => outcome,
        };
        if outcome.is_ok() {
            self.acknowledge(&writer);
            self.shorten_log(&writer);
        }
        outcome.map_err(|failure| self.error(failure))
    }
}

fn attempt<T>(writer: &mut Connection, change: &impl Fn(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    let transaction = writer.transaction()?;
    let outcome = change(&transaction)?;
    transaction.commit()?;
    Ok(outcome)
}

fn open_writer(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut writer = Connection::open_with_flags(path, flags)?;
    writer.busy_timeout(BUSY_TIMEOUT)?;
    // Before the first page is written; a file that exists keeps its own size.
    schema::set_page_size(&writer)?;
    let found = schema::look(&writer, path)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "journal_size_limit", MAX_LOG_BYTES.cast_signed())?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "cell_size_check", true)?;
    match found {
        Found::Current => {}
        Found::Nothing => {
            let transaction = writer.transaction()?;
            schema::create(&transaction)?;
            set(&transaction, CODEC, crate::late::Codec::ID)?;
            Counters::default().save(&transaction)?;
            transaction.commit()?;
        }
        Found::WithoutRows => schema::set_version(&writer)?,
        Found::WithoutLayouts => {
            let transaction = writer.transaction()?;
            schema::add_layouts(&transaction)?;
            transaction.commit()?;
        }
        Found::Convertible => convert::convert(&mut writer)?,
    }
    schema::add_walks(&writer)?;
    writer.pragma_update(None, "foreign_keys", true)?;
    Ok(writer)
}

/// Writes a setting with its checksum.
fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    let upsert = "INSERT INTO settings VALUES (?1, ?2, ?3)
                  ON CONFLICT DO UPDATE SET value = excluded.value, checksum = excluded.checksum";
    let checksum = checksum::of_values(&[ValueRef::Text(name.as_bytes()), ValueRef::Text(value.as_bytes())]);
    connection.execute(upsert, rusqlite::params![name, value, checksum]).map(drop)
}

/// The number of the last change that was forgotten; damage if it cannot be read.
fn forgotten_through(reader: &Connection) -> Result<i64, Failure> {
    match setting(reader, CHANGES_FORGOTTEN_THROUGH)?.map(|through| through.parse()) {
        None => Ok(0),
        Some(Ok(through)) => Ok(through),
        Some(Err(_)) => Err(Failure::DamagedFile(format!("the setting {CHANGES_FORGOTTEN_THROUGH} is not a number"))),
    }
}

/// A setting; damage if it does not match its checksum.
fn setting(reader: &Connection, name: &str) -> Result<Option<String>, Failure> {
    let mut query = reader.prepare_cached("SELECT value, checksum FROM settings WHERE name = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        let value = row.get_ref(0)?;
        let expected = checksum::of_values(&[ValueRef::Text(name.as_bytes()), value]);
        let sound = row.get_ref(1)? == ValueRef::Blob(&expected);
        Ok(if sound { Some(value.as_str()?.to_owned()) } else { None })
    };
    match query.query_row([name], read).optional()? {
        None => Ok(None),
        Some(Some(value)) => Ok(Some(value)),
        Some(None) => Err(Failure::DamagedFile(format!("the setting {name} does not match its checksum"))),
    }
}
