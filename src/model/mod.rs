//! Models as plain data: the manifest, a model's identity, and where its files are.
//!
//! [`model_store`](crate::model_store) installs the files; [`embed`](crate::embed) runs them.

pub(crate) mod files;
pub(crate) mod manifest;

pub use files::ModelFiles;

/// Which model, so that an index can tell whether it was made with this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelIdentity {
    /// For people.
    pub name: String,
    /// BLAKE3 of all that a vector depends on: weights, tokenizer, pooling, prefixes, dimensions. Hexadecimal.
    pub fingerprint: String,
}

impl std::fmt::Display for ModelIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, &self.fingerprint[..12.min(self.fingerprint.len())])
    }
}
