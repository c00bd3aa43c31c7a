//! Finds and reads files. A file that cannot be read never stops the others.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::formats;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// As the user named it, or named the folder above it.
    pub given: PathBuf,
    /// Absolute, without symbolic links.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What was found at a path.
#[derive(Debug)]
pub enum Reading {
    /// A file is there.
    Found(Entry),
    /// The path was left out.
    Skipped {
        /// The path as it was found.
        path: PathBuf,
        /// Why it was left out.
        reason: String,
    },
    /// A file in a folder whose name is not that of a document.
    LeftOut(PathBuf),
    /// It cannot be read. The error is an [`Error::Document`] that names the path.
    Failed(Error),
}

/// Finds the files at `paths`, one after the other, lazily. A folder stands for all readable files below it.
///
/// In a folder, files whose names are those of documents are found in the order of their names; hidden files and folders
/// are left out. A symbolic link inside a folder is not followed: its target is read where it stands if that is in the
/// folder, and reported as skipped if it is not. A link that is itself one of `paths` is followed. No file is read
/// twice.
pub fn files(paths: &[PathBuf]) -> impl Iterator<Item = Reading> + Send {
    let roots: Vec<Root> = paths.iter().filter_map(|path| Root::of(path).ok()).collect();
    let mut known = 0;
    paths
        .iter()
        .flat_map(move |path| match Root::of(path) {
            Err(error) => one(Err(Reading::Failed(io_error(&path.display().to_string(), &error)))),
            Ok(root) => {
                let earlier = roots[..known.min(roots.len())].to_vec();
                known += 1;
                if root.is_folder { folder(path.clone(), root.path, earlier) } else { file(path, root.path, &earlier) }
            }
        })
        .map(|entry| entry.map_or_else(|reading| reading, Reading::Found))
}

/// A path that the user named.
#[derive(Clone)]
struct Root {
    /// Absolute, without symbolic links.
    path: PathBuf,
    is_folder: bool,
}

impl Root {
    fn of(given: &Path) -> std::io::Result<Self> {
        let path = given.canonicalize()?;
        let is_folder = path.metadata()?.is_dir();
        Ok(Self { path, is_folder })
    }

    /// Whether reading this root reads `path` as well.
    fn covers(&self, path: &Path) -> bool {
        self.path == path || self.is_folder && path.strip_prefix(&self.path).is_ok_and(|below| !is_hidden(below))
    }
}

/// A file to read.
#[derive(Debug)]
pub struct Entry {
    /// As the user named it, or named the folder above it.
    given: PathBuf,
    /// Absolute, without symbolic links.
    path: PathBuf,
    /// Whether the user named this very file.
    is_named: bool,
}

/// The files to read; an `Err` is the result for a path that will not be read.
type Entries = Box<dyn Iterator<Item = Result<Entry, Reading>> + Send>;

fn one(entry: Result<Entry, Reading>) -> Entries {
    Box::new(std::iter::once(entry))
}

/// A file that the user named, whatever its name.
fn file(given: &Path, path: PathBuf, earlier: &[Root]) -> Entries {
    if is_document(&path) && earlier.iter().any(|root| root.covers(&path))
        || earlier.iter().any(|root| root.path == path)
    {
        return Box::new(std::iter::empty());
    }
    one(Ok(Entry { given: given.to_owned(), path, is_named: true }))
}

