//! What a document takes over from its file when the file is read again and its content is unchanged.

use rusqlite::{Connection, OptionalExtension, params};

use super::Store;
use super::original::{original_of, set_original};
use super::rows::{DOCUMENT, checksum_with_origin};
use crate::error::Result;
use crate::passage::Original;

impl Store {
    /// Whether the document with this id has this hash, so that storing it again would change nothing. It then belongs to
    /// `origin`, if that is given, and `original` is its file.
    pub fn confirm(
        &self,
        id: &str,
        hash: &[u8; 32],
        origin: Option<&str>,
        original: Option<&Original>,
    ) -> Result<bool> {
        self.write(|transaction| {
            let mut query = transaction.prepare_cached("SELECT key FROM documents WHERE id = ?1 AND hash = ?2")?;
            let Some(key) = query.query_row(params![id, hash], |row| row.get(0)).optional()? else { return Ok(false) };
            adopt_origin(transaction, key, origin)?;
            adopt_original(transaction, key, original)?;
            Ok(true)
        })
    }
}

/// Sets the file that a document was read from, if one is given and it is another.
pub(super) fn adopt_origin(connection: &Connection, document: i64, origin: Option<&str>) -> rusqlite::Result<()> {
    let query =
        format!("SELECT {DOCUMENT} FROM documents d WHERE d.key = ?1 AND ?2 IS NOT NULL AND d.origin IS NOT ?2");
    let mut other = connection.prepare_cached(&query)?;
    let checksum = |row: &rusqlite::Row<'_>| checksum_with_origin(row, origin.unwrap_or_default());
    if let Some(checksum) = other.query_row(params![document, origin], checksum).optional()? {
        let update = "UPDATE documents SET origin = ?2, checksum = ?3 WHERE key = ?1";
        connection.prepare_cached(update)?.execute(params![document, origin, checksum])?;
    }
    Ok(())
}

/// Sets the original of a document, if one is given and it is another.
pub(super) fn adopt_original(
    connection: &Connection,
    document: i64,
    original: Option<&Original>,
) -> rusqlite::Result<()> {
    let Some(original) = original else { return Ok(()) };
    match original_of(connection, document)? {
        Ok(Some(stored)) if stored == original.record() => Ok(()),
        _ => set_original(connection, document, Some(original)),
    }
}
