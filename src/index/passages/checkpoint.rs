//! The segments on disk that count: `checkpoint.json` lists them. Each file is written completely and synced before it is
//! listed; a file that is not listed does not count.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::build::remove_files;
use super::graph::EXTENSION as GRAPH;
use super::mask::Mask;
use super::rules::rules;
use super::segment::{Segment, VECTORS};
use super::slots::{Slot, Slots};
use crate::disk::sync_folder;
use crate::error::{Error, Result};

pub(super) const FILE: &str = "checkpoint.json";
/// How the names of all files of segments begin.
const PREFIX: &str = "segment-";
/// What follows the name of a file in the name of what is to replace it.
const UNFINISHED: &str = ".tmp-";
/// How the names of the files began that earlier versions wrote.
const EARLIER_PREFIXES: [&str; 2] = ["vectors-", "lexical-"];
/// The version of the form of this file.
const FORMAT: u32 = 2;

/// The index on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::index) struct Checkpoint {
    format: u32,
    /// BLAKE3 of the rest, hexadecimal.
    blake3: String,
    /// The last change of the store that it holds, with all changes before.
    pub(in crate::index) sequence: u64,
    /// Passages that later changes removed may be missing, up to those of this one.
    pub(in crate::index) through: u64,
    /// The fingerprint of the model that made the collection's vectors.
    pub(in crate::index) model: String,
    /// The version of the rules by which passages became its entries.
    pub(in crate::index) rules: u32,
    /// The number of the successor whose passages it has, if it was handed over and nothing was written since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) successor: Option<String>,
    /// In ascending order of keys.
    pub(in crate::index) segments: Vec<NamedSegment>,
    /// Where the vectors and terms of the remote ones are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::index) cluster: Option<NamedCluster>,
}

/// A collection of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::index) struct NamedCluster {
    /// Its name there.
    pub(in crate::index) collection: String,
    /// The length of a passage with which the values of terms were made.
    pub(in crate::index) average_length: u32,
    /// The highest key that was written there.
    pub(in crate::index) last: u64,
    /// Keys of removed passages that it may still have, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::index) gone: Vec<u64>,
}

/// A segment on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::index) struct NamedSegment {
    /// How the names of its files begin.
    pub(in crate::index) stem: String,
    /// BLAKE3 of its table, hexadecimal. The table has the hashes of its other files.
    pub(in crate::index) blake3: String,
    /// The range of its keys.
    pub(in crate::index) keys: (u64, u64),
    /// What was deleted of it.
    deleted: Option<NamedMask>,
}

/// A file of deleted passages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedMask {
    file: String,
    /// BLAKE3 of it, hexadecimal.
    blake3: String,
    count: usize,
}

/// What there is of `checkpoint.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) enum Found {
    /// It can be read.
    Current(Checkpoint),
    /// An earlier version of Footnote wrote it, after this change of the store. Its indexes are not read.
    Earlier(u64),
    /// It does not exist.
    Missing,
    /// It cannot be used; the reason.
    Corrupt(String),
}

/// What an earlier version noted of one of its files.
#[derive(Deserialize)]
struct EarlierFile {
    sequence: u64,
}

impl Checkpoint {
    /// Reads `checkpoint.json`.
    pub(in crate::index) fn read(dir: &Path) -> Found {
        Self::read_file(dir, FILE)
    }

    /// Reads a checkpoint from this file.
    pub(super) fn read_file(dir: &Path, file: &str) -> Found {
        let bytes = match std::fs::read(dir.join(file)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Found::Missing,
            Err(error) => return Found::Corrupt(format!("{file}: {error}")),
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(checkpoint) if checkpoint.format != FORMAT => {
                Found::Corrupt(format!("{file}: its format is {}", checkpoint.format))
            }
            Ok(checkpoint) if checkpoint.hash().is_ok_and(|hash| hash == checkpoint.blake3) => {
                Found::Current(checkpoint)
            }
            Ok(_) => Found::Corrupt(format!("{file}: its hash differs from what was written")),
            Err(error) => {
                let earlier: Option<std::collections::BTreeMap<String, EarlierFile>> =
                    serde_json::from_slice(&bytes).ok();
                let earlier = earlier.and_then(|files| files.values().map(|file| file.sequence).max());
                earlier.map_or_else(|| Found::Corrupt(format!("{file}: {error}")), Found::Earlier)
            }
        }
    }

    /// The checkpoint, if there is one that can be used.
    pub(in crate::index) fn current(dir: &Path) -> Option<Self> {
        if let Found::Current(checkpoint) = Self::read(dir) { Some(checkpoint) } else { None }
    }

