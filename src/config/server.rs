//! `[server]`: address, access and limits.

use ::http::Uri;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::keys::Key;

/// `[server]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port.
    pub listen: String,
    /// Keys, each as `NAME:HASH`, `NAME:HASH:SCOPES` or `NAME:HASH:SCOPES:COLLECTIONS`, besides those of the index's file of
    /// keys. Without keys only programs on this machine have access.
    pub keys: Vec<String>,
    /// Requests that a key may send in a minute, and at once; 0 for any number.
    pub requests_per_minute: u32,
    /// Whether clients with a key see where the documents' files lie on the server.
    pub show_paths: bool,
    /// Whether `GET /metrics` needs no key.
    pub open_metrics: bool,
    /// Whether clients may have pages fetched from the web.
    pub allow_fetch: bool,
    /// Origins of web pages that may use the server.
    pub allowed_origins: Vec<String>,
    /// Public address of the server, for links to its documents; empty takes the address of each request.
    pub public_url: String,
    /// The environment variable with the secret of `LibreChat`'s tokens; empty accepts none.
    pub librechat_secret_env: String,
    /// Maximum size of a request body.
    pub max_body_bytes: usize,
    /// Questions and lookups that run at once.
    pub max_concurrent: usize,
    /// Time limit on one request. It does not apply to documents that are being sent or written.
    pub request_timeout_seconds: u64,
    /// Time for running requests to end at shutdown.
    pub shutdown_seconds: u64,
}

impl ServerConfig {
    /// Refuses values that parse but cannot work.
    pub(super) fn check(&self) -> Result<()> {
        let refused = |key: &str, value: &str, wanted: &str| {
            Err(Error::Config { reason: format!("[server] {key} has `{value}`; it must be {wanted}") })
        };
        Key::parse_all(&self.keys).map_err(|error| Error::Config {
            reason: format!("[server] keys: {error}; {}", error.hint().unwrap_or_default()), //
        })?;
        for origin in &self.allowed_origins {
            let uri = origin.parse::<Uri>().ok().filter(|uri| uri.path() == "/" && uri.query().is_none());
            let plain = uri.and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?)));
            if plain.as_ref() != Some(origin) {
                return refused(
                    "allowed_origins",
                    origin,
                    "an origin such as \"https://chat.example.com\", without a path",
                );
            }
        }
        let url = self.public_url.parse::<Uri>().ok();
        let usable = url.is_some_and(|url| {
            matches!(url.scheme_str(), Some("http" | "https")) && url.query().is_none() && url.authority().is_some()
        });
        if !(self.public_url.is_empty() || usable) {
            return refused("public_url", &self.public_url, "an address such as \"https://footnote.example.com\"");
        }
        Ok(())
    }
}
