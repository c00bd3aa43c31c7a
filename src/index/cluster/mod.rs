//! The collections of a Qdrant cluster in which passage indexes are. [`Cluster`] is the cluster as the settings name it,
//! [`RemoteCollection`] one collection, [`Ledger`] what a folder has made there.

#[cfg(not(feature = "qdrant"))]
#[path = "absent.rs"]
mod exchange;
#[cfg(feature = "qdrant")]
mod exchange;
mod failure;
mod ledger;
mod meta;
mod remote;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::config::{Config, IndexEngine, QdrantConfig};
use crate::error::{Error, Result};
use crate::index::passages::{NamedCluster, Remote, RemotePart};

use exchange::Connection;
use failure::Failure;

pub(in crate::index) use ledger::Ledger;
pub(in crate::index) use meta::{FORMAT, Meta};
pub(in crate::index) use remote::RemoteCollection;

/// The cluster that the settings name. The connection is made by the first call.
pub struct Cluster {
    engine: IndexEngine,
    config: QdrantConfig,
    connection: OnceLock<Arc<Connection>>,
    /// Collections that are missing, incomplete or another's.
    lost: Arc<Mutex<HashSet<String>>>,
}

impl Cluster {
    /// The cluster of these settings; `engine` is that of new collections.
    pub fn new(engine: IndexEngine, config: &QdrantConfig) -> Self {
        Self { engine, config: config.clone(), connection: OnceLock::new(), lost: Arc::default() }
    }

    /// No cluster: whatever is asked of it says that the settings name none.
    pub(in crate::index) fn unset() -> Self {
        Self::new(IndexEngine::Embedded, &Config::default().qdrant)
    }

    /// The engine of new collections.
    pub(in crate::index) fn engine(&self) -> IndexEngine {
        self.engine
    }

    /// The server's version and address, in words.
    ///
    /// # Errors
    ///
    /// [`Error::Cluster`] if it does not answer or is too old, [`Error::Config`] without an address.
    pub fn describe(&self) -> Result<String> {
        let connection = self.connection()?;
        let version = connection.version().map_err(|failure| failure.told(&self.config.url))?;
        Ok(format!("Qdrant {version} at {}", self.config.url))
    }

    /// Whether the settings name a cluster.
    pub(in crate::index) fn is_configured(&self) -> bool {
        self.config.is_configured()
    }

    fn connection(&self) -> Result<&Arc<Connection>> {
        if !self.config.is_configured() {
            return Err(Error::Config {
                reason:
                    "the passage index of a collection is in a Qdrant cluster, but [qdrant] url is empty; set it, or \
                         run `footnote index move --to embedded`"
                        .into(),
            });
        }
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        let key = self.config.key()?;
        let opened =
            Connection::open(&self.config, key.as_deref()).map_err(|failure| failure.told(&self.config.url))?;
        Ok(self.connection.get_or_init(|| Arc::new(opened)))
    }

    /// The collection of the cluster that a checkpoint names. Nothing is asked of the cluster.
    pub(in crate::index) fn part(&self, named: &NamedCluster) -> RemotePart {
        let remote: Arc<dyn Remote> = Arc::new(self.collection(&named.collection, named.average_length));
        RemotePart::new(remote, named.last, named.gone.clone())
    }

    /// A collection of the cluster.
    pub(in crate::index) fn collection(&self, name: &str, average_length: u32) -> RemoteCollection {
        let connection = self.connection().cloned();
        RemoteCollection::new(
            connection,
            self.config.url.clone(),
            name.to_owned(),
            average_length,
            Arc::clone(&self.lost),
        )
    }

    /// A name that no collection there has: the prefix, the name here and a random number.
    pub(in crate::index) fn new_name(&self, collection: &str) -> Result<String> {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
        let plain: String = collection.chars().filter(is_plain).take(64).collect();
        Ok(format!("{}{plain}-{}", self.config.collection_prefix, random()?))
    }

    /// Whether a collection was found to be missing, incomplete or another's.
    pub(in crate::index) fn is_lost(&self, name: &str) -> bool {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Notes that a collection is not to be used any more by this process.
    pub(in crate::index) fn give_up(&self, name: &str) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// Creates a collection with what is said of it.
    pub(in crate::index) fn create(&self, name: &str, meta: &Meta) -> Result<()> {
        let told = |failure: Failure| failure.told(&self.config.url);
        let connection = self.connection()?;
        connection.create(name, meta.dimensions, &self.config).map_err(told)?;
        connection.set_meta(name, meta).map_err(told)
    }

    /// Removes a collection; one that is not there is no error.
    pub(in crate::index) fn remove(&self, name: &str) -> Result<()> {
        match self.connection()?.remove(name) {
            Ok(()) | Err(Failure::Missing) => Ok(()),
            Err(failure) => Err(failure.told(&self.config.url)),
        }
    }

    /// The error of a collection that is missing, incomplete or another's, by which the index is made again.
    pub(in crate::index) fn lost(name: &str, reason: &str) -> Error {
        Error::Corrupt {
            path: PathBuf::from(format!("the collection {name} of the Qdrant cluster")),
            reason: reason.into(),
        }
    }
}

/// A random number in hexadecimal digits.
pub(in crate::index) fn random() -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Config { reason: format!("the system gives no random numbers: {error}") })?;
    Ok(format!("{:016x}", u64::from_le_bytes(bytes)))
}
