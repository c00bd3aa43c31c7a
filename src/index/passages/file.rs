//! Files that never change once they are written, with a hash of each block. A block is hashed when it is first read, so
//! opening a file takes no longer for a large one, and a byte that is not what was written is never used.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};

use crate::error::{Error, Result};

/// Bytes of a block: what the system reads at once.
const BLOCK: usize = 4 * 1024;
/// Bytes that are hashed and written at once.
const BUFFER: usize = 64 * BLOCK;
/// Blocks in a word of [`HashedFile::checked`].
const BITS: usize = u64::BITS as usize;

/// The first half of a BLAKE3 hash.
type BlockHash = [u8; 16];

/// What is known of a file besides its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileTable {
    /// The last part of its name, which tells what is in it.
    pub(super) extension: String,
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// The hash of each block.
    hashes: Vec<BlockHash>,
}

/// A file, mapped into memory. Only what is read takes memory, and the system can take that back.
pub(super) struct HashedFile {
    path: PathBuf,
    bytes: OwnedBytes,
    table: FileTable,
    /// A bit for each block that had the right hash when it was first read.
    checked: Vec<AtomicU64>,
    is_damaged: AtomicBool,
}

impl HashedFile {
    /// Opens the file `name` in `dir`. Its content is not read.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if it is missing or has another length.
    pub(super) fn open(dir: &Path, name: &str, table: FileTable) -> Result<Self> {
        let path = dir.join(name);
        let corrupt = |reason: String| Error::Corrupt { path: path.clone(), reason };
        let mapped = || -> Result<OwnedBytes, String> {
            // The library maps files into memory without unsafe code here.
            let directory = MmapDirectory::open(dir).map_err(|error| error.to_string())?;
            let file = directory.open_read(Path::new(name)).map_err(|error| error.to_string())?;
            file.read_bytes().map_err(|error| error.to_string())
        };
        // Looked at first: what has another length may not be mapped.
        let length = std::fs::metadata(&path).map_err(|error| corrupt(error.to_string()))?.len();
        if length != table.bytes || table.hashes.len() as u64 != table.bytes.div_ceil(BLOCK as u64) {
            return Err(corrupt(format!("it has {length} bytes, but {} were written", table.bytes)));
        }
        let bytes = mapped().map_err(corrupt)?;
        let words = table.hashes.len().div_ceil(BITS);
        Ok(Self {
            path,
            bytes,
            checked: (0..words).map(|_| AtomicU64::new(0)).collect(),
            table,
            is_damaged: AtomicBool::new(false),
        })
    }

    /// What was known of it before it was opened.
    pub(super) fn table(&self) -> &FileTable {
        &self.table
    }

    /// Its length in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether a block was found that is not what was written.
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    /// Bytes of the file; their blocks are hashed if they are read for the first time.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if they are not what was written.
    pub(super) fn get(&self, range: Range<usize>) -> Result<&[u8]> {
        self.check(&range)?;
        self.bytes.get(range).ok_or_else(|| self.corrupt("something is looked for behind its end"))
    }

    /// As [`HashedFile::get`], sharing the file.
    pub(super) fn share(&self, range: Range<usize>) -> Result<OwnedBytes> {
        self.check(&range)?;
        Ok(self.bytes.slice(range))
    }

    /// Hashes every block that was not read yet.
    pub(super) fn check_all(&self) -> Result<()> {
        self.check(&(0..self.len()))
    }

