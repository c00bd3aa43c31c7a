//! Writes the index to disk and merges its segments, beside questions and writes: what is written never changes, and only
//! putting it in the place of what it was made of takes the lock of the index.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::derived::DerivedIndexes;
use super::loaded::Loaded;
use super::passages::{self, Checkpoint, NewSegment};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// Changes after which they are written to disk.
pub(super) const MIN_CHANGES: u64 = 1_000;
/// Passages that are merged at once even when there is no time: that takes less than a second.
const FEW: usize = 8_192;
/// Passages of merges that take less than a second, and of all others.
const SMALL: RangeInclusive<usize> = 0..=FEW;
const LARGE: RangeInclusive<usize> = FEW + 1..=usize::MAX;
/// Passages that are merged at once if there are many segments: that takes less than a minute.
const MORE: usize = 65_536;
/// How long it waits before it tries a cluster again that failed: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Passages in memory from which on they are written to disk here while the cluster cannot be reached.
const MANY_WAITING: usize = 8_192;
/// Segments that are many. Without this, merges would never be done of a collection that is only open for moments.
const MANY: usize = 24;

/// The upkeep of one collection's index, by the process that holds the collection.
pub(super) struct Maintenance {
    index: Arc<DerivedIndexes>,
    /// Held while a checkpoint is made, so that they follow one another.
    saving: Mutex<()>,
    cancel: Cancel,
    /// How many wait for the work under way. While any does, a cluster that failed is not tried again.
    awaited: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    flushing: Work,
    /// Small merges, which do not wait for a large one.
    tidying: Work,
    merging: Work,
    /// The last change that the checkpoint before the current one holds; those up to it need not be kept.
    forgettable: AtomicU64,
    /// The collection of the cluster that was found to be whole.
    checked: Mutex<Option<String>>,
}

/// One kind of upkeep.
#[derive(Default)]
struct Work {
    is_under_way: AtomicBool,
    /// The change before which it is not begun again, after it failed.
    patient_until: AtomicU64,
}

impl Maintenance {
    pub(super) fn new(index: Arc<DerivedIndexes>) -> Self {
        Self {
            index,
            saving: Mutex::default(),
            cancel: Cancel::default(),
            awaited: AtomicUsize::default(),
            threads: Mutex::default(),
            flushing: Work::default(),
            tidying: Work::default(),
            merging: Work::default(),
            forgettable: AtomicU64::default(),
            checked: Mutex::default(),
        }
    }

    /// The last change that no index on disk will ask for, even that of a reader that loaded the checkpoint before.
    pub(super) fn forgettable(&self) -> u64 {
        self.forgettable.load(Ordering::Relaxed)
    }

    /// Begins what is due, on threads of its own.
    pub(super) fn begin_due(self: &Arc<Self>, loaded: &Loaded) {
        let is_patient = |work: &Work| loaded.sequence < work.patient_until.load(Ordering::Relaxed);
        let is_due = loaded.sequence >= loaded.flushed + MIN_CHANGES || loaded.has_waiting_files();
        if is_due && !is_patient(&self.flushing) {
            self.begin(|this| &this.flushing, |this| this.flush(&this.cancel).map(|()| false));
        }
        if !is_patient(&self.tidying) && loaded.due_merge(SMALL).is_some() {
            self.begin(|this| &this.tidying, |this| this.merge_next(SMALL, &this.cancel));
        }
        if !is_patient(&self.merging) && loaded.due_merge(LARGE).is_some() {
            self.begin(|this| &this.merging, |this| this.merge_next(LARGE, &this.cancel));
        }
    }

    /// As [`Maintenance::begin_due`], for an index that was just loaded.
    pub(super) fn begin_due_of_loaded(self: &Arc<Self>) {
        if let Some(loaded) = self.index.lock().as_ref().filter(|_| self.index.may_write()) {
            self.begin_due(loaded);
        }
    }

