//! A collection on disk: the store, which is the truth, and the two indexes that are derived from it.

mod checkpoint;
mod leg;
mod lexical;
mod lock;
pub mod store;
mod vector;
mod verify;

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering as AtomicOrdering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::model::ModelIdentity;
use crate::terms::{ChineseScript, LexicalQuery};
use checkpoint::{Checkpoint, NewFile};
use leg::{Derived, Leg, Live};
use lexical::LexicalIndex;
use lock::WriterLock;
use store::{PreparedDocument, Store, Written};
use vector::VectorIndex;

pub use lock::holder;
pub(crate) use lock::seal;
pub use verify::Verification;

/// Changes that may pile up before a long-running writer puts the derived indexes on disk. Another process that opens the
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
    vectors: Leg<VectorIndex>,
    lexical: Leg<LexicalIndex>,
    /// The script of most Chinese documents, as of a change of the store.
    script: Mutex<Option<(u64, Option<ChineseScript>)>>,
    /// The last change that all derived indexes on disk hold, as far as this process knows.
    saved: AtomicU64,
    /// Held while this process may write.
    writer: Option<WriterLock>,
    /// Held from a change of the store until the derived indexes have followed, so that they follow in the same order.
    writing: Mutex<()>,
}

/// The keys of the passages that a question may find, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed(Vec<u64>);

/// What a collection takes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// The store with its write-ahead log.
    pub store_bytes: u64,
    /// The vector index.
    pub vector_bytes: u64,
    /// The lexical index.
    pub lexical_bytes: u64,
    /// Changes that the derived indexes lack on disk.
    pub behind: u64,
}

impl Collection {
    /// Opens the collection in `dir` for reading and writing, and creates it if need be.
    pub fn open(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let writer = WriterLock::take(dir)?;
        let store = Store::open(&dir.join(Store::FILE))?;
        let on_disk = Self::sequences(dir);
        if on_disk.iter().any(|sequence| *sequence > store.last_sequence().unwrap_or(u64::MAX)) {
            tracing::warn!("the store in {} is older than its derived indexes; they are made again", dir.display());
            Checkpoint::forget(dir)?;
        }
        let saved = AtomicU64::new(on_disk.into_iter().min().unwrap_or_default());
        Ok(Self {
            dir: dir.to_owned(),
            saved,
            store: Some(store),
            vectors: Leg::default(),
            lexical: Leg::default(),
            script: Mutex::default(),
            writer: Some(writer),
            writing: Mutex::default(),
        })
    }

    /// Opens the collection in `dir` for reading. One that is not there is empty.
    pub fn open_read_only(dir: &Path) -> Result<Self> {
        let store = if Self::exists(dir) { Store::open_read_only(&dir.join(Store::FILE))? } else { None };
        Ok(Self {
            dir: dir.to_owned(),
            saved: AtomicU64::default(),
            store,
            vectors: Leg::default(),
            lexical: Leg::default(),
            script: Mutex::default(),
            writer: None,
            writing: Mutex::default(),
        })
    }

