//! The files of a segment's terms as tantivy's directory: what tantivy reads is checked block by block, and what it writes
//! is hashed on the way.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, FileHandle, OwnedBytes, TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};

use crate::error::Result;
use crate::index::passages::file::{FileTable, HashedFile, HashingWriter};

/// A segment's files. tantivy names its own by a random id, but there is only one of each kind, so that they are kept by
/// their extensions.
#[derive(Clone)]
pub(super) struct SegmentDirectory {
    dir: PathBuf,
    /// The start of the names of all files of the segment.
    stem: String,
    content: Arc<Mutex<Content>>,
}

#[derive(Default)]
struct Content {
    files: BTreeMap<String, Arc<HashedFile>>,
    /// The lists of files that tantivy keeps beside them.
    lists: BTreeMap<PathBuf, Vec<u8>>,
}

impl SegmentDirectory {
    pub(super) fn new(dir: &Path, stem: &str) -> Self {
        Self { dir: dir.to_owned(), stem: stem.to_owned(), content: Arc::default() }
    }

    /// The directory of a segment that was written: its files, and `meta` as tantivy wrote it.
    pub(super) fn open(dir: &Path, stem: &str, files: Vec<FileTable>, list: &Path, meta: &[u8]) -> Result<Self> {
        let directory = Self::new(dir, stem);
        for table in files {
            directory.add(table)?;
        }
        directory.content().lists.insert(list.to_owned(), meta.to_vec());
        Ok(directory)
    }

    fn add(&self, table: FileTable) -> Result<()> {
        let extension = table.extension.clone();
        let file = HashedFile::open(&self.dir, &format!("{}.{extension}", self.stem), table)?;
        self.content().files.insert(extension, Arc::new(file));
        Ok(())
    }

    /// What is known of each of its files.
    pub(super) fn tables(&self) -> Vec<FileTable> {
        self.content().files.values().map(|file| file.table().clone()).collect()
    }

    pub(super) fn files(&self) -> Vec<Arc<HashedFile>> {
        self.content().files.values().map(Arc::clone).collect()
    }

    /// A list of tantivy's; empty if there is none.
    pub(super) fn list(&self, name: &Path) -> Vec<u8> {
        self.content().lists.get(name).cloned().unwrap_or_default()
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().into_owned()
}

fn missing(path: &Path) -> OpenReadError {
    OpenReadError::FileDoesNotExist(path.to_owned())
}

impl fmt::Debug for SegmentDirectory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SegmentDirectory")
            .field("dir", &self.dir)
            .field("stem", &self.stem)
            .finish_non_exhaustive()
    }
}

impl Directory for SegmentDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let content = self.content();
        let file = content.files.get(&extension(path)).ok_or_else(|| missing(path))?;
        Ok(Arc::new(Handle(Arc::clone(file))))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::FileDoesNotExist(path.to_owned()))
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        let content = self.content();
        Ok(content.lists.contains_key(path) || content.files.contains_key(&extension(path)))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = HashingWriter::create(&self.dir, &self.stem, &extension(path))
            .map_err(|error| OpenWriteError::wrap_io_error(io::Error::other(error), path.to_owned()))?;
        Ok(BufWriter::new(Box::new(Writer { directory: self.clone(), file })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.content().lists.get(path).cloned().ok_or_else(|| missing(path))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.content().lists.insert(path.to_owned(), data.to_vec());
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

/// A file that tantivy reads.
struct Handle(Arc<HashedFile>);

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a file of {} bytes", self.0.len())
    }
}

impl HasLen for Handle {
    fn len(&self) -> usize {
        self.0.len()
    }
}

impl FileHandle for Handle {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        self.0.share(range).map_err(io::Error::other)
    }
}

/// A file that tantivy writes. It is there, for tantivy too, once it is finished.
struct Writer {
    directory: SegmentDirectory,
    file: HashingWriter,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for Writer {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        let table = self.file.finish().map_err(io::Error::other)?;
        self.directory.add(table).map_err(io::Error::other)
    }
}
