//! Takes over the passages of another store, which holds the same documents: all of them, in one transaction.
//!
//! The other store is a file beside this one, made by another model or another way of splitting. Its documents have the keys
//! that they have here, and its passages have keys that were never used here. So rows are copied as they are, with their
//! checksums.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use super::counters::Counters;
use super::failure::Failure;
use super::rows::{DOCUMENT, NewPassages, checksum_with_passages};
use super::write::{forget_all_changes, remove_ownerless};
use super::{CODEC, Snapshot, Store, set};
use crate::error::{Error, Result};
use crate::late::Codec;
use crate::passage::KEYS_OF_A_GENERATION;

/// Documents whose rows are changed at a time.
const PAGE: usize = 1_000;
/// Keys of passages that one generation may use. A store that is to be taken over begins with the next generation. Keys stay
/// below 2^53, which JSON can carry, for 131,072 generations.
const GENERATION: i64 = KEYS_OF_A_GENERATION.cast_signed();

/// A stored version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The document's key.
    pub key: i64,
    /// Its id.
    pub id: String,
    /// BLAKE3 of all that was given.
    pub hash: Vec<u8>,
}

/// Makes a commit; what is done before and after it is up to the caller.
pub(in crate::index) type Commit<'c> = &'c mut dyn FnMut() -> Result<()>;

impl Snapshot<'_> {
    /// Up to `limit` documents with keys above `after`, in order, sound or not.
    pub fn versions(&self, after: i64, limit: usize) -> Result<Vec<Version>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached(
                "SELECT key, CAST(id AS BLOB), CAST(hash AS BLOB) FROM documents WHERE key > ?1 ORDER BY key LIMIT ?2",
            )?;
            let rows = query.query_map((after, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
                let id = String::from_utf8_lossy(row.get_ref(1)?.as_bytes()?).into_owned();
                Ok(Version { key: row.get(0)?, id, hash: row.get(2)? })
            })?;
            rows.collect()
        })
    }

    /// The last passage key of the generation of keys that is in use.
    pub(in crate::index) fn last_of_generation(&self) -> Result<i64> {
        self.read(|reader| Counters::read(reader).map(|counters| (counters.passage / GENERATION + 1) * GENERATION))
    }
}

impl Store {
    /// Begins with passage keys above this one, if none was used yet.
    pub(in crate::index) fn begin_keys_after(&self, key: i64) -> Result<()> {
        self.write(|transaction| {
            let counters = Counters::read(transaction)?;
            Ok(Counters { passage: counters.passage.max(key), ..counters }.save(transaction)?)
        })
    }

    /// Takes over passages, aliases and these settings from the store at `other`. `commit` is called with what commits; an
    /// error before that leaves everything as it was. `false` if the other store does not have exactly the same documents.
    pub(in crate::index) fn take_over(
        &self,
        other: &Path,
        settings: &[(&str, String)],
        commit: &mut dyn FnMut(Commit<'_>) -> Result<()>,
    ) -> Result<bool> {
        let name = other.to_str().ok_or_else(|| Error::Input {
            reason: format!("{} is not UTF-8", other.display()),
            hint: "choose a folder with another name".into(),
        })?;
        let mut writer = self.writer()?;
        // Rows are copied block by block only while no row is looked up for each. That none is lost is checked instead.
        let attached = writer
            .pragma_update(None, "foreign_keys", false)
            .and_then(|()| writer.execute("ATTACH DATABASE ?1 AS other", [name]));
        let taken = match attached {
            Ok(_) => taken_over(&mut writer, settings, commit).map_err(|failure| self.error(failure)),
            Err(error) => Err(self.error(error)),
        };
        let detached = writer
            .execute_batch("DETACH DATABASE other")
            .and_then(|()| writer.pragma_update(None, "foreign_keys", true));
        if let Err(error) = detached {
            tracing::debug!("{}: {error}", other.display());
        }
        self.acknowledge(&writer);
        self.shorten_log(&writer);
        taken
    }
}

fn taken_over(
    writer: &mut Connection,
    settings: &[(&str, String)],
    commit: &mut dyn FnMut(Commit<'_>) -> Result<()>,
) -> Result<bool, Failure> {
    let transaction = writer.transaction()?;
    if remove_ownerless(&transaction)? {
        tracing::warn!("rows of the store that belonged to no document were removed");
    }
    if !has_same_documents(&transaction)? {
        return Ok(false);
    }
    transaction.execute_batch(
        "DELETE FROM main.passages;
         INSERT INTO main.passages SELECT * FROM other.passages;
         DELETE FROM main.aliases;
         INSERT INTO main.aliases SELECT * FROM other.aliases;",
    )?;
    adopt_counts(&transaction)?;
    let mut counters = Counters::read(&transaction)?;
    let last: Option<i64> = transaction.query_row("SELECT max(key) FROM main.passages", [], |row| row.get(0))?;
    counters.passage = counters.passage.max(last.unwrap_or_default());
    forget_all_changes(&transaction, &mut counters)?;
    counters.save(&transaction)?;
    for (name, value) in settings {
        set(&transaction, name, value)?;
    }
    set(&transaction, CODEC, Codec::ID)?;
    let mut transaction = Some(transaction);
    commit(&mut || {
        let committed = transaction.take().map_or(Ok(()), Transaction::commit);
        committed.map_err(|error| Failure::from(error).into_error(Path::new("store.db")))
    })?;
    Ok(true)
}

/// Whether both stores have the same versions of the same documents, under the same keys.
fn has_same_documents(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let differ = "SELECT EXISTS (SELECT key, id, hash FROM main.documents EXCEPT SELECT key, id, hash FROM other.documents)
                  OR EXISTS (SELECT key, id, hash FROM other.documents EXCEPT SELECT key, id, hash FROM main.documents)";
    transaction.query_row(differ, [], |row| row.get::<_, bool>(0)).map(|differ| !differ)
}

/// Gives each document the number and the checksums of its new passages and aliases. A damaged row stays damaged.
fn adopt_counts(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let query = format!(
        "SELECT {DOCUMENT}, o.passages, o.aliases_checksum, o.passages_checksum
         FROM main.documents d JOIN other.documents o ON o.key = d.key WHERE d.key > ?1 ORDER BY d.key LIMIT ?2"
    );
    let mut read = transaction.prepare(&query)?;
    let mut update = transaction.prepare(
        "UPDATE main.documents SET passages = ?2, aliases_checksum = ?3, passages_checksum = ?4, checksum = ?5
         WHERE key = ?1",
    )?;
    let mut after = 0_i64;
    loop {
        let page = read.query_map(params![after, PAGE as i64], |row| {
            let new = NewPassages { count: row.get(19)?, aliases: row.get(20)?, passages: row.get(21)? };
            Ok((row.get::<_, i64>(0)?, checksum_with_passages(row, &new)?, new))
        })?;
        let page = page.collect::<rusqlite::Result<Vec<_>>>()?;
        let Some((last, ..)) = page.last() else { return Ok(()) };
        after = *last;
        for (key, checksum, new) in &page {
            if let Some(checksum) = checksum {
                update.execute(params![key, new.count, new.aliases, new.passages, checksum])?;
            }
        }
    }
}
