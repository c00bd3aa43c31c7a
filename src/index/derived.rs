//! The two derived indexes of a collection in memory: loaded from their files, brought up to date from the store, or made
//! again from it.
//!
//! There are two sides. [`Loaded`] is what changes, behind a mutex. [`Published`] never changes: questions share it, and
//! each change puts a new one in its place. So a question takes no lock that is held while an index is loaded, changed
//! or written to disk.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, TryLockError};

use super::checkpoint::{Checked, Checkpoint, DerivedFile};
use super::follow::{Follower, PAGE, follow};
use super::lexical::{LexicalIndex, LexicalSnapshot};
use super::model::Model;
use super::places::Places;
use super::store::Snapshot;
use super::vector::VectorIndex;
use crate::error::{Error, Result};
use crate::terms::{self, ChineseScript, terms};

/// With at most this many changes to apply, every question waits for them: that takes milliseconds. With more, the first
/// question applies them, and the others are answered from what was published before.
const MAX_CHANGES_TO_WAIT_FOR: u64 = 1_000;

/// An index that can be made from the store, and is never the only place where something is kept.
pub(super) trait Derived: Follower + Sized {
    /// Its name in `checkpoint.json` and the start of its file's name.
    const NAME: &'static str;
    /// The extension of its file's name.
    const EXTENSION: &'static str;
    /// The version of the rules by which passages become its entries. A file by other rules is not used.
    const RULES: u32;

    /// An index of no passages.
    fn empty(dimensions: usize) -> Result<Self>;
    /// Reads what [`Derived::serialize`] returned. Check the bytes' hash first.
    fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self>;
    /// The index as bytes.
    fn serialize(&mut self) -> Result<Vec<u8>>;
    /// How many passages it holds, and how many of `keys` it lacks.
    fn compare(&mut self, keys: &[u64]) -> Result<(usize, usize)>;
}

/// A derived index in memory.
pub(super) struct Live<I> {
    pub(super) index: I,
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    /// The last change that its file holds; 0 if there is no intact file.
    pub(super) saved: u64,
    /// The last change that it held when it was loaded from its file, made from the store or written to disk.
    base: u64,
}

impl<I: Derived> Live<I> {
    /// An index as its file has it.
    pub(super) fn of_file(index: I, sequence: u64) -> Self {
        Self { index, sequence, saved: sequence, base: sequence }
    }

    /// Notes that it was written to disk as of change number `sequence`.
    pub(super) fn saved(&mut self, sequence: u64) {
        (self.saved, self.base) = (sequence, sequence);
    }

    /// The index from its file, brought up to date; from the store if the file is missing or unusable. `None` if another
    /// process has written the file since the snapshot began, which a newer snapshot can use.
    pub(super) fn load(dir: &Path, store: &Snapshot<'_>, model: &Model) -> Result<Option<Self>> {
        let name = I::NAME;
        match Checkpoint::load(dir, name) {
            Checked::Intact(file, _) if is_newer(&file, store)? => return Ok(None),
            Checked::Intact(file, bytes) if file.is_made_by(&model.identity.fingerprint, I::RULES) => {
                match I::from_trusted_bytes(&bytes, model.dimensions) {
                    Ok(index) => {
                        let mut live = Self::of_file(index, file.sequence);
                        if live.catch_up(store)? {
                            return Ok(Some(live));
                        }
                        tracing::info!("the {name} index is too far behind; rebuilding it from the store");
                    }
                    // For example, another version of the program wrote it.
                    Err(error) => tracing::warn!("{error}; rebuilding the {name} index from the store"),
                }
            }
            Checked::Intact(..) => {
                tracing::info!(
                    "the {name} index was made with another model or by other rules; rebuilding it from the store"
                );
            }
            Checked::Missing => {}
            Checked::Corrupt(reason) => tracing::warn!("{reason}; rebuilding the {name} index from the store"),
        }
        Self::rebuild(store, model.dimensions).map(Some)
    }

    /// Makes the index from the store alone.
    pub(super) fn rebuild(store: &Snapshot<'_>, dimensions: usize) -> Result<Self> {
        let sequence = store.last_sequence()?;
        let mut live = Self { index: I::empty(dimensions)?, sequence, saved: 0, base: sequence };
        let mut after = 0;
        loop {
            let keys = store.passage_keys(after, PAGE)?;
            let Some(&last) = keys.last() else { return Ok(live) };
            live.index.add(store, &keys)?;
            after = last;
        }
    }

    /// Applies what changed in the store; `false` if the store no longer lists those changes.
    pub(super) fn catch_up(&mut self, store: &Snapshot<'_>) -> Result<bool> {
        let Some(last) = follow(&mut self.index, self.sequence, store)? else { return Ok(false) };
        self.sequence = last;
        Ok(true)
    }
}

