//! The lexical scores of passages that are in a cluster: it proposes passages, and BM25 here scores them.
//!
//! The cluster adds up, for each passage, the weights of its terms times their values. That sum is never less than the score,
//! if a term has the weight of its concept, or its share of that in a way of saying it with several terms: several ways are
//! saturated one by one there and together here, and the mean of several terms is no less than the least of them. So once the
//! worst of the best passages scores more than the last sum that was fetched, no passage is missing. Nor is one if the cluster has
//! no more to propose: its list is shorter than was asked for, and no shorter than the number of passages with a concept.

use super::super::allowed::Allowed;
use super::super::bm25::bm25;
use super::super::slots::Slots;
use super::super::terms::length::length_of;
use super::super::top::Top;
use super::super::weighing::Weighing;
use super::terms::frequency;
use super::{Alternative, RemotePart, Values, number_of, only_of};
use crate::error::Result;
use crate::terms::LexicalQuery;

/// Passages that are fetched beyond those that are wanted, at first.
const SLACK: usize = 64;
/// How many times more than are wanted are fetched at most, and how many in any case.
const MOST_TIMES: usize = 16;
const MOST: usize = 2_048;
/// Passages whose terms are fetched at a time.
const PAGE: usize = 512;
/// Covers the rounding of sums.
const ROUNDING: f32 = 1.0 + 1e-4;

/// The concepts of a question by the numbers of their terms.
pub(in crate::index::passages) struct RemoteQuery {
    pub(in crate::index::passages) concepts: Vec<Vec<Alternative>>,
}

impl RemoteQuery {
    pub(in crate::index::passages) fn new(query: &LexicalQuery) -> Self {
        let numbers = |terms: &Vec<String>| terms.iter().map(|term| number_of(term)).collect::<Alternative>();
        let concepts = query
            .concepts
            .iter()
            .map(|concept| concept.alternatives.iter().filter(|terms| !terms.is_empty()).map(numbers).collect());
        Self { concepts: concepts.collect() }
    }

    /// The weight of each term, by its number.
    fn weights(&self, weighing: &Weighing) -> Vec<(u32, f32)> {
        let mut all = Vec::new();
        for (concept, weight) in self.concepts.iter().zip(weighing.weights()) {
            for alternative in concept {
                all.extend(alternative.iter().map(|number| (*number, weight / alternative.len() as f32)));
            }
        }
        all.sort_unstable_by_key(|(number, _)| *number);
        let sum = |same: &[(u32, f32)]| (same[0].0, same.iter().map(|(_, weight)| weight).sum());
        all.chunk_by(|a, b| a.0 == b.0).map(sum).collect()
    }

    /// The score of a passage, not yet divided, added up in the order of the concepts as everywhere else.
    fn score(&self, terms: &Values, length: u32, part: &RemotePart, weighing: &Weighing) -> f32 {
        let fixed = part.remote.average_length();
        let mut score = 0.0;
        for (concept, weight) in self.concepts.iter().zip(weighing.weights()) {
            let of_alternative = |alternative: &Alternative| {
                alternative.iter().map(|number| frequency(terms, *number, length, fixed)).min().unwrap_or_default()
            };
            let frequency: u32 = concept.iter().map(of_alternative).sum();
            if frequency > 0 {
                score += bm25(*weight, frequency, length, weighing.average_length());
            }
        }
        score
    }

    /// Adds the best of the allowed passages to `top`, which keeps `count`.
    pub(in crate::index::passages) fn best(
        &self,
        (slots, part): (&Slots, &RemotePart),
        weighing: &Weighing,
        (count, allowed): (usize, Option<&Allowed>),
        top: &mut Top<'_>,
    ) -> Result<()> {
        let weights = self.weights(weighing);
        let only = allowed.map(|allowed| only_of(slots, allowed)).transpose()?;
        if weights.is_empty() || count == 0 || only.as_ref().is_some_and(super::Only::is_nothing) {
            return Ok(());
        }
        // Values were made with another average length, by which a score can be greater than its sum.
        let average = weighing.average_length() / part.remote.average_length().max(1) as f32;
        let bound = average.max(1.0) * ROUNDING / weighing.max();
        let at_least =
            if only.is_none() { part.counts(&self.concepts)?.into_iter().max().unwrap_or_default() } else { 0 };
        let most = (count * MOST_TIMES).max(MOST);
        let mut fetched = (count + SLACK).min(most);
        loop {
            let hits = part.remote.by_terms(&weights, fetched, &part.among(only.as_ref()))?;
            let least = hits.last().map_or(0.0, |(_, sum, _)| sum * bound);
            // Not if it lacks some that were counted.
            let is_all = hits.len() < fetched && hits.len() >= at_least;
            let mut scored = Vec::with_capacity(hits.len());
            for (key, _, terms) in &hits {
                if let Some((number, passage)) = slots.find(*key)?.filter(|(number, _)| slots.get(*number).is_remote())
                {
                    let length = length_of(slots.get(number).segment.length(passage)?);
                    scored.push((self.score(terms, length, part, weighing) / weighing.max(), number, passage));
                }
            }
            scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            let is_proven = scored.get(count - 1).is_some_and(|(score, ..)| *score > least);
            if is_all || is_proven || fetched >= most {
                tracing::debug!(count, fetched, is_proven = is_all || is_proven, "fetched passages by their terms");
                return scored
                    .into_iter()
                    .filter(|(score, ..)| *score > 0.0)
                    .try_for_each(|(score, number, passage)| top.add(score, number, passage));
            }
            fetched = (fetched * 2).min(most);
        }
    }

    /// Puts the scores of those of these passages that are in the cluster in their places.
    pub(in crate::index::passages) fn of_passages(
        &self,
        (slots, part): (&Slots, &RemotePart),
        weighing: &Weighing,
        keys: &[u64],
        scores: &mut [f32],
    ) -> Result<()> {
        let mut places = Vec::new();
        for (place, &key) in keys.iter().enumerate() {
            if let Some((number, passage)) = slots.find(key)?.filter(|(number, _)| slots.get(*number).is_remote()) {
                places.push((key, place, length_of(slots.get(number).segment.length(passage)?)));
            }
        }
        places.sort_unstable();
        for page in places.chunks(PAGE) {
            let wanted: Vec<u64> = page.iter().map(|(key, ..)| *key).collect();
            for (key, terms) in part.remote.terms_of(&wanted)? {
                let first = page.partition_point(|(other, ..)| *other < key);
                for (_, place, length) in page[first..].iter().take_while(|(other, ..)| *other == key) {
                    scores[*place] = self.score(&terms, *length, part, weighing);
                }
            }
        }
        Ok(())
    }
}
