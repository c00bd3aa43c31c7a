//! A copy of the store as of one moment, made while others read and write it.

use std::fs::File;
use std::path::Path;

use super::Store;
use crate::error::{Error, Result};

impl Store {
    /// Writes the store as of now to the new file `to`, without what deleted documents left. It is on disk when this
    /// returns. Writers are not held up.
    pub fn copy_to(&self, to: &Path) -> Result<()> {
        let name = to.to_str().ok_or_else(|| Error::Input {
            reason: format!("{} is not UTF-8", to.display()),
            hint: "choose a folder with another name".into(),
        })?;
        // `VACUUM INTO` keeps the keys of rows: every table has a key of its own.
        let copy = || {
            let reader = self.readers.take()?;
            reader.connection.pragma_update(None, "query_only", false)?;
            // The connection is not put back, so that no other reader can write.
            reader.connection.execute("VACUUM INTO ?1", [name])
        };
        copy().map_err(|error| self.error(error))?;
        File::open(to).and_then(|file| file.sync_all()).map_err(Error::io("write", to))
    }
}