/// Whether a file holds changes that are in the store, but not yet in this snapshot of it. A file can also be ahead of the
/// store itself: then the store was restored from a backup.
pub(super) fn is_newer(file: &DerivedFile, store: &Snapshot<'_>) -> Result<bool> {
    Ok(file.sequence > store.last_sequence()? && file.sequence <= store.store().last_sequence()?)
}

/// Both indexes and the passages' places, as of the same change of the store.
pub(super) struct Loaded {
    pub(super) vectors: Live<VectorIndex>,
    pub(super) lexical: Live<LexicalIndex>,
    places: Places,
    model: Arc<Model>,
}

impl Loaded {
    /// `None` as for [`Live::load`].
    fn load(dir: &Path, store: &Snapshot<'_>) -> Result<Option<Self>> {
        let model = Model::read(store)?.ok_or_else(|| Error::Corrupt {
            path: store.path().to_owned(),
            reason: "it has passages but does not name the model that made their vectors".into(),
        })?;
        let Some(mut vectors) = Live::<VectorIndex>::load(dir, store, &model)? else { return Ok(None) };
        let Some(lexical) = Live::load(dir, store, &model)? else { return Ok(None) };
        if vectors.saved == 0 {
            vectors.index.compact()?;
        }
        Ok(Some(Self { vectors, lexical, places: Places::load(store)?, model: Arc::new(model) }))
    }

    /// Applies what changed in the store; `false` if the indexes must be loaded anew.
    fn catch_up(&mut self, store: &Snapshot<'_>) -> Result<bool> {
        if store.last_sequence()? != self.vectors.sequence && !self.is_of_model_of(store)? {
            tracing::info!("another process embedded the collection with another model; loading its indexes again");
            return Ok(false);
        }
        let before = self.vectors.sequence;
        Ok(self.vectors.catch_up(store)?
            && self.lexical.catch_up(store)?
            && follow(&mut self.places, before, store)?.is_some())
    }

    /// Whether another process has written a file in which the many vectors are in a graph that are compared one by one here.
    fn is_better_on_disk(&self, dir: &Path) -> bool {
        let is_better = |file: DerivedFile| {
            file.sequence > self.vectors.base
                && file.sequence <= self.vectors.sequence
                && file.is_made_by(&self.model.identity.fingerprint, VectorIndex::RULES)
        };
        self.vectors.index.is_due() && Checkpoint::file(dir, VectorIndex::NAME).is_some_and(is_better)
    }

    /// Whether the store's vectors are still by the model of these. Another process may have made them again.
    fn is_of_model_of(&self, store: &Snapshot<'_>) -> Result<bool> {
        Ok(Model::read(store)?.as_ref() == Some(&*self.model))
    }

    fn publish(&mut self) -> Result<Published> {
        Ok(Published {
            sequence: self.vectors.sequence,
            model: Arc::clone(&self.model),
            vectors: self.vectors.index.clone(),
            lexical: self.lexical.index.snapshot()?,
            places: self.places.clone(),
            chinese_script: OnceLock::new(),
        })
    }
}

/// The derived indexes that questions search, as of one change of the store. Immutable.
pub(super) struct Published {
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    pub(super) model: Arc<Model>,
    pub(super) vectors: VectorIndex,
    pub(super) lexical: LexicalSnapshot,
    pub(super) places: Places,
    /// The script of most Chinese documents; read from the store by the first question that needs it.
    pub(super) chinese_script: OnceLock<Option<ChineseScript>>,
}

/// The derived indexes of one collection; loaded by the first question.
#[derive(Default)]
pub(super) struct DerivedIndexes {
    loaded: Mutex<Option<Loaded>>,
    published: RwLock<Option<Arc<Published>>>,
    /// How often the indexes were loaded, rather than changed in place.
    loads: AtomicU64,
    /// How many indexes were made from the store, rather than read from a file.
    rebuilds: AtomicU64,
}