    /// Repeats `work` on a thread until it says that nothing is left to do, unless that is under way.
    fn begin(self: &Arc<Self>, kind: fn(&Self) -> &Work, work: fn(&Self) -> Result<bool>) {
        if kind(self).is_under_way.swap(true, Ordering::AcqRel) {
            return;
        }
        let this = Arc::clone(self);
        let thread = std::thread::Builder::new().name("index upkeep".into()).spawn(move || {
            // Whatever happens in the work, it can be begun again.
            let _ended = Lowered(&kind(&this).is_under_way);
            let mut pause = FIRST_PAUSE;
            while this.cancel.check().is_ok() {
                match work(&this) {
                    Ok(true) => {}
                    Ok(false) | Err(Error::Cancelled) => break,
                    Err(error @ Error::Cluster { .. }) if this.is_awaited() => {
                        tracing::warn!("{error}; what waits for the cluster is tried again with the next write");
                        break;
                    }
                    Err(error @ Error::Cluster { .. }) => {
                        tracing::warn!("{error}; what waits for the cluster is tried again in {} s", pause.as_secs());
                        this.rest(pause);
                        if this.is_awaited() {
                            break;
                        }
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    Err(error) => {
                        tracing::warn!("{error}; the index stays as it is and is written later");
                        this.be_patient(kind(&this));
                        break;
                    }
                }
            }
        });
        match thread {
            Ok(thread) => {
                let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
                threads.retain(|thread| !thread.is_finished());
                threads.push(thread);
            }
            Err(_) => kind(self).is_under_way.store(false, Ordering::Release),
        }
    }

    /// Waits, but not when the work is to end.
    fn rest(&self, pause: Duration) {
        let since = Instant::now();
        while since.elapsed() < pause && self.cancel.check().is_ok() && !self.is_awaited() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Acquire) > 0
    }

    fn be_patient(&self, work: &Work) {
        let sequence = self.index.published().map_or(0, |published| published.sequence);
        work.patient_until.store(sequence + MIN_CHANGES, Ordering::Relaxed);
    }

    /// Ends the work under way. A merge that is not done is begun anew by the next process that holds the collection.
    pub(super) fn stop(&self) {
        self.cancel.cancel();
        self.finish();
    }

