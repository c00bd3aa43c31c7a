//! Where passages stand, in memory, so that equal scores are ordered without reading the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::follow::Follower;
use super::store::Snapshot;
use crate::error::Result;

/// Keys of a chunk. Changing one copies its chunk if a clone shares it.
const CHUNK: u64 = 1_024;

/// A passage's document and its number in it. Unlike a key, it does not depend on what was stored before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'p> {
    document: &'p str,
    ordinal: i64,
}

/// The places of all passages, 32 bytes each. As the derived indexes it is a value: a clone is cheap, shares its memory and
/// never changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// By number: a key is in chunk `key / CHUNK`. None is empty.
    chunks: BTreeMap<u64, Arc<Vec<Entry>>>,
}

/// One passage. The entries of a chunk are in ascending order of keys.
#[derive(Debug, Clone)]
struct Entry {
    key: u64,
    ordinal: i64,
    /// The document's id, shared by its passages.
    document: Arc<str>,
}

impl Places {
    /// The places of all passages of the store.
    pub(super) fn load(store: &Snapshot<'_>) -> Result<Self> {
        let mut places = Self::default();
        let mut document: Arc<str> = "".into();
        store.each_place(|key, id, ordinal| {
            if *id != *document {
                document = id.into();
            }
            let chunk = places.chunks.entry(key / CHUNK).or_default();
            // Nobody shares it yet.
            Arc::make_mut(chunk).push(Entry { key, ordinal, document: Arc::clone(&document) });
        })?;
        places.chunks.values_mut().for_each(|chunk| Arc::make_mut(chunk).sort_unstable_by_key(|entry| entry.key));
        Ok(places)
    }

    /// The place of a passage; `None` if it is not there.
    pub(super) fn get(&self, key: u64) -> Option<Place<'_>> {
        let chunk = self.chunks.get(&(key / CHUNK))?;
        let entry = &chunk[chunk.binary_search_by_key(&key, |entry| entry.key).ok()?];
        Some(Place { document: &entry.document, ordinal: entry.ordinal })
    }

    fn insert(&mut self, key: u64, document: Arc<str>, ordinal: i64) {
        let chunk = Arc::make_mut(self.chunks.entry(key / CHUNK).or_default());
        let entry = Entry { key, ordinal, document };
        match chunk.binary_search_by_key(&key, |entry| entry.key) {
            Ok(position) => chunk[position] = entry,
            Err(position) => chunk.insert(position, entry),
        }
    }

    fn take(&mut self, key: u64) {
        let Some(chunk) = self.chunks.get_mut(&(key / CHUNK)) else { return };
        if let Ok(position) = chunk.binary_search_by_key(&key, |entry| entry.key) {
            Arc::make_mut(chunk).remove(position);
        }
        if chunk.is_empty() {
            self.chunks.remove(&(key / CHUNK));
        }
    }
}

impl Follower for Places {
    fn add(&mut self, store: &Snapshot<'_>, keys: &[u64]) -> Result<()> {
        let mut last: Arc<str> = "".into();
        for (key, (document, ordinal)) in store.places_of(keys)? {
            if *document != *last {
                last = document.into();
            }
            self.insert(key, Arc::clone(&last), ordinal);
        }
        Ok(())
    }

    fn remove(&mut self, key: u64) -> Result<()> {
        self.take(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn after_any_history_each_passage_has_its_own_place_and_a_clone_keeps_what_it_had(
            changes in proptest::collection::vec((0_u64..3 * CHUNK, 0_u8..3, any::<bool>()), 0..200)
        ) {
            let (mut places, mut expected) = (Places::default(), BTreeMap::new());
            let mut clones = Vec::new();
            for (step, (key, document, add)) in changes.into_iter().enumerate() {
                if add {
                    places.insert(key, document.to_string().into(), step as i64);
                    expected.insert(key, (document.to_string(), step as i64));
                } else {
                    places.take(key);
                    expected.remove(&key);
                }
                if step % 50 == 0 {
                    clones.push((places.clone(), expected.clone()));
                }
            }
            clones.push((places, expected));
            for (places, expected) in &clones {
                prop_assert_eq!(places.chunks.values().map(|chunk| chunk.len()).sum::<usize>(), expected.len());
                prop_assert!(places.chunks.values().all(|chunk| !chunk.is_empty()));
                for (key, (document, ordinal)) in expected {
                    prop_assert_eq!(places.get(*key), Some(Place { document, ordinal: *ordinal }));
                }
            }
        }
    }
}
