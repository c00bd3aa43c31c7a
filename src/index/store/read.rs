//! Reading documents, settings, and the changes that the index catches up from.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::check::layout_of;
use super::checksum;
use super::counters::{Counters, read_change};
use super::failure::Failure;
use super::rows::{DOCUMENT, DocumentRow, PASSAGE, PassageRow, damage_of};
use super::{Snapshot, forgotten_through, setting};
use crate::error::{Error, Result};
use crate::passage::{Document, DocumentInfo, Layout, Span};

/// The title under which a damaged document is listed.
const DAMAGED_TITLE: &str = "(damaged: ingest it again)";

/// A passage as stored, without vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage {
    /// Its key.
    pub key: u64,
    /// Its span in the document's text.
    pub span: Span,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Tokens that the model read for it.
    pub tokens: usize,
    /// Its sentences in order.
    pub sentences: Vec<Span>,
}

/// One change of the passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A passage was added.
    Added(u64),
    /// A passage was removed.
    Removed(u64),
}

/// How much a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents.
    pub documents: usize,
    /// Passages.
    pub passages: usize,
    /// Documents by language, most first; those of unknown language under `und`.
    pub languages: Vec<(String, usize)>,
}

impl Snapshot<'_> {
    /// The number of the last change; 0 before the first.
    pub fn last_sequence(&self) -> Result<u64> {
        self.read(|reader| Counters::read(reader).map(|counters| counters.change.cast_unsigned()))
    }

    /// The changes after number `sequence`, and the number of the last one; `None` if some of them were forgotten, are
    /// missing or are not what was stored: an index that is made anew from the passages needs none of them.
    ///
    /// A passage that was added and removed since is left out.
    pub fn changes_after(&self, sequence: u64) -> Result<Option<(Vec<Change>, u64)>> {
        self.read(|reader| {
            let sequence = sequence.cast_signed();
            match forgotten_through(reader) {
                Ok(forgotten) if forgotten > sequence => return Ok(None),
                Ok(_) => {}
                Err(Failure::DamagedFile(reason)) => {
                    tracing::warn!("{}: {reason}", self.path().display());
                    return Ok(None);
                }
                Err(failure) => return Err(failure),
            }
            let end = Counters::read(reader)?.change;
            let mut query = reader.prepare_cached(
                "SELECT c.sequence, c.passage, c.added, c.checksum, p.key IS NOT NULL
                 FROM changes c LEFT JOIN passages p ON p.key = c.passage WHERE c.sequence > ?1 ORDER BY c.sequence",
            )?;
            let mut rows = query.query([sequence])?;
            let (mut changes, mut last) = (Vec::new(), sequence);
            while let Some(row) = rows.next()? {
                last += 1;
                let Some((passage, added)) = read_change(row, last)? else {
                    tracing::warn!("{}: change {last} is not what was stored", self.path().display());
                    return Ok(None);
                };
                match (added, row.get::<_, bool>(4)?) {
                    (true, true) => changes.push(Change::Added(passage.cast_unsigned())),
                    (true, false) => {}
                    (false, _) => changes.push(Change::Removed(passage.cast_unsigned())),
                }
            }
            if last != end {
                tracing::warn!("{}: the changes after {last} are not those up to {end}", self.path().display());
                return Ok(None);
            }
            Ok(Some((changes, last.cast_unsigned())))
        })
    }

    /// Up to `limit` passage keys above `after`, in order.
    pub fn passage_keys(&self, after: u64, limit: usize) -> Result<Vec<u64>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached("SELECT key FROM passages WHERE key > ?1 ORDER BY key LIMIT ?2")?;
            let keys = query.query_map([after.cast_signed(), limit as i64], |row| row.get::<_, i64>(0))?;
            keys.map(|key| key.map(i64::cast_unsigned)).collect::<rusqlite::Result<_>>()
        })
    }

    /// The document with this id, checked; `None` if there is none.
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        self.read(|reader| {
            let Some(row) = document_row(reader, "d.id = ?1", [id], || id.to_owned())? else { return Ok(None) };
            let (text, layout) = checked_text(self, reader, &row)?;
            Ok::<_, Failure>(Some(Document { info: row.info, text, layout }))
        })
    }

    /// Whether there is a document with this id, sound or not.
    pub fn has_document(&self, id: &str) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM documents WHERE id = ?1)";
        self.read(|reader| reader.prepare_cached(query)?.query_row([id], |row| row.get(0)))
    }

    /// Up to `limit` documents behind the one with the id `after`, in the order in which they were first stored. No
    /// text is read. A damaged document is listed by its id, with a title that says so.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no document `after`: it may have been removed since.
    pub fn documents(&self, after: Option<&str>, limit: usize) -> Result<Vec<DocumentInfo>> {
        self.read(|reader| {
            let after = match after {
                None => 0,
                Some(id) => {
                    let mut key = reader.prepare_cached("SELECT key FROM documents WHERE id = ?1")?;
                    let not_found = || Error::NotFound { kind: "document", id: id.to_owned() };
                    key.query_row([id], |row| row.get::<_, i64>(0)).optional()?.ok_or_else(not_found)?
                }
            };
            let query = format!("SELECT {DOCUMENT} FROM documents d WHERE d.key > ?1 ORDER BY d.key LIMIT ?2");
            let mut query = reader.prepare_cached(&query)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query.query_map([after, limit], listed)?;
            Ok::<_, Failure>(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Ids of the documents that were read from this file, or that have this uri.
    pub fn ids_from(&self, origin: &str) -> Result<Vec<String>> {
        self.ids_where("origin = ?1 OR uri = ?1", origin)
    }

    /// Ids of the documents that have this uri.
    pub fn ids_with_uri(&self, uri: &str) -> Result<Vec<String>> {
        self.ids_where("uri = ?1", uri)
    }

    /// Ids of the documents that were read from this file.
    pub fn ids_read_from(&self, origin: &str) -> Result<Vec<String>> {
        self.ids_where("origin = ?1", origin)
    }

    fn ids_where(&self, condition: &str, value: &str) -> Result<Vec<String>> {
        let query = format!("SELECT id FROM documents WHERE {condition} ORDER BY key");
        self.read(|reader| {
            reader.prepare_cached(&query)?.query_map([value], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
        })
    }

    /// The file that the document with this id was read from.
    pub fn origin_of(&self, id: &str) -> Result<Option<String>> {
        let query = "SELECT origin FROM documents WHERE id = ?1";
        let origin = self.read(|reader| reader.prepare_cached(query)?.query_row([id], |row| row.get(0)).optional())?;
        Ok(origin.flatten())
    }

    /// The passages of a document, in order.
    pub fn passages(&self, id: &str) -> Result<Vec<StoredPassage>> {
        self.read(|reader| {
            let query = format!(
                "SELECT {PASSAGE} FROM passages p JOIN documents d ON d.key = p.document
                 WHERE d.id = ?1 ORDER BY p.ordinal"
            );
            let mut query = reader.prepare_cached(&query)?;
            let mut passages = Vec::new();
            for row in query.query_map([id], PassageRow::read)? {
                let row = row?.map_err(damage_of(id))?;
                let headings = row.headings().map_err(damage_of(id))?;
                let PassageRow { key, span, tokens, sentences, .. } = row;
                passages.push(StoredPassage { key, span, headings, tokens, sentences });
            }
            Ok::<_, Failure>(passages)
        })
    }

    /// How much there is.
    pub fn counts(&self) -> Result<Counts> {
        self.read(|reader| {
            let count = |table: &str| {
                reader.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
            };
            let languages = reader
                .prepare(
                    "SELECT coalesce(language, 'und'), count(*) AS n FROM documents GROUP BY 1 ORDER BY n DESC, 1",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)))?
                .collect::<rusqlite::Result<_>>()?;
            let (documents, passages) = (count("documents")? as usize, count("passages")? as usize);
            Ok::<_, rusqlite::Error>(Counts { documents, passages, languages })
        })
    }

    /// How many documents are in Traditional and how many in Simplified Chinese.
    pub fn chinese_documents(&self) -> Result<(usize, usize)> {
        let count = "SELECT count(*) FROM documents WHERE language = ?1 OR language GLOB ?1 || '-*'";
        self.read(|reader| {
            let mut query = reader.prepare_cached(count)?;
            let mut of = |language: &str| query.query_row([language], |row| row.get::<_, i64>(0));
            Ok::<_, rusqlite::Error>((of("zh-Hant")? as usize, of("zh-Hans")? as usize))
        })
    }

    /// Whether any document has a date.
    pub fn has_dates(&self) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM documents WHERE published <> '')";
        self.read(|reader| reader.prepare_cached(query)?.query_row([], |row| row.get(0)))
    }

    /// A setting.
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        self.read(|reader| setting(reader, name))
    }
}

