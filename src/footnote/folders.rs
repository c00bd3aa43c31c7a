//! Ingesting files and folders.

use std::path::PathBuf;

use super::Footnote;
use crate::error::Result;
use crate::ingest::{self, IngestOptions, Ingested, Progress, Summary, Walk};

impl Footnote {
    /// Ingests files and folders, as [`Footnote::ingest`] does documents. Documents that one of the files held before and
    /// holds no longer are removed. Results go to `progress`; the number of each kind is returned.
    /// A file that has not changed since is not read again.
    pub fn ingest_paths(&self, paths: &[PathBuf], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Summary> {
        self.ingest_paths_with(paths, &IngestOptions::default(), progress)
    }

    /// [`Footnote::ingest_paths`] with options.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::ingest_paths`].
    pub fn ingest_paths_with(
        &self,
        paths: &[PathBuf],
        options: &IngestOptions,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Summary> {
        let _one = self.lock_ingest();
        ingest::paths(&self.collection, self.embedder()?, &self.config().ingest, self.walk(options), paths, progress)
    }

    /// What [`Footnote::ingest_paths_with`] would do. Nothing is stored.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::ingest_paths`].
    pub fn preview_paths(
        &self,
        paths: &[PathBuf],
        options: &IngestOptions,
        report: &mut dyn FnMut(Ingested),
    ) -> Result<()> {
        ingest::preview(&self.collection, self.embedder()?, &self.config().ingest, self.walk(options), paths, report)
    }

    /// Reads files and folders for another process that stores what is in them, until `send` takes no more.
    #[cfg(feature = "cli")]
    pub(crate) fn read_paths(
        &self,
        paths: &[PathBuf],
        options: &IngestOptions,
        send: &mut dyn FnMut(ingest::Item) -> bool,
    ) {
        let _all = self.walk(options).items(paths).all(send);
    }

    /// Calls `found` for each file that [`Footnote::ingest_paths_with`] would read, and each in folders that is no document,
    /// until it wants no more.
    #[cfg(feature = "cli")]
    pub(crate) fn survey_paths(
        &self,
        paths: &[PathBuf],
        options: &IngestOptions,
        found: &mut dyn FnMut(ingest::Found<'_>) -> bool,
    ) {
        self.walk(options).survey(paths, found);
    }

    fn walk<'a>(&'a self, options: &'a IngestOptions) -> Walk<'a> {
        let store = self.collection.store();
        Walk { reader: self.engine.reader(), config: &self.config().ingest, store, options }
    }
}
