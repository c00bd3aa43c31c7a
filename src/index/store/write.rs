//! Writing: a document with its text, passages and vectors is one transaction.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::adopt::{adopt_origin, adopt_original};
use super::check::{has_sound_passages, of_aliases, of_passages, problem_of};
use super::checksum::{self, Checksum};
use super::counters::Counters;
use super::encoded::{Encoded, EncodedPassage};
use super::failure::Failure;
use super::original::set_original;
use super::prepared::PreparedDocument;
use super::{CHANGES_FORGOTTEN_THROUGH, CODEC, Store, candidates, set, setting};
use crate::error::Result;
use crate::late::Codec;

/// What a write did to the passages, for the passage index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether an earlier version of the document was replaced.
    pub replaced: bool,
    /// Keys of the passages that were removed.
    pub removed: Vec<u64>,
    /// Keys of the new passages, in order.
    pub added: Vec<u64>,
    /// The sequence number of the last change.
    pub sequence: u64,
}

impl Store {
    /// Stores a document in place of its earlier version, if any; `None` if the same content is stored already and
    /// sound. A damaged document is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::Embedding`] if a vector has values that are not finite, [`Error::Incompatible`] if another codec wrote
    /// the vectors that are stored.
    pub fn put(&self, document: &PreparedDocument) -> Result<Option<Written>> {
        self.put_as(document, None)
    }

    /// As [`Store::put`]. A new document gets this key; an earlier version with another key is removed.
    pub(in crate::index) fn put_as(&self, document: &PreparedDocument, as_key: Option<i64>) -> Result<Option<Written>> {
        let encoded = Encoded::of(document)?;
        self.write(|transaction| {
            match setting(transaction, CODEC)? {
                Some(codec) if codec == Codec::ID => {}
                _ => return Err(Failure::Refused(candidates::other_codec(&self.path))),
            }
            let mut query = transaction.prepare_cached("SELECT key, hash FROM documents WHERE id = ?1")?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok((row.get::<_, i64>(0)?, row.get_ref(1)?.as_bytes().is_ok_and(|hash| hash == document.hash)))
            };
            let stored = query.query_row([&document.info.id], read).optional()?;
            let damaged = match stored {
                Some((key, _)) => problem_of(transaction, key)?.is_some(),
                None => false,
            };
            if let (Some((key, true)), false) = (stored, damaged)
                && as_key.is_none_or(|wanted| wanted == key)
            {
                adopt_origin(transaction, key, document.origin.as_deref())?;
                adopt_original(transaction, key, document.original.as_deref())?;
                return Ok(None);
            }
            let mut key = stored.map(|(key, _)| key);
            let mut counters = Counters::read(transaction)?;
            if let (Some(key), true) = (key, damaged) {
                clear_damage(transaction, key, &mut counters)?;
            }
            let mut removed = Vec::new();
            if let (Some(other), Some(wanted)) = (key, as_key)
                && other != wanted
            {
                removed = remove_passages(transaction, other, &mut counters)?;
                transaction.execute("DELETE FROM documents WHERE key = ?1", [other])?;
                key = None;
            }
            let new_key = key.or(as_key).unwrap_or_else(|| counters.next_document());
            let (of_earlier, added) = replace(transaction, document, &encoded, key, new_key, &mut counters)?;
            removed.extend(of_earlier);
            set_original(transaction, new_key, document.original.as_deref())?;
            counters.save(transaction)?;
            Ok(Some(Written { replaced: stored.is_some(), removed, added, sequence: counters.change.cast_unsigned() }))
        })
    }

    /// Removes a document, sound or not; `None` if there is none with this id.
    pub fn delete(&self, id: &str) -> Result<Option<Written>> {
        self.write(|transaction| {
            let Some(key) = key_of(transaction, id)? else { return Ok(None) };
            let mut counters = Counters::read(transaction)?;
            if problem_of(transaction, key)?.is_some() {
                clear_damage(transaction, key, &mut counters)?;
            }
            let removed = remove_passages(transaction, key, &mut counters)?;
            transaction.execute("DELETE FROM documents WHERE key = ?1", [key])?;
            counters.save(transaction)?;
            let sequence = counters.change.cast_unsigned();
            Ok(Some(Written { replaced: false, removed, added: Vec::new(), sequence }))
        })
    }

    /// Keeps a setting.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        self.write(|transaction| Ok(set(transaction, name, value)?))
    }

    /// Forgets the changes through number `sequence`, which the index on disk holds. An index that is further
    /// behind must be rebuilt. What was forgotten before stays forgotten.
    pub fn forget_changes_through(&self, sequence: u64) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM changes WHERE sequence <= ?1", [sequence.cast_signed()])?;
            // From what is left, so that the mark is right whatever it was and whatever was lost.
            let first: Option<i64> =
                transaction.query_row("SELECT min(sequence) FROM changes", [], |row| row.get(0))?;
            let through = match first {
                Some(first) => first - 1,
                None => Counters::read(transaction)?.change,
            };
            Ok(set(transaction, CHANGES_FORGOTTEN_THROUGH, &through.to_string())?)
        })
    }
}

