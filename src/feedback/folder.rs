//! The files of the records: appended to by many processes at once, rewritten by one.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

const FOLDER: &str = "feedback";
/// The lock of a file has its name with this ending.
const LOCK: &str = ".lock";
/// What is being written has this ending.
const UNFINISHED: &str = ".tmp-new";
/// How long to wait for another process that changes the files.
const PATIENCE: Duration = Duration::from_secs(5);
const RETRY_AFTER: Duration = Duration::from_millis(5);
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
    pub(super) fn lock(&self, name: &str) -> Result<Locked> {
        let path = self.file(&format!("{name}{LOCK}"));
        let file = self.open_lock(name).map_err(Error::io("open", &path))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => std::thread::sleep(RETRY_AFTER),
                Err(error) => return Err(Error::io("lock", &path)(error.into())),
            }
        }
    }

    /// Shares a file with others that append to it; `None` if somebody rewrites it. It waits for a few milliseconds at most.
    pub(super) fn share(&self, name: &str) -> io::Result<Option<Shared>> {
        let file = self.open_lock(name)?;
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

    fn open_lock(&self, name: &str) -> io::Result<File> {
        self.open(&format!("{name}{LOCK}"), File::options().read(true).write(true).truncate(false))
    }

    /// Opens a file, which is created if it does not exist. Only its owner can read it. The folder may belong to a user whom
    /// the superuser does not trust, so a symbolic link is not followed.
    fn open(&self, name: &str, options: &mut fs::OpenOptions) -> io::Result<File> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // The flag has the same bits in every width.
            options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
        let path = self.file(name);
        match options.clone().create_new(true).open(&path) {
            Ok(file) => {
                let _ = own_like_folder(&file, &path);
                Ok(file)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(&path),
            Err(error) => Err(error),
        }
    }

    /// Appends a line in one piece, so that those of several processes do not mix. Returns the file's size.
    pub(super) fn append(&self, name: &str, line: &str) -> io::Result<u64> {
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
        Ok(size + bytes.len() as u64)
    }

    /// Lets a file survive a power cut.
    pub(super) fn sync(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        File::open(&path).and_then(|file| file.sync_all()).map_err(Error::io("write", &path))
    }

    /// The lines of a file; none if it does not exist.
    pub(super) fn lines(&self, name: &str) -> Result<Vec<String>> {
        let path = self.file(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
    }

    /// Puts these lines in the place of a file. After a crash there is either the old file or the new one.
    pub(super) fn replace(&self, locked: &Locked, name: &str, lines: &[String]) -> Result<()> {
        self.tidy(locked)?;
        let (path, unfinished) = (self.file(name), format!("{name}{UNFINISHED}"));
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let write = || {
            let mut file = self.open(&unfinished, File::options().write(true).truncate(true))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(self.file(&unfinished), &path)?;
            sync_directory(&self.dir)
        };
        write().map_err(Error::io("write", &path))
    }

    /// Removes what a crash left of files that were being written.
    pub(super) fn tidy(&self, _locked: &Locked) -> Result<()> {
        let entries = fs::read_dir(&self.dir).map_err(Error::io("read", &self.dir))?;
        for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(UNFINISHED)) {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
        }
        Ok(())
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

fn last_byte(file: &mut File) -> io::Result<Option<u8>> {
    let mut byte = [0];
    file.seek(SeekFrom::End(-1))?;
    Ok((file.read(&mut byte)? == 1).then_some(byte[0]))
}

#[cfg(unix)]
fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives what the superuser has created to the owner of the folder that it is in, whose server must be able to write to it.
#[cfg(unix)]
fn own_like_folder(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (own, folder) = (file.metadata()?, path.parent().unwrap_or_else(|| Path::new(".")).metadata()?);
    if (own.uid(), own.gid()) == (folder.uid(), folder.gid()) {
        return Ok(());
    }
    fchown(file, Some(folder.uid()), Some(folder.gid()))
}

#[cfg(not(unix))]
fn own_like_folder(_file: &File, _path: &Path) -> io::Result<()> {
    Ok(())
}
