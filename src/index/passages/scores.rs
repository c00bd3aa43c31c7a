//! BM25 over postings, a window of passages at a time.

use super::allowed::Allowed;
use super::slots::Slot;
use super::terms::length::length_of;
use super::terms::{END, FoundTerm, Postings};
use super::top::Top;
use super::view::View;
use crate::error::Result;
use crate::terms::LexicalQuery;

/// BM25's usual parameters (Robertson and Zaragoza 2009).
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Passages that are scored at a time. What is kept of them fits in a processor's cache, and a question needs no memory that
/// grows with the collection.
const WINDOW: u32 = 4_096;

/// The terms of one way of saying a concept.
type Alternative = Vec<FoundTerm>;

/// The lexical scores of passages for one question.
///
/// A score is BM25 divided by the most that the question could score: the sum over all its concepts, where a concept
/// that no passage has counts with the highest weight. So it lies between 0 and 1, and a question in another language than
/// the passages scores near 0. A concept that can be said in several ways is scored as one term: the frequencies are
/// added, the document frequency is that of the union (Pirkola 1998).
///
/// All statistics are of live passages, so that scores do not depend on what was deleted before.
pub(in crate::index) struct LexicalScores {
    /// By segment, by concept: the ways of saying it all of whose terms the segment has.
    found: Vec<Vec<Vec<Alternative>>>,
    /// By concept.
    weights: Vec<f32>,
    max: f32,
    known: f32,
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
                *frequency += passages_with(slot, &alternatives, &mut window)?;
                of_segment.push(alternatives);
            }
            found.push(of_segment);
        }
        let (mut max, mut known) = (0.0, 0.0);
        let mut weights = Vec::with_capacity(frequencies.len());
        for frequency in frequencies {
            let idf = idf(view.passages, frequency);
            max += idf * (K1 + 1.0);
            known += if frequency > 0 { idf * (K1 + 1.0) } else { 0.0 };
            weights.push(idf);
        }
        Ok(Self { found, weights, max, known: if max > 0.0 { known / max } else { 0.0 } })
    }

    /// The share of the question's concepts that occur in any passage at all, each weighted by its idf: 0 to 1.
    pub(in crate::index) fn known(&self) -> f32 {
        self.known
    }

    /// The weight of each concept of the question.
    pub(in crate::index) fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The `count` best of the allowed passages, best first; of all without `allowed`. Passages that score 0 are left out.
    /// `view` is the one that the scores were made for.
    pub(super) fn best(&self, view: &View, count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        let mut top = Top::new(&view.slots, count);
        let mut window = Window::default();
        for ((number, slot), found) in view.slots.iter().enumerate().zip(&self.found) {
            let mut cursors = self.cursors(slot, found)?;
            while let Some(start) = window_of_first(&cursors) {
                for (weight, cursors) in &mut cursors {
                    window.count(start, cursors);
                    window.score(start, *weight, view.average_length, slot)?;
                }
                for (passage, score) in window.take(start) {
                    let score = score / self.max;
                    if top.wants(score) && slot.is_allowed(passage, allowed)? {
                        top.add(score, number, passage)?;
                    }
                }
            }
        }
        top.finish()
    }

    /// The scores of these passages in the same order; those that score 0 or are not there are left out. `view` is the one
    /// that the scores were made for.
    pub(super) fn of_passages(&self, view: &View, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        let mut places = Vec::with_capacity(keys.len());
        for (place, &key) in keys.iter().enumerate() {
            places.extend(view.slots.find(key)?.map(|(number, passage)| (number, passage, place)));
        }
        places.sort_unstable();
        let mut scores = vec![0.0; keys.len()];
        for of_segment in places.chunk_by(|a, b| a.0 == b.0) {
            let slot = view.slots.get(of_segment[0].0);
            let mut cursors = self.cursors(slot, &self.found[of_segment[0].0])?;
            for &(_, passage, place) in of_segment {
                let length = length_of(slot.segment.length(passage)?);
                for (weight, cursors) in &mut cursors {
                    let frequency: u32 = cursors.iter_mut().map(|cursor| cursor.frequency_in(passage)).sum();
                    if frequency > 0 {
                        scores[place] += bm25(*weight, frequency, length, view.average_length);
                    }
                }
            }
        }
        let scored = keys.iter().zip(scores).filter(|(_, score)| *score > 0.0);
        Ok(scored.map(|(key, score)| (*key, score / self.max)).collect())
    }

    /// For each concept that the segment has, its weight and the postings of its alternatives.
    fn cursors<'s>(&self, slot: &'s Slot, found: &[Vec<Alternative>]) -> Result<Vec<(f32, Vec<Cursor<'s>>)>> {
        let mut cursors = Vec::new();
        for (weight, alternatives) in self.weights.iter().zip(found).filter(|(_, found)| !found.is_empty()) {
            cursors.push((*weight, cursors_of(slot, alternatives)?));
        }
        Ok(cursors)
    }
}

