//! The part of an index whose vectors and terms are in a cluster. What a passage is besides (its key, its document, its place
//! and its length) is in segments on disk here, which also decide what exists: a point of the cluster that no segment lists
//! is never found.

mod among;
mod scoring;
mod terms;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;

pub(in crate::index) use among::{Among, Only};
pub(in crate::index) use terms::{Point, Values};

pub(super) use among::only_of;
pub(super) use scoring::RemoteQuery;
pub(super) use terms::number_of;

/// Concepts whose number of passages is remembered.
const REMEMBERED: usize = 16_384;

/// The terms of one way of saying a concept, by their numbers.
pub(in crate::index) type Alternative = Vec<u32>;

/// Vectors and terms of passages that are in a cluster.
pub(in crate::index) trait Remote: Send + Sync {
    /// The `count` nearest of the passages with their cosines, best first.
    fn nearest(&self, vector: &[f32], count: usize, among: &Among<'_>) -> Result<Vec<(u64, f32)>>;

    /// The `count` passages with the largest sums of the values of their terms, each multiplied with its weight here: keys,
    /// sums and the values of all their terms, best first.
    fn by_terms(&self, weights: &[(u32, f32)], count: usize, among: &Among<'_>) -> Result<Vec<(u64, f32, Values)>>;

    /// The values of all terms of these passages, in any order; those that are not there are left out.
    fn terms_of(&self, keys: &[u64]) -> Result<Vec<(u64, Values)>>;

    /// How many passages have each of these concepts, exactly.
    fn counts(&self, concepts: &[Vec<Alternative>], among: &Among<'_>) -> Result<Vec<usize>>;

    /// The name by which a checkpoint names it.
    fn name(&self) -> &str;

    /// The length of a passage with which the values of terms were made.
    fn average_length(&self) -> u32;

    /// Whether it was found to be missing or incomplete. The index is then made again from the store.
    fn is_lost(&self) -> bool;
}

/// What an index has in a cluster, as of one moment.
#[derive(Clone)]
pub(in crate::index) struct RemotePart {
    pub(in crate::index) remote: Arc<dyn Remote>,
    /// The highest key that was written there. Points above do not count: their writing was interrupted, or another process
    /// has gone on since.
    pub(in crate::index) last: u64,
    /// Keys of passages that were removed, ascending, which the cluster may still have.
    gone: Arc<Vec<u64>>,
    /// How many passages have a concept.
    counted: Arc<Mutex<HashMap<Vec<Alternative>, usize>>>,
}

impl RemotePart {
    pub(in crate::index) fn new(remote: Arc<dyn Remote>, last: u64, gone: Vec<u64>) -> Self {
        Self { remote, last, gone: Arc::new(gone), counted: Arc::default() }
    }

    /// Keys of removed passages that the cluster may still have, ascending.
    pub(in crate::index) fn gone(&self) -> &[u64] {
        &self.gone
    }

    /// Notes that a passage was removed.
    pub(in crate::index) fn remove(&mut self, key: u64) {
        if key <= self.last
            && let Err(at) = self.gone.binary_search(&key)
        {
            Arc::make_mut(&mut self.gone).insert(at, key);
            self.counted = Arc::default();
        }
    }

    /// Notes that passages up to this key were written, and that the cluster no longer has these, which ascend.
    pub(in crate::index) fn written(&mut self, last: u64, deleted: &[u64]) {
        self.last = self.last.max(last);
        Arc::make_mut(&mut self.gone).retain(|key| deleted.binary_search(key).is_err());
        self.counted = Arc::default();
    }

    /// All passages that count, or those that `only` names.
    pub(super) fn among<'a>(&'a self, only: Option<&'a Only>) -> Among<'a> {
        Among { last: self.last, gone: &self.gone, only }
    }

    /// How many passages have each of these concepts. A concept without a way of saying it has none.
    pub(super) fn counts(&self, concepts: &[Vec<Alternative>]) -> Result<Vec<usize>> {
        let lock = || self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown: Vec<Vec<Alternative>> = {
            let known = lock();
            let is_unknown = |concept: &&Vec<Alternative>| !concept.is_empty() && !known.contains_key(*concept);
            concepts.iter().filter(is_unknown).cloned().collect()
        };
        let counted = match unknown.is_empty() {
            true => Vec::new(),
            false => self.remote.counts(&unknown, &self.among(None))?,
        };
        let mut known = lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.extend(unknown.iter().cloned().zip(counted.iter().copied()));
        let new: HashMap<&Vec<Alternative>, usize> = unknown.iter().zip(counted).collect();
        let count = |concept| new.get(concept).or_else(|| known.get(concept)).copied().unwrap_or_default();
        Ok(concepts.iter().map(count).collect())
    }

    /// In how many passages with keys up to `last` a term occurs.
    pub(super) fn passages_with(&self, term: &str, last: u64) -> Result<usize> {
        let concept = vec![vec![number_of(term)]];
        if last >= self.last {
            return Ok(self.counts(&[concept])?[0]);
        }
        let among = Among { last, ..self.among(None) };
        Ok(self.remote.counts(&[concept], &among)?.first().copied().unwrap_or_default())
    }
}