/// Stores a document with the key `new_key`, in place of the one with the key `key`, if there is one. Gives the keys of the
/// passages that went and came.
fn replace(
    transaction: &Transaction<'_>,
    document: &PreparedDocument,
    encoded: &Encoded,
    key: Option<i64>,
    new_key: i64,
    counters: &mut Counters,
) -> Result<(Vec<u64>, Vec<u64>), Failure> {
    let removed = match key {
        Some(key) => remove_passages(transaction, key, counters)?,
        None => Vec::new(),
    };
    let rows: Vec<PassageValues<'_>> = (0..)
        .zip(document.passages.iter().zip(&encoded.passages))
        .map(|(ordinal, (passage, encoded))| PassageValues {
            key: counters.next_passage(),
            document: new_key,
            ordinal,
            span: (passage.chunk.span.start as i64, passage.chunk.span.end as i64),
            tokens: passage.tokens as i64,
            encoded,
        })
        .collect();
    let checksums: Vec<Checksum> = rows.iter().map(PassageValues::checksum).collect();
    write_document(transaction, document, encoded, key, new_key, &document.info.ingested, &checksums)?;
    transaction
        .prepare_cached("INSERT INTO texts VALUES (?1, ?2) ON CONFLICT DO UPDATE SET text = excluded.text")?
        .execute(params![new_key, document.text])?;
    match &encoded.layout {
        Some(layout) => transaction
            .prepare_cached("INSERT INTO layouts VALUES (?1, ?2) ON CONFLICT DO UPDATE SET layout = excluded.layout")?
            .execute(params![new_key, layout])?,
        None => transaction.prepare_cached("DELETE FROM layouts WHERE document = ?1")?.execute([new_key])?,
    };
    let mut add = transaction.prepare_cached("INSERT INTO aliases VALUES (?1, ?2, ?3)")?;
    for (name, other) in &encoded.aliases {
        add.execute(params![name, other, new_key])?;
    }
    for (row, checksum) in rows.iter().zip(&checksums) {
        row.insert(transaction, checksum)?;
        counters.note(transaction, row.key, true)?;
    }
    Ok((removed, rows.iter().map(|row| row.key.cast_unsigned()).collect()))
}

/// A row of `passages`.
pub(super) struct PassageValues<'e> {
    pub(super) key: i64,
    pub(super) document: i64,
    pub(super) ordinal: i64,
    pub(super) span: (i64, i64),
    pub(super) tokens: i64,
    pub(super) encoded: &'e EncodedPassage,
}

impl PassageValues<'_> {
    /// The checksum of its columns in the order of [`PASSAGE`](super::rows::PASSAGE).
    pub(super) fn checksum(&self) -> Checksum {
        checksum::of_values(&[
            ValueRef::Integer(self.key),
            ValueRef::Integer(self.document),
            ValueRef::Integer(self.ordinal),
            ValueRef::Integer(self.span.0),
            ValueRef::Integer(self.span.1),
            ValueRef::Integer(self.tokens),
            ValueRef::Text(self.encoded.headings.as_bytes()),
            ValueRef::Blob(&self.encoded.sentences),
            ValueRef::Blob(&self.encoded.vector),
            ValueRef::Blob(&self.encoded.compressed),
        ])
    }

    pub(super) fn insert(&self, connection: &Connection, checksum: &Checksum) -> rusqlite::Result<()> {
        let statement = "INSERT INTO passages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let encoded = self.encoded;
        connection.prepare_cached(statement)?.execute(params![
            self.key,
            self.document,
            self.ordinal,
            self.span.0,
            self.span.1,
            self.tokens,
            encoded.headings,
            encoded.sentences,
            encoded.vector,
            encoded.compressed,
            checksum,
        ])?;
        Ok(())
    }
}

