//! The lexical scores of passages for a question.

use std::sync::Arc;

use super::allowed::Allowed;
use super::bm25::{K1, bm25};
use super::counts::{Counted, Strongest, key_of};
use super::cursor::{Alternative, Concept};
use super::pruned::Pruned;
use super::remote::RemoteQuery;
use super::slots::Slot;
use super::terms::length::length_of;
use super::top::Top;
use super::view::View;
use super::weighing::{Counts, Weighing};
use super::window::{Window, window_of_first};
use crate::error::Result;
use crate::terms::LexicalQuery;

/// An allowed passage is looked up in the postings if there is no more than one of them among so many passages. If there
/// are more, the postings are read.
const LOOKED_UP: usize = 64;
/// Postings from which on a concept is common: counting it is worth remembering.
const COMMON: usize = 1_024;

/// The lexical scores of passages for one question.
///
/// A score is BM25 divided by the most that the question could score: the sum over all its concepts, where a concept
/// that no passage has counts with the highest weight. So it lies between 0 and 1, and a question in another language than
/// the passages scores near 0. A concept that can be said in several ways is scored as one term: the frequencies are
/// added, the document frequency is that of the union (Pirkola 1998).
///
/// All statistics are of live passages, so that scores do not depend on what was deleted before.
pub(in crate::index) struct LexicalScores {
    /// By segment, by concept.
    found: Vec<Vec<FoundConcept>>,
    /// The concepts as a cluster knows them, if a part of the index is in one.
    remote: Option<RemoteQuery>,
    /// What was counted in this index.
    counts: Counts,
    weighing: Arc<Weighing>,
}

/// A concept in a segment.
struct FoundConcept {
    /// The ways of saying it all of whose terms the segment has.
    alternatives: Vec<Alternative>,
    strongest: Option<Strongest>,
}

impl LexicalScores {
    /// Weighs the concepts of a question.
    pub(super) fn new(view: &View, query: &LexicalQuery) -> Result<Self> {
        let mut found = Vec::new();
        let mut frequencies = vec![0; query.concepts.len()];
        let mut window = Window::default();
        for slot in view.slots.iter() {
            let mut of_segment = Vec::with_capacity(query.concepts.len());
            for (concept, frequency) in query.concepts.iter().zip(&mut frequencies) {
                let mut alternatives = Vec::new();
                for terms in &concept.alternatives {
                    let mut found = Vec::with_capacity(terms.len());
                    for term in terms {
                        match slot.segment.find_term(term)? {
                            Some(term) => found.push(term),
                            None => break,
                        }
                    }
                    if found.len() == terms.len() && !terms.is_empty() {
                        alternatives.push(found);
                    }
                }
                let Counted { passages, strongest } = counted(slot, &alternatives, &mut window)?;
                *frequency += passages;
                of_segment.push(FoundConcept { alternatives, strongest });
            }
            found.push(of_segment);
        }
        let remote = view.slots.remote().map(|part| (part, RemoteQuery::new(query)));
        if let Some((part, query)) = &remote {
            frequencies.iter_mut().zip(part.counts(&query.concepts)?).for_each(|(sum, more)| *sum += more);
        }
        let remote = remote.map(|(_, query)| query);
        let counts = Counts { passages: view.passages, tokens: view.tokens, frequencies };
        let weighing = Arc::new(Weighing::of(&counts));
        Ok(Self { found, remote, counts, weighing })
    }

    /// What was counted in this index.
    pub(in crate::index) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The weights of the concepts, and what scores are divided by.
    pub(in crate::index) fn weighing(&self) -> &Arc<Weighing> {
        &self.weighing
    }

    /// The same, weighed as in this index and others together.
    pub(in crate::index) fn weighed(self, weighing: &Arc<Weighing>) -> Self {
        Self { weighing: Arc::clone(weighing), ..self }
    }

    /// The share of the question's concepts that occur in any passage at all, each weighted by its idf: 0 to 1.
    pub(in crate::index) fn known(&self) -> f32 {
        self.weighing.known
    }

    /// The weight of each concept of the question.
    pub(in crate::index) fn weights(&self) -> &[f32] {
        &self.weighing.weights
    }

