//! The segments of an index with what has been deleted of each, in ascending order of keys.

use std::sync::Arc;

use super::allowed::Allowed;
use super::mask::Mask;
use super::memory::{Entry, MemorySegment};
use super::remote::RemotePart;
use super::segment::Segment;
use super::terms::length::length_of;
use crate::error::Result;

/// A segment and what has been deleted of it. A clone is cheap and does not change with the original.
#[derive(Clone)]
pub(in crate::index) struct Slot {
    pub(super) segment: Arc<Segment>,
    pub(super) deleted: Arc<Mask>,
    /// The lengths of all its passages, added up.
    tokens: u64,
}

impl Slot {
    pub(super) fn new(segment: Segment, deleted: Mask) -> Self {
        Self { tokens: segment.tokens(), segment: Arc::new(segment), deleted: Arc::new(deleted) }
    }

    /// Number of passages that are not deleted.
    pub(in crate::index) fn len(&self) -> usize {
        self.segment.len() - self.deleted.count()
    }

    /// The passages that are not deleted.
    pub(in crate::index) fn live(&self) -> impl Iterator<Item = u32> {
        (0..self.segment.len() as u32).filter(|&passage| !self.deleted.has(passage))
    }

    pub(in crate::index) fn is_in_memory(&self) -> bool {
        matches!(*self.segment, Segment::Memory(_))
    }

    /// Whether its vectors and terms are in a cluster.
    pub(in crate::index) fn is_remote(&self) -> bool {
        self.segment.is_remote()
    }

    /// The same segment with these deletions.
    pub(super) fn with(&self, deleted: Mask) -> Self {
        Self { deleted: Arc::new(deleted), ..self.clone() }
    }

    /// Whether something that was read of it is not what was written.
    pub(in crate::index) fn is_damaged(&self) -> bool {
        matches!(&*self.segment, Segment::File(segment) if segment.is_damaged())
    }

    /// Hashes all of its files.
    pub(in crate::index) fn check_all(&self) -> Result<()> {
        if let Segment::File(segment) = &*self.segment { segment.check_all() } else { Ok(()) }
    }

    /// The highest of its keys, deleted ones counted.
    pub(in crate::index) fn last_key(&self) -> u64 {
        self.segment.range().1
    }

    /// The keys of the passages that are not deleted, ascending.
    pub(in crate::index) fn keys(&self) -> Result<Vec<u64>> {
        self.live().map(|passage| self.segment.key(passage)).collect()
    }

    /// Whether this is the same segment, whatever has been deleted of it since.
    pub(in crate::index) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.segment, &other.segment)
    }

    /// Whether a filter lets a passage through.
    pub(in crate::index) fn is_allowed(&self, passage: u32, allowed: Option<&Allowed>) -> Result<bool> {
        match allowed {
            None => Ok(true),
            Some(Allowed::Passages(keys)) => Ok(keys.binary_search(&self.segment.key(passage)?).is_ok()),
            Some(Allowed::Documents(documents)) => Ok(documents.has(self.segment.document(passage)?)),
        }
    }

    /// Deletes a passage.
    pub(in crate::index) fn delete(&mut self, passage: u32) -> Result<()> {
        let length = length_of(self.segment.length(passage)?);
        Arc::make_mut(&mut self.deleted).set(passage, length, self.segment.len());
        Ok(())
    }
}

/// All segments of an index.
#[derive(Clone, Default)]
pub(in crate::index) struct Slots {
    list: Vec<Slot>,
    /// Where the vectors and terms of its remote segments are.
    remote: Option<RemotePart>,
}

impl Slots {
    pub(in crate::index) fn new(mut slots: Vec<Slot>) -> Self {
        slots.sort_unstable_by_key(|slot| slot.segment.range());
        Self { list: slots, remote: None }
    }

    /// What it has in a cluster.
    pub(in crate::index) fn remote(&self) -> Option<&RemotePart> {
        self.remote.as_ref()
    }

    /// The same with this part in a cluster.
    pub(in crate::index) fn with_remote(self, remote: Option<RemotePart>) -> Self {
        Self { remote, ..self }
    }

    /// What it has in a cluster, to be changed.
    pub(in crate::index) fn remote_mut(&mut self) -> &mut Option<RemotePart> {
        &mut self.remote
    }

    /// What is not in a cluster: the segments on disk one by one, and the segments in memory, those together that follow one
    /// another.
    pub(in crate::index) fn local_runs(&self) -> Vec<Vec<Slot>> {
        let runs = self.list.chunk_by(|a, b| a.is_in_memory() && b.is_in_memory());
        runs.filter(|run| !run[0].is_remote()).map(<[Slot]>::to_vec).collect()
    }

    /// The keys of the passages that were deleted of a segment.
    pub(in crate::index) fn deleted_keys_of(&self, slot: &Slot) -> Result<Vec<u64>> {
        let Some(current) = self.list.iter().find(|current| current.is(slot)) else { return Ok(Vec::new()) };
        current.deleted.deleted().map(|passage| current.segment.key(passage)).collect()
    }

