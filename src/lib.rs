//! Footnote.
pub mod config;
pub mod embed;
pub mod error;
pub mod footnote;
pub mod passage;

pub use config::Config;
pub use error::{Error, Result};
pub use footnote::Footnote;