/// The readable files below the folder at `root`, which the user named as `given`.
fn folder(given: PathBuf, root: PathBuf, earlier: Vec<Root>) -> Entries {
    let overlaps = earlier.iter().any(|known| known.covers(&root) || known.path.starts_with(&root));
    let (start, base) = (given.clone(), root.clone());
    let path_of = move |entry: &DirEntry| match entry.path().strip_prefix(&start) {
        Ok(below) => base.join(below),
        Err(_) => entry.path().to_owned(),
    };
    let path_of_kept = path_of.clone();
    let walk = WalkDir::new(&given).sort_by_file_name().into_iter().filter_entry(move |entry| {
        let is_shown = entry.depth() == 0
            || !(is_hidden(Path::new(entry.file_name())) || entry.file_type().is_dir() && is_made(entry.path()));
        is_shown && !earlier.iter().any(|known| known.covers(&path_of_kept(entry)))
    });
    let mut found = walk
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.depth() > 0 && entry.path_is_symlink() => link(entry.path(), &root).map(Err),
            // The folder itself may be a link.
            Ok(entry) if entry.depth() == 0 || entry.file_type().is_dir() => None,
            Ok(entry) if !is_document(entry.path()) => {
                Some(Err(unreadable(entry.path()).unwrap_or_else(|| Reading::LeftOut(entry.into_path()))))
            }
            Ok(entry) if entry.path().to_str().is_none() => {
                let hint = "rename it; only files with names in UTF-8 are read";
                let reason = "has a name that is not UTF-8".to_owned();
                Some(Err(Reading::Failed(document_error(&entry.path().display().to_string(), reason, hint))))
            }
            Ok(entry) => Some(Ok(Entry { path: path_of(&entry), given: entry.into_path(), is_named: false })),
            Err(error) => {
                let path = error.path().map(Path::to_owned).unwrap_or_default();
                let cause = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be read"));
                Some(Err(Reading::Failed(io_error(&path.display().to_string(), &cause))))
            }
        })
        .fuse();
    // Said at the end, when it is known.
    let mut holds_nothing = !overlaps;
    Box::new(std::iter::from_fn(move || match found.next() {
        Some(entry) => {
            holds_nothing &= matches!(entry, Err(Reading::LeftOut(_)));
            Some(entry)
        }
        None if holds_nothing => {
            holds_nothing = false;
            let reason = "holds no file that is read as a document".to_owned();
            Some(Err(Reading::Skipped { path: given.clone(), reason }))
        }
        None => None,
    }))
}

/// Reports a symbolic link below `root` that looks like a document or a folder of documents and that leads to nothing
/// that is read at its own place.
fn link(link: &Path, root: &Path) -> Option<Reading> {
    let skipped = |reason: String| Some(Reading::Skipped { path: link.to_owned(), reason });
    let target = match link.canonicalize() {
        Ok(target) => target,
        // A link to nothing concerns only those who took it for a document, and nothing of theirs is lost.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return if is_document(link) { skipped("is a link to nothing".to_owned()) } else { None };
        }
        Err(error) => {
            return is_document(link).then(|| Reading::Failed(io_error(&link.display().to_string(), &error)));
        }
    };
    let is_folder = target.is_dir();
    if !is_folder && !is_document(&target) && !is_document(link) {
        return None;
    }
    match target.strip_prefix(root) {
        Err(_) => skipped("is a link that leaves the folder; name its target to read it".to_owned()),
        Ok(below) if is_hidden(below) => skipped("is a link to a hidden file or folder".to_owned()),
        Ok(_) if !is_folder && !is_document(&target) => {
            skipped("is a link to a file that is not read as a document".to_owned())
        }
        Ok(_) => None,
    }
}