    /// The last change that each derived index on disk holds.
    fn sequences(dir: &Path) -> [u64; 2] {
        [VectorIndex::NAME, LexicalIndex::NAME].map(|name| Checkpoint::file(dir, name).map_or(0, |file| file.sequence))
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
            self.follow(written);
        }
        Ok(written)
    }

    /// Whether the stored document with this id has this hash; it then belongs to `origin`, if that is given.
    pub fn confirm(&self, id: &str, hash: &[u8; 32], origin: Option<&str>) -> Result<bool> {
        self.writable()?.confirm(id, hash, origin)
    }

    /// Removes a document; `false` if there is none with this id.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let _in_order = self.begin_write();
        let written = self.writable()?.delete(id)?;
        if let Some(written) = &written {
            self.follow(written);
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
        *self.vectors.lock() = None;
        *self.lexical.lock() = None;
        self.write_checkpoint()?;
        Ok(documents)
    }

    /// The script that most of its Chinese documents are in; `None` when there are as many of either.
    pub fn chinese_script(&self) -> Result<Option<ChineseScript>> {
        let Some(store) = &self.store else { return Ok(None) };
        let sequence = store.last_sequence()?;
        let mut known = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, script)) = known.filter(|(at, _)| *at == sequence) {
            return Ok(script);
        }
        let (traditional, simplified) = store.chinese_documents()?;
        let script = match traditional.cmp(&simplified) {
            Ordering::Greater => Some(ChineseScript::Traditional),
            Ordering::Less => Some(ChineseScript::Simplified),
            Ordering::Equal => None,
        };
        *known = Some((sequence, script));
        Ok(script)
    }

    /// The passages whose documents meet the filter; `None` when all do.
    pub fn allowed(&self, filter: &Filter) -> Result<Option<Allowed>> {
        match &self.store {
            Some(store) if !filter.is_empty() => store.passages_where(filter).map(|keys| Some(Allowed(keys))),
            _ => Ok(None),
        }
    }

    /// The `count` nearest passages with their cosines, best first; only of those that are allowed, if that is said.
    pub fn nearest(&self, vector: &[f32], count: usize, allowed: Option<&Allowed>) -> Result<Vec<(u64, f32)>> {
        self.with(&self.vectors, |vectors| match allowed {
            None => vectors.index.search(vector, count),
            Some(allowed) => vectors.index.search_among(vector, count, &allowed.0),
        })
        .map(Option::unwrap_or_default)
    }

    /// The cosines of these passages; those that are no more are left out.
    pub fn cosines(&self, vector: &[f32], keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        self.with(&self.vectors, |vectors| vectors.index.search_among(vector, keys.len(), keys))
            .map(Option::unwrap_or_default)
    }

    /// The lexical coverage of the `count` best passages and of those in `also`, each between 0 and 1, best first; only
    /// of those that are allowed, if that is said.
    pub fn covering(
        &self,
        query: &LexicalQuery,
        count: usize,
        also: &[u64],
        allowed: Option<&Allowed>,
    ) -> Result<Vec<(u64, f32)>> {
        // Searching takes no lock, so questions do not wait for one another.
        let Some(snapshot) = self.with(&self.lexical, |lexical| lexical.index.snapshot())? else {
            return Ok(Vec::new());
        };
        snapshot.search(query, count, also, allowed.map(|Allowed(keys)| keys.as_slice()))
    }

    /// Puts the derived indexes on disk, if this process may write and those there are behind.
    pub fn checkpoint(&self) -> Result<()> {
        let _in_order = self.begin_write();
        self.write_checkpoint()
    }

    /// As [`Collection::checkpoint`], for those who hold the right to write.
    fn write_checkpoint(&self) -> Result<()> {
        let Some(store) = self.store.as_ref().filter(|_| self.writer.is_some()) else { return Ok(()) };
        let Some(model) = self.model()? else { return Ok(()) };
        let last = store.last_sequence()?;
        let files = [
            self.new_file(&self.vectors, last, &model.fingerprint)?,
            self.new_file(&self.lexical, last, &model.fingerprint)?,
        ];
        let files: Vec<NewFile> = files.into_iter().flatten().collect();
        let Some(through) = files.iter().map(|file| file.sequence).min() else { return Ok(()) };
        Checkpoint::save(&self.dir, files)?;
        mark_saved(&self.vectors);
        mark_saved(&self.lexical);
        self.saved.store(through, AtomicOrdering::Relaxed);
        store.forget_changes_through(through)
    }

    /// Closes it without putting anything on disk, since its directory is to be removed.
    pub fn discard(mut self) {
        self.writer = None;
    }

    /// What a derived index is to have on disk; `None` if that is there.
    fn new_file<I: Derived>(&self, leg: &Leg<I>, last: u64, model: &str) -> Result<Option<NewFile>> {
        let unsound = leg.lock().as_ref().is_some_and(|live| live.saved == 0);
        let on_disk = Checkpoint::file(&self.dir, I::NAME);
        if !unsound && on_disk.is_some_and(|file| file.sequence == last && file.model == model) {
            return Ok(None);
        }
        self.with(leg, |live| {
            let (passages, _) = live.index.compare(&[])?;
            let bytes = live.index.serialize()?;
            Ok(NewFile {
                name: I::NAME,
                extension: I::EXTENSION,
                bytes,
                sequence: live.sequence,
                passages,
                model: model.to_owned(),
            })
        })
    }

    /// What it takes on disk.
    pub fn disk_usage(&self) -> Result<DiskUsage> {
        let Some(store) = &self.store else { return Ok(DiskUsage::default()) };
        let bytes = |name: &str| std::fs::metadata(self.dir.join(name)).map_or(0, |metadata| metadata.len());
        let files = [VectorIndex::NAME, LexicalIndex::NAME].map(|name| Checkpoint::file(&self.dir, name));
        let [vector_bytes, lexical_bytes] =
            files.each_ref().map(|file| file.as_ref().map_or(0, |file| bytes(&file.file)));
        let through = Self::sequences(&self.dir).into_iter().min().unwrap_or_default();
        Ok(DiskUsage {
            store_bytes: bytes(Store::FILE) + bytes(&format!("{}-wal", Store::FILE)),
            vector_bytes,
            lexical_bytes,
            behind: store.last_sequence()?.saturating_sub(through),
        })
    }

    fn begin_write(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the derived indexes in memory up to a write that has just been made. The write is safe whatever happens
    /// here: an index that fails is loaded again, and catches up then.
    fn follow(&self, written: &Written) {
        let Some(store) = &self.store else { return };
        follow(&self.vectors, store, written);
        follow(&self.lexical, store, written);
        let behind = written.sequence.saturating_sub(self.saved.load(AtomicOrdering::Relaxed));
        if behind >= CHECKPOINT_AFTER
            && let Err(error) = self.write_checkpoint()
        {
            tracing::warn!("{error}; the derived indexes are kept in memory, and written later");
            self.saved.store(written.sequence, AtomicOrdering::Relaxed);
        }
    }

    /// Runs `work` on a derived index, loaded and caught up with the store; `None` while there is no model, and so no
    /// passage.
    fn with<I: Derived, T>(&self, leg: &Leg<I>, work: impl FnOnce(&mut Live<I>) -> Result<T>) -> Result<Option<T>> {
        let Some(store) = &self.store else { return Ok(None) };
        let mut guard = leg.lock();
        let Some(model) = self.model()? else { return Ok(None) };
        let dimensions = store.get(MODEL_DIMENSIONS)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        let live = match guard.take() {
            Some(live) => live,
            None => Live::load(&self.dir, store, dimensions, &model.fingerprint)?,
        };
        let live = guard.insert(live);
        // A writer follows its own writes; a reader sees those of another process here.
        if self.writer.is_none() && !live.catch_up(store)? {
            *live = Live::rebuild(store, dimensions)?;
        }
        let outcome = work(live);
        if outcome.is_err() {
            // It may be half changed; next time it is loaded anew.
            *guard = None;
        }
        outcome.map(Some)
    }
}

/// Applies a write to a derived index, if it is loaded.
fn follow<I: Derived>(leg: &Leg<I>, store: &Store, written: &Written) {
    let mut guard = leg.lock();
    let Some(live) = guard.as_mut() else { return };
    let removed = written.removed.iter().try_for_each(|&key| live.index.remove(key));
    match removed.and_then(|()| live.index.add(store, &written.added)) {
        Ok(()) => live.sequence = live.sequence.max(written.sequence),
        Err(error) => {
            tracing::warn!("{error}; the {} index is loaded again", I::NAME);
            *guard = None;
        }
    }
}

/// Notes that what a derived index holds is on disk.
fn mark_saved<I: Derived>(leg: &Leg<I>) {
    if let Some(live) = leg.lock().as_mut() {
        live.saved = live.sequence;
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        if let Err(error) = self.checkpoint() {
            tracing::warn!("{error}; the derived indexes will catch up when they are next opened");
        }
    }
}
