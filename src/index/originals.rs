//! Copies of the files that documents were read from, in a folder beside the store. Each is named by its hash and kept
//! once, as long as a document was read from it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::passages;
use crate::error::{Error, Result};
use crate::passage::{Original, OriginalBytes, OriginalRecord};

/// The folder's name in a collection's directory.
const FOLDER: &str = "originals";

/// The hash of a file.
type Hash = [u8; 32];

/// The copies of a collection.
#[derive(Debug)]
pub(super) struct Originals {
    folder: PathBuf,
}

impl Originals {
    /// Those of the collection in `dir`.
    pub(super) fn of(dir: &Path) -> Self {
        Self { folder: dir.join(FOLDER) }
    }

    /// Keeps a copy, if the original asks for one and there is none yet. It is on disk when this returns. A file that
    /// changed since it was read is not kept.
    pub(super) fn keep(&self, original: &Original) -> Result<()> {
        let Some(copy) = &original.copy else { return Ok(()) };
        if self.path(&original.hash).is_file() {
            return Ok(());
        }
        let bytes = match copy {
            OriginalBytes::Held(bytes) => Some(bytes.clone()),
            OriginalBytes::InFile(path) => read(path, &original.record()),
        };
        let Some(bytes) = bytes else { return Ok(()) };
        if !self.folder.is_dir() {
            fs::create_dir_all(&self.folder).map_err(Error::io("create", &self.folder))?;
            self.folder.parent().map_or(Ok(()), passages::sync_directory)?;
        }
        passages::replace(&self.folder, &name(&original.hash), &bytes)
    }

    /// The bytes of an original; `None` if no sound copy of it is kept.
    pub(super) fn read(&self, original: &OriginalRecord) -> Option<Vec<u8>> {
        read(&self.path(&original.hash), original)
    }

    /// Removes a copy. One that stays is removed when the collection is next written to.
    pub(super) fn remove(&self, hash: &Hash) {
        let path = self.path(hash);
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("cannot remove {}: {error}", path.display());
        }
    }

    /// Removes all copies but these.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] for the first that cannot be removed; the others are removed all the same.
    pub(super) fn remove_all_but(&self, needed: &HashSet<Hash>) -> Result<()> {
        let needed: HashSet<String> = needed.iter().map(name).collect();
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", &self.folder)(error)),
        };
        let mut removed = Ok(());
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &self.folder))?;
            if !needed.contains(&*entry.file_name().to_string_lossy())
                && let Err(error) = fs::remove_file(entry.path())
            {
                removed = removed.and(Err(Error::io("remove", entry.path())(error)));
            }
        }
        removed
    }

    /// Whether a copy is kept, and is not what was stored.
    pub(super) fn is_damaged(&self, original: &OriginalRecord) -> bool {
        self.path(&original.hash).exists() && self.read(original).is_none()
    }

    /// Takes over the copies with these hashes from the first of `sources` that has them. One that none has is left out.
    pub(super) fn copy_from(&self, sources: &[Originals], hashes: &HashSet<Hash>) -> Result<()> {
        for hash in hashes {
            let paths = || sources.iter().map(|source| source.path(hash)).filter(|path| path.is_file());
            // If none is sound, the check of the copy tells.
            let Some(source) = paths().find(|path| has_hash(path, hash)).or_else(|| paths().next()) else { continue };
            fs::create_dir_all(&self.folder).map_err(Error::io("create", &self.folder))?;
            let path = self.path(hash);
            // A copy is never changed, only replaced, so two names for it do no harm.
            if fs::hard_link(&source, &path).is_err() {
                fs::copy(&source, &path)
                    .and_then(|_| File::open(&path)?.sync_all())
                    .map_err(Error::io("write", &path))?;
            }
        }
        if self.folder.is_dir() { passages::sync_directory(&self.folder) } else { Ok(()) }
    }

    /// The sum of their sizes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        self.folder.join(name(hash))
    }
}

/// The bytes of the file at `path`, if they are those of the original.
pub(super) fn read(path: &Path, original: &OriginalRecord) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    // Opening a pipe waits for its writer, but no pipe has a length.
    if !file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == original.size_bytes) {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(original.size_bytes.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    (blake3::hash(&bytes) == original.hash).then_some(bytes)
}

/// Whether the file at `path` is there and has this hash.
fn has_hash(path: &Path, hash: &Hash) -> bool {
    let mut hasher = blake3::Hasher::new();
    let hashed = File::open(path).and_then(|file| hasher.update_reader(file).map(drop));
    hashed.is_ok() && hasher.finalize() == *hash
}

fn name(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::Format;

    fn original(bytes: &[u8], copy: Option<OriginalBytes>) -> Original {
        let hash = *blake3::hash(bytes).as_bytes();
        Original { name: "a.pdf".into(), hash, size_bytes: bytes.len() as u64, format: Format::Pdf, copy }
    }

    #[test]
    fn a_copy_is_read_as_it_was_and_removed_when_nothing_needs_it() {
        let dir = tempfile::tempdir().unwrap();
        let originals = Originals::of(dir.path());
        let held = original(b"one", Some(OriginalBytes::Held(b"one".to_vec())));
        originals.keep(&held).unwrap();
        originals.keep(&held).unwrap();
        assert_eq!((originals.read(&held.record()).as_deref(), originals.bytes()), (Some(&b"one"[..]), 3));
        originals.remove_all_but(&HashSet::from([held.hash])).unwrap();
        assert!(!originals.is_damaged(&held.record()));
        std::fs::write(originals.path(&held.hash), b"two").unwrap();
        assert_eq!(originals.read(&held.record()), None);
        assert!(originals.is_damaged(&held.record()));
        originals.remove(&held.hash);
        assert_eq!(originals.bytes(), 0);
        originals.keep(&held).unwrap();
        originals.remove_all_but(&HashSet::new()).unwrap();
        assert_eq!(originals.bytes(), 0);
    }

    #[test]
    fn a_copy_that_cannot_be_removed_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let originals = Originals::of(dir.path());
        // A folder is no file, whoever tries.
        std::fs::create_dir_all(dir.path().join(FOLDER).join("a").join("b")).unwrap();
        std::fs::write(dir.path().join(FOLDER).join("c"), "c").unwrap();
        assert!(originals.remove_all_but(&HashSet::new()).is_err());
        assert!(!dir.path().join(FOLDER).join("c").exists());
    }

    #[test]
    fn a_file_that_changed_since_it_was_read_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let originals = Originals::of(dir.path());
        let path = dir.path().join("a.pdf");
        std::fs::write(&path, b"new").unwrap();
        let from_file = |bytes: &[u8]| original(bytes, Some(OriginalBytes::InFile(path.clone())));
        originals.keep(&from_file(b"old")).unwrap();
        originals.keep(&original(b"none", None)).unwrap();
        assert_eq!(originals.bytes(), 0);
        originals.keep(&from_file(b"new")).unwrap();
        assert_eq!(originals.read(&from_file(b"new").record()).as_deref(), Some(&b"new"[..]));
    }
}
