//! The passage index: what is searched. It takes passages with their vectors and terms, and gives keys with scores. It knows
//! nothing of the store; [`super::feed`] brings it what the store has.
//!
//! The index consists of segments that never change, each with the passages of a range of keys. New passages are segments in
//! memory, which are compared one by one. They are written to disk as they are, and segments on disk are merged into larger
//! ones, so that nothing is written more often than the logarithm of its size. What is deleted is marked beside its segment
//! until a merge leaves it out.

mod allowed;
mod bm25;
mod build;
mod checkpoint;
mod columns;
mod counts;
mod cursor;
mod file;
mod graph;
mod handover;
mod mask;
mod memory;
mod merges;
mod nearest;
mod on_threads;
mod place;
mod pruned;
mod remote;
mod rules;
mod scores;
mod search;
mod segment;
mod slots;
mod terms;
#[cfg(test)]
mod tests;
mod top;
mod view;
mod weighing;
mod window;

use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use mask::Mask;
use segment::{FileSegment, Segment};

pub use allowed::Allowed;

pub(super) use allowed::DocumentSet;
pub(super) use checkpoint::{Checkpoint, Found, NamedCluster, NamedSegment, remove_all, remove_unlisted};
pub(crate) use checkpoint::{replace, sync_directory};
pub(super) use handover::copy_listing;
pub(super) use handover::{SUCCESSOR, prepare, prepared, promote, settle};
pub(super) use memory::Entry;
pub(super) use merges::due_merge;
#[cfg(feature = "qdrant")]
pub(super) use remote::Only;
pub(super) use remote::{Alternative, Among, Point, Remote, RemotePart, Values};
pub(super) use rules::rules;
pub(super) use scores::LexicalScores;
pub(super) use slots::{Slot, Slots};
pub(super) use view::View;
pub(super) use weighing::{Counts, Weighing};

/// Opens a segment that a checkpoint names.
pub(super) fn open(dir: &Path, named: &NamedSegment) -> Result<Slot> {
    let segment = FileSegment::open(dir, &named.stem, &named.blake3)?;
    let deleted = named.read_mask(dir, segment.table.passages as usize)?;
    Ok(Slot::new(Segment::File(Box::new(segment)), deleted))
}

/// Writes one segment with the passages of `sources`, which are all in memory, all on disk or all in a cluster.
fn write(sources: &[Slot], dir: &Path, cancel: &Cancel) -> Result<Option<Slot>> {
    let segment = match sources.iter().all(Slot::is_remote) {
        true => build::write_remote(sources, dir)?,
        false => build::write(sources, dir, cancel)?,
    };
    Ok(segment.map(|segment| Slot::new(Segment::File(Box::new(segment)), Mask::default())))
}

/// Writes all segments of `slots` that are in memory to disk, each run of them as one.
pub(super) fn write_all(slots: &Slots, dir: &Path, cancel: &Cancel) -> Result<Vec<NewSegment>> {
    slots.in_memory_runs().into_iter().map(|sources| NewSegment::write(sources, dir, cancel)).collect()
}

/// A segment on disk that no index has yet. If none takes it, its files are removed.
pub(super) struct NewSegment {
    sources: Vec<Slot>,
    /// `None` if nothing of its sources is left, and once an index has taken it.
    slot: Option<Slot>,
    dir: PathBuf,
}

impl NewSegment {
    /// Writes one segment with the passages of `sources`, which are all in memory, all on disk or all in a cluster.
    pub(super) fn write(sources: Vec<Slot>, dir: &Path, cancel: &Cancel) -> Result<Self> {
        let slot = write(&sources, dir, cancel)?;
        Ok(Self { sources, slot, dir: dir.to_owned() })
    }

    /// Writes one segment with the passages of `sources`, which are in a cluster: all that is known of them but their vectors
    /// and terms.
    pub(super) fn write_remote(sources: Vec<Slot>, dir: &Path) -> Result<Self> {
        let segment = build::write_remote(&sources, dir)?;
        let slot = segment.map(|segment| Slot::new(Segment::File(Box::new(segment)), Mask::default()));
        Ok(Self { sources, slot, dir: dir.to_owned() })
    }

    /// Its passages; `None` if there are none.
    pub(super) fn slot(&self) -> Option<&Slot> {
        self.slot.as_ref()
    }

    /// An index has it now.
    pub(super) fn keep(mut self) {
        self.slot = None;
    }

    /// Puts it in the place of its sources; `false` if they are no longer there.
    pub(super) fn take_place(mut self, slots: &mut Slots) -> Result<bool> {
        let is_taken = slots.replace(&self.sources, self.slot.clone())?;
        if is_taken {
            self.slot = None;
        }
        Ok(is_taken)
    }
}

impl Drop for NewSegment {
    fn drop(&mut self) {
        if let Some(Segment::File(segment)) = self.slot.as_ref().map(|slot| &*slot.segment) {
            build::remove_files(&self.dir, &segment.stem);
        }
    }
}

/// Whether an error is one of the index, which can be made again, rather than of the store.
pub(super) fn is_failure(error: &Error) -> bool {
    matches!(error, Error::Corrupt { .. } | Error::Lexical { .. } | Error::Vector { .. })
}
