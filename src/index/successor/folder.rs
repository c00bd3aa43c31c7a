//! The folder of a successor, and what is left of it when it is not needed any more.

use std::fs;
use std::path::Path;

use super::super::lock::WriterLock;
use super::super::passages::{SUCCESSOR, sync_directory};
use super::super::store::{Snapshot, Store};
use crate::error::{Error, Result};

/// The folder of a successor in that of its collection.
pub(super) const DIR: &str = "next";
/// What the folder is called while it is removed.
const GONE: &str = "next.gone";

/// Removes the successor of the collection in `dir`, and what was embedded for it; `false` if there is none.
///
/// # Errors
///
/// [`Error::Locked`] if another process works on it.
pub fn abandon(dir: &Path) -> Result<bool> {
    let next = dir.join(DIR);
    if !next.exists() {
        return Ok(false);
    }
    let held = WriterLock::take(&next)?;
    let removed = remove(dir);
    drop(held);
    removed.map(|()| true)
}

/// Removes what a crash left of a successor that was taken over or abandoned. Only the writer of the collection calls this.
pub(in crate::index) fn clear_away(dir: &Path, store: &Snapshot<'_>) {
    let cleared = remove_gone(dir).and_then(|()| {
        let next = dir.join(DIR);
        let Some(successor) = next.join(Store::FILE).is_file().then(|| Store::open_read_only(&next.join(Store::FILE)))
        else {
            return Ok(());
        };
        // Damage is told to whoever goes on with it.
        let Ok(Some(successor)) = successor else { return Ok(()) };
        let is_taken_over = is_taken_over(store, &successor.snapshot()?)?;
        drop(successor);
        if is_taken_over { remove(dir) } else { Ok(()) }
    });
    if let Err(error) = cleared {
        tracing::warn!("{error}");
    }
}

/// Whether the collection took over this successor.
pub(super) fn is_taken_over(collection: &Snapshot<'_>, successor: &Snapshot<'_>) -> Result<bool> {
    let number = successor.get(SUCCESSOR)?;
    Ok(number.is_some() && collection.get(SUCCESSOR)? == number)
}

/// Removes the folder. It is renamed first, so that after a crash there is either all of it or none.
pub(super) fn remove(dir: &Path) -> Result<()> {
    remove_gone(dir)?;
    let (next, gone) = (dir.join(DIR), dir.join(GONE));
    fs::rename(&next, &gone).map_err(Error::io("remove", &next))?;
    sync_directory(dir)?;
    remove_gone(dir)
}

fn remove_gone(dir: &Path) -> Result<()> {
    let gone = dir.join(GONE);
    match fs::remove_dir_all(&gone) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &gone)(error)),
        _ => Ok(()),
    }
}
