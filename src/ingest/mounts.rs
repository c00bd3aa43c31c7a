//! Folders in which another file system begins. They are remembered, so that a disk that is not mounted is told from files
//! that are gone.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::pipeline::Item;
use crate::index::store::Store;

/// The mounts on the way to the files of a walk.
pub(super) struct Mounts {
    roots: Vec<PathBuf>,
    /// The folder of the last file: that of the next is most often the same.
    last: Option<PathBuf>,
}

impl Mounts {
    /// Mounts in the folders at `paths`.
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        Self { roots: paths.iter().filter_map(|path| path.canonicalize().ok()).collect(), last: None }
    }

    /// What is to be recorded of the folders between a root and a file.
    pub(super) fn on_the_way_to(&mut self, file: &Path, store: &Store) -> Vec<Item> {
        let Some(folder) = file.parent().filter(|folder| self.last.as_deref() != Some(folder)) else {
            return Vec::new();
        };
        let mut items = Vec::new();
        let root = self.roots.iter().filter(|root| folder.starts_with(root)).min_by_key(|root| root.as_os_str().len());
        let seen = self.last.take();
        if let Some(root) = root {
            let above = folder.ancestors().take_while(|above| above.starts_with(root));
            // Those of the last file were looked at.
            for above in above.filter(|above| seen.as_ref().is_none_or(|seen| !seen.starts_with(above))) {
                let name = above.display().to_string();
                let is_known = store.mounts_below(&name).is_ok_and(|known| known.contains(&name));
                let is_there = is_mount(above);
                // As long as files of the disk are gone, it may come back.
                let is_empty_of = || {
                    let below = store.snapshot().and_then(|snapshot| snapshot.origins_below(&name));
                    below.is_ok_and(|origins| !origins.iter().any(is_gone))
                };
                if is_there && !is_known || is_known && !is_there && is_empty_of() {
                    items.push(Item::Mount(name, is_there));
                }
            }
        }
        self.last = Some(folder.to_owned());
        items
    }
}

/// Whether there is no file any more at a path.
pub(super) fn is_gone(origin: &String) -> bool {
    // What is not the path itself cannot be looked for.
    !origin.contains(char::REPLACEMENT_CHARACTER)
        && std::fs::symlink_metadata(origin).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Whether another file system begins in a folder.
#[cfg(unix)]
pub(super) fn is_mount(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |path: &Path| path.metadata().ok().map(|metadata| metadata.dev());
    let above = folder.parent().and_then(device);
    above.is_some() && device(folder).is_some_and(|device| Some(device) != above)
}

/// Elsewhere that is not known.
#[cfg(not(unix))]
pub(super) fn is_mount(_: &Path) -> bool {
    false
}
