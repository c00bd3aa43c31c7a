//! Which model a collection has, and how it gets its first one.

use std::path::Path;

use super::collection::Collection;
use super::loaded::ENGINE;
use super::model::{Model, choice, choice_setting};
use crate::error::{Error, Result};
use crate::model::{ModelChoice, ModelIdentity};

impl Collection {
    /// The model that made its vectors; `None` before the first document.
    pub fn model(&self) -> Result<Option<ModelIdentity>> {
        let Some(store) = self.store() else { return Ok(None) };
        Ok(Model::read(&store.snapshot()?)?.map(|model| model.identity))
    }

    /// Refuses a model other than the one that made its vectors.
    pub fn check_model(&self, configured: &ModelIdentity) -> Result<()> {
        match self.model()? {
            Some(index) => check_model(self.dir(), &index, configured),
            None => Ok(()),
        }
    }

    /// The values in each of its vectors; `None` before the first document.
    pub fn dimensions(&self) -> Result<Option<usize>> {
        let Some(store) = self.store() else { return Ok(None) };
        Ok(Model::read(&store.snapshot()?)?.map(|model| model.dimensions))
    }

    /// The settings that chose its model; `None` if they are not known.
    pub fn model_choice(&self) -> Result<Option<ModelChoice>> {
        self.store().map_or(Ok(None), |store| choice(&store.snapshot()?))
    }

    /// Makes this the model of a collection that has none yet.
    pub fn adopt_model(&self, model: &ModelIdentity, dimensions: usize) -> Result<()> {
        self.adopt_chosen_model(model, dimensions, None)
    }

    /// Likewise, and records the settings that chose it.
    pub fn adopt_chosen_model(
        &self,
        model: &ModelIdentity,
        dimensions: usize,
        chosen_by: Option<&ModelChoice>,
    ) -> Result<()> {
        let _in_order = self.write_guard();
        let writer = self.writer()?;
        if let Some(index) = Model::read(&writer.store.snapshot()?)? {
            return check_model(self.dir(), &index.identity, model);
        }
        let model = Model { identity: model.clone(), dimensions };
        let (name, value) = choice_setting(chosen_by);
        writer.store.set(name, &value)?;
        if let Some(cluster) = self.derived.cluster()
            && writer.store.snapshot()?.get(ENGINE)?.is_none()
        {
            writer.store.set(ENGINE, cluster.engine().name())?;
        }
        // The fingerprint is last, since it makes the others count.
        model.settings().iter().try_for_each(|(name, value)| writer.store.set(name, value))
    }
}

/// Refuses a model other than the one that made the vectors of the collection in `dir`.
pub(crate) fn check_model(dir: &Path, index: &ModelIdentity, configured: &ModelIdentity) -> Result<()> {
    if index.fingerprint == configured.fingerprint {
        return Ok(());
    }
    Err(Error::ModelMismatch { dir: dir.to_owned(), index: index.to_string(), configured: configured.to_string() })
}
