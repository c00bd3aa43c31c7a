//! Segments: sets of passages that never change. The keys of one are all lower than those of the next.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::allowed::DocumentSet;
use super::columns::{self, Columns};
use super::counts::Counts;
use super::file::{FileTable, HashedFile};
use super::graph::{self, Graph};
use super::memory::MemorySegment;
use super::place::Place;
use super::terms::length::length_of;
use super::terms::{FoundTerm, Postings, Terms};
use crate::error::{Error, Result};

/// The extension of the file that describes the others of a segment.
pub(super) const TABLE: &str = "table";
pub(super) const VECTORS: &str = "vectors";
/// The version of the form of a segment's files.
const VERSION: u32 = 1;

/// A segment, in memory or on disk.
pub(super) enum Segment {
    Memory(MemorySegment),
    File(Box<FileSegment>),
}

/// What is known of a segment on disk before its files are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    version: u32,
    pub(super) passages: u64,
    pub(super) first_key: u64,
    pub(super) last_key: u64,
    /// The lengths of its passages, added up.
    pub(super) tokens: u64,
    /// Bytes of a vector; 0 if vectors and terms are in a cluster.
    pub(super) vector_bytes: u64,
    pub(super) has_graph: bool,
    /// Empty once they are opened.
    pub(super) files: Vec<FileTable>,
    /// tantivy's description of the terms.
    pub(super) meta: Vec<u8>,
}

/// A segment on disk.
pub(super) struct FileSegment {
    /// The start of the names of its files.
    pub(super) stem: String,
    /// The hash of its table, hexadecimal.
    pub(super) blake3: String,
    pub(super) table: Table,
    columns: Columns,
    /// `None` if that is in a cluster.
    searched: Option<Searched>,
}

/// What is searched of a segment on disk.
struct Searched {
    vectors: HashedFile,
    graph: Option<Graph>,
    terms: Terms,
    counts: Counts,
}

impl Table {
    pub(super) fn new(keys: &[u64], tokens: u64, vector_bytes: usize) -> Self {
        Self {
            version: VERSION,
            passages: keys.len() as u64,
            first_key: keys.first().copied().unwrap_or_default(),
            last_key: keys.last().copied().unwrap_or_default(),
            tokens,
            vector_bytes: vector_bytes as u64,
            has_graph: false,
            files: Vec::new(),
            meta: Vec::new(),
        }
    }

    pub(super) fn to_bytes(&self, path: &Path) -> Result<Vec<u8>> {
        postcard::to_stdvec(self).map_err(|error| Error::Corrupt { path: path.to_owned(), reason: error.to_string() })
    }
}

impl FileSegment {
    /// Opens the segment whose files begin with `stem`. Its table is compared with `blake3`; of the other files little is
    /// read, whatever their size.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Lexical`] if a file is missing or is not what was written.
    pub(super) fn open(dir: &Path, stem: &str, blake3: &str) -> Result<Self> {
        let path = table_path(dir, stem);
        let corrupt = |reason: String| Error::Corrupt { path: path.clone(), reason };
        let bytes = std::fs::read(&path).map_err(|error| corrupt(error.to_string()))?;
        if blake3::hash(&bytes).to_hex().as_str() != blake3 {
            return Err(corrupt("its hash differs from the one in checkpoint.json".into()));
        }
        let mut table: Table = postcard::from_bytes(&bytes).map_err(|error| corrupt(error.to_string()))?;
        if table.version != VERSION {
            return Err(corrupt("another version of Footnote wrote it".into()));
        }
        let passages = u32::try_from(table.passages).map_err(|error| corrupt(error.to_string()))? as usize;
        // Each file keeps its own hashes, which are many.
        let mut files = std::mem::take(&mut table.files);
        let mut file = |extension: &str| {
            let found = files.iter().position(|file| file.extension == extension);
            let found = found.ok_or_else(|| corrupt(format!("it names no file of {extension}")))?;
            HashedFile::open(dir, &format!("{stem}.{extension}"), files.swap_remove(found))
        };
        let columns = Columns::open(file(columns::EXTENSION)?, passages)?;
        let searched = if table.vector_bytes == 0 {
            None
        } else {
            let vectors = file(VECTORS)?;
            if vectors.len() as u64 != table.passages * table.vector_bytes {
                return Err(vectors.corrupt("it does not have a vector for each passage"));
            }
            let graph = if table.has_graph { Some(Graph::open(file(graph::EXTENSION)?, passages)?) } else { None };
            let terms = Terms::open(dir, stem, files, &table.meta, passages)?;
            Some(Searched { vectors, graph, terms, counts: Counts::default() })
        };
        Ok(Self { stem: stem.to_owned(), blake3: blake3.to_owned(), columns, searched, table })
    }

    /// Its terms; `None` if they are in a cluster.
    pub(super) fn terms(&self) -> Option<&Terms> {
        self.searched.as_ref().map(|searched| &searched.terms)
    }

    fn files(&self) -> impl Iterator<Item = &HashedFile> {
        let searched = self.searched.iter().flat_map(|searched| {
            let graph = searched.graph.as_ref().map(Graph::file);
            std::iter::once(&searched.vectors).chain(graph).chain(searched.terms.files())
        });
        std::iter::once(self.columns.file()).chain(searched)
    }

    fn searched(&self) -> Result<&Searched> {
        self.searched
            .as_ref()
            .ok_or_else(|| Error::Vector { reason: format!("what is searched of {} is in a cluster", self.stem) })
    }

    /// Whether something that was read of it is not what was written.
    pub(super) fn is_damaged(&self) -> bool {
        self.files().any(HashedFile::is_damaged)
    }

