//! Following the changes of the store.

use super::store::{Change, Snapshot};
use crate::error::Result;

/// Passages read from the store at a time.
pub(super) const PAGE: usize = 1_024;

/// Holds something of every passage and follows the changes of the store.
pub(super) trait Follower {
    /// Adds passages as the store has them; leaves out those that it does not have.
    fn add(&mut self, store: &Snapshot<'_>, keys: &[u64]) -> Result<()>;
    /// Removes a passage, if it is there.
    fn remove(&mut self, key: u64) -> Result<()>;
}

/// Applies what changed in the store since change number `since` and returns the last one; `None` if the store no longer
/// lists those changes.
pub(super) fn follow(follower: &mut impl Follower, since: u64, store: &Snapshot<'_>) -> Result<Option<u64>> {
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
            Change::Removed(key) => follower.remove(key)?,
        }
    }
    for keys in added.chunks(PAGE) {
        follower.add(store, keys)?;
    }
    Ok(Some(last))
}
