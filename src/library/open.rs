//! The collections that are open, and which of them to close.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::footnote::Footnote;
use crate::index::store::Store;

/// Collections that stay open. Beyond that, the least recently used ones that are idle are closed.
pub(super) const MAX_OPEN: usize = 32;

/// The open collections.
#[derive(Default)]
pub(super) struct OpenCollections {
    pub(super) by_name: BTreeMap<String, OpenCollection>,
    /// Counts uses.
    clock: u64,
}

pub(super) struct OpenCollection {
    pub(super) footnote: Arc<Footnote>,
    file: Option<FileId>,
    /// The clock's count at the last use.
    last_used: u64,
}

/// What a file keeps as long as it exists, and no other file has at the same time.
type FileId = (u64, u64);

impl OpenCollections {
    /// The collection of this name, if it is open and still the one on disk. Another process may have deleted it, and
    /// even created it again.
    pub(super) fn get(&mut self, name: &str, dir: &Path) -> Option<Arc<Footnote>> {
        self.clock += 1;
        let open = self.by_name.get_mut(name)?;
        if open.file.is_some() && open.file == file_id(dir) {
            open.last_used = self.clock;
            return Some(Arc::clone(&open.footnote));
        }
        open.footnote.abandon();
        self.by_name.remove(name);
        None
    }

    pub(super) fn insert(&mut self, name: &str, footnote: Arc<Footnote>) {
        let file = file_id(footnote.dir());
        self.clock += 1;
        self.by_name.insert(name.to_owned(), OpenCollection { footnote, file, last_used: self.clock });
    }

    /// The least recently used collection that nobody uses, if too many are open.
    pub(super) fn idle(&self, keep: &str) -> Option<(String, Arc<Footnote>)> {
        if self.by_name.len() <= MAX_OPEN {
            return None;
        }
        let idle = self.by_name.iter().filter(|(name, open)| *name != keep && Arc::strong_count(&open.footnote) == 1);
        let (name, open) = idle.min_by_key(|(_, open)| open.last_used)?;
        Some((name.clone(), Arc::clone(&open.footnote)))
    }
}

/// The identity of the store's file in `dir`; `None` if there is none.
fn file_id(dir: &Path) -> Option<FileId> {
    let metadata = dir.join(Store::FILE).metadata().ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let created = metadata.created().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some((created.as_secs(), u64::from(created.subsec_nanos())))
    }
}

/// Closes a collection, unless somebody has started to use it.
pub(super) fn close(all: &Mutex<OpenCollections>, name: &str, closing: Arc<Footnote>) {
    if let Err(error) = closing.checkpoint() {
        tracing::warn!("{error}; collection {name} stays open");
        return;
    }
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    // Used by none but this list and this function.
    let unused = all
        .by_name
        .get(name)
        .is_some_and(|open| Arc::ptr_eq(&open.footnote, &closing) && Arc::strong_count(&closing) == 2);
    if unused {
        all.by_name.remove(name);
        // What was written since the checkpoint is safe in the store. It is not written to the index now: that may wait for a
        // cluster, and nobody can use any collection meanwhile.
        closing.abandon();
        // Under the lock, so that whoever opens it again finds it released.
        drop(closing);
    }
}
