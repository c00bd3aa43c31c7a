//! Fetches the models of `models/manifest.toml` by hash, converts them, and finds their installed files. Models of a hub are
//! fetched as they are.
//!
//! [`ensure`] is all that the embedder needs; the rest is for `footnote models`. Everything here blocks.
//!
//! ```text
//! models/
//!   manifest.toml                compiled in
//!   trained/                     layers that Footnote trained, compiled in
//!   footnote-e5-small/           model.onnx, model.onnx.data, tokenizer.json, ... and checksums.json, written last
//!   bge-m3/                      a model of a hub, likewise, with the commit in checksums.json
//!   onnxruntime-1.32.0/          the runtime's library, likewise
//!   pdfium-8149/                 the library that reads PDF, likewise
//!   pp-ocrv6-small/              the networks that recognise the characters of scans, likewise
//!   .lock                        held while something is installed
//!   .staging-<pid>/              work in progress; complete folders are renamed into place
//! ```

mod choice;
mod chosen;
mod convert;
mod directory;
#[cfg(test)]
mod fixture;
mod folder;
mod graph;
mod hub;
mod lexicons;
mod onnx;
mod pdfium;
mod pip;
mod pull;
mod recogniser;
mod record;
mod reranker;
mod status;
mod trained;
mod weights;
mod wheel;
mod word_lists;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::model::ModelFiles;
use crate::model::files::hash;
use crate::model::hub as known;
use crate::model::manifest::Manifest;
use chosen::{Chosen, folder_of};
use folder::Folder;
use hub::Package;
use pip::Pip;
use pull::{Installation, Installer};
use record::Record;

pub use choice::choice_of;
pub use lexicons::{LexiconStatus, lexicon, lexicons};
pub use pdfium::{ensure_pdfium, installed_pdfium};
pub use recogniser::{RecogniserStatus, ensure_recogniser, recogniser};
pub use reranker::{ensure_reranker, installed_reranker, rerankers};
pub use status::{Fetched, FileCheck, FileState, ModelKind, ModelStatus, PullEvent};

const RETRY_HINT: &str = "try again, or update Footnote if that does not help";

/// Names of installed files.
mod names {
    pub(super) const LEXICON: &str = "lexicon.bin";

    /// The words of a language.
    pub(super) fn word_list(language: &str) -> String {
        format!("{language}.fst")
    }

    pub(super) const ONNX: &str = "model.onnx";
    /// The weights of the graph.
    pub(super) const EXTERNAL_DATA: &str = "model.onnx.data";
    pub(super) const TOKENIZER: &str = "tokenizer.json";
    pub(super) const COMPILED_TOKENIZER: &str = "tokenizer.bin";
    pub(super) const CONFIG: &str = "config.json";
    pub(super) const SPECIAL_TOKENS_MAP: &str = "special_tokens_map.json";
    pub(super) const TOKENIZER_CONFIG: &str = "tokenizer_config.json";

    /// The files that every model has.
    pub(super) const REQUIRED: [&str; 5] = [ONNX, TOKENIZER, CONFIG, SPECIAL_TOKENS_MAP, TOKENIZER_CONFIG];
}

/// The files of the configured model. Missing ones are fetched if the settings allow it.
///
/// If everything is installed, this reads no large file and takes no lock, so the directory may be read-only. The files'
/// bytes are checked when they are read, by [`ModelFiles::read`]. A user's directory is hashed once per process.
///
/// # Errors
///
/// [`Error::Model`] if the model is unknown, missing while `offline` is set, or cannot be fetched; [`Error::Io`] if a file
/// cannot be read or written.
pub fn ensure(config: &ModelConfig, events: &mut dyn FnMut(PullEvent)) -> Result<ModelFiles> {
    ensure_with(config, &Manifest::bundled()?, Pip::from_environment(), events)
}

/// The files of the configured model; `None` if some are missing.
///
/// # Errors
///
/// [`Error::Model`] if the model is unknown or its directory lacks a file.
pub fn installed(config: &ModelConfig) -> Result<Option<ModelFiles>> {
    let manifest = Manifest::bundled()?;
    let chosen = Chosen::by(config, &manifest)?;
    installed_with(config, &manifest, &chosen)
}

