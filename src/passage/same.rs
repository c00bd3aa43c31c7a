//! Which passages and documents are the same: in several collections, keys and ids alone do not tell.

use super::FoundPassage;

impl FoundPassage {
    /// Whether two are the same passage, with whatever quote.
    pub fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && self.collection == other.collection
    }

    /// The collection that it is from; `asked` if the question was asked of that alone.
    pub fn collection_or<'a>(&'a self, asked: &'a str) -> &'a str {
        self.collection.as_deref().unwrap_or(asked)
    }

    /// Whether two are from one document.
    pub fn is_of_same_document(&self, other: &Self) -> bool {
        self.document.id == other.document.id && self.collection == other.collection
    }
}
