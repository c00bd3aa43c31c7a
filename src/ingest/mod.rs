//! Ingest: reads files, splits them into documents and passages, embeds and stores them.
//!
//! [`documents`] and [`paths`] feed one [pipeline](self); [`reindex`] embeds stored documents into the successor of a
//! collection.

pub mod chunk;
mod closing;
mod dates;
mod digest;
pub mod extract;
pub(crate) mod extraction;
mod full_stop;
mod hash;
pub(crate) mod id;
mod layout;
mod metadata;
mod mounts;
#[cfg(feature = "server")]
mod page_file;
#[cfg(feature = "server")]
mod pages;
mod pipeline;
mod plan;
mod preview;
mod prune;
pub mod read;
pub mod reindex;
pub mod sentences;
mod sizer;
pub mod split;
mod store;
mod terminator;
mod title;
mod used_ids;
mod walk;

#[cfg(feature = "server")]
use std::path::Path;
use std::path::PathBuf;

#[cfg(feature = "server")]
use crate::cancel::Cancel;
use crate::config::IngestConfig;
use crate::embed::{Embedder, PassageVectors};
use crate::error::{Error, Result};
#[cfg(feature = "server")]
use crate::formats::Reader;
use crate::index::Collection;
use crate::index::store::EmbeddedPassage;
use crate::passage::NewDocument;
#[cfg(feature = "server")]
pub(crate) use pages::Pages;
#[cfg(feature = "server")]
pub(crate) use pipeline::Item;
#[cfg(feature = "cli")]
pub(crate) use pipeline::with_ends;
pub(crate) use used_ids::UsedIds;
#[cfg(feature = "cli")]
pub(crate) use walk::Found;
pub(crate) use walk::Walk;

pub use metadata::Metadata;
pub use plan::passages;
pub use walk::IngestOptions;

/// Passages that are embedded together: enough to sort similar lengths into one batch.
const GROUP_PASSAGES: usize = 64;

/// The result of ingest for one document.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ingested {
    /// The document's id, or the path of a file that gave no document.
    pub id: String,
    /// The document's title; empty if there is no document.
    pub title: String,
    /// What happened to the document.
    pub outcome: Outcome,
    /// Remarks on a document that was stored, such as a date that cannot be read.
    pub notes: Vec<String>,
}

impl Ingested {
    /// A result without notes.
    pub fn new(id: String, title: String, outcome: Outcome) -> Self {
        Self { id, title, outcome, notes: Vec::new() }
    }
}

/// What ingest did with a document.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The document is new. Holds the number of its passages.
    Added(usize),
    /// The document replaced its earlier version. Holds the number of its passages.
    Updated(usize),
    /// The same content is stored already.
    Unchanged,
    /// The document was removed: its file no longer holds it, or its text is blank now.
    Removed,
    /// There is nothing to store, and nothing was stored before. Holds the reason.
    Skipped(String),
    /// The document was not stored. An earlier version of it stays.
    Failed(Error),
}

/// How many documents had each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// New documents.
    pub added: usize,
    /// Documents that replaced an earlier version.
    pub updated: usize,
    /// Documents that were stored already.
    pub unchanged: usize,
    /// Documents that were removed.
    pub removed: usize,
    /// Files and documents without text.
    pub skipped: usize,
    /// Files and documents that were not stored.
    pub failed: usize,
    /// Passages of the added and updated documents.
    pub passages: usize,
}

impl Summary {
    /// Counts one document.
    pub fn count(&mut self, ingested: &Ingested) {
        match ingested.outcome {
            Outcome::Added(passages) => {
                self.added += 1;
                self.passages += passages;
            }
            Outcome::Updated(passages) => {
                self.updated += 1;
                self.passages += passages;
            }
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Removed => self.removed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Failed(_) => self.failed += 1,
        }
    }
}

/// The progress of an ingest.
#[derive(Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// More passages are going to be embedded.
    Planned {
        /// How many.
        passages: usize,
    },
    /// A file was read: its passages are planned. Files that have not changed are not read.
    Read {
        /// Its path.
        file: &'a str,
        /// Its size.
        bytes: u64,
        /// How many of its passages are going to be embedded.
        passages: usize,
    },
    /// More passages were embedded.
    Embedded {
        /// How many.
        passages: usize,
        /// Tokens in them.
        tokens: usize,
    },
    /// A document is finished and, if it was stored, safe on disk.
    Done(&'a Ingested),
}

