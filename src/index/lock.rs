//! The lock of a collection: one process at a time writes to it. The operating system releases the lock when the process
//! ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};

const RETRY_AFTER: Duration = Duration::from_millis(5);
/// The start of the line with the holder's secret, which only the holder's own user can read.
const SECRET: &str = "secret ";
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    const FILE: &'static str = "LOCK";

    /// Takes the lock of the collection in `dir`.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] at once if another process holds it; it names that process.
    pub(super) fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(Self::FILE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(OWNER_ONLY);
        }
        let mut file = options.open(&path).map_err(Error::io("open", &path))?;
        // `holder` takes it for an instant to see whether it is free.
        let taken = file.try_lock().or_else(|_| {
            std::thread::sleep(RETRY_AFTER);
            file.try_lock()
        });
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { dir: dir.to_owned(), holder: name_of(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        let holder = format!(
            "process {} (`{}`, since {})\n{}",
            std::process::id(),
            command_name(),
            crate::timestamp::now(),
            new_secret(&file).map(|secret| format!("{SECRET}{secret}\n")).unwrap_or_default()
        );
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()))
            .map_err(Error::io("write", &path))?;
        Ok(Self { _file: file })
    }
}

/// The process that holds the collection in `dir` for writing, in its own words; `None` if none does. Nothing is written.
pub fn holder(dir: &Path) -> Result<Option<String>> {
    let path = dir.join(WriterLock::FILE);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", &path)(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(name_of(&mut file))),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
    }
}

#[cfg(feature = "server")]
/// A value that only the user of the process that holds `dir` can compute: the content of its LOCK, which includes a random
/// secret, with the directory's canonical path and the file's identity. `None` if `dir` never had a writer, or its LOCK
/// cannot be read or has no secret.
pub(crate) fn writer_secret(dir: &Path) -> Option<Vec<u8>> {
    let dir = dir.canonicalize().ok()?;
    let path = dir.join(WriterLock::FILE);
    let mut secret = std::fs::read(&path).ok()?;
    if !String::from_utf8_lossy(&secret).lines().any(|line| line.starts_with(SECRET)) {
        return None;
    }
    secret.extend_from_slice(dir.as_os_str().as_encoded_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Containers made from one image can have the same paths and even the same process ids.
        let file = std::fs::metadata(&path).ok()?;
        secret.extend(file.dev().to_le_bytes().into_iter().chain(file.ino().to_le_bytes()));
    }
    Some(secret)
}

/// What the holder wrote about itself; it may not have written it yet.
fn name_of(file: &mut File) -> String {
    let mut holder = String::new();
    let _ = file.read_to_string(&mut holder);
    let holder = holder.lines().next().unwrap_or_default().trim();
    if holder.is_empty() { "another process" } else { holder }.to_owned()
}

/// 256 random bits, if only its owner can read `file`.
fn new_secret(file: &File) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // This fails if the file belongs to another user.
        file.set_permissions(std::fs::Permissions::from_mode(OWNER_ONLY)).ok()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(blake3::Hash::from_bytes(bytes).to_hex().to_string())
}

/// The program and its subcommand, without arguments, which can be private.
fn command_name() -> String {
    let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let program = arguments.next().unwrap_or_default();
    let program = Path::new(&program).file_name().map(|name| name.to_string_lossy().into_owned());
    let command = arguments.next().filter(|word| word.chars().all(|c| c.is_ascii_alphabetic()));
    [program, command].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_which_process_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let first = WriterLock::take(dir.path()).unwrap();
        let message = WriterLock::take(dir.path()).unwrap_err().to_string();
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
        assert!(!message.contains(SECRET), "{message}");
        assert!(holder(dir.path()).unwrap().is_some_and(|holder| holder.starts_with("process ")));
        drop(first);
        assert_eq!(holder(dir.path()).unwrap(), None);
        WriterLock::take(dir.path()).unwrap();
    }

    #[test]
    fn a_writer_secret_belongs_to_one_directory_and_one_writer() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(writer_secret(dir.path()), None);
        let _writer = WriterLock::take(dir.path()).unwrap();
        let secret = writer_secret(dir.path());
        assert!(secret.is_some());
        assert_eq!(writer_secret(&dir.path().join(".")), secret, "however the path is written");
        std::fs::copy(dir.path().join(WriterLock::FILE), other.path().join(WriterLock::FILE)).unwrap();
        assert_ne!(writer_secret(other.path()), secret, "a copy is another directory");
        std::fs::write(dir.path().join(WriterLock::FILE), "process 1 (`footnote serve`)\nsecret 00\n").unwrap();
        assert!(writer_secret(dir.path()).is_some_and(|other| Some(other) != secret), "another writer");
        std::fs::write(dir.path().join(WriterLock::FILE), "process 1 (`footnote serve`)\n").unwrap();
        assert_eq!(writer_secret(dir.path()), None, "the file has no secret");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_lock_and_each_lock_has_its_own_secret() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(WriterLock::FILE);
        // As an earlier version wrote it.
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(WriterLock::take(dir.path()).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
        let first = std::fs::read_to_string(&path).unwrap();
        let _second = WriterLock::take(dir.path()).unwrap();
        let second = std::fs::read_to_string(&path).unwrap();
        assert!(first.lines().nth(1).is_some_and(|line| line.len() == SECRET.len() + 64), "{first}");
        assert_ne!(first.lines().nth(1), second.lines().nth(1));
    }
}
