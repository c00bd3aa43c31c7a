//! The form in which layouts are stored, and that of earlier versions.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::layout::{Heading, Layout, Page, Place};
use super::row;

/// The first byte of a stored layout.
const VERSION: u8 = 2;
/// Layouts of this version lack rows, which come last.
const WITHOUT_ROWS: u8 = 1;
/// No layout is larger: it would be that of a document of hundreds of megabytes.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

impl Layout {
    /// All of it as bytes. Equal layouts give equal bytes; those without rows give the bytes that version 1 gave, so that
    /// their documents count as unchanged.
    pub(crate) fn plain_bytes(&self) -> Vec<u8> {
        if self.rows.is_empty() { postcard::to_stdvec(&self.without_rows()) } else { postcard::to_stdvec(self) }
            // Strings, numbers and lists always serialize.
            .unwrap_or_default()
    }

    /// In the form in which it is stored: compressed.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        compressed(VERSION, &postcard::to_stdvec(self).unwrap_or_default())
    }

    /// The layout of `text` that [`to_bytes`](Self::to_bytes) wrote, in this version or an earlier one; `None` if these are
    /// other bytes.
    pub(crate) fn from_bytes(bytes: &[u8], text: &str) -> Option<Self> {
        let (version, compressed) = bytes.split_first()?;
        let mut plain = Vec::new();
        DeflateDecoder::new(compressed).take(MAX_BYTES).read_to_end(&mut plain).ok()?;
        match *version {
            VERSION => postcard::from_bytes(&plain).ok(),
            WITHOUT_ROWS => {
                let (reader, headings, pages, places): (String, Vec<Heading>, Vec<Page>, Vec<Place>) =
                    postcard::from_bytes(&plain).ok()?;
                Some(Self { reader, headings, pages, places, rows: row::by_form(text) })
            }
            _ => None,
        }
    }

    /// All that version 1 had. A tuple serializes as a struct does.
    fn without_rows(&self) -> (&str, &[Heading], &[Page], &[Place]) {
        (&self.reader, &self.headings, &self.pages, &self.places)
    }
}

fn compressed(version: u8, plain: &[u8]) -> Vec<u8> {
    // Writing to memory does not fail.
    let mut encoder = DeflateEncoder::new(vec![version], Compression::fast());
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
impl Layout {
    /// As version 1 stored it.
    pub(crate) fn to_bytes_without_rows(&self) -> Vec<u8> {
        compressed(WITHOUT_ROWS, &postcard::to_stdvec(&self.without_rows()).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{At, Confidence, Line, Row, Span};
    use super::*;

    fn layout() -> Layout {
        let line = Line { page: 1, x0: 1.5, y0: 2.0, x1: 30.25, y1: 14.0, vertical: false, advances: vec![40, 0, 255] };
        let at = [
            At::Line(line.clone()),
            At::Paragraph(7),
            At::Cell { sheet: "利率".into(), row: 3, column: 16_384 },
            At::Slide { number: 2, notes: true },
            At::Chapter { number: 1, href: "c1.xhtml".into() },
            At::Part { path: "1.2".into(), quoted: true },
            At::Time { start_ms: 1, end_ms: 86_400_000 },
            At::Item { line: 0, pointer: "/a/0".into() },
            At::Row(9),
            At::Recognised(line, Confidence::new(0.9876)),
        ];
        let places = (0..).zip(at).map(|(n, at)| Place { span: Span::new(n * 10, n * 10 + 9), at }).collect();
        let headings = vec![Heading { span: Span::new(0, 3), level: 2, text: "頁".into() }];
        let pages = vec![Page { label: Some("iii".into()), width: 595.0, height: 842.0 }];
        let rows = vec![Row { span: Span::new(12, 20), header: Some(Span::new(3, 9)) }];
        Layout { reader: "test 1".into(), headings, pages, places, rows }
    }

    #[test]
    fn a_layout_is_stored_and_read_again() {
        let layout = layout();
        assert_eq!(Layout::from_bytes(&layout.to_bytes(), ""), Some(layout));
        for other in [&b""[..], &[VERSION, 1, 2, 3], &[WITHOUT_ROWS, 1, 2, 3], &[3, 0]] {
            assert_eq!(Layout::from_bytes(other, ""), None, "{other:?}");
        }
    }

    #[test]
    fn a_layout_of_version_1_is_read_with_the_rows_that_were_told_by_their_form() {
        let layout = layout();
        let text = "Bank: ECB; Rate: 2.15 %\nIt fell.";
        let read = Layout::from_bytes(&layout.to_bytes_without_rows(), text).unwrap();
        assert_eq!(read.rows, [Row { span: Span::new(0, 23), header: None }]);
        assert_eq!(Layout { rows: Vec::new(), ..read.clone() }, Layout { rows: Vec::new(), ..layout });
        assert_ne!(read.plain_bytes(), Layout { rows: Vec::new(), ..read }.plain_bytes());
    }
}
