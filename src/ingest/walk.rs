//! Files and folders as items of the pipeline: files that changed are read, the others are known by their stamp, and those
//! that are gone give up their documents.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::extraction::{extract, with_original};
use super::metadata::Metadata;
use super::mounts::Mounts;
use super::pipeline::{Item, with_ends};
use super::prune::prune;
use super::read::{self, Entry, Reading, document_error};
use super::{Ingested, Outcome, failed, name_of, split};
use crate::cancel::Cancel;
use crate::config::{IngestConfig, JsonConfig};
use crate::error::Result;
use crate::formats::{Failure, READERS, Reader};
use crate::index::store::{FileStamp, KnownFile, Store, UnreadFile};
use crate::passage::OriginalBytes;

/// The coarsest clock of a file system, that of FAT.
const TICK_NS: i64 = 2_000_000_000;

/// How files are read.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) config: &'a IngestConfig,
    /// Where stamps of files are looked up; without it every file is read.
    pub(crate) store: Option<&'a Store>,
    /// Whether documents of files that are gone are removed, and what is known of the others.
    pub(crate) options: &'a IngestOptions,
}

/// How files and folders are ingested.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IngestOptions {
    /// Whether the documents of files that are gone from the folders are removed. Where a disk seems to be missing, or most
    /// files of a large folder are, the documents stay.
    pub prune: bool,
    /// With `prune`, whether they are removed in those cases too.
    pub prune_all: bool,
    /// Whether files are read that have not changed since they were read last.
    pub reread: bool,
    /// Metadata of all documents of the files. They replace what the files say themselves.
    pub metadata: Metadata,
}

