//! A collection on disk: the store, which is the truth, and the two indexes that are derived from it.

mod best;
mod checkpoint;
mod collection;
mod copy;
mod derived;
mod follow;
mod lexical;
mod lock;
mod loss;
mod model;
mod originals;
mod places;
mod saving;
mod snapshot;
pub mod store;
#[cfg(test)]
mod tests;
mod vector;
mod verify;

pub(crate) use checkpoint::{replace, sync_directory};
pub use collection::Collection;
pub(crate) use collection::check_model;
pub use lock::holder;
#[cfg(feature = "server")]
pub(crate) use lock::writer_secret;
pub use saving::DiskUsage;
pub use snapshot::{Allowed, IndexSnapshot, LexicalMatches};
pub use verify::Verification;
