//! How many passages of a segment have a concept, and how much it can add to a score, remembered between questions: counting
//! reads all postings of its terms.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::bm25::bm25;
use super::terms::FoundTerm;

/// Concepts that are remembered of a segment.
const REMEMBERED: usize = 4_096;
/// Frequencies that are told from one another; the last stands for all from it on.
const FREQUENCIES: usize = 4;

/// Where the postings of its terms begin, of each way of saying a concept.
type Key = Vec<Vec<usize>>;

/// The concepts that were counted.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<Key, (usize, Counted)>>);

/// What is known of a concept in a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    /// Passages that have it and are not deleted.
    pub(super) passages: usize,
    /// `None` if its passages were not looked at.
    pub(super) strongest: Option<Strongest>,
}

/// The length of the shortest passage that has a concept once, twice, and so on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strongest {
    shortest: [u32; FREQUENCIES],
    most_often: u32,
}

impl Counts {
    /// What was remembered when as many passages were deleted.
    pub(super) fn get(&self, key: &Key, deleted: usize) -> Option<Counted> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.get(key).filter(|(before, _)| *before == deleted).map(|(_, counted)| *counted)
    }

    pub(super) fn put(&self, key: Key, deleted: usize, concept: Counted) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= REMEMBERED {
            counted.clear();
        }
        counted.insert(key, (deleted, concept));
    }
}

/// What a concept is remembered by; `None` if its terms are of a segment in memory.
pub(super) fn key_of(alternatives: &[Vec<FoundTerm>]) -> Option<Key> {
    let start = |term: &FoundTerm| match term {
        FoundTerm::File(term) => Some(term.postings_range.start),
        FoundTerm::Memory(_) => None,
    };
    alternatives.iter().map(|terms| terms.iter().map(start).collect()).collect()
}

impl Default for Strongest {
    fn default() -> Self {
        Self { shortest: [u32::MAX; FREQUENCIES], most_often: 0 }
    }
}

impl Strongest {
    /// Adds a passage that has the concept.
    pub(super) fn add(&mut self, frequency: u32, length: u32) {
        let shortest = &mut self.shortest[(frequency as usize).clamp(1, FREQUENCIES) - 1];
        *shortest = length.min(*shortest);
        self.most_often = self.most_often.max(frequency);
    }

    /// What the concept adds to a score at most.
    pub(super) fn most(&self, weight: f32, average_length: f32) -> f32 {
        let with = (1..).zip(self.shortest).filter(|(_, length)| *length < u32::MAX);
        let scores = with.map(|(frequency, length)| {
            let frequency = if frequency == FREQUENCIES as u32 { self.most_often } else { frequency };
            bm25(weight, frequency, length, average_length)
        });
        scores.fold(0.0, f32::max)
    }
}
