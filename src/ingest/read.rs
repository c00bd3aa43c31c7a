//! Files and folders in, texts out. One bad file never stops the others.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::error::{Error, Result};
use crate::passage::{Format, NewDocument};

/// What can be read, by the ending of its name.
const EXTENSIONS: [(&str, Format); 3] =
    [("txt", Format::Plain), ("md", Format::Markdown), ("markdown", Format::Markdown)];

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute, without symbolic links.
    pub path: PathBuf,
    /// By the ending of its name.
    pub format: Format,
    /// UTF-8, without a byte order mark.
    pub text: String,
}

/// What became of a path.
#[derive(Debug)]
pub enum Reading {
    /// It was read.
    File(SourceFile),
    /// There is nothing in it to take in.
    Skipped {
        /// As it was found.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It could not be read. The error is an [`Error::Document`] that names the path.
    Failed(Error),
}

/// Reads `paths` one after the other, as the iterator is drawn: files as they are, folders with all that is in them.
///
/// In a folder only `.txt`, `.md` and `.markdown` files are read, in the order of their names; hidden files and
/// folders are left out, symbolic links are followed. No file is read twice. A file larger than `max_bytes` is not
/// read at all.
pub fn files(paths: &[PathBuf], max_bytes: usize) -> impl Iterator<Item = Reading> {
    let mut seen = HashSet::new();
    paths.iter().flat_map(|path| entries(path)).filter_map(move |entry| match entry {
        Err(reading) => Some(reading),
        Ok((path, format)) => read(&path, format, max_bytes, &mut seen),
    })
}

/// A document from standard input, or any other reader. Without an `id`, a hash of the content is it. `None` if there
/// is nothing but white space.
pub fn standard_input(
    input: impl Read,
    id: Option<String>,
    title: Option<String>,
    max_bytes: usize,
) -> Result<Option<NewDocument>> {
    let name = id.as_deref().unwrap_or("standard input").to_owned();
    let bytes = read_up_to(input, max_bytes).map_err(|error| refusal(&name, &error))?.ok_or_else(|| {
        refused(&name, format!("is larger than the limit of {}", megabytes(max_bytes as u64)), TOO_LARGE_HINT)
    })?;
    let text = decode(bytes, &name)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let id = id.unwrap_or_else(|| format!("stdin-{}", &blake3::hash(text.as_bytes()).to_hex()[..16]));
    Ok(Some(NewDocument { id: Some(id), title, text, ..NewDocument::default() }))
}

/// Files yet to be read; an `Err` is the end of one that will not be.
type Entries = Box<dyn Iterator<Item = Result<(PathBuf, Format), Reading>> + Send>;

/// A file that was sent rather than found; `name` tells its format.
pub fn uploaded(name: &str, bytes: Vec<u8>) -> Result<SourceFile> {
    let Some(format) = format_of(Path::new(name)) else {
        let hint = format!("these can be read: {}; convert it to one of them", known_extensions());
        return Err(refused(name, "its name does not end like a file that can be read".to_owned(), &hint));
    };
    Ok(SourceFile { path: PathBuf::from(name), format, text: decode(bytes, name)? })
}

/// The readable files that a path given by the user stands for.
fn entries(given: &Path) -> Entries {
    match std::fs::metadata(given) {
        Err(error) => one(Err(Reading::Failed(refusal(&given.display().to_string(), &error)))),
        Ok(metadata) if metadata.is_dir() => folder(given.to_owned()),
        Ok(_) => one(match format_of(given) {
            Some(format) => Ok((given.to_owned(), format)),
            None => Err(Reading::Failed(refused(
                &given.display().to_string(),
                match given.extension() {
                    Some(extension) => format!("`.{}` files cannot be read", extension.display()),
                    None => "a file without an extension cannot be read".to_owned(),
                },
                &format!("these can be read: {}; convert it to one of them", known_extensions()),
            ))),
        }),
    }
}

fn one<T: Send + 'static>(item: T) -> Box<dyn Iterator<Item = T> + Send> {
    Box::new(std::iter::once(item))
}

