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

/// The known backups of the configured collection that still hold one of these documents, or may do so.
pub fn backups_with(index: &IndexConfig, ids: &[String]) -> Vec<Holding> {
    folders(&index.dir).into_iter().filter_map(|folder| holding(folder, &index.collection, ids)).collect()
}

fn holding(folder: PathBuf, collection: &str, ids: &[String]) -> Option<Holding> {
    if !folder.is_dir() {
        return Some(Holding::Unknown(folder, "it is not there".into()));
    }
    let dir = folder.join(collection);
    if !Collection::exists(&dir) {
        return None;
    }
    let holds = || -> Result<bool> {
        let Some(store) = Collection::open_read_only(&dir)?.into_store() else { return Ok(false) };
        for id in ids {
            if store.has_document(id)? {
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
