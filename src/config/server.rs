//! `[server]`: where it listens, who is let in, how much it takes.

use ::http::Uri;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::keys::Keys;

/// `[server]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port.
    pub listen: String,
    /// Who is let in, each as `NAME:HASH`; everybody on this machine when there is none.
    pub keys: Vec<String>,
    /// Origins whose web pages may use the server.
    pub allowed_origins: Vec<String>,
    /// Where others reach the server, for links to its documents; empty for as the request addressed it.
    pub public_url: String,
    /// Largest request body.
    pub max_body_bytes: usize,
    /// Questions and lookups that run at once.
    pub max_concurrent: usize,
    /// Time limit on one request, except a write that has arrived.
    pub request_timeout_seconds: u64,
    /// Time for running requests to end at shutdown.
    pub shutdown_seconds: u64,
}

impl ServerConfig {
    /// Values that parse but cannot work.
    pub(super) fn check(&self) -> Result<()> {
        let refused = |key: &str, value: &str, wanted: &str| {
            Err(Error::Config { reason: format!("[server] {key} has `{value}`; it takes {wanted}") })
        };
        Keys::parse(&self.keys).map_err(|error| Error::Config {
            reason: format!("{error}; {}", error.hint().unwrap_or_default()), //
        })?;
        for origin in &self.allowed_origins {
            let uri = origin.parse::<Uri>().ok().filter(|uri| uri.path() == "/" && uri.query().is_none());
            let plain = uri.and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?)));
            if plain.as_ref() != Some(origin) {
                return refused(
                    "allowed_origins",
                    origin,
                    "origins such as \"https://chat.example.com\", without a path",
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
