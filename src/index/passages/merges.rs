//! Which segments on disk are due to be merged.

use super::slots::{Slot, Slots};

/// Segments of about one size that are merged into one, at least. A passage is so written again when its segment's size has
/// grown this many times, and there are less than this many segments of each size.
const MERGED: usize = 4;
/// Segments up to this size are taken to be of one size.
const SMALL: usize = 1_024;
/// A segment of which more than one in so many passages is deleted is written again without them.
const DELETED_SHARE: usize = 4;

/// Segments on disk that follow one another and are due to be merged into one, or one that is due to be written without what
/// was deleted of it. Small ones are first, since merging them takes the least and helps the most.
pub(in crate::index) fn due_merge(slots: &Slots) -> Option<Vec<Slot>> {
    let slots: Vec<&Slot> = slots.iter().collect();
    let largest = slots.iter().map(|slot| size_class(slot)).max()?;
    for class in 0..=largest {
        let mut runs = slots.chunk_by(|a, b| [a, b].iter().all(|slot| is_of(slot, class)));
        if let Some(run) = runs.find(|run| run.len() >= MERGED && is_of(run[0], class)) {
            return Some(run.iter().map(|slot| (*slot).clone()).collect());
        }
    }
    let swept =
        slots.iter().find(|slot| !slot.is_in_memory() && slot.deleted.count() * DELETED_SHARE > slot.segment.len());
    swept.map(|slot| vec![(*slot).clone()])
}

fn is_of(slot: &Slot, class: u32) -> bool {
    !slot.is_in_memory() && size_class(slot) <= class
}

fn size_class(slot: &Slot) -> u32 {
    (slot.len() / SMALL).checked_ilog(MERGED).map_or(0, |class| class + 1)
}
