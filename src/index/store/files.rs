//! The files that documents were read from, so that a file that has not changed is not read again.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::check::{looks_sound, problem_of};
use super::checksum::{self, Checksum};
use super::failure::Failure;
use super::origin::{FileStamp, bounds_below};
use super::pages::{self, PageRecord};
use super::rows::is_sound;
use super::schema::has_table;
use super::unread::{self, UnreadFile};
use super::{Snapshot, Store};
use crate::error::Result;

/// A file whose documents are stored as they were read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// As it was then.
    pub stamp: FileStamp,
    /// Its documents.
    pub documents: Vec<KnownDocument>,
}

/// A document of a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KnownDocument {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// BLAKE3 of all that was given.
    pub hash: [u8; 32],
}

const COLUMNS: &str = "origin, size_bytes, modified_ns, hash, reading, documents, checksum";

/// A row of `files` whose checksum is right.
struct Row {
    stamp: FileStamp,
    documents: Checksum,
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Self>> {
        const COVERED: usize = 6;
        if !is_sound::<COVERED>(row)? {
            return Ok(None);
        }
        Ok(Some(Self { stamp: FileStamp::read(row)?, documents: row.get(5)? }))
    }
}

/// What is to be recorded of a file.
#[derive(Debug, Clone)]
pub struct NotedFile {
    pub(super) origin: String,
    known: Known,
}

/// What is known of a file.
#[derive(Debug, Clone)]
enum Known {
    /// The file, and a checksum of its documents.
    Documents(FileStamp, Checksum),
    /// Why it gave no document. What was read from it before stays.
    Unread(Box<UnreadFile>),
    /// Nothing any more.
    Nothing,
    /// A folder in which another file system is, or is no longer.
    Mount(bool),
    /// What its server says of a page of the web.
    Page(Box<PageRecord>),
}

impl NotedFile {
    /// That the file `origin` gave no document.
    pub fn unread(origin: String, file: UnreadFile) -> Self {
        Self { origin, known: Known::Unread(Box::new(file)) }
    }

    /// Whether another file system is found in a folder.
    pub fn mount(folder: String, is_there: bool) -> Self {
        Self { origin: folder, known: Known::Mount(is_there) }
    }

    /// What is known of the page `origin` besides its content.
    pub fn page(origin: String, page: PageRecord) -> Self {
        Self { origin, known: Known::Page(Box::new(page)) }
    }
}

impl Store {
    /// Records what is known of files, in one transaction.
    pub fn note_files(&self, files: &[NotedFile]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            let insert = format!("INSERT OR REPLACE INTO files ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
            let mut insert = transaction.prepare_cached(&insert)?;
            for NotedFile { origin, known } in files {
                let (stamp, documents) = match known {
                    Known::Documents(stamp, documents) => (stamp, documents),
                    Known::Unread(file) => {
                        unread::note(transaction, origin, file)?;
                        continue;
                    }
                    Known::Nothing => {
                        transaction.prepare_cached("DELETE FROM files WHERE origin = ?1")?.execute([origin])?;
                        unread::forget(transaction, origin)?;
                        pages::forget(transaction, origin)?;
                        continue;
                    }
                    Known::Page(page) => {
                        pages::note(transaction, origin, page)?;
                        continue;
                    }
                    Known::Mount(is_there) => {
                        unread::note_mount(transaction, origin, *is_there)?;
                        continue;
                    }
                };
                unread::forget(transaction, origin)?;
                let values = [
                    ValueRef::Text(origin.as_bytes()),
                    ValueRef::Integer(stamp.size_bytes.cast_signed()),
                    ValueRef::Integer(stamp.modified_ns),
                    ValueRef::Blob(&stamp.hash),
                    ValueRef::Text(stamp.reading.as_bytes()),
                    ValueRef::Blob(documents),
                ];
                let checksum = checksum::of_values(&values);
                let values = values.into_iter().chain([ValueRef::Blob(&checksum)]);
                let values = values.map(rusqlite::types::ToSqlOutput::Borrowed);
                insert.execute(rusqlite::params_from_iter(values))?;
            }
            Ok(())
        })
    }
}

