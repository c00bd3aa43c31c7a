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
    }
}
