//! Retrieves candidates: by their vectors, by their terms, and the best of both.

use std::collections::HashSet;

use super::fuse::{Hits, first_stage};
use crate::error::Result;
use crate::index::{Allowed, IndexSnapshot, LexicalMatches};
use crate::terms::LexicalQuery;

/// The passages to compare with a question.
#[derive(Debug, Default)]
pub(super) struct Retrieved {
    /// Keys of the candidates, best first. They do not depend on how many passages are wanted.
    pub(super) candidates: Vec<u64>,
    /// Keys of further passages, best first, if more are wanted than there are candidates.
    pub(super) further: Vec<u64>,
    pub(super) hits: Hits,
    /// The share of the question's concepts that the collection has.
    pub(super) known: f32,
    /// The weight of each of the question's concepts in the lexical score.
    pub(super) weights: Vec<f32>,
}

/// Up to `candidates` passages, or `wanted` if that is more.
pub(super) fn retrieve(
    index: &IndexSnapshot<'_>,
    question: &[f32],
    query: &LexicalQuery,
    allowed: Option<&Allowed>,
    candidates: usize,
    wanted: usize,
) -> Result<Retrieved> {
    let lexical = index.lexical(query)?;
    let weights = lexical.weights().to_vec();
    let known = lexical.known();
    let mut best = lexical.best(candidates.max(wanted), allowed)?;
    if wanted <= candidates {
        let (keys, hits) = best_of_both(index, question, &lexical, best, allowed, candidates)?;
        return Ok(Retrieved { candidates: keys, further: Vec::new(), hits, known, weights });
    }
    let (more, hits) = best_of_both(index, question, &lexical, best.clone(), allowed, wanted)?;
    best.truncate(candidates);
    let (keys, _) = best_of_both(index, question, &lexical, best, allowed, candidates)?;
    let chosen: HashSet<u64> = keys.iter().copied().collect();
    let mut further: Vec<u64> = more.into_iter().filter(|key| !chosen.contains(key)).collect();
    further.truncate(wanted - keys.len().min(wanted));
    Ok(Retrieved { candidates: keys, further, hits, known, weights })
}

/// The `count` best of the `count` best by vectors and the `count` best by terms, which are `lexical`.
fn best_of_both(
    index: &IndexSnapshot<'_>,
    question: &[f32],
    matches: &LexicalMatches<'_>,
    mut lexical: Vec<(u64, f32)>,
    allowed: Option<&Allowed>,
    count: usize,
) -> Result<(Vec<u64>, Hits)> {
    let mut cosines = index.nearest(question, count, allowed)?;
    let dense: Vec<u64> = cosines.iter().map(|(key, _)| *key).collect();
    // Each passage that one of the two found is scored by the other, too.
    cosines.extend(index.cosines(question, &without(&lexical, &cosines))?);
    lexical.extend(matches.of_passages(&without(&cosines[..dense.len()], &lexical))?);
    lexical.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok((first_stage(&cosines, &lexical, count), Hits { dense, lexical }))
}

/// The keys of `hits` that `others` lacks, in order.
fn without(hits: &[(u64, f32)], others: &[(u64, f32)]) -> Vec<u64> {
    let others: HashSet<u64> = others.iter().map(|(key, _)| *key).collect();
    hits.iter().map(|(key, _)| *key).filter(|key| !others.contains(key)).collect()
}
