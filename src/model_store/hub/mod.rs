//! Models of a model hub: their files, fetched once, and from then on the same.
//!
//! The commit that the hub reports at the first download is recorded with the hashes of the files. A later download asks for
//! that commit, and refuses a file with another hash.

mod client;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::directory::{Use, fingerprint_of};
use super::folder::Folder;
use super::pull::{Installation, Staging};
use super::record::{Origin, Record};
use super::{Fetched, PullEvent, names};
use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::model::files::hash;
use crate::model::hub::{HubEmbedder, HubReranker, Source};
use crate::model::{ModelFiles, ModelIdentity, RerankerFiles};
use client::{Hub, Remote};

/// The newest commit.
const NEWEST: &str = "main";

/// A model of a hub as it is installed.
pub(super) struct Package {
    name: &'static str,
    source: Source,
    pub(super) folder: Folder,
}

impl Package {
    pub(super) fn of_embedder(model: &HubEmbedder) -> Result<Self> {
        Ok(Self::of(model.name, model.source()?))
    }

    pub(super) fn of_reranker(model: &HubReranker) -> Result<Self> {
        Ok(Self::of(model.name, model.source()?))
    }

    fn of(name: &'static str, source: Source) -> Self {
        let folder = Folder::of_hub(name, &source);
        Self { name, source, folder }
    }

    /// Its record, if it is installed completely and from `revision`, unless that is empty.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if another revision is installed.
    pub(super) fn installed(&self, dir: &Path, revision: &str) -> Result<Option<Record>> {
        let record = self.folder.installed(dir)?;
        let installed = record.as_ref().and_then(|record| record.origin.as_ref()).map(|origin| &origin.revision);
        match installed {
            Some(installed) if !revision.is_empty() && installed != revision => Err(Error::Model {
                model: self.name.to_owned(),
                reason: format!("revision {installed} of it is installed, and {revision} is needed"),
                hint: format!(
                    "set [model] revision = \"{revision}\" and run `footnote models pull --force {}`, or use another [model] \
                     dir for this collection",
                    self.name
                ),
            }),
            _ => Ok(record),
        }
    }

    /// The files to fetch, the largest first, each with its name in the folder.
    fn files(&self) -> Vec<(&str, &str)> {
        let weights = self.source.weights.iter().map(String::as_str).zip(self.weights());
        let graph = (self.source.graph.as_str(), names::ONNX);
        let tokenizer = names::REQUIRED.into_iter().filter(|name| *name != names::ONNX).map(|name| (name, name));
        weights.chain([graph]).chain(tokenizer).collect()
    }

    /// The names of the files beside the graph that hold its weights.
    fn weights(&self) -> impl Iterator<Item = &str> {
        self.source.weights.iter().map(|path| path.rsplit('/').next().unwrap_or(path))
    }
}

/// The files of an installed model. `checksums` are those of the runtime.
pub(super) fn embedder_files(
    model: &HubEmbedder,
    config: &ModelConfig,
    runtime: PathBuf,
    mut checksums: BTreeMap<String, String>,
) -> Result<Option<ModelFiles>> {
    let package = Package::of_embedder(model)?;
    let Some(record) = package.installed(&config.dir, &config.revision)? else { return Ok(None) };
    let shape = model.shape()?;
    let folder = config.dir.join(&package.folder.name);
    let revision = record.origin.map(|origin| origin.revision).unwrap_or_default();
    let hashes: BTreeMap<String, String> = record.files.into_iter().map(|(name, file)| (name, file.blake3)).collect();
    let hash_of = |name: &str| hashes.get(name).map(String::as_str).unwrap_or_default();
    let with = Use {
        pooling: shape.pooling,
        query_prefix: model.query_prefix,
        passage_prefix: model.passage_prefix,
        max_tokens: model.max_tokens,
    };
    let weights: Vec<&str> = package.weights().map(hash_of).collect();
    let fingerprint = fingerprint_of(&with, hash_of(names::ONNX), hash_of(names::TOKENIZER), &weights);
    let external_data = package.weights().map(|name| folder.join(name)).collect();
    let file = |name: &str| folder.join(name);
    checksums.extend(hashes);
    Ok(Some(ModelFiles {
        identity: ModelIdentity { name: model.name.to_owned(), fingerprint },
        onnx: file(names::ONNX),
        external_data,
        tokenizer: file(names::TOKENIZER),
        compiled_tokenizer: None,
        config: file(names::CONFIG),
        special_tokens_map: file(names::SPECIAL_TOKENS_MAP),
        tokenizer_config: file(names::TOKENIZER_CONFIG),
        runtime,
        query_prefix: model.query_prefix.to_owned(),
        passage_prefix: model.passage_prefix.to_owned(),
        pooling: shape.pooling,
        max_tokens: model.max_tokens,
        revision,
        dimensions: Some(shape.dimensions),
        checksums,
    }))
}

/// The files of an installed cross-encoder; `None` if some are missing.
pub(super) fn reranker_files(model: &HubReranker, dir: &Path) -> Result<Option<RerankerFiles>> {
    let package = Package::of_reranker(model)?;
    let record = package.installed(dir, "")?;
    Ok(record.map(|record| RerankerFiles {
        name: model.name.to_owned(),
        folder: dir.join(&package.folder.name),
        checksums: record.files.into_iter().map(|(name, file)| (name, file.blake3)).collect(),
    }))
}

