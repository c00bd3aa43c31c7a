//! PDFium, which reads PDF: fetched when the first PDF comes.

use std::path::PathBuf;

use super::folder::Folder;
use super::pip::Pip;
use super::pull::Installer;
use super::{Fetched, PullEvent};
use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::model::files::hash;
use crate::model::manifest::Manifest;

/// The path of PDFium's library. It is fetched if it is missing and the settings allow it, and its bytes are checked.
///
/// # Errors
///
/// [`Error::Model`] if it is missing while `offline` is set, cannot be fetched, was altered since it was installed, or
/// does not exist for this platform; [`Error::Io`] if a file cannot be read or written.
pub fn ensure_pdfium(config: &ModelConfig, events: &mut dyn FnMut(PullEvent)) -> Result<PathBuf> {
    ensure_with(config, &Manifest::bundled()?, Pip::from_environment(), events)
}

/// The path of PDFium's library if it is installed. Its bytes are not checked.
///
/// # Errors
///
/// [`Error::Model`] if there is none for this platform; [`Error::Io`] if the folder cannot be read.
pub fn installed_pdfium(config: &ModelConfig) -> Result<Option<PathBuf>> {
    installed_with(config, &Manifest::bundled()?).map(|found| found.map(|(path, _)| path))
}

pub(super) fn ensure_with(
    config: &ModelConfig,
    manifest: &Manifest,
    pip: Pip,
    events: &mut dyn FnMut(PullEvent),
) -> Result<PathBuf> {
    let library = &manifest.pdfium;
    let error = |reason: String, hint: String| Error::Model { model: library.name.clone(), reason, hint };
    let (path, recorded) = match installed_with(config, manifest)? {
        Some(found) => found,
        None if config.offline => {
            return Err(error(
                format!(
                    "the library that reads PDF is missing from {}, and [model] offline forbids fetching it",
                    config.dir.display()
                ),
                format!(
                    "set offline to false and try again, or copy the folder {} from a machine that has fetched it",
                    library.folder()
                ),
            ));
        }
        None => {
            Installer { manifest, dir: &config.dir, pip }.begin(events)?.install_pdfium(false, events)?;
            installed_with(config, manifest)?.ok_or_else(|| {
                error(
                    format!("it disappeared from {} right after it was installed", config.dir.display()),
                    "do not let other programs change the models directory".into(),
                )
            })?
        }
    };
    if hash(&path)?.0 == recorded {
        return Ok(path);
    }
    Err(error(
        format!("{} was altered or damaged since it was installed", path.display()),
        "run `footnote models pull --force`".into(),
    ))
}

/// The library's path and its recorded hash.
fn installed_with(config: &ModelConfig, manifest: &Manifest) -> Result<Option<(PathBuf, String)>> {
    let folder = Folder::of_library(&manifest.pdfium)?;
    let name = manifest.pdfium.file()?.file_name();
    let Some(mut record) = folder.installed(&config.dir)? else { return Ok(None) };
    let recorded = record.files.remove(name);
    Ok(recorded.map(|file| (config.dir.join(folder.name).join(name), file.blake3)))
}

impl super::pull::Installation<'_, '_> {
    /// Installs PDFium if it is missing or `force` is set.
    pub(super) fn install_pdfium(&self, force: bool, events: &mut dyn FnMut(PullEvent)) -> Result<()> {
        self.install_library(&self.manifest().pdfium, Fetched::Pdfium, force, events)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::fixture::Registry;
    use super::*;

    fn config(registry: &Registry) -> ModelConfig {
        ModelConfig { dir: registry.models_dir(), ..crate::Config::default().model }
    }

    fn ensured(registry: &Registry, config: &ModelConfig) -> Result<PathBuf> {
        ensure_with(config, &registry.manifest, registry.pip(), &mut |_| {})
    }

    #[test]
    fn the_library_is_fetched_once_and_alone() {
        let registry = Registry::new();
        let config = config(&registry);
        let path = ensured(&registry, &config).unwrap();
        assert!(path.ends_with("pdfium-9.9/libpdfium.so"), "{}", path.display());
        assert_eq!(registry.last_pins(), ["pypdfium2"]);
        assert_eq!(ensured(&registry, &ModelConfig { offline: true, ..config }).unwrap(), path);
        assert_eq!(registry.pip_runs(), 1);
    }

    #[test]
    fn offline_the_error_says_what_is_missing_and_what_to_do() {
        let registry = Registry::new();
        let error = ensured(&registry, &ModelConfig { offline: true, ..config(&registry) }).unwrap_err();
        assert!(error.to_string().contains("`pdfium`") && error.to_string().contains("reads PDF"), "{error}");
        assert!(error.hint().unwrap().contains("copy the folder pdfium-9.9"), "{error:?}");
        assert_eq!(registry.pip_runs(), 0);
    }

    #[test]
    fn an_altered_library_is_refused_and_a_forced_pull_repairs_it() {
        let registry = Registry::new();
        let config = config(&registry);
        let path = ensured(&registry, &config).unwrap();
        std::fs::write(&path, "Library").unwrap();
        let error = ensured(&registry, &config).unwrap_err();
        assert!(error.to_string().contains("altered or damaged"), "{error}");
        assert_eq!(error.hint().unwrap(), "run `footnote models pull --force`");
        let installer = Installer { manifest: &registry.manifest, dir: &config.dir, pip: registry.pip() };
        installer.begin(&mut |_| {}).unwrap().install_pdfium(true, &mut |_| {}).unwrap();
        assert_eq!(ensured(&registry, &config).unwrap(), path);
    }
}
