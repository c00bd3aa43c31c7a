//! Reads what conditions on passages and counts of documents need: words, the newest documents, and facts that are counted.

use rusqlite::types::Value as SqlValue;
use rusqlite::{OptionalExtension, params_from_iter};

use super::Snapshot;
use super::failure::Failure;
use super::rows::span;
use super::select::{condition, or_malformed_json};
use crate::error::Result;
use crate::filter::Filter;

/// The words of a passage and of what stands above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording<'s> {
    /// Its document's title.
    pub title: &'s str,
    /// The headings above it, outermost first.
    pub headings: &'s [String],
    /// Its own text.
    pub text: &'s str,
}

/// What is counted of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountedFacts {
    /// Who published it.
    pub source: Option<String>,
    /// When it was published, ISO 8601.
    pub published: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its language.
    pub language: Option<String>,
    /// The format of its file.
    pub format: String,
}

impl Snapshot<'_> {
    /// Calls `each` with the words of these passages, until it returns false; passages that no longer exist are left out. In
    /// the order of keys each text is read once.
    pub fn each_wording(&self, keys: &[u64], mut each: impl FnMut(u64, Wording<'_>) -> Result<bool>) -> Result<()> {
        self.read(|reader| {
            let mut passages = reader
                .prepare_cached("SELECT document, span_start, span_end, headings FROM passages WHERE key = ?1")?;
            let mut texts = reader.prepare_cached(
                "SELECT d.title, t.text FROM documents d JOIN texts t ON t.document = d.key WHERE d.key = ?1",
            )?;
            let mut at_hand: Option<(i64, String, String)> = None;
            for &key in keys {
                let row =
                    |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, span(row, 1)?, row.get::<_, String>(3)?));
                let Some((document, span, headings)) = passages.query_row([key.cast_signed()], row).optional()? else {
                    continue;
                };
                if at_hand.as_ref().is_none_or(|(owner, ..)| *owner != document) {
                    let text = |row: &rusqlite::Row<'_>| Ok((document, row.get(0)?, row.get(1)?));
                    at_hand = texts.query_row([document], text).optional()?;
                }
                let Some((_, title, text)) = &at_hand else { continue };
                // A damaged passage is reported when it is ranked.
                let headings: Vec<String> = serde_json::from_str(&headings).unwrap_or_default();
                let text = text.get(span.range()).unwrap_or_default();
                if !each(key, Wording { title, headings: &headings, text })? {
                    break;
                }
            }
            Ok::<_, Failure>(())
        })
    }

    /// The first passages of up to `count` documents that meet the filter, the newest document first; those without a date come
    /// last, the most recently stored one first.
    pub fn newest(&self, filter: &Filter, count: usize) -> Result<Vec<u64>> {
        let mut values = Vec::new();
        let condition = condition(filter, &mut values);
        values.push(SqlValue::from(i64::try_from(count).unwrap_or(i64::MAX)));
        let query = format!(
            "SELECT (SELECT p.key FROM passages p WHERE p.document = d.key ORDER BY p.ordinal LIMIT 1) AS first
             FROM documents d WHERE {condition} AND first IS NOT NULL
             ORDER BY coalesce(d.published, '') DESC, d.key DESC LIMIT ?{}",
            values.len()
        );
        self.read(|reader| {
            let find = || {
                let mut query = reader.prepare(&query)?;
                let keys = query.query_map(params_from_iter(&values), |row| row.get::<_, i64>(0))?;
                keys.map(|key| key.map(i64::cast_unsigned)).collect::<rusqlite::Result<Vec<u64>>>()
            };
            find().map_err(|error| or_malformed_json(reader, error))
        })
    }

    /// The keys of the documents of these passages, ascending, each once.
    pub fn owners_of(&self, passages: &[u64]) -> Result<Vec<i64>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached("SELECT document FROM passages WHERE key = ?1")?;
            let mut owners = Vec::with_capacity(passages.len());
            for &key in passages {
                owners.extend(query.query_row([key.cast_signed()], |row| row.get::<_, i64>(0)).optional()?);
            }
            owners.sort_unstable();
            owners.dedup();
            Ok::<_, rusqlite::Error>(owners)
        })
    }

    /// Up to `count` keys of documents that meet the filter.
    pub fn some_where(&self, filter: &Filter, count: usize) -> Result<Vec<i64>> {
        let mut values = Vec::new();
        let condition = condition(filter, &mut values);
        let query = format!("SELECT d.key FROM documents d WHERE {condition} ORDER BY d.key LIMIT {count}");
        self.read(|reader| {
            let find = || {
                let mut query = reader.prepare(&query)?;
                query.query_map(params_from_iter(&values), |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()
            };
            find().map_err(|error| or_malformed_json(reader, error))
        })
    }

    /// What is counted of these documents; those that no longer exist are left out.
    pub fn counted_facts(&self, documents: &[i64]) -> Result<Vec<CountedFacts>> {
        self.read(|reader| {
            let mut query = reader
                .prepare_cached("SELECT source, published, tags, language, format FROM documents WHERE key = ?1")?;
            let mut found = Vec::with_capacity(documents.len());
            for document in documents {
                let facts = query.query_row([document], |row| {
                    let tags: String = row.get(2)?;
                    Ok(CountedFacts {
                        source: row.get(0)?,
                        published: row.get(1)?,
                        tags: serde_json::from_str(&tags).unwrap_or_default(),
                        language: row.get(3)?,
                        format: row.get(4)?,
                    })
                });
                found.extend(facts.optional()?);
            }
            Ok::<_, rusqlite::Error>(found)
        })
    }

    /// The key of the passage that was stored last; 0 if there is none. Later ones have higher keys.
    pub fn last_passage(&self) -> Result<u64> {
        self.read(|reader| {
            let last =
                reader.query_row("SELECT coalesce(max(key), 0) FROM passages", [], |row| row.get::<_, i64>(0))?;
            Ok::<_, rusqlite::Error>(last.cast_unsigned())
        })
    }
}
