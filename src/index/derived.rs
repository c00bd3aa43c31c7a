//! The passage index of a collection: loaded from its files, brought up to date from the store, made again from it where
//! files are missing or damaged, written to disk.
//!
//! There are two sides. [`Loaded`] is what changes, behind a mutex. [`Published`] never changes: questions share it, and
//! each change puts a new one in its place. So a question takes no lock that is held while the index is loaded, changed or
//! written to disk.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, TryLockError};

use super::cluster::Cluster;
use super::loaded::{Loaded, Loading};
use super::model::Model;
use super::passages::{self, Checkpoint, View};
use super::store::Snapshot;
use crate::error::Result;

/// With at most this many changes to apply, every question waits for them: that takes milliseconds. With more, the first
/// question applies them, and the others are answered from what was published before.
///
/// Even the process that writes cannot answer from an older state instead: of a document that is just being replaced it would
/// find neither the earlier passages, which the store no longer has, nor the new ones.
const MAX_CHANGES_TO_WAIT_FOR: u64 = 1_000;

/// The index that questions search, as of one change of the store. Immutable.
pub(super) struct Published {
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    pub(super) model: Arc<Model>,
    pub(super) view: View,
    /// The numbers of Chinese documents in either script; read from the store by the first question that needs them.
    pub(super) chinese_documents: OnceLock<(usize, usize)>,
}

/// The passage index of one collection; loaded by the first question.
pub(super) struct DerivedIndexes {
    dir: PathBuf,
    cluster: OnceLock<Arc<Cluster>>,
    loaded: Mutex<Option<Loaded>>,
    published: RwLock<Option<Arc<Published>>>,
    /// Whether this process holds the collection, so that it may write files.
    may_write: AtomicBool,
    /// How often the index was loaded, rather than changed in place.
    loads: AtomicU64,
    /// How often parts of it were made from the store, rather than read from files.
    rebuilds: AtomicU64,
}

