//! One error type for the crate: what went wrong, where, and what to do next.

use std::path::{Path, PathBuf};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, in the terms of the one who has to mend it.
///
/// [`Display`](std::fmt::Display) says what and where; [`Error::hint`] says what to do next. Causes are kept as
/// `source` for logs and never repeated in the message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting, flag or environment variable cannot be used. HTTP 500 (the server would not have started).
    #[error("configuration: {reason}")]
    Config {
        /// What is wrong, naming the file or variable.
        reason: String,
    },
    /// The caller's request makes no sense. HTTP 400.
    #[error("{reason}")]
    Input {
        /// What is wrong with it.
        reason: String,
        /// What would be right.
        hint: String,
    },
    /// There is no such thing. HTTP 404.
    #[error("no {kind} `{id}`")]
    NotFound {
        /// `document`, `passage`, `collection`, `model`.
        kind: &'static str,
        /// As the caller gave it.
        id: String,
    },
    /// A document could not be taken in; nothing of it was stored. HTTP 422.
    #[error("{document}: {reason}")]
    Document {
        /// Its path, id or title.
        document: String,
        /// Why not.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// The model is not there and cannot be had. HTTP 503.
    #[error("model `{model}`: {reason}")]
    Model {
        /// Its name in the manifest, or its directory.
        model: String,
        /// What failed.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// The index was made with another model. HTTP 503.
    #[error("the index in {} was made with model {index}, but {configured} is configured", dir.display())]
    ModelMismatch {
        /// The collection's directory.
        dir: PathBuf,
        /// Name and fingerprint that the index was made with.
        index: String,
        /// Name and fingerprint now configured.
        configured: String,
    },
    /// The model ran, and failed. HTTP 500.
    #[error("the model failed: {reason}")]
    Embedding {
        /// What the runtime said.
        reason: String,
    },
    /// Another process writes to this index. HTTP 503.
    #[error("the index in {} is in use by {holder}", dir.display())]
    Locked {
        /// The collection's directory.
        dir: PathBuf,
        /// What the holder wrote about itself.
        holder: String,
    },
    /// Too much is under way. HTTP 503 with Retry-After.
    #[error("too many requests are waiting")]
    Busy,
    /// The one who asked does not wait for it any more. HTTP 503, which nobody reads.
    #[error("it was cancelled")]
    Cancelled,
    /// The store does not hold what it should. HTTP 500.
    #[error("{} is damaged: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A stored document, or one of its passages, is not what was stored. HTTP 500.
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
    /// `SQLite` refused. HTTP 500.
    #[error("the store {}: {source}", path.display())]
    Store {
        /// The database file.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// The vector index refused. HTTP 500.
    #[error("the vector index: {reason}")]
    Vector {
        /// What usearch said.
        reason: String,
    },
    /// The lexical index refused. HTTP 500.
    #[error("the lexical index: {reason}")]
    Lexical {
        /// What tantivy said.
        reason: String,
    },
    /// The operating system refused. HTTP 500.
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

    /// What to do next, in a sentence, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Input { hint, .. } | Self::Document { hint, .. } | Self::Model { hint, .. } => {
                (!hint.is_empty()).then(|| hint.clone())
            }
            Self::NotFound { kind: "document", .. } => Some("`footnote ls` lists the documents".into()),
            Self::NotFound { kind: "collection", .. } => {
                Some("`footnote collections` and GET /v1/collections list those there are".into())
            }
            Self::ModelMismatch { .. } => Some(
                "run `footnote reindex` to embed the stored documents again, or configure the model it was made with"
                    .into(),
            ),
            Self::Locked { .. } => Some(
                "only one process may write to an index; stop the other one, send the documents to it over HTTP, or \
                 choose another directory with --index"
                    .into(),
            ),
            Self::Busy => Some("try again in a moment".into()),
            Self::Corrupt { .. } => Some(
                "restore the file from a backup, or delete the index directory and ingest the documents again".into(),
            ),
            Self::Damaged { .. } => Some("ingest the document again to heal it; `footnote rm` removes it".into()),
            Self::Incompatible { hint, .. } => Some(hint.clone()),
            Self::DiskFull { .. } => Some("free some space and try again".into()),
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => Some("check who may read and write there".into()),
                _ => None,
            },
            _ => None,
        }
    }
}