impl<'a> Walk<'a> {
    /// The items of files, and of folders with all that is in them.
    pub(crate) fn items(self, paths: &'a [PathBuf]) -> impl Iterator<Item = Item> + Send + 'a {
        Items {
            walk: self,
            paths,
            files: Box::new(read::files(paths)),
            ready: VecDeque::new(),
            found: Vec::new(),
            mounts: Mounts::new(paths),
            prune: self.options.prune,
        }
    }

    /// What follows from a file.
    fn file(self, entry: &Entry, ready: &mut VecDeque<Item>) -> Result<()> {
        let origin = entry.path().display().to_string();
        let (size_bytes, modified_ns) = entry.stat(self.config.max_file_bytes)?;
        let from_rules = Metadata::of_rules(self.config, entry.path());
        let reading = reading(self.config, &from_rules, &self.options.metadata);
        let memory = self.memory(&origin, &reading, entry.is_named())?;
        if memory.stamp().is_some_and(|stamp| has_stamp(stamp, size_bytes, modified_ns)) {
            ready.extend(memory.items(&origin, &entry.name(), true));
            return Ok(());
        }
        let file = entry.read(self.config.max_file_bytes)?;
        let hash = *blake3::hash(&file.bytes).as_bytes();
        // A file that has only just been written may be written again within the same tick of the file system's clock.
        let modified_ns = if is_recent(modified_ns) { 0 } else { modified_ns };
        if memory.stamp().is_some_and(|stamp| stamp.hash == hash) {
            ready.extend(memory.with_modified(modified_ns).items(&origin, &entry.name(), false));
            return Ok(());
        }
        let mut stamp = Box::new(FileStamp { size_bytes, modified_ns, hash, reading });
        let extracted = match extract(&file, self.reader, self.config, &Cancel::default()) {
            Ok(extracted) => extracted,
            Err(failure) => {
                ready.push_back(self.unreadable(&origin, &entry.name(), &stamp, failure));
                return Ok(());
            }
        };
        if extracted.has_scans() {
            stamp.reading = self.of_scan(&stamp.reading);
        }
        let mut documents = split::split(extracted)?;
        for document in &mut documents {
            from_rules.complete(document);
            self.options.metadata.replace(document);
        }
        let copy = || OriginalBytes::InFile(file.path.clone());
        let documents = with_original(documents, &file.given, &file.bytes, copy, self.config);
        ready.extend(with_ends(documents.into_iter()).map(|item| match item {
            Item::End(origin, _) => Item::End(origin, Some(stamp.clone())),
            item => item,
        }));
        Ok(())
    }

    /// What became of a file when it was last read like that. What is stored of it is checked as a whole if `whole`.
    pub(super) fn memory(self, origin: &str, reading: &str, whole: bool) -> Result<Memory> {
        let Some(store) = self.store.filter(|_| !self.options.reread) else { return Ok(Memory::Nothing) };
        let snapshot = store.snapshot()?;
        // A file that failed may have documents of an earlier state, so what is newer comes first.
        let limited = self.limited(reading);
        let decided_by = |unread: &UnreadFile| {
            if unread.is_failure { limited == unread.stamp.reading } else { reading == unread.stamp.reading }
        };
        if let Some(unread) = snapshot.unread_file(origin)?.filter(decided_by) {
            return Ok(Memory::Unread(unread));
        }
        let readings = [reading.to_owned(), self.of_scan(reading)];
        let known = snapshot.known_file(origin, whole)?.filter(|known| readings.contains(&known.stamp.reading));
        Ok(known.map_or(Memory::Nothing, Memory::Known))
    }

    /// What decides whether a file can be read, besides its bytes.
    fn limited(self, reading: &str) -> String {
        let limits = self.reader.limits();
        format!("{} limits {} {}", self.of_scan(reading), limits.timeout_seconds, limits.max_memory_mb)
    }

    /// The same for a file with scans: what is made of them depends on one setting more.
    pub(super) fn of_scan(self, reading: &str) -> String {
        format!("{reading} ocr {}", self.reader.recognises())
    }

    /// A file that cannot be read. It is remembered, unless it may be readable another time.
    pub(super) fn unreadable(self, origin: &str, name: &str, stamp: &FileStamp, failure: Failure) -> Item {
        let Failure { reason, hint, is_passing } = failure;
        let report = failed(origin.to_owned(), document_error(name, reason.clone(), &hint));
        if is_passing {
            return Item::Report(report);
        }
        let stamp = FileStamp { reading: self.limited(&stamp.reading), ..stamp.clone() };
        Item::Unread(origin.to_owned(), Box::new(UnreadFile { stamp, is_failure: true, reason, hint }), report)
    }

    /// Calls `found` for each file that will be read, with its size; and `left_out` for those in folders that are not
    /// documents.
    #[cfg(feature = "cli")]
    pub(crate) fn survey(self, paths: &[PathBuf], found: &mut dyn FnMut(Found<'_>) -> bool) {
        for reading in read::files(paths) {
            let goes_on = match &reading {
                Reading::Found(entry) => match self.bytes_to_read(entry) {
                    Some(bytes) => found(Found::ToRead(entry.path(), bytes)),
                    None => true,
                },
                Reading::LeftOut(path) => found(Found::LeftOut(path)),
                Reading::Skipped { .. } | Reading::Failed(_) => true,
            };
            if !goes_on {
                break;
            }
        }
    }

    /// The size of a file that has to be read.
    #[cfg(feature = "cli")]
    fn bytes_to_read(self, entry: &Entry) -> Option<u64> {
        let (size_bytes, modified_ns) = entry.stat(self.config.max_file_bytes).ok()?;
        let from_rules = Metadata::of_rules(self.config, entry.path());
        let reading = reading(self.config, &from_rules, &self.options.metadata);
        let memory = self.memory(&entry.path().display().to_string(), &reading, false).ok()?;
        let is_known = memory.stamp().is_some_and(|stamp| has_stamp(stamp, size_bytes, modified_ns));
        (!is_known).then_some(size_bytes)
    }
}

/// See [`Walk::survey`].
#[cfg(feature = "cli")]
pub(crate) enum Found<'a> {
    /// A file that will be read, and its size.
    ToRead(&'a std::path::Path, u64),
    /// A file in a folder that is not read as a document.
    LeftOut(&'a std::path::Path),
}

/// What is known of a file.
pub(super) enum Memory {
    Known(KnownFile),
    Unread(UnreadFile),
    Nothing,
}

impl Memory {
    pub(super) fn stamp(&self) -> Option<&FileStamp> {
        match self {
            Self::Known(known) => Some(&known.stamp),
            Self::Unread(unread) => Some(&unread.stamp),
            Self::Nothing => None,
        }
    }

    fn with_modified(mut self, modified_ns: i64) -> Self {
        match &mut self {
            Self::Known(known) => known.stamp.modified_ns = modified_ns,
            Self::Unread(unread) => unread.stamp.modified_ns = modified_ns,
            Self::Nothing => {}
        }
        self
    }

    /// What a file comes to that is still the same. What is known of it is recorded anew, unless it `is_recorded`.
    pub(super) fn items(self, origin: &str, name: &str, is_recorded: bool) -> Vec<Item> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Known(KnownFile { stamp, documents }) => {
                let unchanged = documents.into_iter().map(|known| Item::Unchanged(Box::new(known), origin.to_owned()));
                let touched = (!is_recorded).then(|| Item::Touched(origin.to_owned(), Box::new(stamp)));
                unchanged.chain(touched).collect()
            }
            Self::Unread(unread) => {
                let UnreadFile { is_failure, reason, hint, .. } = &unread;
                let mut report = match is_failure {
                    true => failed(origin.to_owned(), document_error(name, reason.clone(), hint)),
                    false => Ingested::new(origin.to_owned(), String::new(), Outcome::Skipped(reason.clone())),
                };
                report.notes.push("it has not changed and was not read again; --reread does so".to_owned());
                match is_recorded {
                    true => vec![Item::Report(report)],
                    false => vec![Item::Unread(origin.to_owned(), Box::new(unread), report)],
                }
            }
        }
    }
}

/// Whether a file of this size and time of modification is the one with the stamp.
fn has_stamp(stamp: &FileStamp, size_bytes: u64, modified_ns: i64) -> bool {
    (stamp.size_bytes, stamp.modified_ns) == (size_bytes, modified_ns) && modified_ns > 0
}

/// What decides which documents are made of a file, besides its bytes. A new version of the
/// program or of a reader reads all files again.
pub(super) fn reading(config: &IngestConfig, from_rules: &Metadata, given: &Metadata) -> String {
    let mut reading =
        format!("{} {} {}", env!("CARGO_PKG_VERSION"), config.max_document_bytes, config.keep_originals_bytes);
    let readers = READERS.join(", ");
    let json = if config.json == JsonConfig::default() { String::new() } else { format!("{:?}", config.json) };
    for (name, part) in
        [("readers", readers), ("json", json), ("rules", from_rules.fingerprint()), ("given", given.fingerprint())]
    {
        if !part.is_empty() {
            let _ = write!(reading, " {name} {}", &blake3::hash(part.as_bytes()).to_hex()[..16]);
        }
    }
    reading
}

/// Whether a time, in nanoseconds since 1970, is so near that a further change might not show in it.
fn is_recent(modified_ns: i64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(i64::MAX, |now| now.as_nanos() as i64);
    now.saturating_sub(modified_ns) < TICK_NS
}

struct Items<'a> {
    walk: Walk<'a>,
    paths: &'a [PathBuf],
    files: Box<dyn Iterator<Item = Reading> + Send + 'a>,
    ready: VecDeque<Item>,
    /// The folders and files below which something was found that is read.
    found: Vec<PathBuf>,
    mounts: Mounts,
    /// Whether what is gone is still to be removed.
    prune: bool,
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            match self.files.next() {
                Some(reading) => self.take(reading),
                None if self.prune => {
                    self.prune = false;
                    self.prune_all();
                }
                None => return None,
            }
        }
    }
}

