//! Retrieves candidates: by their vectors, by their terms, and the best of both.
//!
//! Each collection that is asked gives its own best passages, so that a large one takes no place from a small one. Their scores
//! can be compared: vectors are of one model, and words weigh the same in all of them.

use std::collections::HashSet;

use super::fuse::{Hits, first_stage};
use crate::error::Result;
use crate::index::{Allowed, IndexSnapshot, LexicalMatches, PassageKey, Snapshots};
use crate::terms::LexicalQuery;

/// The most passages that are compared with a question: when copies of a few texts fill the list, or when many collections
/// are asked.
pub(super) const MAX_COMPARED: usize = 480;

/// The passages to compare with a question.
#[derive(Debug, Default)]
pub(super) struct Retrieved {
    /// Keys of the candidates, those of each collection best first. They do not depend on how many passages are wanted.
    pub(super) candidates: Vec<PassageKey>,
    /// Keys of further passages, best first, if more are wanted than there are candidates.
    pub(super) further: Vec<PassageKey>,
    pub(super) hits: Hits,
    /// The share of the question's concepts that the collections have.
    pub(super) known: f32,
    /// The weight of each of the question's concepts in the lexical score.
    pub(super) weights: Vec<f32>,
}

/// Up to `candidates` passages of each collection, or `wanted` of all if that is more. `allowed` is for each collection.
pub(super) fn retrieve(
    index: &Snapshots<'_>,
    question: &[f32],
    query: &LexicalQuery,
    allowed: &[Option<Allowed>],
    candidates: usize,
    wanted: usize,
) -> Result<Retrieved> {
    let lexical = index.lexical(query)?;
    let mut retrieved = Retrieved::default();
    if let Some(matches) = lexical.first() {
        (retrieved.known, retrieved.weights) = (matches.known(), matches.weights().to_vec());
    }
    let collections = index.count();
    let at_once = candidates;
    let candidates = if collections > 1 { candidates.min(MAX_COMPARED / collections).max(1) } else { candidates };
    let wants_more = wanted > candidates * collections;
    let mut chosen: Vec<(PassageKey, f32)> = Vec::new();
    let mut further: Vec<(PassageKey, f32)> = Vec::new();
    for (member, ((snapshot, matches), allowed)) in index.iter().zip(&lexical).zip(allowed).enumerate() {
        let search = Search { snapshot, matches, question, allowed: allowed.as_ref() };
        let of = |key| PassageKey { member, key };
        let mut best = matches.best(if wants_more { wanted } else { candidates }, search.allowed)?;
        let (nearest, found) = if wants_more {
            let (more, found) = search.best_of_both(best.clone(), wanted)?;
            further.extend(more.into_iter().map(|(key, score)| (of(key), score)));
            best.truncate(candidates);
            (search.best_of_both(best, candidates)?.0, found)
        } else {
            search.best_of_both(best, candidates)?
        };
        chosen.extend(nearest.into_iter().map(|(key, score)| (of(key), score)));
        retrieved.hits.dense.extend(found.dense.into_iter().map(|(key, score)| (of(key), score)));
        retrieved.hits.lexical.extend(found.lexical.into_iter().map(|(key, score)| (of(key), score)));
    }
    retrieved.candidates = chosen.iter().map(|(key, _)| *key).collect();
    if collections > 1 {
        chosen.sort_by(|a, b| b.1.total_cmp(&a.1));
        retrieved.hits.beyond = chosen.iter().skip(at_once).map(|(key, _)| *key).collect();
        for found in [&mut retrieved.hits.dense, &mut retrieved.hits.lexical, &mut further] {
            found.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
    }
    let chosen: HashSet<PassageKey> = retrieved.candidates.iter().copied().collect();
    retrieved.further = further.into_iter().map(|(key, _)| key).filter(|key| !chosen.contains(key)).collect();
    retrieved.further.truncate(wanted - chosen.len().min(wanted));
    Ok(retrieved)
}

/// What one collection is searched for.
struct Search<'s> {
    snapshot: &'s IndexSnapshot<'s>,
    matches: &'s LexicalMatches<'s>,
    question: &'s [f32],
    allowed: Option<&'s Allowed>,
}

/// What the retrievers found in one collection, each best first.
struct Found {
    dense: Vec<(u64, f32)>,
    lexical: Vec<(u64, f32)>,
}

impl Search<'_> {
    /// The `count` best of the `count` best by vectors and the `count` best by terms, which are `lexical`.
    fn best_of_both(&self, mut lexical: Vec<(u64, f32)>, count: usize) -> Result<(Vec<(u64, f32)>, Found)> {
        let mut cosines = self.snapshot.nearest(self.question, count, self.allowed)?;
        let dense = cosines.clone();
        // Each passage that one of the two found is scored by the other, too.
        cosines.extend(self.snapshot.cosines(self.question, &without(&lexical, &cosines))?);
        lexical.extend(self.matches.of_passages(&without(&dense, &lexical))?);
        lexical.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok((first_stage(&cosines, &lexical, count), Found { dense, lexical }))
    }
}

/// The keys of `hits` that `others` lacks, in order.
fn without(hits: &[(u64, f32)], others: &[(u64, f32)]) -> Vec<u64> {
    let others: HashSet<u64> = others.iter().map(|(key, _)| *key).collect();
    hits.iter().map(|(key, _)| *key).filter(|key| !others.contains(key)).collect()
}
