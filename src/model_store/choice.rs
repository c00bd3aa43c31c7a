//! Finds out which settings choose a model that is known by its fingerprint.

use super::{Manifest, installed};
use crate::config::ModelConfig;
use crate::error::Result;
use crate::model::{ModelChoice, ModelFiles, ModelIdentity};

/// The choice of the model with this fingerprint: that of the settings, if they choose it, else a model of the manifest, else
/// `recorded`, if its folder still has that model. `None` if none of them is the model. Nothing is fetched.
///
/// A model of a hub that is installed is told by its files. Which commit they are from does not matter.
///
/// # Errors
///
/// [`Error::Model`](crate::Error::Model) if the settings name a model that does not exist, or if all that is found is the model of
/// a hub in another revision, with other files.
pub fn choice_of(
    config: &ModelConfig,
    identity: &ModelIdentity,
    recorded: Option<ModelChoice>,
) -> Result<Option<ModelChoice>> {
    let manifest = Manifest::bundled()?;
    let configured = ModelChoice::of(config);
    let is_it = |files: &ModelFiles| files.identity.fingerprint == identity.fingerprint;
    let matching = |choice: &ModelChoice| -> Result<Option<ModelChoice>> {
        let is_matching = if choice.is_of_hub() {
            let any = ModelChoice { revision: String::new(), ..choice.clone() };
            if let Some(files) = installed(&any.applied_to(config))?.filter(is_it) {
                return Ok(Some(ModelChoice { revision: files.revision, ..any }));
            }
            // Before it is fetched, its name is all that is known; then the fingerprint is compared.
            installed(&choice.applied_to(config))?.map_or_else(|| choice.name == identity.name, |files| is_it(&files))
        } else if choice.is_of_directory() {
            let is_named = || choice.path.file_name().is_some_and(|name| *name.to_string_lossy() == *identity.name);
            installed(&choice.applied_to(config))?.map_or_else(is_named, |files| is_it(&files))
        } else {
            manifest.model(&choice.name)?.identity().fingerprint == identity.fingerprint
        };
        Ok(is_matching.then(|| choice.clone()))
    };
    // Of a hub's model in another revision. Another choice may be the model.
    let mut refused = None;
    let mut attempt = |choice: &ModelChoice| match matching(choice) {
        Err(error) if choice.is_of_hub() => {
            if choice.name == identity.name {
                refused = Some(error);
            }
            Ok(None)
        }
        found => found,
    };
    // The collection knows the revision of its model, which the settings may leave open or name another one.
    let pinned = recorded.as_ref().filter(|recorded| recorded.is_of_hub() && recorded.name == configured.name);
    for choice in pinned.into_iter().chain([&configured]) {
        if let Some(found) = attempt(choice)? {
            return Ok(Some(found));
        }
    }
    let listed = manifest.models.iter().find(|model| model.identity().fingerprint == identity.fingerprint);
    if let Some(listed) = listed {
        return Ok(Some(ModelChoice::named(&listed.name)));
    }
    if let Some(recorded) = recorded
        && let Ok(Some(found)) = attempt(&recorded)
    {
        return Ok(Some(found));
    }
    refused.map_or(Ok(None), Err)
}
