//! Reads a ZIP package (Office, OpenDocument, EPUB) within limits, which are counted while reading: what the headers say
//! of sizes is not believed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::xml::Part;
use super::{Failure, Result};

const MAX_ENTRIES: usize = 10_000;
const MAX_PART_BYTES: u64 = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES: u64 = 256 * 1024 * 1024;

/// How the old binary files of Office begin, and encrypted new ones.
const OLE_MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// A ZIP package.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Names as packages compare them, with the entry of each.
    index: HashMap<String, usize>,
    names: Vec<String>,
    bytes_left: u64,
}

impl<'a> Package<'a> {
    /// Opens a package. Encrypted and old Office files are recognised and named in the failure.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self> {
        if bytes.starts_with(OLE_MAGIC) {
            return Err(ole_failure(bytes));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| zip_failure(bytes, &error))?;
        if archive.len() > MAX_ENTRIES {
            return Err(Failure::new(format!("is a ZIP archive of more than {MAX_ENTRIES} entries"), "split it"));
        }
        let mut names = Vec::with_capacity(archive.len());
        let mut index = HashMap::with_capacity(archive.len());
        for (entry, (name, raw)) in archive.file_names().zip(archive.file_names_raw()).enumerate() {
            let name = name.map_or_else(|_| String::from_utf8_lossy(raw).into_owned(), Cow::into_owned);
            index.entry(key(&name)).or_insert(entry);
            names.push(name);
        }
        Ok(Self { archive, index, names, bytes_left: MAX_TOTAL_BYTES })
    }

    /// The names of its entries in order, folders among them (they end with `/`).
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether it has an entry of this name. As in Office, case does not matter, nor does a leading `/`.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.index.contains_key(&key(name))
    }

    /// The bytes of an entry, if there is one.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(&entry) = self.index.get(&key(name)) else { return Ok(None) };
        let damaged = |why: &dyn std::fmt::Display| {
            Failure::new(format!("is damaged: {name} cannot be unpacked ({why})"), "get the file again from its source")
        };
        let file = match self.archive.by_index(entry) {
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(encrypted()),
            other => other.map_err(|error| damaged(&error))?,
        };
        let limit = MAX_PART_BYTES.min(self.bytes_left);
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        let read = bytes.len() as u64;
        if read > limit {
            let (what, megabytes) = match limit < MAX_PART_BYTES {
                true => ("in all", MAX_TOTAL_BYTES >> 20),
                false => ("in one part", MAX_PART_BYTES >> 20),
            };
            return Err(Failure::new(format!("unpacks to more than {megabytes} MB {what}"), "split it"));
        }
        self.bytes_left -= read;
        Ok(Some(bytes))
    }

    /// The XML of an entry, if there is one.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Part>> {
        self.bytes(name)?.map(|bytes| Part::new(name, &bytes)).transpose()
    }

    /// The XML of an entry that must be there; `format` names what the file is not without it.
    pub(crate) fn required(&mut self, name: &str, format: &str) -> Result<Part> {
        self.part(name)?.ok_or_else(|| Failure::new(format!("is not {format} (no {name})"), "check its format"))
    }
}

/// The name of the part that `target` points to from the part `base`. It may point above the root, where nothing is.
pub(crate) fn resolve(base: &str, target: &str) -> String {
    let target = target.split(['#', '?']).next().unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(target).decode_utf8_lossy().replace('\\', "/");
    let mut segments: Vec<&str> = match decoded.starts_with('/') {
        true => Vec::new(),
        false => base.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect(),
    };
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}

/// The failure of a file that needs a password.
pub(crate) fn encrypted() -> Failure {
    Failure::new("is encrypted", "remove its password and ingest it again")
}

fn key(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

fn ole_failure(bytes: &[u8]) -> Failure {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        return encrypted();
    }
    Failure::new("is a file of an Office before 2007 under a new name", "save it in the present format")
}

fn zip_failure(bytes: &[u8], error: &ZipError) -> Failure {
    if bytes.starts_with(b"PK") {
        Failure::new(format!("is a damaged ZIP archive ({error})"), "get the file again from its source")
    } else {
        Failure::new("is not a ZIP archive (bad magic)", "check that its extension fits its content")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    /// A package of these entries, for the tests of readers.
    pub(crate) fn packed(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn entries_are_found_whatever_their_case() {
        let bytes = packed(&[("Word/Document.xml", "<a/>"), ("b", "")]);
        let mut package = Package::open(&bytes).unwrap();
        assert_eq!(package.bytes("/word/document.xml").unwrap().unwrap(), b"<a/>");
        assert!(package.contains("B") && !package.contains("c"));
        assert_eq!(package.bytes("c").unwrap(), None);
        assert_eq!(package.names().collect::<Vec<_>>(), ["Word/Document.xml", "b"]);
        assert_eq!(package.required("c", "an ODT").unwrap_err().reason, "is not an ODT (no c)");
    }

    #[test]
    fn a_part_beyond_the_limit_is_refused_while_it_is_read() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("a", SimpleFileOptions::default()).unwrap();
        let block = vec![b' '; 1024 * 1024];
        (0..65).for_each(|_| writer.write_all(&block).unwrap());
        let bytes = writer.finish().unwrap().into_inner();
        let failure = Package::open(&bytes).unwrap().bytes("a").unwrap_err();
        assert_eq!(failure.reason, "unpacks to more than 64 MB in one part");
    }

    #[test]
    fn files_that_are_no_package_are_named() {
        let reason = |bytes: &[u8]| Package::open(bytes).err().unwrap().reason;
        assert_eq!(reason(b"%PDF-1.7"), "is not a ZIP archive (bad magic)");
        assert!(reason(b"PK\x03\x04 cut").contains("damaged ZIP"));
        assert!(reason(OLE_MAGIC).contains("before 2007"));
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(reason(&[OLE_MAGIC, &name].concat()), "is encrypted");
    }

    #[test]
    fn targets_are_relative_to_the_part_that_names_them() {
        assert_eq!(resolve("word/document.xml", "media/a.png"), "word/media/a.png");
        assert_eq!(resolve("ppt/slides/slide1.xml", "../notes/n1.xml#x"), "ppt/notes/n1.xml");
        assert_eq!(resolve("ppt/slides/slide1.xml", "/ppt/a%20b.xml"), "ppt/a b.xml");
        assert_eq!(resolve("", "word/document.xml"), "word/document.xml");
        assert_eq!(resolve("a.xml", "../../../etc/passwd"), "etc/passwd");
    }
}