    fn check(&self, range: &Range<usize>) -> Result<()> {
        if range.start > range.end || range.end > self.len() {
            return Err(self.corrupt("something is looked for behind its end"));
        }
        let mut file = None;
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let (word, bit) = (&self.checked[block / BITS], 1 << (block % BITS));
            if word.load(Ordering::Relaxed) & bit == 0 {
                let bytes = block * BLOCK..self.len().min((block + 1) * BLOCK);
                if self.hash_of(bytes, &mut file)? != self.table.hashes[block] {
                    return Err(self.corrupt(&format!("the hash of the block at byte {} differs", block * BLOCK)));
                }
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// The hash of a block. It is read from the file, since a disk that cannot read it gives an error there, but ends the
    /// process where the file is mapped. A file that a merge has removed stays mapped.
    fn hash_of(&self, block: Range<usize>, file: &mut Option<File>) -> Result<BlockHash> {
        let failed = |error: io::Error| self.corrupt(&error.to_string());
        if file.is_none() {
            match File::open(&self.path) {
                Ok(opened) => *file = Some(opened),
                // It was removed, or the process has too many files open.
                Err(_) => return Ok(hash(&self.bytes[block])),
            }
        }
        let Some(file) = file else { return Ok(hash(&self.bytes[block])) };
        let mut buffer = [0; BLOCK];
        let buffer = &mut buffer[..block.len()];
        file.seek(SeekFrom::Start(block.start as u64)).and_then(|_| file.read_exact(buffer)).map_err(failed)?;
        Ok(hash(buffer))
    }

    /// Notes that its content cannot be used; the error to return.
    pub(super) fn corrupt(&self, reason: &str) -> Error {
        self.is_damaged.store(true, Ordering::Relaxed);
        Error::Corrupt { path: self.path.clone(), reason: reason.to_owned() }
    }
}

fn hash(block: &[u8]) -> BlockHash {
    let mut hash = BlockHash::default();
    hash.copy_from_slice(&blake3::hash(block).as_bytes()[..size_of::<BlockHash>()]);
    hash
}

/// Writes a new file and hashes its blocks.
pub(super) struct HashingWriter {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    table: FileTable,
}

impl HashingWriter {
    /// Creates the file `<stem>.<extension>` in `dir`, which is not there yet.
    pub(super) fn create(dir: &Path, stem: &str, extension: &str) -> Result<Self> {
        let path = dir.join(format!("{stem}.{extension}"));
        let file = File::create_new(&path).map_err(Error::io("create", &path))?;
        let table = FileTable { extension: extension.to_owned(), bytes: 0, hashes: Vec::new() };
        Ok(Self { path, file, buffer: Vec::with_capacity(BUFFER), table })
    }

    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(Error::io("write", &self.path))
    }

    /// Writes what is left and waits until all is on disk.
    pub(super) fn finish(&mut self) -> Result<FileTable> {
        let finished = self.write_buffer().and_then(|()| self.file.sync_all());
        finished.map_err(Error::io("write", &self.path))?;
        Ok(self.table.clone())
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        self.table.hashes.extend(self.buffer.chunks(BLOCK).map(hash));
        self.file.write_all(&self.buffer)?;
        self.table.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BUFFER - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        // Only whole blocks are written before the end.
        if self.buffer.len() == BUFFER {
            self.write_buffer()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dir: &Path, bytes: &[u8]) -> FileTable {
        let mut writer = HashingWriter::create(dir, "segment", "x").unwrap();
        writer.append(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn bytes_of_any_length_are_read_as_they_were_written() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, BUFFER, 2 * BUFFER + 17] {
            let dir = tempfile::tempdir().unwrap();
            let bytes: Vec<u8> = (0..length).map(|at| (at * 31 % 251) as u8).collect();
            let file = HashedFile::open(dir.path(), "segment.x", written(dir.path(), &bytes)).unwrap();
            file.check_all().unwrap();
            assert_eq!(file.get(0..length).unwrap(), bytes);
            assert!(file.get(0..length + 1).is_err());
        }
    }

    #[test]
    fn only_a_damaged_block_is_refused_and_no_other_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let table = written(dir.path(), &vec![7; 10 * BLOCK]);
        let path = dir.path().join("segment.x");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[5 * BLOCK + 3] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let file = HashedFile::open(dir.path(), "segment.x", table.clone()).unwrap();
        assert!(file.get(4 * BLOCK..5 * BLOCK).is_ok() && !file.is_damaged());
        assert!(file.get(5 * BLOCK - 1..5 * BLOCK + 1).is_err() && file.is_damaged());
        assert!(file.get(6 * BLOCK..10 * BLOCK).is_ok());
        assert!(file.check_all().is_err());
    }

    #[test]
    fn a_file_of_another_length_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let table = written(dir.path(), &[7; 100]);
        for length in [0, 99, 101] {
            std::fs::write(dir.path().join("segment.x"), vec![7; length]).unwrap();
            assert!(HashedFile::open(dir.path(), "segment.x", table.clone()).is_err());
        }
        std::fs::remove_file(dir.path().join("segment.x")).unwrap();
        assert!(HashedFile::open(dir.path(), "segment.x", table.clone()).is_err());
    }
}
