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
        if !choice.is_of_directory() {
            return Ok(manifest.model(&choice.name)?.identity().fingerprint == identity.fingerprint);
        }
        let files = installed(&choice.applied_to(config))?;
        // Without the runtime it cannot be told before it is fetched and the model is loaded.
        Ok(files
            .map_or(choice.path.file_name().is_some_and(|name| *name.to_string_lossy() == *identity.name), |files| {
                files.identity.fingerprint == identity.fingerprint
            }))
    };
    if is_it(&configured)? {
        return Ok(Some(configured));
    }
    let listed = manifest.models.iter().find(|model| model.identity().fingerprint == identity.fingerprint);
    if let Some(listed) = listed {
        return Ok(Some(ModelChoice::named(&listed.name)));
    }
    Ok(recorded.filter(|recorded| is_it(recorded).unwrap_or(false)))
}
