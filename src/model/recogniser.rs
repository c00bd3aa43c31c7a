//! The files of the networks that recognise characters, read only if they are still the ones that were installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::hash;
use crate::error::{Error, Result};

/// The paths of the networks that recognise characters.
#[derive(Debug, Clone, PartialEq)]
pub struct RecogniserFiles {
    /// Their name in the manifest.
    pub name: String,
    /// The network that finds lines.
    pub detector: PathBuf,
    /// The network that reads a line. It names its characters.
    pub reader: PathBuf,
    /// ONNX Runtime's dynamic library.
    pub runtime: PathBuf,
    /// BLAKE3 by file name, in hexadecimal, as recorded when the file was installed.
    pub checksums: BTreeMap<String, String>,
}

impl RecogniserFiles {
    /// The bytes of one of the files.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if they were changed since they were installed; [`Error::Io`] if they cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        self.compare(path, blake3::hash(&bytes).to_hex().as_str())?;
        Ok(bytes)
    }

    /// Checks a file that others read, such as the runtime, which the system loads.
    ///
    /// # Errors
    ///
    /// As for [`RecogniserFiles::read`].
    pub fn check(&self, path: &Path) -> Result<()> {
        self.compare(path, &hash(path)?.0)
    }

    fn compare(&self, path: &Path, hash: &str) -> Result<()> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if self.checksums.get(name).is_some_and(|expected| expected == hash) {
            return Ok(());
        }
        Err(Error::Model {
            model: self.name.clone(),
            reason: format!("{} was altered or damaged since it was installed", path.display()),
            hint: "run `footnote models pull --force`".into(),
        })
    }
}
