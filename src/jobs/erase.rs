//! Forgetting the jobs that name a document which is erased: the outcomes of a job have its title.

use std::path::Path;

use super::folder::{Folder, Found};
use super::{FOLDER, Jobs};
use crate::error::Result;
use crate::wire::{Job, JobItem};

/// What was found of documents in the jobs of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// Ids of jobs that have not ended, and whose input may hold one of the documents.
    pub(crate) open: Vec<String>,
}

impl Jobs {
    /// Removes the jobs of a collection that have ended and name one of these documents.
    ///
    /// # Errors
    ///
    /// Errors of the disk.
    pub(crate) fn forget_documents(&self, collection: &str, ids: &[String]) -> Result<Forgotten> {
        let mut forgotten = Forgotten::default();
        self.shared.lock().forget_where(|job, folder| is_to_go(job, folder, collection, ids, &mut forgotten))?;
        Ok(forgotten)
    }
}

/// Likewise, for the jobs in the folders of all collections in `index_dir`, none of which a server holds.
///
/// # Errors
///
/// Errors of the disk.
#[cfg(feature = "cli")]
pub(crate) fn forget_documents(index_dir: &Path, collection: &str, ids: &[String]) -> Result<Forgotten> {
    let mut forgotten = Forgotten::default();
    for name in crate::library::names(index_dir)? {
        for (folder, found) in Folder::all(&index_dir.join(name).join(FOLDER))? {
            let (Found::Ended(job) | Found::Open(job, _)) = found;
            if is_to_go(&job, &folder, collection, ids, &mut forgotten)? {
                folder.remove()?;
            }
        }
    }
    Ok(forgotten)
}

fn is_to_go(job: &Job, folder: &Folder, collection: &str, ids: &[String], forgotten: &mut Forgotten) -> Result<bool> {
    if job.collection != collection {
        return Ok(false);
    }
    if !job.state.is_end() {
        forgotten.open.push(job.id.clone());
        return Ok(false);
    }
    Ok(folder.items(true)?.iter().any(|item| names(item, ids)))
}

fn names(item: &JobItem, ids: &[String]) -> bool {
    item.documents().iter().any(|document| ids.iter().any(|id| id == document.id()))
}
