//! The files of the derived indexes. Each is written completely, hashed, and listed in `checkpoint.json`; a file that is not
//! listed there does not count.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

const FILE: &str = "checkpoint.json";

/// The current file of each index, by the index's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint(BTreeMap<String, DerivedFile>);

/// One derived file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DerivedFile {
    /// Its name in the collection's directory.
    pub(super) file: String,
    /// BLAKE3 of its bytes, hexadecimal.
    pub(super) blake3: String,
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    /// Number of passages in it.
    pub(super) passages: usize,
    /// The fingerprint of the model that made the collection's vectors.
    pub(super) model: String,
    /// The version of the rules by which passages became its entries.
    #[serde(default)]
    pub(super) rules: u32,
}

impl DerivedFile {
    /// Whether it was made for vectors of this model, by these rules.
    pub(super) fn is_made_by(&self, model: &str, rules: u32) -> bool {
        self.model == model && self.rules == rules
    }
}

/// A derived index to be written.
pub(super) struct NewFile {
    /// Its name, and the start of its file's name.
    pub(super) name: &'static str,
    /// The extension of its file's name.
    pub(super) extension: &'static str,
    pub(super) bytes: Vec<u8>,
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    /// Number of passages in it.
    pub(super) passages: usize,
    /// The fingerprint of the model that made the collection's vectors.
    pub(super) model: String,
    /// The version of the rules by which passages became its entries.
    pub(super) rules: u32,
}

/// A derived file, once its hash has been compared.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// Its bytes, whose hash matches.
    Intact(DerivedFile, Vec<u8>),
    /// It does not exist yet.
    Missing,
    /// It cannot be used; the reason.
    Corrupt(String),
}

impl Checkpoint {
    /// Reads `checkpoint.json`: `None` if it does not exist, the reason if it cannot be used.
    fn read(dir: &Path) -> Result<Option<Self>, String> {
        match std::fs::read(dir.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("{FILE}: {error}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{FILE}: {error}")),
        }
    }

    /// The current file of an index as `checkpoint.json` describes it. The file itself is not read.
    pub(super) fn file(dir: &Path, name: &str) -> Option<DerivedFile> {
        Self::read(dir).ok().flatten().and_then(|mut checkpoint| checkpoint.0.remove(name))
    }

    /// The last change that any derived index on disk holds; `None` if there is none.
    pub(super) fn last_sequence(dir: &Path) -> Option<u64> {
        let checkpoint = Self::read(dir).ok().flatten()?;
        checkpoint.0.values().map(|file| file.sequence).max()
    }

    /// Reads the current file of an index and compares its hash.
    pub(super) fn load(dir: &Path, name: &str) -> Checked {
        // A writer may replace the file between the two reads. Then the checkpoint lists another file the second time.
        let mut seen = None;
        loop {
            let live = match Self::read(dir).map(|found| found.and_then(|mut checkpoint| checkpoint.0.remove(name))) {
                Ok(Some(live)) => live,
                Ok(None) => return Checked::Missing,
                Err(reason) => return Checked::Corrupt(reason),
            };
            let reason = match std::fs::read(dir.join(&live.file)) {
                Ok(bytes) if blake3::hash(&bytes).to_hex().as_str() == live.blake3 => {
                    return Checked::Intact(live, bytes);
                }
                Ok(_) => format!("{} was altered: its hash differs from the one in {FILE}", live.file),
                Err(error) => format!("{}: {error}", live.file),
            };
            if seen.as_ref() == Some(&live) {
                return Checked::Corrupt(reason);
            }
            seen = Some(live);
        }
    }

    /// Writes new files beside the current ones, then lists them in place of those, then removes the files that are no longer
    /// listed.
    pub(super) fn save(dir: &Path, indexes: Vec<NewFile>) -> Result<()> {
        let mut checkpoint = Self::read(dir).ok().flatten().unwrap_or_default();
        let names: Vec<&'static str> = indexes.iter().map(|index| index.name).collect();
        for NewFile { name, extension, bytes, sequence, passages, model, rules } in indexes {
            let file = format!("{name}-{sequence}.{extension}");
            let blake3 = blake3::hash(&bytes).to_hex().to_string();
            replace(dir, &file, &bytes)?;
            checkpoint.0.insert(name.to_owned(), DerivedFile { file, blake3, sequence, passages, model, rules });
        }
        let json = serde_json::to_vec_pretty(&checkpoint)
            .map_err(|error| Error::Corrupt { path: dir.join(FILE), reason: error.to_string() })?;
        replace(dir, FILE, &json)?;
        for entry in std::fs::read_dir(dir).map_err(Error::io("read", dir))?.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let derived = names.iter().any(|name| file.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')));
            if derived && checkpoint.0.values().all(|live| live.file != file) {
                // A file that stays takes space but is never read.
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

/// Replaces a file so that after a crash either the old or the new content is there, completely.
pub(crate) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    let mut temporary = tempfile::Builder::new()
        .prefix(&format!("{name}.tmp-"))
        .tempfile_in(dir)
        .map_err(Error::io("create a file in", dir))?;
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(Error::io("write", &path))?;
    temporary.persist(&path).map_err(|error| Error::io("write", &path)(error.error))?;
    sync_directory(dir)
}

#[cfg(unix)]
pub(crate) fn sync_directory(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::io("sync", dir))
}

#[cfg(not(unix))]
pub(crate) fn sync_directory(_dir: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &'static str, sequence: u64, bytes: &[u8]) -> NewFile {
        NewFile { name, extension: "x", bytes: bytes.to_vec(), sequence, passages: 10, model: "m".into(), rules: 0 }
    }

    #[test]
    fn saved_files_are_loaded_and_no_other_file_stays() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Checkpoint::load(dir.path(), "vectors"), Checked::Missing);
        Checkpoint::save(dir.path(), vec![new("vectors", 1, b"first"), new("lexical", 1, b"words")]).unwrap();
        Checkpoint::save(dir.path(), vec![new("vectors", 2, b"second")]).unwrap();
        for (name, sequence, content) in [("vectors", 2, &b"second"[..]), ("lexical", 1, b"words")] {
            let Checked::Intact(file, bytes) = Checkpoint::load(dir.path(), name) else { panic!("{name} should load") };
            assert_eq!((bytes.as_slice(), file.sequence), (content, sequence));
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn an_altered_truncated_or_missing_file_is_reported_and_never_used() {
        let dir = tempfile::tempdir().unwrap();
        Checkpoint::save(dir.path(), vec![new("vectors", 1, b"precious"), new("lexical", 1, b"words")]).unwrap();
        let path = dir.path().join("vectors-1.x");
        let load = || Checkpoint::load(dir.path(), "vectors");
        for damage in [&b"preciouz"[..], b"prec", b""] {
            std::fs::write(&path, damage).unwrap();
            assert!(matches!(load(), Checked::Corrupt(reason) if reason.contains("altered")));
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(load(), Checked::Corrupt(_)));
        assert!(matches!(Checkpoint::load(dir.path(), "lexical"), Checked::Intact(..)), "the other file is intact");
        std::fs::write(dir.path().join(FILE), "{").unwrap();
        assert!(matches!(load(), Checked::Corrupt(reason) if reason.contains(FILE)));
    }
}