    /// The last change that the index on disk holds; `None` if there is none.
    pub(in crate::index) fn last_sequence(dir: &Path) -> Option<u64> {
        match Self::read(dir) {
            Found::Current(checkpoint) => Some(checkpoint.sequence),
            Found::Earlier(sequence) => Some(sequence),
            Found::Missing | Found::Corrupt(_) => None,
        }
    }

    /// Whether it was made for vectors of this model, by these rules.
    pub(in crate::index) fn is_made_by(&self, model: &str, rules: u32) -> bool {
        self.model == model && self.rules == rules
    }

    /// The checkpoint of the segments of `slots` that are on disk. What has been deleted of them is written; `earlier` is
    /// the checkpoint before.
    pub(in crate::index) fn of(
        slots: &Slots,
        dir: &Path,
        (sequence, through): (u64, u64),
        model: &str,
        earlier: Option<&Self>,
    ) -> Result<Self> {
        let mut segments = Vec::new();
        for slot in slots.iter() {
            let Segment::File(segment) = &*slot.segment else { continue };
            let (stem, blake3) = (segment.stem.clone(), segment.blake3.clone());
            let before = earlier.and_then(|earlier| earlier.segments.iter().find(|before| before.stem == stem));
            let before = before.and_then(|before| before.deleted.clone());
            let deleted = match slot.deleted.count() {
                0 => None,
                count if before.as_ref().is_some_and(|before| before.count == count) => before,
                _ => Some(write_mask(slot, dir, &stem, through)?),
            };
            segments.push(NamedSegment { stem, blake3, keys: slot.segment.range(), deleted });
        }
        let (blake3, model) = (String::new(), model.to_owned());
        let successor = None;
        let cluster = slots.remote().map(|part| NamedCluster {
            collection: part.remote.name().to_owned(),
            average_length: part.remote.average_length(),
            last: part.last,
            gone: part.gone().to_vec(),
        });
        Self { format: FORMAT, blake3, sequence, through, model, rules: rules(), successor, segments, cluster }
            .with_hash()
    }

    /// The same segments as of the change by which a store takes over the successor with this number.
    pub(super) fn of_successor(self, number: &str, sequence: u64) -> Result<Self> {
        Self { sequence, through: sequence, successor: Some(number.to_owned()), ..self }.with_hash()
    }

    /// The names of the files of its segments in `dir`.
    pub(super) fn files(&self, dir: &Path) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(Error::io("read", dir))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if self.has_file(&name) {
                files.push(name);
            }
        }
        Ok(files)
    }

    /// Whether a file of this name belongs to one of its segments.
    fn has_file(&self, name: &str) -> bool {
        let is_mask = name.ends_with(".deleted") || name.contains(&format!(".deleted{UNFINISHED}"));
        let of_listed = self.segments.iter().find(|segment| name.starts_with(&segment.stem));
        of_listed.is_some_and(|segment| !is_mask || segment.deleted.as_ref().is_some_and(|mask| mask.file == name))
    }

    /// The same with the hash of what it says.
    pub(in crate::index) fn with_hash(mut self) -> Result<Self> {
        self.blake3 = self.hash()?;
        Ok(self)
    }

    /// BLAKE3 of all but itself, however the file is laid out.
    fn hash(&self) -> Result<String> {
        let rest = Self { blake3: String::new(), ..self.clone() };
        let json = serde_json::to_vec(&rest)
            .map_err(|error| Error::Corrupt { path: FILE.into(), reason: error.to_string() })?;
        Ok(blake3::hash(&json).to_hex().to_string())
    }

    /// Puts this in the place of the checkpoint before, then removes the files that only that names.
    pub(in crate::index) fn save(&self, dir: &Path, earlier: Option<&Self>) -> Result<()> {
        let json = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Corrupt { path: dir.join(FILE), reason: error.to_string() })?;
        // The names of new files are on disk before they are listed.
        sync_directory(dir)?;
        replace(dir, FILE, &json)?;
        for before in earlier.into_iter().flat_map(|earlier| &earlier.segments) {
            match self.segments.iter().find(|segment| segment.stem == before.stem) {
                None => remove_files(dir, &before.stem),
                Some(segment) => {
                    let now = segment.deleted.as_ref().map(|mask| &mask.file);
                    if let Some(mask) = before.deleted.as_ref().filter(|before| Some(&before.file) != now) {
                        // A file that stays takes space but is never read.
                        let _ = std::fs::remove_file(dir.join(&mask.file));
                    }
                }
            }
        }
        remove_where(dir, |name| EARLIER_PREFIXES.iter().any(|prefix| name.starts_with(prefix)));
        Ok(())
    }
}

