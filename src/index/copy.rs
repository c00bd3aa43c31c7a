//! A whole copy of a collection in another folder: what a backup is made of, and what restores one.

use std::fs::{self, File};
use std::path::Path;

use super::collection::Collection;
use super::originals::Originals;
use super::passages::{self, sync_directory};
use super::store::Store;
use super::verify::Verification;
use crate::error::{Error, Result};
use crate::feedback::Records;

impl Collection {
    /// The file in a copy that says that it is a backup.
    pub const BACKUP_FACTS: &str = "backup.json";

    /// Whether it is a backup that is opened where it lies.
    pub fn is_backup(&self) -> bool {
        self.dir().join(Self::BACKUP_FACTS).is_file()
    }

    /// Copies the store as of now, the files of its documents that are kept, and feedback on answers into the new folder
    /// `to`, and checks the copy. The passage index is not copied; it is made again. Of one
    /// in a cluster it is copied what says which points count, so that the copy can be asked. Files that `earlier`, a former copy, has
    /// already are linked from there where the file system can. `None` if nothing was ever stored; then nothing is copied.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if the copy is not sound, which says what is damaged.
    pub fn copy_to(&self, to: &Path, earlier: Option<&Path>) -> Result<Option<Verification>> {
        let Some(store) = self.store() else { return Ok(None) };
        fs::create_dir_all(to).map_err(Error::io("create", to))?;
        let file = to.join(Store::FILE);
        // Before the store, which must not be behind it.
        passages::copy_listing(self.dir(), to)?;
        store.copy_to(&file)?;
        let copied = Self::open_read_only(to)?;
        let hashes = match copied.store() {
            Some(copied) => copied.snapshot()?.original_hashes()?,
            None => return Ok(None),
        };
        let sources: Vec<Originals> = earlier.map(Originals::of).into_iter().chain([self.originals()]).collect();
        copied.originals().copy_from(&sources, &hashes)?;
        Records::of(self.dir()).copy_feedback_to(to)?;
        let found = copied.verify(None)?;
        if let Some(problem) = found.problems.first() {
            return Err(Error::Corrupt { path: store.path().to_owned(), reason: problem.clone() });
        }
        drop(copied);
        // Readers of a store leave files beside it, which are empty now.
        for name in ["-wal", "-shm"] {
            let _ = fs::remove_file(to.join(format!("{}{name}", Store::FILE)));
        }
        File::open(&file).and_then(|file| file.sync_all()).map_err(Error::io("write", &file))?;
        sync_directory(to)?;
        Ok(Some(found))
    }
}