impl Snapshot<'_> {
    /// That the documents of `origin`, as they are stored now, are those of a file like `stamp`; or, without one, that
    /// nothing is known of the file any more. `None` if that changes nothing.
    pub fn noted(&self, origin: &str, stamp: Option<&FileStamp>) -> Result<Option<NotedFile>> {
        self.read(|reader| {
            let known = match stamp {
                Some(stamp) => Known::Documents(stamp.clone(), documents_of(reader, origin)?.1),
                None => Known::Nothing,
            };
            let is_recorded = "SELECT EXISTS (SELECT 1 FROM files WHERE origin = ?1)";
            let changes = stamp.is_some()
                || reader.prepare_cached(is_recorded)?.query_row([origin], |row| row.get::<_, bool>(0))?
                || unread::is_recorded(reader, origin)?
                || pages::is_recorded(reader, origin)?;
            Ok::<_, Failure>(changes.then(|| NotedFile { origin: origin.to_owned(), known }))
        })
    }

    /// What is known of the file `origin`; `None` if nothing is, if its documents were changed or removed by other means, or
    /// if anything of them is missing or what is recorded of them is damaged. Their texts and vectors, which are most of a
    /// store, are checked only if `whole`.
    pub fn known_file(&self, origin: &str, whole: bool) -> Result<Option<KnownFile>> {
        self.read(|reader| {
            if !has_table(reader, "files")? {
                return Ok(None);
            }
            let mut query = reader.prepare_cached(&format!("SELECT {COLUMNS} FROM files WHERE origin = ?1"))?;
            let Some(Row { stamp, documents }) = query.query_row([origin], Row::read).optional()?.flatten() else {
                return Ok(None);
            };
            let (found, digest) = documents_of(reader, origin)?;
            if digest != documents {
                return Ok(None);
            }
            let mut known = Vec::with_capacity(found.len());
            for (key, document) in found {
                let is_sound = if whole { problem_of(reader, key)?.is_none() } else { looks_sound(reader, key)? };
                if !is_sound {
                    return Ok(None);
                }
                known.push(document);
            }
            Ok::<_, Failure>(Some(KnownFile { stamp, documents: known }))
        })
    }

    /// The files below the folder `folder` that documents were read from, in order.
    pub fn origins_below(&self, folder: &str) -> Result<Vec<String>> {
        let (first, last) = bounds_below(folder);
        self.read(|reader| {
            let mut query = reader.prepare_cached(
                "SELECT DISTINCT origin FROM documents WHERE origin >= ?1 AND origin < ?2 ORDER BY origin",
            )?;
            query.query_map(params![first, last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
        })
    }

    /// How many rows about files do not match their checksums. They are made again when their files are ingested.
    pub(crate) fn damaged_files(&self) -> Result<usize> {
        self.read(|reader| {
            if !has_table(reader, "files")? {
                return Ok(0);
            }
            let mut query = reader.prepare_cached(&format!("SELECT {COLUMNS} FROM files"))?;
            let mut damaged = 0;
            for row in query.query_map([], |row| Ok(Row::read(row).ok().flatten()))? {
                damaged += usize::from(row?.is_none());
            }
            damaged += unread::damaged(reader)? + pages::damaged(reader)?;
            Ok::<_, Failure>(damaged)
        })
    }
}

/// A store of format 3 that no writer has opened yet lacks the table.
/// The documents of a file with their keys, and a checksum of what they are.
fn documents_of(connection: &Connection, origin: &str) -> rusqlite::Result<(Vec<(i64, KnownDocument)>, Checksum)> {
    let mut query =
        connection.prepare_cached("SELECT key, id, title, hash FROM documents WHERE origin = ?1 ORDER BY key")?;
    let mut rows = query.query([origin])?;
    let (mut documents, mut parts) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let document = KnownDocument { id: row.get(1)?, title: row.get(2)?, hash: row.get(3)? };
        parts.push(document.id.clone().into_bytes());
        parts.push(document.hash.to_vec());
        documents.push((row.get(0)?, document));
    }
    Ok((documents, checksum::of_parts(parts.iter().map(Vec::as_slice))))
}
