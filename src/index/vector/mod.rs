//! Nearest passages by vector: a graph for most of them, and a tail that is compared one by one.

mod blocks;
mod graph;

use std::collections::BTreeSet;
use std::sync::Arc;

use half::f16;

use super::best::best_with_ties;
use crate::error::Result;
use crate::late::dot;
use blocks::{Blocks, widen, words};
use graph::{Graph, vector_error};

/// With at most this many vectors, all of them are compared: the result is exact and takes less than a millisecond.
const EXACT_UP_TO: usize = 8_192;
/// Without a graph, more vectors than this are worth one. The distance to `EXACT_UP_TO` keeps a collection of about
/// that size from building and dropping a graph again and again.
const GRAPH_FROM: usize = EXACT_UP_TO + EXACT_UP_TO / 8;
/// A tail with at least this many vectors is moved into the graph; see [`VectorIndex::is_due`].
const MAX_TAIL: usize = 1_024;
/// A larger graph may have a longer tail, as a share of itself, so that copying it stays a small part of its growth.
const TAIL_SHARE: usize = 16;
/// If more than one in so many vectors of a graph are searched, the graph is likely to find enough of them at once.
const GRAPH_SHARE: usize = 4;
/// The first bytes of [`VectorIndex::to_bytes`], with the version of the format.
const MAGIC: &[u8; 8] = b"FNvect01";

/// The vectors of all passages, each of the same length and of L2 norm 1.
///
/// It is a value: a clone is cheap, shares its memory and never changes, so questions search a clone without a lock while
/// a writer changes the original. Most vectors of a large collection are in a graph that is never altered. What was added
/// since is in the tail, which is searched exhaustively; what was removed since is listed. [`VectorIndex::compact`] copies the
/// graph, changes the copy and puts it in its place.
#[derive(Clone)]
pub(super) struct VectorIndex {
    dimensions: usize,
    graph: Option<Arc<Graph>>,
    /// Passages of the graph that have been removed.
    removed: Arc<BTreeSet<u64>>,
    tail: Blocks,
}

impl VectorIndex {
    /// An empty index for vectors of this length.
    pub(super) fn new(dimensions: usize) -> Self {
        Self { dimensions, graph: None, removed: Arc::default(), tail: Blocks::new(dimensions) }
    }

    /// Number of passages.
    pub(super) fn len(&self) -> usize {
        self.graph.as_ref().map_or(0, |graph| graph.len()) - self.removed.len() + self.tail.len()
    }

    /// Whether it holds this passage.
    pub(super) fn contains(&self, key: u64) -> bool {
        self.tail.get(key).is_some() || self.in_graph(key).is_some()
    }

    /// The graph, if this passage is in it and has not been removed.
    fn in_graph(&self, key: u64) -> Option<&Graph> {
        self.graph.as_deref().filter(|graph| graph.contains(key) && !self.removed.contains(&key))
    }

    /// Adds a passage. Does nothing if it is there.
    pub(super) fn add(&mut self, key: u64, vector: &[f32]) -> Result<()> {
        if vector.len() != self.dimensions {
            return Err(vector_error(format!(
                "a vector has {} dimensions, the others have {}",
                vector.len(),
                self.dimensions
            )));
        }
        if !self.contains(key) {
            self.tail.insert(key, vector);
        }
        Ok(())
    }

    /// Removes a passage, if it is there.
    pub(super) fn remove(&mut self, key: u64) -> Result<()> {
        if !self.tail.remove(key) && self.in_graph(key).is_some() {
            Arc::make_mut(&mut self.removed).insert(key);
        }
        if self.graph.is_some() && self.len() <= EXACT_UP_TO { self.flatten() } else { Ok(()) }
    }

    /// Takes all vectors out of the graph: of so few, all are compared.
    fn flatten(&mut self) -> Result<()> {
        let Some(graph) = self.graph.take() else { return Ok(()) };
        let mut vector = vec![0.0; self.dimensions];
        let mut all = Blocks::new(self.dimensions);
        let tail = std::mem::replace(&mut self.tail, Blocks::new(self.dimensions));
        for &key in graph.keys().iter().filter(|key| !self.removed.contains(key)) {
            graph.read(key, &mut vector)?;
            all.insert(key, &vector);
        }
        tail.each(|key, vector| all.insert(key, vector));
        self.tail = all;
        self.removed = Arc::default();
        Ok(())
    }

