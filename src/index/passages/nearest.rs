//! Nearest passages by vector.

use super::allowed::Allowed;
use super::slots::{Slot, Slots};
use super::top::Top;
use crate::error::Result;
use crate::late::QuestionCosines;

/// Nodes of a graph that a search keeps at hand, at least. Wide, since the search takes a small part of a question's time,
/// and a passage that it misses is lost.
const WIDTH: usize = 128;
/// Vectors that a search of a graph compares, about, if all passages are wanted; the fewer are, the more it compares.
const COMPARED: usize = 4_000;

/// The `count` nearest of the allowed passages with their cosines, best first; of all without `allowed`.
pub(super) fn nearest(
    slots: &Slots,
    vector: &[f32],
    count: usize,
    allowed: Option<&Allowed>,
) -> Result<Vec<(u64, f32)>> {
    let question = QuestionCosines::new(vector);
    let mut top = Top::new(slots, count);
    if let Some(Allowed::Passages(keys)) = allowed {
        for &key in keys {
            if let Some((number, passage)) = slots.find(key)? {
                top.add(question.exact(slots.get(number).segment.vector(passage)?), number, passage)?;
            }
        }
        return top.finish();
    }
    for (number, slot) in slots.iter().enumerate() {
        for passage in candidates(slot, &question, count, allowed)? {
            top.add(question.exact(slot.segment.vector(passage)?), number, passage)?;
        }
    }
    top.finish()
}

/// The wanted passages of a segment among which the nearest are.
///
/// A graph is worth it if it compares fewer vectors than are wanted of this segment: a source or a year may have all of one
/// and nothing of the next. Whatever the graph finds is compared again by the caller, so that no score depends on it.
fn candidates(slot: &Slot, question: &QuestionCosines, count: usize, allowed: Option<&Allowed>) -> Result<Vec<u32>> {
    let (segment, all) = (&slot.segment, slot.segment.len());
    let wanted = match allowed {
        Some(Allowed::Documents(documents)) => Some(segment.passages_of(documents)?),
        _ => None,
    };
    let count_wanted = wanted.as_ref().map_or(all, Vec::len);
    // The fewer are wanted, the more of the others the search compares on its way.
    if let Some(graph) = segment.graph()
        && COMPARED * all < count_wanted * count_wanted
    {
        let similarity = |passage| segment.vector(passage).map(|vector| question.rough(vector));
        return graph.search(width(count, all), similarity, |passage| {
            Ok(!slot.deleted.has(passage) && slot.is_allowed(passage, allowed)?)
        });
    }
    Ok(match wanted {
        Some(passages) => passages.into_iter().filter(|&passage| !slot.deleted.has(passage)).collect(),
        None => slot.live().collect(),
    })
}

/// A larger graph needs a wider search to miss as few.
fn width(count: usize, passages: usize) -> usize {
    let doublings = (passages / 16_384).checked_ilog2().unwrap_or_default() as usize;
    WIDTH.max(count) + doublings * WIDTH / 4
}

/// The cosines of these passages, in the same order; those that are not there are left out.
pub(super) fn cosines(slots: &Slots, vector: &[f32], keys: &[u64]) -> Result<Vec<(u64, f32)>> {
    let question = QuestionCosines::new(vector);
    let mut found = Vec::with_capacity(keys.len());
    for &key in keys {
        if let Some((number, passage)) = slots.find(key)? {
            found.push((key, question.exact(slots.get(number).segment.vector(passage)?)));
        }
    }
    Ok(found)
}
