//! Reads files and folders as texts. A file that cannot be read never stops the others.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::lines::count_breaks;
use crate::passage::Format;

/// The file name extensions that can be read.
const EXTENSIONS: [(&str, Format); 3] =
    [("txt", Format::Plain), ("md", Format::Markdown), ("markdown", Format::Markdown)];

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute, without symbolic links; for an uploaded file its name.
    pub path: PathBuf,
    /// From the extension of its name.
    pub format: Format,
    /// UTF-8 without a byte order mark; may be blank.
    pub text: String,
}

/// The result of reading one path.
#[derive(Debug)]
pub enum Reading {
    /// The file was read.
    File(SourceFile),
    /// The path was left out.
    Skipped {
        /// The path as it was found.
        path: PathBuf,
        /// Why it was left out.
        reason: String,
    },
    /// The file could not be read. The error is an [`Error::Document`] that names the path.
    Failed(Error),
}

/// Reads `paths` one after the other, lazily. A folder stands for all readable files below it.
///
/// In a folder, `.txt`, `.md` and `.markdown` files are read in the order of their names; hidden files and folders are
/// left out. A symbolic link inside a folder is not followed: its target is read where it stands if that is in the
/// folder, and reported as skipped if it is not. A link that is itself one of `paths` is followed. No file is read
/// twice, and none that is larger than `max_bytes`.
pub fn files(paths: &[PathBuf], max_bytes: usize) -> impl Iterator<Item = Reading> {
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
        .map(move |entry| match entry {
            Ok(entry) => read(&entry, max_bytes).unwrap_or_else(Reading::Failed),
            Err(reading) => reading,
        })
}

/// A file that was uploaded under `name`, whose extension decides its format.
pub fn uploaded(name: &str, bytes: Vec<u8>) -> Result<SourceFile> {
    let Some(format) = format_of(Path::new(name)) else {
        return Err(document_error(name, "files with this extension cannot be read".to_owned(), &extension_hint()));
    };
    Ok(SourceFile { path: PathBuf::from(name), format, text: decode(bytes, name)? })
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

/// A readable file.
struct Entry {
    /// As the user named it, or named the folder above it.
    given: PathBuf,
    /// Absolute, without symbolic links.
    path: PathBuf,
    format: Format,
}

/// The files to read; an `Err` is the result for a path that will not be read.
type Entries = Box<dyn Iterator<Item = Result<Entry, Reading>> + Send>;

fn one(entry: Result<Entry, Reading>) -> Entries {
    Box::new(std::iter::once(entry))
}

/// A file that the user named. Its own name decides the format if its target's name does not.
fn file(given: &Path, path: PathBuf, earlier: &[Root]) -> Entries {
    let Some(format) = format_of(&path).or_else(|| format_of(given)) else {
        let reason = match path.extension() {
            Some(extension) => format!("`.{}` files cannot be read", extension.display()),
            None => "a file without an extension cannot be read".to_owned(),
        };
        return one(Err(Reading::Failed(document_error(&given.display().to_string(), reason, &extension_hint()))));
    };
    if format_of(&path).is_some() && earlier.iter().any(|root| root.covers(&path))
        || earlier.iter().any(|root| root.path == path)
    {
        return Box::new(std::iter::empty());
    }
    one(Ok(Entry { given: given.to_owned(), path, format }))
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
        let is_shown = entry.depth() == 0 || !is_hidden(Path::new(entry.file_name()));
        is_shown && !earlier.iter().any(|known| known.covers(&path_of_kept(entry)))
    });
    let mut found = walk
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.depth() > 0 && entry.path_is_symlink() => link(entry.path(), &root).map(Err),
            Ok(entry) if entry.file_type().is_dir() => None,
            Ok(entry) => {
                let format = format_of(entry.path())?;
                Some(Ok(Entry { path: path_of(&entry), given: entry.into_path(), format }))
            }
            Err(error) => {
                let path = error.path().map(Path::to_owned).unwrap_or_default();
                let cause = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be read"));
                Some(Err(Reading::Failed(io_error(&path.display().to_string(), &cause))))
            }
        })
        .peekable();
    if found.peek().is_none() && !overlaps {
        let reason = format!("holds no {} file", known_extensions());
        return one(Err(Reading::Skipped { path: given, reason }));
    }
    Box::new(found)
}

