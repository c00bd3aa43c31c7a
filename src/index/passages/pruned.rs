//! Finds the best passages of a segment without scoring most of those that cannot be among them (`MaxScore`, Turtle and Flood
//! 1995).

use super::allowed::Allowed;
use super::bm25::bm25;
use super::cursor::Concept;
use super::slots::Slot;
use super::terms::length::length_of;
use super::top::Top;
use super::window::{Window, window_of_first};
use crate::error::Result;

/// Covers the rounding of a sum of scores, so that no passage is left out that is as good as the worst of the best.
const ROUNDING: f32 = 1.0 + 1e-5;

/// The search of one segment.
///
/// Once enough good passages are found, those that have only the least concepts of the question cannot be among the best.
/// Such concepts are optional: only the postings of the others are read, and the optional ones are looked up in the passages
/// that may still be good enough.
pub(super) struct Pruned<'s, C> {
    slot: &'s Slot,
    number: usize,
    /// Where the concepts' postings begin once more, in the order of the question.
    open: C,
    concepts: Vec<Concept<'s>>,
    /// The numbers of the concepts, those first that add the least.
    by_most: Vec<usize>,
    /// By concept.
    is_optional: Vec<bool>,
    optional: usize,
    /// What the optional concepts can add to a score at most.
    most_of_optional: f32,
    /// The most that the question could score.
    max: f32,
    average_length: f32,
}

impl<'s, C: Fn() -> Result<Vec<Concept<'s>>>> Pruned<'s, C> {
    pub(super) fn new(slot: &'s Slot, number: usize, max: f32, average_length: f32, open: C) -> Result<Self> {
        let concepts = open()?;
        let mut by_most: Vec<usize> = (0..concepts.len()).collect();
        by_most.sort_by(|a, b| concepts[*a].most.total_cmp(&concepts[*b].most));
        let is_optional = vec![false; concepts.len()];
        let (optional, most_of_optional) = (0, 0.0);
        Ok(Self { slot, number, open, concepts, by_most, is_optional, optional, most_of_optional, max, average_length })
    }

    /// Adds the best of the allowed passages to `top`.
    pub(super) fn search(mut self, window: &mut Window, allowed: Option<&Allowed>, top: &mut Top<'_>) -> Result<()> {
        let mut again = None;
        loop {
            self.make_optional(top);
            let required = self.concepts.iter().zip(&self.is_optional).filter(|(_, is_optional)| !**is_optional);
            let Some(start) = window_of_first(required.map(|(concept, _)| concept)) else { return Ok(()) };
            for (concept, _) in self.concepts.iter_mut().zip(&self.is_optional).filter(|(_, optional)| !**optional) {
                window.count(start, concept);
                window.score(start, concept.weight, self.average_length, self.slot)?;
            }
            let found = window.take(start);
            if self.optional == 0 {
                for (passage, score) in found {
                    let score = score / self.max;
                    if top.wants(score) && self.slot.is_allowed(passage, allowed)? {
                        top.add(score, self.number, passage)?;
                    }
                }
                continue;
            }
            let mut hopeful: Vec<u32> = found
                .filter(|(_, score)| self.may_be_wanted(score + self.most_of_optional, top))
                .map(|(passage, _)| passage)
                .collect();
            hopeful.sort_unstable();
            if again.is_none() {
                again = Some((self.open)()?);
            }
            for passage in hopeful {
                if let Some(concepts) = &mut again
                    && self.slot.is_allowed(passage, allowed)?
                    && let Some(score) = self.score(concepts, passage, top)?
                {
                    top.add(score, self.number, passage)?;
                }
            }
        }
    }

    /// Makes further concepts optional if `top` allows it.
    fn make_optional(&mut self, top: &Top<'_>) {
        while let Some(&least) = self.by_most.get(self.optional) {
            let most = self.most_of_optional + self.concepts[least].most;
            if self.may_be_wanted(most, top) {
                return;
            }
            self.most_of_optional = most;
            self.is_optional[least] = true;
            self.optional += 1;
        }
    }

    fn may_be_wanted(&self, score: f32, top: &Top<'_>) -> bool {
        top.wants(score * ROUNDING / self.max)
    }

    /// The score of a passage, added up in the order of the concepts as everywhere else; `None` once it is clear that it is
    /// not wanted.
    fn score(&self, concepts: &mut [Concept<'_>], passage: u32, top: &Top<'_>) -> Result<Option<f32>> {
        let length = length_of(self.slot.segment.length(passage)?);
        let mut parts = vec![0.0; concepts.len()];
        let mut most: f32 = concepts.iter().map(|concept| concept.most).sum();
        for &number in self.by_most.iter().rev() {
            let concept = &mut concepts[number];
            most -= concept.most;
            let frequency = concept.frequency_in(passage);
            if frequency > 0 {
                parts[number] = bm25(concept.weight, frequency, length, self.average_length);
                most += parts[number];
            }
            if !self.may_be_wanted(most, top) {
                return Ok(None);
            }
        }
        let score = parts.iter().sum::<f32>() / self.max;
        Ok(top.wants(score).then_some(score))
    }
}
