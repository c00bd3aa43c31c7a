//! The index of a collection as it is changed: how it is loaded, and how it follows the store.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use super::cluster::Cluster;
use super::feed::{PAGE, entries, follow};
use super::model::Model;
use super::passages::{self, Checkpoint, Found, NamedSegment, NewSegment, Slot, Slots, due_merge};
use super::store::Snapshot;
use crate::cancel::Cancel;
use crate::config::IndexEngine;
use crate::error::{Error, Result};

/// Passages in memory from which on it is worth looking whether another process has written them to disk.
const LONG: usize = 1_024;
/// Passages that are written to disk at a time when the index is made again.
const CHUNK: usize = 8_192;

/// All segments, as of one change of the store.
pub(super) struct Loaded {
    pub(super) slots: Slots,
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    /// The last change that is in segments on disk with all before it, whether a checkpoint names them or not.
    pub(super) flushed: u64,
    /// The checkpoint that was read or written last.
    pub(super) written: Option<Checkpoint>,
    pub(super) model: Arc<Model>,
    /// Segments in memory that are being written to disk, which must stay as they are.
    pub(super) frozen: Vec<Slot>,
    /// Segments on disk that are being merged.
    pub(super) merging: Vec<Slot>,
    /// Whether a part of it was made from the store.
    pub(super) is_rebuilt: bool,
    /// Whether it belongs into a cluster.
    pub(super) in_cluster: bool,
}

/// The setting of a store that names the engine of its passage index. Stores without it have the embedded one.
pub(super) const ENGINE: &str = "index_engine";

/// Whether the passage index of this store belongs into a cluster.
pub(super) fn in_cluster(store: &Snapshot<'_>) -> Result<bool> {
    Ok(store.get(ENGINE)?.as_deref() == Some(IndexEngine::Qdrant.name()))
}

/// What an index is loaded from.
pub(super) struct Loading<'l> {
    pub(super) dir: &'l Path,
    pub(super) store: &'l Snapshot<'l>,
    /// The cluster of the settings; `None` where nothing is searched.
    pub(super) cluster: Option<&'l Cluster>,
    /// Whether what is made again may be written to disk.
    pub(super) may_write: bool,
    /// The index as it was before, whose segments need not be opened again.
    pub(super) before: Option<&'l Loaded>,
}

impl Loaded {
    /// Applies what changed in the store; `false` if the index must be loaded anew.
    pub(super) fn catch_up(&mut self, store: &Snapshot<'_>) -> Result<bool> {
        let last = store.last_sequence()?;
        // Another process may have made all vectors again.
        if last != self.sequence && Model::read(store)?.as_ref() != Some(&*self.model) {
            tracing::info!("another process embedded the collection with another model; loading its index again");
            return Ok(false);
        }
        let frozen = &self.frozen;
        let is_frozen = |slot: &Slot| frozen.iter().any(|frozen| frozen.is(slot));
        let Some(last) = follow(&mut self.slots, self.sequence, store, is_frozen)? else { return Ok(false) };
        self.sequence = last;
        Ok(true)
    }

    /// Segments that are due to be merged into one of so many passages, and are not being merged.
    pub(super) fn due_merge(&self, passages: RangeInclusive<usize>) -> Option<Vec<Slot>> {
        // What is not in the cluster yet is pushed as it is.
        let is_waiting = |slot: &Slot| self.in_cluster && !slot.is_remote();
        let is_merging = |slot: &Slot| self.merging.iter().any(|merging| merging.is(slot));
        due_merge(&self.slots, passages, |slot| is_waiting(slot) || is_merging(slot))
    }

    /// Whether so many passages are in memory that a newer checkpoint is worth loading.
    pub(super) fn is_long(&self) -> bool {
        self.slots.in_memory() > LONG || self.slots.remote().is_some_and(|part| part.gone().len() > LONG)
    }

