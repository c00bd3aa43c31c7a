//! Finds out which settings choose a model that is known by its fingerprint.

use super::{Manifest, installed};
use crate::config::ModelConfig;
use crate::error::Result;
use crate::model::{ModelChoice, ModelIdentity};

/// The choice of the model with this fingerprint: that of the settings, if they choose it, else a model of the manifest, else
/// `recorded`, if its folder still has that model. `None` if none of them is the model. Nothing is fetched.
///
/// # Errors
///
/// [`Error::Model`](crate::Error::Model) if the settings name a model that does not exist.
pub fn choice_of(
    config: &ModelConfig,
    identity: &ModelIdentity,
    recorded: Option<ModelChoice>,
) -> Result<Option<ModelChoice>> {
    let manifest = Manifest::bundled()?;
    let configured = ModelChoice::of(config);
    let is_it = |choice: &ModelChoice| -> Result<bool> {
        if !choice.is_of_directory() && !choice.is_of_hub() {
            return Ok(manifest.model(&choice.name)?.identity().fingerprint == identity.fingerprint);
        }
        match installed(&choice.applied_to(config)) {
            Ok(Some(files)) => Ok(files.identity.fingerprint == identity.fingerprint),
            // Before it is fetched, its name is all that is known; then the fingerprint is compared.
            Ok(None) if choice.is_of_hub() => Ok(choice.name == identity.name),
            Ok(None) => Ok(choice.path.file_name().is_some_and(|name| *name.to_string_lossy() == *identity.name)),
            Err(error) => Err(error),
        }
    };
    // The collection knows the revision of its model, which the settings may leave open.
    let pinned = recorded.as_ref().filter(|recorded| recorded.is_of_hub() && recorded.is_chosen_by(config));
    if let Some(pinned) = pinned
        && is_it(pinned)?
    {
        return Ok(Some(pinned.clone()));
    }
    if is_it(&configured)? {
        return Ok(Some(configured));
    }
    let listed = manifest.models.iter().find(|model| model.identity().fingerprint == identity.fingerprint);
    if let Some(listed) = listed {
        return Ok(Some(ModelChoice::named(&listed.name)));
    }
    Ok(recorded.filter(|recorded| is_it(recorded).unwrap_or(false)))
}
