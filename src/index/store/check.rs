//! Checks that nothing stored was altered: every checksum of a document, and SQLite's own checks.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::checksum::{self, Checksum};
use super::counters::{Counters, read_change};
use super::failure::{Failure, is_unreadable_value};
use super::original::original_of;
use super::rows::{DOCUMENT, DocumentRow, PASSAGE, PassageRow};
use super::{CODEC, Snapshot, forgotten_through, setting};
use crate::error::Result;
use crate::late::Codec;

/// The first thing of the document with this key that is not as it was stored; `None` if all of it is.
pub(super) fn problem_of(connection: &Connection, document: i64) -> rusqlite::Result<Option<String>> {
    match find_problem(connection, document) {
        Ok(found) => Ok(found.err()),
        Err(error) if is_unreadable_value(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

fn find_problem(connection: &Connection, document: i64) -> rusqlite::Result<Result<(), String>> {
    let mut row = connection.prepare_cached(&format!("SELECT {DOCUMENT} FROM documents d WHERE d.key = ?1"))?;
    let row = match row.query_row([document], DocumentRow::read)? {
        Ok(row) => row,
        Err(reason) => return Ok(Err(reason)),
    };
    let text = text_problem(connection, &row)?;
    let aliases = aliases_checksum(connection, document)?;
    if let Some(reason) = text {
        return Ok(Err(reason));
    }
    if aliases != row.aliases_checksum {
        return Ok(Err("its aliases do not match their checksum".into()));
    }
    let query = format!("SELECT {PASSAGE} FROM passages p WHERE p.document = ?1 ORDER BY p.ordinal");
    let mut passages = connection.prepare_cached(&query)?;
    let mut checksums = Vec::new();
    for passage in passages.query_map([document], PassageRow::read)? {
        match passage? {
            Ok(passage) => checksums.push(passage.checksum),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    if checksums.len() != row.info.passages || of_passages(&checksums) != row.passages_checksum {
        return Ok(Err("some of its passages are missing".into()));
    }
    Ok(original_of(connection, document)?.map(drop))
}

/// Whether the row of the document with this key is sound, and its text, its layout and as many passages as the row says
/// are there. They are not read.
pub(super) fn looks_sound(connection: &Connection, document: i64) -> rusqlite::Result<bool> {
    let check = || {
        let mut row = connection.prepare_cached(&format!("SELECT {DOCUMENT} FROM documents d WHERE d.key = ?1"))?;
        let Ok(row) = row.query_row([document], DocumentRow::read)? else { return Ok(false) };
        let parts = "SELECT EXISTS (SELECT 1 FROM texts WHERE document = ?1),
                     EXISTS (SELECT 1 FROM layouts WHERE document = ?1),
                     (SELECT count(*) FROM passages WHERE document = ?1)";
        let (has_text, has_layout, passages) = connection
            .prepare_cached(parts)?
            .query_row([document], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, bool>(1)?, row.get::<_, i64>(2)?)))?;
        let is_whole = usize::try_from(passages).is_ok_and(|passages| passages == row.info.passages);
        Ok(has_text && has_layout >= row.info.format.has_layout() && is_whole)
    };
    match check() {
        Err(error) if is_unreadable_value(&error) => Ok(false),
        outcome => outcome,
    }
}

/// Whether the document with this key has as many passages as its row says, each of them sound.
pub(super) fn has_sound_passages(connection: &Connection, document: i64) -> rusqlite::Result<bool> {
    let check = || {
        let count = "SELECT passages FROM documents WHERE key = ?1";
        let expected: i64 = connection.prepare_cached(count)?.query_row([document], |row| row.get(0))?;
        let query = format!("SELECT {PASSAGE} FROM passages p WHERE p.document = ?1 ORDER BY p.ordinal");
        let mut passages = connection.prepare_cached(&query)?;
        let mut found = 0;
        for passage in passages.query_map([document], PassageRow::read)? {
            if passage?.is_err() {
                return Ok(false);
            }
            found += 1;
        }
        Ok(found == expected)
    };
    match check() {
        Err(error) if is_unreadable_value(&error) => Ok(false),
        outcome => outcome,
    }
}

/// The layout of a document as it is stored, if its format has one; or why there is none.
pub(super) fn layout_of(
    connection: &Connection,
    row: &DocumentRow,
) -> rusqlite::Result<Result<Option<Vec<u8>>, String>> {
    if !row.info.format.has_layout() {
        return Ok(Ok(None));
    }
    let mut query = connection.prepare_cached("SELECT layout FROM layouts WHERE document = ?1")?;
    let layout = query.query_row([row.key], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec())).optional()?;
    Ok(layout.map(Some).ok_or_else(|| "its layout is missing".into()))
}

fn text_problem(connection: &Connection, row: &DocumentRow) -> rusqlite::Result<Option<String>> {
    let layout = match layout_of(connection, row)? {
        Ok(layout) => layout,
        Err(problem) => return Ok(Some(problem)),
    };
    let mut text = connection.prepare_cached("SELECT text FROM texts WHERE document = ?1")?;
    let checksum =
        |row: &rusqlite::Row<'_>| Ok(checksum::of_text_and_layout(row.get_ref(0)?.as_bytes()?, layout.as_deref()));
    Ok(match text.query_row([row.key], checksum).optional()? {
        None => Some("its text is missing".into()),
        Some(found) if found != row.text_checksum => Some("its text does not match its checksum".into()),
        Some(_) => None,
    })
}

/// The checksum of a document's aliases as they are stored.
pub(super) fn aliases_checksum(connection: &Connection, document: i64) -> rusqlite::Result<Checksum> {
    // In the order of the primary key, as `of_aliases` has them.
    let mut query =
        connection.prepare_cached("SELECT name, other FROM aliases WHERE document = ?1 ORDER BY name, other")?;
    let mut rows = query.query([document])?;
    let mut aliases = Vec::new();
    while let Some(row) = rows.next()? {
        aliases.push((row.get_ref(0)?.as_bytes()?.to_vec(), row.get_ref(1)?.as_bytes()?.to_vec()));
    }
    Ok(of_aliases(aliases.iter().map(|(name, other)| (name.as_slice(), other.as_slice()))))
}

/// The checksum of aliases in the order of their bytes.
pub(super) fn of_aliases<'a>(aliases: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Checksum {
    checksum::of_parts(aliases.flat_map(|(name, other)| [name, other]))
}

/// The checksum of a document's passages, given theirs in order.
pub(super) fn of_passages(checksums: &[Checksum]) -> Checksum {
    checksum::of_parts(checksums.iter().map(Checksum::as_slice))
}

impl Snapshot<'_> {
    /// Keys and ids of up to `limit` documents above the key `after`, readable or not.
    pub fn document_keys(&self, after: i64, limit: usize) -> Result<Vec<(i64, String)>> {
        self.read(|reader| {
            let mut query = reader
                .prepare_cached("SELECT key, CAST(id AS BLOB) FROM documents WHERE key > ?1 ORDER BY key LIMIT ?2")?;
            let rows = query.query_map((after, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
                Ok((row.get(0)?, String::from_utf8_lossy(row.get_ref(1)?.as_bytes()?).into_owned()))
            })?;
            rows.collect()
        })
    }

    /// The keys of a document's passages, readable or not.
    pub fn keys_of(&self, document: i64) -> Result<Vec<u64>> {
        let query = "SELECT key FROM passages WHERE document = ?1 ORDER BY key";
        self.read(|reader| {
            let mut query = reader.prepare_cached(query)?;
            let keys = query.query_map([document], |row| row.get::<_, i64>(0))?;
            keys.map(|key| key.map(i64::cast_unsigned)).collect::<rusqlite::Result<_>>()
        })
    }

    /// Whether this version can read the vectors: its codec wrote them.
    pub fn has_readable_vectors(&self) -> Result<bool> {
        self.read(|reader| Ok::<_, Failure>(setting(reader, CODEC)?.is_some_and(|codec| codec == Codec::ID)))
    }

    /// The first thing of the document with this key that is not as it was stored; `None` if all of it is.
    pub fn problem_of(&self, document: i64) -> Result<Option<String>> {
        self.read(|reader| problem_of(reader, document))
    }

    /// The hash of the content of the document with this id, if all that is stored of it is sound. A damaged document
    /// counts as none, so that ingesting it again replaces it.
    pub fn hash_of(&self, id: &str) -> Result<Option<[u8; 32]>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached("SELECT key, hash FROM documents WHERE id = ?1")?;
            let read = |row: &rusqlite::Row<'_>| {
                let hash = row.get_ref(1)?.as_bytes().ok().and_then(|hash| hash.try_into().ok());
                Ok((row.get(0)?, hash))
            };
            match query.query_row([id], read).optional()? {
                Some((key, Some(hash))) => Ok::<_, Failure>(problem_of(reader, key)?.is_none().then_some(hash)),
                _ => Ok(None),
            }
        })
    }

    /// What is wrong with the file apart from its documents: by SQLite's own checks, and in the settings. Empty when
    /// all is well.
    pub fn integrity_problems(&self) -> Result<Vec<String>> {
        self.read(|reader| {
            let mut check = reader.prepare("PRAGMA integrity_check")?;
            let mut problems = check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            problems.retain(|line| line != "ok");
            let mut foreign = reader.prepare("PRAGMA foreign_key_check")?;
            for table in foreign.query_map([], |row| row.get::<_, String>(0))? {
                problems.push(format!("a row of {} belongs to no document", table?));
            }
            let mut settings = reader.prepare("SELECT name, value, checksum FROM settings")?;
            let mut rows = settings.query([])?;
            while let Some(row) = rows.next()? {
                let expected = checksum::of_values(&[row.get_ref(0)?, row.get_ref(1)?]);
                if row.get_ref(2)? != ValueRef::Blob(&expected) {
                    let name = String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default()).into_owned();
                    problems.push(format!("the setting {name} does not match its checksum"));
                }
            }
            problems.extend(changes_problem(reader)?);
            Ok::<_, Failure>(problems)
        })
    }
}

/// What is wrong with the list of changes: each has a checksum, and none is missing between those that were forgotten and
/// the last one.
fn changes_problem(reader: &Connection) -> Result<Option<String>, Failure> {
    let (counters, mut known) = match (Counters::read(reader), forgotten_through(reader)) {
        (Ok(counters), Ok(forgotten)) => (counters, forgotten),
        // Listed among the settings.
        (Err(Failure::DamagedFile(_)), _) | (_, Err(Failure::DamagedFile(_))) => return Ok(None),
        (Err(failure), _) | (_, Err(failure)) => return Err(failure),
    };
    let mut changes = reader.prepare("SELECT sequence, passage, added, checksum FROM changes ORDER BY sequence")?;
    let mut rows = changes.query([])?;
    while let Some(row) = rows.next()? {
        known += 1;
        if read_change(row, known)?.is_none() {
            return Ok(Some(format!("change {known} is not what was stored")));
        }
    }
    Ok((known != counters.change).then(|| format!("changes after {known} are missing")))
}
