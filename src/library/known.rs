//! The backups that were made of an index: which of them still hold a document that was erased.

use std::path::{Path, PathBuf};

use crate::config::IndexConfig;
use crate::error::Result;
use crate::index::{Collection, replace};

/// The folders that backups were made in, as a JSON list, in the index directory.
const FILE: &str = "backups.json";

/// A backup that holds, or may hold, a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holding {
    /// It holds at least one of the documents.
    Holds(PathBuf),
    /// It cannot be looked into, for this reason: its disk may not be there.
    Unknown(PathBuf, String),
}

/// Notes that a backup of the index was made in `folder`.
pub(super) fn note(index: &IndexConfig, folder: &Path) -> Result<()> {
    let mut folders = folders(&index.dir);
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).unwrap_or_else(|_| folder.to_owned());
    if folders.contains(&folder) {
        return Ok(());
    }
    folders.push(folder);
    let json = serde_json::to_vec_pretty(&folders).unwrap_or_default();
    replace(&index.dir, FILE, &json)
}

/// The known backups of the configured collection that still hold one of these documents, or may do so. `names` are ids,
/// uris or files, as the documents had them when the backups were made.
pub fn backups_with(index: &IndexConfig, names: &[String]) -> Vec<Holding> {
    folders(&index.dir).into_iter().filter_map(|folder| holding(folder, &index.collection, names)).collect()
}

/// What an interrupted restore or deletion left in the index directory: collections under other names.
#[cfg(feature = "cli")]
pub(crate) fn left_over(index: &IndexConfig) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&index.dir).into_iter().flatten().flatten();
    let is_left = |name: &str| [".new-", ".old-", ".deleted-"].iter().any(|start| name.starts_with(start));
    let mut found: Vec<_> = entries.filter(|entry| is_left(&entry.file_name().to_string_lossy())).collect();
    found.sort_by_key(std::fs::DirEntry::file_name);
    found.into_iter().map(|entry| entry.path()).collect()
}

fn holding(folder: PathBuf, collection: &str, names: &[String]) -> Option<Holding> {
    if !folder.is_dir() {
        return Some(Holding::Unknown(folder, "it is not there".into()));
    }
    let dir = folder.join(collection);
    if !Collection::exists(&dir) {
        return None;
    }
    let holds = || -> Result<bool> {
        let Some(store) = Collection::open_read_only(&dir)?.into_store() else { return Ok(false) };
        for name in names {
            if store.has_document(name)? || !store.ids_from(name)?.is_empty() {
                return Ok(true);
            }
            if let Some(path) = path_of(name)
                && !store.ids_from(&path)?.is_empty()
            {
                return Ok(true);
            }
        }
        Ok(false)
    };
    match holds() {
        Ok(false) => None,
        Ok(true) => Some(Holding::Holds(folder)),
        Err(error) => Some(Holding::Unknown(folder, error.to_string())),
    }
}

/// The path of a file as documents have it, also if the file is gone.
fn path_of(name: &str) -> Option<String> {
    let path = Path::new(name);
    let found = path.canonicalize().ok().or_else(|| {
        let path = std::path::absolute(path).ok()?;
        Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
    });
    Some(found?.to_string_lossy().into_owned())
}

/// The folders that are noted. A list that cannot be read is as good as none: it only names where to look.
fn folders(dir: &Path) -> Vec<PathBuf> {
    let read = std::fs::read(dir.join(FILE)).ok();
    read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_noted_once_and_one_that_is_gone_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let index = IndexConfig { dir: dir.path().to_owned(), ..crate::Config::default().index };
        let backup = dir.path().join("backup");
        std::fs::create_dir(&backup).unwrap();
        note(&index, &backup).unwrap();
        note(&index, &backup).unwrap();
        assert_eq!(backups_with(&index, &["a".into()]), [], "it has no such collection");
        std::fs::remove_dir(&backup).unwrap();
        let found = backups_with(&index, &["a".into()]);
        assert!(matches!(&found[..], [Holding::Unknown(..)]), "{found:?}");
    }
}
