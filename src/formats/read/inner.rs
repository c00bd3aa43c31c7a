//! Reads the files inside a file: attachments of a message, members of an archive.
//!
//! A file inside another that cannot be read never stops the others; a note says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::archive::{self, Archive};
use super::super::{Extracted, Failure, InnerFile, Options, Recognise, Result, detect};
use crate::passage::Format;

/// How many files may be inside one another.
const MAX_DEPTH: usize = 5;

/// The most files inside a file, at all depths together.
const MAX_FILES: usize = 10_000;

/// The most bytes of text in all documents of a file together, as a multiple of what one may have.
const MAX_TEXTS: usize = 4;

/// The most files that are named in the notes of a document.
const MAX_NAMED: usize = 10;

/// Reads a file with all that is inside it.
pub(super) fn read(
    format: Format,
    bytes: &[u8],
    options: &Options,
    recognise: &mut Recognise<'_>,
) -> Result<Vec<Extracted>> {
    let mut reading = Reading {
        options,
        recognise,
        documents: Vec::new(),
        parts: HashMap::new(),
        files_left: MAX_FILES,
        bytes_left: archive::MAX_TOTAL_BYTES,
        text_left: options.max_text_bytes.saturating_mul(MAX_TEXTS),
    };
    match reading.file(format, bytes, "", 0) {
        Ok(()) => Ok(reading.documents),
        Err(Unread { at, failure }) if at.is_empty() => Err(failure),
        Err(Unread { at, failure }) => {
            let reason = format!("is an archive without a file that could be read; {at} {}", failure.reason);
            Err(Failure { reason, ..failure })
        }
    }
}

/// Why a file gives no document. An archive that holds only files like that has the reason of the first.
struct Unread {
    /// The file with that reason, as a path inside the one that is read; empty for that file itself.
    at: String,
    failure: Failure,
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Self { at: String::new(), failure }
    }
}

struct Reading<'a, 'r> {
    options: &'a Options,
    recognise: &'a mut Recognise<'r>,
    documents: Vec<Extracted>,
    /// The parts of the documents, with the last number that each was given.
    parts: HashMap<String, usize>,
    files_left: usize,
    bytes_left: u64,
    text_left: usize,
}

/// The files inside a file that gave no document.
#[derive(Default)]
struct LeftOut {
    /// Names with the reasons why they could not be read.
    failed: Vec<(String, Failure)>,
    /// How many there are of kinds that nobody reads, and their extensions.
    unknown: usize,
    extensions: BTreeSet<String>,
}

impl Reading<'_, '_> {
    /// Reads the file that is found at `part`.
    fn file(&mut self, format: Format, bytes: &[u8], part: &str, depth: usize) -> std::result::Result<(), Unread> {
        if format == Format::Zip {
            return self.archive(bytes, part, depth);
        }
        let first = self.documents.len();
        let contents = super::contents(format, bytes, self.options, self.recognise)?;
        let mut holders = HashMap::new();
        for document in contents.documents {
            holders.entry(document.part.clone()).or_insert(self.documents.len());
            self.add(document, part)?;
        }
        let mut left_out: BTreeMap<usize, LeftOut> = BTreeMap::new();
        for file in contents.files {
            let holder = holder(&holders, &file.name).unwrap_or(first);
            self.inner(&file, part, depth, left_out.entry(holder).or_default());
        }
        for (holder, left_out) in left_out {
            let incomplete = !left_out.failed.is_empty();
            let notes = left_out.notes("has an attachment that could not be read", |count, kinds| match count {
                1 => format!("has an attachment that cannot be read{kinds}"),
                _ => format!("has {count} attachments that cannot be read{kinds}"),
            });
            if let Some(document) = self.documents.get_mut(holder) {
                document.notes.extend(notes);
                document.incomplete |= incomplete;
            }
        }
        Ok(())
    }

    fn archive(&mut self, bytes: &[u8], part: &str, depth: usize) -> std::result::Result<(), Unread> {
        let first = self.documents.len();
        let mut archive = Archive::open(bytes)?;
        let mut left_out = LeftOut::default();
        for member in archive.members() {
            if detect::by_name(&member.name).is_none() {
                left_out.add_unread(&member.name);
                continue;
            }
            match archive.read(&member, &mut self.bytes_left) {
                Ok(bytes) => {
                    let file = InnerFile { name: member.name, bytes };
                    self.inner(&file, part, depth, &mut left_out);
                }
                // Going on would leave out the rest, too.
                Err(_) if self.bytes_left == 0 => {
                    let megabytes = archive::MAX_TOTAL_BYTES >> 20;
                    let reason = format!("unpacks to more than {megabytes} MB");
                    return Err(Failure::new(reason, "unpack it and ingest the folder").into());
                }
                Err(failure) => left_out.failed.push((member.name, failure)),
            }
        }
        let Some(document) = self.documents.get_mut(first) else { return Err(left_out.reason()) };
        document.incomplete |= !left_out.failed.is_empty();
        document.notes.extend(left_out.notes("is in an archive with a file that could not be read", |count, kinds| {
            match count {
                1 => format!("is in an archive with a file that cannot be read{kinds}"),
                _ => format!("is in an archive with {count} files that cannot be read{kinds}"),
            }
        }));
        Ok(())
    }

