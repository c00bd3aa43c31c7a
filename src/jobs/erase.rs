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
    /// Ids of jobs that have ended and name one, but are kept by a server that holds another collection.
    pub(crate) kept: Vec<String>,
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

/// Likewise, for the jobs in the folders of all collections in `index_dir`. This process holds `collection`; the jobs in the
/// folder of one that another process holds are left to it.
///
/// # Errors
///
/// Errors of the disk.
#[cfg(feature = "cli")]
pub(crate) fn forget_documents(index_dir: &Path, collection: &str, ids: &[String]) -> Result<Forgotten> {
    let mut forgotten = Forgotten::default();
    for name in crate::library::names(index_dir)? {
        let dir = index_dir.join(&name);
        let is_held = name != collection && crate::index::holder(&dir)?.is_some();
        for (folder, found) in Folder::whole(&dir.join(FOLDER))? {
            let (Found::Ended(job) | Found::Open(job, _)) = found;
            match is_to_go(&job, &folder, collection, ids, &mut forgotten)? {
                true if is_held => forgotten.kept.push(job.id),
                true => folder.remove()?,
                false => {}
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
