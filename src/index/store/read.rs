//! Reading: documents, and the changes that derived indexes catch up from.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{CHANGES_FORGOTTEN_THROUGH, Snapshot, span_from_row};
use crate::error::{Error, Result};
use crate::passage::{Document, DocumentInfo, Format, Span};

pub(super) const INFO: &str = "d.id, d.title, d.source, d.uri, d.published, d.language, d.tags, d.metadata, d.format,
    length(CAST(d.text AS BLOB)), (SELECT count(*) FROM passages p WHERE p.document = d.key), d.ingested";

/// A passage as stored, without vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage {
    /// Its key.
    pub key: u64,
    /// Where it stands in the document's text.
    pub span: Span,
    /// The headings above it.
    pub headings: Vec<String>,
    /// Tokens that the model read for it.
    pub tokens: usize,
    /// Its sentences in order.
    pub sentences: Vec<Span>,
}

/// One change of the passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A passage came.
    Added(u64),
    /// A passage went.
    Removed(u64),
}

/// How much there is.
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
        let query = "SELECT seq FROM sqlite_sequence WHERE name = 'changes'";
        let last =
            self.read(|reader| reader.prepare_cached(query)?.query_row([], |row| row.get::<_, i64>(0)).optional())?;
        Ok(last.unwrap_or_default() as u64)
    }

    /// What changed after `sequence`, and the number of the last change; `None` when that is no longer known.
    ///
    /// A passage that came and went since is left out.
    pub fn changes_after(&self, sequence: u64) -> Result<Option<(Vec<Change>, u64)>> {
        self.read(|reader| {
            let forgotten: Option<String> = setting(reader, CHANGES_FORGOTTEN_THROUGH)?;
            if forgotten.and_then(|through| through.parse().ok()).unwrap_or(0_u64) > sequence {
                return Ok(None);
            }
            let mut query = reader.prepare_cached(
                "SELECT c.sequence, c.passage, c.added, p.key IS NOT NULL
                 FROM changes c LEFT JOIN passages p ON p.key = c.passage WHERE c.sequence > ?1 ORDER BY c.sequence",
            )?;
            let mut rows = query.query([sequence as i64])?;
            let (mut changes, mut last) = (Vec::new(), sequence);
            while let Some(row) = rows.next()? {
                last = row.get::<_, i64>(0)? as u64;
                let key = row.get::<_, i64>(1)? as u64;
                match (row.get::<_, bool>(2)?, row.get::<_, bool>(3)?) {
                    (true, true) => changes.push(Change::Added(key)),
                    (true, false) => {}
                    (false, _) => changes.push(Change::Removed(key)),
                }
            }
            Ok(Some((changes, last)))
        })
    }

    /// Up to `limit` passage keys above `after`, in order.
    pub fn passage_keys(&self, after: u64, limit: usize) -> Result<Vec<u64>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached("SELECT key FROM passages WHERE key > ?1 ORDER BY key LIMIT ?2")?;
            query.query_map([after as i64, limit as i64], |row| Ok(row.get::<_, i64>(0)? as u64))?.collect()
        })
    }

    /// The document with this id.
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        let query = format!("SELECT {INFO}, d.text FROM documents d WHERE d.id = ?1");
        self.read(|reader| {
            let read = |row: &Row<'_>| Ok(Document { info: info_from_row(row)?, text: row.get(12)? });
            reader.prepare_cached(&query)?.query_row([id], read).optional()
        })
    }

    /// The hash of the document with this id.
    pub fn hash_of(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let query = "SELECT hash FROM documents WHERE id = ?1";
        self.read(|reader| reader.prepare_cached(query)?.query_row([id], |row| row.get(0)).optional())
    }

    /// Up to `limit` documents behind the one with the id `after`, in the order they first came.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no document `after`: it may have been removed since.
    pub fn documents(&self, after: Option<&str>, limit: usize) -> Result<Vec<DocumentInfo>> {
        if let Some(id) = after
            && self.hash_of(id)?.is_none()
        {
            return Err(Error::NotFound { kind: "document", id: id.to_owned() });
        }
        let query = format!(
            "SELECT {INFO} FROM documents d
             WHERE d.key > coalesce((SELECT key FROM documents WHERE id = ?1), 0) ORDER BY d.key LIMIT ?2"
        );
        self.read(|reader| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut query = reader.prepare_cached(&query)?;
            query.query_map(rusqlite::params![after, limit], info_from_row)?.collect()
        })
    }

    /// Ids of the documents that were read from this file, or that have this uri.
    pub fn ids_from(&self, origin: &str) -> Result<Vec<String>> {
        let query = "SELECT id FROM documents WHERE origin = ?1 OR uri = ?1 ORDER BY key";
        self.read(|reader| reader.prepare_cached(query)?.query_map([origin], |row| row.get(0))?.collect())
    }

    /// Ids of the documents that were read from this file.
    pub fn ids_read_from(&self, origin: &str) -> Result<Vec<String>> {
        let query = "SELECT id FROM documents WHERE origin = ?1 ORDER BY key";
        self.read(|reader| reader.prepare_cached(query)?.query_map([origin], |row| row.get(0))?.collect())
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
            let mut passages = reader.prepare_cached(
                "SELECT p.key, p.span_start, p.span_end, p.headings, p.tokens
                 FROM passages p JOIN documents d ON d.key = p.document WHERE d.id = ?1 ORDER BY p.ordinal",
            )?;
            let mut sentences = reader
                .prepare_cached("SELECT span_start, span_end FROM sentences WHERE passage = ?1 ORDER BY ordinal")?;
            let passages = passages.query_map([id], |row| {
                let key = row.get::<_, i64>(0)?;
                let sentences = sentences.query_map([key], |row| span_from_row(row, 0))?;
                Ok(StoredPassage {
                    key: key as u64,
                    span: span_from_row(row, 1)?,
                    headings: json(row, 3)?,
                    tokens: row.get::<_, i64>(4)? as usize,
                    sentences: sentences.collect::<rusqlite::Result<_>>()?,
                })
            })?;
            passages.collect()
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
            Ok(Counts { documents: count("documents")? as usize, passages: count("passages")? as usize, languages })
        })
    }

    /// How many documents are in Traditional and how many in Simplified Chinese.
    pub fn chinese_documents(&self) -> Result<(usize, usize)> {
        let count = "SELECT count(*) FROM documents WHERE language = ?1";
        self.read(|reader| {
            let mut query = reader.prepare_cached(count)?;
            let mut of = |language: &str| query.query_row([language], |row| row.get::<_, i64>(0));
            Ok((of("zh-Hant")? as usize, of("zh-Hans")? as usize))
        })
    }

    /// A named value.
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        self.read(|reader| setting(reader, name))
    }

    /// What SQLite itself finds wrong with the file; empty when all is well.
    pub fn integrity_problems(&self) -> Result<Vec<String>> {
        self.read(|reader| {
            let mut check = reader.prepare("PRAGMA integrity_check")?;
            let found = check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            let mut foreign = reader.prepare("PRAGMA foreign_key_check")?;
            let orphans =
                foreign.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            let orphans = orphans.into_iter().map(|table| format!("a row of {table} belongs to nothing"));
            Ok(found.into_iter().filter(|line| line != "ok").chain(orphans).collect())
        })
    }
}

fn setting(reader: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    reader.prepare_cached("SELECT value FROM settings WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

pub(super) fn info_from_row(row: &Row<'_>) -> rusqlite::Result<DocumentInfo> {
    Ok(DocumentInfo {
        id: row.get(0)?,
        title: row.get(1)?,
        source: row.get(2)?,
        uri: row.get(3)?,
        published: row.get(4)?,
        language: row.get(5)?,
        tags: json(row, 6)?,
        metadata: json(row, 7)?,
        format: if row.get_ref(8)?.as_str()? == Format::Markdown.as_str() { Format::Markdown } else { Format::Plain },
        size_bytes: row.get::<_, i64>(9)? as usize,
        passages: row.get::<_, i64>(10)? as usize,
        ingested: row.get(11)?,
    })
}

pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
