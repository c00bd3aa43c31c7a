//! Classifies SQLite's errors: damage, a full disk, a read that failed once.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::stamp::{Stamp, log_of};
use crate::error::Error;

/// Why work on the store failed.
#[derive(Debug)]
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    /// The rows of a document are not what was stored.
    Damaged {
        document: String,
        reason: String,
    },
    /// Something that belongs to no document is not what was stored.
    DamagedFile(String),
    /// Already in the caller's terms.
    Refused(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    /// The failure as an error about the file at `path`.
    pub(super) fn into_error(self, path: &Path) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Damaged { document, reason } => Error::Damaged { path: path.to_owned(), document, reason },
            Self::DamagedFile(reason) => Error::Corrupt { path: path.to_owned(), reason },
            Self::Sqlite(error) if is_unreadable_value(&error) || is_schema_mismatch(&error) => {
                Error::Corrupt { path: path.to_owned(), reason: error.to_string() }
            }
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damage_or_failed_read(path, &error),
                Some(ErrorCode::DiskFull) => Error::DiskFull { action: "write", path: path.to_owned() },
                // SQLite reports many failed writes as plain I/O errors, and a log that it cannot create as a file
                // that it cannot open.
                Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) if is_full(path) => {
                    Error::DiskFull { action: "write", path: path.to_owned() }
                }
                _ => Error::Store { path: path.to_owned(), source: error },
            },
        }
    }
}

/// Whether a value has a type or content that was never stored, which only damage explains.
pub(super) fn is_unreadable_value(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// Whether a table or column is missing, or JSON unreadable. All statements are fixed, and were right when the tables
/// were made.
fn is_schema_mismatch(error: &rusqlite::Error) -> bool {
    let message = match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        _ => return false,
    };
    error.sqlite_error_code() == Some(ErrorCode::Unknown)
        && (message.starts_with("no such ") || message.starts_with("malformed "))
}

/// Whether an index of the file lacks the entry of a row that changes; the rows themselves may be sound.
pub(super) fn is_index_mismatch(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CORRUPT_INDEX)
}

/// The file that was last found damaged, its state then, and the reason.
static LAST_DAMAGED: Mutex<Option<(PathBuf, Stamp, String)>> = Mutex::new(None);

/// SQLite also reports damage when the disk failed to return a page. So the file is read again before it is called
/// damaged.
///
/// That takes long, so one does it at a time, and a file that was found damaged is not read again before it changes.
fn damage_or_failed_read(path: &Path, error: &rusqlite::Error) -> Error {
    let mut last = LAST_DAMAGED.lock().unwrap_or_else(PoisonError::into_inner);
    let stamp = Stamp::of(path);
    if let (Some((damaged, then, reason)), Some(now)) = (&*last, &stamp)
        && (damaged.as_path(), then) == (path, now)
    {
        return Error::Corrupt { path: path.to_owned(), reason: reason.clone() };
    }
    let verdict = read_again(path, error);
    if let (Error::Corrupt { reason, .. }, Some(stamp)) = (&verdict, stamp) {
        *last = Some((path.to_owned(), stamp, reason.clone()));
    }
    verdict
}

fn read_again(path: &Path, error: &rusqlite::Error) -> Error {
    for file in [path.to_owned(), log_of(path)] {
        match File::open(&file).and_then(|mut file| io::copy(&mut file, &mut io::sink())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Error::io("read", &file)(error),
            _ => {}
        }
    }
    match first_problem(path) {
        Ok(None) => Error::io("read", path)(io::Error::other("the disk failed once; reading the file again succeeded")),
        Ok(Some(reason)) => Error::Corrupt { path: path.to_owned(), reason },
        Err(_) => Error::Corrupt { path: path.to_owned(), reason: error.to_string() },
    }
}

fn first_problem(path: &Path) -> rusqlite::Result<Option<String>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(Some(found).filter(|found| found != "ok"))
}

/// Whether the disk that holds `path` has no room for a small file.
fn is_full(path: &Path) -> bool {
    const PROBE_BYTES: usize = 64 * 1024;
    let Some(dir) = path.parent() else { return false };
    let probe = || -> io::Result<()> {
        let mut file = tempfile::tempfile_in(dir)?;
        file.write_all(&vec![0; PROBE_BYTES])?;
        file.sync_all()
    };
    probe().is_err_and(|error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}
