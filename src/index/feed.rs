//! Brings the passage index what the store has: the passages themselves, and what changed since.

use super::passages::{Entry, Slot, Slots};
use super::store::{Change, Snapshot};
use crate::error::Result;
use crate::terms::terms;

/// Passages read from the store at a time.
pub(super) const PAGE: usize = 1_024;

/// Applies to `slots` what changed in the store since change number `since` and returns the last one; `None` if the store no
/// longer lists those changes. Segments that are frozen stay as they are.
pub(super) fn follow(
    slots: &mut Slots,
    since: u64,
    store: &Snapshot<'_>,
    is_frozen: impl Fn(&Slot) -> bool,
) -> Result<Option<u64>> {
    let last = store.last_sequence()?;
    if last == since {
        return Ok(Some(last));
    }
    if last < since {
        // The store was restored from a backup.
        return Ok(None);
    }
    let Some((changes, last)) = store.changes_after(since)? else { return Ok(None) };
    let mut added = Vec::new();
    for change in changes {
        match change {
            Change::Added(key) => added.push(key),
            Change::Removed(key) => slots.remove(key)?,
        }
    }
    // What was made again from the store has some of them.
    added.retain(|key| slots.slot_of(*key).is_none());
    added.sort_unstable();
    for keys in added.chunks(PAGE) {
        slots.add(entries(store, keys)?);
        // Each time, so that many pages take no more than their number times its logarithm.
        slots.join_last(&is_frozen);
    }
    Ok(Some(last))
}

/// The passages with these keys, in the same order; those that the store does not have are left out.
///
/// A passage has the terms of its own text, of the headings above it, of the header of the table in which it begins, and of
/// its document's title.
pub(super) fn entries(store: &Snapshot<'_>, keys: &[u64]) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::with_capacity(keys.len());
    store.each_text(keys, |key, passage| {
        let mut all = terms(passage.title);
        passage.headings.iter().for_each(|heading| all.extend(terms(heading)));
        all.extend(passage.table_header.map(terms).unwrap_or_default());
        all.extend(terms(passage.text));
        let document_id = match entries.last() {
            Some(last) if *last.document_id == *passage.document_id => last.document_id.clone(),
            _ => passage.document_id.into(),
        };
        entries.push(Entry {
            key,
            document: passage.document.cast_unsigned(),
            document_id,
            ordinal: passage.ordinal as u32,
            vector: passage.vector.to_vec(),
            terms: all,
        });
        Ok(())
    })?;
    Ok(entries)
}
