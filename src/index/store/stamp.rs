//! Whether a file has changed since it was looked at.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What tells one state of a database file, with its write-ahead log, from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    file: State,
    /// `None` if there is no log, or an empty one.
    log: Option<State>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    bytes: u64,
    modified: Option<SystemTime>,
    /// The file itself, where the system numbers them: another may have taken its name.
    number: Option<u64>,
}

impl Stamp {
    /// The present state of the database at `path`; `None` if it cannot be looked at.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = State::of(&std::fs::metadata(path).ok()?);
        let log = std::fs::metadata(log_of(path)).ok().map(|log| State::of(&log));
        Some(Self { file, log: log.filter(|log| log.bytes > 0) })
    }

    /// Whether changes lie in a write-ahead log beside the file.
    pub(super) fn has_log(&self) -> bool {
        self.log.is_some()
    }
}

/// The write-ahead log of the database at `path`.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), number: number_of(metadata) }
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such number")]
fn number_of(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.ino())
}

#[cfg(not(unix))]
fn number_of(_: &Metadata) -> Option<u64> {
    None
}
