//! Nearest passages by vector.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::allowed::Allowed;
use super::on_threads::{CORES, on_threads};
use super::remote::{Only, RemotePart, only_of};
use super::slots::{Slot, Slots};
use super::top::Top;
use crate::error::Result;
use crate::late::QuestionCosines;

/// Passages that are asked of a cluster beyond those that are wanted: of those with one score it chooses any.
const TIED: usize = 16;
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
    if let Some(part) = slots.remote().filter(|_| count > 0) {
        let only = allowed.map(|allowed| only_of(slots, allowed)).transpose()?;
        for (key, cosine) in remote_nearest(part, vector, count + TIED, only.as_ref())? {
            if let Some((number, passage)) = slots.find(key)?.filter(|(number, _)| slots.get(*number).is_remote()) {
                top.add(cosine, number, passage)?;
            }
        }
    }
    if let Some(Allowed::Passages(keys)) = allowed {
        for &key in keys {
            if let Some((number, passage)) = slots.find(key)?.filter(|(number, _)| !slots.get(*number).is_remote()) {
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
    let mut here: Vec<usize> = (0..slots.iter().len()).filter(|number| !slots.get(*number).is_remote()).collect();
    here.sort_by_key(|number| Reverse(slots.get(*number).len()));
    let passages: usize = here.iter().map(|number| slots.get(*number).len()).sum();
    let threads = if passages < SIDE_BY_SIDE { 1 } else { *CORES };
    for (number, found) in on_threads(&here, threads, found_in)? {
        for (passage, cosine) in found {
            top.add(cosine, number, passage)?;
        }
    }
    top.finish()
}

fn remote_nearest(part: &RemotePart, vector: &[f32], count: usize, only: Option<&Only>) -> Result<Vec<(u64, f32)>> {
    if only.is_some_and(Only::is_nothing) {
        return Ok(Vec::new());
    }
    part.remote.nearest(vector, count, &part.among(only))
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
    let (mut found, mut remote) = (Vec::with_capacity(keys.len()), Vec::new());
    for &key in keys {
        match slots.find(key)? {
            Some((number, _)) if slots.get(number).is_remote() => {
                remote.push(key);
                found.push((key, f32::NAN));
            }
            Some((number, passage)) => found.push((key, question.exact(slots.get(number).segment.vector(passage)?))),
            None => {}
        }
    }
    if let Some(part) = slots.remote().filter(|_| !remote.is_empty()) {
        let of_remote: HashMap<u64, f32> =
            remote_nearest(part, vector, remote.len(), Some(&Only::Passages(remote.clone())))?.into_iter().collect();
        found.iter_mut().filter(|(_, cosine)| cosine.is_nan()).for_each(|(key, cosine)| {
            *cosine = of_remote.get(key).copied().unwrap_or(f32::NAN);
        });
        found.retain(|(_, cosine)| !cosine.is_nan());
    }
    Ok(found)
}
