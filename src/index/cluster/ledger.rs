//! `cluster.json`: what the folder of a collection has made in the cluster. A backup does not copy it, and it names its folder,
//! so a copy reads the collection of the original but never writes to it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::index::passages::replace;

const FILE: &str = "cluster.json";

/// What a folder has made in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::index) struct Ledger {
    /// The folder.
    folder: String,
    /// Names of collections that it made and that may exist. All but the one in use are to be removed.
    pub(in crate::index) made: Vec<String>,
    /// The random number that it wrote last into the collection in use, and one that it was about to write.
    pub(in crate::index) tokens: Vec<String>,
}

impl Ledger {
    /// That of the folder `dir`: empty if it has made nothing, or was copied from another folder.
    pub(in crate::index) fn read(dir: &Path) -> Self {
        let folder = name_of(dir);
        let read: Option<Self> =
            std::fs::read(dir.join(FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match read {
            Some(ledger) if ledger.folder == folder => ledger,
            _ => Self { folder, ..Self::default() },
        }
    }

    /// Writes it, so that it survives a power loss.
    pub(in crate::index) fn save(&self, dir: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Corrupt { path: dir.join(FILE), reason: error.to_string() })?;
        replace(dir, FILE, &json)
    }

    /// Whether this folder made a collection.
    pub(in crate::index) fn has_made(&self, name: &str) -> bool {
        self.made.iter().any(|made| made == name)
    }
}

fn name_of(dir: &Path) -> String {
    std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_folder_has_made_nothing() {
        let (original, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut ledger = Ledger::read(original.path());
        assert!(!ledger.has_made("footnote-news-1"));
        ledger.made.push("footnote-news-1".into());
        ledger.save(original.path()).unwrap();
        assert!(Ledger::read(original.path()).has_made("footnote-news-1"));
        std::fs::copy(original.path().join(FILE), copy.path().join(FILE)).unwrap();
        assert_eq!(Ledger::read(copy.path()).made, Vec::<String>::new());
    }
}
