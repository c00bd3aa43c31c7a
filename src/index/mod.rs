//! A collection on disk: the store, which is the truth, and the vector index, which is derived from it.

mod checkpoint;
mod lock;
pub mod store;
mod vector;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::embed::ModelIdentity;
use crate::error::{Error, Result};
use checkpoint::{Checkpoint, Loaded};
use lock::WriterLock;
use store::{Change, PreparedDocument, Store, Written};
use vector::VectorIndex;

pub use verify::Verification;

/// Changes that may pile up before a long-running writer puts the vector index on disk. Another process that opens the
/// collection meanwhile adds them to its own copy, a fraction of a second's work.
const CHECKPOINT_AFTER: u64 = 1_000;

const MODEL_NAME: &str = "model_name";
const MODEL_FINGERPRINT: &str = "model_fingerprint";
const MODEL_DIMENSIONS: &str = "model_dimensions";

/// The collection in one directory.
pub struct Collection {
    dir: PathBuf,
    /// `None` when it is read and not there.
    store: Option<Store>,
    /// Loaded when first needed.
    vectors: Mutex<Option<Vectors>>,
    /// Held while this process may write.
    writer: Option<WriterLock>,
    /// Held from a change of the store until the vector index has followed, so that it follows in the same order.
    writing: Mutex<()>,
}

/// What a collection takes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// The store with its write-ahead log.
    pub store_bytes: u64,
    /// The vector index.
    pub vector_bytes: u64,
    /// Changes that the vector index lacks.
    pub vector_behind: u64,
}

/// The vector index in memory.
struct Vectors {
    index: VectorIndex,
    /// The last change of the store that it holds.
    sequence: u64,
    /// The last change that its file holds; 0 if there is no sound file.
    saved: u64,
}

impl Collection {
    /// Opens the collection in `dir` for reading and writing, and creates it if need be.
    pub fn open(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let writer = WriterLock::take(dir)?;
        let store = Store::open(&dir.join(Store::FILE))?;
        Ok(Self {
            dir: dir.to_owned(),
            store: Some(store),
            vectors: Mutex::default(),
            writer: Some(writer),
            writing: Mutex::default(),
        })
    }

    /// Opens the collection in `dir` for reading. One that is not there is empty.
    pub fn open_read_only(dir: &Path) -> Result<Self> {
        let store = if Self::exists(dir) { Some(Store::open_read_only(&dir.join(Store::FILE))?) } else { None };
        Ok(Self { dir: dir.to_owned(), store, vectors: Mutex::default(), writer: None, writing: Mutex::default() })
    }

    /// Whether there is a collection in `dir`.
    pub fn exists(dir: &Path) -> bool {
        dir.join(Store::FILE).is_file()
    }

