//! Nearest passages by vector. The only file that names usearch.

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use crate::error::{Error, Result};
use crate::late::dot;

/// Up to this many vectors every one is compared: exact, and no slower than the graph's detours.
const EXACT_UP_TO: usize = 8_192;
/// Neighbours a node keeps. HNSW's M: 16 is the usual choice; 384 dimensions gain a little from more.
const CONNECTIVITY: usize = 24;
const EXPANSION_ADD: usize = 128;
/// Wide, since the search is a small part of a question's time and a passage that is missed is lost.
const EXPANSION_SEARCH: usize = 128;

/// A graph of passage vectors (HNSW, Malkov and Yashunin 2018), all of one length and of L2 norm 1.
///
/// Not for concurrent writers: the library loses nodes then. Its owner puts it behind a lock.
pub(super) struct VectorIndex {
    index: Index,
    dimensions: usize,
}

impl VectorIndex {
    /// An empty index for vectors of this length.
    pub(super) fn new(dimensions: usize) -> Result<Self> {
        let options = IndexOptions {
            dimensions,
            metric: MetricKind::IP,
            quantization: ScalarKind::F16,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            expansion_search: EXPANSION_SEARCH,
            multi: false,
        };
        let index = Index::new(&options).map_err(vector_error)?;
        Ok(Self { index, dimensions })
    }

    /// Reads what [`VectorIndex::to_bytes`] gave. The library crashes on altered bytes: check their hash first.
    pub(super) fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self> {
        let found = Index::metadata_from_buffer(bytes).map_err(vector_error)?.dimensions as usize;
        if found != dimensions {
            return Err(vector_error(format!("its vectors have {found} dimensions; {dimensions} are wanted")));
        }
        let index = Self::new(dimensions)?;
        index.index.load_from_buffer(bytes).map_err(vector_error)?;
        index.index.change_expansion_add(EXPANSION_ADD);
        index.index.change_expansion_search(EXPANSION_SEARCH);
        Ok(index)
    }

    /// The index as bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.index.serialized_length()];
        self.index.save_to_buffer(&mut bytes).map_err(vector_error)?;
        Ok(bytes)
    }

    /// How many passages it holds.
    pub(super) fn len(&self) -> usize {
        self.index.size()
    }

    /// Whether it holds this passage.
    pub(super) fn contains(&self, key: u64) -> bool {
        self.index.contains(key)
    }

    /// Makes room for this many more.
    pub(super) fn reserve(&self, more: usize) -> Result<()> {
        let wanted = self.index.size() + more;
        if wanted > self.index.capacity() {
            let capacity = wanted.max(self.index.capacity() * 2).max(64);
            self.index.reserve(capacity).map_err(vector_error)?;
        }
        Ok(())
    }

    /// Adds a passage; does nothing if it is there.
    pub(super) fn add(&self, key: u64, vector: &[f32]) -> Result<()> {
        if vector.len() != self.dimensions {
            return Err(vector_error(format!(
                "a vector of {} dimensions among those of {}",
                vector.len(),
                self.dimensions
            )));
        }
        if self.index.contains(key) {
            return Ok(());
        }
        self.reserve(1)?;
        self.index.add(key, vector).map_err(vector_error)
    }

    /// Removes a passage, if it is there.
    pub(super) fn remove(&self, key: u64) -> Result<()> {
        self.index.remove(key).map(drop).map_err(vector_error)
    }

    /// The `count` nearest of these passages with their cosines, best first. `keys` are in ascending order.
    ///
    /// Few are compared one by one. Of many, more than wanted are looked for until enough of them are among these; the
    /// library's own filtered search is not used, since it fails on some indexes.
    pub(super) fn search_among(&self, vector: &[f32], count: usize, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        let wanted = count.min(keys.len());
        if keys.len() <= EXACT_UP_TO {
            let mut found = Vec::with_capacity(keys.len());
            let mut other = vec![0.0; self.dimensions];
            for &key in keys {
                if self.index.get(key, &mut other).map_err(vector_error)? > 0 {
                    found.push((key, dot(vector, &other)));
                }
            }
            found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            found.truncate(wanted);
            return Ok(found);
        }
        let mut looked_for = wanted.saturating_mul(2 * self.index.size() / keys.len());
        loop {
            let mut found = self.search(vector, looked_for)?;
            found.retain(|(key, _)| keys.binary_search(key).is_ok());
            if found.len() >= wanted || looked_for >= self.index.size() {
                found.truncate(wanted);
                return Ok(found);
            }
            looked_for = looked_for.saturating_mul(4).max(64);
        }
    }

    /// The `count` nearest passages with their cosines, best first.
    pub(super) fn search(&self, vector: &[f32], count: usize) -> Result<Vec<(u64, f32)>> {
        if self.index.size() == 0 || count == 0 {
            return Ok(Vec::new());
        }
        let count = count.min(self.index.size());
        let found = if self.index.size() <= EXACT_UP_TO {
            self.index.exact_search(vector, count)
        } else {
            self.index.search(vector, count)
        };
        let found = found.map_err(vector_error)?;
        Ok(found.keys.into_iter().zip(found.distances.into_iter().map(|distance| 1.0 - distance)).collect())
    }
}

