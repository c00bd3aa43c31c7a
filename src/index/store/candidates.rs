//! Reading what a question needs: its candidates, their texts, and what names are also called.

use rusqlite::{OptionalExtension, Row};

use super::read::{INFO, info_from_row, json};
use super::{Snapshot, span_from_row, vector_from_blob};
use crate::error::Result;
use crate::passage::{Document, Span};

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

impl Snapshot<'_> {
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
            let mut passage = reader
                .prepare_cached("SELECT document, span_start, span_end, headings FROM passages WHERE key = ?1")?;
            let mut document = reader.prepare_cached("SELECT title, text FROM documents WHERE key = ?1")?;
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
            let mut passage = reader.prepare_cached(
                "SELECT p.document, p.span_start, p.span_end, p.vector, d.id
                 FROM passages p JOIN documents d ON d.key = p.document WHERE p.key = ?1",
            )?;
            let mut sentences = reader.prepare_cached(
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
}
