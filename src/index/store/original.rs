//! Which file each document was read from. The files themselves are kept beside the store.

use std::collections::HashSet;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::checksum::{self, Checksum};
use super::failure::Failure;
use super::rows::damage_of;
use super::schema::has_table;
use super::{Snapshot, Store};
use crate::error::Result;
use crate::passage::{Format, Original, OriginalRecord};

const COLUMNS: &str = "document, name, hash, size_bytes, format, checksum";

/// What is stored of the original of the document with this key; the reason if it is not what was stored.
pub(super) fn original_of(
    connection: &Connection,
    document: i64,
) -> rusqlite::Result<Result<Option<OriginalRecord>, String>> {
    if !has_table(connection, "originals")? {
        return Ok(Ok(None));
    }
    let query = format!("SELECT {COLUMNS} FROM originals WHERE document = ?1");
    let found = connection.prepare_cached(&query)?.query_row([document], record).optional()?;
    Ok(found.transpose())
}

/// Sets or removes what is stored of a document's original.
pub(super) fn set_original(
    connection: &Connection,
    document: i64,
    original: Option<&Original>,
) -> rusqlite::Result<()> {
    let Some(original) = original.map(Original::record) else {
        connection.prepare_cached("DELETE FROM originals WHERE document = ?1")?.execute([document])?;
        return Ok(());
    };
    let size = i64::try_from(original.size_bytes).unwrap_or(i64::MAX);
    let checksum = checksum_of(document, &original, size);
    let insert = format!("INSERT OR REPLACE INTO originals ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    let values = params![document, original.name, original.hash, size, original.format.as_str(), checksum];
    connection.prepare_cached(&insert)?.execute(values)?;
    Ok(())
}

fn checksum_of(document: i64, original: &OriginalRecord, size: i64) -> Checksum {
    checksum::of_values(&[
        ValueRef::Integer(document),
        ValueRef::Text(original.name.as_bytes()),
        ValueRef::Blob(&original.hash),
        ValueRef::Integer(size),
        ValueRef::Text(original.format.as_str().as_bytes()),
    ])
}

/// The columns [`COLUMNS`]; the reason if they are not what was stored.
fn record(row: &Row<'_>) -> rusqlite::Result<Result<OriginalRecord, String>> {
    let values = [row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?, row.get_ref(3)?, row.get_ref(4)?];
    let damaged = || Ok(Err("what is known of its file does not match its checksum".into()));
    if row.get_ref(5)? != ValueRef::Blob(&checksum::of_values(&values)) {
        return damaged();
    }
    let Some(format) = Format::from_name(&row.get::<_, String>(4)?) else { return damaged() };
    let size_bytes = row.get::<_, i64>(3)?.cast_unsigned();
    Ok(Ok(OriginalRecord { name: row.get(1)?, hash: row.get(2)?, size_bytes, format }))
}

/// A store of an earlier format that is open for reading only has no such table.
impl Snapshot<'_> {
    /// What is known of the file that the document with this id was read from.
    pub fn original(&self, id: &str) -> Result<Option<OriginalRecord>> {
        self.read(|reader| {
            let mut key = reader.prepare_cached("SELECT key FROM documents WHERE id = ?1")?;
            let Some(key) = key.query_row([id], |row| row.get(0)).optional()? else { return Ok(None) };
            original_of(reader, key)?.map_err(|reason| damage_of(id)(reason))
        })
    }

    /// The hashes of all originals.
    pub fn original_hashes(&self) -> Result<HashSet<[u8; 32]>> {
        self.read(|reader| {
            if !has_table(reader, "originals")? {
                return Ok(HashSet::new());
            }
            let mut query = reader.prepare("SELECT hash FROM originals")?;
            Ok::<_, Failure>(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

impl Store {
    /// See [`Snapshot::original`].
    pub fn original(&self, id: &str) -> Result<Option<OriginalRecord>> {
        self.snapshot()?.original(id)
    }

    /// Whether a document was read from the file with this hash.
    pub fn has_original(&self, hash: &[u8; 32]) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM originals WHERE hash = ?1)";
        self.snapshot()?.read(|reader| reader.prepare_cached(query)?.query_row([hash], |row| row.get::<_, bool>(0)))
    }
}
