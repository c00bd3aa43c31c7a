//! Changes of files that survive a crash, and files that the superuser makes for others.

use std::fs::File;
use std::io;
use std::path::Path;

/// Syncs a folder: afterwards the names of its files survive a power loss.
#[cfg(unix)]
pub(crate) fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Other systems have no such call.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives a new file to the owner and the group of the folder that it is in, whose server must be able to write to it. Only
/// what the superuser makes has another owner.
#[cfg(unix)]
pub(crate) fn own_like_folder(file: &File, path: &Path) -> io::Result<()> {
    own_like(file, &path.parent().unwrap_or_else(|| Path::new(".")).metadata()?)
}

/// Other systems have no such owners.
#[cfg(not(unix))]
pub(crate) fn own_like_folder(_file: &File, _path: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives an open file the owner and the group of `like`. If only the group cannot be given, it stays as it is.
#[cfg(unix)]
pub(crate) fn own_like(file: &File, like: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    match fchown(file, Some(like.uid()), Some(like.gid())) {
        Err(error) if own.uid() != like.uid() => Err(error),
        _ => Ok(()),
    }
}