/// Ingests documents. Those with the same [`NewDocument::origin`] must follow one another: stored documents of an origin
/// that are not among them are removed, unless one of them fails.
///
/// Each document is stored as a whole or not at all, and is safe on disk when `progress` gets it. A document without text
/// removes its earlier version. An id that an earlier document of the call has used fails, unless the content is the
/// same, too.
///
/// # Errors
///
/// Errors that concern all documents (the model, the disk). An error of one document is in its [`Outcome`].
pub fn documents(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    documents: Vec<NewDocument>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Ingested>> {
    let mut finished = Vec::new();
    let items = pipeline::with_ends(documents.into_iter()).map(Ok);
    let used = &mut UsedIds::default();
    pipeline::run(collection, embedder, config, used, items, progress, &mut |ingested| finished.push(ingested))?;
    Ok(finished)
}

/// Ingests files and folders, as [`documents`] does documents. Stored documents that one of the files no longer holds are
/// removed, unless something in that file fails. Memory does not grow with the number of files: results go to `progress`.
///
/// # Errors
///
/// Those of [`documents`].
pub(crate) fn paths(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    walk: Walk<'_>,
    paths: &[PathBuf],
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary> {
    let items = walk.items(paths).map(Ok);
    let mut summary = Summary::default();
    let used = &mut UsedIds::default();
    pipeline::run(collection, embedder, config, used, items, progress, &mut |ingested| summary.count(&ingested))?;
    Ok(summary)
}

/// What [`paths`] would do. Nothing is embedded or stored.
///
/// # Errors
///
/// Those of [`paths`].
pub(crate) fn preview(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    walk: Walk<'_>,
    paths: &[PathBuf],
    report: &mut dyn FnMut(Ingested),
) -> Result<()> {
    preview::preview(collection, embedder, config, walk.items(paths), report)
}

/// What [`items`] would do. Nothing is embedded or stored.
///
/// # Errors
///
/// Those of [`items`].
#[cfg(feature = "cli")]
pub(crate) fn preview_items(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    items: impl Iterator<Item = Item>,
    report: &mut dyn FnMut(Ingested),
) -> Result<()> {
    preview::preview(collection, embedder, config, items, report)
}

/// A hash of which files are at `paths`, how large they are, and when they were modified.
#[cfg(feature = "cli")]
pub(crate) fn state_of(paths: &[PathBuf], max_bytes: usize) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for reading in read::files(paths) {
        let (path, stat) = match &reading {
            read::Reading::Found(entry) => (entry.path().display().to_string(), entry.stat(max_bytes).ok()),
            read::Reading::Skipped { path, .. } => (path.display().to_string(), None),
            read::Reading::LeftOut(_) => continue,
            read::Reading::Failed(error) => (error.to_string(), None),
        };
        hasher.update(&(path.len() as u64).to_le_bytes()).update(path.as_bytes());
        let (size, modified) = stat.unwrap_or_default();
        hasher.update(&size.to_le_bytes()).update(&modified.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Reads a file called `name` that was uploaded, and splits it into its documents.
#[cfg(feature = "server")]
pub(crate) fn read_upload(
    name: &str,
    bytes: &[u8],
    reader: &Reader,
    config: &IngestConfig,
    cancel: &Cancel,
) -> Result<Vec<NewDocument>> {
    let mut documents = split::split_upload(extraction::extract_upload(name, bytes, reader, config, cancel)?)?;
    let from_rules = Metadata::of_rules(config, Path::new(name));
    documents.iter_mut().for_each(|document| from_rules.complete(document));
    let copy = || crate::passage::OriginalBytes::Held(bytes.to_vec());
    Ok(extraction::with_original(documents, Path::new(name), bytes, copy, config))
}

/// The items of a file called `name` that was uploaded: its documents, or a report that it cannot be read.
#[cfg(feature = "server")]
pub(crate) fn upload_items(
    name: &str,
    bytes: &[u8],
    reader: &Reader,
    config: &IngestConfig,
    cancel: &Cancel,
) -> Vec<Item> {
    match read_upload(name, bytes, reader, config, cancel) {
        Ok(documents) => pipeline::with_ends(documents.into_iter()).collect(),
        Err(error) => vec![Item::Report(failed(name.to_owned(), error))],
    }
}

/// Ingests items that were read elsewhere, up to an error among them. Results go to `progress`. A run may take several
/// calls with the same `used`, if each call gets all documents of an origin.
///
/// # Errors
///
/// Those of [`documents`], and the error among the items.
#[cfg(feature = "server")]
pub(crate) fn items(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    used: &mut UsedIds,
    items: impl Iterator<Item = Result<Item>> + Send,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    pipeline::run(collection, embedder, config, used, items, progress, &mut drop)
}

fn embedded(vectors: &[PassageVectors]) -> Progress<'static> {
    Progress::Embedded { passages: vectors.len(), tokens: vectors.iter().map(|vectors| vectors.tokens).sum() }
}

fn failed(id: String, error: Error) -> Ingested {
    Ingested::new(id, String::new(), Outcome::Failed(error))
}

fn name_of(error: &Error) -> String {
    match error {
        Error::Document { document, .. } => document.clone(),
        other => other.to_string(),
    }
}

/// Joins a passage with its vectors.
fn embedded_passage(chunk: crate::passage::Chunk, vectors: PassageVectors) -> EmbeddedPassage {
    EmbeddedPassage { chunk, tokens: vectors.tokens, vector: vectors.passage, sentences: vectors.compressed }
}
