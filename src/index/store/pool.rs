//! Read connections: each question, list or check takes one of its own, so that no reader waits for another.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::checksum::Checksum;
use super::failure::Failure;
use super::stamp::Stamp;
use super::{BUSY_TIMEOUT, Store};
use crate::error::Result;
use crate::terms::fold;

/// Page cache of all idle read connections together, in KiB.
const CACHE_KIB: usize = 32 * 1024;
/// Page cache that a connection gets at least, in KiB.
const MIN_CACHE_KIB: usize = 1024;
/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS: usize = 64;

/// Each connection is used by one thread at a time.
const NO_MUTEX: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
/// Characters that are escaped in the path of a `file:` address.
const URI_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b':');
/// Texts that a process remembers to have checked.
const MAX_CHECKED: usize = 100_000;

/// Opens read connections and keeps idle ones. There is no bound on those in use, so that nobody waits for one; only
/// so many are kept.
pub(super) struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
    keep: usize,
}

/// A connection that reads the store.
pub(super) struct Reader {
    pub(super) connection: Connection,
    /// The state of the file when the connection was opened, if it reads the file as one that nobody changes. It never
    /// sees a later change, so it is of use only while the file is in this state.
    immutable: Option<Stamp>,
}

impl Pool {
    pub(super) fn new(path: &Path) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { path: path.to_owned(), idle: Mutex::default(), keep: (2 * cores).max(4) }
    }

    /// The most recently used idle connection, whose page cache is the warmest, or a new one.
    pub(super) fn take(&self) -> rusqlite::Result<Reader> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                None => return self.connect(),
                Some(reader) if reader.immutable.is_some() && reader.immutable != Stamp::of(&self.path) => {}
                Some(reader) => return Ok(reader),
            }
        }
    }

    pub(super) fn put_back(&self, reader: Reader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.keep {
            idle.push(reader);
        }
    }

    fn connect(&self) -> rusqlite::Result<Reader> {
        let opened = self.open()?;
        let reader = &opened.connection;
        reader.pragma_update(None, "query_only", true)?;
        let cache_kib = (CACHE_KIB / self.keep).max(MIN_CACHE_KIB);
        // Negative: SQLite takes a positive number as pages.
        reader.pragma_update(None, "cache_size", -(cache_kib as i64))?;
        // Damaged pages are reported rather than read past.
        reader.pragma_update(None, "cell_size_check", true)?;
        reader.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without it a cached statement is planned anew whenever other values are bound to it.
        reader.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        add_folding(reader)?;
        Ok(opened)
    }

    fn open(&self) -> rusqlite::Result<Reader> {
        // A write-ahead log is read through shared memory beside it, so even a reader opens the file for writing.
        let shared = || {
            let reader = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE | NO_MUTEX)?;
            reader.busy_timeout(BUSY_TIMEOUT)?;
            look_at(&reader).map(|()| Reader { connection: reader, immutable: None })
        };
        shared().or_else(|error| if may_be_read_only(&error) { self.open_read_only(error) } else { Err(error) })
    }

    /// Opens a file that cannot be written. On a read-only medium there can be no shared memory, and without a
    /// write-ahead log there need not be.
    fn open_read_only(&self, refused: rusqlite::Error) -> rusqlite::Result<Reader> {
        let alone = OpenFlags::SQLITE_OPEN_READ_ONLY | NO_MUTEX;
        let reader = Connection::open_with_flags(&self.path, alone)?;
        reader.busy_timeout(BUSY_TIMEOUT)?;
        if look_at(&reader).is_ok() {
            return Ok(Reader { connection: reader, immutable: None });
        }
        open_immutable(&self.path)?.ok_or(refused)
    }
}

/// Adds the function `folded`, by which lists are searched and sorted. What is not text is folded to nothing.
fn add_folding(reader: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    reader.create_scalar_function("folded", 1, flags, |context| {
        Ok(context.get_raw(0).as_str().map(fold).unwrap_or_default())
    })
}

/// Opens a file as one that nobody changes while it is read: without locks, and without anything beside it. `None` if
/// there are changes beside it, which could not be seen so.
pub(super) fn open_immutable(path: &Path) -> rusqlite::Result<Option<Reader>> {
    // Taken first, so that a change at this moment is noticed.
    let Some(stamp) = Stamp::of(path).filter(|stamp| !stamp.has_log()) else { return Ok(None) };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | NO_MUTEX;
    let connection = Connection::open_with_flags(immutable_uri(path)?, flags)?;
    look_at(&connection)?;
    Ok(Some(Reader { connection, immutable: Some(stamp) }))
}

/// Reads a first page: only then SQLite opens what lies beside the file.
fn look_at(reader: &Connection) -> rusqlite::Result<()> {
    reader.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn may_be_read_only(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

fn immutable_uri(path: &Path) -> rusqlite::Result<String> {
    let path = path.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(path.to_owned()))?;
    let absolute = std::path::absolute(path).map_err(|_| rusqlite::Error::InvalidPath(path.into()))?;
    let escaped = utf8_percent_encode(&absolute.to_string_lossy().replace('\\', "/"), URI_PATH).to_string();
    let slash = if escaped.starts_with('/') { "" } else { "/" };
    Ok(format!("file:{slash}{escaped}?immutable=1"))
}

/// The store as of one moment: a read transaction on a connection of its own. It begins with the first read and ends
/// when it is dropped; what is committed meanwhile does not show in it.
pub struct Snapshot<'s> {
    store: &'s Store,
    /// `None` only while it is dropped.
    reader: Option<Reader>,
}

impl<'s> Snapshot<'s> {
    pub(super) fn begin(store: &'s Store) -> Result<Self> {
        let begin = || {
            let reader = store.readers.take()?;
            reader.connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
            Ok(reader)
        };
        let reader = begin().map_err(|error: rusqlite::Error| store.error(error))?;
        Ok(Self { store, reader: Some(reader) })
    }

    /// The store that it is of.
    pub fn store(&self) -> &'s Store {
        self.store
    }

    /// The database file.
    pub fn path(&self) -> &'s Path {
        self.store.path()
    }

    pub(super) fn read<T, F: Into<Failure>>(&self, query: impl FnOnce(&Connection) -> Result<T, F>) -> Result<T> {
        // The connection is there until the drop.
        let Some(reader) = &self.reader else { return Err(self.store.error(rusqlite::Error::InvalidQuery)) };
        query(&reader.connection).map_err(|failure| self.store.error(failure))
    }

    /// Whether this version of a document's text matched its checksum when this process read it before.
    pub(super) fn was_checked(&self, document: i64, checksum: &Checksum) -> bool {
        let checked = self.store.checked.lock().unwrap_or_else(PoisonError::into_inner);
        checked.get(&document) == Some(checksum)
    }

    pub(super) fn note_checked(&self, document: i64, checksum: Checksum) {
        let mut checked = self.store.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.len() >= MAX_CHECKED {
            checked.clear();
        }
        checked.insert(document, checksum);
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        let ended = reader.connection.prepare_cached("ROLLBACK").and_then(|mut rollback| rollback.execute([]));
        if ended.is_ok() {
            self.store.readers.put_back(reader);
        }
    }
}