impl Entry {
    /// Absolute, without symbolic links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the user named this very file, and not a folder above it.
    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    /// Its size in bytes, and when it was modified, in nanoseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::Document`] if it is gone, not a regular file, or larger than `max_bytes`.
    pub(super) fn stat(&self, max_bytes: usize) -> Result<(u64, i64)> {
        let io = |error| io_error(&self.name(), &error);
        if self.path.canonicalize().map_err(io)? != self.path {
            // A folder or file was replaced by a link while the folder was being walked.
            let hint = "ingest it again when nothing changes it";
            return Err(document_error(&self.name(), "became a link while it was read".to_owned(), hint));
        }
        let metadata = self.path.metadata().map_err(io)?;
        // Opening a pipe would wait for its writer.
        if !metadata.is_file() {
            let hint = "pipe it into standard input";
            return Err(document_error(&self.name(), "is not a regular file".to_owned(), hint));
        }
        if metadata.len() > max_bytes as u64 {
            return Err(self.too_large(metadata.len(), max_bytes));
        }
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok((metadata.len(), since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0)))
    }

    /// What is in it.
    ///
    /// # Errors
    ///
    /// [`Error::Document`] if it cannot be read or has grown beyond `max_bytes`.
    pub(super) fn read(&self, max_bytes: usize) -> Result<SourceFile> {
        let mut bytes = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(max_bytes as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| io_error(&self.name(), &error))?;
        if bytes.len() > max_bytes {
            return Err(self.too_large(bytes.len() as u64, max_bytes));
        }
        Ok(SourceFile { given: self.given.clone(), path: self.path.clone(), bytes })
    }

    /// As the user named it.
    pub(super) fn name(&self) -> String {
        self.given.display().to_string()
    }

    fn too_large(&self, bytes: u64, max_bytes: usize) -> Error {
        let reason = format!("is {}; the limit is {}", megabytes(bytes), megabytes(max_bytes as u64));
        document_error(&self.name(), reason, "split it, or raise [ingest] max_file_bytes in config.toml")
    }
}

pub(super) fn document_error(document: &str, reason: String, hint: &str) -> Error {
    Error::Document { document: document.to_owned(), reason, hint: hint.to_owned() }
}

fn io_error(document: &str, error: &std::io::Error) -> Error {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => document_error(
            document,
            "no such file or folder".to_owned(),
            "check the path; relative paths start from the current folder",
        ),
        ErrorKind::PermissionDenied => {
            document_error(document, "permission denied".to_owned(), "let the user that runs footnote read it")
        }
        _ => document_error(document, format!("cannot be read: {error}"), ""),
    }
}

/// Whether a path has a hidden component.
fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b".")))
}

/// Extensions of documents that are not read. Pictures and the like are left out of a folder without a word.
const OFTEN_DOCUMENTS: [&str; 10] = ["doc", "dot", "ppt", "pps", "wpd", "wps", "pages", "numbers", "djvu", "mobi"];

/// Reports a file that people take for a document, but that is not read, such as one of Word 97.
fn unreadable(path: &Path) -> Option<Reading> {
    let extension = path.extension()?.to_string_lossy().to_lowercase();
    if !OFTEN_DOCUMENTS.contains(&extension.as_str()) {
        return None;
    }
    let failure = formats::unreadable(&path.file_name()?.to_string_lossy())?;
    Some(Reading::Skipped { path: path.to_owned(), reason: format!("{}; {}", failure.reason, failure.hint) })
}

/// Whether a folder holds what programs made or fetched: dependencies, caches, results of a build.
fn is_made(folder: &Path) -> bool {
    let of_tools = ["node_modules", "bower_components", "__pycache__"];
    let name = folder.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    // https://bford.info/cachedir/, and a virtual environment of Python.
    of_tools.contains(&&*name)
        || ["CACHEDIR.TAG", "pyvenv.cfg"].iter().any(|mark| folder.join(mark).exists())
        || is_of_footnote(folder)
}

/// Whether a folder is a collection or a model of Footnote, which are often beside the documents. To read them would change the
/// collection, so that a watched folder is never at rest.
fn is_of_footnote(folder: &Path) -> bool {
    let is_model = || {
        let mut record = Vec::new();
        let read = File::open(folder.join("checksums.json")).and_then(|file| file.take(4096).read_to_end(&mut record));
        read.is_ok() && record.windows(8).any(|part| part == b"\"blake3\"")
    };
    let has = |name: &str| folder.join(name).is_file();
    has("store.db") && (has("LOCK") || has("store.last")) || is_model()
}

/// Whether a file of this name is read when its folder is.
fn is_document(path: &Path) -> bool {
    path.file_name().is_some_and(|name| formats::by_name(&name.to_string_lossy()).is_some())
}

fn megabytes(bytes: u64) -> String {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    if bytes < 1024 * 1024 { format!("{bytes} bytes") } else { format!("{:.1} MB", bytes as f64 / MEGABYTE) }
}

#[cfg(test)]
mod tests;
