//! The files that gave no document, so that they are reported again without being read; and the folders in which other
//! file systems were found, so that a disk that is not mounted is told from files that are gone.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::checksum;
use super::failure::Failure;
use super::origin::{FileStamp, bounds_below};
use super::rows::is_sound;
use super::schema::has_table;
use super::{Snapshot, Store};
use crate::error::Result;

/// A file that gave no document, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UnreadFile {
    /// The file, and what else decides what is read from it.
    pub stamp: FileStamp,
    /// Whether it could not be read. Else there is no text in it.
    pub is_failure: bool,
    /// Why it gave no document.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

const COLUMNS: &str = "origin, size_bytes, modified_ns, hash, reading, is_failure, reason, hint, checksum";
const COVERED: usize = 8;

pub(super) fn note(connection: &Connection, origin: &str, file: &UnreadFile) -> rusqlite::Result<()> {
    let UnreadFile { stamp, is_failure, reason, hint } = file;
    let values = [
        ValueRef::Text(origin.as_bytes()),
        ValueRef::Integer(stamp.size_bytes.cast_signed()),
        ValueRef::Integer(stamp.modified_ns),
        ValueRef::Blob(&stamp.hash),
        ValueRef::Text(stamp.reading.as_bytes()),
        ValueRef::Integer((*is_failure).into()),
        ValueRef::Text(reason.as_bytes()),
        ValueRef::Text(hint.as_bytes()),
    ];
    let checksum = checksum::of_values(&values);
    let insert = format!("INSERT OR REPLACE INTO unread ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    let values = values.into_iter().chain([ValueRef::Blob(&checksum)]).map(rusqlite::types::ToSqlOutput::Borrowed);
    connection.prepare_cached(&insert)?.execute(rusqlite::params_from_iter(values)).map(drop)
}

pub(super) fn forget(connection: &Connection, origin: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM unread WHERE origin = ?1")?.execute([origin]).map(drop)
}

pub(super) fn is_recorded(connection: &Connection, origin: &str) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM unread WHERE origin = ?1)";
    Ok(has_tables(connection)? && connection.prepare_cached(query)?.query_row([origin], |row| row.get(0))?)
}

pub(super) fn note_mount(connection: &Connection, folder: &str, is_there: bool) -> rusqlite::Result<()> {
    if is_there {
        let checksum = checksum::of_text(folder.as_bytes());
        let insert = "INSERT OR REPLACE INTO mounts VALUES (?1, ?2)";
        connection.prepare_cached(insert)?.execute(params![folder, checksum]).map(drop)
    } else {
        connection.prepare_cached("DELETE FROM mounts WHERE folder = ?1")?.execute([folder]).map(drop)
    }
}

/// How many rows do not match their checksums.
pub(super) fn damaged(connection: &Connection) -> rusqlite::Result<usize> {
    if !has_tables(connection)? {
        return Ok(0);
    }
    let mut damaged = 0;
    let mut files = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM unread"))?;
    for row in files.query_map([], |row| Ok(read(row).ok().flatten()))? {
        damaged += usize::from(row?.is_none());
    }
    let mut mounts = connection.prepare_cached("SELECT folder, checksum FROM mounts")?;
    for row in mounts.query_map([], |row| Ok(mount(row).ok().flatten()))? {
        damaged += usize::from(row?.is_none());
    }
    Ok(damaged)
}

/// A row of `unread`, if its checksum is right.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<UnreadFile>> {
    if !is_sound::<COVERED>(row)? {
        return Ok(None);
    }
    Ok(Some(UnreadFile {
        stamp: FileStamp::read(row)?,
        is_failure: row.get(5)?,
        reason: row.get(6)?,
        hint: row.get(7)?,
    }))
}

/// A row of `mounts`, if its checksum is right.
fn mount(row: &Row<'_>) -> rusqlite::Result<Option<String>> {
    let folder = row.get_ref(0)?;
    let is_sound = row.get_ref(1)? == ValueRef::Blob(&checksum::of_text(folder.as_bytes()?));
    Ok(if is_sound { Some(folder.as_str()?.to_owned()) } else { None })
}

/// A store that no writer of this version has opened yet lacks the tables.
fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(has_table(connection, "unread")? && has_table(connection, "mounts")?)
}

impl Snapshot<'_> {
    /// Why the file `origin` gave no document when it was last read; `None` if it did, or nothing is known.
    pub fn unread_file(&self, origin: &str) -> Result<Option<UnreadFile>> {
        self.read(|reader| {
            if !has_tables(reader)? {
                return Ok(None);
            }
            let mut query = reader.prepare_cached(&format!("SELECT {COLUMNS} FROM unread WHERE origin = ?1"))?;
            Ok::<_, Failure>(query.query_row([origin], read).optional()?.flatten())
        })
    }

    /// The files below the folder `folder` that gave no document, in order.
    pub fn unread_below(&self, folder: &str) -> Result<Vec<String>> {
        let (first, last) = bounds_below(folder);
        self.read(|reader| {
            if !has_tables(reader)? {
                return Ok(Vec::new());
            }
            let query = "SELECT origin FROM unread WHERE origin >= ?1 AND origin < ?2 ORDER BY origin";
            let mut query = reader.prepare_cached(query)?;
            Ok::<_, Failure>(query.query_map(params![first, last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The folder `folder`, and those below it, in which other file systems were found.
    pub fn mounts_below(&self, folder: &str) -> Result<Vec<String>> {
        let (first, last) = bounds_below(folder);
        self.read(|reader| {
            if !has_tables(reader)? {
                return Ok(Vec::new());
            }
            let query = "SELECT folder, checksum FROM mounts
                         WHERE folder = ?1 OR folder >= ?2 AND folder < ?3 ORDER BY folder";
            let mut query = reader.prepare_cached(query)?;
            let rows = query.query_map(params![folder, first, last], mount)?;
            Ok::<_, Failure>(rows.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
        })
    }
}

impl Store {
    /// See [`Snapshot::mounts_below`].
    pub fn mounts_below(&self, folder: &str) -> Result<Vec<String>> {
        self.snapshot()?.mounts_below(folder)
    }
}