/// The row of the document that meets `condition`; its `id` names it if it is damaged.
pub(super) fn document_row(
    reader: &Connection,
    condition: &str,
    parameters: impl Params,
    id: impl FnOnce() -> String,
) -> Result<Option<DocumentRow>, Failure> {
    let query = format!("SELECT {DOCUMENT} FROM documents d WHERE {condition}");
    match reader.prepare_cached(&query)?.query_row(parameters, DocumentRow::read).optional()? {
        None => Ok(None),
        Some(row) => row.map(Some).map_err(|reason| damage_of(&id())(reason)),
    }
}

/// The document's text and layout. Their checksum is computed once for each version that this process reads.
pub(super) fn checked_text(
    snapshot: &Snapshot<'_>,
    reader: &Connection,
    row: &DocumentRow,
) -> Result<(String, Layout), Failure> {
    let damaged = |reason: &str| damage_of(&row.info.id)(reason.into());
    let layout = layout_of(reader, row)?.map_err(|reason| damaged(&reason))?;
    let mut query = reader.prepare_cached("SELECT text FROM texts WHERE document = ?1")?;
    let mut rows = query.query([row.key])?;
    let text = match rows.next()? {
        None => return Err(damaged("its text is missing")),
        Some(text) => text.get_ref(0)?,
    };
    let (ValueRef::Text(bytes), true) = (text, text.as_bytes().is_ok_and(|text| text.len() == row.info.size_bytes))
    else {
        return Err(damaged("its text does not have the length that was stored"));
    };
    if !snapshot.was_checked(row.key, &row.text_checksum) {
        if checksum::of_text_and_layout(bytes, layout.as_deref()) != row.text_checksum {
            return Err(damaged("its text does not match its checksum"));
        }
        snapshot.note_checked(row.key, row.text_checksum);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("its text is not valid UTF-8"))?;
    let layout = match layout {
        None => Layout::default(),
        Some(bytes) => Layout::from_bytes(&bytes, text).ok_or_else(|| damaged("its layout cannot be read"))?,
    };
    Ok((text.to_owned(), layout))
}

/// A row of a list, with the columns [`DOCUMENT`].
pub(super) fn listed(row: &Row<'_>) -> rusqlite::Result<DocumentInfo> {
    let id = row.get_ref(1)?.as_bytes().map(|id| String::from_utf8_lossy(id).into_owned());
    Ok(DocumentRow::read(row)?.map_or_else(|_| damaged(id.unwrap_or_default()), |row| row.info))
}

/// A damaged document in a list. Only its id is used, as a name; nothing else of it can be trusted.
fn damaged(id: String) -> DocumentInfo {
    DocumentInfo { id, title: DAMAGED_TITLE.into(), ..DocumentInfo::default() }
}
