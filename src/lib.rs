//! Footnote.
pub mod ask;
pub mod config;
pub mod embed;
pub mod error;
pub mod footnote;
pub mod http;
pub mod index;
pub mod ingest;
pub mod model;
pub mod passage;
pub mod wire;

pub use config::Config;
pub use error::{Error, Result};
pub use footnote::Footnote;
