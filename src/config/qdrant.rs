//! `[qdrant]`: a cluster in which passage indexes can be.

use http::Uri;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Where the vectors and terms of a collection are searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IndexEngine {
    /// In segments beside the store.
    #[default]
    Embedded,
    /// In a Qdrant cluster.
    Qdrant,
}

impl IndexEngine {
    /// As the settings name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Qdrant => "qdrant",
        }
    }
}

/// `[qdrant]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QdrantConfig {
    /// Address of the gRPC interface; empty for none.
    pub url: String,
    /// The environment variable that holds the API key; empty for none.
    pub key_env: String,
    /// How the names of Footnote's collections begin there.
    pub collection_prefix: String,
    /// Maximum time for one call that reads; one that writes may take six times as long.
    pub timeout_ms: usize,
    /// Copies of each point.
    pub replicas: usize,
    /// Shards of each collection; 0 lets the cluster choose.
    pub shards: usize,
}

impl QdrantConfig {
    /// Whether a cluster is configured.
    pub fn is_configured(&self) -> bool {
        !self.url.is_empty()
    }

    /// Refuses values that parse but cannot work.
    pub(super) fn check(&self, engine: IndexEngine) -> Result<()> {
        let wrong = |reason: &str| Err(Error::Config { reason: format!("[qdrant] {reason}") });
        if !self.is_configured() {
            return match engine {
                IndexEngine::Embedded => Ok(()),
                IndexEngine::Qdrant => wrong("url is empty, and [index] engine is \"qdrant\"; set url"),
            };
        }
        let uri = self.url.parse::<Uri>().ok();
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        let Some(uri) = uri.filter(is_web) else {
            // It may contain a secret, so it is not repeated.
            return wrong("url is no address; it must be one such as http://127.0.0.1:6334");
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) || uri.query().is_some() {
            return wrong("url contains a secret; put the key into the variable that key_env names");
        }
        if self.key_env.contains(['=', '\0']) {
            return wrong("key_env cannot be the name of an environment variable");
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !self.collection_prefix.chars().all(is_plain) || self.collection_prefix.len() > 64 {
            return wrong("collection_prefix can have up to 64 letters, digits, - and _");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn checked(change: impl FnOnce(&mut QdrantConfig), engine: IndexEngine) -> Result<()> {
        let mut config = Config::default().qdrant;
        change(&mut config);
        config.check(engine)
    }

    #[test]
    fn an_address_without_secrets_is_wanted_where_the_engine_needs_one() {
        checked(|_| {}, IndexEngine::Embedded).unwrap();
        checked(|qdrant| qdrant.url = "http://127.0.0.1:6334".into(), IndexEngine::Qdrant).unwrap();
        for url in ["", "127.0.0.1", "ftp://a", "http://user:secret@a", "http://a?key=secret"] {
            let error = checked(|qdrant| qdrant.url = url.into(), IndexEngine::Qdrant).unwrap_err().to_string();
            assert!(error.contains("[qdrant] url") && !error.contains("secret@"), "{url}: {error}");
        }
        let prefix = checked(
            |qdrant| {
                qdrant.url = "http://a".into();
                qdrant.collection_prefix = "a/b".into();
            },
            IndexEngine::Embedded,
        );
        assert!(prefix.unwrap_err().to_string().contains("collection_prefix"));
    }
}
