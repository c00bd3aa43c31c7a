//! A collection: opened for reading, held for writing, asked and changed by many threads at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::checkpoint::Checkpoint;
use super::derived::DerivedIndexes;
use super::lexical::LexicalIndex;
use super::lock::WriterLock;
use super::loss;
use super::model::Model;
use super::originals::{self, Originals};
use super::saving::{self, DiskUsage, Writer};
use super::snapshot::IndexSnapshot;
use super::store::{NotedFile, PreparedDocument, Store, Written};
use super::vector::VectorIndex;
use crate::error::{Error, Result};
use crate::model::ModelIdentity;
use crate::passage::{Original, OriginalRecord};
use crate::terms::ChineseScript;

/// How often a question takes a newer snapshot because others moved the derived indexes past the one it has.
const MAX_SNAPSHOTS: usize = 16;

/// The collection in one directory. Its methods may be called from many threads at once.
pub struct Collection {
    dir: PathBuf,
    /// For reading; `None` if the collection is open for reading only and does not exist.
    store: Option<Store>,
    access: Access,
    writer: OnceLock<Writer>,
    pub(super) derived: DerivedIndexes,
    /// Held while a document is stored and while the derived indexes are written to disk, so that changes follow one another.
    writing: Mutex<()>,
    /// The last change of the store that does not make the derived indexes due to be written.
    due_after: AtomicU64,
    /// Whether its directory has been given up for deletion.
    discarded: AtomicBool,
}

/// What may be done with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    /// Read and, from the first write on, hold it for writing.
    Write,
}

impl Collection {
    /// Opens the collection in `dir` for reading and writing, and creates it if it does not exist. No other process can
    /// then write to it.
    pub fn open(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let writer = Writer::open(dir)?;
        let collection = Self::over(dir, Store::open_read_only(&dir.join(Store::FILE))?, Access::Write);
        let _ = collection.writer.set(writer);
        collection.due_after.store(saving::due_after(dir), Ordering::Relaxed);
        Ok(collection)
    }

    /// Keeps all writers from the collection in `dir`, whatever the state of its store, until the result is dropped.
    pub fn hold(dir: &Path) -> Result<impl Sized + use<>> {
        WriterLock::take(dir)
    }

    /// Opens the existing collection in `dir` for reading; the first write takes its lock, and fails with
    /// [`Error::Locked`] if another process holds it.
    pub fn open_unlocked(dir: &Path) -> Result<Self> {
        let known = loss::known_sequence(dir);
        match Store::open_read_only(&dir.join(Store::FILE))? {
            Some(store) => {
                loss::check(dir, known, Some(&store))?;
                Ok(Self::over(dir, Some(store), Access::Write))
            }
            // Its creation was interrupted.
            None => Self::open(dir),
        }
    }

    /// Opens the collection in `dir` for reading. One that does not exist is empty.
    pub fn open_read_only(dir: &Path) -> Result<Self> {
        let known = loss::known_sequence(dir);
        let store = if Self::exists(dir) { Store::open_read_only(&dir.join(Store::FILE))? } else { None };
        loss::check(dir, known, store.as_ref())?;
        Ok(Self::over(dir, store, Access::Read))
    }

    fn over(dir: &Path, store: Option<Store>, access: Access) -> Self {
        Self {
            dir: dir.to_owned(),
            store,
            access,
            writer: OnceLock::new(),
            derived: DerivedIndexes::default(),
            writing: Mutex::default(),
            due_after: AtomicU64::default(),
            discarded: AtomicBool::default(),
        }
    }

    /// Whether there is a collection in `dir`.
    pub fn exists(dir: &Path) -> bool {
        dir.join(Store::FILE).is_file()
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its store, for single reads; `None` if the collection is open for reading only and does not exist.
    pub fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Whether no passage was ever stored in it.
    pub fn is_new(&self) -> Result<bool> {
        self.store.as_ref().map_or(Ok(true), |store| Ok(store.last_sequence()? == 0))
    }

    /// The collection as of now; `None` if no passage was ever stored in it.
    ///
    /// The first call loads the derived indexes. A later one waits only for the few changes of a write under way, never
    /// while an index is loaded, rebuilt or written to disk.
    pub fn snapshot(&self) -> Result<Option<IndexSnapshot<'_>>> {
        let Some(store) = &self.store else { return Ok(None) };
        let mut attempts = 0;
        loop {
            attempts += 1;
            // Before the store: what is published then is not ahead of it.
            let published = self.derived.published();
            let snapshot = store.snapshot()?;
            let sequence = snapshot.last_sequence()?;
            if sequence == 0 {
                return Ok(None);
            }
            let published = match published {
                Some(published) if published.sequence == sequence => published,
                Some(published) if published.sequence > sequence => {
                    tracing::warn!(
                        "the store in {} is older than before; loading its indexes again",
                        self.dir.display()
                    );
                    self.derived.unload();
                    continue;
                }
                _ => match self.derived.refresh(&self.dir, &snapshot)? {
                    Some(published) => published,
                    // Each time round, another process has written all of its indexes to disk.
                    None => continue,
                },
            };
            if published.sequence <= sequence || attempts == MAX_SNAPSHOTS {
                return Ok(Some(IndexSnapshot::new(snapshot, sequence, published)));
            }
        }
    }