impl Items<'_> {
    fn take(&mut self, reading: Reading) {
        match reading {
            Reading::Found(entry) => {
                if self.walk.options.prune && self.found.last().is_none_or(|root| !entry.path().starts_with(root)) {
                    let root = self.paths.iter().filter_map(|path| path.canonicalize().ok());
                    self.found.extend(root.filter(|root| entry.path().starts_with(root)));
                }
                if let Some(store) = self.walk.store {
                    self.ready.extend(self.mounts.on_the_way_to(entry.path(), store));
                }
                if let Err(error) = self.walk.file(&entry, &mut self.ready) {
                    self.ready.push_back(Item::Report(failed(entry.path().display().to_string(), error)));
                }
            }
            Reading::Skipped { path, reason } => {
                let skipped = Ingested::new(path.display().to_string(), String::new(), Outcome::Skipped(reason));
                self.ready.push_back(Item::Report(skipped));
            }
            Reading::LeftOut(_) => {}
            Reading::Failed(error) => self.ready.push_back(Item::Report(failed(name_of(&error), error))),
        }
    }

    /// Removes the documents of files that are gone.
    fn prune_all(&mut self) {
        let Some(store) = self.walk.store else { return };
        for path in self.paths {
            let Ok(root) = path.canonicalize() else { continue };
            let has_files = self.found.contains(&root);
            match prune(store, path, &root, has_files, self.walk.options.prune_all) {
                Ok(items) => self.ready.extend(items),
                Err(error) => self.ready.push_back(Item::Report(failed(path.display().to_string(), error))),
            }
        }
    }
}
