//! The model of a collection, as the store's settings name it.

use super::store::Snapshot;
use crate::error::Result;
use crate::model::{ModelChoice, ModelIdentity};

pub(super) const NAME: &str = "model_name";
pub(super) const FINGERPRINT: &str = "model_fingerprint";
pub(super) const DIMENSIONS: &str = "model_dimensions";
/// The settings that chose the model, as JSON. Stores of earlier versions lack it.
const CHOICE: &str = "model_choice";

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

/// The settings that chose the model of this collection; `None` if they are not known.
pub(super) fn choice(store: &Snapshot<'_>) -> Result<Option<ModelChoice>> {
    Ok(store.get(CHOICE)?.and_then(|json| serde_json::from_str(&json).ok()))
}

/// The setting that records the settings that chose the model. An empty one records none.
pub(super) fn choice_setting(choice: Option<&ModelChoice>) -> (&'static str, String) {
    (CHOICE, choice.and_then(|choice| serde_json::to_string(choice).ok()).unwrap_or_default())
}
