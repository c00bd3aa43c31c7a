//! A derived index in memory: loaded from its file, caught up with the store, or made again from it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::checkpoint::{Checkpoint, Loaded};
use super::lexical::LexicalIndex;
use super::store::{Change, Store};
use super::vector::VectorIndex;
use crate::error::Result;
use crate::terms::terms;

/// Passages read from the store at a time.
const PAGE: usize = 1_024;

/// An index that can be made from the store, and is never the only place where something is kept.
pub(super) trait Derived: Sized {
    /// Its name in `checkpoint.json` and the start of its file's name.
    const NAME: &'static str;
    /// The end of its file's name.
    const EXTENSION: &'static str;

    /// With no passage in it.
    fn empty(dimensions: usize) -> Result<Self>;
    /// Reads what [`Derived::serialize`] gave. Check the bytes' hash first.
    fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self>;
    /// The index as bytes.
    fn serialize(&mut self) -> Result<Vec<u8>>;
    /// Adds passages as the store has them; leaves out those that it has no more.
    fn add(&mut self, store: &Store, keys: &[u64]) -> Result<()>;
    /// Removes a passage, if it is there.
    fn remove(&mut self, key: u64) -> Result<()>;
    /// How many passages it holds, and how many of `keys` it lacks.
    fn compare(&mut self, keys: &[u64]) -> Result<(usize, usize)>;
}

/// A derived index, loaded when first needed.
pub(super) struct Leg<I>(Mutex<Option<Live<I>>>);

/// A derived index that is loaded.
pub(super) struct Live<I> {
    pub(super) index: I,
    /// The last change of the store that it holds.
    pub(super) sequence: u64,
    /// The last change that its file holds; 0 if there is no sound file.
    pub(super) saved: u64,
}

impl<I> Default for Leg<I> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<I> Leg<I> {
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Live<I>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: Derived> Live<I> {
    /// The index from its file, caught up; from the store where the file is missing or not sound.
    pub(super) fn load(dir: &Path, store: &Store, dimensions: usize, model: &str) -> Result<Self> {
        let name = I::NAME;
        match Checkpoint::load(dir, name) {
            Loaded::Whole(file, bytes) if file.model == model => {
                match I::from_trusted_bytes(&bytes, dimensions) {
                    Ok(index) => {
                        let mut live = Self { index, sequence: file.sequence, saved: file.sequence };
                        if live.catch_up(store)? {
                            return Ok(live);
                        }
                        tracing::info!("the {name} index is too far behind; rebuilding it");
                    }
                    // Written by another version of the library, say.
                    Err(error) => tracing::warn!("{error}; rebuilding the {name} index from the store"),
                }
            }
            Loaded::Whole(..) => tracing::info!("the {name} index is of another model; rebuilding it"),
            Loaded::Absent => {}
            Loaded::Damaged(reason) => tracing::warn!("{reason}; rebuilding the {name} index from the store"),
        }
        Self::rebuild(store, dimensions)
    }

    /// Makes the index from the store alone.
    pub(super) fn rebuild(store: &Store, dimensions: usize) -> Result<Self> {
        // What changes meanwhile is caught up afterwards.
        let mut live = Self { index: I::empty(dimensions)?, sequence: store.last_sequence()?, saved: 0 };
        let mut after = 0;
        loop {
            let keys = store.passage_keys(after, PAGE)?;
            let Some(&last) = keys.last() else { return Ok(live) };
            live.index.add(store, &keys)?;
            after = last;
        }
    }

    /// Applies what changed in the store; `false` when the index is too far behind for that.
    pub(super) fn catch_up(&mut self, store: &Store) -> Result<bool> {
        let last = store.last_sequence()?;
        if last == self.sequence {
            return Ok(true);
        }
        if last < self.sequence {
            // The store was put back from a backup.
            return Ok(false);
        }
        let Some((changes, last)) = store.changes_after(self.sequence)? else { return Ok(false) };
        let mut added = Vec::new();
        for change in changes {
            match change {
                Change::Added(key) => added.push(key),
                Change::Removed(key) => self.index.remove(key)?,
            }
        }
        for keys in added.chunks(PAGE) {
            self.index.add(store, keys)?;
        }
        self.sequence = last;
        Ok(true)
    }
}

impl Derived for VectorIndex {
    const NAME: &'static str = "vectors";
    const EXTENSION: &'static str = "usearch";

    fn empty(dimensions: usize) -> Result<Self> {
        Self::new(dimensions)
    }

    fn from_trusted_bytes(bytes: &[u8], dimensions: usize) -> Result<Self> {
        Self::from_trusted_bytes(bytes, dimensions)
    }

    fn serialize(&mut self) -> Result<Vec<u8>> {
        Self::to_bytes(self)
    }

    fn add(&mut self, store: &Store, keys: &[u64]) -> Result<()> {
        self.reserve(keys.len())?;
        store.vectors_of(keys)?.iter().try_for_each(|(key, vector)| Self::add(self, *key, vector))
    }

    fn remove(&mut self, key: u64) -> Result<()> {
        Self::remove(self, key)
    }

    fn compare(&mut self, keys: &[u64]) -> Result<(usize, usize)> {
        Ok((self.len(), keys.iter().filter(|&&key| !self.contains(key)).count()))
    }
}

impl Derived for LexicalIndex {
    const NAME: &'static str = "lexical";
    const EXTENSION: &'static str = "zip";

    fn empty(_dimensions: usize) -> Result<Self> {
        Self::new()
    }

    fn from_trusted_bytes(bytes: &[u8], _dimensions: usize) -> Result<Self> {
        Self::from_trusted_bytes(bytes)
    }

    fn serialize(&mut self) -> Result<Vec<u8>> {
        Self::serialize(self)
    }

    /// A passage has the terms of its own text, of the headings above it and of its document's title.
    fn add(&mut self, store: &Store, keys: &[u64]) -> Result<()> {
        store.each_text(keys, |key, passage| {
            let mut all = terms(passage.title);
            passage.headings.iter().for_each(|heading| all.extend(terms(heading)));
            all.extend(terms(passage.text));
            Self::add(self, key, &all)
        })
    }

    fn remove(&mut self, key: u64) -> Result<()> {
        Self::remove(self, key)
    }

    fn compare(&mut self, keys: &[u64]) -> Result<(usize, usize)> {
        let snapshot = self.snapshot()?;
        let mut missing = 0;
        for &key in keys {
            missing += usize::from(!snapshot.contains(key)?);
        }
        Ok((snapshot.len(), missing))
    }
}
