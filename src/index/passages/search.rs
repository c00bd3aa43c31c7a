//! The searches of an index as of one moment.

use super::allowed::Allowed;
use super::nearest;
use super::scores::LexicalScores;
use super::terms::END;
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

    /// In how many passages with keys up to `last` a term occurs, at most: passages that were deleted since a segment was
    /// made count. But if only those have it, there are none.
    pub(in crate::index) fn passages_with(&self, term: &str, last: u64) -> Result<usize> {
        let (mut passages, mut is_any_live) = (0, false);
        for slot in self.slots.iter() {
            let (first_key, last_key) = slot.segment.range();
            if first_key > last {
                continue;
            }
            let Some(found) = slot.segment.find_term(term)? else { continue };
            let is_whole = last_key <= last;
            if is_whole && (is_any_live || slot.deleted.count() == 0) {
                passages += slot.segment.occurrences(&found);
                is_any_live = true;
                continue;
            }
            // Of a segment that was written before, one passage that is not deleted is enough.
            let mut postings = slot.segment.postings(&found)?;
            let (mut earlier, mut is_live) = (0, false);
            while postings.passage() != END && !(is_whole && is_live) {
                if !is_whole && slot.segment.key(postings.passage())? > last {
                    break;
                }
                earlier += 1;
                is_live |= !slot.deleted.has(postings.passage());
                postings.advance();
            }
            passages += if is_whole { slot.segment.occurrences(&found) } else { earlier };
            is_any_live |= is_live;
        }
        let here = if is_any_live { passages } else { 0 };
        let remote = self.slots.remote().map_or(Ok(0), |part| part.passages_with(term, last))?;
        Ok(here + remote)
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