/// Writes the row of a document: in place of the one with the key `replaced`, or as a new one.
pub(super) fn write_document(
    connection: &Connection,
    document: &PreparedDocument,
    encoded: &Encoded,
    replaced: Option<i64>,
    key: i64,
    ingested: &str,
    passages: &[Checksum],
) -> rusqlite::Result<()> {
    fn text(value: &str) -> ValueRef<'_> {
        ValueRef::Text(value.as_bytes())
    }
    fn optional(value: Option<&String>) -> ValueRef<'_> {
        value.map_or(ValueRef::Null, |value| text(value))
    }
    let info = &document.info;
    let tags = serde_json::Value::from(info.tags.clone()).to_string();
    let metadata = serde_json::Value::Object(info.metadata.clone()).to_string();
    let text_checksum = checksum::of_text_and_layout(document.text.as_bytes(), encoded.layout.as_deref());
    let aliases = of_aliases(encoded.aliases.iter().map(|(name, other)| (name.as_bytes(), other.as_bytes())));
    let passages_checksum = of_passages(passages);
    let values = [
        ValueRef::Integer(key),
        text(&info.id),
        text(&info.title),
        optional(info.source.as_ref()),
        optional(info.uri.as_ref()),
        optional(info.published.as_ref()),
        optional(info.language.as_ref()),
        text(&tags),
        text(&metadata),
        text(info.format.as_str()),
        optional(document.origin.as_ref()),
        ValueRef::Integer(document.text.len() as i64),
        ValueRef::Integer(passages.len() as i64),
        ValueRef::Blob(&document.hash),
        text(ingested),
        ValueRef::Blob(&text_checksum),
        ValueRef::Blob(&aliases),
        ValueRef::Blob(&passages_checksum),
    ];
    let checksum = checksum::of_values(&values);
    let statement = match replaced {
        Some(_) => {
            "UPDATE documents SET id = ?2, title = ?3, source = ?4, uri = ?5, published = ?6, language = ?7, tags = ?8,
             metadata = ?9, format = ?10, origin = ?11, size_bytes = ?12, passages = ?13, hash = ?14, ingested = ?15,
             text_checksum = ?16, aliases_checksum = ?17, passages_checksum = ?18, checksum = ?19 WHERE key = ?1"
        }
        None => {
            "INSERT INTO documents VALUES
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
        }
    };
    let values = values.into_iter().chain([ValueRef::Blob(&checksum)]);
    let values = values.map(rusqlite::types::ToSqlOutput::Borrowed);
    connection.prepare_cached(statement)?.execute(rusqlite::params_from_iter(values))?;
    Ok(())
}

fn key_of(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT key FROM documents WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()
}

/// Removes what damage to the document with this key left behind, apart from the document itself. If a passage may have
/// lost its key or its document, the passage index is made anew: it may hold it under the key that it had.
fn clear_damage(transaction: &Transaction<'_>, document: i64, counters: &mut Counters) -> rusqlite::Result<()> {
    if remove_ownerless(transaction)? || !has_sound_passages(transaction, document)? {
        forget_all_changes(transaction, counters)?;
    }
    Ok(())
}

/// Removes the rows that belong to no document; whether there were any.
pub(super) fn remove_ownerless(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let mut removed = 0;
    for table in ["passages", "texts", "layouts", "aliases", "originals"] {
        let delete = format!("DELETE FROM {table} WHERE document NOT IN (SELECT key FROM documents)");
        removed += transaction.execute(&delete, [])?;
    }
    Ok(removed > 0)
}

/// Forgets all changes, so that the passage index is made anew.
pub(super) fn forget_all_changes(transaction: &Transaction<'_>, counters: &mut Counters) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM changes", [])?;
    // A number that no index holds yet: even one that holds all changes is behind.
    counters.change += 1;
    set(transaction, CHANGES_FORGOTTEN_THROUGH, &counters.change.to_string())
}

fn remove_passages(
    transaction: &Transaction<'_>,
    document: i64,
    counters: &mut Counters,
) -> rusqlite::Result<Vec<u64>> {
    let keys = transaction
        .prepare_cached("SELECT key FROM passages WHERE document = ?1 ORDER BY key")?
        .query_map([document], |row| row.get::<_, i64>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for &key in &keys {
        counters.note(transaction, key, false)?;
    }
    transaction.execute("DELETE FROM passages WHERE document = ?1", [document])?;
    transaction.execute("DELETE FROM aliases WHERE document = ?1", [document])?;
    Ok(keys.into_iter().map(i64::cast_unsigned).collect())
}
