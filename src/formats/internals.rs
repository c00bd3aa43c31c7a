//! The parsers by themselves, for fuzzing and benchmarks.

use std::path::Path;

use super::{Options, Reader, ReaderLimits, archive, msg, pdf, read as readers, text};
use crate::cancel::Cancel;
use crate::passage::{Format, Layout};

/// No document of a fuzzer's has more text.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// The texts of a file's documents with their layouts; `None` if it cannot be read.
pub fn read(format: Format, bytes: &[u8]) -> Option<Vec<(String, Layout)>> {
    let documents = readers::read(format, bytes, &Options::new(MAX_TEXT_BYTES), &mut |_| Ok(Vec::new())).ok()?;
    Some(documents.into_iter().map(|document| (document.text, document.layout)).collect())
}

/// The format of a file, by its content and its name.
pub fn format_of(name: &str, bytes: &[u8]) -> Option<Format> {
    super::format_of(name, bytes).ok()
}

/// The text of bytes for which an encoding may be declared.
pub fn decode(bytes: &[u8], declared: Option<&str>) -> Option<String> {
    let decoded = text::encoding::decode(bytes, text::encoding::Hint::declared(declared));
    decoded.ok().map(|decoded| decoded.text)
}

/// Names of an archive's files as they are shown.
pub fn archive_names(names: &[&[u8]]) -> Vec<String> {
    archive::shown_names(names)
}

/// The RTF in a message of Outlook.
pub fn compressed_rtf(bytes: &[u8]) -> Option<Vec<u8>> {
    msg::unpack(bytes)
}

/// The text of pages whose characters are made of the bytes.
pub fn pdf_layout(bytes: &[u8]) -> (String, Layout) {
    pdf::made_up(bytes, &Options::new(MAX_TEXT_BYTES))
}

/// A layout as the index stores it.
pub fn stored_layout(bytes: &[u8]) -> Option<Layout> {
    Layout::from_bytes(bytes, "")
}

/// The form in which the index stores a layout.
pub fn layout_bytes(layout: &Layout) -> Vec<u8> {
    layout.to_bytes()
}

/// Reads PDF in a child process, which ends with it.
#[derive(Debug)]
pub struct PdfReader(Reader);

impl PdfReader {
    /// A reader with this library of PDFium.
    pub fn new(library: &Path) -> Self {
        let library = library.to_owned();
        let limits = ReaderLimits { timeout_seconds: 60, max_memory_mb: 2048 };
        Self(Reader::new(limits, move || Ok(library.clone())))
    }

    /// How many pages a file has; `None` if it cannot be read.
    pub fn pages(&self, bytes: &[u8]) -> Option<usize> {
        let documents = self.0.read("", Format::Pdf, bytes, &Options::new(MAX_TEXT_BYTES), &Cancel::default()).ok()?;
        documents.first().map(|document| document.layout.pages.len())
    }
}
