//! The model of a collection, as the store's settings name it.

use super::store::Snapshot;
use crate::error::Result;
use crate::model::ModelIdentity;

pub(super) const NAME: &str = "model_name";
pub(super) const FINGERPRINT: &str = "model_fingerprint";
pub(super) const DIMENSIONS: &str = "model_dimensions";

/// The model that made a collection's vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) identity: ModelIdentity,
    /// Values in each of its vectors.
    pub(super) dimensions: usize,
}

impl Model {
    /// The model of this collection; `None` before its first document.
    pub(super) fn read(store: &Snapshot<'_>) -> Result<Option<Self>> {
        let (name, fingerprint) = (store.get(NAME)?, store.get(FINGERPRINT)?);
        let Some((name, fingerprint)) = name.zip(fingerprint) else { return Ok(None) };
        let dimensions = store.get(DIMENSIONS)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        Ok(Some(Self { identity: ModelIdentity { name, fingerprint }, dimensions }))
    }

    /// The settings that name it. The fingerprint is last, since it makes the others count.
    pub(super) fn settings(&self) -> [(&'static str, String); 3] {
        [
            (NAME, self.identity.name.clone()),
            (DIMENSIONS, self.dimensions.to_string()),
            (FINGERPRINT, self.identity.fingerprint.clone()),
        ]
    }
}
