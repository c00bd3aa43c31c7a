//! One writer for each collection. The operating system frees the lock when its process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};

const A_MOMENT: Duration = Duration::from_millis(5);
/// What the line begins with that only the holder's own user may read.
const SECRET: &str = "secret ";
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    const FILE: &'static str = "LOCK";

    /// Takes the lock of the collection in `dir`, or says at once who has it.
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
        // Whoever only looks whether it is taken, see `holder`, has it for a moment.
        let taken = file.try_lock().or_else(|_| {
            std::thread::sleep(A_MOMENT);
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
            jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            secret(&file).map(|secret| format!("{SECRET}{secret}\n")).unwrap_or_default()
        );
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()))
            .map_err(Error::io("write", &path))?;
        Ok(Self { _file: file })
    }
}

/// Who holds the collection in `dir` for writing, as it says itself; `None` if nobody does. Nothing is written.
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

/// What only the user of `dir`'s writer knows, as long as that runs: the directory's canonical path, and the writer's LOCK
/// with its secret. `None` if it never had a writer, or this one's LOCK may not be read or keeps no secret.
pub(crate) fn seal(dir: &Path) -> Option<Vec<u8>> {
    let dir = dir.canonicalize().ok()?;
    let path = dir.join(WriterLock::FILE);
    let mut seal = std::fs::read(&path).ok()?;
    if !String::from_utf8_lossy(&seal).lines().any(|line| line.starts_with(SECRET)) {
        return None;
    }
    seal.extend_from_slice(dir.as_os_str().as_encoded_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Of containers made from one image, the paths and even the processes' numbers may be the same.
        let file = std::fs::metadata(&path).ok()?;
        seal.extend(file.dev().to_le_bytes().into_iter().chain(file.ino().to_le_bytes()));
    }
    Some(seal)
}

/// What the holder wrote about itself. It may be about to write that.
fn name_of(file: &mut File) -> String {
    let mut holder = String::new();
    let _ = file.read_to_string(&mut holder);
    let holder = holder.lines().next().unwrap_or_default().trim();
    if holder.is_empty() { "another process" } else { holder }.to_owned()
}

/// 256 random bits, if nobody but its owner may read `file`: what others may read is no secret.
fn secret(file: &File) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The file of another user that was opened all the same is not this one's to protect.
        file.set_permissions(std::fs::Permissions::from_mode(OWNER_ONLY)).ok()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(blake3::Hash::from_bytes(bytes).to_hex().to_string())
}

/// The program and its command, without arguments that could hold anything private.
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
    fn a_second_writer_learns_who_the_first_is() {
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
    fn a_seal_is_of_one_directory_and_one_writer() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(seal(dir.path()), None);
        let _writer = WriterLock::take(dir.path()).unwrap();
        let sealed = seal(dir.path());
        assert!(sealed.is_some());
        assert_eq!(seal(&dir.path().join(".")), sealed, "however the path is written");
        std::fs::copy(dir.path().join(WriterLock::FILE), other.path().join(WriterLock::FILE)).unwrap();
        assert_ne!(seal(other.path()), sealed, "a copy is another directory");
        std::fs::write(dir.path().join(WriterLock::FILE), "process 1 (`footnote serve`)\nsecret 00\n").unwrap();
        assert!(seal(dir.path()).is_some_and(|other| Some(other) != sealed), "another writer");
        std::fs::write(dir.path().join(WriterLock::FILE), "process 1 (`footnote serve`)\n").unwrap();
        assert_eq!(seal(dir.path()), None, "it keeps no secret");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_a_lock_and_each_has_a_secret_of_its_own() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(WriterLock::FILE);
        // As an earlier version left it.
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
