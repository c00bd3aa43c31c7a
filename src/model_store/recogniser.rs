//! The networks that recognise characters in pictures: fetched when the first scan comes, if the settings allow it.

use std::collections::BTreeMap;

use super::folder::Folder;
use super::pip::Pip;
use super::pull::{Installation, Installer};
use super::{Fetched, PullEvent};
use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::model::RecogniserFiles;
use crate::model::manifest::Manifest;

/// The networks that recognise characters, and whether they are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecogniserStatus {
    /// Their name.
    pub name: String,
    /// Their licence, as an SPDX identifier.
    pub licence: String,
    /// The size of the download.
    pub download_bytes: u64,
    /// Their size on disk; `None` if they are not installed completely.
    pub size_bytes: Option<u64>,
}

/// The recogniser of the manifest.
pub fn recogniser(config: &ModelConfig) -> Result<RecogniserStatus> {
    let recogniser = Manifest::bundled()?.recogniser;
    let record = Folder::of_recogniser(&recogniser).installed(&config.dir)?;
    Ok(RecogniserStatus {
        download_bytes: recogniser.detector.wheel_bytes,
        name: recogniser.name,
        licence: recogniser.licence,
        size_bytes: record.map(|record| record.files.values().map(|file| file.size_bytes).sum()),
    })
}

/// The files of the recogniser. They are fetched if they are missing and the settings allow it.
///
/// # Errors
///
/// [`Error::Model`] if they are missing while `offline` is set or cannot be fetched; [`Error::Io`] if a file cannot be read
/// or written.
pub fn ensure_recogniser(config: &ModelConfig, events: &mut dyn FnMut(PullEvent)) -> Result<RecogniserFiles> {
    ensure_with(config, &Manifest::bundled()?, Pip::from_environment(), events)
}

pub(super) fn ensure_with(
    config: &ModelConfig,
    manifest: &Manifest,
    pip: Pip,
    events: &mut dyn FnMut(PullEvent),
) -> Result<RecogniserFiles> {
    if let Some(files) = installed_with(config, manifest)? {
        return Ok(files);
    }
    let name = &manifest.recogniser.name;
    let error = |reason: String, hint: String| Error::Model { model: name.clone(), reason, hint };
    if config.offline {
        return Err(error(
            format!(
                "the models that recognise characters are missing from {}, and [model] offline forbids fetching them",
                config.dir.display()
            ),
            format!("set offline to false and try again, or copy the folder {name} from a machine that has fetched it"),
        ));
    }
    let installation = Installer { manifest, dir: &config.dir, pip };
    let installation = installation.begin(events)?;
    if Folder::of_library(&manifest.runtime)?.installed(&config.dir)?.is_none() {
        installation.install(None, &manifest.runtime.name, false, events)?;
    }
    installation.install_recogniser(false, events)?;
    installed_with(config, manifest)?.ok_or_else(|| {
        error(
            format!("they disappeared from {} right after they were installed", config.dir.display()),
            "do not let other programs change the models directory".into(),
        )
    })
}

/// The files with their recorded hashes, if they and ONNX Runtime are installed.
fn installed_with(config: &ModelConfig, manifest: &Manifest) -> Result<Option<RecogniserFiles>> {
    let recogniser = &manifest.recogniser;
    let (folder, runtime_folder) = (Folder::of_recogniser(recogniser), Folder::of_library(&manifest.runtime)?);
    let (Some(record), Some(runtime)) = (folder.installed(&config.dir)?, runtime_folder.installed(&config.dir)?) else {
        return Ok(None);
    };
    let files = record.files.into_iter().chain(runtime.files);
    let checksums: BTreeMap<String, String> = files.map(|(name, file)| (name, file.blake3)).collect();
    let place = config.dir.join(&folder.name);
    Ok(Some(RecogniserFiles {
        name: recogniser.name.clone(),
        detector: place.join(recogniser.detector.file_name()),
        reader: place.join(recogniser.reader.file_name()),
        runtime: config.dir.join(runtime_folder.name).join(manifest.runtime.file()?.file_name()),
        checksums,
    }))
}

impl Installation<'_, '_> {
    /// Installs the recogniser if it is missing or `force` is set.
    pub(super) fn install_recogniser(&self, force: bool, events: &mut dyn FnMut(PullEvent)) -> Result<()> {
        let recogniser = &self.manifest().recogniser;
        let (folder, files) = (Folder::of_recogniser(recogniser), [&recogniser.detector, &recogniser.reader]);
        self.install_files(&folder, &recogniser.name, &files, Fetched::Recogniser, force, events)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::fixture::Registry;
    use super::*;

    fn config(registry: &Registry) -> ModelConfig {
        ModelConfig { dir: registry.models_dir(), ..crate::Config::default().model }
    }

    fn ensured(registry: &Registry, config: &ModelConfig) -> Result<RecogniserFiles> {
        ensure_with(config, &registry.manifest, registry.pip(), &mut |_| {})
    }

    #[test]
    fn both_networks_are_fetched_once_with_the_runtime_and_their_bytes_are_checked() {
        let registry = Registry::new();
        let config = config(&registry);
        let files = ensured(&registry, &config).unwrap();
        assert_eq!(files.read(&files.detector).unwrap(), b"detector");
        assert_eq!(files.read(&files.reader).unwrap(), b"reader");
        files.check(&files.runtime).unwrap();
        assert_eq!((registry.pip_runs(), registry.last_pins()), (2, vec!["rapidocr".to_owned()]));
        assert_eq!(ensured(&registry, &ModelConfig { offline: true, ..config }).unwrap(), files);
        assert_eq!(registry.pip_runs(), 2);
        std::fs::write(&files.reader, "Reader").unwrap();
        let error = files.read(&files.reader).unwrap_err();
        assert!(error.to_string().contains("altered or damaged"), "{error}");
        assert_eq!(error.hint().unwrap(), "run `footnote models pull --force`");
    }

    #[test]
    fn offline_the_error_says_what_is_missing_and_what_to_do() {
        let registry = Registry::new();
        let error = ensured(&registry, &ModelConfig { offline: true, ..config(&registry) }).unwrap_err();
        assert!(error.to_string().contains("recognise characters"), "{error}");
        assert!(error.hint().unwrap().contains("copy the folder pp-ocr"), "{error:?}");
        assert_eq!(registry.pip_runs(), 0);
    }
}
