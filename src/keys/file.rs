//! The file of keys that `footnote keys` changes: an entry a line, in the index directory.

use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Key;
use crate::disk::{own_like, own_like_folder};
use crate::error::{Error, Result};

const NAME: &str = "keys.txt";
const HEAD: &str = "# API keys of this index, an entry a line, as hashes. `footnote keys` changes this file.\n";
/// How long to wait for another process that changes the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file of keys of an index directory. It need not exist.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file of the index in `dir`. No collection can have its name.
    pub fn of(dir: &Path) -> Self {
        Self { path: dir.join(NAME) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its keys; none if it does not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read, [`Error::Config`] if a line is not an entry.
    pub fn read(&self) -> Result<Vec<Key>> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("read", &self.path)(error)),
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Key::parse_all(&lines.map(str::to_owned).collect::<Vec<_>>())
            .map_err(|error| Error::Config { reason: format!("{}: {error}", self.path.display()) })
    }

    /// Adds a key.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there is one of this name, and errors of the disk.
    pub fn add(&self, key: Key) -> Result<()> {
        self.change(|keys| {
            if keys.iter().any(|other| other.name == key.name) {
                return Err(taken(&key.name));
            }
            keys.push(key);
            Ok(())
        })
    }

    /// Removes the key of this name; whether there was one.
    ///
    /// # Errors
    ///
    /// Errors of the disk.
    pub fn remove(&self, name: &str) -> Result<bool> {
        let mut was_there = false;
        self.change(|keys| {
            was_there = keys.iter().any(|key| key.name == name);
            keys.retain(|key| key.name != name);
            Ok(())
        })?;
        Ok(was_there)
    }

    /// Replaces the file, as one of several processes that may do so at once.
    fn change(&self, change: impl FnOnce(&mut Vec<Key>) -> Result<()>) -> Result<()> {
        let dir = self.path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let _locked = self.lock()?;
        let mut keys = self.read()?;
        change(&mut keys)?;
        let mut text = HEAD.to_owned();
        for key in keys {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{key}");
        }
        // Only its owner may read it, unless the file before let others: tempfile makes it so.
        let mut new = tempfile::NamedTempFile::new_in(dir).map_err(Error::io("create a file in", dir))?;
        let written = new.write_all(text.as_bytes()).and_then(|()| new.as_file().sync_all());
        written.map_err(Error::io("write", new.path()))?;
        keep_owner(new.as_file(), &self.path)?;
        new.persist(&self.path).map_err(|error| Error::io("write", &self.path)(error.error))?;
        Ok(())
    }

    /// Held until the returned file is dropped.
    fn lock(&self) -> Result<File> {
        let path = self.path.with_extension("lock");
        let file = open_lock(&path).map_err(Error::io("open", &path))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(Error::io("lock", &path)(error.into())),
            }
        }
    }
}

/// Opens the lock, and creates it with the owner of its folder if it is not there. The folder may belong to a user whom
/// the superuser, who changes the keys, does not trust: so a symbolic link is not followed.
#[cfg(unix)]
pub(crate) fn open_lock(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = File::options();
    // The flag has the same bits in every width.
    options.write(true).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            // If it cannot be given away, its owner alone changes keys.
            let _ = own_like_folder(&file, path);
            Ok(file)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub(crate) fn open_lock(path: &Path) -> std::io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Gives the file `new` the owner, the group and the permissions of `old`, which it replaces; if there is none, the owner
/// and the group of its folder. A server that runs as another user than the one who changes its keys must be able to read
/// them.
#[cfg(unix)]
fn keep_owner(new: &File, old: &Path) -> Result<()> {
    let failed = |error| Error::io("keep the owner of", old)(error);
    let Some(before) = old.symlink_metadata().ok().filter(std::fs::Metadata::is_file) else {
        // A folder may be shared by several users.
        let _ = own_like_folder(new, old);
        return Ok(());
    };
    own_like(new, &before).map_err(failed)?;
    new.set_permissions(before.permissions()).map_err(failed)
}

#[cfg(not(unix))]
fn keep_owner(_new: &File, _old: &Path) -> Result<()> {
    Ok(())
}

/// The error for a name that another key has.
pub(super) fn taken(name: &str) -> Error {
    Error::Input {
        reason: format!("there is a key `{name}` already"),
        hint: "give this one another name, or revoke the other first with `footnote keys revoke`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NewKey, Rights, Scope};
    use super::*;

    fn key(name: &str) -> Key {
        NewKey::with(name, Rights::new(vec![Scope::Ask], Vec::new()).unwrap()).unwrap().entry.parse().unwrap()
    }

    #[test]
    fn keys_are_added_once_and_removed_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile::of(&dir.path().join("index"));
        assert_eq!(file.read().unwrap(), []);
        let (laptop, phone) = (key("laptop"), key("phone"));
        file.add(laptop.clone()).unwrap();
        file.add(phone.clone()).unwrap();
        assert!(file.add(key("phone")).unwrap_err().to_string().contains("`phone`"));
        assert_eq!(file.read().unwrap(), [laptop, phone.clone()]);
        assert!(file.remove("laptop").unwrap() && !file.remove("laptop").unwrap());
        assert_eq!(file.read().unwrap(), [phone]);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile::of(dir.path());
        file.add(key("laptop")).unwrap();
        assert_eq!(file.path().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// The superuser changes the keys of a server that runs as another user. Only the superuser can try it.
    #[cfg(unix)]
    #[test]
    fn the_file_belongs_to_the_owner_of_the_index_whoever_changes_it() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
        let dir = tempfile::tempdir().unwrap();
        if chown(dir.path(), Some(12_345), Some(12_346)).is_err() {
            return;
        }
        let file = KeyFile::of(dir.path());
        let owner = |path: &Path| path.metadata().map(|found| (found.uid(), found.gid())).unwrap();
        file.add(key("laptop")).unwrap();
        assert_eq!(owner(file.path()), (12_345, 12_346), "it has the owner of its folder");
        assert_eq!(owner(&dir.path().join("keys.lock")), (12_345, 12_346));
        chown(file.path(), Some(12_347), None).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
        file.remove("laptop").unwrap();
        assert_eq!(owner(file.path()), (12_347, 12_346), "it keeps its own");
        assert_eq!(file.path().metadata().unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_is_a_symbolic_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        std::fs::write(&elsewhere, "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.path().join("keys.lock")).unwrap();
        let error = KeyFile::of(dir.path()).add(key("laptop")).unwrap_err();
        assert!(error.to_string().contains("keys.lock"), "{error}");
    }

    #[test]
    fn keys_that_are_added_at_once_are_all_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile::of(dir.path());
        std::thread::scope(|scope| {
            for number in 0..8 {
                let file = &file;
                scope.spawn(move || file.add(key(&format!("key-{number}"))).unwrap());
            }
        });
        assert_eq!(file.read().unwrap().len(), 8);
    }

    #[test]
    fn a_line_that_is_no_entry_is_an_error_that_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile::of(dir.path());
        std::fs::write(file.path(), "# a comment\n\nlaptop\n").unwrap();
        assert!(file.read().unwrap_err().to_string().contains("keys.txt"));
    }
}
