//! The files of a model, read only if they are still the ones that were installed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::ModelIdentity;
use crate::config::Pooling;
use crate::error::{Error, Result};

/// The paths of a model's files and the settings it is used with.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFiles {
    /// Which model it is.
    pub identity: ModelIdentity,
    /// The graph, `model.onnx`.
    pub onnx: PathBuf,
    /// The files beside the graph that hold its weights, such as `model.onnx.data`, if they are not in the graph itself. They
    /// are mapped into memory, so that sessions and processes share them.
    pub external_data: Vec<PathBuf>,
    /// `tokenizer.json` of the tokenizers library.
    pub tokenizer: PathBuf,
    /// The same tokenizer in a form that loads fast, if there is one.
    pub compiled_tokenizer: Option<PathBuf>,
    /// `config.json`: `pad_token_id`.
    pub config: PathBuf,
    /// `special_tokens_map.json`.
    pub special_tokens_map: PathBuf,
    /// `tokenizer_config.json`: `model_max_length`, `pad_token`.
    pub tokenizer_config: PathBuf,
    /// ONNX Runtime's dynamic library.
    pub runtime: PathBuf,
    /// The prefix of questions.
    pub query_prefix: String,
    /// The prefix of passages.
    pub passage_prefix: String,
    /// How token outputs become one vector.
    pub pooling: Pooling,
    /// The most tokens of one text, role prefix and special tokens counted.
    pub max_tokens: usize,
    /// The commit of the hub's repository that they were fetched from; empty for others.
    pub revision: String,
    /// The length of a vector, if it is known before the model is loaded.
    pub dimensions: Option<usize>,
    /// BLAKE3 by file name, in hexadecimal, as recorded when the file was installed. Files of a user's directory have
    /// none; the runtime always has one.
    pub checksums: BTreeMap<String, String>,
}

impl ModelFiles {
    /// The bytes of one of the files.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if they were changed since they were installed; [`Error::Io`] if they cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        self.compare(path, || Ok(blake3::hash(&bytes).to_hex().to_string()))?;
        Ok(bytes)
    }

    /// Checks a file that others read, such as [`ModelFiles::runtime`], which the system loads.
    ///
    /// # Errors
    ///
    /// As for [`ModelFiles::read`].
    pub fn check(&self, path: &Path) -> Result<()> {
        self.compare(path, || hash(path).map(|(hash, _)| hash))
    }

    fn compare(&self, path: &Path, hash: impl FnOnce() -> Result<String>) -> Result<()> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(expected) = self.checksums.get(name) else { return Ok(()) };
        if hash()? == *expected {
            return Ok(());
        }
        Err(Error::Model {
            model: self.identity.name.clone(),
            reason: format!("{} was altered or damaged since it was installed", path.display()),
            hint: self.repair_hint(),
        })
    }

    /// What to do if the files cannot be used.
    pub(crate) fn repair_hint(&self) -> String {
        if self.is_of_user() {
            return format!(
                "[model] path must name a directory with a model that ONNX Runtime reads and its tokenizer files; if \
                 {} is damaged, run `footnote models pull --force`",
                self.runtime.display()
            );
        }
        format!("run `footnote models pull --force {}`", self.identity.name)
    }

    /// Whether the model lies in a directory of the user's, which may change.
    fn is_of_user(&self) -> bool {
        let name = self.onnx.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        !self.checksums.contains_key(name)
    }
}

/// BLAKE3 of a file in hexadecimal, and its size in bytes.
pub(crate) fn hash(path: &Path) -> Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let file = File::open(path).map_err(Error::io("read", path))?;
    hasher.update_reader(file).map_err(Error::io("read", path))?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}