/// The models of the manifest, in its order, then those of a hub.
pub fn list(config: &ModelConfig) -> Result<Vec<ModelStatus>> {
    let manifest = Manifest::bundled()?;
    let configured = known::canonical(&config.name);
    let is_configured = |name: &str| config.path.as_os_str().is_empty() && name == configured;
    let size = |record: Option<Record>| record.map(|r| r.files.values().map(|file| file.size_bytes).sum());
    let packaged = manifest.models.iter().map(|model| {
        Ok(ModelStatus {
            name: model.name.clone(),
            kind: ModelKind::Embedding { dimensions: model.dimensions },
            licence: model.licence.clone(),
            source: model.source.clone(),
            max_tokens: Some(model.max_tokens),
            download_bytes: Some(model.weights.wheel_bytes + model.tokenizer.wheel_bytes),
            size_bytes: size(Folder::of_model(model).installed(&config.dir)?),
            configured: is_configured(&model.name),
        })
    });
    let of_hub = known::embedders().map(|model| {
        Ok(ModelStatus {
            name: model.name.to_owned(),
            kind: ModelKind::Embedding { dimensions: model.shape()?.dimensions },
            licence: model.licence.to_owned(),
            source: model.publication.to_owned(),
            max_tokens: Some(model.max_tokens),
            download_bytes: None,
            size_bytes: size(Package::of_embedder(model)?.folder.installed(&config.dir)?),
            configured: is_configured(model.name),
        })
    });
    packaged.chain(of_hub).collect()
}

/// Fetches a model of the manifest or of a hub, the runtime, the dictionaries and PDFium, if they are missing or `force` is set; with
/// `scans` the recogniser of characters as well. With a model of a hub, `force` fetches the model again, and of the rest only what
/// was altered since it was installed; dictionaries and PDFium are left out with a warning if pip cannot fetch them. With a
/// reranker comes only the runtime.
///
/// # Errors
///
/// As for [`ensure`].
pub fn pull(
    config: &ModelConfig,
    name: &str,
    scans: bool,
    force: bool,
    events: &mut dyn FnMut(PullEvent),
) -> Result<()> {
    let manifest = Manifest::bundled()?;
    if let Ok(reranker) = known::reranker(name) {
        return reranker::pull(config, &manifest, reranker, force, events);
    }
    let chosen = Chosen::named(name, &manifest)?;
    if config.offline {
        return Err(offline(config, name));
    }
    let installer = Installer { manifest: &manifest, dir: &config.dir, pip: Pip::from_environment() };
    let installation = installer.begin(events)?;
    chosen.install(&installation, config, name, force, events)?;
    if matches!(chosen, Chosen::OfHub(_)) {
        if force {
            repair_shared(&installation, events);
        }
        dictionaries_if_possible(&installation, events);
        if let Err(error) = installation.install_pdfium(false, events) {
            tracing::warn!("{error}; PDFium, which reads PDF, is fetched when the first PDF comes");
        }
        return if scans { installation.install_recogniser(false, events) } else { Ok(()) };
    }
    installation.install_lexicons(force, events)?;
    installation.install_word_lists(force, events)?;
    installation.install_pdfium(force, events)?;
    if scans { installation.install_recogniser(force, events) } else { Ok(()) }
}

/// The version of ONNX Runtime that runs the models.
pub fn runtime_version() -> Result<String> {
    Manifest::bundled().map(|manifest| manifest.runtime.version)
}

/// The version of pip that models are fetched with. Nothing is fetched.
///
/// # Errors
///
/// [`Error::Model`] if there is no Python with pip.
pub fn fetcher() -> Result<String> {
    Pip::from_environment().version()
}

/// Checks the hash of every installed file of a model, the runtime, the dictionaries, PDFium and the recogniser.
///
/// # Errors
///
/// [`Error::Model`] if the model is unknown or was never installed.
pub fn verify(config: &ModelConfig, name: &str) -> Result<Vec<FileCheck>> {
    verify_with(config, &Manifest::bundled()?, name)
}

/// The folder of an installed model.
///
/// # Errors
///
/// [`Error::Model`] if it is unknown or not installed completely.
pub fn path(config: &ModelConfig, name: &str) -> Result<PathBuf> {
    let folder = folder_of(&Manifest::bundled()?, name)?;
    match folder.installed(&config.dir)? {
        Some(_) => Ok(config.dir.join(folder.name)),
        None => Err(not_installed(config, name)),
    }
}

