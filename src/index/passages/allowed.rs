//! The passages that a question's filter lets through.

/// A set of passages: few by their keys, many by their documents, so that a filter never lists the passages of a large
/// collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// The keys of the passages, ascending.
    Passages(Vec<u64>),
    /// The documents whose passages are allowed.
    Documents(DocumentSet),
}

/// A set of documents by their keys, a bit for each key up to the highest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentSet {
    words: Vec<u64>,
}

impl DocumentSet {
    /// Adds a document.
    pub fn add(&mut self, document: u64) {
        let word = (document / 64) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (document % 64);
    }

    /// Removes a document.
    pub fn remove(&mut self, document: u64) {
        if let Some(word) = self.words.get_mut((document / 64) as usize) {
            *word &= !(1 << (document % 64));
        }
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it has no document.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The documents, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        let words = (0..).zip(&self.words).filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
    }

    /// Whether a document is in it.
    pub fn has(&self, document: u64) -> bool {
        self.words.get((document / 64) as usize).is_some_and(|word| word >> (document % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_documents_that_were_added_and_no_others() {
        let mut set = DocumentSet::default();
        let keys = [1, 63, 64, 1_000];
        keys.iter().for_each(|key| set.add(*key));
        let found: Vec<u64> = (0..2_000).filter(|key| set.has(*key)).collect();
        assert_eq!(found, keys);
        assert_eq!((set.iter().collect(), set.len()), (found, 4));
        [63, 5_000].iter().for_each(|key| set.remove(*key));
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 64, 1_000]);
    }
}
