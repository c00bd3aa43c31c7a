//! What a collection has on disk, and what the process has that holds it.

use std::path::Path;

use super::lock::WriterLock;
use super::loss;
use super::model::Model;
use super::originals::Originals;
use super::passages::{self, Checkpoint};
use super::store::Store;
use super::successor;
use crate::error::Result;

/// What only the process that holds the collection has.
pub(super) struct Writer {
    pub(super) store: Store,
    _lock: WriterLock,
}

impl Writer {
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let lock = WriterLock::take(dir)?;
        let known = loss::known_sequence(dir);
        let path = dir.join(Store::FILE);
        if !path.exists() {
            loss::check(dir, known, None)?;
        }
        let store = Store::open(&path)?;
        loss::check(dir, known, Some(&store))?;
        // A crash may have left copies that no document needs, or a part of one, and segments that do not count.
        if let Err(error) = Originals::of(dir).remove_all_but(&store.snapshot()?.original_hashes()?) {
            tracing::warn!("{error}");
        }
        let snapshot = store.snapshot()?;
        let model = Model::read(&snapshot)?.map(|model| model.identity.fingerprint);
        let taken_over = snapshot.get(passages::SUCCESSOR)?;
        passages::settle(dir, snapshot.last_sequence()?, model.as_deref(), taken_over.as_deref());
        passages::remove_unlisted(dir);
        successor::clear_away(dir, &snapshot);
        drop(snapshot);
        Ok(Self { store, _lock: lock })
    }
}

/// Sizes of a collection on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// The store with its write-ahead log.
    pub store_bytes: u64,
    /// The vectors of the index.
    pub vector_bytes: u64,
    /// The terms of the index, and what else it has.
    pub lexical_bytes: u64,
    /// Changes that the index on disk lacks.
    pub behind: u64,
}

impl DiskUsage {
    /// The sizes of the collection in `dir`, whose store has `last` as its last change.
    pub(super) fn of(dir: &Path, last: u64) -> Self {
        let bytes = |name: &str| std::fs::metadata(dir.join(name)).map_or(0, |metadata| metadata.len());
        let checkpoint = Checkpoint::current(dir);
        let (mut vector_bytes, mut lexical_bytes) = (0, 0);
        for segment in checkpoint.iter().flat_map(|checkpoint| &checkpoint.segments) {
            let (vectors, others) = segment.bytes(dir);
            vector_bytes += vectors;
            lexical_bytes += others;
        }
        Self {
            store_bytes: bytes(Store::FILE) + bytes(&format!("{}-wal", Store::FILE)),
            vector_bytes,
            lexical_bytes,
            behind: last.saturating_sub(checkpoint.map_or(0, |checkpoint| checkpoint.sequence)),
        }
    }
}

/// The bytes that this user can still write to the file system of `folder`; `None` if the system does not say.
#[cfg(unix)]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Likewise.
#[cfg(not(unix))]
pub fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}
