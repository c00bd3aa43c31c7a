//! What can go wrong with a call of the cluster.

use crate::error::Error;

/// A call that failed.
#[cfg_attr(not(feature = "qdrant"), allow(dead_code, reason = "only the exchange with a cluster makes them"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The collection does not exist.
    Missing,
    /// The key is wrong or missing.
    Key,
    /// The server is older than what is needed: its version, and that.
    Old(String, &'static str),
    /// The server cannot be reached or did not answer in time.
    Away(String),
    /// The server refused the call or failed.
    Refused(String),
}

impl Failure {
    /// The error, which names the address.
    pub(super) fn told(self, url: &str) -> Error {
        let error = |reason: String, hint: &str| Error::Cluster { reason, hint: hint.to_owned() };
        match self {
            Self::Missing => error(
                format!("the Qdrant cluster at {url} does not have the collection of this index"),
                "`footnote index move --to qdrant` makes it again from the store",
            ),
            Self::Key => error(
                format!("the Qdrant cluster at {url} refuses the API key"),
                "put the key into the environment variable that [qdrant] key_env names",
            ),
            Self::Old(version, needed) => error(
                format!("the Qdrant server at {url} has version {version}, but at least {needed} is needed"),
                "update the server, or run `footnote index move --to embedded`",
            ),
            Self::Away(why) => error(
                format!("the Qdrant cluster at {url} cannot be reached: {why}"),
                "check that it runs and that [qdrant] url is its gRPC address; documents are stored meanwhile and reach it later",
            ),
            Self::Refused(why) => error(
                format!("the Qdrant cluster at {url} failed: {why}"),
                "its log says more; documents are stored meanwhile and reach it later",
            ),
        }
    }
}
