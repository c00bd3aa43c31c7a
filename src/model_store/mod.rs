//! Fetches the models of `models/manifest.toml` by hash, converts them, and finds their installed files.
//!
//! [`ensure`] is all that the embedder needs; the rest is for `footnote models`. Everything here blocks.
//!
//! ```text
//! models/
//!   manifest.toml                compiled in
//!   trained/                     layers that Footnote trained, compiled in
//!   footnote-e5-small/           model.onnx, model.onnx.data, tokenizer.json, ... and checksums.json, written last
//!   onnxruntime-1.32.0/          the runtime's library, likewise
//!   pdfium-8149/                 the library that reads PDF, likewise
//!   pp-ocrv6-small/              the networks that recognise the characters of scans, likewise
//!   .lock                        held while something is installed
//!   .staging-<pid>/              work in progress; complete folders are renamed into place
//! ```

mod choice;
mod convert;
mod directory;
#[cfg(test)]
mod fixture;
mod folder;
mod graph;
mod lexicons;
mod onnx;
mod pdfium;
mod pip;
mod pull;
mod recogniser;
mod record;
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
use crate::model::manifest::{Manifest, Model};
use folder::Folder;
use pip::Pip;
use pull::Installer;
use record::Record;

pub use choice::choice_of;
pub use lexicons::{LexiconStatus, lexicon, lexicons};
pub use pdfium::{ensure_pdfium, installed_pdfium};
pub use recogniser::{RecogniserStatus, ensure_recogniser, recogniser};
pub use status::{Fetched, FileCheck, FileState, ModelStatus, PullEvent};

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
    let of_user = !config.path.as_os_str().is_empty();
    if of_user {
        directory::check(config)?;
    }
    let model = if of_user { None } else { Some(manifest.model(&config.name)?) };
    installed_with(config, &manifest, model)
}

/// The models of the manifest, in its order.
pub fn list(config: &ModelConfig) -> Result<Vec<ModelStatus>> {
    let manifest = Manifest::bundled()?;
    let status = |model: &Model| {
        let record = Folder::of_model(model).installed(&config.dir)?;
        Ok(ModelStatus {
            name: model.name.clone(),
            licence: model.licence.clone(),
            source: model.source.clone(),
            dimensions: model.dimensions,
            max_tokens: model.max_tokens,
            download_bytes: model.weights.wheel_bytes + model.tokenizer.wheel_bytes,
            size_bytes: record.map(|record| record.files.values().map(|file| file.size_bytes).sum()),
            configured: config.path.as_os_str().is_empty() && model.name == config.name,
        })
    };
    manifest.models.iter().map(status).collect()
}

/// Fetches a model of the manifest, the runtime, the dictionaries and PDFium, if they are missing or `force` is set; with
/// `scans` the recogniser of characters as well.
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
    let model = manifest.model(name)?;
    if config.offline {
        return Err(offline(config, name));
    }
    let installer = Installer { manifest: &manifest, dir: &config.dir, pip: Pip::from_environment() };
    let installation = installer.begin(events)?;
    installation.install(Some(model), name, force, events)?;
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
    let manifest = Manifest::bundled()?;
    let folder = Folder::of_model(manifest.model(name)?);
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
    let of_user = !config.path.as_os_str().is_empty();
    let label = if of_user { directory::label(config) } else { config.name.clone() };
    let model = if of_user { None } else { Some(manifest.model(&config.name)?) };
    if of_user {
        directory::check(config)?;
    }
    if let Some(files) = installed_with(config, manifest, model)? {
        return Ok(files);
    }
    let installer = Installer { manifest, dir: &config.dir, pip };
    if let Some(earlier) = model
        && Folder::of_earlier_model(earlier).installed(&config.dir)?.is_some()
    {
        installer.begin(events)?.upgrade(earlier, events)?;
        if let Some(files) = installed_with(config, manifest, model)? {
            return Ok(files);
        }
    }
    if config.offline {
        return Err(offline(config, &label));
    }
    let installation = installer.begin(events)?;
    installation.install(model, &label, false, events)?;
    if let Err(error) = installation.install_lexicons(false, events) {
        tracing::warn!("{error}; questions are answered without a lexicon until `footnote models pull` has fetched it");
    }
    if let Err(error) = installation.install_word_lists(false, events) {
        tracing::warn!(
            "{error}; misspelt words are not corrected until `footnote models pull` has fetched the word lists"
        );
    }
    drop(installation);
    installed_with(config, manifest, model)?.ok_or_else(|| Error::Model {
        model: label,
        reason: format!("its files disappeared from {} right after they were installed", config.dir.display()),
        hint: "do not let other programs change the models directory".into(),
    })
}

/// The files of `model`, or of the user's directory if that is `None`, unless something is missing.
fn installed_with(config: &ModelConfig, manifest: &Manifest, model: Option<&Model>) -> Result<Option<ModelFiles>> {
    let runtime_folder = Folder::of_library(&manifest.runtime)?;
    let Some(runtime_record) = runtime_folder.installed(&config.dir)? else { return Ok(None) };
    let runtime = config.dir.join(runtime_folder.name).join(manifest.runtime.file()?.file_name());
    let hashes = |record: Record| record.files.into_iter().map(|(name, file)| (name, file.blake3));
    let mut checksums: BTreeMap<String, String> = hashes(runtime_record).collect();
    let Some(model) = model else { return directory::files(config, runtime, checksums).map(Some) };

    let folder = Folder::of_model(model);
    let Some(record) = folder.installed(&config.dir)? else { return Ok(None) };
    checksums.extend(hashes(record));
    let folder = config.dir.join(folder.name);
    let file = |name: &str| folder.join(name);
    Ok(Some(ModelFiles {
        identity: model.identity(),
        onnx: file(names::ONNX),
        external_data: checksums.contains_key(names::EXTERNAL_DATA).then(|| file(names::EXTERNAL_DATA)),
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
        dimensions: Some(model.dimensions),
        checksums,
    }))
}

fn verify_with(config: &ModelConfig, manifest: &Manifest, name: &str) -> Result<Vec<FileCheck>> {
    let mut checks = Vec::new();
    for folder in [Folder::of_model(manifest.model(name)?), Folder::of_library(&manifest.runtime)?] {
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
