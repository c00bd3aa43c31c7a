//! `store.last`: the number of the last change that was acknowledged, kept beside the store. It shows
//! that the write-ahead log was lost or cut short, which SQLite does not report.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::checksum;

/// The file's name beside `store.db`.
const FILE: &str = "store.last";

/// Records changes after their commit.
pub(super) struct Witness {
    path: PathBuf,
}

impl Witness {
    pub(super) fn beside(store: &Path) -> Self {
        Self { path: store.with_file_name(FILE) }
    }

    /// Records that the change with this number is committed. The file is not synced: after a power loss it may be
    /// unreadable or name an earlier change, but never one that is not committed.
    pub(super) fn record(&self, change: i64) {
        if let Err(error) = self.write(change) {
            tracing::debug!("{}: {error}", self.path.display());
        }
    }

    fn write(&self, change: i64) -> std::io::Result<()> {
        let mut file: File = OpenOptions::new().write(true).create(true).truncate(false).open(&self.path)?;
        let number = change.to_string();
        // Always as long as before, so that nothing of an earlier line is left.
        file.write_all(format!("{number:>20} {}\n", hex(&checksum::of_text(number.as_bytes()))).as_bytes())
    }

    /// The last change that was recorded; `None` if there is none, or the file is not what was written.
    pub(super) fn last(&self) -> Option<u64> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let (number, checksum) = text.trim().split_once(' ')?;
        (checksum == hex(&checksum::of_text(number.as_bytes()))).then(|| number.parse().ok())?
    }
}

fn hex(checksum: &checksum::Checksum) -> String {
    format!("{:032x}", u128::from_be_bytes(*checksum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_is_read_back_and_an_altered_file_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let witness = Witness::beside(&dir.path().join("store.db"));
        assert_eq!(witness.last(), None);
        for change in [7, 123_456, 8] {
            witness.record(change);
            assert_eq!(witness.last(), Some(change.cast_unsigned()));
        }
        let path = dir.path().join(FILE);
        let written = std::fs::read(&path).unwrap();
        for at in 0..written.len() - 1 {
            let mut altered = written.clone();
            altered[at] ^= 1;
            std::fs::write(&path, altered).unwrap();
            assert!(witness.last().is_none_or(|last| last == 8), "byte {at}");
        }
    }
}
