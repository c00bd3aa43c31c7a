//! All that one question reads: the store and both derived indexes, as of one moment.

use std::cmp::Ordering;
use std::sync::Arc;

use super::best::break_ties;
use super::derived::Published;
use super::lexical::LexicalScores;
use super::store;
use crate::error::Result;
use crate::filter::Filter;
use crate::model::ModelIdentity;
use crate::terms::{ChineseScript, LexicalQuery};

/// A collection as of one moment. It takes no lock, so it waits for no writer and no other question.
///
/// The store decides what exists: a passage that only a derived index knows is left out.
pub struct IndexSnapshot<'c> {
    store: store::Snapshot<'c>,
    derived: Arc<Published>,
    /// Whether both are as of the same change, so that each passage of the derived indexes is in the store.
    in_step: bool,
}

/// The keys of the passages that a question may find, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed(Vec<u64>);

/// The lexical scores of all passages for one question.
pub struct LexicalMatches<'s> {
    snapshot: &'s IndexSnapshot<'s>,
    scores: LexicalScores,
}

impl<'c> IndexSnapshot<'c> {
    /// `sequence` is the last change of `store`.
    pub(super) fn new(store: store::Snapshot<'c>, sequence: u64, derived: Arc<Published>) -> Self {
        Self { in_step: sequence == derived.sequence, store, derived }
    }

    /// The store.
    pub fn store(&self) -> &store::Snapshot<'c> {
        &self.store
    }

    /// The model that made the collection's vectors.
    pub fn model(&self) -> &ModelIdentity {
        &self.derived.model.identity
    }

    /// The script of most Chinese documents; `None` if there are as many in either.
    pub fn chinese_script(&self) -> Result<Option<ChineseScript>> {
        if let Some(script) = self.derived.chinese_script.get() {
            return Ok(*script);
        }
        let (traditional, simplified) = self.store.chinese_documents()?;
        let script = match traditional.cmp(&simplified) {
            Ordering::Greater => Some(ChineseScript::Traditional),
            Ordering::Less => Some(ChineseScript::Simplified),
            Ordering::Equal => None,
        };
        Ok(*self.derived.chinese_script.get_or_init(|| script))
    }

    /// The passages whose documents meet the filter; `None` if all do.
    pub fn allowed(&self, filter: &Filter) -> Result<Option<Allowed>> {
        if filter.is_empty() { Ok(None) } else { self.store.passages_where(filter).map(|keys| Some(Allowed(keys))) }
    }

    /// The `count` nearest of the allowed passages with their cosines, best first; of all without `allowed`.
    pub fn nearest(&self, vector: &[f32], count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        let vectors = &self.derived.vectors;
        let found = match allowed {
            None => vectors.search(vector, count)?,
            Some(Allowed(keys)) => vectors.search_among(vector, count, keys)?,
        };
        self.first(found, count)
    }

    /// The cosines of these passages, in the same order; those that do not exist are left out.
    pub fn cosines(&self, vector: &[f32], keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        self.derived.vectors.cosines(vector, keys)
    }

    /// Scores all passages by the question's terms.
    pub fn lexical(&self, query: &LexicalQuery) -> Result<LexicalMatches<'_>> {
        Ok(LexicalMatches { snapshot: self, scores: LexicalScores::new(self.derived.lexical.clone(), query)? })
    }

    /// The first `count`, equal scores in the order of document ids and of passages in a document, neither of which depends
    /// on the order in which documents were stored.
    fn first(&self, mut found: Vec<(u64, f32)>, count: usize) -> Result<Vec<(u64, f32)>> {
        if !self.in_step {
            let keys: Vec<u64> = found.iter().map(|(key, _)| *key).collect();
            let existing: std::collections::HashSet<u64> =
                self.store.places_of(&keys)?.into_iter().map(|(key, _)| key).collect();
            found.retain(|(key, _)| existing.contains(key));
        }
        Ok(break_ties(&found, count, |key| self.derived.places.get(key)))
    }
}

impl LexicalMatches<'_> {
    /// The `count` best of the allowed passages with their scores between 0 and 1, best first; of all without `allowed`.
    /// Passages that have none of the question's terms are left out.
    pub fn best(&self, count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        self.snapshot.first(self.scores.best(count, allowed.map(|Allowed(keys)| keys.as_slice())), count)
    }

    /// The share of the question's concepts that occur in the collection at all, each weighted by its idf: 0 to 1.
    pub fn known(&self) -> f32 {
        self.scores.known()
    }

    /// The weight of each of the question's concepts: the rarer, the higher.
    pub fn weights(&self) -> &[f32] {
        self.scores.weights()
    }

    /// The scores of these passages in the same order; those that have none of the question's terms are left out.
    pub fn of_passages(&self, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        self.scores.of_passages(keys)
    }
}
