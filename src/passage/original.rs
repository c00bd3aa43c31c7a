//! The file that a document was read from, as it was.

use std::path::PathBuf;

use super::Format;

/// The file that a document was read from. Documents of one file share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The file's name, without folders.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// How long it is.
    pub size_bytes: u64,
    /// Its format, which is not that of its documents if it holds files.
    pub format: Format,
    /// Where its bytes are for now, if a copy of it is kept beside the documents.
    pub copy: Option<OriginalBytes>,
}

/// The bytes of a file of which a copy is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginalBytes {
    /// In memory.
    Held(Vec<u8>),
    /// In this file, unless it changes.
    InFile(PathBuf),
}

impl Original {
    /// What is stored of it.
    pub fn record(&self) -> OriginalRecord {
        let Self { name, hash, size_bytes, format, copy: _ } = self.clone();
        OriginalRecord { name, hash, size_bytes, format }
    }
}

/// What is known of an original apart from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRecord {
    /// The file's name, without folders.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// How long it is.
    pub size_bytes: u64,
    /// Its format.
    pub format: Format,
}

impl From<OriginalRecord> for Original {
    /// The original of a version whose bytes are not there, or are kept already.
    fn from(record: OriginalRecord) -> Self {
        let OriginalRecord { name, hash, size_bytes, format } = record;
        Self { name, hash, size_bytes, format, copy: None }
    }
}

/// A file that a document was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalFile {
    /// Its name, without folders.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Format {
    /// The media type of its files.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Plain | Self::Code | Self::Org => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
            Self::Xlsb => "application/vnd.ms-excel.sheet.binary.macroenabled.12",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Rtf => "application/rtf",
            Self::Html => "text/html",
            Self::Epub => "application/epub+zip",
            Self::Eml => "message/rfc822",
            Self::Mbox => "application/mbox",
            Self::Msg => "application/vnd.ms-outlook",
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Json => "application/json",
            Self::Jsonl => "application/jsonl",
            Self::Srt => "application/x-subrip",
            Self::Vtt => "text/vtt",
            Self::Rst => "text/x-rst",
            Self::Asciidoc => "text/asciidoc",
            Self::Latex => "application/x-tex",
            Self::Zip => "application/zip",
        }
    }
}