fn cursors_of<'s>(slot: &'s Slot, alternatives: &[Alternative]) -> Result<Vec<Cursor<'s>>> {
    alternatives.iter().map(|alternative| Cursor::new(slot, alternative)).collect()
}

/// The number of live passages of a segment that have one of these alternatives.
fn passages_with(slot: &Slot, alternatives: &[Alternative], window: &mut Window) -> Result<usize> {
    if alternatives.is_empty() {
        return Ok(0);
    }
    let mut cursors = [(0.0, cursors_of(slot, alternatives)?)];
    if let [cursor] = cursors[0].1.as_slice()
        && let [only] = cursor.0.as_slice()
        && slot.deleted.count() == 0
    {
        return Ok(only.count() as usize);
    }
    let mut passages = 0;
    while let Some(start) = window_of_first(&cursors) {
        window.count(start, &mut cursors[0].1);
        passages += window.take_counted(start).filter(|&passage| !slot.deleted.has(passage)).count();
    }
    Ok(passages)
}

/// Where the window begins that has the next passage of any cursor; `None` if there is none.
fn window_of_first(cursors: &[(f32, Vec<Cursor<'_>>)]) -> Option<u32> {
    let next = cursors.iter().flat_map(|(_, cursors)| cursors).map(Cursor::passage).min()?;
    (next != END).then_some(next / WINDOW * WINDOW)
}

/// The passages that have all terms of an alternative; its rarest term first.
struct Cursor<'s>(Vec<Postings<'s>>);

impl<'s> Cursor<'s> {
    fn new(slot: &'s Slot, alternative: &Alternative) -> Result<Self> {
        let postings = alternative.iter().map(|term| slot.segment.postings(term));
        let mut postings = postings.collect::<Result<Vec<_>>>()?;
        postings.sort_by_key(Postings::count);
        Ok(Self(postings))
    }

    /// The next passage that may have it.
    fn passage(&self) -> u32 {
        self.0.first().map_or(END, Postings::passage)
    }

    /// How often a passage has it, which is not before any that was asked for.
    fn frequency_in(&mut self, passage: u32) -> u32 {
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
    fn each_before(&mut self, end: u32, mut each: impl FnMut(u32, u32)) {
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
}

/// What is known of the passages of one window.
struct Window {
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
    fn count(&mut self, start: u32, alternatives: &mut [Cursor<'_>]) {
        for alternative in alternatives {
            alternative.each_before(start.saturating_add(WINDOW), |passage, frequency| {
                let counted = &mut self.frequencies[(passage - start) as usize];
                if *counted == 0 {
                    self.counted.push(passage - start);
                }
                *counted += frequency;
            });
        }
    }

    /// The passages in which the concept at hand was counted; the counts are reset.
    fn take_counted(&mut self, start: u32) -> impl Iterator<Item = u32> {
        let frequencies = &mut self.frequencies;
        self.counted.drain(..).map(move |place| {
            frequencies[place as usize] = 0;
            start + place
        })
    }

    /// Adds the score of the concept that was just counted, and resets the counts.
    fn score(&mut self, start: u32, weight: f32, average_length: f32, slot: &Slot) -> Result<()> {
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
    fn take(&mut self, start: u32) -> impl Iterator<Item = (u32, f32)> {
        let scores = &mut self.scores;
        self.found.drain(..).map(move |place| (start + place, std::mem::take(&mut scores[place as usize])))
    }
}

/// What a concept adds to the score of a passage of this length.
fn bm25(weight: f32, frequency: u32, length: u32, average_length: f32) -> f32 {
    let (frequency, length) = (frequency as f32, length as f32);
    weight * (K1 + 1.0) * frequency / (frequency + K1 * (1.0 - B + B * length / average_length))
}

/// The weight of a concept that occurs in `frequency` of `passages`: ln(1 + (N - n + 0.5) / (n + 0.5)).
fn idf(passages: usize, frequency: usize) -> f32 {
    let (passages, frequency) = (passages as f32, frequency as f32);
    (1.0 + (passages - frequency + 0.5) / (frequency + 0.5)).ln()
}
