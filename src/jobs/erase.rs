//! Forgetting the jobs that name a document which is erased: the outcomes of a job have its title.

use std::path::Path;
#[cfg(feature = "cli")]
use std::path::PathBuf;

#[cfg(feature = "cli")]
use super::FOLDER;
use super::Jobs;
use super::folder::Folder;
#[cfg(feature = "cli")]
use super::folder::{Found, Listing};
use crate::error::Result;
use crate::wire::{Job, JobItem};

/// What the jobs may still hold of documents that are erased.
#[cfg(feature = "cli")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LeftInJobs {
    /// Ids of jobs that have not ended, and whose input may hold one of the documents.
    pub(crate) open: Vec<String>,
    /// Folders of jobs that may hold one: another process keeps them, or they cannot be read or removed.
    pub(crate) folders: Vec<PathBuf>,
}

/// What a job means for the documents that are erased.
enum Meaning {
    /// It names none of them.
    Unrelated,
    /// It has ended and names one.
    Ended,
    /// It has not ended, and its input may hold one.
    Open,
}

impl Jobs {
    /// Removes the jobs of a collection that have ended and name one of these documents. Returns the ids of those that have
    /// not ended.
    ///
    /// # Errors
    ///
    /// Errors of the disk.
    pub(crate) fn forget_documents(&self, collection: &str, names: &[String]) -> Result<Vec<String>> {
        let mut open = Vec::new();
        self.shared.lock().forget_where(|job, folder| match meaning(job, folder, collection, names)? {
            Meaning::Ended => Ok(true),
            Meaning::Unrelated => Ok(false),
            Meaning::Open => {
                open.push(job.id.clone());
                Ok(false)
            }
        })?;
        Ok(open)
    }
}

/// Likewise, for the jobs in the folders of all collections in `index_dir`. Those in the folder of a collection that another
/// process holds are left to it; `held` is the one that this process holds. What cannot be forgotten is returned.
///
/// # Errors
///
/// If `index_dir` cannot be read.
#[cfg(feature = "cli")]
pub(crate) fn forget_documents(
    index_dir: &Path,
    collection: &str,
    held: Option<&str>,
    names: &[String],
) -> Result<LeftInJobs> {
    let mut still = LeftInJobs::default();
    for name in crate::library::names(index_dir)? {
        let dir = index_dir.join(&name);
        let jobs = dir.join(FOLDER);
        // Without the lock nobody knows whether another process is adding jobs.
        let is_free = held == Some(&*name) || crate::index::holder(&dir).is_ok_and(|holder| holder.is_none());
        let Ok(Listing { jobs, left, unreadable }) = Folder::list(&jobs) else {
            still.folders.push(jobs);
            continue;
        };
        for (folder, found) in jobs {
            let (Found::Ended(job) | Found::Open(job, _)) = found;
            match meaning(&job, &folder, collection, names) {
                Ok(Meaning::Unrelated) => {}
                Ok(Meaning::Open) => still.open.push(job.id),
                Ok(Meaning::Ended) if is_free && folder.remove().is_ok() => {}
                Ok(Meaning::Ended) | Err(_) => still.folders.push(folder.path().to_owned()),
            }
        }
        let is_removed = |path: &PathBuf| is_free && std::fs::remove_dir_all(path).is_ok();
        still.folders.extend(left.into_iter().filter(|path| !is_removed(path)));
        still.folders.extend(unreadable.into_iter().map(|(path, _)| path));
    }
    Ok(still)
}

fn meaning(job: &Job, folder: &Folder, collection: &str, names: &[String]) -> Result<Meaning> {
    if job.collection != collection {
        return Ok(Meaning::Unrelated);
    }
    if !job.state.is_end() {
        return Ok(Meaning::Open);
    }
    let is_named = folder.items(true)?.iter().any(|item| is_one_of(item, names));
    Ok(if is_named { Meaning::Ended } else { Meaning::Unrelated })
}

/// Whether a part of a job has one of these names, or gave a document with one of these ids.
fn is_one_of(item: &JobItem, names: &[String]) -> bool {
    let is_file = |name: &String| Path::new(name).file_name() == Path::new(&item.name).file_name();
    let has_id = |id: &str| names.iter().any(|name| name == id);
    item.documents().iter().any(|document| has_id(document.id())) || names.iter().any(is_file)
}