impl Installation<'_, '_> {
    /// Installs a model of a hub if it is missing or `force` is set: at `revision` or, if that is empty, at the revision that was
    /// installed before, else the newest.
    pub(super) fn install_from_hub(
        &self,
        package: &Package,
        revision: &str,
        force: bool,
        events: &mut dyn FnMut(PullEvent),
    ) -> Result<()> {
        let dir = self.installer.dir;
        if !force && package.installed(dir, revision)?.is_some() {
            return Ok(());
        }
        let Package { name, source, folder } = package;
        let hub = Hub::from_environment(name)?;
        // Also of a folder that is damaged: then the files come again as they were.
        let known = Record::read(&dir.join(&folder.name))?;
        let known_origin = known.as_ref().and_then(|record| record.origin.as_ref());
        let known_origin = known_origin.filter(|origin| origin.repository == source.repository);
        let mut revision = match (revision, known_origin) {
            ("", Some(origin)) => origin.revision.clone(),
            ("", None) => NEWEST.to_owned(),
            (revision, _) => revision.to_owned(),
        };
        let staging = Staging::create(dir)?;
        let built = staging.folder(&folder.name)?;
        let mut earlier_bytes = 0;
        for (file, installed_name) in package.files() {
            let path = built.join(installed_name);
            let remote = Remote { repository: &source.repository, revision: &revision, file };
            let mut size_bytes = 0;
            // All files are from the commit of the first one.
            revision = hub.fetch(&remote, &path, &mut |received, size| {
                size_bytes = size.unwrap_or(received);
                let (done_bytes, total_bytes) = (earlier_bytes + received, earlier_bytes + size_bytes);
                events(PullEvent::Downloading { what: Fetched::Model, done_bytes, total_bytes });
            })?;
            earlier_bytes += size_bytes;
            events(PullEvent::Checking { file: installed_name.to_owned() });
            let recorded = known.as_ref().filter(|_| known_origin.is_some_and(|origin| origin.revision == revision));
            if let Some(recorded) = recorded.and_then(|record| record.files.get(installed_name))
                && hash(&path)?.0 != recorded.blake3
            {
                return Err(Error::Model {
                    model: (*name).to_owned(),
                    reason: format!(
                        "the hub has another {file} than was installed from the same commit {revision} of {}",
                        source.repository
                    ),
                    hint: format!(
                        "a commit does not change, so do not trust this hub before you know why; to install its files \
                         nevertheless, remove {} first",
                        dir.join(&folder.name).display()
                    ),
                });
            }
        }
        let origin = Origin { repository: source.repository.clone(), revision };
        self.installer.publish_from(Some(origin), &built, folder, &staging)?;
        events(PullEvent::Done { what: Fetched::Model, name: (*name).to_owned() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::directory;
    use super::*;
    use crate::model::hub;

    #[test]
    fn its_fingerprint_is_that_of_a_folder_with_the_same_files_and_settings() {
        let dir = tempfile::tempdir().unwrap();
        let model = hub::embedder("multilingual-e5-base").unwrap();
        let package = Package::of_embedder(model).unwrap();
        let folder = dir.path().join(model.name);
        std::fs::create_dir(&folder).unwrap();
        for (_, name) in package.files() {
            std::fs::write(folder.join(name), name).unwrap();
        }
        let config = ModelConfig { dir: dir.path().into(), name: model.name.into(), ..crate::Config::default().model };
        let found = |config: &ModelConfig| embedder_files(model, config, "runtime".into(), BTreeMap::new());
        assert!(found(&config).unwrap().is_none(), "without a record it is not complete");
        let origin = Origin { repository: "owner/name".into(), revision: "1".repeat(40) };
        Record::write(&folder, &package.folder.recipe, Some(origin)).unwrap();
        let files = found(&config).unwrap().unwrap();
        assert_eq!((files.max_tokens, files.query_prefix.as_str(), files.dimensions), (512, "query: ", Some(768)));
        assert_eq!(files.revision, "1".repeat(40));

        let own = ModelConfig {
            path: folder.clone(),
            pooling: files.pooling,
            query_prefix: files.query_prefix.clone(),
            passage_prefix: files.passage_prefix.clone(),
            max_tokens: files.max_tokens,
            ..config.clone()
        };
        let as_folder = |config: &ModelConfig| directory::files(config, "runtime".into(), BTreeMap::new()).unwrap();
        assert_eq!(as_folder(&own).identity.fingerprint, files.identity.fingerprint);
        let other = ModelConfig { query_prefix: String::new(), ..own };
        assert_ne!(as_folder(&other).identity.fingerprint, files.identity.fingerprint);

        let elsewhere = ModelConfig { revision: "2".repeat(40), ..config };
        let error = found(&elsewhere).unwrap_err();
        assert!(error.to_string().contains(&"1".repeat(40)) && error.hint().unwrap().contains("--force"), "{error}");
    }

    #[test]
    fn large_files_come_first_and_have_plain_names() {
        let package = Package::of_embedder(hub::embedder("bge-m3").unwrap()).unwrap();
        let files = package.files();
        assert_eq!(files[0], ("onnx/model.onnx_data", "model.onnx_data"));
        assert!(files.contains(&("onnx/model.onnx", "model.onnx")) && files.contains(&("config.json", "config.json")));
        assert!(files.iter().all(|(_, name)| !name.contains('/')), "{files:?}");
    }
}