    /// The script of most of its Chinese documents; `None` if there are as many in either.
    pub fn chinese_script(&self) -> Result<Option<ChineseScript>> {
        self.snapshot()?.map_or(Ok(None), |index| index.chinese_script())
    }

    /// The model that made its vectors; `None` before the first document.
    pub fn model(&self) -> Result<Option<ModelIdentity>> {
        let Some(store) = &self.store else { return Ok(None) };
        Ok(Model::read(&store.snapshot()?)?.map(|model| model.identity))
    }

    /// Refuses a model other than the one that made its vectors.
    pub fn check_model(&self, configured: &ModelIdentity) -> Result<()> {
        match self.model()? {
            Some(index) => check_model(&self.dir, &index, configured),
            None => Ok(()),
        }
    }

    /// Makes this the model of a collection that has none yet.
    pub fn adopt_model(&self, model: &ModelIdentity, dimensions: usize) -> Result<()> {
        let _in_order = self.write_guard();
        let writer = self.writer()?;
        if let Some(index) = Model::read(&writer.store.snapshot()?)? {
            return check_model(&self.dir, &index.identity, model);
        }
        let model = Model { identity: model.clone(), dimensions };
        model.settings().iter().try_for_each(|(name, value)| writer.store.set(name, value))
    }

    /// Stores a document; `None` if the same content is there already. On return it is safe on disk, and every later
    /// question finds it.
    pub fn put(&self, document: &PreparedDocument) -> Result<Option<Written>> {
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        let earlier = self.keep_original(store, &document.info.id, document.original.as_deref())?;
        let written = store.put(document)?;
        self.drop_original(store, earlier)?;
        if let Some(written) = &written {
            self.apply_to_derived(written.sequence);
        }
        Ok(written)
    }

    /// Whether the stored document with this id has this hash; it then belongs to `origin`, if that is given, and
    /// `original` is its file.
    pub fn confirm(
        &self,
        id: &str,
        hash: &[u8; 32],
        origin: Option<&str>,
        original: Option<&Original>,
    ) -> Result<bool> {
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        let earlier = self.keep_original(store, id, original)?;
        let is_confirmed = store.confirm(id, hash, origin, original)?;
        self.drop_original(store, earlier)?;
        if !is_confirmed {
            self.drop_original(store, original.map(|original| original.hash))?;
        }
        Ok(is_confirmed)
    }

    /// Keeps a copy of a document's file before the document is stored. Gives the hash of the file that it has until then.
    fn keep_original(&self, store: &Store, id: &str, original: Option<&Original>) -> Result<Option<[u8; 32]>> {
        // What cannot be read of a damaged document is cleared away when the collection is next opened.
        let earlier = store.original(id).ok().flatten().map(|earlier| earlier.hash);
        original.map_or(Ok(()), |original| self.originals().keep(original))?;
        Ok(earlier)
    }

    /// Removes the copy of a file that no document needs any more.
    fn drop_original(&self, store: &Store, hash: Option<[u8; 32]>) -> Result<()> {
        match hash {
            Some(hash) if !store.has_original(&hash)? => self.originals().remove(&hash),
            _ => {}
        }
        Ok(())
    }

    /// The copies of its documents' files.
    pub(super) fn originals(&self) -> Originals {
        Originals::of(&self.dir)
    }

    /// The bytes of a document's file, from the copy that is kept of it or from where it was read, if it did not change.
    pub fn original_bytes(&self, original: &OriginalRecord, origin: Option<&str>) -> Option<Vec<u8>> {
        let at_its_place = || {
            let path = origin.map(Path::new).filter(|path| path.is_absolute())?;
            originals::read(path, original)
        };
        self.originals().read(original).or_else(at_its_place)
    }

    /// Records what is known of files, as [`Store::note_files`] does.
    pub fn note_files(&self, files: &[NotedFile]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let _in_order = self.write_guard();
        self.writer()?.store.note_files(files)
    }

    /// Removes a document; `false` if there is none with this id.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        let earlier = self.keep_original(store, id, None)?;
        let written = store.delete(id)?;
        self.drop_original(store, earlier)?;
        if let Some(written) = &written {
            self.apply_to_derived(written.sequence);
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
        let settings = Model { identity: model.clone(), dimensions }.settings();
        let _in_order = self.write_guard();
        let documents = self.writer()?.store.rewrite(&settings, next)?;
        self.derived.unload();
        self.write_checkpoint()?;
        Ok(documents)
    }

    /// Writes the derived indexes to disk, if this process holds the collection and those on disk are behind.
    pub fn checkpoint(&self) -> Result<()> {
        let _in_order = self.write_guard();
        self.write_checkpoint()
    }

