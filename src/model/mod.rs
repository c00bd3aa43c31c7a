//! Models as plain data: the manifest, a model's identity, and where its files are.
//!
//! [`model_store`](crate::model_store) installs the files; [`embed`](crate::embed) runs them.

mod choice;
pub(crate) mod files;
pub(crate) mod hub;
pub(crate) mod manifest;
mod recogniser;
mod reranker;

pub use choice::ModelChoice;
pub use files::ModelFiles;
pub use recogniser::RecogniserFiles;
pub use reranker::RerankerFiles;

/// Identifies a model. An index records the one that it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelIdentity {
    /// The name that people see.
    pub name: String,
    /// BLAKE3 of everything that a vector depends on: weights, tokenizer, pooling, prefixes, dimensions. Hexadecimal.
    pub fingerprint: String,
}

impl std::fmt::Display for ModelIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, &self.fingerprint[..12.min(self.fingerprint.len())])
    }
}
