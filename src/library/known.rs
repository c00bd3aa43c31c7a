//! The backups that were made of an index: which of them still hold a document that was erased.

use std::path::{Path, PathBuf};

use crate::config::IndexConfig;
use crate::error::{Error, Result};
use crate::feedback::Records;
use crate::footnote::path_of;
use crate::index::{Collection, replace};
use crate::ingest::id::id_of_uri;
use crate::ingest::split::file_uri;
use crate::keys::open_lock;

/// The folders that backups were made in, as a JSON list, in the index directory.
const FILE: &str = "backups.json";
/// Held while the list is changed.
const LOCK: &str = "backups.lock";
/// A list that could not be read when another backup was made.
const UNREADABLE: &str = "backups.unreadable.json";

/// A backup that holds, or may hold, a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holding {
    /// It holds at least one of the documents.
    Holds(PathBuf),
    /// It cannot be looked into, for this reason: its disk may not be there.
    Unknown(PathBuf, String),
}

/// Notes that a backup of the index is made in `folder`. Several processes may do so at once.
pub(super) fn note(index: &IndexConfig, folder: &Path) -> Result<()> {
    let lock = index.dir.join(LOCK);
    let held = open_lock(&lock).map_err(Error::io("open", &lock))?;
    held.lock().map_err(Error::io("lock", &lock))?;
    let mut folders = match folders(&index.dir) {
        Ok(folders) => folders,
        Err(error) => {
            tracing::warn!("{error}");
            let (list, aside) = (index.dir.join(FILE), index.dir.join(UNREADABLE));
            std::fs::rename(&list, aside).map_err(Error::io("move", &list))?;
            Vec::new()
        }
    };
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
    let unreadable = index.dir.join(UNREADABLE);
    let aside = unreadable.exists().then(|| Holding::Unknown(unreadable, "it is a list that cannot be read".into()));
    let found = match folders(&index.dir) {
        Ok(folders) => folders.into_iter().filter_map(|folder| holding(folder, &index.collection, names)).collect(),
        Err(error) => vec![Holding::Unknown(index.dir.join(FILE), error.to_string())],
    };
    aside.into_iter().chain(found).collect()
}

/// What an interrupted restore or deletion left of the configured collection in the index directory, under other names.
/// What it left of other collections may be all that there is of them.
#[cfg(feature = "cli")]
pub(crate) fn left_over(index: &IndexConfig) -> Vec<PathBuf> {
    let left = [".deleted-", ".new-", ".old-"].map(|start| index.dir.join(format!("{start}{}", index.collection)));
    left.into_iter().filter(|folder| folder.exists()).collect()
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
        // The documents may be gone, but feedback has their ids.
        let of_uris = names.iter().map(|name| id_of_uri(name));
        let of_files = names.iter().filter_map(|name| Some(id_of_uri(&file_uri(Path::new(&path_of(name)?)))));
        let ids: Vec<String> = names.iter().cloned().chain(of_uris).chain(of_files).collect();
        Records::of(&dir).names_any(&ids)
    };
    match holds() {
        Ok(false) => None,
        Ok(true) => Some(Holding::Holds(folder)),
        Err(error) => Some(Holding::Unknown(folder, error.to_string())),
    }
}

/// The folders that are noted.
fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    let path = dir.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| Error::Corrupt { path, reason: error.to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io("read", path)(error)),
    }
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

    #[test]
    fn a_backup_whose_feedback_names_a_document_is_found_by_the_path_of_its_file() {
        use crate::feedback::{Feedback, NewFeedback};
        let dir = tempfile::tempdir().unwrap();
        let index = IndexConfig { dir: dir.path().to_owned(), ..crate::Config::default().index };
        let (backup, file) = (dir.path().join("backup"), dir.path().canonicalize().unwrap().join("a report.txt"));
        let collection = backup.join(&index.collection);
        drop(Collection::open(&collection).unwrap());
        note(&index, &backup).unwrap();
        let id = id_of_uri(&file_uri(&file));
        let new = NewFeedback { question: "who?".into(), document: Some(id.clone()), ..NewFeedback::default() };
        Records::of(&collection).add(&Feedback::of(new, None).unwrap()).unwrap();
        for name in [id, file_uri(&file), file.display().to_string()] {
            let found = backups_with(&index, std::slice::from_ref(&name));
            assert!(matches!(&found[..], [Holding::Holds(_)]), "{name}: {found:?}");
        }
        assert_eq!(backups_with(&index, &["other".into()]), []);
    }

    #[test]
    fn a_list_that_cannot_be_read_is_kept_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let index = IndexConfig { dir: dir.path().to_owned(), ..crate::Config::default().index };
        std::fs::write(dir.path().join(FILE), "[\"/mnt/back").unwrap();
        let named = |file: &str| Holding::Unknown(dir.path().join(file), String::new());
        let found = |index| -> Vec<Holding> {
            let path = |holding| match holding {
                Holding::Holds(path) | Holding::Unknown(path, _) => Holding::Unknown(path, String::new()),
            };
            backups_with(index, &["a".into()]).into_iter().map(path).collect()
        };
        assert_eq!(found(&index), [named(FILE)]);
        note(&index, &dir.path().join("backup")).unwrap();
        assert_eq!(found(&index), [named(UNREADABLE), named("backup")]);
    }
}
