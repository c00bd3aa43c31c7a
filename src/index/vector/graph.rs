//! A graph of vectors that never changes once it is made, so any number of threads may search it at once. The only file
//! that names usearch.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use super::blocks::words;
use crate::error::{Error, Result};

/// Neighbours of a node. 16 is the usual choice of HNSW's M; 384 dimensions gain a little from more.
const CONNECTIVITY: usize = 24;
const EXPANSION_ADD: usize = 128;
/// Wide, since the search takes a small part of a question's time, and a passage that it misses is lost.
const EXPANSION_SEARCH: usize = 128;
/// Searches at the same time. usearch has a fixed number of places for them and fails beyond; here one more waits for a
/// place, for a fraction of a millisecond. More than a server admits by default.
const MAX_SEARCHES: usize = 128;

/// A hierarchical navigable small world graph (HNSW, Malkov and Yashunin 2018).
///
/// It is built by one thread: with several, usearch loses nodes.
pub(super) struct Graph {
    index: Index,
    /// Ascending.
    keys: Vec<u64>,
    free_places: Mutex<usize>,
    place_freed: Condvar,
}

impl Graph {
    /// An empty graph for vectors of this length.
    pub(super) fn new(dimensions: usize) -> Result<Self> {
        Ok(Self::over(empty(dimensions)?, Vec::new()))
    }

    fn over(index: Index, keys: Vec<u64>) -> Self {
        Self { index, keys, free_places: Mutex::new(MAX_SEARCHES), place_freed: Condvar::new() }
    }

    /// Number of vectors.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys of its vectors, ascending.
    pub(super) fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// Whether it has a vector with this key.
    pub(super) fn contains(&self, key: u64) -> bool {
        self.keys.binary_search(&key).is_ok()
    }

    /// Copies the vector with this key, which is there, into `vector`.
    pub(super) fn read(&self, key: u64, vector: &mut [f32]) -> Result<()> {
        match self.index.get(key, vector).map_err(vector_error)? {
            0 => Err(vector_error(format!("it has lost passage {key}"))),
            _ => Ok(()),
        }
    }

    /// The keys of about the `count` nearest vectors.
    pub(super) fn search(&self, vector: &[f32], count: usize) -> Result<Vec<u64>> {
        let _place = self.take_place();
        self.index.search(vector, count.min(self.len())).map(|found| found.keys).map_err(vector_error)
    }

    fn take_place(&self) -> Place<'_> {
        let free = self.free_places.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.place_freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Place(self)
    }

    /// A copy without the vectors with the keys in `removed`, and with those in `added`, whose keys are ascending.
    pub(super) fn copy_with(&self, removed: &BTreeSet<u64>, added: &[(u64, Vec<f32>)]) -> Result<Self> {
        let index = empty(self.index.dimensions())?;
        if !self.keys.is_empty() {
            index.load_from_buffer(&self.to_index_bytes()?).map_err(vector_error)?;
        }
        for key in removed {
            index.remove(*key).map_err(vector_error)?;
        }
        prepare(&index, self.len() + added.len())?;
        for (key, vector) in added {
            index.add(*key, vector).map_err(vector_error)?;
        }
        let mut keys: Vec<u64> = self.keys.iter().copied().filter(|key| !removed.contains(key)).collect();
        keys.extend(added.iter().map(|(key, _)| *key));
        keys.sort_unstable();
        Ok(Self::over(index, keys))
    }

    /// The graph as bytes: the number of its keys, the keys, the index as usearch writes it.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = (self.keys.len() as u64).to_le_bytes().to_vec();
        bytes.extend(self.keys.iter().flat_map(|key| key.to_le_bytes()));
        bytes.extend(self.to_index_bytes()?);
        Ok(bytes)
    }

    fn to_index_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.index.serialized_length()];
        self.index.save_to_buffer(&mut bytes).map_err(vector_error)?;
        Ok(bytes)
    }

    /// Reads what [`Graph::to_bytes`] returned. usearch crashes on altered bytes: check their hash first.
    pub(super) fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self> {
        let cut_off = || vector_error("its graph is cut off");
        let (count, rest) = bytes.split_first_chunk().ok_or_else(cut_off)?;
        let count = u64::from_le_bytes(*count) as usize;
        let (keys, rest) = rest.split_at_checked(count * size_of::<u64>()).ok_or_else(cut_off)?;
        let found = Index::metadata_from_buffer(rest).map_err(vector_error)?.dimensions as usize;
        if found != dimensions {
            return Err(vector_error(format!("its vectors have {found} dimensions, the model's have {dimensions}")));
        }
        let index = empty(dimensions)?;
        index.load_from_buffer(rest).map_err(vector_error)?;
        prepare(&index, count)?;
        Ok(Self::over(index, words(keys).collect()))
    }
}

/// A place for one search, free again when it is dropped.
struct Place<'g>(&'g Graph);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free_places.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.place_freed.notify_one();
    }
}

fn empty(dimensions: usize) -> Result<Index> {
    let options = IndexOptions {
        dimensions,
        metric: MetricKind::IP,
        quantization: ScalarKind::F16,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION_ADD,
        expansion_search: EXPANSION_SEARCH,
        multi: false,
    };
    Index::new(&options).map_err(vector_error)
}

/// Sets what a file does not keep, and makes room for this many vectors in all.
fn prepare(index: &Index, capacity: usize) -> Result<()> {
    index.change_expansion_add(EXPANSION_ADD);
    index.change_expansion_search(EXPANSION_SEARCH);
    index.reserve_capacity_and_threads(capacity.max(1), MAX_SEARCHES).map_err(vector_error)
}

pub(super) fn vector_error(reason: impl std::fmt::Display) -> Error {
    Error::Vector { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_threads_than_there_are_places_search_at_once() {
        let vectors: Vec<(u64, Vec<f32>)> =
            (0..200_u64).map(|key| (key, vec![(key as f32).sin(), (key as f32).cos()])).collect();
        let built = Graph::new(2).unwrap().copy_with(&BTreeSet::new(), &vectors).unwrap();
        let loaded = Graph::from_trusted_bytes(&built.to_bytes().unwrap(), 2).unwrap();
        for graph in [built, loaded] {
            let barrier = std::sync::Barrier::new(MAX_SEARCHES + 40);
            std::thread::scope(|scope| {
                let searches: Vec<_> = (0..MAX_SEARCHES + 40)
                    .map(|_| {
                        scope.spawn(|| {
                            barrier.wait();
                            (0..20).all(|_| graph.search(&[0.0, 1.0], 10).is_ok_and(|found| found.len() == 10))
                        })
                    })
                    .collect();
                assert!(searches.into_iter().all(|search| search.join().unwrap()));
            });
        }
    }
}
