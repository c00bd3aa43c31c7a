//! Ingesting files and folders.

use std::path::PathBuf;

use super::Footnote;
use crate::error::Result;
use crate::ingest::{self, Ingested, Progress, Summary, Walk};

impl Footnote {
    /// Ingests files and folders, as [`Footnote::ingest`] does documents. Documents that one of the files held before and
    /// holds no longer are removed. Results go to `progress`; the number of each kind is returned.
    /// A file that has not changed since is not read again.
    pub fn ingest_paths(&self, paths: &[PathBuf], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Summary> {
        let _one = self.lock_ingest();
        ingest::paths(&self.collection, self.embedder()?, &self.config().ingest, self.walk(false), paths, progress)
    }

    /// [`Footnote::ingest_paths`], which also removes the documents of files that are gone from the folders among `paths`.
    /// A folder without any file keeps its documents: it may be a disk that is not mounted.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::ingest_paths`].
    pub fn sync_paths(&self, paths: &[PathBuf], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Summary> {
        let _one = self.lock_ingest();
        ingest::paths(&self.collection, self.embedder()?, &self.config().ingest, self.walk(true), paths, progress)
    }

    /// What [`Footnote::ingest_paths`] or, with `prune`, [`Footnote::sync_paths`] would do. Nothing is stored.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::ingest_paths`].
    pub fn preview_paths(&self, paths: &[PathBuf], prune: bool, report: &mut dyn FnMut(Ingested)) -> Result<()> {
        ingest::preview(&self.collection, self.embedder()?, &self.config().ingest, self.walk(prune), paths, report)
    }

    /// Reads files and folders for another process that stores what is in them, until `send` takes no more.
    #[cfg(feature = "cli")]
    pub(crate) fn read_paths(&self, paths: &[PathBuf], prune: bool, send: &mut dyn FnMut(ingest::Item) -> bool) {
        let _all = self.walk(prune).items(paths).all(send);
    }

    fn walk(&self, prune: bool) -> Walk<'_> {
        let store = self.collection.store();
        Walk { reader: self.engine.reader(), config: &self.config().ingest, store, prune }
    }
}
