//! Ingesting files and folders, and pages of the web.

use std::path::PathBuf;

use super::Footnote;
use crate::error::Result;
use crate::ingest::{self, IngestOptions, Ingested, Progress, Summary, Walk};
#[cfg(feature = "server")]
use crate::web::visit::Visit;

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
        ingest::paths(&self.collection, &*self.embedder()?, &self.config().ingest, self.walk(options), paths, progress)
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
        ingest::preview(&self.collection, &*self.embedder()?, &self.config().ingest, self.walk(options), paths, report)
    }

    /// The items of files and folders, and of pages of the web.
    #[cfg(feature = "cli")]
    fn items_of<'a>(
        &'a self,
        paths: &'a [PathBuf],
        pages: Option<Visit>,
        options: &'a IngestOptions,
    ) -> impl Iterator<Item = ingest::Item> + Send + 'a {
        self.walk(options).items(paths).chain(pages.into_iter().flat_map(move |visit| self.pages(visit, options)))
    }

    /// As [`Footnote::ingest_paths_with`], with pages of the web.
    #[cfg(feature = "cli")]
    pub(crate) fn ingest_sources(
        &self,
        paths: &[PathBuf],
        pages: Option<Visit>,
        options: &IngestOptions,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<()> {
        let _one = self.lock_ingest();
        let items = self.items_of(paths, pages, options).map(Ok);
        let used = &mut ingest::UsedIds::default();
        ingest::items(&self.collection, &*self.embedder()?, &self.config().ingest, used, items, progress)
    }

    /// What [`Footnote::ingest_sources`] would do. Nothing is stored.
    #[cfg(feature = "cli")]
    pub(crate) fn preview_sources(
        &self,
        paths: &[PathBuf],
        pages: Option<Visit>,
        options: &IngestOptions,
        report: &mut dyn FnMut(Ingested),
    ) -> Result<()> {
        let items = self.items_of(paths, pages, options);
        ingest::preview_items(&self.collection, &*self.embedder()?, &self.config().ingest, items, report)
    }

    /// Reads files, folders and pages of the web for another process that stores what is in them, until `send` takes no more.
    #[cfg(feature = "cli")]
    pub(crate) fn read_sources(
        &self,
        paths: &[PathBuf],
        pages: Option<Visit>,
        options: &IngestOptions,
        send: &mut dyn FnMut(ingest::Item) -> bool,
    ) {
        let _all = self.items_of(paths, pages, options).all(send);
    }

    /// The items of pages of the web.
    #[cfg(feature = "server")]
    pub(crate) fn pages<'a>(&'a self, visit: Visit, options: &'a IngestOptions) -> ingest::Pages<'a> {
        ingest::Pages::new(self.walk(options), visit)
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
