//! A collection on disk: the store, which is the truth, and the passage index that is made from it.

mod adoption;
mod cluster;
mod collection;
mod copy;
mod derived;
mod erase;
mod feed;
mod in_cluster;
mod loaded;
mod lock;
mod loss;
mod maintenance;
mod model;
mod originals;
mod passages;
mod pushing;
mod saving;
mod snapshot;
mod snapshots;
pub mod store;
pub mod successor;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use adoption::check_model;
pub use cluster::Cluster;
pub use collection::Collection;
pub use in_cluster::IndexPlace;
pub use lock::holder;
#[cfg(feature = "server")]
pub(crate) use lock::writer_secret;
pub use passages::Allowed;
pub(crate) use passages::{replace, sync_directory};
pub use saving::{DiskUsage, free_bytes};
pub use snapshot::{IndexSnapshot, LexicalMatches};
pub use snapshots::{DocumentKey, PassageKey, Snapshots};
pub use verify::Verification;
