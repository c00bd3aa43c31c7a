//! The files of a cross-encoder. Those that were fetched are read only if they are still the ones that were installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::hash;
use crate::error::{Error, Result};

/// The files that the folder of a cross-encoder must hold.
pub(crate) const REQUIRED: [&str; 5] =
    ["model.onnx", "tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];

/// The folder of a cross-encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct RerankerFiles {
    /// Its name, or the folder that the settings name.
    pub name: String,
    /// The folder. It has all files that a cross-encoder needs.
    pub folder: PathBuf,
    /// BLAKE3 by file name, in hexadecimal, as recorded when the file was installed; empty for a folder of the user's.
    pub checksums: BTreeMap<String, String>,
}

impl RerankerFiles {
    /// A folder of the user's.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if a file is missing.
    pub fn of_user(folder: &Path) -> Result<Self> {
        let name = folder.display().to_string();
        let files = Self { name, folder: folder.to_owned(), checksums: BTreeMap::new() };
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !folder.join(name).is_file()).collect();
        if missing.is_empty() {
            return Ok(files);
        }
        Err(Error::Model {
            model: files.name.clone(),
            reason: format!("the directory lacks {}", missing.join(", ")),
            hint: files.repair_hint(),
        })
    }

    /// The bytes of one of the files.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if they were changed since they were installed; [`Error::Io`] if they cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.folder.join(name);
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        self.compare(name, blake3::hash(&bytes).to_hex().as_str())?;
        Ok(bytes)
    }

    /// Checks the files that ONNX Runtime reads.
    ///
    /// # Errors
    ///
    /// As for [`RerankerFiles::read`].
    pub fn check(&self) -> Result<()> {
        self.checksums.keys().try_for_each(|name| self.compare(name, &hash(&self.folder.join(name))?.0))
    }

    fn compare(&self, name: &str, hash: &str) -> Result<()> {
        if self.checksums.get(name).is_none_or(|expected| expected == hash) {
            return Ok(());
        }
        Err(Error::Model {
            model: self.name.clone(),
            reason: format!("{} was altered or damaged since it was installed", self.folder.join(name).display()),
            hint: self.repair_hint(),
        })
    }

    /// What to do if the files cannot be used.
    pub(crate) fn repair_hint(&self) -> String {
        if self.checksums.is_empty() {
            return format!(
                "[reranker] path must name a directory that holds {} of a cross-encoder",
                REQUIRED.join(", ")
            );
        }
        format!("run `footnote models pull --force {}`", self.name)
    }
}
