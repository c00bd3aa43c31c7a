//! Tells Office, OpenDocument, EPUB and plain ZIP archives apart, by the names in the archive's directory.
//!
//! It is asked of every archive before a reader is chosen, so it unpacks nothing and looks at a bounded number of entries.

use super::super::{Failure, Result};
use crate::passage::Format;

/// The most entries to look at.
const MAX_ENTRIES: usize = 10_000;

/// The record at the end of an archive, without its comment.
const END_BYTES: usize = 22;

/// An entry of the directory without its name.
const ENTRY_BYTES: usize = 46;

/// The format of a ZIP archive; `None` if its directory cannot be found, so that only its name is left.
pub(super) fn kind(bytes: &[u8], named: Option<Format>) -> Result<Option<Format>> {
    if let Some(format) = by_mimetype(bytes) {
        return Ok(Some(format));
    }
    let Some(names) = names(bytes) else {
        return Ok(named.is_none_or(|format| !is_package(format)).then_some(Format::Zip));
    };
    let is_here = |start: &str| names.iter().any(|name| starts_with(name, start));
    if is_here("[Content_Types].xml") {
        let kinds =
            [("word/", Format::Docx), ("ppt/", Format::Pptx), ("xl/workbook.bin", Format::Xlsb), ("xl/", Format::Xlsx)];
        if let Some((_, format)) = kinds.iter().find(|(start, _)| is_here(start)) {
            return Ok(Some(*format));
        }
        return Ok(named.filter(|format| is_package(*format)).or(Some(Format::Zip)));
    }
    if is_here("META-INF/container.xml") {
        return Ok(Some(Format::Epub));
    }
    if is_here("Index/Document.iwa") || is_here("Index.zip") && is_here("preview") {
        return Err(Failure::new("is a file of Pages, Numbers or Keynote", "export it as PDF or for Microsoft Office"));
    }
    // A package with a strange directory is for its reader to judge.
    Ok(named.filter(|format| is_open_document(*format) && is_here("content.xml")).or(Some(Format::Zip)))
}

/// EPUB and OpenDocument put their type first and unpacked, so that it is readable here.
fn by_mimetype(bytes: &[u8]) -> Option<Format> {
    let name_bytes = usize::from(u16_at(bytes, 26)?);
    let extra_bytes = usize::from(u16_at(bytes, 28)?);
    let name = bytes.get(30..)?.get(..name_bytes)?;
    if name != b"mimetype" {
        return None;
    }
    let content = bytes.get(30 + name_bytes + extra_bytes..)?;
    let kinds: [(&[u8], Format); 4] = [
        (b"application/epub+zip", Format::Epub),
        (b"application/vnd.oasis.opendocument.text", Format::Odt),
        (b"application/vnd.oasis.opendocument.spreadsheet", Format::Ods),
        (b"application/vnd.oasis.opendocument.presentation", Format::Odp),
    ];
    kinds.iter().find(|(kind, _)| content.starts_with(kind)).map(|(_, format)| *format)
}

fn is_package(format: Format) -> bool {
    use Format::{Docx, Epub, Pptx, Xlsb, Xlsx};
    is_open_document(format) || matches!(format, Docx | Epub | Pptx | Xlsb | Xlsx)
}

fn is_open_document(format: Format) -> bool {
    matches!(format, Format::Odt | Format::Ods | Format::Odp)
}

/// The names in the archive's directory.
fn names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let last = bytes.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last).rev().find(|&at| bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06")))?;
    let (size, offset) = (u32_at(bytes, end + 12)? as usize, u32_at(bytes, end + 16)? as usize);
    // What stands before the archive shifts its offsets.
    let start = end.checked_sub(size).unwrap_or(offset);
    let mut rest = bytes.get(start..end)?;
    let mut names = Vec::new();
    while names.len() < MAX_ENTRIES && rest.starts_with(b"PK\x01\x02") {
        let lengths = [28, 30, 32].map(|at| u16_at(rest, at).map_or(0, usize::from));
        names.push(rest.get(ENTRY_BYTES..)?.get(..lengths[0])?);
        rest = rest.get(ENTRY_BYTES + lengths.iter().sum::<usize>()..)?;
    }
    Some(names)
}

/// Some programs write `\` in names, and case does not matter to Office.
fn starts_with(name: &[u8], start: &str) -> bool {
    let same = |(a, b): (&u8, u8)| a.eq_ignore_ascii_case(&b) || *a == b'\\' && b == b'/';
    name.len() >= start.len() && name.iter().zip(start.bytes()).all(same)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
