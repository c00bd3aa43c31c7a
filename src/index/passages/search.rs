//! The searches of an index as of one moment.

use super::allowed::Allowed;
use super::nearest;
use super::scores::LexicalScores;
use super::view::View;
use crate::error::Result;
use crate::terms::LexicalQuery;

impl View {
    /// The `count` nearest of the allowed passages with their cosines, best first; of all without `allowed`. Of a large
    /// collection nearly all of them are found.
    pub(in crate::index) fn nearest(
        &self,
        vector: &[f32],
        count: usize,
        allowed: Option<&Allowed>,
    ) -> Result<Vec<(u64, f32)>> {
        nearest::nearest(&self.slots, vector, count, allowed)
    }

    /// The cosines of these passages, in the same order; those that are not there are left out.
    pub(in crate::index) fn cosines(&self, vector: &[f32], keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        nearest::cosines(&self.slots, vector, keys)
    }

    /// In how many passages a term occurs, at most: passages that were deleted since a segment was made count.
    pub(in crate::index) fn passages_with(&self, term: &str) -> Result<usize> {
        let mut passages = 0;
        for slot in self.slots.iter() {
            if let Some(found) = slot.segment.find_term(term)? {
                passages += slot.segment.occurrences(&found);
            }
        }
        Ok(passages)
    }

    /// Weighs the terms of a question.
    pub(in crate::index) fn lexical(&self, query: &LexicalQuery) -> Result<LexicalScores> {
        LexicalScores::new(self, query)
    }

    /// The best passages by their terms, as [`LexicalScores::best`] gives them.
    pub(in crate::index) fn best(
        &self,
        scores: &LexicalScores,
        count: usize,
        allowed: Option<&Allowed>,
    ) -> Result<Vec<(u64, f32)>> {
        scores.best(self, count, allowed)
    }

    /// The scores of these passages, as [`LexicalScores::of_passages`] gives them.
    pub(in crate::index) fn scores_of(&self, scores: &LexicalScores, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        scores.of_passages(self, keys)
    }
}
