//! Reading: documents, the candidates of a question, and the changes that derived indexes catch up from.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{CHANGES_FORGOTTEN_THROUGH, Store, span_from_row, vector_from_blob};
use crate::error::{Error, Result};
use crate::passage::{Document, DocumentInfo, Format, Span};

const INFO: &str = "d.id, d.title, d.source, d.uri, d.published, d.language, d.tags, d.metadata, d.format,
    length(CAST(d.text AS BLOB)), (SELECT count(*) FROM passages p WHERE p.document = d.key), d.ingested";

/// Names taken for one name, at most.
const MOST_ALIASES: usize = 8;

/// A passage with what it takes to rank it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its key.
    pub key: u64,
    /// Its document's key.
    pub document: i64,
    /// Its document's id.
    pub document_id: String,
    /// Where it stands in the document's text.
    pub span: Span,
    /// Its vector, L2 norm 1.
    pub vector: Vec<f32>,
    /// Its sentences in order.
    pub sentences: Vec<CandidateSentence>,
}

/// A sentence with its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateSentence {
    /// Where it stands in the document's text.
    pub span: Span,
    /// Its vector, L2 norm 1.
    pub vector: Vec<f32>,
    /// Its token vectors, as [`Codec`](crate::late::Codec) compresses them.
    pub tokens: Vec<u8>,
}

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

/// What a passage says, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassageText<'s> {
    /// Its document's title.
    pub title: &'s str,
    /// The headings above it.
    pub headings: &'s [String],
    /// Its own text.
    pub text: &'s str,
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

