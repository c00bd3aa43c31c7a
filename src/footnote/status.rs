//! What a collection contains, and how much space it takes.

use std::path::PathBuf;

use super::Unfinished;
use crate::index::IndexPlace;
use crate::model::ModelIdentity;

/// The lexicon in use. It translates the words of a question, so that they match passages in other languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LexiconUse {
    /// Names of the installed dictionaries.
    pub dictionaries: Vec<String>,
    /// Names of the known dictionaries that are not installed.
    pub missing: Vec<String>,
    /// Number of the user's own dictionaries.
    pub files: usize,
    /// Number of terms in the glossary.
    pub glossary: usize,
}

/// The content and size of a collection.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// The collection's name.
    pub collection: String,
    /// Its directory.
    pub dir: PathBuf,
    /// Documents in it.
    pub documents: usize,
    /// Passages in it.
    pub passages: usize,
    /// Documents by language tag, most first.
    pub languages: Vec<(String, usize)>,
    /// The model that made its vectors; `None` before the first document.
    pub model: Option<ModelIdentity>,
    /// Bytes of the store on disk.
    pub store_bytes: u64,
    /// Bytes of the vectors of the index on disk.
    pub vector_bytes: u64,
    /// Bytes of the terms of the index on disk.
    pub lexical_bytes: u64,
    /// Changes that the index on disk lacks. They are applied when the collection is opened.
    pub behind: u64,
    /// Where its passage index is.
    pub index: IndexPlace,
    /// The lexicon in use.
    pub lexicon: LexiconUse,
    /// A reindex that was begun and has not ended.
    pub reindex: Option<Unfinished>,
}
