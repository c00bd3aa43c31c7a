//! The files of one model: where they are, and reading them only if they are the ones that were installed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::ModelIdentity;
use crate::config::Pooling;
use crate::error::{Error, Result};

/// Where the files of a model are, and how it is used.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFiles {
    /// Which model it is.
    pub identity: ModelIdentity,
    /// The graph, `model.onnx`.
    pub onnx: PathBuf,
    /// `tokenizer.json` of the tokenizers library.
    pub tokenizer: PathBuf,
    /// The same tokenizer in a form that loads fast, where there is one.
    pub compiled_tokenizer: Option<PathBuf>,
    /// `config.json`: `pad_token_id`.
    pub config: PathBuf,
    /// `special_tokens_map.json`.
    pub special_tokens_map: PathBuf,
    /// `tokenizer_config.json`: `model_max_length`, `pad_token`.
    pub tokenizer_config: PathBuf,
    /// ONNX Runtime's dynamic library.
    pub runtime: PathBuf,
    /// Put before a question.
    pub query_prefix: String,
    /// Put before a passage.
    pub passage_prefix: String,
    /// How token outputs become one vector.
    pub pooling: Pooling,
    /// The most tokens of one text, role prefix and special tokens counted.
    pub max_tokens: usize,
    /// The length of a vector, where it is known before the model is loaded.
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
    /// [`Error::Model`] if they are not those that were installed; [`Error::Io`] if they cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        self.compare(path, || Ok(blake3::hash(&bytes).to_hex().to_string()))?;
        Ok(bytes)
    }

    /// Checks one of the files without keeping its bytes, such as [`ModelFiles::runtime`], which the system loads.
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
            hint: format!("run `footnote models pull --force {}`", self.identity.name),
        })
    }
}

/// BLAKE3 of a file in hexadecimal, and its size in bytes.
pub(crate) fn hash(path: &Path) -> Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let file = File::open(path).map_err(Error::io("read", path))?;
    hasher.update_reader(file).map_err(Error::io("read", path))?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}
