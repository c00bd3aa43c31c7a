//! What `footnote ingest` and `footnote rm` exchange with a server that holds the index: documents one way, their
//! outcomes the other, each as one line of JSON.
//!
//! Both ends are the same build of this program, run by the same user on one machine; the [identity](crate::identity)
//! proves it. So the command line reads and splits the files, and the server can take their paths from it.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::config::IngestConfig;
use crate::error::Error;
use crate::footnote::{Ingested, Outcome, Progress};
use crate::index::store::{FileStamp, KnownDocument, PageRecord, UnreadFile};
use crate::ingest;
use crate::passage::{Format, Layout, NewDocument, Original, OriginalBytes};

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

/// A [`NewDocument`] with the file that it was read from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedDocument {
    id: Option<String>,
    title: Option<String>,
    text: String,
    source: Option<String>,
    uri: Option<String>,
    published: Option<String>,
    language: Option<String>,
    tags: Vec<String>,
    metadata: serde_json::Map<String, serde_json::Value>,
    format: Format,
    /// As it is stored, in Base64; empty if there is none.
    layout: String,
    origin: Option<String>,
    original: Option<HandedOriginal>,
}

/// An [`Original`]. If a copy of it is kept, it is at `origin`, or comes with it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedOriginal {
    name: String,
    hash: [u8; 32],
    size_bytes: u64,
    format: Format,
    is_kept: bool,
    /// Its bytes in Base64, if it is no file that the server could read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
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

/// An [`Ingested`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedOutcome {
    id: String,
    title: String,
    outcome: HandedKind,
    notes: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HandedKind {
    Added(usize),
    Updated(usize),
    Unchanged,
    Removed,
    Skipped(String),
    Failed(Failure),
}

/// An [`Error`], as far as the command line needs it: its exit status, message and hint stay the same.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    Document { document: String, reason: String, hint: String },
    Model { model: String, reason: String, hint: String },
    ModelMismatch { dir: std::path::PathBuf, index: String, configured: String },
    NotFound { kind: String, id: String },
    Config { reason: String },
    Locked { dir: std::path::PathBuf, holder: String },
    Corrupt { path: std::path::PathBuf, reason: String },
    Damaged { path: std::path::PathBuf, document: String, reason: String },
    Incompatible { path: std::path::PathBuf, reason: String, hint: String },
    Input { reason: String, hint: String },
    Other { reason: String, hint: String },
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

impl HandedDocument {
    /// The file that it was read from.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }
}

impl From<NewDocument> for HandedDocument {
    fn from(document: NewDocument) -> Self {
        // Written out, so that a new field is not forgotten.
        let NewDocument {
            id,
            title,
            text,
            source,
            uri,
            published,
            language,
            tags,
            metadata,
            format,
            layout,
            origin,
            original,
        } = document;
        let layout = if layout.is_empty() { String::new() } else { BASE64_STANDARD.encode(layout.to_bytes()) };
        let original = original.as_deref().map(HandedOriginal::from);
        Self { id, title, text, source, uri, published, language, tags, metadata, format, layout, origin, original }
    }
}

impl From<HandedDocument> for NewDocument {
    fn from(document: HandedDocument) -> Self {
        let HandedDocument {
            id,
            title,
            text,
            source,
            uri,
            published,
            language,
            tags,
            metadata,
            format,
            layout,
            origin,
            original,
        } = document;
        let original = original.map(|original| Arc::new(original.at(origin.as_deref())));
        let layout =
            BASE64_STANDARD.decode(layout).ok().and_then(|bytes| Layout::from_bytes(&bytes, &text)).unwrap_or_default();
        Self { id, title, text, source, uri, published, language, tags, metadata, format, layout, origin, original }
    }
}

impl From<&Original> for HandedOriginal {
    fn from(original: &Original) -> Self {
        let Original { name, hash, size_bytes, format, copy } = original.clone();
        let bytes = match &copy {
            Some(OriginalBytes::Held(bytes)) => Some(BASE64_STANDARD.encode(bytes)),
            Some(OriginalBytes::InFile(_)) | None => None,
        };
        Self { name, hash, size_bytes, format, is_kept: copy.is_some(), bytes }
    }
}

