//! Erases what deleted documents left in a successor.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::super::collection::Collection;
use super::super::store::Store;
use super::folder::DIR;
use super::making::{Differences, Successor};
use crate::error::{Error, Result};

/// A file in its folder by which another process asks that nothing of deleted documents be left in it.
const ERASE: &str = "ERASE";
/// How long to wait for that. A reindex looks for the file every few seconds.
const ERASE_TIMEOUT: Duration = Duration::from_mins(1);
const ERASE_PAUSE: Duration = Duration::from_millis(50);

impl Successor {
    /// Erases what deleted documents left in it, if another process asked for that.
    pub fn erase_if_asked(&self, collection: &Store) -> Result<()> {
        let asked = self.dir.join(DIR).join(ERASE);
        if !asked.exists() {
            return Ok(());
        }
        erase(&self.next, &self.differences(&collection.snapshot()?)?)?;
        fs::remove_file(&asked).map_err(Error::io("remove", &asked))
    }
}

/// Erases what deleted documents left in the successor of the collection in `dir`. A process that works on it is asked to do
/// that.
///
/// # Errors
///
/// [`Error::Locked`] if that process does not do it in time.
pub(in crate::index) fn erase_traces(dir: &Path, store: &Store) -> Result<()> {
    let since = Instant::now();
    let next = dir.join(DIR);
    let asked = next.join(ERASE);
    let mut has_asked = false;
    loop {
        if !Collection::exists(&next) || (has_asked && !asked.exists()) {
            return Ok(());
        }
        match Successor::resume(dir, store, &mut |notice| tracing::warn!("{notice}")) {
            Ok(None) => return Ok(()),
            Ok(Some(successor)) => {
                if !has_asked {
                    fs::write(&asked, "").map_err(Error::io("write", &asked))?;
                }
                return successor.erase_if_asked(store);
            }
            Err(error @ Error::Locked { .. }) if since.elapsed() > ERASE_TIMEOUT => return Err(error),
            Err(Error::Locked { .. }) => {}
            Err(error) => return Err(error),
        }
        if !has_asked {
            fs::write(&asked, "").map_err(Error::io("write", &asked))?;
            has_asked = true;
        }
        std::thread::sleep(ERASE_PAUSE);
    }
}

fn erase(next: &Collection, found: &Differences) -> Result<()> {
    found.extra.iter().try_for_each(|id| next.delete(id).map(drop))?;
    next.erase_traces()
}
