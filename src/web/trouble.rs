//! Why a page could not be fetched.

use url::Url;

use crate::error::Error;

/// Why a page could not be fetched. The texts have the page as their subject: `does not answer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) reason: String,
    /// What to do about it.
    pub(crate) hint: String,
    pub(crate) kind: Kind,
}

/// What follows from a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The page does not exist, or not any more.
    Gone,
    /// Its site does not want it to be read, or it is of a kind that is not read.
    Unwanted,
    /// Another attempt may succeed.
    Failed,
    /// Nobody waits for it any more.
    Cancelled,
}

impl Trouble {
    pub(super) fn failed(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into(), kind: Kind::Failed }
    }

    pub(super) fn unwanted(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: Kind::Unwanted, ..Self::failed(reason, hint) }
    }

    pub(super) fn gone(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: Kind::Gone, ..Self::failed(reason, hint) }
    }

    pub(super) fn cancelled() -> Self {
        Self { kind: Kind::Cancelled, ..Self::failed("was not fetched: the work was cancelled", "") }
    }

    /// The error of the page at `url`.
    pub(crate) fn of(self, url: &Url) -> Error {
        match self.kind {
            Kind::Cancelled => Error::Cancelled,
            _ => Error::Document { document: url.to_string(), reason: self.reason, hint: self.hint },
        }
    }
}
