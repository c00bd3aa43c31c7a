//! The passage index: what is searched. It takes passages with their vectors and terms, and gives keys with scores. It knows
//! nothing of the store; [`super::feed`] brings it what the store has.
//!
//! The index consists of segments that never change, each with the passages of a range of keys. New passages are segments in
//! memory, which are compared one by one. They are written to disk as they are, and segments on disk are merged into larger
//! ones, so that nothing is written more often than the logarithm of its size. What is deleted is marked beside its segment
//! until a merge leaves it out.

mod allowed;
mod build;
mod checkpoint;
mod columns;
mod file;
mod graph;
mod mask;
mod memory;
mod merges;
mod nearest;
mod place;
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

use std::path::Path;

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use mask::Mask;
use segment::{FileSegment, Segment};

pub use allowed::Allowed;

pub(super) use allowed::DocumentSet;
pub(super) use checkpoint::{Checkpoint, Found, NamedSegment, remove_all, remove_unlisted};
pub(crate) use checkpoint::{replace, sync_directory};
pub(super) use memory::Entry;
pub(super) use merges::due_merge;
pub(super) use rules::rules;
pub(super) use scores::LexicalScores;
pub(super) use slots::{Slot, Slots};
pub(super) use view::View;

/// Opens a segment that a checkpoint names.
pub(super) fn open(dir: &Path, named: &NamedSegment) -> Result<Slot> {
    let segment = FileSegment::open(dir, &named.stem, &named.blake3)?;
    let deleted = named.read_mask(dir, segment.table.passages as usize)?;
    Ok(Slot::new(Segment::File(Box::new(segment)), deleted))
}

/// Writes one segment with the passages of `sources`, which are all in memory or all on disk.
pub(super) fn write(sources: &[Slot], dir: &Path, cancel: &Cancel) -> Result<Option<Slot>> {
    Ok(build::write(sources, dir, cancel)?.map(|segment| Slot::new(Segment::File(Box::new(segment)), Mask::default())))
}

/// Writes all segments of `sources` that are in memory to disk, each run of them as one; what takes the place of which.
pub(super) fn write_all(slots: &Slots, dir: &Path) -> Result<Vec<(Vec<Slot>, Option<Slot>)>> {
    let mut written = Vec::new();
    for sources in slots.in_memory_runs() {
        let segment = write(&sources, dir, &Cancel::default())?;
        written.push((sources, segment));
    }
    Ok(written)
}

/// Removes the files of a segment that no checkpoint names.
pub(super) fn discard(slot: Option<&Slot>, dir: &Path) {
    if let Some(Segment::File(segment)) = slot.map(|slot| &*slot.segment) {
        build::remove_files(dir, &segment.stem);
    }
}

/// Whether an error is one of the index, which can be made again, rather than of the store.
pub(super) fn is_failure(error: &Error) -> bool {
    matches!(error, Error::Corrupt { .. } | Error::Lexical { .. } | Error::Vector { .. })
}
