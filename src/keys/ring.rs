//! The keys that a server accepts: those of its settings, and those of the file, which is read again when it has changed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::file::taken;
use super::{Key, KeyFile, holder};
use crate::error::Result;

/// The keys that a server accepts.
#[derive(Debug)]
pub struct KeyRing {
    settings: Vec<Key>,
    file: KeyFile,
    read: Mutex<Read>,
    /// Whether there has been a key: a server whose last key is revoked does not open to everybody.
    is_required: AtomicBool,
}

/// What was last read of the file.
#[derive(Debug)]
struct Read {
    /// The version that `keys` are of.
    version: Version,
    keys: Arc<[Key]>,
    /// The version that could not be read, so that its error is logged once.
    unreadable: Option<Version>,
}

/// What tells two versions of a file apart; `None` if there is no file.
type Version = Option<(u64, Option<SystemTime>, u64)>;

impl KeyRing {
    /// The keys of `entries`, and of the file in the index directory `dir`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`](crate::Error::Input) for a malformed entry, or a name that two keys have; errors of the file.
    pub fn open(entries: &[String], dir: &Path) -> Result<Self> {
        let settings = Key::parse_all(entries)?;
        let file = KeyFile::of(dir);
        let version = version(file.path());
        let keys: Arc<[Key]> = read_beside(&file, &settings)?.into();
        let is_required = AtomicBool::new(!(settings.is_empty() && keys.is_empty()));
        Ok(Self { settings, file, read: Mutex::new(Read { version, keys, unreadable: None }), is_required })
    }

    /// All keys.
    pub fn all(&self) -> Vec<Key> {
        self.settings.iter().chain(&*self.of_file()).cloned().collect()
    }

    /// Whether requests need a key: from the first key on.
    pub fn is_required(&self) -> bool {
        self.is_required.load(Ordering::Acquire) || {
            self.of_file();
            self.is_required.load(Ordering::Acquire)
        }
    }

    /// The key with this secret.
    pub fn holder(&self, secret: &str) -> Option<Key> {
        let of_file = self.of_file();
        holder(self.settings.iter().chain(&*of_file), secret).cloned()
    }

    /// The keys of the file as it is now. If it cannot be read, those that it had before; the next request tries again.
    fn of_file(&self) -> Arc<[Key]> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let version = version(self.file.path());
        if version != read.version {
            match read_beside(&self.file, &self.settings) {
                Ok(keys) => {
                    self.is_required.fetch_or(!keys.is_empty(), Ordering::AcqRel);
                    *read = Read { version, keys: keys.into(), unreadable: None };
                }
                Err(error) => {
                    if read.unreadable != Some(version) {
                        tracing::error!("the keys cannot be read, so those from before are accepted: {error}");
                    }
                    read.unreadable = Some(version);
                }
            }
        }
        Arc::clone(&read.keys)
    }
}

/// The keys of a file, none of which has the name of one in the settings.
fn read_beside(file: &KeyFile, settings: &[Key]) -> Result<Vec<Key>> {
    let keys = file.read()?;
    match keys.iter().find(|key| settings.iter().any(|other| other.name == key.name)) {
        Some(twice) => Err(taken(&twice.name)),
        None => Ok(keys),
    }
}

fn version(path: &Path) -> Version {
    let metadata = path.metadata().ok()?;
    #[cfg(unix)]
    let id = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let id = 0;
    Some((metadata.len(), metadata.modified().ok(), id))
}

#[cfg(test)]
mod tests {
    use super::super::{NewKey, Rights, Scope};
    use super::*;

    #[test]
    fn a_key_is_accepted_from_when_it_is_made_until_it_is_revoked() {
        let dir = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(&[], dir.path()).unwrap();
        assert!(!ring.is_required());
        let new = NewKey::with("laptop", Rights::new(vec![Scope::Ask], Vec::new()).unwrap()).unwrap();
        let file = KeyFile::of(dir.path());
        file.add(new.entry.parse().unwrap()).unwrap();
        assert_eq!(ring.holder(&new.key).unwrap().name, "laptop");
        file.remove("laptop").unwrap();
        assert_eq!(ring.holder(&new.key), None);
        assert!(ring.all().is_empty() && ring.is_required(), "it does not open to everybody");
    }

    #[test]
    fn keys_of_the_settings_and_of_the_file_are_accepted_side_by_side() {
        let dir = tempfile::tempdir().unwrap();
        let (of_settings, of_file) = (NewKey::generate("a").unwrap(), NewKey::generate("b").unwrap());
        KeyFile::of(dir.path()).add(of_file.entry.parse().unwrap()).unwrap();
        let ring = KeyRing::open(std::slice::from_ref(&of_settings.entry), dir.path()).unwrap();
        assert!(ring.holder(&of_settings.key).is_some() && ring.holder(&of_file.key).is_some());
        assert!(KeyRing::open(&[of_file.entry], dir.path()).is_err(), "the name is taken");
    }

    #[test]
    fn a_file_that_becomes_unreadable_lets_in_whom_it_let_in_before_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let new = NewKey::generate("a").unwrap();
        let file = KeyFile::of(dir.path());
        file.add(new.entry.parse().unwrap()).unwrap();
        let ring = KeyRing::open(&[], dir.path()).unwrap();
        std::fs::write(file.path(), "nonsense\n").unwrap();
        assert!(ring.holder(&new.key).is_some() && ring.holder("").is_none());
        assert!(KeyRing::open(&[], dir.path()).is_err(), "a server does not start with it");
    }

    #[test]
    fn a_key_is_revoked_as_soon_as_a_file_that_could_not_be_read_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let new = NewKey::generate("a").unwrap();
        let file = KeyFile::of(dir.path());
        file.add(new.entry.parse().unwrap()).unwrap();
        let ring = KeyRing::open(&[], dir.path()).unwrap();
        // Nothing that tells versions apart changes when a file becomes readable.
        std::fs::write(file.path(), "x\n").unwrap();
        let changed = file.path().metadata().unwrap().modified().unwrap();
        assert!(ring.holder(&new.key).is_some());
        std::fs::write(file.path(), "#\n").unwrap();
        std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(changed).unwrap();
        assert_eq!(ring.holder(&new.key), None);
    }
}
