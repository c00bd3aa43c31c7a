//! What the concepts of a question weigh.

use super::bm25::{K1, idf};

/// What the weights of a question's concepts are made of. The sum of those of several indexes weighs them as one index of all
/// their passages would, so that scores in these indexes can be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::index) struct Counts {
    pub(super) passages: usize,
    pub(super) tokens: u64,
    /// Passages that have it, by concept.
    pub(super) frequencies: Vec<usize>,
}

impl Counts {
    /// Adds those of another index for the same question.
    pub(in crate::index) fn add(&mut self, other: &Self) {
        self.passages += other.passages;
        self.tokens += other.tokens;
        self.frequencies.resize(self.frequencies.len().max(other.frequencies.len()), 0);
        self.frequencies.iter_mut().zip(&other.frequencies).for_each(|(sum, more)| *sum += more);
    }
}

/// The weights of a question's concepts.
#[derive(Debug, PartialEq)]
pub(in crate::index) struct Weighing {
    /// By concept.
    pub(super) weights: Vec<f32>,
    pub(super) max: f32,
    pub(super) known: f32,
    /// Tokens of an average passage.
    pub(super) average_length: f32,
}

impl Weighing {
    /// The weights that these counts give.
    pub(in crate::index) fn of(counts: &Counts) -> Self {
        let (mut max, mut known) = (0.0, 0.0);
        let mut weights = Vec::with_capacity(counts.frequencies.len());
        for &frequency in &counts.frequencies {
            let idf = idf(counts.passages, frequency);
            max += idf * (K1 + 1.0);
            known += if frequency > 0 { idf * (K1 + 1.0) } else { 0.0 };
            weights.push(idf);
        }
        let average_length = (counts.tokens as f32 / counts.passages.max(1) as f32).max(1.0);
        Self { weights, max, known: if max > 0.0 { known / max } else { 0.0 }, average_length }
    }

    /// By concept.
    pub(super) fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The most that the question could score.
    pub(super) fn max(&self) -> f32 {
        self.max
    }

    pub(super) fn average_length(&self) -> f32 {
        self.average_length
    }
}
