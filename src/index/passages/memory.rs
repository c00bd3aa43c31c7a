//! A segment in memory: passages that are not on disk yet.

use std::collections::HashMap;
use std::sync::Arc;

use super::place::Place;
use super::terms::length::length_code;

/// A passage as the index takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) struct Entry {
    /// Its key.
    pub(in crate::index) key: u64,
    /// Its document's key.
    pub(in crate::index) document: u64,
    /// Its document's id.
    pub(in crate::index) document_id: Arc<str>,
    /// Its number in the document.
    pub(in crate::index) ordinal: u32,
    /// Its vector, as [`Codec::compress_passage`](crate::late::Codec::compress_passage) gives it.
    pub(in crate::index) vector: Vec<u8>,
    /// Its terms, in any order.
    pub(in crate::index) terms: Vec<String>,
}

/// How often a term occurs in a passage, by the passage's number.
pub(super) type Posting = (u32, u32);

/// Passages in ascending order of keys. Never changes once it is shared.
#[derive(Default)]
pub(super) struct MemorySegment {
    keys: Vec<u64>,
    /// The key and the id of each passage's document.
    documents: Vec<(u64, Arc<str>)>,
    ordinals: Vec<u32>,
    lengths: Vec<u8>,
    /// Bytes of a vector; each begins with its scale.
    stride: usize,
    vectors: Vec<u8>,
    postings: HashMap<Box<str>, Vec<Posting>>,
}

impl MemorySegment {
    /// A segment of these passages, whose keys ascend and whose vectors have one length.
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        let mut segment = Self { stride: entries.first().map_or(0, |entry| entry.vector.len()), ..Self::default() };
        for (passage, entry) in (0..).zip(entries) {
            segment.keys.push(entry.key);
            segment.documents.push((entry.document, entry.document_id));
            segment.ordinals.push(entry.ordinal);
            segment.lengths.push(length_code(entry.terms.len()));
            segment.vectors.extend_from_slice(&entry.vector);
            for term in entry.terms {
                // Most terms of a passage occur in others, too.
                let postings = match segment.postings.get_mut(term.as_str()) {
                    Some(postings) => postings,
                    None => segment.postings.entry(term.into()).or_default(),
                };
                match postings.last_mut() {
                    Some((last, frequency)) if *last == passage => *frequency += 1,
                    _ => postings.push((passage, 1)),
                }
            }
        }
        segment
    }

    /// The passages of two segments that `is_live` keeps; all keys of `self` are lower than those of `other`.
    pub(super) fn joined(parts: [(&Self, &dyn Fn(u32) -> bool); 2]) -> Self {
        let mut joined = Self { stride: parts[0].0.stride.max(parts[1].0.stride), ..Self::default() };
        for (part, is_live) in parts {
            let mut numbers = vec![None; part.len()];
            for passage in (0..part.len()).filter(|&passage| is_live(passage as u32)) {
                numbers[passage] = Some(joined.keys.len() as u32);
                joined.keys.push(part.keys[passage]);
                joined.documents.push(part.documents[passage].clone());
                joined.ordinals.push(part.ordinals[passage]);
                joined.lengths.push(part.lengths[passage]);
                joined.vectors.extend_from_slice(part.vector(passage as u32));
            }
            for (term, postings) in &part.postings {
                let mut kept = postings
                    .iter()
                    .filter_map(|&(passage, frequency)| numbers[passage as usize].map(|number| (number, frequency)))
                    .peekable();
                if kept.peek().is_some() {
                    match joined.postings.get_mut(term) {
                        Some(postings) => postings.extend(kept),
                        None => drop(joined.postings.insert(term.clone(), kept.collect())),
                    }
                }
            }
        }
        joined
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, passage: u32) -> u64 {
        self.keys[passage as usize]
    }

    pub(super) fn position(&self, key: u64) -> Option<u32> {
        self.keys.binary_search(&key).ok().map(|passage| passage as u32)
    }

    pub(super) fn document(&self, passage: u32) -> u64 {
        self.documents[passage as usize].0
    }

    pub(super) fn place(&self, passage: u32) -> Place<'_> {
        let passage = passage as usize;
        Place { document: &self.documents[passage].1, ordinal: self.ordinals[passage] }
    }

    pub(super) fn length(&self, passage: u32) -> u8 {
        self.lengths[passage as usize]
    }

    pub(super) fn vector(&self, passage: u32) -> &[u8] {
        &self.vectors[passage as usize * self.stride..][..self.stride]
    }

    pub(super) fn postings(&self, term: &str) -> &[Posting] {
        self.postings.get(term).map_or(&[], Vec::as_slice)
    }

    /// The terms of each passage with their frequencies.
    pub(super) fn terms(&self) -> Vec<Vec<(&str, u32)>> {
        let mut terms = vec![Vec::new(); self.len()];
        for (term, postings) in &self.postings {
            for &(passage, frequency) in postings {
                terms[passage as usize].push((&**term, frequency));
            }
        }
        terms
    }
}