    /// Whether segments on disk wait to be written to a cluster.
    pub(super) fn has_waiting_files(&self) -> bool {
        self.in_cluster && self.slots.has_local_files()
    }

    /// Whether a part of it turned out to be damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.slots.iter().any(Slot::is_damaged) || self.slots.remote().is_some_and(|part| part.remote.is_lost())
    }
}

impl Loading<'_> {
    /// The index from its files, brought up to date; what is missing or unusable is made from the store. `None` if another
    /// process has written the files since the snapshot began, which a newer snapshot can use.
    pub(super) fn load(&self) -> Result<Option<Loaded>> {
        let model = Model::read(self.store)?.ok_or_else(|| Error::Corrupt {
            path: self.store.path().to_owned(),
            reason: "it has passages but does not name the model that made their vectors".into(),
        })?;
        let mut tried = None;
        loop {
            // Its store may have taken over the passages of another just now.
            let (last, taken_over) = (self.store.last_sequence()?, self.store.get(passages::SUCCESSOR)?);
            let next = passages::prepared(self.dir, last, &model.identity.fingerprint, taken_over.as_deref());
            let checkpoint = match next.map_or_else(|| Checkpoint::read(self.dir), Found::Current) {
                Found::Current(checkpoint) if is_newer(&checkpoint, self.store)? => return Ok(None),
                Found::Current(checkpoint)
                    if !checkpoint.is_made_by(&model.identity.fingerprint, passages::rules()) =>
                {
                    tracing::info!("the index was made with another model or by other rules; it is made again");
                    None
                }
                Found::Current(checkpoint) if checkpoint.through > self.store.store().last_sequence()? => {
                    tracing::info!("the store is older than its index, which is made again");
                    None
                }
                Found::Current(checkpoint) if self.has_lost_cluster(&checkpoint) => {
                    tracing::warn!(
                        "its collection of the cluster cannot be used; the index is made again from the store"
                    );
                    None
                }
                Found::Current(checkpoint) => Some(checkpoint),
                Found::Earlier(_) => {
                    tracing::warn!(
                        "an earlier version of Footnote made the index; it is made again from the store, once"
                    );
                    None
                }
                Found::Missing => None,
                Found::Corrupt(reason) => {
                    tracing::warn!("{reason}; the index is made again from the store");
                    None
                }
            };
            let Some(checkpoint) = checkpoint else { return self.rebuild(model).map(Some) };
            let (slots, missing) = self.open_all(&checkpoint);
            // A writer may have replaced them since the checkpoint was read.
            if !missing.is_empty() && tried.as_ref() != Some(&checkpoint) && !self.may_write {
                tried = Some(checkpoint);
                continue;
            }
            return self.complete(model, checkpoint, slots, &missing).map(Some);
        }
    }

    fn has_lost_cluster(&self, checkpoint: &Checkpoint) -> bool {
        let cluster = self.cluster.zip(checkpoint.cluster.as_ref());
        cluster.is_some_and(|(cluster, named)| cluster.is_lost(&named.collection))
    }

    /// The segments of a checkpoint that can be opened, and those that cannot.
    fn open_all(&self, checkpoint: &Checkpoint) -> (Vec<Slot>, Vec<NamedSegment>) {
        let (mut slots, mut missing) = (Vec::new(), Vec::new());
        for named in &checkpoint.segments {
            let known = self.before.and_then(|before| named.among(&before.slots, self.dir));
            let opened = known.unwrap_or_else(|| passages::open(self.dir, named));
            match opened {
                Ok(slot) => slots.push(slot),
                Err(error) => {
                    tracing::warn!("{error}; its passages are indexed again from the store");
                    missing.push(named.clone());
                }
            }
        }
        (slots, missing)
    }

    /// An index of these segments, with those that are missing made again, brought up to date; all of it made again if the
    /// store does not list the changes since.
    fn complete(
        &self,
        model: Model,
        checkpoint: Checkpoint,
        mut slots: Vec<Slot>,
        missing: &[NamedSegment],
    ) -> Result<Loaded> {
        if let Some(named) = checkpoint.cluster.as_ref().filter(|_| !missing.is_empty()) {
            // What is missing may be what says which of its points count.
            if let Some(cluster) = self.cluster {
                cluster.give_up(&named.collection);
            }
            return self.rebuild(model);
        }
        let unset = Cluster::unset();
        let cluster = self.cluster.unwrap_or(&unset);
        let remote = checkpoint.cluster.as_ref().map(|named| cluster.part(named));
        let mut made = MadeAgain::default();
        for named in missing {
            self.make_again(named.keys, &mut made)?;
        }
        slots.extend(made.slots());
        let mut loaded = Loaded {
            slots: Slots::new(slots).with_remote(remote),
            sequence: checkpoint.sequence,
            flushed: checkpoint.sequence,
            written: Some(checkpoint),
            model: Arc::new(model),
            frozen: Vec::new(),
            merging: Vec::new(),
            is_rebuilt: !missing.is_empty(),
            in_cluster: in_cluster(self.store)?,
        };
        if loaded.catch_up(self.store)? {
            made.keep();
            return Ok(loaded);
        }
        tracing::info!("the index is too far behind; it is made again from the store");
        self.rebuild(Arc::unwrap_or_clone(loaded.model))
    }

    /// Makes the index from the store alone.
    fn rebuild(&self, model: Model) -> Result<Loaded> {
        let sequence = self.store.last_sequence()?;
        let mut made = MadeAgain::default();
        self.make_again((0, u64::MAX), &mut made)?;
        let slots = Slots::new(made.slots());
        made.keep();
        let (frozen, merging) = (Vec::new(), Vec::new());
        let (written, model) = (Checkpoint::current(self.dir), Arc::new(model));
        let in_cluster = in_cluster(self.store)?;
        Ok(Loaded { slots, sequence, flushed: 0, written, model, frozen, merging, is_rebuilt: true, in_cluster })
    }

    /// Adds segments of all passages of the store with keys in this range.
    fn make_again(&self, (first, last): (u64, u64), made: &mut MadeAgain) -> Result<()> {
        let mut gathered = Slots::default();
        let mut after = first.saturating_sub(1);
        loop {
            let mut keys = self.store.passage_keys(after, PAGE)?;
            keys.retain(|key| *key <= last);
            let Some(&highest) = keys.last() else { break };
            gathered.add(entries(self.store, &keys)?);
            gathered.join_last(|_| false);
            after = highest;
            if self.may_write && gathered.len() >= CHUNK {
                let sources: Vec<Slot> = std::mem::take(&mut gathered).iter().cloned().collect();
                made.on_disk.push(NewSegment::write(sources, self.dir, &Cancel::default())?);
            }
        }
        made.in_memory.extend(gathered.iter().cloned());
        Ok(())
    }
}

/// Segments that were made again. The files of those on disk are removed, unless an index keeps them: making the rest of it
/// may fail, and be tried again with each question.
#[derive(Default)]
struct MadeAgain {
    on_disk: Vec<NewSegment>,
    in_memory: Vec<Slot>,
}

impl MadeAgain {
    fn slots(&self) -> Vec<Slot> {
        self.on_disk.iter().filter_map(NewSegment::slot).chain(&self.in_memory).cloned().collect()
    }

    fn keep(self) {
        self.on_disk.into_iter().for_each(NewSegment::keep);
    }
}

/// Whether a checkpoint holds changes that are in the store, but not yet in this snapshot of it. A checkpoint can also be ahead
/// of the store itself: then the store was restored from a backup.
pub(super) fn is_newer(checkpoint: &Checkpoint, store: &Snapshot<'_>) -> Result<bool> {
    Ok(checkpoint.through > store.last_sequence()? && checkpoint.through <= store.store().last_sequence()?)
}
