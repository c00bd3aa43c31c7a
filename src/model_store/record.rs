//! `checksums.json` lists the files of an installed folder. It is written last, so a folder that has one is complete.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::files::hash;

pub(super) const FILE: &str = "checksums.json";

/// The files of one folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Identifies what the folder was made from. A folder of another recipe is made again.
    recipe: String,
    /// Where it was fetched from, if that was a hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<Origin>,
    /// By name.
    pub(super) files: BTreeMap<String, RecordedFile>,
}

/// A state of a hub's repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// `owner/name`.
    pub(super) repository: String,
    /// The commit.
    pub(super) revision: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RecordedFile {
    /// Hexadecimal.
    pub(super) blake3: String,
    pub(super) size_bytes: u64,
}

impl Record {
    /// The record of `folder`; `None` if it is missing or invalid.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(Error::io("read", path)(error)),
        }
    }

    /// The record of `folder` if it was made by `recipe` and every file has its recorded size. No file is read.
    pub(super) fn of_complete(folder: &Path, recipe: &str) -> Result<Option<Self>> {
        let whole = |(name, file): (&String, &RecordedFile)| {
            std::fs::metadata(folder.join(name)).is_ok_and(|found| found.is_file() && found.len() == file.size_bytes)
        };
        Ok(Self::read(folder)?.filter(|record| record.recipe == recipe && record.files.iter().all(whole)))
    }

    /// Hashes the files of `folder` and writes its record. Everything is synced to disk.
    pub(super) fn write(folder: &Path, recipe: &str, origin: Option<Origin>) -> Result<()> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
            let path = entry.map_err(Error::io("read", folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let file = File::open(&path).map_err(Error::io("read", &path))?;
            file.sync_all().map_err(Error::io("write", &path))?;
            let (blake3, size_bytes) = hash(&path)?;
            files.insert(name.to_owned(), RecordedFile { blake3, size_bytes });
        }
        let path = folder.join(FILE);
        let mut bytes = serde_json::to_vec_pretty(&Self { recipe: recipe.to_owned(), origin, files })
            .map_err(|error| Error::io("write", &path)(error.into()))?;
        bytes.push(b'\n');
        let mut file = File::create(&path).map_err(Error::io("create", &path))?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
        sync_folder(folder)
    }
}

/// Makes renames and new names in `folder` survive a power loss.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("write", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_complete_only_with_its_record_its_recipe_and_all_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let complete = |recipe: &str| Record::of_complete(folder.path(), recipe).unwrap();
        std::fs::write(folder.path().join("model.onnx"), "graph").unwrap();
        assert!(complete("r").is_none(), "it has no record yet");

        Record::write(folder.path(), "r", None).unwrap();
        let record = complete("r").unwrap();
        assert_eq!(record.files["model.onnx"].size_bytes, 5);
        assert_eq!(record.files["model.onnx"].blake3, blake3::hash(b"graph").to_hex().as_str());
        assert!(complete("another").is_none());

        std::fs::write(folder.path().join("model.onnx"), "grap").unwrap();
        assert!(complete("r").is_none(), "it is cut off");
        std::fs::remove_file(folder.path().join("model.onnx")).unwrap();
        assert!(complete("r").is_none());
    }

    #[test]
    fn a_record_that_is_no_record_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{\"recipe\": ").unwrap();
        assert_eq!(Record::read(folder.path()).unwrap(), None);
        assert_eq!(Record::read(&folder.path().join("nowhere")).unwrap(), None);
    }
}
