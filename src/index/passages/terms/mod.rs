//! The terms of a segment: an inverted index in files. With [`file`](super::file), the only place that names tantivy.

mod directory;
pub(super) mod length;

use std::path::Path;
use std::sync::Arc;

use tantivy::directory::OwnedBytes;
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings as _, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::{BitSet, DocSet, Index, IndexBuilder, IndexSettings, SegmentReader, TERMINATED, TantivyDocument, Term};

use super::file::{FileTable, HashedFile};
use super::mask::Mask;
use super::memory::{MemorySegment, Posting};
use crate::error::{Error, Result};
use directory::SegmentDirectory;

/// Splits at white space, which no term contains.
const TOKENIZER: &str = "whitespace";
const BODY: &str = "body";
const META: &str = "meta.json";
/// Memory in which tantivy gathers terms; it is only reserved, and a segment that is made of memory never fills it.
const GATHERING_BYTES: usize = 1 << 30;

/// What was written of a segment's terms.
pub(super) struct Written {
    pub(super) files: Vec<FileTable>,
    /// tantivy's own description of them.
    pub(super) meta: Vec<u8>,
}

/// The terms of a segment on disk. Passages have the same numbers as in its columns.
pub(super) struct Terms {
    index: Index,
    inverted: Arc<InvertedIndexReader>,
    body: Field,
    files: Vec<Arc<HashedFile>>,
}

impl Terms {
    pub(super) fn open(dir: &Path, stem: &str, files: Vec<FileTable>, meta: &[u8], passages: usize) -> Result<Self> {
        let directory = SegmentDirectory::open(dir, stem, files, Path::new(META), meta)?;
        let files = directory.files();
        let index = Index::open(directory).map_err(lexical_error)?;
        let body = index.schema().get_field(BODY).map_err(lexical_error)?;
        let segments = index.searchable_segments().map_err(lexical_error)?;
        let [segment] = segments.as_slice() else {
            return Err(lexical_error(format!("{} parts instead of one", segments.len())));
        };
        let reader = SegmentReader::open(segment).map_err(lexical_error)?;
        if reader.max_doc() as usize != passages {
            return Err(lexical_error(format!("{} passages instead of {passages}", reader.max_doc())));
        }
        let inverted = reader.inverted_index(body).map_err(lexical_error)?;
        Ok(Self { index, inverted, body, files })
    }

    /// Its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &HashedFile> {
        self.files.iter().map(|file| &**file)
    }

    /// Looks a term up; `None` if it does not occur.
    pub(super) fn find(&self, term: &str) -> Result<Option<FoundTerm>> {
        let term = Term::from_field_text(self.body, term);
        Ok(self.inverted.get_term_info(&term).map_err(lexical_error)?.map(FoundTerm::File))
    }

    /// Where a term occurs.
    pub(super) fn postings(&self, term: &TermInfo) -> Result<Postings<'static>> {
        let found = self.inverted.read_postings_from_terminfo(term, IndexRecordOption::WithFreqs);
        found.map(|postings| Postings::File(Box::new(postings))).map_err(lexical_error)
    }

    /// Writes the terms of several segments as those of one, without their deleted passages.
    pub(super) fn merge(parts: &[(&Self, &Mask, usize)], dir: &Path, stem: &str) -> Result<Written> {
        let (mut segments, mut kept) = (Vec::new(), Vec::new());
        for (terms, mask, passages) in parts {
            segments.extend(terms.index.searchable_segments().map_err(lexical_error)?);
            kept.push((mask.count() > 0).then(|| live(mask, *passages)).transpose()?);
        }
        let directory = SegmentDirectory::new(dir, stem);
        tantivy::indexer::merge_filtered_segments(&segments, settings(), kept, directory.clone())
            .map_err(lexical_error)?;
        Ok(written(&directory))
    }

    /// Writes the terms of the live passages of segments in memory.
    pub(super) fn write(parts: &[(&MemorySegment, &Mask)], dir: &Path, stem: &str) -> Result<Written> {
        let directory = SegmentDirectory::new(dir, stem);
        let (schema, body) = schema();
        let mut writer = IndexBuilder::new()
            .schema(schema)
            .settings(settings())
            .single_segment_index_writer(directory.clone(), GATHERING_BYTES)
            .map_err(lexical_error)?;
        let mut text = String::new();
        for (segment, mask) in parts {
            for (_, terms) in (0..).zip(segment.terms()).filter(|(passage, _)| !mask.has(*passage)) {
                text.clear();
                for (term, frequency) in terms {
                    for _ in 0..frequency {
                        text.push_str(term);
                        text.push(' ');
                    }
                }
                let mut document = TantivyDocument::default();
                document.add_text(body, &text);
                writer.add_document(document).map_err(lexical_error)?;
            }
        }
        writer.finalize().map_err(lexical_error)?;
        Ok(written(&directory))
    }
}