fn folder(root: PathBuf) -> Entries {
    let is_shown = |name: &std::ffi::OsStr| !name.as_encoded_bytes().starts_with(b".");
    let walk = WalkDir::new(&root)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(move |entry| entry.depth() == 0 || is_shown(entry.file_name()));
    let mut found = walk
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_dir() => None,
            Ok(entry) => format_of(entry.path()).map(|format| Ok((entry.into_path(), format))),
            // A link back to a folder above it: what is there is read on the way.
            Err(error) if error.loop_ancestor().is_some() => None,
            Err(error) => {
                let path = error.path().map(Path::to_owned).unwrap_or_default();
                // A dangling link concerns no one, unless it would be a document.
                let concerns = path.is_dir() || format_of(&path).is_some();
                let hidden = path.file_name().is_some_and(|name| !is_shown(name));
                let cause = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be read"));
                let failed = || Err(Reading::Failed(refusal(&path.display().to_string(), &cause)));
                (concerns && !hidden).then(failed)
            }
        })
        .peekable();
    if found.peek().is_none() {
        let reason = format!("holds no {} file", known_extensions());
        return one(Err(Reading::Skipped { path: root, reason }));
    }
    Box::new(found)
}

fn read(given: &Path, format: Format, max_bytes: usize, seen: &mut HashSet<PathBuf>) -> Option<Reading> {
    let name = given.display().to_string();
    let attempt = || {
        let io = |error| refusal(&name, &error);
        let path = given.canonicalize().map_err(io)?;
        if seen.contains(&path) {
            return Ok(None);
        }
        seen.insert(path.clone());
        // Opening a pipe would wait for its writer.
        let metadata = path.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(refused(&name, "is not a regular file".to_owned(), "pipe it into standard input"));
        }
        let too_large = |bytes| {
            let reason = format!("is {}; the limit is {}", megabytes(bytes), megabytes(max_bytes as u64));
            refused(&name, reason, TOO_LARGE_HINT)
        };
        if metadata.len() > max_bytes as u64 {
            return Err(too_large(metadata.len()));
        }
        let file = File::open(&path).map_err(io)?;
        let bytes = read_up_to(file, max_bytes).map_err(io)?.ok_or_else(|| too_large(max_bytes as u64 + 1))?;
        Ok(Some(SourceFile { text: decode(bytes, &name)?, path, format }))
    };
    match { attempt }() {
        Ok(None) => None,
        Ok(Some(file)) if file.text.trim().is_empty() => {
            Some(Reading::Skipped { path: given.to_owned(), reason: "is empty".to_owned() })
        }
        Ok(Some(file)) => Some(Reading::File(file)),
        Err(error) => Some(Reading::Failed(error)),
    }
}

/// All that `input` gives; `None` if that is more than `max_bytes`.
fn read_up_to(input: impl Read, max_bytes: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= max_bytes).then_some(bytes))
}

/// UTF-8 without its byte order mark, or an error that says where it is not.
fn decode(mut bytes: Vec<u8>, name: &str) -> Result<String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let hint = format!("convert it: iconv -f UTF-16 -t UTF-8 '{name}' > converted.txt");
        return Err(refused(name, "is UTF-16 by its byte order mark; UTF-8 is needed".to_owned(), &hint));
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        let reason = format!("holds a NUL byte at offset {at}, so it is no text");
        return Err(refused(name, reason, "give the text that it was made from, or convert it to UTF-8"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|&b| b == b'\n').count();
        let hint = format!(
            "convert it from its encoding (BIG5, GB18030, SHIFT_JIS, WINDOWS-1252, ...): \
             iconv -f ENCODING -t UTF-8 '{name}' > converted.txt"
        );
        refused(name, format!("is not UTF-8: the byte at offset {at}, in line {line}, begins no character"), &hint)
    })
}

const TOO_LARGE_HINT: &str = "split it, or raise ingest.max_document_bytes in config.toml";

fn refused(document: &str, reason: String, hint: &str) -> Error {
    Error::Document { document: document.to_owned(), reason, hint: hint.to_owned() }
}

fn refusal(document: &str, error: &std::io::Error) -> Error {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => refused(
            document,
            "there is no such file or folder".to_owned(),
            "check the path; it is taken from the current folder",
        ),
        ErrorKind::PermissionDenied => {
            refused(document, "may not be read".to_owned(), "let the user that footnote runs as read it")
        }
        _ => refused(document, format!("cannot be read: {error}"), ""),
    }
}

