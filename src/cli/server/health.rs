//! What a server says of itself, and the check of its proof.

use std::net::SocketAddr;

use crate::config::{Config, check_collection_name};
use crate::error::{Error, Result};
use crate::identity::{self, Identity};
use crate::wire::Health;

/// What a server says of itself at `GET /healthz` or `GET /readyz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct ServerInfo {
    /// The program's version.
    pub(in super::super) version: String,
    /// The identity that it has proved, if it is this process's own: it serves the same index with the same settings.
    pub(in super::super) identity: Option<Identity>,
}

/// Reads what the server at `address` answered to `nonce`, and checks its proof against `config`.
pub(super) fn read(json: &[u8], config: &Config, nonce: &str, address: SocketAddr) -> serde_json::Result<ServerInfo> {
    let health: Health = serde_json::from_slice(json)?;
    let proof = health.proof.and_then(|proof| blake3::Hash::from_hex(proof).ok());
    let mut config = config.clone();
    config.index.collection = health.collection;
    let is_name = check_collection_name(&config.index.collection).is_ok();
    let identity = identity::of(&config).filter(|_| is_name);
    // `Hash` compares in constant time.
    let identity = identity.filter(|identity| proof == Some(identity.proof(nonce, address)));
    Ok(ServerInfo { version: health.version, identity })
}

/// The collection that a server says it holds, with what the process that holds it can prove to this one; `None` if it holds
/// none of this index, or belongs to another user.
pub(super) fn holder(json: &[u8], config: &Config) -> Option<Identity> {
    let health: Health = serde_json::from_slice(json).ok()?;
    let mut config = config.clone();
    config.index.collection = health.collection;
    check_collection_name(&config.index.collection).ok()?;
    identity::of(&config)
}

/// A new nonce: random, so that no earlier proof is of use to anybody.
///
/// # Errors
///
/// [`Error::Io`] if the system gives no random bytes.
pub(super) fn nonce() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("read", "the system's random bytes")(std::io::Error::other(error)))?;
    Ok(blake3::Hash::from_bytes(bytes).to_hex().to_string())
}
