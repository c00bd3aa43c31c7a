//! The moment of a search, by what was stored last.

use std::collections::BTreeMap;

/// Each time that a collection is embedded again, its passages get keys from the next multiple of this on.
pub(crate) const KEYS_OF_A_GENERATION: u64 = 1 << 36;

/// The key of the passage that was stored last in each collection at the moment of a search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastPassages(BTreeMap<Option<String>, u64>);

impl LastPassages {
    /// Of these collections; one that was asked by itself has no name.
    pub(crate) fn new(keys: impl IntoIterator<Item = (Option<String>, u64)>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// Whether a passage was there at that moment.
    pub(crate) fn have(&self, collection: Option<&str>, key: u64) -> bool {
        self.last(collection).is_some_and(|last| key <= last)
    }

    /// Whether the collections of an earlier moment still have the passages of that moment. A reindex gives all passages new keys.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn go_on(&self, earlier: &Self) -> bool {
        let generation = |key: u64| key / KEYS_OF_A_GENERATION;
        earlier.0.iter().all(|(collection, last)| {
            self.0.get(collection).is_some_and(|now| generation(*now) == generation(*last) && now >= last)
        })
    }

    /// The key of the passage that was stored last in a collection; `None` if that was not read.
    pub(crate) fn last(&self, collection: Option<&str>) -> Option<u64> {
        self.0.get(&collection.map(str::to_owned)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_collection_has_a_last_passage_of_its_own() {
        let last = LastPassages::new([(Some("news".to_owned()), 7), (Some("laws".to_owned()), 2)]);
        assert!(last.have(Some("news"), 7) && !last.have(Some("news"), 8));
        assert!(last.have(Some("laws"), 2) && !last.have(Some("laws"), 7) && !last.have(None, 1));
        let of = |key| LastPassages::new([(Some("news".to_owned()), key)]);
        assert!(of(9).go_on(&of(7)) && !of(KEYS_OF_A_GENERATION + 9).go_on(&of(7)), "a reindex");
        assert!(!LastPassages::default().go_on(&of(7)) && of(1).go_on(&LastPassages::default()));
    }
}
