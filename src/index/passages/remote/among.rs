//! Which passages of a cluster a search may find.

use super::super::allowed::Allowed;
use super::super::slots::Slots;
use crate::error::Result;

/// Documents from which on it is looked whether naming the others is shorter.
const MANY: usize = 1_024;

/// The passages that a search may find.
#[cfg_attr(not(feature = "qdrant"), allow(dead_code, reason = "only the exchange with a cluster reads it"))]
#[derive(Debug, Clone, Copy)]
pub(in crate::index) struct Among<'a> {
    /// The highest key.
    pub(in crate::index) last: u64,
    /// Keys that are not found, ascending.
    pub(in crate::index) gone: &'a [u64],
    /// What a filter lets through; all without it.
    pub(in crate::index) only: Option<&'a Only>,
}

/// What a filter lets through, as the shorter of two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) enum Only {
    /// Passages, by their keys.
    Passages(Vec<u64>),
    /// The passages of these documents.
    Documents(Vec<u64>),
    /// The passages of all other documents.
    Except(Vec<u64>),
}

impl Only {
    /// Whether nothing is let through.
    pub(in crate::index) fn is_nothing(&self) -> bool {
        matches!(self, Self::Passages(keys) | Self::Documents(keys) if keys.is_empty())
    }
}

/// What a filter lets through of the passages of `slots` that are in a cluster.
pub(in crate::index::passages) fn only_of(slots: &Slots, allowed: &Allowed) -> Result<Only> {
    match allowed {
        Allowed::Passages(keys) => {
            let mut remote = Vec::new();
            for &key in keys {
                if slots.find(key)?.is_some_and(|(number, _)| slots.get(number).is_remote()) {
                    remote.push(key);
                }
            }
            Ok(Only::Passages(remote))
        }
        Allowed::Documents(documents) => {
            let named: Vec<u64> = documents.iter().collect();
            if named.len() <= MANY {
                return Ok(Only::Documents(named));
            }
            let mut others = Vec::new();
            for slot in slots.iter().filter(|slot| slot.is_remote()) {
                for passage in slot.live() {
                    let document = slot.segment.document(passage)?;
                    if !documents.has(document) && others.last() != Some(&document) {
                        others.push(document);
                        if others.len() >= named.len() {
                            return Ok(Only::Documents(named));
                        }
                    }
                }
            }
            Ok(Only::Except(others))
        }
    }
}
