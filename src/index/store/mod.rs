//! The store: one SQLite file that holds everything that cannot be made again. Commit, then acknowledge.
//!
//! Passage keys are never used twice, so that a derived index can never answer with a key that now means another
//! passage. Every change of passages is also a row of `changes`, from which derived indexes catch up.

mod candidates;
mod once;
mod pool;
mod read;
mod select;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};
use crate::passage::Span;

pub use candidates::{Candidate, CandidateSentence, PassageText};
use pool::Pool;
pub use pool::Snapshot;
pub use read::{Change, Counts, StoredPassage};
pub use write::{EmbeddedPassage, PreparedDocument, Written};

/// Marks the file as Footnote's, for `file` and for us: "Foot".
const APPLICATION_ID: i32 = 0x466F_6F74;
const SCHEMA_VERSION: i32 = 2;
/// The setting that says through which change `changes` was emptied.
const CHANGES_FORGOTTEN_THROUGH: &str = "changes_forgotten_through";
const SCHEMA: &str = "
    CREATE TABLE settings (
        name  TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE documents (
        key       INTEGER PRIMARY KEY AUTOINCREMENT,
        id        TEXT NOT NULL UNIQUE,
        title     TEXT NOT NULL,
        source    TEXT,
        uri       TEXT,
        published TEXT,
        language  TEXT,
        tags      TEXT NOT NULL,  -- JSON array
        metadata  TEXT NOT NULL,  -- JSON object
        format    TEXT NOT NULL,
        origin    TEXT,           -- the file it was read from
        text      TEXT NOT NULL,
        hash      BLOB NOT NULL,  -- BLAKE3 of all that was given
        ingested  TEXT NOT NULL
    ) STRICT;
    CREATE INDEX documents_by_origin ON documents (origin);
    CREATE INDEX documents_by_uri ON documents (uri);
    CREATE INDEX documents_by_language ON documents (language);
    CREATE TABLE passages (
        key        INTEGER PRIMARY KEY AUTOINCREMENT,
        document   INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
        ordinal    INTEGER NOT NULL,
        span_start INTEGER NOT NULL,
        span_end   INTEGER NOT NULL,
        headings   TEXT NOT NULL, -- JSON array
        tokens     INTEGER NOT NULL,
        vector     BLOB NOT NULL, -- f16, little-endian
        UNIQUE (document, ordinal)
    ) STRICT;
    CREATE TABLE sentences (
        passage    INTEGER NOT NULL REFERENCES passages (key) ON DELETE CASCADE,
        ordinal    INTEGER NOT NULL,
        span_start INTEGER NOT NULL,
        span_end   INTEGER NOT NULL,
        vector     BLOB NOT NULL, -- f16, little-endian
        tokens     BLOB NOT NULL, -- its token vectors, as late::Codec compresses them
        PRIMARY KEY (passage, ordinal)
    ) STRICT; -- with row ids: such rows then fit in a page, where an index of its own kind would spill each
    CREATE TABLE aliases (
        name     TEXT NOT NULL, -- both as lexicon::key gives them
        other    TEXT NOT NULL,
        document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
        PRIMARY KEY (name, other, document)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX aliases_by_document ON aliases (document);
    CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        passage  INTEGER NOT NULL,
        added    INTEGER NOT NULL -- 1 added, 0 removed
    ) STRICT;
";

/// The store of one collection.
pub struct Store {
    path: PathBuf,
    readers: Pool,
    writer: Option<Mutex<Connection>>,
}

impl Store {
    /// The file's name in a collection's directory.
    pub const FILE: &'static str = "store.db";

    /// Opens the store at `path` for reading and writing, and creates it if need be.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error| store_error(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut writer = Connection::open_with_flags(path, flags).map_err(failed)?;
        writer.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        writer.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        writer.pragma_update(None, "foreign_keys", true).map_err(failed)?;
        let version = schema_version(&writer).map_err(failed)?;
        if version == 0 {
            let create = writer.transaction().map_err(failed)?;
            create.execute_batch(SCHEMA).map_err(failed)?;
            create.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
            create.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed)?;
            create.commit().map_err(failed)?;
        }
        let mut store = Self::open_read_only(path)?;
        store.writer = Some(Mutex::new(writer));
        Ok(store)
    }

    /// Opens an existing store for reading, whoever writes to it.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        let failed = |error| store_error(path, error);
        let readers = Pool::new(path);
        let reader = readers.take().map_err(failed)?;
        match schema_version(&reader).map_err(failed)? {
            SCHEMA_VERSION => {}
            0 => return Err(Error::Corrupt { path: path.to_owned(), reason: "it holds no Footnote index".into() }),
            other => {
                return Err(Error::Corrupt {
                    path: path.to_owned(),
                    reason: format!("its format is version {other}; this program reads version {SCHEMA_VERSION}"),
                });
            }
        }
        readers.put_back(reader);
        Ok(Self { path: path.to_owned(), readers, writer: None })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The store as of one moment, for any number of reads. It never waits for a writer or another reader.
    pub fn snapshot(&self) -> Result<Snapshot<'_>> {
        Snapshot::begin(self)
    }

    fn error(&self, source: rusqlite::Error) -> Error {
        store_error(&self.path, source)
    }

    fn writer(&self) -> Result<MutexGuard<'_, Connection>> {
        let writer = self.writer.as_ref().ok_or_else(|| Error::Input {
            reason: "this collection is open for reading only".into(),
            hint: "open it with Footnote::open".into(),
        })?;
        Ok(writer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let failed = |error| store_error(&self.path, error);
        let mut writer = self.writer()?;
        let transaction = writer.transaction().map_err(failed)?;
        let outcome = change(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(outcome)
    }
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn store_error(path: &Path, source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::Corrupt { path: path.to_owned(), reason: source.to_string() }
        }
        _ => Error::Store { path: path.to_owned(), source },
    }
}

/// A vector as it is stored: half precision, which moves a cosine by less than 0.0005.
fn vector_to_blob(vector: &[f32]) -> Vec<u8> {
    let mut halves = vec![f16::ZERO; vector.len()];
    halves.convert_from_f32_slice(vector);
    halves.reinterpret_cast().iter().flat_map(|bits: &u16| bits.to_le_bytes()).collect()
}

fn vector_from_blob(blob: &[u8]) -> Vec<f32> {
    let bits: Vec<u16> = blob.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    bits.reinterpret_cast::<f16>().to_f32_vec()
}

fn span_from_row(row: &rusqlite::Row<'_>, start: usize) -> rusqlite::Result<Span> {
    let (from, to): (i64, i64) = (row.get(start)?, row.get(start + 1)?);
    // Out-of-range values can only come from a damaged file; they become an empty span, which `verify` reports.
    let (from, to) = (usize::try_from(from).unwrap_or_default(), usize::try_from(to).unwrap_or_default());
    Ok(Span::new(from.min(to), to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_keeps_its_direction_in_half_precision() {
        let vector: Vec<f32> = (0..384_i16).map(|i| f32::from(i - 190) / 2200.0).collect();
        let back = vector_from_blob(&vector_to_blob(&vector));
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let cosine = dot(&vector, &back) / (dot(&vector, &vector) * dot(&back, &back)).sqrt();
        assert!(cosine > 0.999_999, "{cosine}");
    }

    #[test]
    fn a_file_that_is_no_database_is_called_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        std::fs::write(&path, "not a database, but long enough to be looked at as one").unwrap();
        assert!(matches!(Store::open(&path), Err(Error::Corrupt { .. })));
        assert!(matches!(Store::open_read_only(&path), Err(Error::Corrupt { .. })));
    }
}
