//! Reports about models: progress of fetching one, which are installed, whether their files are intact.

use std::path::PathBuf;

use crate::model::hub::is_non_commercial;

/// An event of work that takes long before anything is ingested or answered, for a progress display: fetching a model,
/// recognising the text of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullEvent {
    /// Another process is fetching into the same directory; this one waits for it.
    Waiting {
        /// The directory of the models.
        dir: PathBuf,
    },
    /// Packages are being downloaded. Comes several times a second.
    Downloading {
        /// What they are for.
        what: Fetched,
        /// Bytes received.
        done_bytes: u64,
        /// Bytes in all.
        total_bytes: u64,
    },
    /// A file is being unpacked and its hash checked.
    Checking {
        /// Its name.
        file: String,
    },
    /// A model's weights are being converted to an ONNX graph.
    Converting {
        /// The model's name.
        name: String,
    },
    /// A dictionary is being compiled.
    Compiling {
        /// The dictionary's name.
        name: String,
    },
    /// The text of a page is being recognised. Comes before each page.
    Recognising {
        /// The page, from 1.
        page: u32,
        /// The pages of its file.
        pages: u32,
    },
    /// The text of that page was recognised, or could not be.
    Recognised,
    /// Everything that was needed is installed.
    Done {
        /// What it is.
        what: Fetched,
        /// Its name in the manifest, or the directory of a user's model.
        name: String,
    },
}

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// A model, with or without ONNX Runtime.
    Model,
    /// ONNX Runtime alone, which runs a user's model.
    Runtime,
    /// A dictionary.
    Dictionary,
    /// PDFium, which reads PDF.
    Pdfium,
    /// The models that recognise the characters of scans.
    Recogniser,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// It makes vectors.
    Embedding {
        /// Their length.
        dimensions: usize,
    },
    /// It reads a question together with a passage.
    Reranker,
}

/// A model that is known by name, and whether it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: ModelKind,
    /// Its licence, as an SPDX identifier.
    pub licence: String,
    /// Its author or publisher.
    pub source: String,
    /// The number of tokens that it reads, if the model and not a setting says so.
    pub max_tokens: Option<usize>,
    /// The size of the download, without the runtime; `None` for a model of a hub.
    pub download_bytes: Option<u64>,
    /// Its size on disk; `None` if it is not installed completely.
    pub size_bytes: Option<u64>,
    /// Whether the settings choose it.
    pub configured: bool,
}

impl ModelStatus {
    /// Whether its licence forbids commercial use.
    pub fn is_non_commercial(&self) -> bool {
        is_non_commercial(&self.licence)
    }

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
    /// The result.
    pub state: FileState,
}

/// The result of checking a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It is unchanged since it was installed.
    Intact,
    /// It was changed.
    Altered,
    /// It is missing.
    Missing,
}
