//! Writing: a document with its passages, sentences and vectors is one transaction.

use rusqlite::{Transaction, params};

use super::{CHANGES_FORGOTTEN_THROUGH, Store, vector_to_blob};
use crate::error::Result;
use crate::passage::{Chunk, DocumentInfo};

/// A document with all that is derived from it, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedDocument {
    /// What is known of it. `passages`, `size_bytes` and `ingested` are set when it is stored.
    pub info: DocumentInfo,
    /// Its text.
    pub text: String,
    /// The file it was read from.
    pub origin: Option<String>,
    /// BLAKE3 of all that was given; equal for equal content.
    pub hash: [u8; 32],
    /// Pairs of names that it gives for one thing, as [`lexicon::key`](crate::lexicon::key) gives them. Each is kept
    /// both ways.
    pub aliases: Vec<(String, String)>,
    /// Its passages in order.
    pub passages: Vec<EmbeddedPassage>,
}

/// A passage with its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedPassage {
    /// Where it stands, its sentences and headings.
    pub chunk: Chunk,
    /// Tokens that the model read for it.
    pub tokens: usize,
    /// Its vector.
    pub vector: Vec<f32>,
    /// A vector for each sentence of `chunk`.
    pub sentence_vectors: Vec<Vec<f32>>,
    /// For each sentence of `chunk` its compressed token vectors.
    pub sentence_tokens: Vec<Vec<u8>>,
}

/// What a write did to the passages, for the derived indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether an earlier version of the document was replaced.
    pub replaced: bool,
    /// Keys of passages that are no more.
    pub removed: Vec<u64>,
    /// Keys of the new passages, in order.
    pub added: Vec<u64>,
    /// The sequence number of the last change.
    pub sequence: u64,
}

impl Store {
    /// Stores a document in place of its earlier version, if any; `None` when the same content is there already.
    pub fn put(&self, document: &PreparedDocument) -> Result<Option<Written>> {
        self.write(|transaction| {
            let stored: Option<(i64, Vec<u8>)> =
                first(transaction, "SELECT key, hash FROM documents WHERE id = ?1", [&document.info.id], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            if stored.as_ref().is_some_and(|(_, hash)| *hash == document.hash) {
                return Ok(None);
            }
            let removed = match &stored {
                Some((key, _)) => remove_passages(transaction, *key)?,
                None => Vec::new(),
            };
            let key = write_document(transaction, document, stored.as_ref().map(|(key, _)| *key))?;
            let added = add_passages(transaction, key, &document.passages)?;
            let sequence = last_sequence(transaction)?;
            Ok(Some(Written { replaced: stored.is_some(), removed, added, sequence }))
        })
    }

    /// Removes a document; `None` if there is none with this id.
    pub fn delete(&self, id: &str) -> Result<Option<Written>> {
        self.write(|transaction| {
            let key: Option<i64> =
                first(transaction, "SELECT key FROM documents WHERE id = ?1", [id], |row| row.get(0))?;
            let Some(key) = key else { return Ok(None) };
            let removed = remove_passages(transaction, key)?;
            transaction.execute("DELETE FROM documents WHERE key = ?1", [key])?;
            let sequence = last_sequence(transaction)?;
            Ok(Some(Written { replaced: false, removed, added: Vec::new(), sequence }))
        })
    }

    /// Replaces every document with what `next` gives for it, and some settings, in one transaction. Documents that
    /// are not given keep what they have.
    pub fn rewrite(
        &self,
        settings: &[(&str, String)],
        next: &mut dyn FnMut() -> Result<Option<PreparedDocument>>,
    ) -> Result<usize> {
        let failed = |error| super::store_error(&self.path, error);
        let mut writer = self.writer()?;
        let transaction = writer.transaction().map_err(failed)?;
        let mut documents = 0;
        while let Some(document) = next()? {
            let replace = || {
                let query = "SELECT key FROM documents WHERE id = ?1";
                let key: Option<i64> = first(&transaction, query, [&document.info.id], |row| row.get(0))?;
                if let Some(key) = key {
                    remove_passages(&transaction, key)?;
                }
                let key = write_document(&transaction, &document, key)?;
                add_passages(&transaction, key, &document.passages)
            };
            replace().map_err(failed)?;
            documents += 1;
        }
        for (name, value) in settings {
            set(&transaction, name, value).map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        Ok(documents)
    }

    /// Keeps a named value.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        self.write(|transaction| set(transaction, name, value))
    }

    /// Forgets changes that all derived indexes on disk hold. An index that is further behind must be rebuilt.
    pub fn forget_changes_through(&self, sequence: u64) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM changes WHERE sequence <= ?1", [sequence as i64])?;
            set(transaction, CHANGES_FORGOTTEN_THROUGH, &sequence.to_string())
        })
    }
}