fn ensure_with(
    config: &ModelConfig,
    manifest: &Manifest,
    pip: Pip,
    events: &mut dyn FnMut(PullEvent),
) -> Result<ModelFiles> {
    let chosen = Chosen::by(config, manifest)?;
    let label = match chosen {
        Chosen::OfUser => directory::label(config),
        Chosen::OfHub(_) | Chosen::Packaged(_) => config.name.clone(),
    };
    if let Some(files) = installed_with(config, manifest, &chosen)? {
        return Ok(files);
    }
    let installer = Installer { manifest, dir: &config.dir, pip };
    if let Chosen::Packaged(earlier) = chosen
        && Folder::of_earlier_model(earlier).installed(&config.dir)?.is_some()
    {
        installer.begin(events)?.upgrade(earlier, events)?;
        if let Some(files) = installed_with(config, manifest, &chosen)? {
            return Ok(files);
        }
    }
    if config.offline {
        return Err(offline(config, &label));
    }
    let installation = installer.begin(events)?;
    chosen.install(&installation, config, &label, false, events)?;
    dictionaries_if_possible(&installation, events);
    drop(installation);
    installed_with(config, manifest, &chosen)?.ok_or_else(|| Error::Model {
        model: label,
        reason: format!("its files disappeared from {} right after they were installed", config.dir.display()),
        hint: "do not let other programs change the models directory".into(),
    })
}

/// Installs what questions are answered without, if it is missing. It comes with pip, which may not be reached.
fn dictionaries_if_possible(installation: &Installation<'_, '_>, events: &mut dyn FnMut(PullEvent)) {
    if let Err(error) = installation.install_lexicons(false, events) {
        tracing::warn!("{error}; questions are answered without a lexicon until `footnote models pull` has fetched it");
    }
    if let Err(error) = installation.install_word_lists(false, events) {
        tracing::warn!(
            "{error}; misspelt words are not corrected until `footnote models pull` has fetched the word lists"
        );
    }
}

/// Installs the runtime if it is missing, or if `force` is set and it was altered since it was installed.
fn install_runtime(
    installation: &Installation<'_, '_>,
    label: &str,
    force: bool,
    events: &mut dyn FnMut(PullEvent),
) -> Result<()> {
    let Installer { manifest, dir, .. } = installation.installer;
    let again = force && is_altered(dir, &Folder::of_library(&manifest.runtime)?);
    installation.install(None, label, again, events)
}

/// Installs again what belongs to no single model and was altered since it was installed. It comes with pip, which may not be
/// reached.
fn repair_shared(installation: &Installation<'_, '_>, events: &mut dyn FnMut(PullEvent)) {
    let Installer { manifest, dir, .. } = installation.installer;
    let told = |repaired: Result<()>| {
        if let Err(error) = repaired {
            tracing::warn!("{error}; a damaged file stays until `footnote models pull --force` has fetched it again");
        }
    };
    if manifest.lexicons.iter().any(|lexicon| is_altered(dir, &Folder::of_lexicon(lexicon))) {
        told(installation.install_lexicons(true, events));
    }
    if is_altered(dir, &Folder::of_word_lists(&manifest.word_lists)) {
        told(installation.install_word_lists(true, events));
    }
    if Folder::of_library(&manifest.pdfium).is_ok_and(|folder| is_altered(dir, &folder)) {
        told(installation.install_pdfium(true, events));
    }
    if is_altered(dir, &Folder::of_recogniser(&manifest.recogniser)) {
        told(installation.install_recogniser(true, events));
    }
}

/// Whether a folder is there, and not as it was installed: a file has another hash, or cannot be read, or the record is lost.
fn is_altered(dir: &Path, folder: &Folder) -> bool {
    let place = dir.join(&folder.name);
    let mut checks = Vec::new();
    let checked = match Record::read(&place) {
        Ok(Some(record)) => check_files(&place, record, &mut checks),
        Ok(None) => return place.is_dir(),
        Err(error) => Err(error),
    };
    checked.is_err() || checks.iter().any(|check| check.state != FileState::Intact)
}

