//! Cross-encoders of a hub: which there are, and their files.

use super::folder::Folder;
use super::hub::{Package, reranker_files};
use super::pip::Pip;
use super::pull::Installer;
use super::{ModelKind, ModelStatus, PullEvent, install_runtime, offline, repair_shared};
use crate::config::{Config, ModelConfig};
use crate::error::{Error, Result};
use crate::model::RerankerFiles;
use crate::model::hub::{self, HubReranker};
use crate::model::manifest::Manifest;

/// The files of the cross-encoder with this name, fetched first if they are missing and the settings allow it. The runtime is
/// that of the embedding model.
///
/// # Errors
///
/// As for [`ensure`](super::ensure).
pub fn ensure_reranker(config: &ModelConfig, name: &str, events: &mut dyn FnMut(PullEvent)) -> Result<RerankerFiles> {
    let model = hub::reranker(name)?;
    if let Some(files) = reranker_files(model, &config.dir)? {
        return Ok(files);
    }
    if config.offline {
        return Err(offline(config, model.name));
    }
    let manifest = Manifest::bundled()?;
    let installer = Installer { manifest: &manifest, dir: &config.dir, pip: Pip::from_environment() };
    installer.begin(events)?.install_from_hub(&Package::of_reranker(model)?, "", false, events)?;
    reranker_files(model, &config.dir)?.ok_or_else(|| Error::Model {
        model: model.name.to_owned(),
        reason: format!("its files disappeared from {} right after they were installed", config.dir.display()),
        hint: "do not let other programs change the models directory".into(),
    })
}

/// The files of the cross-encoder with this name; `None` if they are not installed.
///
/// # Errors
///
/// [`Error::Model`] if there is none of this name.
pub fn installed_reranker(config: &ModelConfig, name: &str) -> Result<Option<RerankerFiles>> {
    reranker_files(hub::reranker(name)?, &config.dir)
}

/// The cross-encoders that are known by name.
pub fn rerankers(config: &Config) -> Result<Vec<ModelStatus>> {
    let status = |model: &'static HubReranker| {
        let folder: Folder = Package::of_reranker(model)?.folder;
        let record = folder.installed(&config.model.dir)?;
        let is_configured = hub::reranker(&config.reranker.name).is_ok_and(|chosen| chosen.name == model.name);
        Ok(ModelStatus {
            name: model.name.to_owned(),
            kind: ModelKind::Reranker,
            licence: model.licence.to_owned(),
            source: model.publication.to_owned(),
            max_tokens: None,
            download_bytes: None,
            size_bytes: record.map(|record| record.files.values().map(|file| file.size_bytes).sum()),
            configured: is_configured,
        })
    };
    hub::rerankers().map(status).collect()
}

/// Fetches a cross-encoder and the runtime, if they are missing. With `force` the former comes again, and whatever else was
/// altered since it was installed.
pub(super) fn pull(
    config: &ModelConfig,
    manifest: &Manifest,
    model: &HubReranker,
    force: bool,
    events: &mut dyn FnMut(PullEvent),
) -> Result<()> {
    if config.offline {
        return Err(offline(config, model.name));
    }
    let installer = Installer { manifest, dir: &config.dir, pip: Pip::from_environment() };
    let installation = installer.begin(events)?;
    installation.install_from_hub(&Package::of_reranker(model)?, "", force, events)?;
    install_runtime(&installation, model.name, force, events)?;
    if force {
        repair_shared(&installation, events);
    }
    Ok(())
}
