//! The tables of the store, and which versions of them this program can use.

use std::path::Path;

use rusqlite::Connection;

use super::failure::Failure;
use crate::error::Error;

/// Marks the file as Footnote's, for `file` and for us: "Foot".
const APPLICATION_ID: i32 = 0x466F_6F74;
/// The version of the tables that this program reads and writes.
const VERSION: i32 = 5;
/// The version whose layouts have no rows. It can be read as it is.
const WITHOUT_ROWS: i32 = 4;
/// The version that lacks only the tables of layouts and originals, which no document of it has. It can be read as it is.
const WITHOUT_LAYOUTS: i32 = 3;
/// The version that a writer converts.
const CONVERTIBLE: i32 = 2;
/// SQLite cuts a passage's row of 3 to 8 KB so that all its pages but one are full. Larger pages leave more of each unused
/// (8 % more in all at 16 KiB, 39 % at 8 KiB, on 571 passages of DRCD), and a commit writes whole pages.
const PAGE_BYTES: i32 = 4 * 1024;

/// Every checksum is the start of a BLAKE3 hash. The one in `documents` covers its row and, through the three before
/// it, the document's text, aliases and passages.
const TABLES: &str = "
    CREATE TABLE settings (
        name     TEXT PRIMARY KEY,
        value    TEXT NOT NULL,
        checksum BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE documents (
        key               INTEGER PRIMARY KEY,
        id                TEXT NOT NULL UNIQUE,
        title             TEXT NOT NULL,
        source            TEXT,
        uri               TEXT,
        published         TEXT,
        language          TEXT,
        tags              TEXT NOT NULL,    -- JSON array
        metadata          TEXT NOT NULL,    -- JSON object
        format            TEXT NOT NULL,
        origin            TEXT,             -- the file it was read from
        size_bytes        INTEGER NOT NULL, -- of the text
        passages          INTEGER NOT NULL, -- how many
        hash              BLOB NOT NULL,    -- BLAKE3 of all that was given
        ingested          TEXT NOT NULL,
        text_checksum     BLOB NOT NULL,    -- of the text and, if the format has one, the layout
        aliases_checksum  BLOB NOT NULL,
        passages_checksum BLOB NOT NULL,    -- of their checksums
        checksum          BLOB NOT NULL
    ) STRICT;
    CREATE INDEX documents_by_origin ON documents (origin);
    CREATE INDEX documents_by_uri ON documents (uri);
    CREATE INDEX documents_by_language ON documents (language);
    CREATE TABLE texts ( -- apart, so that nothing else reads past them
        document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
        text     TEXT NOT NULL
    ) STRICT;
    CREATE TABLE passages ( -- one row has all that ranking a candidate takes
        key        INTEGER PRIMARY KEY,
        document   INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
        ordinal    INTEGER NOT NULL,
        span_start INTEGER NOT NULL,
        span_end   INTEGER NOT NULL,
        tokens     INTEGER NOT NULL, -- that the model read
        headings   TEXT NOT NULL,    -- JSON array
        sentences  BLOB NOT NULL,    -- their spans
        vector     BLOB NOT NULL,    -- this and the next column as late::Codec gives them
        compressed BLOB NOT NULL,
        checksum   BLOB NOT NULL,
        UNIQUE (document, ordinal)
    ) STRICT;
    CREATE TABLE aliases (
        name     TEXT NOT NULL, -- both as lexicon::key gives them
        other    TEXT NOT NULL,
        document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
        PRIMARY KEY (name, other, document)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX aliases_by_document ON aliases (document);
    CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY,
        passage  INTEGER NOT NULL,
        added    INTEGER NOT NULL, -- 1 added, 0 removed
        checksum BLOB NOT NULL
    ) STRICT;
";

const LAYOUTS_AND_ORIGINALS: &str = "
    CREATE TABLE layouts ( -- of documents whose text was made from another format
        document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
        layout   BLOB NOT NULL -- as passage::Layout gives it
    ) STRICT;
    CREATE TABLE files ( -- that documents were read from; without its row a file is read again
        origin      TEXT PRIMARY KEY,
        size_bytes  INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL, -- since 1970
        hash        BLOB NOT NULL,    -- BLAKE3 of its bytes
        reading     TEXT NOT NULL,    -- the version of the readers, and settings
        documents   BLOB NOT NULL,    -- a checksum of their ids and hashes
        checksum    BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE originals ( -- the files of documents, unless their text is the file's
        document   INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
        name       TEXT NOT NULL,
        hash       BLOB NOT NULL,    -- BLAKE3 of the file, and the name of its copy if one is kept
        size_bytes INTEGER NOT NULL,
        format     TEXT NOT NULL,
        checksum   BLOB NOT NULL
    ) STRICT;
    CREATE INDEX originals_by_hash ON originals (hash);
";

/// What is known of files that gave no document, of disks, and of pages of the web. It can be lost: such files and pages are
/// read again.
const WALKS: &str = "
    CREATE TABLE IF NOT EXISTS unread ( -- files that gave no document
        origin      TEXT PRIMARY KEY,
        size_bytes  INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL, -- since 1970
        hash        BLOB NOT NULL,    -- BLAKE3 of its bytes
        reading     TEXT NOT NULL,    -- the version of the readers, and settings
        is_failure  INTEGER NOT NULL, -- 0 if there is no text in it
        reason      TEXT NOT NULL,
        hint        TEXT NOT NULL,
        checksum    BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS mounts ( -- folders in which another file system was found
        folder   TEXT PRIMARY KEY,
        checksum BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS pages ( -- of the web
        origin        TEXT PRIMARY KEY, -- their address
        etag          TEXT,             -- both validators as their server gave them
        last_modified TEXT,
        listing       TEXT,             -- the sitemap or feed that lists them
        entry         TEXT NOT NULL,    -- the address before redirects
        changed       TEXT,             -- as the listing says
        checksum      BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS pages_by_listing ON pages (listing);
    CREATE INDEX IF NOT EXISTS pages_by_entry ON pages (entry);
";

/// What a database file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing yet: a first start may have ended before it made the tables.
    Nothing,
    /// The tables of this version.
    Current,
    /// The same tables, with layouts of an earlier form. A program that knows only that form must not read what this one
    /// writes.
    WithoutRows,
    /// Those of this version but for the layouts and originals.
    WithoutLayouts,
    /// Those of an earlier version that a writer converts.
    Convertible,
}

/// What the file at `path` holds.
pub(super) fn look(connection: &Connection, path: &Path) -> Result<Found, Failure> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    let made_by = |version: i32, by: &str, hint: &str| {
        Err(Failure::Refused(Error::Incompatible {
            path: path.to_owned(),
            reason: format!("{by} of Footnote made it (format {version}; this version reads format {VERSION})"),
            hint: hint.into(),
        }))
    };
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if !tables => Ok(Found::Nothing),
        (APPLICATION_ID, VERSION) => Ok(Found::Current),
        (APPLICATION_ID, WITHOUT_ROWS) => Ok(Found::WithoutRows),
        (APPLICATION_ID, WITHOUT_LAYOUTS) => Ok(Found::WithoutLayouts),
        (APPLICATION_ID, CONVERTIBLE) => Ok(Found::Convertible),
        (APPLICATION_ID, version) if version > VERSION => {
            made_by(version, "a newer version", "install that version of Footnote to use the index")
        }
        (APPLICATION_ID, version @ 1..) => made_by(
            version,
            "an early version",
            "delete the index directory and ingest the documents again with this version",
        ),
        _ => Err(Failure::Refused(Error::Corrupt {
            path: path.to_owned(),
            reason: "it is not an index of Footnote".into(),
        })),
    }
}

/// Whether a store has this table: those of earlier versions lack some, and one that is only read gets none.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
    connection.prepare_cached(query)?.query_row([name], |row| row.get(0))
}

/// Sets the page size of a file that holds nothing yet.
pub(super) fn set_page_size(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "page_size", PAGE_BYTES)
}

/// Makes the tables.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    add_layouts(connection)
}

/// Makes the tables of format 3 those of this version.
pub(super) fn add_layouts(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(LAYOUTS_AND_ORIGINALS)?;
    set_version(connection)
}

/// Says that the tables are those of this version.
pub(super) fn set_version(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", VERSION)
}

/// Makes the tables of walks, which a store of this version may lack.
pub(super) fn add_walks(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(WALKS)
}