    /// Takes the collection for writing, before its directory is removed: no one can write to it from then on, and
    /// nothing more is written to disk. Questions under way are answered.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process holds it.
    pub fn discard(&self) -> Result<()> {
        let _in_order = self.write_guard();
        self.writer()?;
        self.abandon();
        Ok(())
    }

    /// Gives the collection up after its directory was removed or replaced: nothing more is written there.
    pub fn abandon(&self) {
        self.discarded.store(true, Ordering::Relaxed);
    }

    /// Whether this process holds it for writing.
    pub fn is_held(&self) -> bool {
        self.writer.get().is_some()
    }

    /// Sizes on disk.
    pub fn disk_usage(&self) -> Result<DiskUsage> {
        let Some(store) = &self.store else { return Ok(DiskUsage::default()) };
        Ok(DiskUsage::of(&self.dir, store.last_sequence()?))
    }

    pub(super) fn write_guard(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer, which takes the lock if it is not yet held, for a caller that has the write guard.
    fn writer(&self) -> Result<&Writer> {
        if self.access == Access::Read {
            return Err(Error::Input {
                reason: "this collection is open for reading only".into(),
                hint: "open it with Footnote::open".into(),
            });
        }
        if self.discarded.load(Ordering::Relaxed) {
            let name = self.dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(Error::NotFound { kind: "collection", id: name });
        }
        if self.writer.get().is_none() {
            let _ = self.writer.set(Writer::open(&self.dir)?);
            self.due_after.store(saving::due_after(&self.dir), Ordering::Relaxed);
        }
        self.writer.get().ok_or_else(|| Error::Locked { dir: self.dir.clone(), holder: "another thread".into() })
    }

    /// Brings the derived indexes in memory up to a write that has just been made, and writes them to disk when they
    /// are due. The write is safe whatever happens here: an index that fails is loaded again by the next question.
    fn apply_to_derived(&self, sequence: u64) {
        let Some(store) = &self.store else { return };
        if self.derived.published().is_some() {
            let brought_up = store
                .snapshot()
                .and_then(|snapshot| self.derived.bring_up(&mut self.derived.lock(), &self.dir, &snapshot));
            if let Err(error) = brought_up {
                tracing::warn!("{error}; the derived indexes are loaded again");
            }
        }
        if sequence > self.due_after.load(Ordering::Relaxed)
            && let Err(error) = self.write_checkpoint()
        {
            tracing::warn!("{error}; the derived indexes stay in memory and are written later");
            self.due_after.store(sequence + saving::MIN_CHANGES, Ordering::Relaxed);
        }
    }

    /// As [`Collection::checkpoint`], for a caller that has the write guard.
    fn write_checkpoint(&self) -> Result<()> {
        let (Some(store), Some(writer)) = (&self.store, self.writer.get()) else { return Ok(()) };
        if self.discarded.load(Ordering::Relaxed) {
            return Ok(());
        }
        let snapshot = store.snapshot()?;
        let last = snapshot.last_sequence()?;
        let Some(model) = Model::read(&snapshot)? else { return Ok(()) };
        let fingerprint = &model.identity.fingerprint;
        let mut guard = self.derived.lock();
        let unsound = guard.as_ref().is_some_and(|loaded| loaded.vectors.saved == 0 || loaded.lexical.saved == 0);
        if last == 0
            || (!unsound
                && saving::is_on_disk::<VectorIndex>(&self.dir, last, fingerprint)
                && saving::is_on_disk::<LexicalIndex>(&self.dir, last, fingerprint))
        {
            return Ok(());
        }
        // Questions are answered from what is published meanwhile.
        self.derived.bring_up(&mut guard, &self.dir, &snapshot)?;
        let Some(loaded) = guard.as_mut() else { return Ok(()) };
        if loaded.vectors.index.compact()? {
            self.derived.publish(loaded)?;
        }
        let files = vec![
            saving::new_file(&mut loaded.vectors, fingerprint)?,
            saving::new_file(&mut loaded.lexical, fingerprint)?,
        ];
        // Kept until the next time, so that a reader that had just loaded the files before these can still catch up.
        let forgotten = saving::sequences(&self.dir).into_iter().min().unwrap_or_default();
        Checkpoint::save(&self.dir, files)?;
        loaded.vectors.saved(last);
        loaded.lexical.saved(last);
        self.due_after.store(saving::due_after(&self.dir), Ordering::Relaxed);
        writer.store.forget_changes_through(forgotten)
    }
}

/// Refuses a model other than the one that made the vectors of the collection in `dir`.
pub(crate) fn check_model(dir: &Path, index: &ModelIdentity, configured: &ModelIdentity) -> Result<()> {
    if index.fingerprint == configured.fingerprint {
        return Ok(());
    }
    Err(Error::ModelMismatch { dir: dir.to_owned(), index: index.to_string(), configured: configured.to_string() })
}

impl Drop for Collection {
    fn drop(&mut self) {
        if let Err(error) = self.checkpoint() {
            tracing::warn!("{error}; the derived indexes catch up when the collection is next opened");
        }
    }
}
