//! All that one question reads: the store and the passage index, as of one moment.

use std::sync::{Arc, Mutex, PoisonError};

use super::derived::{DerivedIndexes, Published};
use super::model::Model;
use super::passages::{self, Allowed, Counts, LexicalScores, Weighing};
use super::store;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::model::ModelIdentity;
use crate::terms::LexicalQuery;

/// A collection as of one moment. It takes no lock, so it waits for no writer and no other question.
///
/// The store decides what exists: a passage that only the index knows is left out. A part of the index that turns out to be
/// damaged is made again from the store before the question is answered.
pub struct IndexSnapshot<'c> {
    store: store::Snapshot<'c>,
    /// The last change of `store`.
    sequence: u64,
    index: &'c DerivedIndexes,
    model: Arc<Model>,
    /// Another one once a part of it was damaged.
    published: Mutex<Arc<Published>>,
}

/// The lexical scores of all passages for one question.
pub struct LexicalMatches<'s> {
    snapshot: &'s IndexSnapshot<'s>,
    query: LexicalQuery,
    /// What `scores` are for.
    published: Arc<Published>,
    scores: LexicalScores,
}

impl<'c> IndexSnapshot<'c> {
    /// `sequence` is the last change of `store`.
    pub(super) fn new(
        store: store::Snapshot<'c>,
        sequence: u64,
        index: &'c DerivedIndexes,
        published: Arc<Published>,
    ) -> Self {
        Self { store, sequence, index, model: Arc::clone(&published.model), published: Mutex::new(published) }
    }

    fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Searches the index. If parts of it are damaged, they are made again first.
    fn search<T>(&self, search: impl Fn(&Arc<Published>) -> Result<T>) -> Result<T> {
        let published = self.published();
        self.until_sound(&published, search(&published), search)
    }

    /// `found` in `published`, or what `search` finds once the damage that it meets is repaired: one segment each time.
    fn until_sound<T>(
        &self,
        published: &Published,
        mut found: Result<T>,
        search: impl Fn(&Arc<Published>) -> Result<T>,
    ) -> Result<T> {
        for _ in 0..=published.view.segments() {
            match found {
                Err(error) if passages::is_failure(&error) => found = search(&self.repaired(error)?),
                done => return done,
            }
        }
        found
    }

    /// The index without the damage that `error` reports.
    fn repaired(&self, error: Error) -> Result<Arc<Published>> {
        tracing::warn!("{error}; that part of the index is made again from the store");
        let repaired = self.index.repair(&self.store)?.ok_or(error)?;
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&repaired);
        Ok(repaired)
    }

    /// The store.
    pub fn store(&self) -> &store::Snapshot<'c> {
        &self.store
    }

    /// The model that made the collection's vectors.
    pub fn model(&self) -> &ModelIdentity {
        &self.model.identity
    }

    /// The numbers of Chinese documents in the traditional script and in the simplified one.
    pub fn chinese_documents(&self) -> Result<(usize, usize)> {
        let published = self.published();
        if let Some(counted) = published.chinese_documents.get() {
            return Ok(*counted);
        }
        let counted = self.store.chinese_documents()?;
        Ok(*published.chinese_documents.get_or_init(|| counted))
    }

    /// The passages whose documents meet the filter; `None` if all do.
    pub fn allowed(&self, filter: &Filter) -> Result<Option<Allowed>> {
        if filter.is_empty() { Ok(None) } else { self.store.passages_where(filter).map(Some) }
    }

    /// The `count` nearest of the allowed passages with their cosines, best first; of all without `allowed`.
    pub fn nearest(&self, vector: &[f32], count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        self.search(|published| self.existing(published, published.view.nearest(vector, count, allowed)?))
    }

    /// The cosines of these passages, in the same order; those that do not exist are left out.
    pub fn cosines(&self, vector: &[f32], keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        self.search(|published| published.view.cosines(vector, keys))
    }

    /// In how many passages with keys up to `last` a term occurs, at most; 0 if none of them exists.
    pub fn passages_with(&self, term: &str, last: u64) -> Result<usize> {
        self.search(|published| published.view.passages_with(term, last))
    }

    /// Scores all passages by the question's terms.
    pub fn lexical(&self, query: &LexicalQuery) -> Result<LexicalMatches<'_>> {
        let (published, scores) =
            self.search(|published| Ok((Arc::clone(published), published.view.lexical(query)?)))?;
        Ok(LexicalMatches { snapshot: self, query: query.clone(), published, scores })
    }

    /// Leaves out what the store does not have, unless the index is as of the same change, so that it has all.
    fn existing(&self, published: &Published, mut found: Vec<(u64, f32)>) -> Result<Vec<(u64, f32)>> {
        if published.sequence != self.sequence {
            let keys: Vec<u64> = found.iter().map(|(key, _)| *key).collect();
            let existing: std::collections::HashSet<u64> =
                self.store.places_of(&keys)?.into_iter().map(|(key, _)| key).collect();
            found.retain(|(key, _)| existing.contains(key));
        }
        Ok(found)
    }
}

impl LexicalMatches<'_> {
    /// What was counted in the collection.
    pub(super) fn counts(&self) -> &Counts {
        self.scores.counts()
    }

    /// The same, weighed as in several collections together.
    pub(super) fn weighed(self, weighing: &Arc<Weighing>) -> Self {
        Self { scores: self.scores.weighed(weighing), ..self }
    }

    /// Searches by the scores. If a part of the index is damaged, that is made again first.
    fn search<T>(&self, search: impl Fn(&Published, &LexicalScores) -> Result<T>) -> Result<T> {
        self.snapshot.until_sound(&self.published, search(&self.published, &self.scores), |repaired| {
            search(repaired, &repaired.view.lexical(&self.query)?.weighed(self.scores.weighing()))
        })
    }

    /// The `count` best of the allowed passages with their scores between 0 and 1, best first; of all without `allowed`.
    /// Passages that have none of the question's terms are left out.
    pub fn best(&self, count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        self.search(|published, scores| self.snapshot.existing(published, published.view.best(scores, count, allowed)?))
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
        self.search(|published, scores| published.view.scores_of(scores, keys))
    }
}