    /// Whether so much was added or removed since the graph was made that [`VectorIndex::compact`] is worth its time.
    ///
    /// The time to copy a graph grows with its size, and so does the number of changes until the next copy; so growing to
    /// n vectors copies O(n) of them, not O(n²).
    pub(super) fn is_due(&self) -> bool {
        match &self.graph {
            None => self.tail.len() > GRAPH_FROM,
            Some(graph) => self.tail.len().max(self.removed.len()) > MAX_TAIL.max(graph.len() / TAIL_SHARE),
        }
    }

    /// Moves the tail into the graph when it has become long, and says whether it did. Clones keep the graph they have.
    pub(super) fn compact(&mut self) -> Result<bool> {
        if !self.is_due() {
            return Ok(false);
        }
        let mut added = Vec::with_capacity(self.tail.len());
        self.tail.each(|key, vector| added.push((key, vector.to_vec())));
        let graph = match &self.graph {
            Some(graph) => graph.copy_with(&self.removed, &added)?,
            None => Graph::new(self.dimensions)?.copy_with(&BTreeSet::new(), &added)?,
        };
        self.graph = Some(Arc::new(graph));
        self.removed = Arc::default();
        self.tail = Blocks::new(self.dimensions);
        Ok(true)
    }

    /// The `count` nearest passages with their cosines, best first, and all that are as near as the last of them. Of
    /// equal cosines the lower key is first.
    pub(super) fn search(&self, vector: &[f32], count: usize) -> Result<Vec<(u64, f32)>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut found = Vec::with_capacity(self.tail.len());
        self.tail.each(|key, other| found.push((key, dot(vector, other))));
        if let Some(graph) = &self.graph {
            // The graph's own distances are of a rounded question, so each passage is compared again, as in the tail.
            let mut other = vec![0.0; self.dimensions];
            for key in self.nearest_in_graph(graph, vector, count)? {
                graph.read(key, &mut other)?;
                found.push((key, dot(vector, &other)));
            }
        }
        Ok(best_with_ties(found, count))
    }

    /// About `count` passages of the graph that have not been removed, in no order.
    fn nearest_in_graph(&self, graph: &Graph, vector: &[f32], count: usize) -> Result<Vec<u64>> {
        let mut looked_for = count;
        loop {
            let mut keys = graph.search(vector, looked_for)?;
            keys.retain(|key| !self.removed.contains(key));
            if keys.len() >= count || looked_for >= graph.len() {
                return Ok(keys);
            }
            looked_for = looked_for.saturating_mul(2);
        }
    }

    /// The cosines of these passages in the same order; those that are not there are left out.
    pub(super) fn cosines(&self, vector: &[f32], keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        let mut found = Vec::with_capacity(keys.len());
        let mut other = vec![0.0; self.dimensions];
        for &key in keys {
            if let Some(stored) = self.tail.get(key) {
                widen(stored, &mut other);
            } else if let Some(graph) = self.in_graph(key) {
                graph.read(key, &mut other)?;
            } else {
                continue;
            }
            found.push((key, dot(vector, &other)));
        }
        Ok(found)
    }

    /// As [`VectorIndex::search`], among these passages only. `allowed` is in ascending order.
    ///
    /// Few are compared one by one. With many, the search is widened until enough of them are found; the library's own
    /// filtered search is not used, since it fails on some indexes. If they are a large share of all, but few enough to be
    /// compared one by one, that is only done when the search does not find enough at first.
    pub(super) fn search_among(&self, vector: &[f32], count: usize, allowed: &[u64]) -> Result<Vec<(u64, f32)>> {
        let are_few = allowed.len() <= EXACT_UP_TO;
        let one_by_one = || Ok(best_with_ties(self.cosines(vector, allowed)?, count));
        if are_few && (self.graph.is_none() || allowed.len() * GRAPH_SHARE <= self.len()) {
            return one_by_one();
        }
        let wanted = count.min(allowed.len());
        let mut looked_for = wanted.saturating_mul(2 * self.len() / allowed.len()).max(wanted);
        loop {
            let mut found = self.search(vector, looked_for)?;
            found.retain(|(key, _)| allowed.binary_search(key).is_ok());
            if found.len() >= wanted || looked_for >= self.len() {
                return Ok(best_with_ties(found, wanted));
            }
            if are_few {
                return one_by_one();
            }
            looked_for = looked_for.saturating_mul(4).max(64);
        }
    }

    /// The index as bytes: a header of counts, the removed keys, the tail, the graph as usearch writes it.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let graph = self.graph.as_ref().map_or(Ok(Vec::new()), |graph| graph.to_bytes())?;
        let mut bytes = MAGIC.to_vec();
        for count in [self.dimensions, self.removed.len(), self.tail.len(), graph.len()] {
            bytes.extend((count as u64).to_le_bytes());
        }
        bytes.extend(self.removed.iter().flat_map(|key| key.to_le_bytes()));
        self.tail.write(&mut bytes);
        bytes.extend(graph);
        Ok(bytes)
    }

    /// Reads what [`VectorIndex::to_bytes`] returned. usearch crashes on altered bytes: check their hash first.
    pub(super) fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self> {
        let cut_off = || vector_error("its file is cut off");
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| vector_error("its file is of another version"))?;
        let (header, rest) = rest.split_at_checked(4 * size_of::<u64>()).ok_or_else(cut_off)?;
        let header: Vec<usize> = words(header).map(|word| word as usize).collect();
        let [found, removed, tail, graph] = header[..] else { return Err(cut_off()) };
        if found != dimensions {
            return Err(vector_error(format!("its vectors have {found} dimensions, the model's have {dimensions}")));
        }
        let (removed, rest) = rest.split_at_checked(removed * size_of::<u64>()).ok_or_else(cut_off)?;
        let (tail, rest) =
            rest.split_at_checked(tail * (size_of::<u64>() + dimensions * size_of::<f16>())).ok_or_else(cut_off)?;
        if rest.len() != graph {
            return Err(cut_off());
        }
        let graph = if rest.is_empty() { None } else { Some(Arc::new(Graph::from_trusted_bytes(rest, dimensions)?)) };
        Ok(Self {
            dimensions,
            graph,
            removed: Arc::new(words(removed).collect()),
            tail: Blocks::read(dimensions, tail),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pseudo-random unit vectors, the same on every run.
    fn vectors(count: usize, dimensions: usize) -> Vec<Vec<f32>> {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
        };
        let unit = |vector: Vec<f32>| {
            let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.into_iter().map(|value| value / norm).collect()
        };
        (0..count).map(|_| unit((0..dimensions).map(|_| next()).collect())).collect()
    }

    fn filled(vectors: &[Vec<f32>]) -> VectorIndex {
        let mut index = VectorIndex::new(vectors[0].len());
        (0..).zip(vectors).for_each(|(key, vector)| index.add(key, vector).unwrap());
        index
    }

    fn reloaded(index: &VectorIndex) -> VectorIndex {
        VectorIndex::from_trusted_bytes(&index.to_bytes().unwrap(), index.dimensions).unwrap()
    }

    #[test]
    fn every_vector_is_its_own_nearest_before_and_after_it_is_written_down() {
        let vectors = vectors(300, 48);
        let index = filled(&vectors);
        for (key, vector) in (0..).zip(&vectors) {
            for index in [&index, &reloaded(&index)] {
                let found = index.search(vector, 3).unwrap();
                assert_eq!(found[0].0, key);
                assert!((found[0].1 - 1.0).abs() < 0.005, "a cosine of {}", found[0].1);
            }
        }
    }

    #[test]
    fn the_graph_finds_nearly_all_that_comparing_everything_finds_with_the_same_scores() {
        let vectors = vectors(GRAPH_FROM + 1, 24);
        let exact = filled(&vectors);
        let mut index = exact.clone();
        assert!(index.compact().unwrap());
        assert_eq!((index.len(), index.tail.len(), exact.tail.len()), (vectors.len(), 0, vectors.len()));
        let (mut hits, mut wanted) = (0, 0);
        for query in vectors.iter().step_by(97) {
            let all = exact.search(query, 10).unwrap();
            let found = index.search(query, 10).unwrap();
            hits += all.iter().filter(|hit| found.contains(hit)).count();
            wanted += 10;
        }
        assert!(hits * 100 >= wanted * 97, "{hits} of {wanted}");
    }

    #[test]
    fn a_graph_with_removals_and_a_tail_answers_like_one_without() {
        let vectors = vectors(GRAPH_FROM + 600, 16);
        let mut index = filled(&vectors[..=GRAPH_FROM]);
        index.compact().unwrap();
        for (key, vector) in (0..).zip(&vectors).skip(GRAPH_FROM + 1) {
            index.add(key, vector).unwrap();
        }
        let before = index.clone();
        (0..600).for_each(|key| index.remove(key).unwrap());
        assert_eq!((index.len(), before.len()), (vectors.len() - 600, vectors.len()), "a clone does not change");
        for index in [&index, &reloaded(&index)] {
            assert!(!index.contains(0) && index.contains(600) && index.contains(GRAPH_FROM as u64 + 5));
            for key in [0, 300, 700, GRAPH_FROM + 10] {
                let found = index.search(&vectors[key], 40).unwrap();
                assert!(found.len() >= 40 && found.iter().all(|(key, _)| *key >= 600));
                assert_eq!(found[0].0 == key as u64, key >= 600);
            }
        }
        assert_eq!(before.search(&vectors[0], 1).unwrap()[0].0, 0);
        assert!(!index.compact().unwrap(), "it is not due yet");
    }

    #[test]
    fn a_collection_that_became_small_is_searched_exactly_again() {
        let vectors = vectors(GRAPH_FROM + 1, 8);
        let mut index = filled(&vectors);
        index.compact().unwrap();
        let gone = vectors.len() - EXACT_UP_TO;
        (0..gone as u64).for_each(|key| index.remove(key).unwrap());
        assert!(index.graph.is_none());
        let mut straight = VectorIndex::new(8);
        (0..).zip(&vectors).skip(gone).for_each(|(key, vector)| straight.add(key, vector).unwrap());
        for query in vectors.iter().step_by(499) {
            assert_eq!(index.search(query, 30).unwrap(), straight.search(query, 30).unwrap());
        }
    }

    #[test]
    fn equal_cosines_are_all_returned_however_few_are_wanted() {
        let one = vectors(1, 8).remove(0);
        let index = filled(&[one.clone(), one.clone(), one.iter().map(|value| -value).collect(), one.clone()]);
        let keys = |found: Vec<(u64, f32)>| found.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys(index.search(&one, 1).unwrap()), [0, 1, 3]);
        assert_eq!(keys(index.search_among(&one, 1, &[1, 2, 3]).unwrap()), [1, 3]);
        assert_eq!(keys(index.search(&one, 0).unwrap()), [] as [u64; 0]);
    }

    #[test]
    fn bytes_that_do_not_fit_are_refused() {
        let bytes = filled(&vectors(10, 16)).to_bytes().unwrap();
        assert!(VectorIndex::from_trusted_bytes(&bytes, 32).is_err());
        for length in 0..bytes.len() {
            assert!(VectorIndex::from_trusted_bytes(&bytes[..length], 16).is_err());
        }
        assert!(VectorIndex::from_trusted_bytes(b"something that another version wrote", 16).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn after_any_history_it_holds_what_was_added_and_not_removed(
            changes in proptest::collection::vec((0_u64..40, any::<bool>()), 0..200), query in 0_usize..40
        ) {
            let vectors = vectors(40, 8);
            let (mut index, mut expected) = (VectorIndex::new(8), BTreeSet::new());
            for (key, add) in changes {
                if add {
                    index.add(key, &vectors[key as usize]).unwrap();
                    expected.insert(key);
                } else {
                    index.remove(key).unwrap();
                    expected.remove(&key);
                }
            }
            let mut straight = VectorIndex::new(8);
            expected.iter().for_each(|&key| straight.add(key, &vectors[key as usize]).unwrap());
            prop_assert_eq!(index.len(), expected.len());
            let wanted = straight.search(&vectors[query], 40).unwrap();
            prop_assert_eq!(&index.search(&vectors[query], 40).unwrap(), &wanted);
            prop_assert_eq!(&reloaded(&index).search(&vectors[query], 40).unwrap(), &wanted);
        }
    }
}
