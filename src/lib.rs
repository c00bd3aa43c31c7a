//! Footnote answers questions with sentences quoted word for word from your own documents.
//!
//! [`Footnote`] is an open collection: [`ingest`](Footnote::ingest) adds documents to it, [`ask`](Footnote::ask) answers a
//! question from them. [`Library`] holds several collections over one loaded model. All methods block and can be called
//! from many threads; async code wraps them in `spawn_blocking`.
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
//! # Cargo features
//!
//! All are on by default. A program that only needs the library sets `default-features = false`.
//!
//! - `server`: the HTTP API, [`http`].
//! - `mcp`: the MCP server, [`mcp`]. With `server` it is also served at `/mcp`.
//! - `cli`: the `footnote` program. It includes the other two.

#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "mcp")]
pub mod mcp;

mod ask;
mod cancel;
mod check;
pub mod config;
mod disk;
mod display;
mod embed;
mod engine;
mod error;
#[cfg(any(feature = "server", feature = "mcp"))]
mod error_report;
mod eval;
mod feedback;
pub mod filter;
mod footnote;
mod formats;
#[cfg(feature = "server")]
mod handoff;
#[cfg(feature = "server")]
mod identity;
mod index;
mod ingest;
#[cfg(feature = "server")]
mod jobs;
#[cfg(any(feature = "server", feature = "mcp"))]
mod json;
mod keys;
mod language_tag;
mod late;
mod lexicon;
mod library;
mod lines;
#[cfg(any(feature = "server", feature = "mcp"))]
mod links;
#[cfg(feature = "cli")]
mod markdown;
mod meter;
mod model;
mod model_store;
mod notices;
mod ocr;
mod operators;
pub mod passage;
mod quantities;
#[cfg(any(feature = "server", feature = "mcp"))]
mod room;
mod spelling;
mod suggest;
mod tables;
mod terms;
mod timestamp;
#[cfg(any(feature = "server", feature = "writer"))]
mod tls;
#[cfg(feature = "server")]
mod web;
#[cfg(feature = "server")]
mod wire;
#[cfg(feature = "writer")]
mod writer;

pub use crate::cancel::Cancel;
pub use crate::config::Config;
pub use crate::error::{Error, Result};
pub use crate::feedback::{Feedback, Judgement, LoggedQuestion, NewFeedback, PlacedQuote, QuestionGroup};
pub use crate::footnote::{
    AnswerEvent, CheckRequest, Collections, DocumentQuery, Embeddings, Footnote, IndexPlace, IngestOptions, Ingested,
    LexiconUse, Listed, Metadata, OnPull, Outcome, Progress, Question, Role, SearchResults, SortBy, Status, Summary,
    Unfinished, Verification,
};
pub use crate::keys::Holder;
pub use crate::library::{AskedOf, Backup, CollectionInfo, Library, backup, restore};
pub use crate::model::ModelIdentity;
pub use crate::model_store::{Fetched, PullEvent};

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use crate::cli::run as run_cli;

/// Lets this program read documents whose formats need a process of their own: PDF, Office files, web pages, mail.
///
/// Libraries that read such formats can crash or run out of memory on a hostile file, so they run in a child process, which
/// is this program once more. Call this first in `main`: in a child it reads files and ends the process; otherwise it
/// returns. Without the call, such documents fail with an error that says so, and all others are read. The program
/// `footnote` makes it by itself.
///
/// ```no_run
/// fn main() -> footnote::Result<()> {
///     footnote::reader_main();
///     let config = footnote::Config::load(None)?;
///     // …
///     Ok(())
/// }
/// ```
pub fn reader_main() {
    if formats::reader_main() {
        std::process::exit(0);
    }
}

/// The parts behind the API, for this crate's own tests and benchmarks. They are not part of the API and can change in
/// any release.
#[doc(hidden)]
pub mod internals {
    pub mod ask {
        pub use crate::ask::*;
    }
    pub mod check {
        pub use crate::check::*;
    }
    pub mod display {
        pub use crate::display::*;
    }
    pub mod embed {
        pub use crate::embed::*;
    }
    pub mod eval {
        pub use crate::eval::*;
    }
    pub mod feedback {
        pub use crate::feedback::*;
    }
    pub mod formats {
        pub use crate::formats::internals::*;
    }
    pub mod index {
        pub use crate::index::*;
    }
    pub mod ingest {
        pub use crate::ingest::*;
    }
    pub mod keys {
        pub use crate::keys::*;
    }
    pub mod late {
        pub use crate::late::*;
    }
    pub mod lexicon {
        pub use crate::lexicon::*;
    }
    pub mod library {
        pub use crate::library::*;
    }
    pub mod model {
        pub use crate::model::*;
    }
    pub mod model_store {
        pub use crate::model_store::*;
    }
    pub mod operators {
        pub use crate::operators::*;
    }
    pub mod quantities {
        pub use crate::quantities::*;
    }
    pub mod suggest {
        pub use crate::suggest::*;
    }
    pub mod terms {
        pub use crate::terms::*;
    }
    #[cfg(feature = "server")]
    pub mod wire {
        pub use crate::wire::*;
    }
}

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
