//! Converts a store of format 2 in place. Texts, documents and settings are kept; vectors are not, since their form
//! changed: `footnote reindex` makes them again from the texts.

use rusqlite::{Connection, Row, Transaction, params};

use super::counters::Counters;
use super::encoded::{Encoded, EncodedPassage};
use super::failure::Failure;
use super::prepared::PreparedDocument;
use super::rows::{pack_sentences, span};
use super::write::{PassageValues, write_document};
use super::{CHANGES_FORGOTTEN_THROUGH, schema, set};
use crate::passage::{DocumentInfo, Format, Layout, Span};

const TABLES: [&str; 6] = ["settings", "documents", "passages", "sentences", "aliases", "changes"];

/// Converts the store in one transaction. It then names no codec, so that nothing is searched before a reindex.
pub(super) fn convert(writer: &mut Connection) -> Result<(), Failure> {
    // Otherwise renaming a table would also rename what refers to it.
    writer.pragma_update(None, "foreign_keys", false)?;
    writer.pragma_update(None, "legacy_alter_table", true)?;
    let transaction = writer.transaction()?;
    for index in ["documents_by_origin", "documents_by_uri", "documents_by_language", "aliases_by_document"] {
        transaction.execute_batch(&format!("DROP INDEX {index}"))?;
    }
    for table in TABLES {
        transaction.execute_batch(&format!("ALTER TABLE {table} RENAME TO old_{table}"))?;
    }
    schema::create(&transaction)?;
    convert_settings(&transaction)?;
    transaction.execute_batch("INSERT INTO aliases SELECT * FROM old_aliases")?;
    convert_documents(&transaction)?;
    let used = |table: &str| {
        let query = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'old_' || ?1), 0)";
        transaction.query_row(query, [table], |row| row.get::<_, i64>(0))
    };
    let counters = Counters { document: used("documents")?, passage: used("passages")?, change: used("changes")? };
    counters.save(&transaction)?;
    // The index is made again after the reindex that must follow, so it does not need the changes.
    set(&transaction, CHANGES_FORGOTTEN_THROUGH, &counters.change.to_string())?;
    for table in TABLES {
        transaction.execute_batch(&format!("DROP TABLE old_{table}"))?;
    }
    transaction.commit()?;
    writer.pragma_update(None, "legacy_alter_table", false)?;
    // The file shrinks to what it holds, in pages of today's size. Without it nothing is wrong.
    let shrunk = writer
        .pragma_update(None, "journal_mode", "DELETE")
        .and_then(|()| schema::set_page_size(writer))
        .and_then(|()| writer.execute_batch("VACUUM"));
    if let Err(error) = shrunk {
        tracing::debug!("the converted store was not made smaller: {error}");
    }
    writer.pragma_update(None, "journal_mode", "WAL")?;
    tracing::warn!("converted an index of an earlier version; run `footnote reindex` before asking it");
    Ok(())
}

fn convert_settings(transaction: &Transaction<'_>) -> Result<(), Failure> {
    let mut settings = transaction.prepare("SELECT name, value FROM old_settings")?;
    let mut rows = settings.query([])?;
    while let Some(row) = rows.next()? {
        set(transaction, &row.get::<_, String>(0)?, &row.get::<_, String>(1)?)?;
    }
    Ok(())
}

fn convert_documents(transaction: &Transaction<'_>) -> Result<(), Failure> {
    let mut documents = transaction.prepare(
        "SELECT key, id, title, source, uri, published, language, tags, metadata, format, origin, text, hash, ingested
         FROM old_documents ORDER BY key",
    )?;
    let mut rows = documents.query([])?;
    while let Some(row) = rows.next()? {
        let key: i64 = row.get(0)?;
        let document = document(row)?;
        let passages = passages(transaction, key)?;
        let values: Vec<PassageValues<'_>> = (0..)
            .zip(&passages)
            .map(|(ordinal, (passage, span, tokens, encoded))| PassageValues {
                key: *passage,
                document: key,
                ordinal,
                span: (span.start as i64, span.end as i64),
                tokens: *tokens,
                encoded,
            })
            .collect();
        let checksums: Vec<_> = values.iter().map(PassageValues::checksum).collect();
        let encoded = Encoded { passages: Vec::new(), layout: None, aliases: aliases(transaction, key)? };
        write_document(transaction, &document, &encoded, None, key, &document.info.ingested, &checksums)?;
        transaction.prepare_cached("INSERT INTO texts VALUES (?1, ?2)")?.execute(params![key, document.text])?;
        for (passage, checksum) in values.iter().zip(&checksums) {
            passage.insert(transaction, checksum)?;
        }
    }
    Ok(())
}

fn document(row: &Row<'_>) -> rusqlite::Result<PreparedDocument> {
    let json = |column: usize| {
        serde_json::from_str::<serde_json::Value>(row.get_ref(column)?.as_str()?).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
        })
    };
    let tags = json(7)?.as_array().into_iter().flatten().filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    let text: String = row.get(11)?;
    Ok(PreparedDocument {
        info: DocumentInfo {
            id: row.get(1)?,
            title: row.get(2)?,
            source: row.get(3)?,
            uri: row.get(4)?,
            published: row.get(5)?,
            language: row.get(6)?,
            tags,
            metadata: json(8)?.as_object().cloned().unwrap_or_default(),
            format: if row.get_ref(9)?.as_str()? == "markdown" { Format::Markdown } else { Format::Plain },
            size_bytes: text.len(),
            passages: 0,
            ingested: row.get(13)?,
        },
        text,
        layout: Layout::default(),
        origin: row.get(10)?,
        original: None,
        hash: row.get(12)?,
        aliases: Vec::new(),
        passages: Vec::new(),
    })
}

/// The passages of a document, without vectors: key, span, tokens, and the rest.
fn passages(transaction: &Transaction<'_>, document: i64) -> rusqlite::Result<Vec<(i64, Span, i64, EncodedPassage)>> {
    let mut passages = transaction.prepare_cached(
        "SELECT key, span_start, span_end, tokens, headings FROM old_passages WHERE document = ?1 ORDER BY ordinal",
    )?;
    let mut sentences = transaction
        .prepare_cached("SELECT span_start, span_end FROM old_sentences WHERE passage = ?1 ORDER BY ordinal")?;
    let read = |row: &Row<'_>| {
        let (key, passage) = (row.get::<_, i64>(0)?, span(row, 1)?);
        let spans = sentences.query_map([key], |row| span(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let encoded = EncodedPassage {
            headings: row.get(4)?,
            sentences: pack_sentences(passage, &spans, &vec![Vec::new(); spans.len()]).unwrap_or_default(),
            vector: Vec::new(),
            compressed: Vec::new(),
        };
        Ok((key, passage, row.get(3)?, encoded))
    };
    passages.query_map([document], read)?.collect()
}

fn aliases(transaction: &Transaction<'_>, document: i64) -> rusqlite::Result<Vec<(String, String)>> {
    let mut aliases =
        transaction.prepare_cached("SELECT name, other FROM aliases WHERE document = ?1 ORDER BY name, other")?;
    aliases.query_map([document], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
