//! The crate's error type: what went wrong, where, and what to do next.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong.
///
/// [`Display`](std::fmt::Display) says what and where, [`Error::hint`] says what to do next. A cause is kept as `source` for
/// logs and not repeated in the message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting, option or environment variable is invalid. HTTP 500 (the server would not have started).
    #[error("configuration: {reason}")]
    Config {
        /// What is wrong, naming the file or variable.
        reason: String,
    },
    /// The caller's request is invalid. HTTP 400.
    #[error("{reason}")]
    Input {
        /// What is wrong with it.
        reason: String,
        /// What would be valid.
        hint: String,
    },
    /// Something does not exist. HTTP 404.
    #[error("no {kind} `{id}`")]
    NotFound {
        /// `document`, `passage`, `collection`, `model`, `job`, `feedback`, `original of`, `page`.
        kind: &'static str,
        /// As the caller gave it.
        id: String,
    },
    /// A document could not be ingested; nothing of it was stored. HTTP 422.
    #[error("{document}: {reason}")]
    Document {
        /// Its path, id or title.
        document: String,
        /// The reason.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// The model is missing or unusable. HTTP 503.
    #[error("model `{model}`: {reason}")]
    Model {
        /// Its name in the manifest, or its directory.
        model: String,
        /// What failed.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// The index was built with another model. HTTP 503.
    #[error("the index in {} was built with model {index}, but {configured} is configured", dir.display())]
    ModelMismatch {
        /// The collection's directory.
        dir: PathBuf,
        /// Name and fingerprint of the model that the index was built with.
        index: String,
        /// Name and fingerprint of the configured model.
        configured: String,
    },
    /// The model failed to run. HTTP 500.
    #[error("the model failed: {reason}")]
    Embedding {
        /// What the runtime said.
        reason: String,
    },
    /// Another process holds the index for writing. HTTP 503.
    #[error("the index in {} is in use by {holder}", dir.display())]
    Locked {
        /// The collection's directory.
        dir: PathBuf,
        /// What the holder wrote about itself.
        holder: String,
    },
    /// The server that holds the index did not do what it was asked for. HTTP 500; no route returns it.
    #[error("{reason}")]
    Server {
        /// What went wrong there.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// Too many requests are running. HTTP 503 with Retry-After.
    #[error("too many requests are waiting")]
    Busy,
    /// The caller has given up. HTTP 503, which nobody reads.
    #[error("the request was cancelled")]
    Cancelled,
    /// A file does not hold what was written to it, or lost a part of it. HTTP 500.
    #[error("{} is damaged: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A stored document does not match its checksums. HTTP 500.
    #[error("the document `{document}` in {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The document's id.
        document: String,
        /// What does not match.
        reason: String,
    },
    /// Another version of Footnote wrote the index, in a form that this one cannot use. HTTP 503.
    #[error("{}: {reason}", path.display())]
    Incompatible {
        /// The file or the collection's directory.
        path: PathBuf,
        /// What differs.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// There is no space left to write to. HTTP 507.
    #[error("cannot {action} {}: the disk is full", path.display())]
    DiskFull {
        /// A verb: `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
    },
    /// The free space is less than what the work is going to write. Nothing was written. HTTP 507.
    #[error("{} has {free} free, but about {needed} are needed", path.display())]
    NoRoom {
        /// A folder on the disk.
        path: PathBuf,
        /// What is free, with its unit.
        free: String,
        /// What is needed, with its unit.
        needed: String,
    },
    /// `SQLite` reported an error other than damage or a full disk. HTTP 500.
    #[error("the store {}: {source}", path.display())]
    Store {
        /// The database file.
        path: PathBuf,
        /// The error of `SQLite`.
        source: rusqlite::Error,
    },
    /// The vector index failed. HTTP 500.
    #[error("the vector index: {reason}")]
    Vector {
        /// What usearch said.
        reason: String,
    },
    /// The lexical index failed. HTTP 500.
    #[error("the lexical index: {reason}")]
    Lexical {
        /// What tantivy said.
        reason: String,
    },
    /// One of several collections that a question was asked of cannot be read. HTTP as its cause.
    #[error("collection `{collection}`: {source}")]
    Collection {
        /// Its name.
        collection: String,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The cluster with the passage index cannot be used now. HTTP 503.
    #[error("{reason}")]
    Cluster {
        /// What failed, with the address.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// An operation of the operating system failed. HTTP 500.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// A verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// An [`Error::Io`], for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull { action, path },
            _ => Self::Io { action, path, source },
        }
    }

    /// The same, naming the collection that is at fault if the others could be read without it.
    pub(crate) fn of_collection(self, name: Option<&str>) -> Self {
        let is_its_own = matches!(
            self,
            Self::ModelMismatch { .. }
                | Self::Locked { .. }
                | Self::Corrupt { .. }
                | Self::Damaged { .. }
                | Self::Incompatible { .. }
                | Self::Store { .. }
                | Self::Vector { .. }
                | Self::Lexical { .. }
                | Self::Cluster { .. }
                | Self::Io { .. }
        );
        match name.filter(|_| is_its_own) {
            Some(name) => Self::Collection { collection: name.to_owned(), source: Box::new(self) },
            None => self,
        }
    }

    /// What to do next, in a sentence.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Input { hint, .. }
            | Self::Document { hint, .. }
            | Self::Model { hint, .. }
            | Self::Server { hint, .. }
            | Self::Cluster { hint, .. } => {
                (!hint.is_empty()).then(|| hint.clone())
            }
            Self::NotFound { kind: "document", .. } => Some("`footnote ls` lists the documents".into()),
            Self::NotFound { kind: "original of", .. } => Some(
                "ingest its file again; files over [ingest] keep_originals_bytes are only found where they were read".into(),
            ),
            Self::NotFound { kind: "page picture of", .. } => Some("only documents that are PDF files have them".into()),
            Self::NotFound { kind: "sheet of", .. } => {
                Some("only documents that are spreadsheets have sheets; omit `sheet` for the first".into())
            }
            Self::NotFound { kind: "collection", .. } => {
                Some("`footnote collections` and GET /v1/collections list the collections".into())
            }
            Self::NotFound { kind: "job", .. } => {
                Some("GET /v1/jobs lists the jobs; one that has ended is forgotten after a week".into())
            }
            Self::ModelMismatch { .. } => Some(
                "run `footnote reindex` to embed the stored documents again, or configure the model it was built with"
                    .into(),
            ),
            Self::Locked { .. } => Some(
                "only one process can write to an index. While `footnote serve` runs, `footnote ingest` and `footnote rm` \
                 work if they have the same user, program and settings, and [server] listen is the server's address; `-v` says \
                 what differs. For other commands stop that process first"
                    .into(),
            ),
            Self::Collection { collection, source } => {
                let others = format!("to ask the others without `{collection}`, name them");
                Some(source.hint().map_or(others.clone(), |hint| format!("{hint}; {others}")))
            }
            Self::Busy => Some("try again in a moment".into()),
            Self::Corrupt { .. } => Some(
                "restore the file from a backup, or delete the index directory and ingest the documents again".into(),
            ),
            Self::Damaged { .. } => Some("ingest the document again to repair it, its file by name or with --reread; `footnote rm` removes it".into()),
            Self::Incompatible { hint, .. } => Some(hint.clone()),
            Self::DiskFull { .. } | Self::NoRoom { .. } => Some("free some space and try again".into()),
            Self::Store { source, .. } => match source.sqlite_error_code() {
                Some(ErrorCode::SystemIoFailure) => {
                    Some("check the disk and its file system (its errors are in the system log), then try again".into())
                }
                Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Some(
                    "check who may read and write there; an index on a read-only medium can be read if it has no \
                     store.db-wal"
                        .into(),
                ),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    Some("another process keeps the store busy; try again in a moment".into())
                }
                _ => None,
            },
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => Some("check the permissions of the file and its folder".into()),
                _ => None,
            },
            _ => None,
        }
    }
}