impl NamedSegment {
    /// Whether `slot` is this segment, with what was deleted of it at any time.
    fn names(&self, slot: &Slot) -> bool {
        matches!(&*slot.segment, Segment::File(segment) if segment.stem == self.stem && segment.blake3 == self.blake3)
    }

    /// The segment of `slots` that this is, with what was deleted of it when this was written; `None` if it is not among
    /// them.
    pub(in crate::index) fn among(&self, slots: &Slots, dir: &Path) -> Option<Result<Slot>> {
        let slot = slots.iter().find(|slot| self.names(slot))?;
        if slot.is_damaged() {
            let reason = "a hash differs from what was written".into();
            return Some(Err(Error::Corrupt { path: dir.join(&self.stem), reason }));
        }
        let deleted = self.read_mask(dir, slot.segment.len());
        Some(deleted.map(|deleted| slot.with(deleted)))
    }

    /// What has been deleted of it.
    pub(super) fn read_mask(&self, dir: &Path, passages: usize) -> Result<Mask> {
        let Some(mask) = &self.deleted else { return Ok(Mask::default()) };
        let path = dir.join(&mask.file);
        let corrupt = |reason: String| Error::Corrupt { path: path.clone(), reason };
        let bytes = std::fs::read(&path).map_err(|error| corrupt(error.to_string()))?;
        if blake3::hash(&bytes).to_hex().as_str() != mask.blake3 {
            return Err(corrupt(format!("its hash differs from the one in {FILE}")));
        }
        Mask::from_bytes(&bytes, passages, &path)
    }

    /// The bytes of its files on disk: those of vectors, and all others.
    pub(in crate::index) fn bytes(&self, dir: &Path) -> (u64, u64) {
        let (mut vectors, mut others) = (0, 0);
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&self.stem) {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                let of_vectors = name.ends_with(VECTORS) || name.ends_with(GRAPH);
                *(if of_vectors { &mut vectors } else { &mut others }) += bytes;
            }
        }
        (vectors, others)
    }
}

fn write_mask(slot: &Slot, dir: &Path, stem: &str, through: u64) -> Result<NamedMask> {
    let (file, bytes) = (format!("{stem}.{through}.deleted"), slot.deleted.to_bytes());
    replace(dir, &file, &bytes)?;
    Ok(NamedMask { file, blake3: blake3::hash(&bytes).to_hex().to_string(), count: slot.deleted.count() })
}

/// Removes what a writer that was killed left behind. Only the writer may call this, before it writes anything.
pub(in crate::index) fn remove_unlisted(dir: &Path) {
    let checkpoint = match Checkpoint::read(dir) {
        Found::Current(checkpoint) => Some(checkpoint),
        Found::Earlier(_) | Found::Missing => None,
        // Perhaps only this reading of it failed.
        Found::Corrupt(_) => return,
    };
    remove_where(dir, |name| {
        let is_listed = checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.has_file(name));
        let is_unfinished = name.starts_with("checkpoint.") && name.contains(UNFINISHED);
        (name.starts_with(PREFIX) && !is_listed) || is_unfinished
    });
}

/// Removes the checkpoint and all segments. Only the writer may call this, while nothing is written to them.
pub(in crate::index) fn remove_all(dir: &Path) -> Result<()> {
    let remove = |path: &Path| match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    };
    // First, so that after a crash no file is listed that is not there.
    remove(&dir.join(FILE))?;
    sync_directory(dir)?;
    for entry in std::fs::read_dir(dir).map_err(Error::io("read", dir))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) || EARLIER_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes the files of segments that `before` lists and `now` does not.
pub(super) fn remove_replaced(dir: &Path, before: &Checkpoint, now: &Checkpoint) {
    remove_where(dir, |name| before.has_file(name) && !now.has_file(name));
}

fn remove_where(dir: &Path, is_gone: impl Fn(&str) -> bool) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if is_gone(&entry.file_name().to_string_lossy()) {
            // A file that stays takes space but is never read.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Replaces a file so that after a crash either the old or the new content is there, completely.
pub(crate) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    let mut temporary = tempfile::Builder::new()
        .prefix(&format!("{name}{UNFINISHED}"))
        .tempfile_in(dir)
        .map_err(Error::io("create a file in", dir))?;
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(Error::io("write", &path))?;
    temporary.persist(&path).map_err(|error| Error::io("write", &path)(error.error))?;
    sync_directory(dir)
}

/// Syncs a folder: afterwards the names of its files survive a power loss.
pub(crate) fn sync_directory(dir: &Path) -> Result<()> {
    sync_folder(dir).map_err(Error::io("sync", dir))
}
