//! Cursors over the passages of a segment that have a concept of a question.

use super::slots::Slot;
use super::terms::{END, FoundTerm, Postings};
use crate::error::Result;

/// The terms of one way of saying a concept.
pub(super) type Alternative = Vec<FoundTerm>;

/// A concept that a segment has.
pub(super) struct Concept<'s> {
    pub(super) weight: f32,
    /// What it adds to a score at most.
    pub(super) most: f32,
    /// One for each way of saying it.
    pub(super) cursors: Vec<Cursor<'s>>,
}

impl<'s> Concept<'s> {
    pub(super) fn new(slot: &'s Slot, weight: f32, most: f32, alternatives: &[Alternative]) -> Result<Self> {
        let cursors = alternatives.iter().map(|alternative| Cursor::new(slot, alternative));
        Ok(Self { weight, most, cursors: cursors.collect::<Result<_>>()? })
    }

    /// The postings that are read of it if all of its passages are looked at, about.
    pub(super) fn postings(&self) -> usize {
        self.cursors.iter().map(Cursor::postings).sum()
    }

    /// The next passage that may have it.
    pub(super) fn passage(&self) -> u32 {
        self.cursors.iter().map(Cursor::passage).min().unwrap_or(END)
    }

    /// How often a passage has it, which is not before any that was asked for.
    pub(super) fn frequency_in(&mut self, passage: u32) -> u32 {
        self.cursors.iter_mut().map(|cursor| cursor.frequency_in(passage)).sum()
    }
}

/// The passages that have all terms of an alternative; its rarest term first.
pub(super) struct Cursor<'s>(Vec<Postings<'s>>);

impl<'s> Cursor<'s> {
    pub(super) fn new(slot: &'s Slot, alternative: &Alternative) -> Result<Self> {
        let postings = alternative.iter().map(|term| slot.segment.postings(term));
        let mut postings = postings.collect::<Result<Vec<_>>>()?;
        postings.sort_by_key(Postings::count);
        Ok(Self(postings))
    }

    /// The next passage that may have it.
    pub(super) fn passage(&self) -> u32 {
        self.0.first().map_or(END, Postings::passage)
    }

    /// How often a passage has it, which is not before any that was asked for.
    pub(super) fn frequency_in(&mut self, passage: u32) -> u32 {
        let mut frequency = u32::MAX;
        for postings in &mut self.0 {
            if postings.seek(passage) != passage {
                return 0;
            }
            frequency = frequency.min(postings.frequency());
        }
        if self.0.is_empty() { 0 } else { frequency }
    }

    /// Calls `each` with every passage before `end` that has it, and how often.
    pub(super) fn each_before(&mut self, end: u32, mut each: impl FnMut(u32, u32)) {
        let Some((rarest, others)) = self.0.split_first_mut() else { return };
        let mut passage = rarest.passage();
        while passage < end {
            let mut frequency = rarest.frequency();
            for other in &mut *others {
                if other.seek(passage) != passage {
                    frequency = 0;
                    break;
                }
                frequency = frequency.min(other.frequency());
            }
            if frequency > 0 {
                each(passage, frequency);
            }
            passage = rarest.advance();
        }
    }

    fn postings(&self) -> usize {
        self.0.first().map_or(0, |rarest| rarest.count() as usize)
    }

    /// The number of passages that have it, if that is known without looking at them.
    pub(super) fn count(&self) -> Option<usize> {
        if let [only] = self.0.as_slice() { Some(only.count() as usize) } else { None }
    }
}
