//! What a caller sees of an error: everything if the mistake is theirs; otherwise no path and no cause.

use std::error::Error as _;

use crate::error::Error;

/// An [`Error`] as its caller sees it, whichever API it comes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorReport {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Names the kind of error. It never changes.
    pub(crate) slug: &'static str,
    /// The kind of error in words.
    pub(crate) title: &'static str,
    /// What went wrong.
    pub(crate) detail: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

const LOG_SAYS_WHY: &str = "the server's log says why";

impl ErrorReport {
    /// The report of `error`. What it leaves out goes to the log.
    pub(crate) fn of(error: &Error) -> Self {
        let report = Self::without_log(error);
        match report.status {
            // The client disconnected, which is not a fault.
            _ if matches!(error, Error::Cancelled) => tracing::debug!("{error}"),
            500 | 507 => tracing::error!(cause = error.source(), "{error}"),
            501.. => tracing::warn!(cause = error.source(), "{error}"),
            _ => {}
        }
        report
    }

    fn new(status: u16, slug: &'static str, title: &'static str, detail: impl Into<String>, hint: &str) -> Self {
        Self { status, slug, title, detail: detail.into(), hint: (!hint.is_empty()).then(|| hint.to_owned()) }
    }

    fn without_log(error: &Error) -> Self {
        // In full: the caller's own mistakes.
        let full =
            |status, slug, title| Self { hint: error.hint(), ..Self::new(status, slug, title, error.to_string(), "") };
        match error {
            Error::Collection { collection, source } => {
                let report = Self::without_log(source);
                let others = format!("to ask the others without `{collection}`, name them");
                Self {
                    detail: format!("collection `{collection}`: {}", report.detail),
                    hint: Some(report.hint.map_or(others.clone(), |hint| format!("{hint}; {others}"))),
                    ..report
                }
            }
            Error::Input { .. } => full(400, "bad-request", "Bad request"),
            Error::NotFound { kind: "document", .. } => Self {
                hint: Some("GET /v1/documents lists the documents".into()),
                ..full(404, "not-found", "Not found")
            },
            Error::NotFound { .. } => full(404, "not-found", "Not found"),
            Error::Document { .. } => full(422, "document-refused", "Document refused"),
            Error::Busy | Error::Cancelled => Self::new(
                503,
                "overloaded",
                "Overloaded",
                "too many requests are waiting",
                "try again after the seconds in the Retry-After header",
            ),
            Error::Model { .. } => Self::new(
                503,
                "model-unavailable",
                "Model unavailable",
                "the model is missing or unusable",
                LOG_SAYS_WHY,
            ),
            Error::ModelMismatch { .. } => Self {
                hint: error.hint(),
                ..Self::new(503, "model-mismatch", "Model mismatch", "the index was built with another model", "")
            },
            Error::Locked { .. } => Self {
                hint: error.hint(),
                ..Self::new(503, "index-locked", "Index locked", "another process is writing to the index", "")
            },
            Error::Cluster { .. } => Self::new(
                503,
                "cluster-unavailable",
                "Cluster unavailable",
                "the cluster with the passage index cannot be used now",
                "try again in a moment; the server's log says what failed and where",
            ),
            Error::Incompatible { .. } => Self::new(
                503,
                "index-incompatible",
                "Index of another version",
                "another version of Footnote wrote the index",
                "the server's log says what to do",
            ),
            Error::Damaged { document, .. } => Self::new(
                500,
                "document-damaged",
                "Document damaged",
                format!("the stored document `{document}` is damaged"),
                "send the document again, or delete it",
            ),
            Error::Corrupt { .. } => Self::new(
                500,
                "index-damaged",
                "Index damaged",
                "the index is damaged",
                "the server's log names the file; `footnote verify` checks the whole index",
            ),
            Error::DiskFull { .. } | Error::NoRoom { .. } => Self::new(
                507,
                "disk-full",
                "Disk full",
                "the server's disk is full",
                "free some space on the server's disk and try again",
            ),
            Error::Embedding { .. } => Self::new(500, "model-failed", "Model failed", "the model failed", LOG_SAYS_WHY),
            Error::Store { .. } | Error::Io { .. } => Self::new(
                500,
                "storage-failed",
                "Storage failed",
                "a file could not be read or written",
                "try again; if it happens again, the server's log says why",
            ),
            Error::Config { .. } | Error::Vector { .. } | Error::Lexical { .. } | Error::Server { .. } => {
                Self::new(500, "internal-error", "Internal error", "the server failed", LOG_SAYS_WHY)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_callers_mistake_is_reported_in_full() {
        let error = Error::Input { reason: "the question is blank".into(), hint: "ask something".into() };
        let report = ErrorReport::of(&error);
        assert_eq!((report.status, report.detail.as_str()), (400, "the question is blank"));
        assert_eq!(report.hint.as_deref(), Some("ask something"));
        let report = ErrorReport::of(&Error::NotFound { kind: "document", id: "x".into() });
        assert_eq!((report.status, report.detail.as_str()), (404, "no document `x`"));
        assert!(report.hint.is_some_and(|hint| hint.contains("/v1/documents")));
    }

    #[test]
    fn a_fault_of_the_server_names_no_path_and_no_cause_and_says_what_to_do() {
        let path = || PathBuf::from("/home/someone/secret.db");
        let secret = || "secret words".to_owned();
        let errors = [
            (Error::Config { reason: secret() }, 500),
            (Error::Embedding { reason: secret() }, 500),
            (Error::Corrupt { path: path(), reason: secret() }, 500),
            (Error::Damaged { path: path(), document: "d".into(), reason: secret() }, 500),
            (Error::Incompatible { path: path(), reason: secret(), hint: secret() }, 503),
            (Error::Cluster { reason: secret(), hint: secret() }, 503),
            (Error::DiskFull { action: "write", path: path() }, 507),
            (Error::NoRoom { path: path(), free: secret(), needed: secret() }, 507),
            (Error::Store { path: path(), source: rusqlite::Error::InvalidQuery }, 500),
            (Error::Vector { reason: secret() }, 500),
            (Error::Io { action: "read", path: path(), source: std::io::Error::other("secret words") }, 500),
            (Error::Model { model: secret(), reason: secret(), hint: secret() }, 503),
            (Error::ModelMismatch { dir: path(), index: secret(), configured: secret() }, 503),
            (Error::Locked { dir: path(), holder: secret() }, 503),
            (Error::Corrupt { path: path(), reason: secret() }.of_collection(Some("news")), 500),
        ];
        for (error, status) in errors {
            let report = ErrorReport::of(&error);
            assert_eq!(report.status, status, "{error:?}");
            assert!(report.hint.is_some() && !format!("{report:?}").contains("secret"), "{report:?}");
        }
    }
}