    /// Whether no passage was ever stored in it.
    pub fn is_new(&self) -> Result<bool> {
        self.store.as_ref().map_or(Ok(true), |store| Ok(store.last_sequence()? == 0))
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its store; `None` when it is read and not there.
    pub fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Its store, for writing.
    fn writable(&self) -> Result<&Store> {
        self.store.as_ref().ok_or_else(|| Error::Input {
            reason: "this collection is open for reading only".into(),
            hint: "open it with Footnote::open".into(),
        })
    }

    /// The model that it was made with; `None` before the first document.
    pub fn model(&self) -> Result<Option<ModelIdentity>> {
        let Some(store) = &self.store else { return Ok(None) };
        let (name, fingerprint) = (store.get(MODEL_NAME)?, store.get(MODEL_FINGERPRINT)?);
        Ok(name.zip(fingerprint).map(|(name, fingerprint)| ModelIdentity { name, fingerprint }))
    }

    /// Refuses a model other than the one it was made with.
    pub fn check_model(&self, configured: &ModelIdentity) -> Result<()> {
        match self.model()? {
            Some(index) if index.fingerprint != configured.fingerprint => Err(Error::ModelMismatch {
                dir: self.dir.clone(),
                index: index.to_string(),
                configured: configured.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Makes this the model of a collection that has none yet.
    pub fn adopt_model(&self, model: &ModelIdentity, dimensions: usize) -> Result<()> {
        self.check_model(model)?;
        let store = self.writable()?;
        if store.get(MODEL_FINGERPRINT)?.is_none() {
            store.set(MODEL_NAME, &model.name)?;
            store.set(MODEL_DIMENSIONS, &dimensions.to_string())?;
            // Last, since it is what makes the others count.
            store.set(MODEL_FINGERPRINT, &model.fingerprint)?;
        }
        Ok(())
    }

    /// Stores a document; `None` when the same content is there already. On return it is safe on disk.
    pub fn put(&self, document: &PreparedDocument) -> Result<Option<Written>> {
        let _in_order = self.begin_write();
        let written = self.writable()?.put(document)?;
        if let Some(written) = &written {
            let vectors = written.added.iter().copied().zip(document.passages.iter().map(|p| p.vector.as_slice()));
            self.follow(written, vectors)?;
        }
        Ok(written)
    }

    /// Removes a document; `false` if there is none with this id.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let _in_order = self.begin_write();
        let written = self.writable()?.delete(id)?;
        if let Some(written) = &written {
            self.follow(written, std::iter::empty())?;
        }
        Ok(written.is_some())
    }

    /// Replaces every document's passages in one transaction, for another model or another way of splitting.
    pub fn rewrite(
        &self,
        model: &ModelIdentity,
        dimensions: usize,
        next: &mut dyn FnMut() -> Result<Option<PreparedDocument>>,
    ) -> Result<usize> {
        let settings = [
            (MODEL_NAME, model.name.clone()),
            (MODEL_DIMENSIONS, dimensions.to_string()),
            (MODEL_FINGERPRINT, model.fingerprint.clone()),
        ];
        let _in_order = self.begin_write();
        let documents = self.writable()?.rewrite(&settings, next)?;
        *self.lock() = None;
        self.checkpoint()?;
        Ok(documents)
    }

    /// The `count` nearest passages with their cosines, best first.
    pub fn nearest(&self, vector: &[f32], count: usize) -> Result<Vec<(u64, f32)>> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        self.with_vectors(store, |vectors| vectors.index.search(vector, count)).map(Option::unwrap_or_default)
    }

    /// Puts the vector index on disk, if this process may write and the one there is behind.
    pub fn checkpoint(&self) -> Result<()> {
        let Some(store) = self.store.as_ref().filter(|_| self.writer.is_some()) else { return Ok(()) };
        let Some(model) = self.model()? else { return Ok(()) };
        let last = store.last_sequence()?;
        let unsound = self.lock().as_ref().is_some_and(|vectors| vectors.saved == 0);
        let on_disk = Checkpoint::vectors(&self.dir);
        if !unsound && on_disk.is_some_and(|file| file.sequence == last && file.model == model.fingerprint) {
            return Ok(());
        }
        self.with_vectors(store, |vectors| {
            let bytes = vectors.index.to_bytes()?;
            Checkpoint::save_vectors(&self.dir, &bytes, vectors.sequence, vectors.index.len(), &model.fingerprint)?;
            vectors.saved = vectors.sequence;
            store.forget_changes_through(vectors.sequence)
        })
        .map(drop)
    }

    /// What it takes on disk.
    pub fn disk_usage(&self) -> Result<DiskUsage> {
        let Some(store) = &self.store else { return Ok(DiskUsage::default()) };
        let bytes = |name: &str| std::fs::metadata(self.dir.join(name)).map_or(0, |metadata| metadata.len());
        let file = Checkpoint::vectors(&self.dir);
        Ok(DiskUsage {
            store_bytes: bytes(Store::FILE) + bytes(&format!("{}-wal", Store::FILE)),
            vector_bytes: file.as_ref().map_or(0, |file| bytes(&file.file)),
            vector_behind: store.last_sequence()?.saturating_sub(file.map_or(0, |file| file.sequence)),
        })
    }

    fn begin_write(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the vector index in memory up to a write that has just been made.
    fn follow<'a>(&self, written: &Written, added: impl Iterator<Item = (u64, &'a [f32])>) -> Result<()> {
        let behind = {
            let mut vectors = self.lock();
            let Some(vectors) = vectors.as_mut() else { return Ok(()) };
            for &key in &written.removed {
                vectors.index.remove(key)?;
            }
            for (key, vector) in added {
                vectors.index.add(key, vector)?;
            }
            vectors.sequence = vectors.sequence.max(written.sequence);
            written.sequence.saturating_sub(vectors.saved)
        };
        if behind >= CHECKPOINT_AFTER { self.checkpoint() } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vectors>> {
        self.vectors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the vector index, loaded and caught up with the store; `None` while there is no model, and so no
    /// vector.
    fn with_vectors<T>(&self, store: &Store, work: impl FnOnce(&mut Vectors) -> Result<T>) -> Result<Option<T>> {
        let mut guard = self.lock();
        let Some(model) = self.model()? else { return Ok(None) };
        let dimensions = store.get(MODEL_DIMENSIONS)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        let vectors = match guard.take() {
            Some(vectors) => vectors,
            None => self.load(store, dimensions, &model)?,
        };
        let vectors = guard.insert(vectors);
        // A writer follows its own writes; a reader sees those of another process here.
        if self.writer.is_none() && !catch_up(store, vectors)? {
            *vectors = rebuild(store, dimensions)?;
        }
        work(vectors).map(Some)
    }

    /// The vector index from its file, caught up; from the store's vectors where the file is missing or not sound.
    fn load(&self, store: &Store, dimensions: usize, model: &ModelIdentity) -> Result<Vectors> {
        match Checkpoint::load_vectors(&self.dir) {
            Loaded::Whole(file, bytes) if file.model == model.fingerprint => {
                let index = VectorIndex::from_trusted_bytes(&bytes, dimensions)?;
                let mut vectors = Vectors { index, sequence: file.sequence, saved: file.sequence };
                if catch_up(store, &mut vectors)? {
                    return Ok(vectors);
                }
                tracing::info!("the vector index is too far behind; rebuilding it");
            }
            Loaded::Whole(..) => tracing::info!("the vector index is of another model; rebuilding it"),
            Loaded::Absent => {}
            Loaded::Damaged(reason) => tracing::warn!("{reason}; rebuilding the vector index from the store"),
        }
        rebuild(store, dimensions)
    }
}

/// Applies what changed in the store; `false` when the index is too far behind for that.
fn catch_up(store: &Store, vectors: &mut Vectors) -> Result<bool> {
    let last = store.last_sequence()?;
    if last == vectors.sequence {
        return Ok(true);
    }
    if last < vectors.sequence {
        // The store was put back from a backup.
        return Ok(false);
    }
    let Some((changes, last)) = store.changes_after(vectors.sequence)? else { return Ok(false) };
    vectors.index.reserve(changes.len())?;
    for change in changes {
        match change {
            Change::Added(key, vector) => vectors.index.add(key, &vector)?,
            Change::Removed(key) => vectors.index.remove(key)?,
        }
    }
    vectors.sequence = last;
    Ok(true)
}

fn rebuild(store: &Store, dimensions: usize) -> Result<Vectors> {
    let index = VectorIndex::new(dimensions)?;
    index.reserve(store.counts()?.passages)?;
    let sequence = store.each_vector(|key, vector| index.add(key, vector))?;
    Ok(Vectors { index, sequence, saved: 0 })
}

impl Drop for Collection {
    fn drop(&mut self) {
        if let Err(error) = self.checkpoint() {
            tracing::warn!("{error}; the vector index will catch up when it is next opened");
        }
    }
}