    /// Whether segments on disk are not in a cluster.
    pub(in crate::index) fn has_local_files(&self) -> bool {
        self.list.iter().any(|slot| !slot.is_in_memory() && !slot.is_remote())
    }

    pub(in crate::index) fn iter(&self) -> std::slice::Iter<'_, Slot> {
        self.list.iter()
    }

    pub(in crate::index) fn get(&self, slot: usize) -> &Slot {
        &self.list[slot]
    }

    /// Number of passages.
    pub(in crate::index) fn len(&self) -> usize {
        self.list.iter().map(Slot::len).sum()
    }

    /// The lengths of the passages, added up.
    pub(in crate::index) fn tokens(&self) -> u64 {
        self.list.iter().map(|slot| slot.tokens.saturating_sub(slot.deleted.tokens())).sum()
    }

    /// The segments in memory, those together that follow one another.
    pub(in crate::index) fn in_memory_runs(&self) -> Vec<Vec<Slot>> {
        let runs = self.list.chunk_by(|a, b| a.is_in_memory() && b.is_in_memory());
        runs.filter(|run| run[0].is_in_memory()).map(<[Slot]>::to_vec).collect()
    }

    /// Number of passages in memory.
    pub(in crate::index) fn in_memory(&self) -> usize {
        self.list.iter().filter(|slot| slot.is_in_memory()).map(Slot::len).sum()
    }

    /// The number of the segment in whose range a key lies.
    pub(in crate::index) fn slot_of(&self, key: u64) -> Option<usize> {
        let slot = self.list.partition_point(|slot| slot.segment.range().1 < key);
        self.list.get(slot).is_some_and(|slot| slot.segment.range().0 <= key).then_some(slot)
    }

    /// The numbers of a passage's segment and of the passage in it; `None` if it is not there.
    pub(in crate::index) fn find(&self, key: u64) -> Result<Option<(usize, u32)>> {
        let Some(number) = self.slot_of(key) else { return Ok(None) };
        let slot = &self.list[number];
        Ok(slot.segment.position(key)?.filter(|&passage| !slot.deleted.has(passage)).map(|passage| (number, passage)))
    }

    /// Adds passages whose keys ascend and lie in a gap between those of two segments, or behind all.
    pub(in crate::index) fn add(&mut self, entries: Vec<Entry>) {
        if entries.is_empty() {
            return;
        }
        let slot = Slot::new(Segment::Memory(MemorySegment::new(entries)), Mask::default());
        let at = self.list.partition_point(|other| other.segment.range() < slot.segment.range());
        self.list.insert(at, slot);
    }

    /// Removes a passage, if it is there.
    pub(in crate::index) fn remove(&mut self, key: u64) -> Result<()> {
        if let Some(remote) = &mut self.remote {
            remote.remove(key);
        }
        let Some((slot, passage)) = self.find(key)? else { return Ok(()) };
        self.list[slot].delete(passage)
    }

    /// Joins small segments at the end that are in memory and not frozen, so that their number grows with the logarithm of
    /// that of their passages, as does the work for each passage.
    pub(in crate::index) fn join_last(&mut self, is_frozen: impl Fn(&Slot) -> bool) {
        while let [.., before, last] = self.list.as_slice() {
            let (Segment::Memory(first), Segment::Memory(second)) = (&*before.segment, &*last.segment) else { return };
            if first.len() >= 2 * second.len() || is_frozen(before) || is_frozen(last) {
                return;
            }
            let (first_live, second_live) =
                (|passage: u32| !before.deleted.has(passage), |passage: u32| !last.deleted.has(passage));
            let joined = MemorySegment::joined([(first, &first_live), (second, &second_live)]);
            self.list.truncate(self.list.len() - 2);
            if joined.len() > 0 {
                self.list.push(Slot::new(Segment::Memory(joined), Mask::default()));
            }
        }
    }

    /// Puts `new` in the place of `sources`, which follow one another. Passages that were deleted of them meanwhile are
    /// deleted of it, too. `false` if they are no longer there; then nothing is changed.
    pub(in crate::index) fn replace(&mut self, sources: &[Slot], mut new: Option<Slot>) -> Result<bool> {
        let Some(first) = sources.first() else { return Ok(false) };
        let Some(at) = self.list.iter().position(|slot| slot.is(first)) else { return Ok(false) };
        let Some(current) = self.list.get(at..at + sources.len()) else { return Ok(false) };
        if !current.iter().zip(sources).all(|(current, source)| current.is(source)) {
            return Ok(false);
        }
        for (current, source) in current.iter().zip(sources) {
            for passage in current.deleted.deleted().filter(|&passage| !source.deleted.has(passage)) {
                let key = current.segment.key(passage)?;
                if let Some(new) = &mut new
                    && let Some(passage) = new.segment.position(key)?
                {
                    new.delete(passage)?;
                }
            }
        }
        self.list.splice(at..at + sources.len(), new);
        Ok(true)
    }
}