    /// Hashes all of its files.
    pub(super) fn check_all(&self) -> Result<()> {
        self.files().try_for_each(HashedFile::check_all)
    }
}

/// Where the table of a segment is.
pub(super) fn table_path(dir: &Path, stem: &str) -> PathBuf {
    dir.join(format!("{stem}.{TABLE}"))
}

impl Segment {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Memory(segment) => segment.len(),
            Self::File(segment) => segment.table.passages as usize,
        }
    }

    /// The lowest and the highest of its keys.
    pub(super) fn range(&self) -> (u64, u64) {
        match self {
            Self::Memory(segment) if segment.len() == 0 => (0, 0),
            Self::Memory(segment) => (segment.key(0), segment.key(segment.len() as u32 - 1)),
            Self::File(segment) => (segment.table.first_key, segment.table.last_key),
        }
    }

    /// The lengths of its passages, added up.
    pub(super) fn tokens(&self) -> u64 {
        match self {
            Self::Memory(segment) => (0..segment.len() as u32).map(|n| u64::from(length_of(segment.length(n)))).sum(),
            Self::File(segment) => segment.table.tokens,
        }
    }

    pub(super) fn key(&self, passage: u32) -> Result<u64> {
        match self {
            Self::Memory(segment) => Ok(segment.key(passage)),
            Self::File(segment) => segment.columns.key(passage),
        }
    }

    /// The number of the passage with this key; `None` if it is not there.
    pub(super) fn position(&self, key: u64) -> Result<Option<u32>> {
        match self {
            Self::Memory(segment) => Ok(segment.position(key)),
            Self::File(segment) => segment.columns.position(key),
        }
    }

    /// The key of a passage's document.
    pub(super) fn document(&self, passage: u32) -> Result<u64> {
        match self {
            Self::Memory(segment) => Ok(segment.document(passage)),
            Self::File(segment) => segment.columns.document(passage),
        }
    }

    /// The passages of these documents, ascending.
    pub(super) fn passages_of(&self, documents: &DocumentSet) -> Result<Vec<u32>> {
        match self {
            Self::Memory(segment) => {
                let passages = 0..segment.len() as u32;
                Ok(passages.filter(|&passage| documents.has(segment.document(passage))).collect())
            }
            Self::File(segment) => segment.columns.passages_of(documents),
        }
    }

    /// The share of its documents that are in a set.
    pub(super) fn share_of(&self, documents: &DocumentSet) -> Result<f32> {
        match self {
            Self::Memory(_) => Ok(self.passages_of(documents)?.len() as f32 / self.len().max(1) as f32),
            Self::File(segment) => segment.columns.share_of(documents),
        }
    }

    pub(super) fn place(&self, passage: u32) -> Result<Place<'_>> {
        match self {
            Self::Memory(segment) => Ok(segment.place(passage)),
            Self::File(segment) => segment.columns.place(passage),
        }
    }

    /// The code of a passage's length.
    pub(super) fn length(&self, passage: u32) -> Result<u8> {
        match self {
            Self::Memory(segment) => Ok(segment.length(passage)),
            Self::File(segment) => segment.columns.length(passage),
        }
    }

    pub(super) fn vector(&self, passage: u32) -> Result<&[u8]> {
        match self {
            Self::Memory(segment) => Ok(segment.vector(passage)),
            Self::File(segment) => {
                let bytes = segment.table.vector_bytes as usize;
                segment.searched()?.vectors.get(passage as usize * bytes..(passage as usize + 1) * bytes)
            }
        }
    }

    pub(super) fn graph(&self) -> Option<&Graph> {
        match self {
            Self::Memory(_) => None,
            Self::File(segment) => segment.searched.as_ref().and_then(|searched| searched.graph.as_ref()),
        }
    }

    /// What was counted before; `None` if it is in memory or in a cluster.
    pub(super) fn counts(&self) -> Option<&Counts> {
        match self {
            Self::File(segment) => segment.searched.as_ref().map(|searched| &searched.counts),
            Self::Memory(_) => None,
        }
    }

    /// Whether its vectors and terms are in a cluster.
    pub(super) fn is_remote(&self) -> bool {
        matches!(self, Self::File(segment) if segment.searched.is_none())
    }

    /// Looks a term up; `None` if it does not occur, or the terms are in a cluster.
    pub(super) fn find_term(&self, term: &str) -> Result<Option<FoundTerm>> {
        match self {
            Self::Memory(segment) if segment.postings(term).is_empty() => Ok(None),
            Self::Memory(_) => Ok(Some(FoundTerm::Memory(term.into()))),
            Self::File(segment) => segment.terms().map_or(Ok(None), |terms| terms.find(term)),
        }
    }

    /// In how many passages a term occurs that was found in this segment, the deleted ones counted.
    pub(super) fn occurrences(&self, term: &FoundTerm) -> usize {
        match (self, term) {
            (Self::Memory(segment), FoundTerm::Memory(term)) => segment.postings(term).len(),
            (_, FoundTerm::File(term)) => term.doc_freq as usize,
            (Self::File(_), FoundTerm::Memory(_)) => 0,
        }
    }

    /// Where a term occurs that was found in this segment.
    pub(super) fn postings(&self, term: &FoundTerm) -> Result<Postings<'_>> {
        match (self, term) {
            (Self::Memory(segment), FoundTerm::Memory(term)) => {
                Ok(Postings::Memory { list: segment.postings(term), at: 0 })
            }
            (Self::File(segment), FoundTerm::File(term)) => segment.searched()?.terms.postings(term),
            _ => Ok(Postings::Memory { list: &[], at: 0 }),
        }
    }
}
