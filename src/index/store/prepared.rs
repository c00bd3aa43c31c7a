//! What is stored, as plain data.

use std::sync::Arc;

use crate::passage::{Chunk, DocumentInfo, Layout, Original};

/// A document with everything that is derived from it, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedDocument {
    /// What is known of it. `passages` and `size_bytes` are set when it is stored.
    pub info: DocumentInfo,
    /// Its text.
    pub text: String,
    /// Where it stands in its file. Only documents of a [format that has one](crate::passage::Format::has_layout) keep it.
    pub layout: Layout,
    /// The file it was read from.
    pub origin: Option<String>,
    /// That file, if it is more than the text.
    pub original: Option<Arc<Original>>,
    /// BLAKE3 of all that was given; equal for equal content.
    pub hash: [u8; 32],
    /// Pairs of names that it gives for one thing, as [`lexicon::key`](crate::lexicon::key) gives them. Each is stored
    /// both ways.
    pub aliases: Vec<(String, String)>,
    /// Its passages in order.
    pub passages: Vec<EmbeddedPassage>,
}

/// A passage with its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedPassage {
    /// Its span, sentences and headings.
    pub chunk: Chunk,
    /// Tokens that the model read for it.
    pub tokens: usize,
    /// Its vector.
    pub vector: Vec<f32>,
    /// For each sentence of `chunk` its vectors, as [`Codec`](crate::late::Codec) compresses them.
    pub sentences: Vec<Vec<u8>>,
}
