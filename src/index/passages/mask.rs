//! Which passages of a segment have been deleted.

use crate::error::{Error, Result};
use std::path::Path;

use super::columns::u64_of;

const BITS: u32 = u64::BITS;

/// The deleted passages of one segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mask {
    /// A bit for each passage; empty if none is deleted.
    words: Vec<u64>,
    count: u32,
    /// The lengths of the deleted passages, added up.
    tokens: u64,
}

impl Mask {
    /// Number of deleted passages.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// The lengths of the deleted passages, added up.
    pub(super) fn tokens(&self) -> u64 {
        self.tokens
    }

    pub(super) fn has(&self, passage: u32) -> bool {
        self.words.get((passage / BITS) as usize).is_some_and(|word| word >> (passage % BITS) & 1 == 1)
    }

    /// Deletes a passage of a segment of `passages`; does nothing if it is deleted.
    pub(super) fn set(&mut self, passage: u32, length: u32, passages: usize) {
        if self.has(passage) {
            return;
        }
        self.words.resize(passages.div_ceil(BITS as usize), 0);
        self.words[(passage / BITS) as usize] |= 1 << (passage % BITS);
        self.count += 1;
        self.tokens += u64::from(length);
    }

    /// The deleted passages, ascending.
    pub(super) fn deleted(&self) -> impl Iterator<Item = u32> {
        let passages = self.words.len() as u32 * BITS;
        (0..passages).filter(|&passage| self.has(passage))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let header = [u64::from(self.count), self.tokens];
        header.iter().chain(&self.words).flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Reads what [`Mask::to_bytes`] gave for a segment of `passages`, from the file at `path`.
    pub(super) fn from_bytes(bytes: &[u8], passages: usize, path: &Path) -> Result<Self> {
        let mut words = bytes.chunks_exact(8).map(u64_of);
        let (count, tokens) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let words: Vec<u64> = words.collect();
        let found = words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        if found != count || words.len() != passages.div_ceil(BITS as usize) {
            let reason = "it does not fit its segment".into();
            return Err(Error::Corrupt { path: path.to_owned(), reason });
        }
        Ok(Self { words, count: count as u32, tokens })
    }
}
