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

#[cfg(test)]
pub mod samples {
    //! Documents for tests that need no model.

    use super::{EmbeddedPassage, PreparedDocument};
    use crate::late::Codec;
    use crate::passage::{Chunk, DocumentInfo, Layout, Span};

    /// Dimensions of the vectors of samples.
    pub const DIMENSIONS: usize = 8;

    /// A unit vector, the same for the same number.
    pub fn vector(number: u64) -> Vec<f32> {
        let values: Vec<f32> = (0..DIMENSIONS as u64).map(|n| ((number * 31 + n * 17 + 1) as f32).sin()).collect();
        let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        values.into_iter().map(|value| value / norm).collect()
    }

    /// A document whose passages have one sentence each. Equal passages have equal vectors.
    pub fn document(id: &str, passages: &[&str]) -> PreparedDocument {
        let mut end = 0;
        let embedded = |passage: &&str| {
            let span = Span::new(end, end + passage.len());
            end = span.end;
            let vector = vector(blake3::hash(passage.as_bytes()).as_bytes()[0].into());
            EmbeddedPassage {
                chunk: Chunk { span, sentences: vec![span], headings: Vec::new() },
                tokens: 3,
                sentences: Codec::new(DIMENSIONS)
                    .compress_sentences(&vector, [(vector.as_slice(), &[][..])].into_iter()),
                vector,
            }
        };
        let embedded: Vec<EmbeddedPassage> = passages.iter().map(embedded).collect();
        let text = passages.concat();
        let hash = *blake3::hash(text.as_bytes()).as_bytes();
        PreparedDocument {
            info: DocumentInfo {
                id: id.into(),
                title: "t".into(),
                size_bytes: text.len(),
                passages: embedded.len(),
                ingested: "2026-01-01T00:00:00Z".into(),
                ..DocumentInfo::default()
            },
            text,
            layout: Layout::default(),
            origin: None,
            original: None,
            hash,
            aliases: Vec::new(),
            passages: embedded,
        }
    }
}
