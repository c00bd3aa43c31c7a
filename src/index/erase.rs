//! Erasing: after documents are deleted, nothing of them stays in the files of their collection.
//!
//! A deleted row stays in the free pages of the database and in its log, and the words of a deleted passage stay in its
//! segment of the index until that is merged. Here the database is written anew, its log is emptied, and the index is made
//! from what is left.

use std::fs;
use std::path::Path;

use super::collection::Collection;
use super::passages;
use super::successor;
use crate::error::{Error, Result};

impl Collection {
    /// Rewrites all files of the collection, so that nothing of deleted documents is left in them. Questions are answered
    /// meanwhile; writes wait. It takes time in proportion to the collection.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if a reader uses the old state of the store for so long that it cannot be overwritten, [`Error::Locked`]
    /// if a process that reindexes does not erase what it has in time, [`Error::Cluster`] if what a cluster has cannot be removed.
    pub fn erase_traces(&self) -> Result<()> {
        if let Some(store) = self.store() {
            successor::erase_traces(self.dir(), store)?;
        }
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        store.erase_traces()?;
        let without_originals = self.originals().remove_all_but(&store.snapshot()?.original_hashes()?);
        // What was begun before would write deleted passages again. Nothing is begun while writes wait.
        self.maintenance.finish();
        self.derived.unload_for(|| {
            passages::remove_all(self.dir())?;
            remove_unfinished(self.dir())
        })?;
        self.write_checkpoint()?;
        // Deleted documents are still in what it had in a cluster before.
        self.leave_former()?;
        without_originals
    }
}

/// Removes what a crash left of files that were being written.
fn remove_unfinished(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(Error::io("read", dir))?.flatten() {
        if entry.file_name().to_string_lossy().contains(".tmp-") {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
        }
    }
    Ok(())
}