fn set(transaction: &Transaction<'_>, name: &str, value: &str) -> rusqlite::Result<()> {
    let upsert = "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    transaction.execute(upsert, [name, value]).map(drop)
}

fn first<T>(
    transaction: &Transaction<'_>,
    query: &str,
    parameters: impl rusqlite::Params,
    read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    use rusqlite::OptionalExtension;
    transaction.prepare_cached(query)?.query_row(parameters, read).optional()
}

fn last_sequence(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    let query = "SELECT seq FROM sqlite_sequence WHERE name = 'changes'";
    Ok(first(transaction, query, [], |row| row.get::<_, i64>(0))?.unwrap_or_default() as u64)
}

fn remove_passages(transaction: &Transaction<'_>, document: i64) -> rusqlite::Result<Vec<u64>> {
    let keys = transaction
        .prepare_cached("SELECT key FROM passages WHERE document = ?1 ORDER BY key")?
        .query_map([document], |row| row.get::<_, i64>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut note = transaction.prepare_cached("INSERT INTO changes (passage, added) VALUES (?1, 0)")?;
    for key in &keys {
        note.execute([key])?;
    }
    transaction.execute("DELETE FROM passages WHERE document = ?1", [document])?;
    transaction.execute("DELETE FROM aliases WHERE document = ?1", [document])?;
    Ok(keys.into_iter().map(|key| key as u64).collect())
}

fn write_document(
    transaction: &Transaction<'_>,
    document: &PreparedDocument,
    key: Option<i64>,
) -> rusqlite::Result<i64> {
    let info = &document.info;
    let tags = serde_json::Value::from(info.tags.clone()).to_string();
    let metadata = serde_json::Value::Object(info.metadata.clone()).to_string();
    let statement = match key {
        Some(_) => {
            "UPDATE documents SET id = ?2, title = ?3, source = ?4, uri = ?5, published = ?6, language = ?7, tags = ?8,
             metadata = ?9, format = ?10, origin = ?11, text = ?12, hash = ?13, ingested = ?14 WHERE key = ?1"
        }
        None => "INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    };
    transaction.prepare_cached(statement)?.execute(params![
        key,
        info.id,
        info.title,
        info.source,
        info.uri,
        info.published,
        info.language,
        tags,
        metadata,
        info.format.as_str(),
        document.origin,
        document.text,
        document.hash.as_slice(),
        info.ingested,
    ])?;
    let key = key.unwrap_or_else(|| transaction.last_insert_rowid());
    let mut add_alias = transaction.prepare_cached("INSERT OR IGNORE INTO aliases VALUES (?1, ?2, ?3)")?;
    for (name, other) in &document.aliases {
        add_alias.execute(params![name, other, key])?;
        add_alias.execute(params![other, name, key])?;
    }
    Ok(key)
}

fn add_passages(
    transaction: &Transaction<'_>,
    document: i64,
    passages: &[EmbeddedPassage],
) -> rusqlite::Result<Vec<u64>> {
    let mut add_passage = transaction.prepare_cached(
        "INSERT INTO passages (document, ordinal, span_start, span_end, headings, tokens, vector)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut add_sentence = transaction.prepare_cached("INSERT INTO sentences VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut note = transaction.prepare_cached("INSERT INTO changes (passage, added) VALUES (?1, 1)")?;
    let mut keys = Vec::with_capacity(passages.len());
    for (ordinal, passage) in passages.iter().enumerate() {
        let headings = serde_json::Value::from(passage.chunk.headings.clone()).to_string();
        let span = passage.chunk.span;
        let vector = vector_to_blob(&passage.vector);
        add_passage.execute(params![
            document,
            ordinal as i64,
            span.start as i64,
            span.end as i64,
            headings,
            passage.tokens as i64,
            vector
        ])?;
        let key = transaction.last_insert_rowid();
        let vectors = passage.sentence_vectors.iter().zip(&passage.sentence_tokens);
        for (ordinal, (span, (vector, tokens))) in passage.chunk.sentences.iter().zip(vectors).enumerate() {
            let (start, end) = (span.start as i64, span.end as i64);
            add_sentence.execute(params![key, ordinal as i64, start, end, vector_to_blob(vector), tokens])?;
        }
        note.execute([key])?;
        keys.push(key as u64);
    }
    Ok(keys)
}
