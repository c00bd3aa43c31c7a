//! Writes segments: of passages in memory, or of other segments.

use std::path::Path;

use super::columns::NewColumns;
use super::file::{FileTable, HashingWriter};
use super::graph::Graph;
use super::memory::MemorySegment;
use super::segment::{FileSegment, Segment, TABLE, Table, VECTORS, table_path};
use super::slots::Slot;
use super::terms::length::length_of;
use super::terms::{Terms, Written};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// A segment with at least this many passages gets a graph. Comparing fewer one by one is exact and takes less than a
/// millisecond.
pub(super) const GRAPH_FROM: usize = 8_192;

/// Writes one segment with the live passages of `sources`, which are all in memory or all on disk, and opens it; `None` if
/// there are none. It does not count before a checkpoint names it.
pub(super) fn write(sources: &[Slot], dir: &Path, cancel: &Cancel) -> Result<Option<FileSegment>> {
    let stem = new_stem();
    let written = write_files(sources, dir, &stem, cancel);
    if !matches!(written, Ok(Some(_))) {
        // What is left of it is of no use.
        remove_files(dir, &stem);
    }
    let Some(table) = written? else { return Ok(None) };
    FileSegment::open(dir, &stem, &table).map(Some).inspect_err(|_| remove_files(dir, &stem))
}

/// A name that no segment ever had, so that no file is ever written that a reader has open.
fn new_stem() -> String {
    let mut random = [0; 8];
    // Without it, the moment distinguishes one writer from another.
    if getrandom::fill(&mut random).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        random = (now.as_nanos() as u64).to_le_bytes();
    }
    format!("segment-{:016x}", u64::from_le_bytes(random))
}

/// Removes all files of a segment.
pub(super) fn remove_files(dir: &Path, stem: &str) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(stem) {
            // A file that stays takes space but is never read.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Writes one segment with the live passages of `sources` whose vectors and terms are in a cluster, and opens it; `None` if
/// there are none. It does not count before a checkpoint names it.
pub(super) fn write_remote(sources: &[Slot], dir: &Path) -> Result<Option<FileSegment>> {
    let Gathered { columns, tokens, live } = gather(sources)?;
    if live.is_empty() {
        return Ok(None);
    }
    let stem = new_stem();
    let written = columns.write(dir, &stem).and_then(|file| {
        let mut table = Table::new(columns.keys(), tokens, 0);
        table.files.push(file);
        write_table(&table, dir, &stem)
    });
    let opened = written.and_then(|blake3| FileSegment::open(dir, &stem, &blake3));
    opened.map(Some).inspect_err(|_| remove_files(dir, &stem))
}

/// The live passages of some segments.
struct Gathered<'s> {
    /// What is known of them besides vectors and terms.
    columns: NewColumns,
    /// Their lengths, added up.
    tokens: u64,
    live: Vec<(&'s Segment, u32)>,
}

fn gather(sources: &[Slot]) -> Result<Gathered<'_>> {
    let (mut columns, mut tokens, mut live) = (NewColumns::default(), 0, Vec::new());
    for slot in sources {
        for passage in slot.live() {
            let (segment, length) = (&slot.segment, slot.segment.length(passage)?);
            columns.push(segment.key(passage)?, segment.document(passage)?, segment.place(passage)?, length);
            tokens += u64::from(length_of(length));
            live.push((&**segment, passage));
        }
    }
    Ok(Gathered { columns, tokens, live })
}

fn write_table(table: &Table, dir: &Path, stem: &str) -> Result<String> {
    let bytes = table.to_bytes(&table_path(dir, stem))?;
    let mut file = HashingWriter::create(dir, stem, TABLE)?;
    file.append(&bytes)?;
    file.finish()?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

/// The hash of the table of what was written.
fn write_files(sources: &[Slot], dir: &Path, stem: &str, cancel: &Cancel) -> Result<Option<String>> {
    let Gathered { columns, tokens, live } = gather(sources)?;
    let Some(&(first, passage)) = live.first() else { return Ok(None) };
    let vector_bytes = first.vector(passage)?.len();
    let mut table = Table::new(columns.keys(), tokens, vector_bytes);
    table.files.push(columns.write(dir, stem)?);
    cancel.check()?;
    table.files.push(write_vectors(&live, vector_bytes, dir, stem)?);
    cancel.check()?;
    let terms = write_terms(sources, dir, stem)?;
    cancel.check()?;
    table.files.extend(terms.files);
    table.meta = terms.meta;
    if live.len() >= GRAPH_FROM {
        let steps = live.iter().map(|(segment, passage)| {
            // Behind the scale, which does not count.
            segment.vector(*passage).map(|vector| vector.get(SCALE_BYTES..).unwrap_or_default())
        });
        table.files.push(Graph::write(steps, vector_bytes.saturating_sub(SCALE_BYTES), dir, stem, cancel)?);
        table.has_graph = true;
    }
    write_table(&table, dir, stem).map(Some)
}

/// Bytes of a vector's scale.
const SCALE_BYTES: usize = 2;

fn write_vectors(live: &[(&Segment, u32)], bytes: usize, dir: &Path, stem: &str) -> Result<FileTable> {
    let mut file = HashingWriter::create(dir, stem, VECTORS)?;
    for (segment, passage) in live {
        let vector = segment.vector(*passage)?;
        if vector.len() != bytes {
            return Err(Error::Vector { reason: format!("a vector of {} bytes among such of {bytes}", vector.len()) });
        }
        file.append(vector)?;
    }
    file.finish()
}

fn write_terms(sources: &[Slot], dir: &Path, stem: &str) -> Result<Written> {
    let in_memory: Vec<(&MemorySegment, _)> = sources
        .iter()
        .filter_map(|slot| match &*slot.segment {
            Segment::Memory(segment) => Some((segment, &*slot.deleted)),
            Segment::File(_) => None,
        })
        .collect();
    if in_memory.len() == sources.len() {
        return Terms::write(&in_memory, dir, stem);
    }
    let on_disk: Vec<_> = sources
        .iter()
        .filter_map(|slot| match &*slot.segment {
            Segment::File(segment) => Some((segment.terms()?, &*slot.deleted, slot.segment.len())),
            Segment::Memory(_) => None,
        })
        .collect();
    Terms::merge(&on_disk, dir, stem)
}