    /// Waits for the work under way; what waits for a cluster that fails is left to the next write. No other work begins as
    /// long as the caller keeps writes away.
    pub(super) fn finish(&self) {
        self.awaited.fetch_add(1, Ordering::AcqRel);
        let _ended = Awaited(&self.awaited);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A panic of its own has been reported.
            let _ = thread.join();
        }
    }

    /// Writes what is in memory to disk, or to the cluster in which the index belongs, and makes a checkpoint. While the
    /// cluster cannot be reached, what would take much memory is written to disk here, and pushed later.
    pub(super) fn flush(&self, cancel: &Cancel) -> Result<()> {
        let (in_cluster, in_memory) = {
            let loaded = self.index.lock();
            loaded.as_ref().map_or((false, 0), |loaded| (loaded.in_cluster, loaded.slots.in_memory()))
        };
        if !in_cluster {
            return self.flush_here(cancel);
        }
        let unset = Cluster::unset();
        let pushed = self.push(self.index.cluster().map_or(&unset, |cluster| cluster), cancel);
        if pushed.is_err() && in_memory >= MANY_WAITING {
            self.flush_here(cancel)?;
        }
        pushed
    }

    /// The index.
    pub(super) fn index(&self) -> &DerivedIndexes {
        &self.index
    }

    /// Whether this collection of the cluster was found to be whole, and nothing failed since.
    pub(super) fn has_checked(&self, collection: &str) -> bool {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(collection)
    }

    /// Notes that this collection of the cluster is whole.
    pub(super) fn note_checked(&self, collection: &str) {
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(collection.to_owned());
    }

    /// Forgets that, since a push may have left points there that no segment lists.
    pub(super) fn forget_checked(&self) {
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Writes what is in memory to disk and makes a checkpoint.
    fn flush_here(&self, cancel: &Cancel) -> Result<()> {
        let _one = self.saving();
        let (slots, sequence) = {
            let mut guard = self.index.lock();
            let Some(loaded) = guard.as_mut() else { return Ok(()) };
            loaded.frozen = loaded.slots.iter().filter(|slot| slot.is_in_memory()).cloned().collect();
            (loaded.slots.clone(), loaded.sequence)
        };
        let written = passages::write_all(&slots, self.index.dir(), cancel);
        let mut guard = self.index.lock();
        let Some(loaded) = guard.as_mut() else { return Ok(()) };
        loaded.frozen.clear();
        for new in written? {
            if !new.take_place(&mut loaded.slots)? {
                // The index was loaded again meanwhile, from the files that count.
                return Ok(());
            }
        }
        loaded.flushed = loaded.flushed.max(sequence);
        self.index.publish(loaded);
        self.save(guard)
    }

    /// Does all merges that are due, those under way as well.
    pub(super) fn merge_all(&self) -> Result<()> {
        let next = || self.merge_next(0..=usize::MAX, &Cancel::default());
        loop {
            while next()? {}
            self.finish();
            if !next()? {
                return Ok(());
            }
        }
    }

    /// Merges segments that are due to become one of so many passages, and makes a checkpoint; `false` if none are.
    pub(super) fn merge_next(&self, passages: RangeInclusive<usize>, cancel: &Cancel) -> Result<bool> {
        let sources = {
            let mut guard = self.index.lock();
            let Some(loaded) = guard.as_mut() else { return Ok(false) };
            let Some(sources) = loaded.due_merge(passages) else { return Ok(false) };
            loaded.merging.extend(sources.iter().cloned());
            sources
        };
        let new = NewSegment::write(sources.clone(), self.index.dir(), cancel);
        let _one = self.saving();
        let mut guard = self.index.lock();
        let Some(loaded) = guard.as_mut() else { return Ok(false) };
        loaded.merging.retain(|slot| !sources.iter().any(|source| source.is(slot)));
        if !new?.take_place(&mut loaded.slots)? {
            return Ok(false);
        }
        self.index.publish(loaded);
        self.save(guard)?;
        Ok(true)
    }

    /// Writes what is in memory to disk and merges few passages, or more of them if there are many segments. A merge that fails is reported and left to later: the index
    /// on disk is complete without it.
    pub(super) fn flush_and_tidy(&self) -> Result<()> {
        self.flush(&Cancel::default())?;
        loop {
            let segments = self.index.lock().as_ref().map_or(0, |loaded| loaded.slots.iter().len());
            let most = if segments > MANY { MORE } else { FEW };
            match self.merge_next(0..=most, &Cancel::default()) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    tracing::warn!("{error}; segments of the index are merged later");
                    return Ok(());
                }
            }
        }
    }

    pub(super) fn saving(&self) -> MutexGuard<'_, ()> {
        self.saving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a checkpoint of the segments on disk, for a caller that holds `saving`.
    pub(super) fn save(&self, guard: MutexGuard<'_, Option<Loaded>>) -> Result<()> {
        let Some(loaded) = guard.as_ref() else { return Ok(()) };
        let (slots, loads) = (loaded.slots.clone(), self.index.loads());
        let (model, sequences) = (loaded.model.identity.fingerprint.clone(), (loaded.flushed, loaded.sequence));
        // Nobody waits while files are written.
        drop(guard);
        let dir = self.index.dir();
        // As it is on disk, so that no file that it names is forgotten.
        let earlier = Checkpoint::current(dir);
        let checkpoint = Checkpoint::of(&slots, dir, sequences, &model, earlier.as_ref())?;
        if earlier.as_ref() == Some(&checkpoint) {
            return Ok(());
        }
        checkpoint.save(dir, earlier.as_ref())?;
        // Those since the checkpoint before are kept, so that a reader that has just loaded that can still follow.
        let forgettable = earlier.map_or(0, |earlier| earlier.sequence).min(checkpoint.sequence);
        self.forgettable.store(forgettable, Ordering::Relaxed);
        let mut guard = self.index.lock();
        match guard.as_mut() {
            // It was loaded meanwhile from the checkpoint before, whose files may be gone.
            Some(loaded) if self.index.loads() != loads && loaded.written.as_ref() != Some(&checkpoint) => {
                *guard = None;
            }
            Some(loaded) => loaded.written = Some(checkpoint),
            None => {}
        }
        Ok(())
    }
}

/// Lowers a flag when it is dropped.
struct Lowered<'f>(&'f AtomicBool);

impl Drop for Lowered<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Lowers a count when it is dropped.
struct Awaited<'f>(&'f AtomicUsize);

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