    /// The `count` best of the allowed passages, best first; of all without `allowed`. Passages that score 0 are left out.
    /// `view` is the one that the scores were made for.
    pub(super) fn best(&self, view: &View, count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        let mut top = Top::new(&view.slots, count);
        if let (Some(query), Some(part)) = (&self.remote, view.slots.remote()) {
            query.best((&view.slots, part), &self.weighing, (count, allowed), &mut top)?;
        }
        if let Some(Allowed::Passages(keys)) = allowed
            && keys.len() * LOOKED_UP <= view.passages
        {
            for (key, score) in self.of_local_passages(view, keys)? {
                if let Some((number, passage)) = view.slots.find(key)?.filter(|_| top.wants(score)) {
                    top.add(score, number, passage)?;
                }
            }
            return top.finish();
        }
        let mut window = Window::default();
        for ((number, slot), found) in view.slots.iter().enumerate().zip(&self.found) {
            let Weighing { max, average_length, .. } = *self.weighing;
            let concepts = || self.concepts(slot, found);
            Pruned::new(slot, number, max, average_length, concepts)?.search(&mut window, allowed, &mut top)?;
        }
        top.finish()
    }

    /// The scores of these passages in the same order; those that score 0 or are not there are left out. `view` is the one
    /// that the scores were made for.
    pub(super) fn of_passages(&self, view: &View, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        let mut scores = self.local_scores(view, keys)?;
        if let (Some(query), Some(part)) = (&self.remote, view.slots.remote()) {
            query.of_passages((&view.slots, part), &self.weighing, keys, &mut scores)?;
        }
        Ok(self.scored(keys, &scores))
    }

    /// Likewise, without those that are in a cluster.
    fn of_local_passages(&self, view: &View, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        Ok(self.scored(keys, &self.local_scores(view, keys)?))
    }

    fn scored(&self, keys: &[u64], scores: &[f32]) -> Vec<(u64, f32)> {
        let scored = keys.iter().zip(scores).filter(|(_, score)| **score > 0.0);
        scored.map(|(key, score)| (*key, score / self.weighing.max)).collect()
    }

    /// The scores of these passages, not yet divided; 0 for those that are not there or in a cluster.
    fn local_scores(&self, view: &View, keys: &[u64]) -> Result<Vec<f32>> {
        let mut places = Vec::with_capacity(keys.len());
        for (place, &key) in keys.iter().enumerate() {
            places.extend(view.slots.find(key)?.map(|(number, passage)| (number, passage, place)));
        }
        places.sort_unstable();
        let mut scores = vec![0.0; keys.len()];
        for of_segment in places.chunk_by(|a, b| a.0 == b.0) {
            let slot = view.slots.get(of_segment[0].0);
            let mut concepts = self.concepts(slot, &self.found[of_segment[0].0])?;
            for &(_, passage, place) in of_segment {
                let length = length_of(slot.segment.length(passage)?);
                for concept in &mut concepts {
                    let frequency = concept.frequency_in(passage);
                    if frequency > 0 {
                        scores[place] += bm25(concept.weight, frequency, length, self.weighing.average_length);
                    }
                }
            }
        }
        Ok(scores)
    }

    /// The concepts that the segment has.
    fn concepts<'s>(&self, slot: &'s Slot, found: &[FoundConcept]) -> Result<Vec<Concept<'s>>> {
        let Weighing { weights, average_length, .. } = &*self.weighing;
        let found = weights.iter().zip(found).filter(|(_, found)| !found.alternatives.is_empty());
        let concepts = found.map(|(weight, found)| {
            let most =
                found.strongest.map_or(weight * (K1 + 1.0), |strongest| strongest.most(*weight, *average_length));
            Concept::new(slot, *weight, most, &found.alternatives)
        });
        concepts.collect()
    }
}

/// The number of live passages of a segment that have one of these alternatives, and which score best by them.
fn counted(slot: &Slot, alternatives: &[Alternative], window: &mut Window) -> Result<Counted> {
    if alternatives.is_empty() {
        return Ok(Counted { passages: 0, strongest: None });
    }
    let deleted = slot.deleted.count();
    let mut concept = Concept::new(slot, 0.0, 0.0, alternatives)?;
    let is_common = concept.postings() >= COMMON;
    let key = is_common.then(|| key_of(alternatives)).flatten();
    if let Some(known) = key.as_ref().and_then(|key| slot.segment.counts()?.get(key, deleted)) {
        return Ok(known);
    }
    if let [cursor] = concept.cursors.as_slice()
        && let Some(passages) = cursor.count()
        && deleted == 0
        && !is_common
    {
        return Ok(Counted { passages, strongest: None });
    }
    let (mut passages, mut strongest) = (0, Strongest::default());
    while let Some(start) = window_of_first(std::iter::once(&concept)) {
        window.count(start, &mut concept);
        for (passage, frequency) in window.take_counted(start) {
            passages += usize::from(!slot.deleted.has(passage));
            strongest.add(frequency, length_of(slot.segment.length(passage)?));
        }
    }
    let counted = Counted { passages, strongest: Some(strongest) };
    if let (Some(counts), Some(key)) = (slot.segment.counts(), key) {
        counts.put(key, deleted, counted);
    }
    Ok(counted)
}
