//! The pages of the web that documents were read from: with which validators their servers can be asked whether they have
//! changed, and which sitemap or feed lists them. It can be lost: such pages are fetched again.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use super::Snapshot;
use super::checksum;
use super::failure::Failure;
use super::rows::is_sound;
use super::schema::has_table;
use crate::error::Result;

/// What is known of a page besides its content.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PageRecord {
    /// The validator `ETag`.
    pub etag: Option<String>,
    /// The validator `Last-Modified`.
    pub last_modified: Option<String>,
    /// The sitemap or feed that lists it.
    pub listing: Option<String>,
    /// Its address as it was named or listed, before redirects.
    pub entry: String,
    /// When it changed last, as the listing says.
    pub changed: Option<String>,
}

const COLUMNS: &str = "origin, etag, last_modified, listing, entry, changed, checksum";
const COVERED: usize = 6;

pub(super) fn note(connection: &Connection, origin: &str, page: &PageRecord) -> rusqlite::Result<()> {
    let PageRecord { etag, last_modified, listing, entry, changed } = page;
    let values =
        [Some(origin), etag.as_deref(), last_modified.as_deref(), listing.as_deref(), Some(entry), changed.as_deref()];
    let values = values.map(|text| text.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())));
    let checksum = checksum::of_values(&values);
    let insert = format!("INSERT OR REPLACE INTO pages ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    let values = values.into_iter().chain([ValueRef::Blob(&checksum)]).map(rusqlite::types::ToSqlOutput::Borrowed);
    connection.prepare_cached(&insert)?.execute(rusqlite::params_from_iter(values)).map(drop)
}

pub(super) fn forget(connection: &Connection, origin: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM pages WHERE origin = ?1")?.execute([origin]).map(drop)
}

pub(super) fn is_recorded(connection: &Connection, origin: &str) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM pages WHERE origin = ?1)";
    Ok(has_table(connection, "pages")? && connection.prepare_cached(query)?.query_row([origin], |row| row.get(0))?)
}

/// How many rows do not match their checksums.
pub(super) fn damaged(connection: &Connection) -> rusqlite::Result<usize> {
    if !has_table(connection, "pages")? {
        return Ok(0);
    }
    let mut damaged = 0;
    let mut pages = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM pages"))?;
    for row in pages.query_map([], |row| Ok(read(row).ok().flatten()))? {
        damaged += usize::from(row?.is_none());
    }
    Ok(damaged)
}

/// A row with its origin, if its checksum is right.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<(String, PageRecord)>> {
    if !is_sound::<COVERED>(row)? {
        return Ok(None);
    }
    let page = PageRecord {
        etag: row.get(1)?,
        last_modified: row.get(2)?,
        listing: row.get(3)?,
        entry: row.get(4)?,
        changed: row.get(5)?,
    };
    Ok(Some((row.get(0)?, page)))
}

/// A store that no writer of this version has opened yet lacks the table.
impl Snapshot<'_> {
    /// What is known of the page `origin`.
    pub fn page(&self, origin: &str) -> Result<Option<PageRecord>> {
        self.read(|reader| {
            if !has_table(reader, "pages")? {
                return Ok(None);
            }
            let mut query = reader.prepare_cached(&format!("SELECT {COLUMNS} FROM pages WHERE origin = ?1"))?;
            let found = query.query_row([origin], read).optional()?.flatten();
            Ok::<_, Failure>(found.map(|(_, page)| page))
        })
    }

    /// The page that was found at the address `entry`, with its own address.
    pub fn page_at(&self, entry: &str) -> Result<Option<(String, PageRecord)>> {
        Ok(self.pages_where("entry", entry)?.into_iter().next())
    }

    /// The pages that the sitemap or feed `listing` has listed, with their addresses, in order.
    pub fn pages_of(&self, listing: &str) -> Result<Vec<(String, PageRecord)>> {
        self.pages_where("listing", listing)
    }

    fn pages_where(&self, column: &str, value: &str) -> Result<Vec<(String, PageRecord)>> {
        self.read(|reader| {
            if !has_table(reader, "pages")? {
                return Ok(Vec::new());
            }
            let query = format!("SELECT {COLUMNS} FROM pages WHERE {column} = ?1 ORDER BY origin");
            let mut query = reader.prepare_cached(&query)?;
            let rows = query.query_map([value], read)?.filter_map(rusqlite::Result::transpose);
            Ok::<_, Failure>(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
