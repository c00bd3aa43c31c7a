//! What is known of each passage of a segment on disk besides its vector and its terms: its key, its document, its number
//! in that, its length.

use std::path::Path;

use super::allowed::DocumentSet;
use super::file::{FileTable, HashedFile, HashingWriter};
use super::place::Place;
use crate::error::Result;

pub(super) const EXTENSION: &str = "passages";

/// Columns to be written.
#[derive(Default)]
pub(super) struct NewColumns {
    /// Ascending.
    keys: Vec<u64>,
    /// Numbers of documents, each an index into `documents`.
    owners: Vec<u32>,
    ordinals: Vec<u32>,
    lengths: Vec<u8>,
    /// Keys of documents, and where their ids end in `ids`.
    documents: Vec<(u64, u32)>,
    ids: Vec<u8>,
}

impl NewColumns {
    /// Adds a passage. The passages of a document follow one another.
    pub(super) fn push(&mut self, key: u64, document: u64, place: Place<'_>, length: u8) {
        if self.documents.last().is_none_or(|(last, _)| *last != document) {
            self.ids.extend_from_slice(place.document.as_bytes());
            self.documents.push((document, self.ids.len() as u32));
        }
        self.keys.push(key);
        self.owners.push(self.documents.len() as u32 - 1);
        self.ordinals.push(place.ordinal);
        self.lengths.push(length);
    }

    pub(super) fn keys(&self) -> &[u64] {
        &self.keys
    }

    pub(super) fn write(&self, dir: &Path, stem: &str) -> Result<FileTable> {
        let mut file = HashingWriter::create(dir, stem, EXTENSION)?;
        let mut bytes = Vec::with_capacity(self.keys.len() * 20);
        bytes.extend([self.keys.len(), self.documents.len()].iter().flat_map(|count| (*count as u64).to_le_bytes()));
        bytes.extend(self.keys.iter().flat_map(|key| key.to_le_bytes()));
        bytes.extend(self.documents.iter().flat_map(|(key, _)| key.to_le_bytes()));
        bytes.extend(self.documents.iter().flat_map(|(_, end)| end.to_le_bytes()));
        bytes.extend(self.owners.iter().flat_map(|owner| owner.to_le_bytes()));
        bytes.extend(self.ordinals.iter().flat_map(|ordinal| ordinal.to_le_bytes()));
        bytes.extend_from_slice(&self.lengths);
        bytes.extend_from_slice(&self.ids);
        file.append(&bytes)?;
        file.finish()
    }
}

/// The columns of a segment.
pub(super) struct Columns {
    file: HashedFile,
    passages: usize,
    /// Where each column begins.
    document_keys: usize,
    id_ends: usize,
    owners: usize,
    ordinals: usize,
    lengths: usize,
    ids: usize,
}

/// Bytes before the first column.
const HEADER: usize = 2 * size_of::<u64>();

impl Columns {
    pub(super) fn open(file: HashedFile, passages: usize) -> Result<Self> {
        let number = |at: usize| file.get(at..at + 8).map(|bytes| u64_of(bytes) as usize);
        let (found, documents) = (number(0)?, number(8)?);
        let document_keys = HEADER + 8 * passages;
        let id_ends = document_keys + 8 * documents;
        let owners = id_ends + 4 * documents;
        let ordinals = owners + 4 * passages;
        let lengths = ordinals + 4 * passages;
        let ids = lengths + passages;
        if found != passages || ids > file.len() {
            return Err(file.corrupt("its columns do not have the length that they should have"));
        }
        Ok(Self { file, passages, document_keys, id_ends, owners, ordinals, lengths, ids })
    }

    pub(super) fn file(&self) -> &HashedFile {
        &self.file
    }

    pub(super) fn key(&self, passage: u32) -> Result<u64> {
        self.u64_at(HEADER + 8 * passage as usize)
    }

    /// The number of the passage with this key.
    pub(super) fn position(&self, key: u64) -> Result<Option<u32>> {
        let (mut low, mut high) = (0, self.passages as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle)?.cmp(&key) {
                std::cmp::Ordering::Equal => return Ok(Some(middle)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    /// The key of a passage's document.
    pub(super) fn document(&self, passage: u32) -> Result<u64> {
        let owner = self.owner(passage)?;
        self.u64_at(self.document_keys + 8 * owner)
    }

    pub(super) fn place(&self, passage: u32) -> Result<Place<'_>> {
        let owner = self.owner(passage)?;
        let start = match owner {
            0 => 0,
            _ => self.u32_at(self.id_ends + 4 * (owner - 1))? as usize,
        };
        let end = self.u32_at(self.id_ends + 4 * owner)? as usize;
        let id = self.file.get(self.ids + start..self.ids + end)?;
        let document = std::str::from_utf8(id).map_err(|_| self.file.corrupt("an id is not UTF-8"))?;
        Ok(Place { document, ordinal: self.u32_at(self.ordinals + 4 * passage as usize)? })
    }

    /// The code of a passage's length.
    pub(super) fn length(&self, passage: u32) -> Result<u8> {
        let at = self.lengths + passage as usize;
        self.file.get(at..at + 1).map(|bytes| bytes[0])
    }

    /// The passages of these documents, ascending.
    pub(super) fn passages_of(&self, documents: &DocumentSet) -> Result<Vec<u32>> {
        let keys = self.file.get(self.document_keys..self.id_ends)?.chunks_exact(8);
        let allowed: Vec<bool> = keys.map(|key| documents.has(u64_of(key))).collect();
        let owners = (0..).zip(self.file.get(self.owners..self.ordinals)?.chunks_exact(4));
        let is_allowed = |owner: &[u8]| allowed.get(u32_of(owner) as usize).is_some_and(|allowed| *allowed);
        Ok(owners.filter(|(_, owner)| is_allowed(owner)).map(|(passage, _)| passage).collect())
    }

    /// The share of the documents that are in a set.
    pub(super) fn share_of(&self, documents: &DocumentSet) -> Result<f32> {
        let keys = self.file.get(self.document_keys..self.id_ends)?.chunks_exact(8);
        let all = keys.len().max(1);
        Ok(keys.filter(|key| documents.has(u64_of(key))).count() as f32 / all as f32)
    }

    fn owner(&self, passage: u32) -> Result<usize> {
        self.u32_at(self.owners + 4 * passage as usize).map(|owner| owner as usize)
    }

    fn u64_at(&self, at: usize) -> Result<u64> {
        self.file.get(at..at + 8).map(u64_of)
    }

    fn u32_at(&self, at: usize) -> Result<u32> {
        self.file.get(at..at + 4).map(u32_of)
    }
}

/// The first eight bytes as a little-endian number; 0 if there are fewer.
pub(super) fn u64_of(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The first four bytes as a little-endian number; 0 if there are fewer.
pub(super) fn u32_of(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
