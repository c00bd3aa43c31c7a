//! Turns text into vectors: the [`Embedder`] trait, which ingest and questions use, and its results.

mod onnx;
mod pool;
mod rerank;
mod runtime;
mod schedule;
mod session;
mod texts;
pub mod tokenizer;

pub(crate) use runtime::shared as environment;

pub use onnx::OnnxEmbedder;
pub use rerank::Reranker;
pub use texts::{Embeddings, Role, texts};

use crate::cancel::Cancel;
use crate::error::Result;
use crate::model::{ModelChoice, ModelIdentity};
use crate::passage::Span;

/// A passage as the model sees it, without the role prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageInput {
    /// Heading path and passage.
    pub text: String,
    /// Spans of `text` that want a vector of their own: the passage's sentences.
    pub sentences: Vec<Span>,
}

/// The vectors of one passage, all from one forward pass, each of L2 norm 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageVectors {
    /// Mean of all token outputs; length [`Embedder::dimensions`].
    pub passage: Vec<f32>,
    /// For each sentence the mean of its own token outputs, in the passage's context.
    pub sentences: Vec<Vec<f32>>,
    /// For each sentence its vector and its own token outputs, as [`Codec`](crate::late::Codec) compresses them.
    pub compressed: Vec<Vec<u8>>,
    /// How many tokens the model read, prefix and special tokens included.
    pub tokens: usize,
}

/// The vectors of a question, all from one forward pass, each of L2 norm 1.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionVectors {
    /// Mean of all token outputs; length [`Embedder::dimensions`].
    pub question: Vec<f32>,
    /// The outputs of the question's own tokens, without those of the role prefix and the special tokens.
    pub tokens: Vec<Vec<f32>>,
}

/// See [`Embedder::token_counter`].
pub type TokenCounter = Box<dyn Fn(&str) -> Result<usize> + Send>;

/// A model that turns questions and passages into vectors of one space.
///
/// A vector depends on its text alone, never on what else is embedded at the same time.
pub trait Embedder: Send + Sync {
    /// Which model this is.
    fn identity(&self) -> &ModelIdentity;

    /// The settings that chose it; `None` if it was not made by settings.
    fn choice(&self) -> Option<&ModelChoice> {
        None
    }

    /// The length of every vector.
    fn dimensions(&self) -> usize;

    /// The most tokens that a [`PassageInput::text`] may have, by [`Embedder::token_counter`], so that with the role
    /// prefix and the special tokens nothing is cut off.
    fn max_passage_tokens(&self) -> usize;

    /// A function that says how many tokens a text has by itself, without role prefix and special tokens. It counts
    /// `text` and any part of it exactly.
    fn token_counter(&self, text: &str) -> Result<TokenCounter>;

    /// The logarithm of the frequency of a piece of text in the vocabulary of the tokenizer; `None` if it is no piece, or the
    /// tokenizer knows no frequencies.
    fn piece_score(&self, _piece: &str) -> Option<f64> {
        None
    }

    /// Embeds a question. One longer than the model reads is read in parts: its vector is the mean of theirs, and its
    /// tokens are theirs.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::Error::Busy) if it would have to wait too long, [`Error::Cancelled`](crate::Error::Cancelled)
    /// once `cancel` says so.
    fn embed_question(&self, text: &str, cancel: &Cancel) -> Result<QuestionVectors>;

    /// The vectors of passages, in the order given.
    fn embed_passages(&self, passages: &[PassageInput]) -> Result<Vec<PassageVectors>>;
}
