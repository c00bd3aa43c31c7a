//! Files and folders as items of the pipeline: files that changed are read, the others are known by their stamp, and those
//! that are gone give up their documents.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::extraction::{extract, with_original};
use super::metadata::Metadata;
use super::pipeline::{Item, with_ends};
use super::read::{self, Entry, Reading, document_error};
use super::{Ingested, Outcome, failed, name_of, split};
use crate::cancel::Cancel;
use crate::config::{IngestConfig, JsonConfig};
use crate::error::Result;
use crate::formats::{READERS, Reader};
use crate::index::store::{FileStamp, KnownDocument, KnownFile, Store};
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
    /// Whether the documents of files that are gone from the folders are removed. A folder without any file keeps its
    /// documents: it may be a disk that is not mounted.
    pub prune: bool,
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
            prune: self.options.prune,
        }
    }

    /// What follows from a file.
    fn file(self, entry: &Entry, ready: &mut VecDeque<Item>) -> Result<()> {
        let origin = entry.path().display().to_string();
        let (size_bytes, modified_ns) = entry.stat(self.config.max_file_bytes)?;
        let from_rules = Metadata::of_rules(self.config, entry.path());
        let reading = reading(self.config, &from_rules, &self.options.metadata);
        // What is made of a scan depends on one setting more.
        let reading_of_scan = format!("{reading} ocr {}", self.reader.recognises());
        let is_current = |known: &KnownFile| [&reading, &reading_of_scan].contains(&&known.stamp.reading);
        let known = match self.store {
            Some(store) => store.snapshot()?.known_file(&origin)?.filter(is_current),
            None => None,
        };
        if let Some(known) = &known
            && (known.stamp.size_bytes, known.stamp.modified_ns) == (size_bytes, modified_ns)
            && modified_ns > 0
        {
            ready.extend(unchanged(&known.documents, &origin));
            return Ok(());
        }
        let file = entry.read(self.config.max_file_bytes)?;
        let hash = *blake3::hash(&file.bytes).as_bytes();
        // A file that has only just been written may be written again within the same tick of the file system's clock.
        let modified_ns = if is_recent(modified_ns) { 0 } else { modified_ns };
        if let Some(known) = known.filter(|known| known.stamp.hash == hash) {
            let reading = known.stamp.reading;
            let stamp = Box::new(FileStamp { size_bytes, modified_ns, hash, reading });
            ready.extend(unchanged(&known.documents, &origin));
            ready.push_back(Item::Touched(origin, stamp));
            return Ok(());
        }
        let extracted = extract(&file, self.reader, self.config, &Cancel::default())?;
        let reading = if extracted.has_scans() { reading_of_scan } else { reading };
        let stamp = Box::new(FileStamp { size_bytes, modified_ns, hash, reading });
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
}

/// What decides which documents are made of a file, besides its bytes. A new version of the
/// program or of a reader reads all files again.
fn reading(config: &IngestConfig, from_rules: &Metadata, given: &Metadata) -> String {
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

fn unchanged<'d>(documents: &'d [KnownDocument], origin: &'d str) -> impl Iterator<Item = Item> + 'd {
    documents.iter().map(|document| Item::Unchanged(Box::new(document.clone()), origin.to_owned()))
}

struct Items<'a> {
    walk: Walk<'a>,
    paths: &'a [PathBuf],
    files: Box<dyn Iterator<Item = Reading> + Send + 'a>,
    ready: VecDeque<Item>,
    /// The folders and files below which something was found that is read.
    found: Vec<PathBuf>,
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
                    for path in self.paths {
                        if let Err(error) = self.prune(path) {
                            self.ready.push_back(Item::Report(failed(path.display().to_string(), error)));
                        }
                    }
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
                if let Err(error) = self.walk.file(&entry, &mut self.ready) {
                    self.ready.push_back(Item::Report(failed(entry.path().display().to_string(), error)));
                }
            }
            Reading::Skipped { path, reason } => {
                let skipped = Ingested::new(path.display().to_string(), String::new(), Outcome::Skipped(reason));
                self.ready.push_back(Item::Report(skipped));
            }
            Reading::Failed(error) => self.ready.push_back(Item::Report(failed(name_of(&error), error))),
        }
    }

    /// Removes the documents of files below the folder `path` that are gone. If all of them are and nothing else is there,
    /// it is more likely that the folder is a disk that is not mounted.
    fn prune(&mut self, path: &Path) -> Result<()> {
        let (Some(store), Ok(root)) = (self.walk.store, path.canonicalize()) else { return Ok(()) };
        if !root.is_dir() {
            return Ok(());
        }
        let origins = store.snapshot()?.origins_below(&root.display().to_string())?;
        let count = origins.len();
        let is_gone = |origin: &String| {
            // What is not the path itself cannot be looked for.
            !origin.contains(char::REPLACEMENT_CHARACTER)
                && std::fs::symlink_metadata(origin).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        };
        let gone: Vec<String> = origins.into_iter().filter(is_gone).collect();
        if !gone.is_empty() && gone.len() == count && !self.found.contains(&root) {
            let reason = format!("has no files any more; the documents of {count} files that were in it stay");
            let hint = "if it is a disk, mount it; to remove the documents all the same, use `footnote rm`";
            return Err(document_error(&path.display().to_string(), reason, hint));
        }
        self.ready.extend(gone.into_iter().map(|origin| Item::End(origin, None)));
        Ok(())
    }
}