impl Store {
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
            let snapshot = reader.unchecked_transaction()?;
            let forgotten: Option<String> = setting(&snapshot, CHANGES_FORGOTTEN_THROUGH)?;
            if forgotten.and_then(|through| through.parse().ok()).unwrap_or(0_u64) > sequence {
                return Ok(None);
            }
            let mut query = snapshot.prepare_cached(
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

    /// The vectors of these passages; those that are no more are left out.
    pub fn vectors_of(&self, keys: &[u64]) -> Result<Vec<(u64, Vec<f32>)>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached("SELECT vector FROM passages WHERE key = ?1")?;
            let mut vectors = Vec::with_capacity(keys.len());
            for &key in keys {
                let read = |row: &Row<'_>| Ok(vector_from_blob(row.get_ref(0)?.as_blob()?));
                vectors.extend(query.query_row([key as i64], read).optional()?.map(|vector| (key, vector)));
            }
            Ok(vectors)
        })
    }

    /// Calls `each` with what these passages say; those that are no more are left out.
    pub fn each_text(&self, keys: &[u64], mut each: impl FnMut(u64, PassageText<'_>) -> Result<()>) -> Result<()> {
        let mut outcome = Ok(());
        self.read(|reader| {
            let snapshot = reader.unchecked_transaction()?;
            let mut passage = snapshot
                .prepare_cached("SELECT document, span_start, span_end, headings FROM passages WHERE key = ?1")?;
            let mut document = snapshot.prepare_cached("SELECT title, text FROM documents WHERE key = ?1")?;
            // Passages of one document follow one another, so its text is read once.
            let mut at_hand: Option<(i64, String, String)> = None;
            for &key in keys {
                let read =
                    |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, span_from_row(row, 1)?, json::<Vec<String>>(row, 3)?));
                let Some((owner, span, headings)) = passage.query_row([key as i64], read).optional()? else { continue };
                if at_hand.as_ref().is_none_or(|(key, ..)| *key != owner) {
                    at_hand = Some(document.query_row([owner], |row| Ok((owner, row.get(0)?, row.get(1)?)))?);
                }
                let Some((_, title, text)) = &at_hand else { continue };
                // A span out of range is what `verify` reports; it has no terms.
                let text = text.get(span.range()).unwrap_or_default();
                outcome = each(key, PassageText { title, headings: &headings, text });
                if outcome.is_err() {
                    break;
                }
            }
            Ok(())
        })?;
        outcome
    }

    /// The passages with these keys; those that are no more are left out.
    pub fn candidates(&self, keys: &[u64]) -> Result<Vec<Candidate>> {
        self.read(|reader| {
            let snapshot = reader.unchecked_transaction()?;
            let mut passage = snapshot.prepare_cached(
                "SELECT p.document, p.span_start, p.span_end, p.vector, d.id
                 FROM passages p JOIN documents d ON d.key = p.document WHERE p.key = ?1",
            )?;
            let mut sentences = snapshot.prepare_cached(
                "SELECT span_start, span_end, vector, tokens FROM sentences WHERE passage = ?1 ORDER BY ordinal",
            )?;
            let mut found = Vec::with_capacity(keys.len());
            for &key in keys {
                let read = |row: &Row<'_>| {
                    let vector = vector_from_blob(row.get_ref(3)?.as_blob()?);
                    Ok((row.get(0)?, span_from_row(row, 1)?, vector, row.get(4)?))
                };
                let Some((document, span, vector, document_id)) = passage.query_row([key as i64], read).optional()?
                else {
                    continue;
                };
                let read = |row: &Row<'_>| {
                    let vector = vector_from_blob(row.get_ref(2)?.as_blob()?);
                    Ok(CandidateSentence { span: span_from_row(row, 0)?, vector, tokens: row.get(3)? })
                };
                let sentences = sentences.query_map([key as i64], read)?.collect::<rusqlite::Result<_>>()?;
                found.push(Candidate { key, document, document_id, span, vector, sentences });
            }
            Ok(found)
        })
    }

    /// These passages with their documents' ids, in the same order; those that are no more are left out.
    pub fn documents_of(&self, keys: &[u64]) -> Result<Vec<(u64, String)>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached(
                "SELECT d.id FROM passages p JOIN documents d ON d.key = p.document WHERE p.key = ?1",
            )?;
            let mut documents = Vec::with_capacity(keys.len());
            for &key in keys {
                documents.extend(query.query_row([key as i64], |row| row.get(0)).optional()?.map(|id| (key, id)));
            }
            Ok(documents)
        })
    }

    /// Where a passage stands in its document's text; `None` if it is no more.
    pub fn passage_span(&self, key: u64) -> Result<Option<Span>> {
        let query = "SELECT span_start, span_end FROM passages WHERE key = ?1";
        self.read(|reader| {
            reader.prepare_cached(query)?.query_row([key as i64], |row| span_from_row(row, 0)).optional()
        })
    }

    /// What the documents themselves also call these names, all in the form that
    /// [`lexicon::key`](crate::lexicon::key) gives: pairs of a name and another for it, those that most documents give
    /// first.
    pub fn aliases_of(&self, names: &[String]) -> Result<Vec<(String, String)>> {
        self.read(|reader| {
            let mut aliases = Vec::new();
            if reader.query_row("SELECT NOT EXISTS (SELECT 1 FROM aliases)", [], |row| row.get(0))? {
                return Ok(aliases);
            }
            // Rows come by `other`, as the primary key has them, so nothing is sorted here for the many names without any.
            let mut query =
                reader.prepare_cached("SELECT other, count(*) FROM aliases WHERE name = ?1 GROUP BY other")?;
            for name in names {
                let others = query.query_map([name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
                let mut others = others.collect::<rusqlite::Result<Vec<_>>>()?;
                others.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                aliases.extend(others.into_iter().take(MOST_ALIASES).map(|(other, _)| (name.clone(), other)));
            }
            Ok(aliases)
        })
    }

    /// The document with this key, and the headings of one of its passages; `None` if either is no more.
    pub fn document_and_headings(&self, document: i64, passage: u64) -> Result<Option<(Document, Vec<String>)>> {
        let query = format!(
            "SELECT {INFO}, d.text, q.headings FROM documents d JOIN passages q ON q.document = d.key
             WHERE d.key = ?1 AND q.key = ?2"
        );
        self.read(|reader| {
            let read = |row: &Row<'_>| {
                let document = Document { info: info_from_row(row)?, text: row.get(12)? };
                Ok((document, json(row, 13)?))
            };
            reader.prepare_cached(&query)?.query_row([document, passage as i64], read).optional()
        })
    }

    /// The sentences of a passage and of the passages up to `reach` before and after it in its document, in order.
    pub fn sentences_around(&self, passage: u64, reach: usize) -> Result<Vec<Span>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached(
                "SELECT s.span_start, s.span_end FROM passages q
                 JOIN passages p ON p.document = q.document AND p.ordinal BETWEEN q.ordinal - ?2 AND q.ordinal + ?2
                 JOIN sentences s ON s.passage = p.key
                 WHERE q.key = ?1 ORDER BY p.ordinal, s.ordinal",
            )?;
            query.query_map([passage as i64, reach as i64], |row| span_from_row(row, 0))?.collect()
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

fn info_from_row(row: &Row<'_>) -> rusqlite::Result<DocumentInfo> {
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

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