/// The files of what is chosen, unless something is missing.
fn installed_with(config: &ModelConfig, manifest: &Manifest, chosen: &Chosen<'_>) -> Result<Option<ModelFiles>> {
    let runtime_folder = Folder::of_library(&manifest.runtime)?;
    let Some(runtime_record) = runtime_folder.installed(&config.dir)? else { return Ok(None) };
    let runtime = config.dir.join(runtime_folder.name).join(manifest.runtime.file()?.file_name());
    let hashes = |record: Record| record.files.into_iter().map(|(name, file)| (name, file.blake3));
    let mut checksums: BTreeMap<String, String> = hashes(runtime_record).collect();
    let model = match chosen {
        Chosen::Packaged(model) => model,
        Chosen::OfHub(model) => return hub::embedder_files(model, config, runtime, checksums),
        Chosen::OfUser => return directory::files(config, runtime, checksums).map(Some),
    };

    let folder = Folder::of_model(model);
    let Some(record) = folder.installed(&config.dir)? else { return Ok(None) };
    checksums.extend(hashes(record));
    let folder = config.dir.join(folder.name);
    let file = |name: &str| folder.join(name);
    Ok(Some(ModelFiles {
        identity: model.identity(),
        onnx: file(names::ONNX),
        external_data: checksums
            .contains_key(names::EXTERNAL_DATA)
            .then(|| file(names::EXTERNAL_DATA))
            .into_iter()
            .collect(),
        tokenizer: file(names::TOKENIZER),
        compiled_tokenizer: checksums.contains_key(names::COMPILED_TOKENIZER).then(|| file(names::COMPILED_TOKENIZER)),
        config: file(names::CONFIG),
        special_tokens_map: file(names::SPECIAL_TOKENS_MAP),
        tokenizer_config: file(names::TOKENIZER_CONFIG),
        runtime,
        query_prefix: model.query_prefix.clone(),
        passage_prefix: model.passage_prefix.clone(),
        pooling: model.pooling,
        max_tokens: model.max_tokens,
        revision: String::new(),
        dimensions: Some(model.dimensions),
        checksums,
    }))
}

fn verify_with(config: &ModelConfig, manifest: &Manifest, name: &str) -> Result<Vec<FileCheck>> {
    let mut checks = Vec::new();
    for folder in [folder_of(manifest, name)?, Folder::of_library(&manifest.runtime)?] {
        let folder = config.dir.join(folder.name);
        let record = Record::read(&folder)?.ok_or_else(|| not_installed(config, name))?;
        check_files(&folder, record, &mut checks)?;
    }
    let readers = [Folder::of_library(&manifest.pdfium)?, Folder::of_recogniser(&manifest.recogniser)];
    let dictionaries = manifest.lexicons.iter().map(Folder::of_lexicon);
    let optional = dictionaries.chain([Folder::of_word_lists(&manifest.word_lists)]).chain(readers);
    for folder in optional {
        let folder = config.dir.join(folder.name);
        match Record::read(&folder)? {
            Some(record) => check_files(&folder, record, &mut checks)?,
            None if folder.is_dir() => {
                let path = folder.join(record::FILE);
                let state = if path.is_file() { FileState::Altered } else { FileState::Missing };
                checks.push(FileCheck { path, size_bytes: 0, state });
            }
            None => {}
        }
    }
    Ok(checks)
}

fn check_files(folder: &Path, record: Record, checks: &mut Vec<FileCheck>) -> Result<()> {
    for (file, recorded) in record.files {
        let path = folder.join(file);
        let state = match path.try_exists() {
            Ok(false) => FileState::Missing,
            _ if hash(&path)?.0 == recorded.blake3 => FileState::Intact,
            _ => FileState::Altered,
        };
        checks.push(FileCheck { path, size_bytes: recorded.size_bytes, state });
    }
    Ok(())
}

fn not_installed(config: &ModelConfig, name: &str) -> Error {
    Error::Model {
        model: name.to_owned(),
        reason: format!("it is not installed in {}", config.dir.display()),
        hint: format!("run `footnote models pull {name}`"),
    }
}

fn offline(config: &ModelConfig, label: &str) -> Error {
    Error::Model {
        model: label.to_owned(),
        reason: format!(
            "it or the ONNX Runtime that runs it is missing from {}, and [model] offline forbids fetching it",
            config.dir.display()
        ),
        hint: "set offline to false and try again, or copy the models directory from a machine that has fetched it"
            .into(),
    }
}

#[cfg(all(test, unix))]
mod tests;
