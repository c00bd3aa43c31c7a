//! The files of the records: appended to by many processes at once, rewritten by one.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::disk::{own_like_folder, sync_folder};
use crate::error::{Error, Result};

const FOLDER: &str = "feedback";
/// The lock of a file has its name with this ending.
const LOCK: &str = ".lock";
/// What is being written has this ending.
const UNFINISHED: &str = ".tmp-new";
/// How long to wait for another process that changes the files.
const PATIENCE: Duration = Duration::from_secs(5);
const RETRY_AFTER: Duration = Duration::from_millis(5);
/// The most that is read of a file: more than Footnote lets one grow to.
const MAX_READ_BYTES: u64 = 32 * 1024 * 1024;
/// Attempts to share a file, a millisecond apart.
const ATTEMPTS: usize = 4;

/// The folder of one collection's records. It need not exist.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    dir: PathBuf,
}

/// Nobody else changes a file until it is dropped.
#[derive(Debug)]
pub(super) struct Locked {
    _file: File,
}

/// Nobody rewrites a file until it is dropped. Others may append to it, too.
#[derive(Debug)]
pub(super) struct Shared {
    _file: File,
}

impl Folder {
    /// The folder of the collection in this directory.
    pub(super) fn of(collection: &Path) -> Self {
        Self { dir: collection.join(FOLDER) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(super) fn exists(&self) -> bool {
        self.dir.symlink_metadata().is_ok_and(|found| found.is_dir())
    }

    /// Creates it. `false` if the collection's directory is not there.
    pub(super) fn create(&self) -> io::Result<bool> {
        if self.exists() {
            return Ok(true);
        }
        match fs::create_dir(&self.dir) {
            Ok(()) => {
                // If it cannot be given away, its owner alone writes to it.
                let _ = File::open(&self.dir).and_then(|dir| own_like_folder(&dir, &self.dir));
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.exists() => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits until nobody else appends to or rewrites a file.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if somebody does so for too long.
    pub(super) fn lock(&self, name: &str) -> Result<Locked> {
        let path = self.file(&format!("{name}{LOCK}"));
        let file = self.open_lock(name).map_err(Error::io("open", &path))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => std::thread::sleep(RETRY_AFTER),
                Err(TryLockError::WouldBlock) => return Err(Error::Busy),
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
            }
        }
    }

    /// Shares a file with others that append to it; `None` if somebody rewrites it. It waits for a few milliseconds at most.
    pub(super) fn share(&self, name: &str) -> io::Result<Option<Shared>> {
        share(self.open_lock(name)?)
    }

    /// As [`Folder::share`], for whoever only reads: the lock is not created. If nobody has created it, nobody rewrites the
    /// file.
    pub(super) fn share_to_read(&self, name: &str) -> io::Result<Option<Shared>> {
        self.open_to_read(&format!("{name}{LOCK}"))?.map_or(Ok(None), share)
    }

    fn open_lock(&self, name: &str) -> io::Result<File> {
        self.open(&format!("{name}{LOCK}"), File::options().read(true).write(true).truncate(false))
    }

    /// Opens a file, which is created if it does not exist. Only its owner can read it. The folder may belong to a user whom
    /// the superuser does not trust, so a symbolic link is not followed, and only a file is opened.
    fn open(&self, name: &str, options: &mut fs::OpenOptions) -> io::Result<File> {
        not_through_links(options);
        let path = self.file(name);
        match options.clone().create_new(true).open(&path) {
            Ok(file) => {
                let _ = own_like_folder(&file, &path);
                Ok(file)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => checked(options.open(&path)?),
            Err(error) => Err(error),
        }
    }

    /// Likewise, only to read it; `None` if it does not exist.
    fn open_to_read(&self, name: &str) -> io::Result<Option<File>> {
        if !self.exists() {
            return Ok(None);
        }
        let mut options = File::options();
        not_through_links(options.read(true));
        match options.open(self.file(name)) {
            Ok(file) => checked(file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Appends a line in one piece, so that those of several processes do not mix. Returns the file and its size.
    pub(super) fn append(&self, name: &str, line: &str) -> io::Result<(File, u64)> {
        let mut file = self.open(name, File::options().read(true).append(true))?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(line.len() + 2);
        // A full disk or a crash may have left half a line.
        if size > 0 && last_byte(&mut file)? != Some(b'\n') {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        file.write_all(&bytes)?;
        Ok((file, size + bytes.len() as u64))
    }

    /// The size of a file; 0 if there is none.
    pub(super) fn size(&self, name: &str) -> u64 {
        self.file(name).symlink_metadata().map_or(0, |found| found.len())
    }

    /// The lines of a file; none if it does not exist. Of a file that is larger than any of Footnote's, the first.
    pub(super) fn lines(&self, name: &str) -> Result<Vec<String>> {
        let path = self.file(name);
        let mut bytes = Vec::new();
        let read = self.open_to_read(name).and_then(|file| match file {
            Some(file) => file.take(MAX_READ_BYTES).read_to_end(&mut bytes),
            None => Ok(0),
        });
        read.map_err(Error::io("read", &path))?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
    }

    /// Puts these lines in the place of a file. After a crash there is either the old file or the new one.
    pub(super) fn replace(&self, locked: &Locked, name: &str, lines: &[String]) -> Result<()> {
        self.tidy(locked, name)?;
        let (path, unfinished) = (self.file(name), format!("{name}{UNFINISHED}"));
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let write = || {
            let mut file = self.open(&unfinished, File::options().write(true).truncate(true))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(self.file(&unfinished), &path)?;
            sync_folder(&self.dir)
        };
        write().map_err(Error::io("write", &path))
    }

    /// Removes what a crash left of a file that was being written.
    pub(super) fn tidy(&self, _locked: &Locked, name: &str) -> Result<()> {
        self.remove_file(&format!("{name}{UNFINISHED}"))
    }

    /// Removes a file, and what a crash left of it.
    pub(super) fn remove(&self, locked: &Locked, name: &str) -> Result<()> {
        self.tidy(locked, name)?;
        self.remove_file(name)?;
        sync_folder(&self.dir).map_err(Error::io("write", &self.dir))
    }

    fn remove_file(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// Puts a file in the place of an earlier one, if it has this size and nobody is using it.
    pub(super) fn rotate(&self, name: &str, earlier: &str, least_bytes: u64) -> io::Result<()> {
        let lock = self.open_lock(name)?;
        if lock.try_lock().is_err() {
            // Whoever comes next does it.
            return Ok(());
        }
        match self.file(name).metadata() {
            Ok(found) if found.len() >= least_bytes => fs::rename(self.file(name), self.file(earlier)),
            _ => Ok(()),
        }
    }
}

/// Shares a locked file; `None` if somebody has it alone for longer than a few milliseconds.
fn share(file: File) -> io::Result<Option<Shared>> {
    for attempt in 1..=ATTEMPTS {
        match file.try_lock_shared() {
            Ok(()) => return Ok(Some(Shared { _file: file })),
            Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => std::thread::sleep(Duration::from_millis(1)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Lets these options open neither a link nor wait for a pipe.
fn not_through_links(options: &mut fs::OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        // The flags have the same bits in every width.
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// An opened file, unless it is a folder, a pipe or a device.
fn checked(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a file")) }
}

fn last_byte(file: &mut File) -> io::Result<Option<u8>> {
    let mut byte = [0];
    file.seek(SeekFrom::End(-1))?;
    Ok((file.read(&mut byte)? == 1).then_some(byte[0]))
}