impl DerivedIndexes {
    /// The index of the collection in `dir`, not loaded yet.
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            cluster: OnceLock::new(),
            loaded: Mutex::default(),
            published: RwLock::default(),
            may_write: AtomicBool::default(),
            loads: AtomicU64::default(),
            rebuilds: AtomicU64::default(),
        }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Sets the cluster in which the index may be; the first one counts.
    pub(super) fn set_cluster(&self, cluster: Arc<Cluster>) {
        let _ = self.cluster.set(cluster);
    }

    /// The cluster of the settings.
    pub(super) fn cluster(&self) -> Option<&Arc<Cluster>> {
        self.cluster.get()
    }

    /// Notes that this process now holds the collection, so that it may write files of the index. What was loaded before is
    /// dropped if another process has since written a checkpoint: it may list files that are no longer there.
    pub(super) fn begin_to_write(&self) {
        let mut loaded = self.lock();
        if loaded.as_ref().is_some_and(|loaded| loaded.written != Checkpoint::current(&self.dir)) {
            *loaded = None;
            self.set_published(None);
        }
        self.may_write.store(true, Ordering::Relaxed);
    }

    pub(super) fn may_write(&self) -> bool {
        self.may_write.load(Ordering::Relaxed)
    }

    /// What questions search at present; `None` before it is loaded.
    pub(super) fn published(&self) -> Option<Arc<Published>> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_published(&self, published: Option<Arc<Published>>) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = published;
    }

    /// How often the index was loaded, rather than changed in place.
    pub(super) fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }

    /// How often parts of it were made from the store, rather than read from files.
    #[cfg(test)]
    pub(super) fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// The changing side, for the time of a change.
    ///
    /// A panic in the middle of a change leaves it half done. Then it is dropped and loaded again; what was published
    /// before is whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Loaded>> {
        self.loaded.lock().unwrap_or_else(|poisoned| self.recovered(poisoned))
    }

    fn recovered<'g>(&self, poisoned: PoisonError<MutexGuard<'g, Option<Loaded>>>) -> MutexGuard<'g, Option<Loaded>> {
        tracing::warn!("a change of the index ended in a panic; it is loaded again");
        self.loaded.clear_poison();
        let mut loaded = poisoned.into_inner();
        *loaded = None;
        loaded
    }

    /// Drops the index; the next question loads it.
    pub(super) fn unload(&self) {
        *self.lock() = None;
        self.set_published(None);
    }

    /// Likewise, but no question loads it before `change_files` is done.
    pub(super) fn unload_for(&self, change_files: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut loaded = self.lock();
        *loaded = None;
        self.set_published(None);
        change_files()
    }

    /// Drops the index once `change` has made other passages of the store and other files count. No question loads it
    /// meanwhile; those that began before are answered from what was published.
    pub(super) fn replace_by(&self, change: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut loaded = self.lock();
        let changed = change();
        *loaded = None;
        self.set_published(None);
        changed
    }

    /// Brings the index up to `store`, loads it first if need be, and publishes it.
    ///
    /// The result can be behind `store` while another question applies many changes, and ahead of it if another
    /// question had a newer snapshot of the store. `None` if the files on disk need a newer snapshot.
    pub(super) fn refresh(&self, store: &Snapshot<'_>) -> Result<Option<Arc<Published>>> {
        let last = store.last_sequence()?;
        let mut loaded = match self.published() {
            // An older state can answer, but not one whose vectors are by another model than the store's.
            Some(behind)
                if last.saturating_sub(behind.sequence) > MAX_CHANGES_TO_WAIT_FOR
                    && Model::read(store)?.as_ref() == Some(&*behind.model) =>
            {
                match self.loaded.try_lock() {
                    Ok(loaded) => loaded,
                    Err(TryLockError::WouldBlock) => return Ok(Some(behind)),
                    Err(TryLockError::Poisoned(poisoned)) => self.recovered(poisoned),
                }
            }
            _ => self.lock(),
        };
        // Another thread may have done the work while this one waited for the lock.
        if let (Some(loaded), Some(published)) = (loaded.as_ref(), self.published())
            && published.sequence == loaded.sequence
            && published.sequence >= last
        {
            return Ok(Some(published));
        }
        self.bring_up(&mut loaded, store)
    }

    /// As [`DerivedIndexes::refresh`], for a caller that holds the lock.
    pub(super) fn bring_up(&self, loaded: &mut Option<Loaded>, store: &Snapshot<'_>) -> Result<Option<Arc<Published>>> {
        let published = self.changed(loaded, store);
        if published.is_err() {
            // It may be half changed.
            *loaded = None;
        }
        published
    }

    fn changed(&self, loaded: &mut Option<Loaded>, store: &Snapshot<'_>) -> Result<Option<Arc<Published>>> {
        let before = loaded.take();
        if let Some(mut current) = before {
            let caught_up = match current.catch_up(store) {
                Ok(caught_up) => {
                    // A merge may have found damage that no question has met.
                    let is_sound = !current.is_damaged();
                    caught_up && is_sound && !(current.is_long() && self.is_better_on_disk(&current))
                }
                // Perhaps a file that was read for it is damaged.
                Err(error) if passages::is_failure(&error) => {
                    tracing::warn!("{error}; the index is loaded again");
                    false
                }
                Err(error) => return Err(error),
            };
            if caught_up {
                return Ok(Some(self.publish(loaded.insert(current))));
            }
            return self.load(loaded, store, Some(&current));
        }
        self.load(loaded, store, None)
    }

    /// Whether another process has written to disk what is compared one by one here.
    fn is_better_on_disk(&self, current: &Loaded) -> bool {
        !self.may_write()
            && Checkpoint::current(&self.dir).is_some_and(|checkpoint| {
                checkpoint.sequence > current.written.as_ref().map_or(0, |written| written.sequence)
                    && checkpoint.through <= current.sequence
            })
    }

    fn load(
        &self,
        loaded: &mut Option<Loaded>,
        store: &Snapshot<'_>,
        before: Option<&Loaded>,
    ) -> Result<Option<Arc<Published>>> {
        let cluster = self.cluster().map(|cluster| &**cluster);
        let loading = Loading { dir: &self.dir, store, cluster, may_write: self.may_write(), before };
        let Some(new) = loading.load()? else { return Ok(None) };
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.rebuilds.fetch_add(u64::from(new.is_rebuilt), Ordering::Relaxed);
        Ok(Some(self.publish(loaded.insert(new))))
    }

    /// Puts what was damaged out of use, makes it again from the store and publishes the whole. `store` is any snapshot of
    /// the collection's store.
    pub(super) fn repair(&self, store: &Snapshot<'_>) -> Result<Option<Arc<Published>>> {
        let mut loaded = self.lock();
        // Not older than what is loaded, so that nothing that was deleted comes back.
        let now = store.store().snapshot()?;
        let damaged = loaded.as_ref().is_none_or(Loaded::is_damaged);
        if damaged {
            // What damaged one segment may have damaged others; all are made again at once.
            for slot in loaded.iter().flat_map(|loaded| loaded.slots.iter()) {
                // Marks the slot, which is all that is wanted.
                let _ = slot.check_all();
            }
            let before = loaded.take();
            return self.load(&mut loaded, &now, before.as_ref());
        }
        // Another question did it.
        self.bring_up(&mut loaded, &now)
    }

    /// Publishes a change that the caller, who holds the lock, made.
    pub(super) fn publish(&self, loaded: &Loaded) -> Arc<Published> {
        let published = Arc::new(Published {
            sequence: loaded.sequence,
            model: Arc::clone(&loaded.model),
            view: View::new(&loaded.slots),
            chinese_documents: OnceLock::new(),
        });
        self.set_published(Some(Arc::clone(&published)));
        published
    }
}
