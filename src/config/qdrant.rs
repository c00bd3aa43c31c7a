//! `[qdrant]`: a cluster in which passage indexes can be.

use std::net::IpAddr;

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

    /// The API key, from the environment; `None` if no variable is named.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the variable is not set or cannot be a key. It names the variable, never its value.
    pub(crate) fn key(&self) -> Result<Option<String>> {
        if self.key_env.is_empty() {
            return Ok(None);
        }
        checked_key(&self.key_env, std::env::var(&self.key_env).ok()).map(Some)
    }

    /// Whether the API key crosses a network unencrypted.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only `footnote doctor` tells it"))]
    pub(crate) fn sends_key_openly(&self) -> bool {
        let Ok(uri) = self.url.parse::<Uri>() else { return false };
        !self.key_env.is_empty() && uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_loopback)
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

/// The key in a variable with this value.
fn checked_key(variable: &str, value: Option<String>) -> Result<String> {
    let wrong =
        |why: &str| Error::Config { reason: format!("the variable {variable} that [qdrant] key_env names {why}") };
    let value = value.ok_or_else(|| wrong("is not set, or is no text"))?;
    // A line break at the end comes from a file.
    let key = value.trim();
    if key.is_empty() {
        return Err(wrong("is empty; put the API key into it"));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("has characters that an API key cannot have; put the key alone into it"));
    }
    Ok(key.to_owned())
}

/// Whether what is sent to this host of an address stays on this machine.
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only `footnote doctor` tells it"))]
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
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
    fn a_key_is_trimmed_and_what_is_none_is_refused_without_being_told() {
        assert_eq!(checked_key("KEY", Some(" s3cret\n".into())).unwrap(), "s3cret");
        for value in [None, Some(" \n".to_owned()), Some("s3\ncret".to_owned()), Some("schlüssel".to_owned())] {
            let error = checked_key("CLUSTER_KEY", value.clone()).unwrap_err();
            let told = error.to_string();
            assert!(matches!(error, Error::Config { .. }) && told.contains("CLUSTER_KEY"), "{told}");
            assert!(!told.contains("cret") && !told.contains("schl"), "{value:?}: {told}");
        }
    }

    #[test]
    fn a_key_is_sent_openly_over_http_to_another_machine() {
        let sends = |url: &str, key_env: &str| {
            let (url, key_env) = (url.to_owned(), key_env.to_owned());
            QdrantConfig { url, key_env, ..Config::default().qdrant }.sends_key_openly()
        };
        for url in ["http://cluster:6334", "http://10.0.0.4:6334", "http://[fd00::1]:6334", "http://127.evil.example"] {
            assert!(sends(url, "KEY") && !sends(url, ""), "{url}");
        }
        for url in ["https://cluster:6334", "http://localhost:6334", "http://127.0.0.2:6334", "http://[::1]:6334", ""] {
            assert!(!sends(url, "KEY"), "{url}");
        }
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