fn format_of(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_lowercase();
    EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format)
}

fn known_extensions() -> String {
    EXTENSIONS.map(|(known, _)| format!(".{known}")).join(", ")
}

fn megabytes(bytes: u64) -> String {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    if bytes < 1024 * 1024 { format!("{bytes} bytes") } else { format!("{:.1} MB", bytes as f64 / MEGABYTE) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// One line for each path: `file NAME`, `skipped NAME: REASON`, or the error.
    fn read_all(root: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
        let name = |path: &Path| path.file_name().unwrap().display().to_string();
        files(&paths, 100)
            .map(|reading| match reading {
                Reading::File(file) => format!("file {}", name(&file.path)),
                Reading::Skipped { path, reason } => format!("skipped {}: {reason}", name(&path)),
                Reading::Failed(error) => {
                    assert!(matches!(error, Error::Document { .. }));
                    format!("{error}; {}", error.hint().unwrap_or_default())
                }
            })
            .collect()
    }

    #[test]
    fn a_folder_gives_its_texts_in_order_without_the_hidden_and_the_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        for name in ["b.txt", "a.MD", "sub/c.markdown", ".hidden.txt", ".git/d.txt", "e.pdf"] {
            fs::write(root.join(name), "Text.").unwrap();
        }
        fs::write(root.join("empty.txt"), " \n").unwrap();
        let expected = ["file a.MD", "file b.txt", "skipped empty.txt: is empty", "file c.markdown"];
        assert_eq!(read_all(root, &[""]), expected);
        assert_eq!(read_all(root, &["b.txt", "", "b.txt"]).len(), 4, "no file is read twice");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a.txt"), "Text.").unwrap();
        std::os::unix::fs::symlink(root, root.join("sub/up")).unwrap();
        std::os::unix::fs::symlink(root.join("sub/a.txt"), root.join("b.txt")).unwrap();
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("nowhere.png")).unwrap();
        assert_eq!(read_all(root, &[""]), ["file a.txt"]);
    }

    #[test]
    fn every_problem_names_its_file_and_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (name, bytes, expected) in [
            (
                "big.txt",
                &[b'a'; 101][..],
                "is 101 bytes; the limit is 100 bytes; split it, or raise ingest.max_document_bytes",
            ),
            ("latin.txt", b"a\nb\xE9c", "the byte at offset 3, in line 2, begins no character; convert it"),
            (
                "wide.txt",
                b"\xFF\xFEa\0",
                "is UTF-16 by its byte order mark; UTF-8 is needed; convert it: iconv -f UTF-16",
            ),
            ("nul.txt", b"ab\0c", "holds a NUL byte at offset 2"),
            ("paper.pdf", b"%PDF", "`.pdf` files cannot be read; these can be read: .txt, .md, .markdown"),
        ] {
            fs::write(root.join(name), bytes).unwrap();
            let found = read_all(root, &[name]).join("");
            assert!(found.contains(name) && found.contains(expected), "{found}");
        }
        let found = read_all(root, &["no.txt", "big.txt", "gone/"]);
        assert!(found.len() == 3 && found[0].contains("there is no such file"), "{found:?}");
        assert_eq!(megabytes(50 * 1024 * 1024), "50.0 MB");
    }

    #[test]
    fn a_folder_without_texts_is_skipped_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_all(folder.path(), &["."])[0].ends_with("holds no .txt, .md, .markdown file"));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let text = decode(b"\xEF\xBB\xBFText".to_vec(), "a.txt").unwrap();
        assert_eq!(text, "Text");
    }

    #[test]
    fn standard_input_is_known_by_its_content_unless_it_is_given_an_id() {
        let read = |text: &'static str, id: Option<&str>| standard_input(text.as_bytes(), id.map(Into::into), None, 10);
        let (first, again, other) = (read("a", None).unwrap(), read("a", None).unwrap(), read("b", None).unwrap());
        assert!(first == again && first != other);
        assert_eq!(read("a", Some("x")).unwrap().unwrap().id.as_deref(), Some("x"));
        assert_eq!(read(" \n", None).unwrap(), None);
        assert!(read("longer than that", None).unwrap_err().to_string().contains("larger than the limit of 10 bytes"));
    }
}