fn schema() -> (Schema, Field) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER)
        .set_index_option(IndexRecordOption::WithFreqs)
        .set_fieldnorms(true);
    let body = schema.add_text_field(BODY, TextOptions::default().set_indexing_options(indexing));
    (schema.build(), body)
}

fn settings() -> IndexSettings {
    IndexSettings { docstore_compression: Compressor::None, ..IndexSettings::default() }
}

fn written(directory: &SegmentDirectory) -> Written {
    Written { files: directory.tables(), meta: directory.list(Path::new(META)) }
}

/// The passages that are not deleted.
fn live(mask: &Mask, passages: usize) -> Result<AliveBitSet> {
    let mut live = BitSet::with_max_value_and_full(passages as u32);
    mask.deleted().for_each(|passage| live.remove(passage));
    let mut bytes = Vec::new();
    write_alive_bitset(&live, &mut bytes).map_err(lexical_error)?;
    Ok(AliveBitSet::open(OwnedBytes::new(bytes)))
}

/// A term of a segment.
#[derive(Debug, Clone)]
pub(super) enum FoundTerm {
    File(TermInfo),
    Memory(Box<str>),
}

/// The passages in which a term occurs, in ascending order.
pub(super) enum Postings<'s> {
    File(Box<SegmentPostings>),
    Memory { list: &'s [Posting], at: usize },
}

/// The number that follows those of all passages.
pub(super) const END: u32 = TERMINATED;

impl Postings<'_> {
    /// About how many passages there are.
    pub(super) fn count(&self) -> u32 {
        match self {
            Self::File(postings) => postings.doc_freq(),
            Self::Memory { list, .. } => list.len() as u32,
        }
    }

    /// The passage at hand; [`END`] behind the last.
    pub(super) fn passage(&self) -> u32 {
        match self {
            Self::File(postings) => postings.doc(),
            Self::Memory { list, at } => list.get(*at).map_or(END, |(passage, _)| *passage),
        }
    }

    /// How often the term occurs in the passage at hand.
    pub(super) fn frequency(&self) -> u32 {
        match self {
            Self::File(postings) => postings.term_freq(),
            Self::Memory { list, at } => list.get(*at).map_or(0, |(_, frequency)| *frequency),
        }
    }

    /// Goes on to the next passage, and gives it.
    pub(super) fn advance(&mut self) -> u32 {
        match self {
            Self::File(postings) => postings.advance(),
            Self::Memory { at, .. } => {
                *at += 1;
                self.passage()
            }
        }
    }

    /// Goes on to the first passage that is not before `target`, and gives it.
    pub(super) fn seek(&mut self, target: u32) -> u32 {
        if self.passage() < target {
            match self {
                Self::File(postings) => return postings.seek(target),
                Self::Memory { list, at } => *at += list[*at..].partition_point(|(passage, _)| *passage < target),
            }
        }
        self.passage()
    }
}

pub(super) fn lexical_error(reason: impl std::fmt::Display) -> Error {
    Error::Lexical { reason: reason.to_string() }
}
