//! What a collection has on disk, and when its derived indexes are due to be written there again.

use std::path::Path;

use super::checkpoint::{Checkpoint, NewFile};
use super::derived::{Derived, Live};
use super::lexical::LexicalIndex;
use super::lock::WriterLock;
use super::loss;
use super::originals::Originals;
use super::store::Store;
use super::vector::VectorIndex;
use crate::error::Result;

/// Changes since the derived indexes were last written to disk after which they are written again, at least.
pub(super) const MIN_CHANGES: u64 = 1_000;
/// The same as a share of the collection's passages. Writing takes time in proportion to the passages, so this keeps the
/// writing during a growth to n passages at O(n) bytes, where a fixed number of changes would make it O(n²).
const CHANGES_SHARE: u64 = 10;
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
        // A crash may have left copies that no document needs, or a part of one.
        Originals::of(dir).remove_all_but(&store.snapshot()?.original_hashes()?);
        Ok(Self { store, _lock: lock })
    }
}

/// Sizes of a collection on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// The store with its write-ahead log.
    pub store_bytes: u64,
    /// The vector index.
    pub vector_bytes: u64,
    /// The lexical index.
    pub lexical_bytes: u64,
    /// Changes that the derived indexes on disk lack.
    pub behind: u64,
}

impl DiskUsage {
    /// The sizes of the collection in `dir`, whose store has `last` as its last change.
    pub(super) fn of(dir: &Path, last: u64) -> Self {
        let bytes = |name: &str| std::fs::metadata(dir.join(name)).map_or(0, |metadata| metadata.len());
        let [vector_bytes, lexical_bytes] = [VectorIndex::NAME, LexicalIndex::NAME]
            .map(|name| Checkpoint::file(dir, name).map_or(0, |file| bytes(&file.file)));
        let through = sequences(dir).into_iter().min().unwrap_or_default();
        Self {
            store_bytes: bytes(Store::FILE) + bytes(&format!("{}-wal", Store::FILE)),
            vector_bytes,
            lexical_bytes,
            behind: last.saturating_sub(through),
        }
    }
}

/// The last change that does not make the derived indexes in `dir` due to be written again.
pub(super) fn due_after(dir: &Path) -> u64 {
    let due = [VectorIndex::NAME, LexicalIndex::NAME].map(|name| {
        let (sequence, passages) =
            Checkpoint::file(dir, name).map_or((0, 0), |file| (file.sequence, file.passages as u64));
        sequence + MIN_CHANGES.max(passages / CHANGES_SHARE)
    });
    due.into_iter().min().unwrap_or(MIN_CHANGES)
}

/// The last change that each derived index on disk holds.
pub(super) fn sequences(dir: &Path) -> [u64; 2] {
    [VectorIndex::NAME, LexicalIndex::NAME].map(|name| Checkpoint::file(dir, name).map_or(0, |file| file.sequence))
}

/// Whether the index on disk is as the current program would write it after change number `last`, by its own account.
pub(super) fn is_on_disk<I: Derived>(dir: &Path, last: u64, model: &str) -> bool {
    Checkpoint::file(dir, I::NAME).is_some_and(|file| file.sequence == last && file.is_made_by(model, I::RULES))
}

/// The file of a derived index, to be written.
pub(super) fn new_file<I: Derived>(live: &mut Live<I>, model: &str) -> Result<NewFile> {
    let (passages, _) = live.index.compare(&[])?;
    Ok(NewFile {
        name: I::NAME,
        extension: I::EXTENSION,
        bytes: live.index.serialize()?,
        sequence: live.sequence,
        passages,
        model: model.to_owned(),
        rules: I::RULES,
    })
}
