//! The best of many scored passages, in an order that does not depend on the history of the index.

use super::place::Place;
use super::slots::Slots;
use crate::error::Result;

/// Passages that are gathered beyond those that are wanted before the worst are dropped.
const SLACK: usize = 1_024;

/// A scored passage.
#[derive(Debug, Clone, Copy)]
struct Hit {
    score: f32,
    slot: u32,
    passage: u32,
}

/// Gathers the `count` best passages. Equal scores follow the ids of documents and the passages' numbers in them, neither of
/// which depends on the order in which documents were stored, as keys do.
pub(super) struct Top<'s> {
    slots: &'s Slots,
    count: usize,
    /// No passage below it is among the best.
    least: f32,
    hits: Vec<Hit>,
}

impl<'s> Top<'s> {
    pub(super) fn new(slots: &'s Slots, count: usize) -> Self {
        Self { slots, count, least: f32::NEG_INFINITY, hits: Vec::new() }
    }

    /// Whether a passage with this score may be among the best.
    pub(super) fn wants(&self, score: f32) -> bool {
        self.count > 0 && score >= self.least
    }

    pub(super) fn add(&mut self, score: f32, slot: usize, passage: u32) -> Result<()> {
        if !self.wants(score) {
            return Ok(());
        }
        self.hits.push(Hit { score, slot: slot as u32, passage });
        if self.hits.len() >= 2 * self.count + SLACK { self.cut() } else { Ok(()) }
    }

    fn place(&self, hit: &Hit) -> Result<Place<'s>> {
        self.slots.get(hit.slot as usize).segment.place(hit.passage)
    }

    /// Keeps the best.
    fn cut(&mut self) -> Result<()> {
        if self.hits.len() <= self.count {
            return Ok(());
        }
        let (_, &mut Hit { score: least, .. }, _) =
            self.hits.select_nth_unstable_by(self.count - 1, |a, b| b.score.total_cmp(&a.score));
        self.least = least;
        self.hits.retain(|hit| hit.score >= least);
        if self.hits.len() > self.count {
            // Many passages with the same few words have the same score, so only those that are kept are sorted.
            let better = self.hits.iter().filter(|hit| hit.score > least).count();
            let equal: Vec<Hit> = self.hits.extract_if(.., |hit| hit.score <= least).collect();
            let mut placed = Vec::with_capacity(equal.len());
            for hit in equal {
                placed.push((self.place(&hit)?, hit));
            }
            let wanted = self.count - better;
            placed.select_nth_unstable_by_key(wanted - 1, |(place, _)| *place);
            self.hits.extend(placed.into_iter().take(wanted).map(|(_, hit)| hit));
        }
        Ok(())
    }

    /// The keys of the best with their scores, best first.
    pub(super) fn finish(mut self) -> Result<Vec<(u64, f32)>> {
        self.cut()?;
        let mut placed = Vec::with_capacity(self.hits.len());
        for hit in &self.hits {
            let key = self.slots.get(hit.slot as usize).segment.key(hit.passage)?;
            placed.push((hit.score, self.place(hit)?, key));
        }
        placed.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(placed.into_iter().map(|(score, _, key)| (key, score)).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::passages::memory::Entry;

    proptest! {
        #[test]
        fn the_best_do_not_depend_on_the_keys_that_passages_happen_to_have(
            scores in proptest::collection::vec(0_u8..5, 0..40), order: Vec<prop::sample::Index>, count in 0_usize..12
        ) {
            // The passage of document `place` has the score `scores[place]`, whatever its key is.
            let ranked = |places: &[usize]| {
                let mut slots = Slots::default();
                for (key, place) in (1..).zip(places) {
                    let id = format!("{place:03}").into();
                    slots.add(vec![Entry {
                        key, document: key, document_id: id, ordinal: 0, vector: vec![0; 3], terms: Vec::new()
                    }]);
                }
                let mut top = Top::new(&slots, count);
                for (slot, place) in places.iter().enumerate() {
                    top.add(f32::from(scores[*place]), slot, 0).unwrap();
                }
                let best = top.finish().unwrap().into_iter();
                best.map(|(key, score)| (places[key as usize - 1], score)).collect::<Vec<_>>()
            };
            let straight: Vec<usize> = (0..scores.len()).collect();
            let mut shuffled = straight.clone();
            for (at, other) in order.iter().take(shuffled.len()).enumerate() {
                let other = other.index(shuffled.len());
                shuffled.swap(at, other);
            }
            prop_assert_eq!(ranked(&straight), ranked(&shuffled));
            prop_assert_eq!(ranked(&straight).len(), count.min(scores.len()));
        }
    }

    #[test]
    fn however_many_score_the_same_the_first_by_their_documents_are_kept() {
        let mut slots = Slots::default();
        let entry = |key: u64| Entry {
            key,
            document: key,
            document_id: format!("{:05}", 9_999 - key).into(),
            ordinal: 0,
            vector: vec![0; 3],
            terms: Vec::new(),
        };
        slots.add((1..=5_000).map(entry).collect());
        let mut top = Top::new(&slots, 3);
        (0..5_000).for_each(|passage| top.add(0.5, 0, passage).unwrap());
        top.add(0.75, 0, 0).unwrap();
        let keys: Vec<u64> = top.finish().unwrap().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [1, 5_000, 4_999]);
    }
}