    /// Reads a file inside the one at `part`.
    fn inner(&mut self, file: &InnerFile, part: &str, depth: usize, left_out: &mut LeftOut) {
        if detect::by_name(&file.name).is_none() {
            return left_out.add_unread(&file.name);
        }
        let known = self.documents.len();
        if let Err(Unread { at, failure }) = self.try_inner(file, &joined(part, &file.name), depth) {
            // Half a file would pass for a whole one.
            self.documents.truncate(known);
            left_out.failed.push((joined(&file.name, &at), failure));
        }
    }

    fn try_inner(&mut self, file: &InnerFile, part: &str, depth: usize) -> std::result::Result<(), Unread> {
        if depth >= MAX_DEPTH {
            return Err(Failure::new(format!("is inside more than {MAX_DEPTH} files"), "unpack them").into());
        }
        let Some(files_left) = self.files_left.checked_sub(1) else {
            return Err(Failure::new(format!("is one of more than {MAX_FILES} files in a file"), "unpack it").into());
        };
        self.files_left = files_left;
        let format = detect::of(&file.name, &file.bytes)?;
        self.file(format, &file.bytes, part, depth + 1)
    }

    fn add(&mut self, mut document: Extracted, part: &str) -> Result<()> {
        let Some(text_left) = self.text_left.checked_sub(document.text.len()) else {
            let limit = self.options.max_text_bytes.saturating_mul(MAX_TEXTS);
            return Err(Failure::too_much_text(limit));
        };
        self.text_left = text_left;
        if !part.is_empty() {
            document.part = joined(part, &document.part);
        }
        document.part = self.unique(&document.part);
        self.documents.push(document);
        Ok(())
    }

    /// The part, with a number if there is one of this name.
    fn unique(&mut self, part: &str) -> String {
        let mut name = part.to_owned();
        while self.parts.contains_key(&name) {
            // The next number is remembered, so that many files of one name are not compared with one another.
            let number = self.parts.entry(part.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{part} ({number})");
        }
        self.parts.insert(name.clone(), 1);
        name
    }
}

/// The document that a file belongs to, by its part: the message of a mailbox that it is attached to.
fn holder(holders: &HashMap<String, usize>, name: &str) -> Option<usize> {
    name.rmatch_indices('/').find_map(|(at, _)| holders.get(&name[..at])).copied()
}

fn joined(part: &str, name: &str) -> String {
    match (part, name) {
        ("", name) => name.to_owned(),
        (part, "") => part.to_owned(),
        (part, name) => format!("{part}/{name}"),
    }
}

impl LeftOut {
    /// A file whose name says that nobody reads it.
    fn add_unread(&mut self, name: &str) {
        if let Some(failure) = detect::unreadable(name).filter(|failure| failure.hint.starts_with("save it as")) {
            return self.failed.push((name.to_owned(), failure));
        }
        self.unknown += 1;
        let file_name = name.rsplit('/').next().unwrap_or(name);
        if let Some((_, extension)) = file_name.rsplit_once('.').filter(|_| self.extensions.len() < MAX_NAMED) {
            self.extensions.insert(format!(".{}", extension.to_lowercase()));
        }
    }

    /// Notes on the document that the files belong to.
    fn notes(&self, failed: &str, unknown: impl Fn(usize, &str) -> String) -> Vec<String> {
        let mut notes: Vec<String> =
            self.failed.iter().take(MAX_NAMED).map(|(name, why)| format!("{failed}: {name} {}", why.reason)).collect();
        if let Some(more @ 1..) = self.failed.len().checked_sub(MAX_NAMED) {
            notes.push(format!("{failed}, and {more} more like it"));
        }
        if self.unknown > 0 {
            notes.push(unknown(self.unknown, &self.kinds()));
        }
        notes
    }

    fn kinds(&self) -> String {
        let kinds: Vec<&str> = self.extensions.iter().map(String::as_str).collect();
        if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) }
    }

    /// Why an archive has no document.
    fn reason(self) -> Unread {
        let unknown = self.unknown;
        let kinds = self.kinds();
        match self.failed.into_iter().next() {
            Some((at, failure)) => Unread { at, failure },
            None if unknown == 0 => Failure::new("is an empty archive", "put files into it").into(),
            None => {
                let reason = format!("is an archive without a file that can be read{kinds}");
                Failure::new(reason, detect::READABLE).into()
            }
        }
    }
}

#[cfg(test)]
mod tests;