/// Reports a symbolic link below `root` that looks like a document or a folder of documents and that leads to nothing
/// that is read at its own place.
fn link(link: &Path, root: &Path) -> Option<Reading> {
    let skipped = |reason: String| Some(Reading::Skipped { path: link.to_owned(), reason });
    let target = match link.canonicalize() {
        Ok(target) => target,
        // A link to nothing concerns only those who took it for a document.
        Err(error) => {
            return format_of(link).map(|_| Reading::Failed(io_error(&link.display().to_string(), &error)));
        }
    };
    let is_folder = target.is_dir();
    if !is_folder && format_of(&target).is_none() && format_of(link).is_none() {
        return None;
    }
    match target.strip_prefix(root) {
        Err(_) => skipped("is a link that leaves the folder; name its target to read it".to_owned()),
        Ok(below) if is_hidden(below) => skipped("is a link to a hidden file or folder".to_owned()),
        Ok(_) if !is_folder && format_of(&target).is_none() => {
            skipped(format!("is a link to a file that is not {}", known_extensions()))
        }
        Ok(_) => None,
    }
}

fn read(entry: &Entry, max_bytes: usize) -> Result<Reading> {
    let name = entry.given.display().to_string();
    let io = |error| io_error(&name, &error);
    let path = entry.path.canonicalize().map_err(io)?;
    if path != entry.path {
        // A folder or file was replaced by a link while the folder was being walked.
        let reason = "became a link while it was read".to_owned();
        return Ok(Reading::Skipped { path: entry.given.clone(), reason });
    }
    // Opening a pipe would wait for its writer.
    let metadata = path.metadata().map_err(io)?;
    if !metadata.is_file() {
        return Err(document_error(&name, "is not a regular file".to_owned(), "pipe it into standard input"));
    }
    let too_large = |bytes| {
        let reason = format!("is {}; the limit is {}", megabytes(bytes), megabytes(max_bytes as u64));
        document_error(&name, reason, "split it, or raise ingest.max_document_bytes in config.toml")
    };
    if metadata.len() > max_bytes as u64 {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    File::open(&path).and_then(|file| file.take(max_bytes as u64 + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() > max_bytes {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(Reading::File(SourceFile { text: decode(bytes, &name)?, path, format: entry.format }))
}

/// UTF-8 without its byte order mark, or an error that says where the bytes are not UTF-8.
fn decode(mut bytes: Vec<u8>, name: &str) -> Result<String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let hint = format!("convert it: iconv -f UTF-16 -t UTF-8 '{name}' > converted.txt");
        return Err(document_error(name, "is UTF-16 text; UTF-8 is required".to_owned(), &hint));
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        let hint = "export it as text, or convert it to UTF-8";
        return Err(document_error(name, format!("is not text (NUL at byte {at})"), hint));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let valid = std::str::from_utf8(&error.as_bytes()[..at]).unwrap_or_default();
        let hint = format!(
            "convert it from its encoding (BIG5, GB18030, SHIFT_JIS, WINDOWS-1252, ...): \
             iconv -f ENCODING -t UTF-8 '{name}' > converted.txt"
        );
        let reason = format!("is not UTF-8 text (invalid UTF-8 at byte {at}, line {})", count_breaks(valid) + 1);
        document_error(name, reason, &hint)
    })
}

fn document_error(document: &str, reason: String, hint: &str) -> Error {
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

fn format_of(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_lowercase();
    EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format)
}

fn extension_hint() -> String {
    format!("these can be read: {}; convert it to one of them", known_extensions())
}

fn known_extensions() -> String {
    EXTENSIONS.map(|(known, _)| format!(".{known}")).join(", ")
}

fn megabytes(bytes: u64) -> String {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    if bytes < 1024 * 1024 { format!("{bytes} bytes") } else { format!("{:.1} MB", bytes as f64 / MEGABYTE) }
}

#[cfg(test)]
mod tests;