impl DerivedIndexes {
    /// The indexes that questions search at present; `None` before they are loaded.
    pub(super) fn published(&self) -> Option<Arc<Published>> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_published(&self, published: Option<Arc<Published>>) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = published;
    }

    /// How often the indexes were loaded, rather than changed in place.
    #[cfg(test)]
    pub(super) fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }

    /// How many indexes were made from the store, rather than read from a file.
    #[cfg(test)]
    pub(super) fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// The changing side, for the time of a change or of writing it to disk.
    ///
    /// A panic in the middle of a change leaves it half done. Then it is dropped and loaded again; what was published
    /// before is whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Loaded>> {
        self.loaded.lock().unwrap_or_else(|poisoned| self.recovered(poisoned))
    }

    fn recovered<'g>(&self, poisoned: PoisonError<MutexGuard<'g, Option<Loaded>>>) -> MutexGuard<'g, Option<Loaded>> {
        tracing::warn!("a change of the derived indexes ended in a panic; they are loaded again");
        self.loaded.clear_poison();
        let mut loaded = poisoned.into_inner();
        *loaded = None;
        loaded
    }

    /// Drops the indexes; the next question loads them.
    pub(super) fn unload(&self) {
        *self.lock() = None;
        self.set_published(None);
    }

    /// Brings the indexes up to `store`, loads them first if need be, and publishes them.
    ///
    /// The result can be behind `store` while another question applies many changes, and ahead of it if another
    /// question had a newer snapshot of the store. `None` if the files on disk need a newer snapshot.
    pub(super) fn refresh(&self, dir: &Path, store: &Snapshot<'_>) -> Result<Option<Arc<Published>>> {
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
            && published.sequence == loaded.vectors.sequence
            && published.sequence >= last
        {
            return Ok(Some(published));
        }
        self.bring_up(&mut loaded, dir, store)
    }

    /// As [`DerivedIndexes::refresh`], for a caller that holds the lock.
    pub(super) fn bring_up(
        &self,
        loaded: &mut Option<Loaded>,
        dir: &Path,
        store: &Snapshot<'_>,
    ) -> Result<Option<Arc<Published>>> {
        let published = self.changed(loaded, dir, store);
        if published.is_err() {
            // It may be half changed.
            *loaded = None;
        }
        published
    }

    fn changed(&self, loaded: &mut Option<Loaded>, dir: &Path, store: &Snapshot<'_>) -> Result<Option<Arc<Published>>> {
        let current = match loaded.take() {
            Some(mut current) => (current.catch_up(store)? && !current.is_better_on_disk(dir)).then_some(current),
            None => None,
        };
        let Some(current) = current.map_or_else(|| self.load(dir, store), |current| Ok(Some(current)))? else {
            return Ok(None);
        };
        let published = Arc::new(loaded.insert(current).publish()?);
        self.set_published(Some(Arc::clone(&published)));
        Ok(Some(published))
    }

    fn load(&self, dir: &Path, store: &Snapshot<'_>) -> Result<Option<Loaded>> {
        let Some(loaded) = Loaded::load(dir, store)? else { return Ok(None) };
        let rebuilt = u64::from(loaded.vectors.saved == 0) + u64::from(loaded.lexical.saved == 0);
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.rebuilds.fetch_add(rebuilt, Ordering::Relaxed);
        Ok(Some(loaded))
    }

    /// Publishes a change that the caller, who holds the lock, made itself.
    pub(super) fn publish(&self, loaded: &mut Loaded) -> Result<()> {
        self.set_published(Some(Arc::new(loaded.publish()?)));
        Ok(())
    }
}

impl Derived for VectorIndex {
    const NAME: &'static str = "vectors";
    const EXTENSION: &'static str = "bin";
    const RULES: u32 = 0;

    fn empty(dimensions: usize) -> Result<Self> {
        Ok(Self::new(dimensions))
    }

    fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self> {
        Self::from_trusted_bytes(bytes, dimensions)
    }

    fn serialize(&mut self) -> Result<Vec<u8>> {
        self.to_bytes()
    }

    fn compare(&mut self, keys: &[u64]) -> Result<(usize, usize)> {
        Ok((self.len(), keys.iter().filter(|&&key| !self.contains(key)).count()))
    }
}

impl Follower for VectorIndex {
    fn add(&mut self, store: &Snapshot<'_>, keys: &[u64]) -> Result<()> {
        store.vectors_of(keys)?.iter().try_for_each(|(key, vector)| Self::add(self, *key, vector))
    }

    fn remove(&mut self, key: u64) -> Result<()> {
        Self::remove(self, key)
    }
}

impl Derived for LexicalIndex {
    const NAME: &'static str = "lexical";
    const EXTENSION: &'static str = "zip";
    const RULES: u32 = terms::RULES;

    fn empty(_dimensions: usize) -> Result<Self> {
        Self::new()
    }

    fn from_trusted_bytes(bytes: &[u8], _dimensions: usize) -> Result<Self> {
        Self::from_trusted_bytes(bytes)
    }

    fn serialize(&mut self) -> Result<Vec<u8>> {
        Self::serialize(self)
    }

    fn compare(&mut self, keys: &[u64]) -> Result<(usize, usize)> {
        let snapshot = self.snapshot()?;
        let mut missing = 0;
        for &key in keys {
            missing += usize::from(!snapshot.contains(key)?);
        }
        Ok((snapshot.len(), missing))
    }
}

impl Follower for LexicalIndex {
    /// A passage has the terms of its own text, of the headings above it, of the header of the table in which it begins, and
    /// of its document's title.
    fn add(&mut self, store: &Snapshot<'_>, keys: &[u64]) -> Result<()> {
        store.each_text(keys, |key, passage| {
            let mut all = terms(passage.title);
            passage.headings.iter().for_each(|heading| all.extend(terms(heading)));
            all.extend(passage.table_header.map(terms).unwrap_or_default());
            all.extend(terms(passage.text));
            Self::add(self, key, &all)
        })
    }

    fn remove(&mut self, key: u64) -> Result<()> {
        Self::remove(self, key)
    }
}
