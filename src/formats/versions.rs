//! The readers with the versions of what they make.
//!
//! Raise a version with any change of the text, the headings, the places or the rows that a reader makes: it decides whether
//! a file is read again, and whether a document counts as unchanged.

pub(super) const CSV: &str = "csv 2";
pub(super) const DOCX: &str = "docx 2";
pub(super) const EPUB: &str = "epub 2";
pub(super) const HTML: &str = "html 2";
pub(super) const JSON: &str = "json 3";
pub(super) const MAIL: &str = "mail 2";
pub(super) const MARKUP: &str = "markup 1";
pub(super) const ODF: &str = "odf 2";
pub(super) const PDF: &str = "pdf 3";
pub(super) const PPTX: &str = "pptx 2";
pub(super) const RTF: &str = "rtf 2";
pub(super) const SHEET: &str = "sheet 2";
pub(super) const SUBTITLES: &str = "subtitles 1";

/// All of them.
pub(crate) const READERS: [&str; 13] =
    [CSV, DOCX, EPUB, HTML, JSON, MAIL, MARKUP, ODF, PDF, PPTX, RTF, SHEET, SUBTITLES];
