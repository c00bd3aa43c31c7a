//! Nearest passages by vector.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::allowed::Allowed;
use super::slots::{Slot, Slots};
use super::top::Top;
use crate::error::Result;
use crate::late::QuestionCosines;

/// Nodes of a graph that a search keeps at hand, at least. Wide, since the search takes a small part of a question's time,
/// and a passage that it misses is lost.
const WIDTH: usize = 160;
/// Nodes more for a graph that is twice as large.
const WIDER: f32 = 96.0;
/// Vectors that a search of a graph compares, about, if all passages are wanted; the fewer are, the more it compares.
const COMPARED: f32 = 4_000.0;
/// Passages from which on several segments are searched at once. Of fewer, the search takes little longer than to start
/// another thread.
const SIDE_BY_SIDE: usize = 65_536;

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
    let all = slots.len();
    let found_in = |number: usize| -> Result<Vec<(u32, f32)>> {
        let slot = slots.get(number);
        let candidates = candidates(slot, &question, (count, all), allowed)?.into_iter();
        candidates.map(|passage| Ok((passage, question.exact(slot.segment.vector(passage)?)))).collect()
    };
    let mut largest_first: Vec<usize> = (0..slots.iter().len()).collect();
    largest_first.sort_by_key(|number| std::cmp::Reverse(slots.get(*number).len()));
    let threads = if all < SIDE_BY_SIDE { 1 } else { *CORES };
    for (number, found) in on_threads(&largest_first, threads, found_in)? {
        for (passage, cosine) in found {
            top.add(cosine, number, passage)?;
        }
    }
    top.finish()
}

static CORES: LazyLock<usize> = LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// What `work` gives for each number, on up to so many threads, the current one among them. Each takes the next number when it
/// is done with one.
fn on_threads<T: Send>(
    numbers: &[usize],
    threads: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<(usize, T)>> {
    let next = AtomicUsize::new(0);
    let of_thread = || {
        let mine = std::iter::from_fn(|| numbers.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.map(|number| Ok((*number, work(*number)?))).collect::<Result<Vec<_>>>()
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(numbers.len())).map(|_| scope.spawn(of_thread)).collect();
        let mut done = of_thread()?;
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(done)
    })
}

/// The wanted passages of a segment among which those are that are among the `count` nearest of `of` passages in all.
///
/// A graph is worth it if it compares fewer vectors than are wanted of this segment, about: a source or a year may have all of
/// one and nothing of the next. Whatever the graph finds is compared again by the caller, so that no score depends on it.
fn candidates(
    slot: &Slot,
    question: &QuestionCosines,
    (count, of): (usize, usize),
    allowed: Option<&Allowed>,
) -> Result<Vec<u32>> {
    let (segment, all) = (&slot.segment, slot.segment.len());
    let documents = match allowed {
        Some(Allowed::Documents(documents)) => Some(documents),
        _ => None,
    };
    if let Some(graph) = segment.graph() {
        let wanted = documents.map_or(Ok(1.0), |documents| segment.share_of(documents))? * all as f32;
        // The fewer are wanted, the more of the others the search compares on its way.
        if COMPARED * (all as f32) < wanted * wanted {
            let compare = |passages: &[u32], cosines: &mut Vec<f32>| {
                let vectors = passages.iter().map(|passage| segment.vector(*passage)).collect::<Result<Vec<_>>>()?;
                question.rough_of_each(&vectors, cosines);
                Ok(())
            };
            return graph.search(width(count, all, of), compare, |passage| {
                Ok(!slot.deleted.has(passage) && slot.is_allowed(passage, allowed)?)
            });
        }
    }
    Ok(match documents {
        Some(documents) => {
            segment.passages_of(documents)?.into_iter().filter(|&passage| !slot.deleted.has(passage)).collect()
        }
        None => slot.live().collect(),
    })
}

/// How many nodes the search of a graph keeps at hand. A larger graph needs a wider search to miss as few; one that has a small
/// share of all passages, so that few of the nearest are in it, does with less.
fn width(count: usize, passages: usize, all: usize) -> usize {
    let doublings = (passages as f32 / 16_384.0).max(1.0).log2();
    let share = (passages as f32 / all.max(1) as f32).min(1.0);
    let width = (WIDTH as f32 + doublings * WIDER) * share.sqrt();
    count.max(WIDTH).max(width as usize)
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