fn vector_error(reason: impl std::fmt::Display) -> Error {
    Error::Vector { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
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
        let index = VectorIndex::new(vectors[0].len()).unwrap();
        vectors.iter().enumerate().for_each(|(key, vector)| index.add(key as u64, vector).unwrap());
        index
    }

    #[test]
    fn every_vector_is_its_own_nearest_before_and_after_being_written_down() {
        let vectors = vectors(300, 48);
        let index = filled(&vectors);
        let again = VectorIndex::from_trusted_bytes(&index.to_bytes().unwrap(), 48).unwrap();
        for (key, vector) in vectors.iter().enumerate() {
            for index in [&index, &again] {
                let found = index.search(vector, 3).unwrap();
                assert_eq!(found[0].0, key as u64);
                assert!((found[0].1 - 1.0).abs() < 0.005, "a cosine of {}", found[0].1);
            }
        }
    }

    #[test]
    fn a_removed_passage_is_never_found_again() {
        let vectors = vectors(200, 32);
        let index = filled(&vectors);
        (0..200).step_by(2).for_each(|key| index.remove(key).unwrap());
        assert_eq!(index.len(), 100);
        let again = VectorIndex::from_trusted_bytes(&index.to_bytes().unwrap(), 32).unwrap();
        for index in [index, again] {
            for vector in &vectors {
                let found = index.search(vector, 100).unwrap();
                assert_eq!(found.len(), 100);
                assert!(found.iter().all(|(key, _)| key % 2 == 1));
            }
        }
    }

    #[test]
    fn the_graph_finds_nearly_all_that_comparing_everything_finds() {
        let vectors = vectors(EXACT_UP_TO + 1_000, 24);
        let index = filled(&vectors);
        let (mut hits, mut wanted) = (0, 0);
        for query in vectors.iter().step_by(97) {
            let dot = |vector: &Vec<f32>| query.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>();
            let mut exact: Vec<(f32, u64)> = (0..).zip(&vectors).map(|(key, vector)| (dot(vector), key)).collect();
            exact.sort_by(|a, b| b.0.total_cmp(&a.0));
            let found: Vec<u64> = index.search(query, 10).unwrap().into_iter().map(|(key, _)| key).collect();
            hits += exact[..10].iter().filter(|(_, key)| found.contains(key)).count();
            wanted += 10;
        }
        assert!(hits * 100 >= wanted * 97, "{hits} of {wanted}");
    }

    #[test]
    fn bytes_of_another_length_of_vector_are_refused() {
        let bytes = filled(&vectors(10, 16)).to_bytes().unwrap();
        assert!(VectorIndex::from_trusted_bytes(&bytes, 32).is_err());
    }
}
