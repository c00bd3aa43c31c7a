//! Refuses a store that lost changes: one that ends before the index that was made from it.

use std::path::Path;

use super::passages::Checkpoint;
use super::store::Store;
use crate::error::{Error, Result};

/// The last change of the store in `dir` that the checkpoint or `store.last` records. Call this before the store is
/// opened: both are written after the change is committed, so an intact store is never behind them.
pub(super) fn known_sequence(dir: &Path) -> Option<u64> {
    Checkpoint::last_sequence(dir).max(Store::last_acknowledged(&dir.join(Store::FILE)))
}

/// Compares that change, `known`, with the last one of the store; `None` is a store that does not exist or was left
/// empty.
///
/// # Errors
///
/// [`Error::Corrupt`] if the store ends before it: the file or its write-ahead log was lost, or an older one was put in
/// its place.
pub(super) fn check(dir: &Path, known: Option<u64>, store: Option<&Store>) -> Result<()> {
    let Some(known) = known.filter(|known| *known > 0) else { return Ok(()) };
    let lost = |reason: String| Err(Error::Corrupt { path: dir.join(Store::FILE), reason });
    match store.map(Store::last_sequence).transpose()? {
        None => lost(format!("it is missing or empty, but {known} changes were stored in it")),
        Some(last) if last < known => lost(format!(
            "it ends at change {last}, but {known} changes were stored in it: the last ones were lost, perhaps with \
             store.db-wal; if you put an older store back on purpose, delete checkpoint.json and store.last beside it"
        )),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Collection;
    use crate::index::passages::Slots;
    use crate::index::store::samples;

    /// A collection without documents whose checkpoint speaks of nine changes.
    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        drop(Collection::open(dir.path()).unwrap());
        let checkpoint = Checkpoint::of(&Slots::default(), dir.path(), (9, 9), "m", None).unwrap();
        checkpoint.save(dir.path(), None).unwrap();
        dir
    }

    fn assert_refused(dir: &Path, reason: &str) {
        for error in [Collection::open(dir).err(), Collection::open_read_only(dir).err()] {
            let error = error.unwrap_or_else(|| panic!("{reason}: it should be refused"));
            assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().contains(reason), "{error}");
            assert!(error.hint().is_some_and(|hint| hint.contains("backup")), "{error:?}");
        }
    }

    #[test]
    fn a_store_that_ends_before_its_checkpoint_has_lost_changes() {
        let dir = folder();
        assert_refused(dir.path(), "it ends at change 0, but 9 changes were stored in it");
        std::fs::remove_file(dir.path().join("checkpoint.json")).unwrap();
        assert!(Collection::open(dir.path()).is_ok(), "without checkpoint.json the older store is accepted");
    }

    #[test]
    fn a_missing_or_empty_store_beside_a_checkpoint_is_no_empty_index() {
        let dir = folder();
        let store = dir.path().join(Store::FILE);
        std::fs::remove_file(&store).unwrap();
        assert_refused(dir.path(), "missing or empty");
        assert!(!store.exists(), "none was made in its place");
        std::fs::write(&store, "").unwrap();
        assert!(matches!(Collection::open_read_only(dir.path()), Err(Error::Corrupt { .. })));
        assert!(matches!(Collection::open(dir.path()), Err(Error::Corrupt { .. })));
    }

    #[test]
    fn a_write_ahead_log_that_is_lost_or_cut_short_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let killed = tempfile::tempdir().unwrap();
        {
            let collection = Collection::open(dir.path()).unwrap();
            for id in ["a", "b"] {
                collection.put(&samples::document(id, &["Text."])).unwrap();
            }
            // As a writer leaves them that is killed here.
            for file in std::fs::read_dir(dir.path()).unwrap().flatten() {
                std::fs::copy(file.path(), killed.path().join(file.file_name())).unwrap();
            }
        }
        let log = killed.path().join("store.db-wal");
        let whole = std::fs::read(&log).unwrap();
        for length in [0, whole.len() / 2, whole.len() - 1] {
            let damaged = tempfile::tempdir().unwrap();
            for file in std::fs::read_dir(killed.path()).unwrap().flatten() {
                std::fs::copy(file.path(), damaged.path().join(file.file_name())).unwrap();
            }
            std::fs::write(damaged.path().join("store.db-wal"), &whole[..length]).unwrap();
            for error in [Collection::open_read_only(damaged.path()).err(), Collection::open(damaged.path()).err()] {
                let error = error.unwrap_or_else(|| panic!("cut to {length} bytes"));
                assert!(matches!(error, Error::Corrupt { .. }), "{error}");
            }
        }
        assert!(Collection::open_read_only(killed.path()).is_ok(), "a killed writer alone loses nothing");
    }

    #[test]
    fn a_folder_without_store_and_checkpoint_is_an_empty_index() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Collection::open_read_only(dir.path()).unwrap().is_new().unwrap());
        std::fs::write(dir.path().join(Store::FILE), "").unwrap();
        assert!(Collection::open_read_only(dir.path()).unwrap().is_new().unwrap());
        assert!(Collection::open(dir.path()).unwrap().is_new().unwrap());
    }
}