impl HandedOriginal {
    /// The original of a document that was read from this file.
    fn at(self, origin: Option<&str>) -> Original {
        let Self { name, hash, size_bytes, format, is_kept, bytes } = self;
        let copy = match bytes {
            Some(bytes) => BASE64_STANDARD.decode(bytes).ok().map(OriginalBytes::Held),
            None => origin.filter(|_| is_kept).map(|origin| OriginalBytes::InFile(origin.into())),
        };
        Original { name, hash, size_bytes, format, copy }
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

impl From<&Ingested> for HandedOutcome {
    fn from(ingested: &Ingested) -> Self {
        let outcome = match &ingested.outcome {
            Outcome::Added(passages) => HandedKind::Added(*passages),
            Outcome::Updated(passages) => HandedKind::Updated(*passages),
            Outcome::Unchanged => HandedKind::Unchanged,
            Outcome::Removed => HandedKind::Removed,
            Outcome::Skipped(reason) => HandedKind::Skipped(reason.clone()),
            Outcome::Failed(error) => HandedKind::Failed(error.into()),
        };
        Self { id: ingested.id.clone(), title: ingested.title.clone(), outcome, notes: ingested.notes.clone() }
    }
}

impl From<HandedOutcome> for Ingested {
    fn from(handed: HandedOutcome) -> Self {
        let outcome = match handed.outcome {
            HandedKind::Added(passages) => Outcome::Added(passages),
            HandedKind::Updated(passages) => Outcome::Updated(passages),
            HandedKind::Unchanged => Outcome::Unchanged,
            HandedKind::Removed => Outcome::Removed,
            HandedKind::Skipped(reason) => Outcome::Skipped(reason),
            HandedKind::Failed(failure) => Outcome::Failed(failure.into()),
        };
        Self { id: handed.id, title: handed.title, outcome, notes: handed.notes }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::Document { document, reason, hint } => {
                Self::Document { document: document.clone(), reason: reason.clone(), hint: hint.clone() }
            }
            Error::Model { model, reason, hint } => {
                Self::Model { model: model.clone(), reason: reason.clone(), hint: hint.clone() }
            }
            Error::ModelMismatch { dir, index, configured } => {
                Self::ModelMismatch { dir: dir.clone(), index: index.clone(), configured: configured.clone() }
            }
            Error::NotFound { kind, id } => Self::NotFound { kind: (*kind).to_owned(), id: id.clone() },
            Error::Input { reason, hint } => Self::Input { reason: reason.clone(), hint: hint.clone() },
            Error::Config { reason } => Self::Config { reason: reason.clone() },
            Error::Locked { dir, holder } => Self::Locked { dir: dir.clone(), holder: holder.clone() },
            Error::Corrupt { path, reason } => Self::Corrupt { path: path.clone(), reason: reason.clone() },
            Error::Damaged { path, document, reason } => {
                Self::Damaged { path: path.clone(), document: document.clone(), reason: reason.clone() }
            }
            Error::Incompatible { path, reason, hint } => {
                Self::Incompatible { path: path.clone(), reason: reason.clone(), hint: hint.clone() }
            }
            other => Self::Other { reason: other.to_string(), hint: other.hint().unwrap_or_default() },
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Document { document, reason, hint } => Self::Document { document, reason, hint },
            Failure::Model { model, reason, hint } => Self::Model { model, reason, hint },
            Failure::ModelMismatch { dir, index, configured } => Self::ModelMismatch { dir, index, configured },
            Failure::NotFound { kind, id } => {
                let kind = ["collection", "model", "passage"].into_iter().find(|known| *known == kind);
                Self::NotFound { kind: kind.unwrap_or("document"), id }
            }
            Failure::Config { reason } => Self::Config { reason },
            Failure::Locked { dir, holder } => Self::Locked { dir, holder },
            Failure::Corrupt { path, reason } => Self::Corrupt { path, reason },
            Failure::Damaged { path, document, reason } => Self::Damaged { path, document, reason },
            Failure::Incompatible { path, reason, hint } => Self::Incompatible { path, reason, hint },
            Failure::Input { reason, hint } => Self::Input { reason, hint },
            Failure::Other { reason, hint } => Self::Server { reason, hint },
        }
    }
}

/// `message` as a line.
pub(crate) fn line(message: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and lists always serialize, and JSON has newlines only where it is laid out.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Cuts lines out of bytes that arrive in pieces.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The beginning of a line that has not arrived in full.
    pending: Vec<u8>,
    max_bytes: usize,
}

/// A line is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Lines {
    /// Lines of up to `max_bytes`.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { pending: Vec::new(), max_bytes }
    }

    /// The lines that `piece` completes, without those that are blank.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut lines = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if self.pending.len() + part.len() > self.max_bytes {
                return Err(TooLong);
            }
            self.pending.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.pending);
                if !line.trim_ascii().is_empty() {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }

    /// Whether the last piece ended with a whole line.
    pub(crate) fn is_at_end(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back<T: Serialize + for<'a> Deserialize<'a>>(message: &T) -> T {
        serde_json::from_slice(&line(message)).unwrap()
    }

    #[test]
    fn a_document_arrives_with_all_that_is_known_of_it() {
        let document = NewDocument {
            id: Some("a".into()),
            title: Some("T".into()),
            text: "降息\r\n\u{1b}".into(),
            source: Some("Desk".into()),
            uri: Some("file:///a".into()),
            published: Some("2026-01-31".into()),
            language: Some("zh-Hant".into()),
            tags: vec!["t".into()],
            metadata: serde_json::from_str(r#"{"n": 3}"#).unwrap(),
            format: Format::Markdown,
            layout: Layout { reader: "test 1".into(), ..Layout::default() },
            origin: Some("/a".into()),
            original: Some(Arc::new(Original {
                name: "a.pdf".into(),
                hash: [7; 32],
                size_bytes: 9,
                format: Format::Pdf,
                copy: Some(OriginalBytes::InFile("/a".into())),
            })),
        };
        let sent = Item::from(ingest::Item::Document(Box::new(document.clone())));
        let ingest::Item::Document(arrived) = there_and_back(&sent).into() else { panic!("it is a document") };
        assert_eq!(*arrived, document);
    }

    #[test]
    fn an_outcome_and_its_error_arrive_as_they_were() {
        let text = || "t".to_owned();
        let errors = [
            Error::Document { document: text(), reason: text(), hint: text() },
            Error::Model { model: text(), reason: text(), hint: text() },
            Error::ModelMismatch { dir: "d".into(), index: text(), configured: text() },
            Error::NotFound { kind: "document", id: text() },
            Error::NotFound { kind: "collection", id: text() },
            Error::Config { reason: text() },
            Error::Locked { dir: "d".into(), holder: text() },
            Error::Corrupt { path: "p".into(), reason: text() },
            Error::Damaged { path: "p".into(), document: text(), reason: text() },
            Error::Incompatible { path: "p".into(), reason: text(), hint: text() },
            Error::Input { reason: text(), hint: text() },
            Error::Busy,
        ];
        for error in errors {
            let (message, hint) = (error.to_string(), error.hint());
            #[cfg(feature = "cli")]
            let exit = crate::cli::Exit::of(&error);
            let ingested = Ingested::new("a".into(), "b".into(), Outcome::Failed(error));
            let arrived = Ingested::from(there_and_back(&HandedOutcome::from(&ingested)));
            let Outcome::Failed(arrived) = arrived.outcome else { panic!("it failed") };
            assert_eq!((arrived.to_string(), arrived.hint()), (message, hint));
            #[cfg(feature = "cli")]
            assert_eq!(crate::cli::Exit::of(&arrived), exit);
        }
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_arrive(text in "[ab\n ]{0,40}", sizes in prop::collection::vec(1..9_usize, 1..9)) {
            let mut lines = Lines::new(100);
            let mut found = Vec::new();
            let mut rest = text.as_bytes();
            for size in sizes.iter().cycle() {
                let (piece, after) = rest.split_at(rest.len().min(*size));
                found.extend(lines.push(piece).unwrap());
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            let whole: Vec<&str> = text.split_inclusive('\n').collect();
            let expected: Vec<_> = whole.iter().filter(|l| l.ends_with('\n') && !l.trim_ascii().is_empty()).collect();
            prop_assert_eq!(found.len(), expected.len());
            prop_assert!(found.iter().zip(expected).all(|(found, expected)| found == expected.as_bytes()));
            prop_assert_eq!(lines.is_at_end(), text.is_empty() || text.ends_with('\n'));
        }
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let mut lines = Lines::new(10);
        assert_eq!(lines.push(b"12345\n67890").unwrap().len(), 1);
        assert_eq!(lines.push(b"1234567"), Err(TooLong));
    }
}
