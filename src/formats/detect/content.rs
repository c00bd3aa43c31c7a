//! What the first bytes of a file say of its format.

use super::super::{Failure, Result};
use super::package;
use crate::passage::Format;

/// How far from the start of a file its mark may stand: mailers and printers put lines before a PDF.
const PDF_MARK_BEFORE: usize = 1_024;

/// A longer header is none.
const MAX_HEADER_BYTES: usize = 16 * 1_024;

/// How OLE files begin: those of Office until 2003, of Outlook, and encrypted ones of Office.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The format that the content has without doubt. `named` is the one that its name has.
pub(super) fn kind(bytes: &[u8], named: Option<Format>) -> Result<Option<Format>> {
    if is_pdf(bytes, named) {
        return Ok(Some(Format::Pdf));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return package::kind(bytes, named);
    }
    if bytes.starts_with(OLE) {
        return ole(bytes, named).map(Some);
    }
    let text = without_mark(bytes);
    if text.starts_with(b"{\\rtf") {
        return Ok(Some(Format::Rtf));
    }
    if named.is_none_or(is_binary) && is_html(text) {
        return Ok(Some(Format::Html));
    }
    if named.is_none_or(|format| format == Format::Plain) && is_message(text) {
        return Ok(Some(Format::Eml));
    }
    if named.is_none_or(|format| format != Format::Plain) { Ok(None) } else { not_text(bytes) }
}

/// A message that was saved as text begins with its header: lines of fields, among them a sender and a subject, up to a blank line.
fn is_message(text: &[u8]) -> bool {
    let start = text.get(..MAX_HEADER_BYTES).unwrap_or(text);
    let lines = start.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let (mut has_sender, mut has_subject) = (false, false);
    for (at, line) in lines.enumerate() {
        if line.is_empty() {
            return has_sender && has_subject;
        }
        if at > 0 && line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            return false;
        }
        has_sender |= name.eq_ignore_ascii_case(b"from") && value.contains(&b'@');
        has_subject |= name.eq_ignore_ascii_case(b"subject");
    }
    false
}

/// Whether files of the format are not text.
fn is_binary(format: Format) -> bool {
    use Format::{Docx, Epub, Msg, Odp, Ods, Odt, Pdf, Pptx, Xls, Xlsb, Xlsx, Zip};
    matches!(format, Docx | Epub | Msg | Odp | Ods | Odt | Pdf | Pptx | Xls | Xlsb | Xlsx | Zip)
}

/// A text may speak of PDF, so its mark counts inside a file only if the name does not say text.
fn is_pdf(bytes: &[u8], named: Option<Format>) -> bool {
    const MARK: &[u8] = b"%PDF-";
    if without_mark(bytes).starts_with(MARK) {
        return true;
    }
    let start = bytes.get(..PDF_MARK_BEFORE + MARK.len()).unwrap_or(bytes);
    named.is_none_or(is_binary) && start.windows(MARK.len()).any(|window| window == MARK)
}

/// A page begins with its type or its root, or with a comment before them.
fn is_html(text: &[u8]) -> bool {
    let start = text.get(..512).unwrap_or(text).to_ascii_lowercase();
    let starts = |mark: &[u8]| start.starts_with(mark);
    let has = |mark: &[u8]| start.windows(mark.len()).any(|window| window == mark);
    starts(b"<!doctype html") || starts(b"<html") || (starts(b"<!--") || starts(b"<?xml")) && has(b"<html")
}

/// Without a byte order mark and white space.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start()
}

/// The kind of an OLE file, by the names in its directory. One file may be inside another, so the name decides between two.
fn ole(bytes: &[u8], named: Option<Format>) -> Result<Format> {
    let is_here = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        // An entry of the directory is 128 bytes long and begins with its name.
        bytes.chunks(128).any(|entry| entry.starts_with(&name))
    };
    if is_here("EncryptedPackage") {
        return Err(Failure::new("is encrypted", "remove its password and ingest it again"));
    }
    let is_message = is_here("__properties_version1.0");
    let is_sheet = is_here("Workbook") || is_here("Book");
    match named {
        Some(Format::Msg) if is_message => return Ok(Format::Msg),
        Some(Format::Xls) if is_sheet => return Ok(Format::Xls),
        _ => {}
    }
    if is_message {
        Ok(Format::Msg)
    } else if is_here("WordDocument") {
        Err(Failure::new("is a Word 97 file", "save it as .docx"))
    } else if is_here("PowerPoint Document") {
        Err(Failure::new("is a PowerPoint 97 file", "save it as .pptx"))
    } else if is_sheet {
        Ok(Format::Xls)
    } else {
        Err(Failure::new("is an OLE file of a kind that cannot be read", "export it as PDF or text"))
    }
}

/// Names what is plainly something else than the text that its name says.
fn not_text(bytes: &[u8]) -> Result<Option<Format>> {
    let marks: [(&[u8], &str); 6] = [
        (b"\x89PNG\r\n", "is a picture (PNG)"),
        (b"\xFF\xD8\xFF", "is a picture (JPEG)"),
        (b"GIF8", "is a picture (GIF)"),
        (b"\x1F\x8B", "is packed (gzip)"),
        (b"7z\xBC\xAF\x27\x1C", "is an archive (7z)"),
        (b"Rar!\x1A\x07", "is an archive (RAR)"),
    ];
    match marks.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        Some((mark, reason)) if mark.len() > 4 || std::str::from_utf8(bytes).is_err() => {
            Err(Failure::new(*reason, "give it its own extension, or replace it with the text"))
        }
        _ => Ok(None),
    }
}
