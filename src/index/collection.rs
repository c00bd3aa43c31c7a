//! A collection: opened for reading, held for writing, asked and changed by many threads at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::cluster::Cluster;
use super::derived::DerivedIndexes;
use super::lock::WriterLock;
use super::loss;
use super::maintenance::Maintenance;
use super::model::Model;
use super::originals::{self, Originals};
use super::passages::{self, Checkpoint};
use super::saving::{DiskUsage, Writer};
use super::snapshot::IndexSnapshot;
use super::store::{NotedFile, PreparedDocument, Store, Written};
use crate::error::{Error, Result};
use crate::passage::{Original, OriginalRecord};

/// How often a question takes a newer snapshot because others moved the index past the one it has.
const MAX_SNAPSHOTS: usize = 16;

/// The collection in one directory. Its methods may be called from many threads at once.
pub struct Collection {
    dir: PathBuf,
    /// For reading; `None` if the collection is open for reading only and does not exist.
    store: Option<Store>,
    access: Access,
    writer: OnceLock<Writer>,
    pub(super) derived: Arc<DerivedIndexes>,
    pub(super) maintenance: Arc<Maintenance>,
    /// Held while a document is stored, so that changes follow one another.
    writing: Mutex<()>,
    /// The last change that the store was told to forget.
    forgotten: AtomicU64,
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
        collection.set_writer(writer);
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
        let derived = Arc::new(DerivedIndexes::new(dir));
        Self {
            dir: dir.to_owned(),
            store,
            access,
            writer: OnceLock::new(),
            maintenance: Arc::new(Maintenance::new(Arc::clone(&derived))),
            derived,
            writing: Mutex::default(),
            forgotten: AtomicU64::default(),
            discarded: AtomicBool::default(),
        }
    }

    /// Sets the cluster in which its passage index is, or is to be if it is new.
    pub fn use_cluster(&self, cluster: Arc<Cluster>) {
        self.derived.set_cluster(cluster);
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

    /// Its store alone.
    pub fn into_store(mut self) -> Option<Store> {
        self.store.take()
    }

    /// Whether no passage was ever stored in it.
    pub fn is_new(&self) -> Result<bool> {
        self.store.as_ref().map_or(Ok(true), |store| Ok(store.last_sequence()? == 0))
    }

    /// The collection as of now; `None` if no passage was ever stored in it.
    ///
    /// The first call loads the index, of which it reads little. A later one waits only for the few changes of a write under
    /// way, never while the index is loaded, made again or written to disk.
    pub fn snapshot(&self) -> Result<Option<IndexSnapshot<'_>>> {
        let Some(store) = &self.store else { return Ok(None) };
        let (mut attempts, loads) = (0, self.derived.loads());
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
                    tracing::warn!("the store in {} is older than before; loading its index again", self.dir.display());
                    self.derived.unload();
                    continue;
                }
                _ => match self.derived.refresh(&snapshot)? {
                    Some(published) => published,
                    // Each time round, another process has written all of its indexes to disk.
                    None => continue,
                },
            };
            if published.sequence <= sequence || attempts == MAX_SNAPSHOTS {
                // A process before may have left merges undone. A write under way sees to them itself.
                if self.derived.loads() != loads
                    && let Ok(_in_order) = self.writing.try_lock()
                    && !self.discarded.load(Ordering::Relaxed)
                {
                    self.maintenance.begin_due_of_loaded();
                }
                return Ok(Some(IndexSnapshot::new(snapshot, sequence, &self.derived, published)));
            }
        }
    }

    /// Stores a document; `None` if the same content is there already. On return it is safe on disk, and every later
    /// question finds it.
    pub fn put(&self, document: &PreparedDocument) -> Result<Option<Written>> {
        self.put_as(document, None)
    }

    /// As [`Collection::put`], with this key if it is given.
    pub(super) fn put_as(&self, document: &PreparedDocument, key: Option<i64>) -> Result<Option<Written>> {
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        let earlier = self.keep_original(store, &document.info.id, document.original.as_deref())?;
        let written = store.put_as(document, key)?;
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

    /// Writes the index to disk, if this process holds the collection and what is on disk is behind.
    pub fn checkpoint(&self) -> Result<()> {
        let _in_order = self.write_guard();
        self.write_checkpoint()
    }

    /// Does all merges of the index that are due, which otherwise are done in the background.
    pub fn merge(&self) -> Result<()> {
        self.maintenance.merge_all()
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
        self.maintenance.stop();
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
    pub(super) fn writer(&self) -> Result<&Writer> {
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
            self.set_writer(Writer::open(&self.dir)?);
        }
        self.writer.get().ok_or_else(|| Error::Locked { dir: self.dir.clone(), holder: "another thread".into() })
    }

    fn set_writer(&self, writer: Writer) {
        let _ = self.writer.set(writer);
        self.derived.begin_to_write();
    }

    /// Brings the index in memory up to a write that has just been made, and begins to write it to disk when that is due.
    /// The write is safe whatever happens here: an index that fails is loaded again by the next question.
    fn apply_to_derived(&self, sequence: u64) {
        let Some(store) = &self.store else { return };
        let not_loaded_but_due = || {
            let on_disk = Checkpoint::last_sequence(&self.dir).unwrap_or_default();
            sequence - on_disk.min(sequence) >= super::maintenance::MIN_CHANGES
        };
        if self.derived.published().is_none() && !not_loaded_but_due() {
            return;
        }
        let brought_up = store.snapshot().and_then(|snapshot| {
            let mut loaded = self.derived.lock();
            self.derived.bring_up(&mut loaded, &snapshot)?;
            if let Some(loaded) = loaded.as_ref() {
                self.maintenance.begin_due(loaded);
            }
            Ok(())
        });
        if let Err(error) = brought_up.and_then(|()| self.forget_changes()) {
            tracing::warn!("{error}; the index is loaded again");
        }
    }

    /// Loads the index, for a caller that has the write guard.
    pub(super) fn load_derived(&self) -> Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let snapshot = store.snapshot()?;
        if snapshot.last_sequence()? > 0 && Model::read(&snapshot)?.is_some() {
            self.derived.refresh(&snapshot)?;
            self.maintenance.begin_due_of_loaded();
        }
        Ok(())
    }

    /// Lets the store forget the changes that no index will ask for.
    fn forget_changes(&self) -> Result<()> {
        let through = self.maintenance.forgettable();
        match self.writer.get() {
            Some(writer) if through > self.forgotten.swap(through, Ordering::Relaxed) => {
                writer.store.forget_changes_through(through)
            }
            _ => Ok(()),
        }
    }

    /// As [`Collection::checkpoint`], for a caller that has the write guard.
    pub(super) fn write_checkpoint(&self) -> Result<()> {
        let (Some(store), Some(_)) = (&self.store, self.writer.get()) else { return Ok(()) };
        if self.discarded.load(Ordering::Relaxed) {
            return Ok(());
        }
        let snapshot = store.snapshot()?;
        let last = snapshot.last_sequence()?;
        let Some(model) = Model::read(&snapshot)? else { return Ok(()) };
        let is_on_disk = |checkpoint: Checkpoint| {
            checkpoint.sequence == last && checkpoint.is_made_by(&model.identity.fingerprint, passages::rules())
        };
        if last == 0 {
            return Ok(());
        }
        if self.derived.published().is_none() && Checkpoint::current(&self.dir).is_some_and(is_on_disk) {
            return self.clear_retired();
        }
        drop(snapshot);
        self.write_index()
    }

    /// Loads the index and writes it to where it belongs, for a caller that has the write guard.
    pub(super) fn write_index(&self) -> Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        // Once more if what a cluster has turns out to be of no use.
        for _ in 0..2 {
            let snapshot = store.snapshot()?;
            if snapshot.last_sequence()? == 0 || Model::read(&snapshot)?.is_none() {
                return Ok(());
            }
            self.derived.bring_up(&mut self.derived.lock(), &snapshot)?;
            drop(snapshot);
            self.maintenance.flush_and_tidy()?;
            if self.derived.published().is_some() {
                break;
            }
        }
        if let Err(error) = self.leave_former() {
            tracing::warn!("{error}; what the collection had in the cluster is removed later");
        }
        self.forget_changes()
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        self.maintenance.stop();
        if let Err(error) = self.checkpoint() {
            tracing::warn!("{error}; the index catches up when the collection is next opened");
        }
    }
}
