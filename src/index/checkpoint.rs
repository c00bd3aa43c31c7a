//! Derived files on disk: each is written whole, hashed, and named by `checkpoint.json`, or it does not exist.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

const FILE: &str = "checkpoint.json";
const VECTORS_PREFIX: &str = "vectors-";

/// The live derived files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// The vector index.
    pub(super) vectors: DerivedFile,
}

/// One derived file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DerivedFile {
    /// Its name in the collection's directory.
    pub(super) file: String,
    /// BLAKE3 of its bytes, hexadecimal.
    pub(super) blake3: String,
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    /// How many passages it holds.
    pub(super) passages: usize,
    /// The model whose vectors it holds.
    pub(super) model: String,
}

/// What a look at the derived files found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Loaded {
    /// The file's bytes, whose hash is right.
    Whole(DerivedFile, Vec<u8>),
    /// There is none yet.
    Absent,
    /// There is one, but it is not to be trusted; why not.
    Damaged(String),
}

impl Checkpoint {
    /// Reads `checkpoint.json`: `None` if there is none, and the reason if it cannot be used.
    fn read(dir: &Path) -> Result<Option<Self>, String> {
        match std::fs::read(dir.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("{FILE}: {error}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{FILE}: {error}")),
        }
    }

    /// The live vector file as `checkpoint.json` describes it, without reading it.
    pub(super) fn vectors(dir: &Path) -> Option<DerivedFile> {
        Self::read(dir).ok().flatten().map(|checkpoint| checkpoint.vectors)
    }

    /// Reads the vector index and checks its hash.
    pub(super) fn load_vectors(dir: &Path) -> Loaded {
        // A writer may replace the file between the two reads; then the second checkpoint names another.
        let mut seen = None;
        loop {
            let live = match Self::read(dir) {
                Ok(Some(checkpoint)) => checkpoint.vectors,
                Ok(None) => return Loaded::Absent,
                Err(reason) => return Loaded::Damaged(reason),
            };
            let reason = match std::fs::read(dir.join(&live.file)) {
                Ok(bytes) if blake3::hash(&bytes).to_hex().as_str() == live.blake3 => {
                    return Loaded::Whole(live, bytes);
                }
                Ok(_) => format!("{} was altered: its hash is not the one in {FILE}", live.file),
                Err(error) => format!("{}: {error}", live.file),
            };
            if seen.as_ref() == Some(&live) {
                return Loaded::Damaged(reason);
            }
            seen = Some(live);
        }
    }

    /// Writes a new vector index beside the live one, then makes it the live one, then removes the others.
    pub(super) fn save_vectors(dir: &Path, bytes: &[u8], sequence: u64, passages: usize, model: &str) -> Result<()> {
        let file = format!("{VECTORS_PREFIX}{sequence}.usearch");
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        replace(dir, &file, bytes)?;
        let vectors = DerivedFile { file: file.clone(), blake3, sequence, passages, model: model.to_owned() };
        let checkpoint = serde_json::to_vec_pretty(&Self { vectors })
            .map_err(|error| Error::Corrupt { path: dir.join(FILE), reason: error.to_string() })?;
        replace(dir, FILE, &checkpoint)?;
        for entry in std::fs::read_dir(dir).map_err(Error::io("read", dir))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(VECTORS_PREFIX) && name != file {
                // A file left behind takes room but is never read.
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

/// Puts `bytes` in the place of a file so that after a crash either the old or the new one is there, whole.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
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
fn sync_directory(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::io("sync", dir))
}

#[cfg(not(unix))]
fn sync_directory(_dir: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_what_is_loaded_and_nothing_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Checkpoint::load_vectors(dir.path()), Loaded::Absent);
        Checkpoint::save_vectors(dir.path(), b"first", 1, 10, "m").unwrap();
        Checkpoint::save_vectors(dir.path(), b"second", 2, 20, "m").unwrap();
        let Loaded::Whole(file, bytes) = Checkpoint::load_vectors(dir.path()) else { panic!("it should load") };
        assert_eq!((bytes.as_slice(), file.sequence, file.passages), (b"second".as_slice(), 2, 20));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn an_altered_truncated_or_missing_file_is_named_and_never_given_out() {
        let dir = tempfile::tempdir().unwrap();
        Checkpoint::save_vectors(dir.path(), b"precious", 1, 1, "m").unwrap();
        let path = dir.path().join("vectors-1.usearch");
        for damage in [&b"preciouz"[..], b"prec", b""] {
            std::fs::write(&path, damage).unwrap();
            assert!(
                matches!(Checkpoint::load_vectors(dir.path()), Loaded::Damaged(reason) if reason.contains("altered"))
            );
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(Checkpoint::load_vectors(dir.path()), Loaded::Damaged(_)));
        std::fs::write(dir.path().join(FILE), "{").unwrap();
        assert!(matches!(Checkpoint::load_vectors(dir.path()), Loaded::Damaged(reason) if reason.contains(FILE)));
    }
}
