//! Footnote answers questions with sentences quoted, to the byte, from your own documents.
//!
//! [`Footnote`] is all that a program needs: open a collection, [`ingest`](Footnote::ingest) documents,
//! [`ask`](Footnote::ask). Its methods block and may be called from many threads.
//!
//! ```no_run
//! use footnote::{Config, Footnote, Question};
//!
//! let footnote = Footnote::open_read_only(&Config::load(None)?)?;
//! let answer = footnote.ask(&Question { text: "誰預期聯準會降息?".into(), ..Default::default() })?;
//! println!("{}", answer.text);
//! # Ok::<(), footnote::Error>(())
//! ```
//!
//! Behind it, from the outside in: [`http`], [`mcp`] and the command line are faces of the façade; [`ingest`] and [`ask`]
//! are the two paths, and do not know each other; [`embed`] turns text into vectors, [`index`] keeps them,
//! [`model_store`] fetches the model; [`passage`] is the plain data that all of them speak of.

pub mod ask;
pub mod cancel;
pub mod config;
pub mod display;
pub mod embed;
mod engine;
pub mod error;
pub mod eval;
pub mod filter;
pub mod footnote;
pub mod http;
mod identity;
pub mod index;
pub mod ingest;
mod json;
pub mod keys;
pub mod late;
pub mod lexicon;
pub mod library;
mod links;
pub mod mcp;
pub mod model;
pub mod model_store;
pub mod passage;
mod room;
pub mod suggest;
pub mod terms;
pub mod wire;

pub use cancel::Cancel;
pub use config::Config;
pub use error::{Error, Result};
pub use footnote::{Footnote, Question};
pub use library::Library;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
