//! BM25 over a window of passages at a time.

use super::bm25::bm25;
use super::cursor::Concept;
use super::slots::Slot;
use super::terms::END;
use super::terms::length::length_of;
use crate::error::Result;

/// Passages that are scored at a time. What is kept of them fits in a processor's cache, and a question needs no memory that
/// grows with the collection.
const WINDOW: u32 = 4_096;

/// Where the window begins that has the next passage of any of these concepts; `None` if there is none.
pub(super) fn window_of_first<'c, 's: 'c>(concepts: impl Iterator<Item = &'c Concept<'s>>) -> Option<u32> {
    let next = concepts.map(Concept::passage).min()?;
    (next != END).then_some(next / WINDOW * WINDOW)
}

/// What is known of the passages of one window.
pub(super) struct Window {
    scores: Vec<f32>,
    /// Where `scores` is not 0.
    found: Vec<u32>,
    /// How often the concept at hand occurs.
    frequencies: Vec<u32>,
    /// Where `frequencies` is not 0.
    counted: Vec<u32>,
}

impl Default for Window {
    fn default() -> Self {
        let (scores, frequencies) = (vec![0.0; WINDOW as usize], vec![0; WINDOW as usize]);
        Self { scores, found: Vec::new(), frequencies, counted: Vec::new() }
    }
}

impl Window {
    /// Counts a concept in the passages of the window that begins at `start`.
    pub(super) fn count(&mut self, start: u32, concept: &mut Concept<'_>) {
        for alternative in &mut concept.cursors {
            alternative.each_before(start.saturating_add(WINDOW), |passage, frequency| {
                let counted = &mut self.frequencies[(passage - start) as usize];
                if *counted == 0 {
                    self.counted.push(passage - start);
                }
                *counted += frequency;
            });
        }
    }

    /// The passages in which the concept at hand was counted, and how often; the counts are reset.
    pub(super) fn take_counted(&mut self, start: u32) -> impl Iterator<Item = (u32, u32)> {
        let frequencies = &mut self.frequencies;
        self.counted.drain(..).map(move |place| (start + place, std::mem::take(&mut frequencies[place as usize])))
    }

    /// Adds the score of the concept that was just counted, and resets the counts.
    pub(super) fn score(&mut self, start: u32, weight: f32, average_length: f32, slot: &Slot) -> Result<()> {
        for place in self.counted.drain(..) {
            let frequency = std::mem::take(&mut self.frequencies[place as usize]);
            if slot.deleted.has(start + place) {
                continue;
            }
            let length = length_of(slot.segment.length(start + place)?);
            let score = &mut self.scores[place as usize];
            if *score == 0.0 {
                self.found.push(place);
            }
            *score += bm25(weight, frequency, length, average_length);
        }
        Ok(())
    }

    /// The passages that score more than 0; the scores are reset.
    pub(super) fn take(&mut self, start: u32) -> impl Iterator<Item = (u32, f32)> {
        let scores = &mut self.scores;
        self.found.drain(..).map(move |place| (start + place, std::mem::take(&mut scores[place as usize])))
    }
}
