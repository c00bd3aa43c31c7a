//! The façade: everything that a face (command line, HTTP, another program) may do, and nothing else.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::embed::ModelIdentity;
use crate::error::Result;
use crate::passage::{Answer, Document, DocumentInfo, FoundPassage, Mode, NewDocument, Took};

/// An open collection.
pub struct Footnote {}

/// A question and how it is to be answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Question {
    /// The question, in any language.
    pub text: String,
    /// Passages to find and cite, at most. The configured number when `None`.
    pub top_k: Option<usize>,
    /// Sentences of context on either side of a quote. The configured number when `None`.
    pub context_sentences: Option<usize>,
    /// How the answer is made.
    pub mode: Mode,
}

/// What [`Footnote::search`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResults {
    /// Best first.
    pub passages: Vec<FoundPassage>,
    /// What it took.
    pub took: Took,
}

/// What became of one document at ingest.
#[derive(Debug)]
pub struct Ingested {
    /// Its id; the path where it never became a document.
    pub id: String,
    /// Its title, where there is one.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a document at ingest.
#[derive(Debug)]
pub enum Outcome {
    /// It is new. Holds the number of passages.
    Added(usize),
    /// It replaced an earlier version of itself. Holds the number of passages.
    Updated(usize),
    /// It is already there, the same to the byte.
    Unchanged,
    /// Its file no longer holds it, so it was removed.
    Removed,
    /// There is nothing in it to take in (an empty file).
    Skipped(String),
    /// It could not be taken in; an earlier version of it, if any, is still there.
    Failed(crate::Error),
}

/// How far an ingest is; for a progress display.
#[derive(Debug)]
pub enum Progress<'a> {
    /// This many more passages are to be embedded.
    Planned {
        /// How many.
        passages: usize,
    },
    /// This many more passages were embedded.
    Embedded {
        /// How many.
        passages: usize,
        /// Tokens in them.
        tokens: usize,
    },
    /// A document is done and, where it was stored, safe on disk.
    Done(&'a Ingested),
}

/// What an index holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The collection's name.
    pub collection: String,
    /// Its directory.
    pub dir: PathBuf,
    /// Documents in it.
    pub documents: usize,
    /// Passages in it.
    pub passages: usize,
    /// Documents by language tag, most first.
    pub languages: Vec<(String, usize)>,
    /// The model it was made with; `None` before the first document.
    pub model: Option<ModelIdentity>,
    /// Bytes of the store on disk.
    pub store_bytes: u64,
    /// Bytes of the vector index on disk.
    pub vector_bytes: u64,
    /// Passages that the vector index on disk lacks; they are caught up when it is opened.
    pub vector_behind: usize,
}

/// What `verify` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Documents checked.
    pub documents: usize,
    /// Passages checked.
    pub passages: usize,
    /// Sentences checked.
    pub sentences: usize,
    /// What is wrong, one sentence each; empty when all is well.
    pub problems: Vec<String>,
}

#[allow(unused_variables, missing_docs)]
impl Footnote {
    /// Opens (and creates, if need be) the collection for reading and writing. One process at a time may hold it so.
    pub fn open(config: &Config) -> Result<Self> {
        todo!()
    }

    /// Opens the collection for reading, whoever else reads or writes it. A collection that is not there is empty.
    pub fn open_read_only(config: &Config) -> Result<Self> {
        todo!()
    }

    /// Takes in documents. Each is wholly in or wholly out, and safe on disk when it is reported done. The error is
    /// only for what concerns all of them (the model, the disk); what concerns one is in its [`Outcome`].
    pub fn ingest(&self, documents: Vec<NewDocument>, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Ingested>> {
        todo!()
    }

    /// Takes in files and folders.
    pub fn ingest_paths(&self, paths: &[PathBuf], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Ingested>> {
        todo!()
    }

    /// Answers a question with quoted sentences.
    pub fn ask(&self, question: &Question) -> Result<Answer> {
        todo!()
    }

    /// Finds passages for a question.
    pub fn search(&self, question: &Question) -> Result<SearchResults> {
        todo!()
    }

    /// All documents in the order they were first ingested; `after` is the id to go on behind.
    pub fn documents(&self, after: Option<&str>, limit: usize) -> Result<Vec<DocumentInfo>> {
        todo!()
    }

    /// One document with its text, by its id.
    pub fn document(&self, id: &str) -> Result<Document> {
        todo!()
    }

    /// Removes a document, by its id. [`Error::NotFound`](crate::Error::NotFound) if there is none.
    pub fn delete(&self, id: &str) -> Result<()> {
        todo!()
    }

    /// Embeds all stored documents again with the configured model.
    pub fn reindex(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<usize> {
        todo!()
    }

    /// What the index holds.
    pub fn status(&self) -> Result<Status> {
        todo!()
    }

    /// Checks the store and its derived indexes against each other and against the promises made of them.
    pub fn verify(&self) -> Result<Verification> {
        todo!()
    }

    /// The model that is configured. Loads it where it is not loaded yet.
    pub fn model(&self) -> Result<ModelIdentity> {
        todo!()
    }

    /// Writes the derived indexes to disk, so that the next start has nothing to catch up. Also done on drop.
    pub fn checkpoint(&self) -> Result<()> {
        todo!()
    }
}

#[allow(dead_code)]
fn unused(_: &Path) {}
