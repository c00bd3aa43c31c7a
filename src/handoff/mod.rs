//! What `footnote ingest` and `footnote rm` exchange with a server that holds the index: documents one way, their
//! outcomes the other, each as one line of JSON.
//!
//! Both ends are the same build of this program, run by the same user on one machine; the [identity](crate::identity)
//! proves it. So the command line reads and splits the files, and the server can take their paths from it.

mod document;
mod lines;
mod outcome;

use serde::{Deserialize, Serialize};

use crate::config::IngestConfig;
use crate::footnote::Progress;
use crate::index::store::{FileStamp, KnownDocument, PageRecord, UnreadFile};
use crate::ingest;
pub(crate) use document::HandedDocument;
pub(crate) use lines::{Lines, line};
pub(crate) use outcome::{Failure, HandedOutcome};

/// Takes documents as lines of [`Item`], and answers with lines of [`Event`].
pub(crate) const INGEST_PATH: &str = "/handoff/ingest";
/// Takes ids of documents as lines of [`Removal`], and answers with lines of [`Event`].
pub(crate) const REMOVE_PATH: &str = "/handoff/remove";
/// Ends the reindex that the command line has embedded, and answers with lines of [`Event`].
pub(crate) const REINDEX_PATH: &str = "/handoff/reindex";
/// The header of a request that proves its sender: a nonce, a space and the proof for it.
pub(crate) const PROOF_HEADER: &str = "footnote-proof";

/// The longest line besides those of documents.
pub(crate) const MAX_EVENT_BYTES: usize = 1 << 20;

/// The longest line that a document by these settings can need: JSON writes one byte in up to six, the layout of a text may
/// be a few times as long as the text, and the original of a page comes with it.
pub(crate) fn max_line_bytes(config: &IngestConfig) -> usize {
    let original = config.keep_originals_bytes.saturating_mul(4) / 3;
    config.max_document_bytes.saturating_mul(12).saturating_add(original).saturating_add(MAX_EVENT_BYTES)
}

/// What [`ingest::Item`] is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Item {
    Document(Box<HandedDocument>),
    Imported(Box<HandedDocument>),
    End(String, Option<Box<FileStamp>>),
    Touched(String, Box<FileStamp>),
    Unchanged(Box<KnownDocument>, String),
    Report(HandedOutcome),
    Unread(String, Box<UnreadFile>, HandedOutcome),
    Mount(String, bool),
    Page(String, Box<PageRecord>),
}

/// A document to remove.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Removal {
    pub(crate) id: String,
}

/// What happened so far.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Planned {
        passages: usize,
    },
    Read {
        file: String,
        bytes: u64,
        passages: usize,
    },
    Embedded {
        passages: usize,
        tokens: usize,
    },
    Done(HandedOutcome),
    /// Nothing of the removed documents is left, except perhaps in the input of these jobs.
    Erased {
        open_jobs: Vec<String>,
    },
    /// The last line: all of it was done, or why not.
    End(Option<Failure>),
}

impl From<ingest::Item> for Item {
    fn from(item: ingest::Item) -> Self {
        match item {
            ingest::Item::Document(document) => Self::Document(Box::new((*document).into())),
            ingest::Item::Imported(document) => Self::Imported(Box::new((*document).into())),
            ingest::Item::End(origin, stamp) => Self::End(origin, stamp),
            ingest::Item::Touched(origin, stamp) => Self::Touched(origin, stamp),
            ingest::Item::Report(ingested) => Self::Report((&ingested).into()),
            ingest::Item::Unread(origin, file, ingested) => Self::Unread(origin, file, (&ingested).into()),
            ingest::Item::Mount(folder, is_there) => Self::Mount(folder, is_there),
            ingest::Item::Page(origin, page) => Self::Page(origin, page),
            ingest::Item::Unchanged(document, origin) => Self::Unchanged(document, origin),
        }
    }
}

impl From<Item> for ingest::Item {
    fn from(item: Item) -> Self {
        match item {
            Item::Document(document) => Self::Document(Box::new((*document).into())),
            Item::Imported(document) => Self::Imported(Box::new((*document).into())),
            Item::End(origin, stamp) => Self::End(origin, stamp),
            Item::Touched(origin, stamp) => Self::Touched(origin, stamp),
            Item::Unchanged(document, origin) => Self::Unchanged(document, origin),
            Item::Report(outcome) => Self::Report(outcome.into()),
            Item::Unread(origin, file, outcome) => Self::Unread(origin, file, outcome.into()),
            Item::Mount(folder, is_there) => Self::Mount(folder, is_there),
            Item::Page(origin, page) => Self::Page(origin, page),
        }
    }
}

impl Event {
    /// `progress`, to be sent.
    pub(crate) fn of(progress: &Progress<'_>) -> Self {
        match progress {
            Progress::Planned { passages } => Self::Planned { passages: *passages },
            Progress::Read { file, bytes, passages } => {
                Self::Read { file: (*file).to_owned(), bytes: *bytes, passages: *passages }
            }
            Progress::Embedded { passages, tokens } => Self::Embedded { passages: *passages, tokens: *tokens },
            Progress::Done(ingested) => Self::Done((*ingested).into()),
        }
    }
}
