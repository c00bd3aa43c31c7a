//! Where each part of a document's text stands in the file that it was read from.

use serde::{Deserialize, Serialize};

use super::Span;
use super::row::{self, Row};

/// What a reader knows of a document besides its text.
///
/// The text's bytes are what citations point to. A layout says where they stand in the original: on which page and where
/// on it, in which cell, on which slide, in which second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The reader that made the text, with the version of what it makes: `pdf 1`. Documents that an earlier version read
    /// are not the same.
    pub reader: String,
    /// The headings in the text, in order.
    pub headings: Vec<Heading>,
    /// The pages of a PDF, in order.
    pub pages: Vec<Page>,
    /// The places, in order and disjoint. They need not cover the text: what joins two lines has no place.
    pub places: Vec<Place>,
    /// The rows of tables, in order and disjoint.
    pub rows: Vec<Row>,
}

/// A heading in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// From the start of its line to the end of its markup.
    pub span: Span,
    /// 1 to 6.
    pub level: usize,
    /// Its text without markup.
    pub text: String,
}

/// A page of a PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its label, if that is not its number: `iii`.
    pub label: Option<String>,
    /// Its width as shown, in points.
    pub width: f32,
    /// Its height as shown, in points.
    pub height: f32,
}

/// A span of a text with its place in the original.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The span.
    pub span: Span,
    /// Where it stands.
    pub at: At,
}

/// A place in an original.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum At {
    /// A line of a PDF's page.
    Line(Line),
    /// A paragraph of a file without pages, from 1.
    Paragraph(u32),
    /// A cell of a spreadsheet.
    Cell {
        /// The sheet's name.
        sheet: String,
        /// From 1.
        row: u32,
        /// From 1: 1 is column A.
        column: u32,
    },
    /// A part of a presentation.
    Slide {
        /// From 1.
        number: u32,
        /// Whether it is in the speaker's notes.
        notes: bool,
    },
    /// A chapter of a book.
    Chapter {
        /// Its number in reading order, from 1.
        number: u32,
        /// Its file in the book.
        href: String,
    },
    /// A part of an e-mail message.
    Part {
        /// The numbers of the part, as IMAP counts them: `1.2`.
        path: String,
        /// Whether it is quoted from an earlier message.
        quoted: bool,
    },
    /// A time in a recording.
    Time {
        /// Milliseconds from the start.
        start_ms: u64,
        /// Milliseconds from the start.
        end_ms: u64,
    },
    /// A value in JSON.
    Item {
        /// The line of its file, from 1; 0 if the file is one value.
        line: u32,
        /// Its JSON pointer.
        pointer: String,
    },
    /// A line of a table in a text file, from 1.
    Row(u32),
    /// A line of a page that was recognised from a picture, and how sure its characters are.
    Recognised(Line, Confidence),
}

impl At {
    /// The line of a page that it is.
    pub fn line(&self) -> Option<&Line> {
        match self {
            Self::Line(line) | Self::Recognised(line, _) => Some(line),
            _ => None,
        }
    }
}

/// The probability that a recognised character is right, on average over a line, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Confidence(u16);

impl Confidence {
    /// From 0 to 1; what is more or less is cut off.
    pub fn new(share: f32) -> Self {
        Self((share.clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    /// From 0 to 1.
    pub fn share(self) -> f32 {
        f32::from(self.0.min(1000)) / 1000.0
    }
}

/// A line on a page. All lengths are in points, from the top left of the page as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The page, from 1.
    pub page: u32,
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
    /// Whether it runs from top to bottom.
    pub vertical: bool,
    /// How far each character of the span leads along the line, in quarters of a point, at most 255 each. They sum to about
    /// the line's length. Empty if only the whole line's box is known.
    #[serde(with = "bytes")]
    pub advances: Vec<u8>,
}

/// A box on a page, in points from the top left of the page as shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageBox {
    /// The page, from 1.
    pub page: u32,
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
    /// The page's width.
    pub page_width: f32,
    /// The page's height.
    pub page_height: f32,
}

/// Bytes as one value, not as a list of numbers.
mod bytes {
    use serde::{Deserializer, Serializer, de::Visitor};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    bytes.push(byte);
                }
                Ok(bytes)
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

impl Line {
    /// Left, top, right and bottom of the bytes from `start` to `end` of its text.
    fn part(&self, text: &str, start: usize, end: usize) -> (f32, f32, f32, f32) {
        let (mut before, mut until, mut characters) = (0_u32, 0_u32, 0);
        for (at, _) in text.char_indices() {
            let advance = self.advances.get(characters).map_or(0, |advance| u32::from(*advance));
            before += if at < start { advance } else { 0 };
            until += if at < end { advance } else { 0 };
            characters += 1;
        }
        if self.advances.is_empty() || self.advances.len() != characters {
            return (self.x0, self.y0, self.x1, self.y1);
        }
        let (first, last) = if self.vertical { (self.y0, self.y1) } else { (self.x0, self.x1) };
        let from = (first + before as f32 / 4.0).min(last);
        // Not `clamp`, which panics on what a damaged layout may say.
        let to = if end >= text.len() { last } else { (first + until as f32 / 4.0).max(from).min(last.max(from)) };
        if self.vertical { (self.x0, from, self.x1, to) } else { (from, self.y0, to, self.y1) }
    }
}

impl Layout {
    /// Whether it can be that of `text`: all spans are in order, disjoint and on character boundaries, all lengths
    /// numbers.
    pub(crate) fn fits(&self, text: &str) -> bool {
        fn are_in_order(text: &str, spans: impl Iterator<Item = Span>) -> bool {
            let mut end = 0;
            spans.into_iter().all(|span| {
                let fits = end <= span.start && span.start <= span.end && text.get(span.range()).is_some();
                end = span.end;
                fits
            })
        }
        let is_number = |place: &Place| {
            let finite = |line: &Line| [line.x0, line.y0, line.x1, line.y1].iter().all(|length| length.is_finite());
            place.at.line().is_none_or(finite)
        };
        are_in_order(text, self.headings.iter().map(|heading| heading.span))
            && self.headings.iter().all(|heading| (1..=6).contains(&heading.level))
            && are_in_order(text, self.places.iter().map(|place| place.span))
            && self.places.iter().all(is_number)
            && row::fit(&self.rows, text)
            && self.pages.iter().all(|page| page.width.is_finite() && page.height.is_finite())
    }

    /// Whether it says nothing: the text is that of the file.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// Where `span` of `text` stands on pages: a box for each line, as wide as the span's part of it.
    pub fn boxes(&self, text: &str, span: Span) -> Vec<PageBox> {
        let boxed = |place: &Place| {
            let line = place.at.line()?;
            let page = self.pages.get((line.page as usize).saturating_sub(1));
            let (x0, y0, x1, y1) = text.get(place.span.range()).map_or_else(
                || (line.x0, line.y0, line.x1, line.y1),
                |own| {
                    let start = place.span.start;
                    line.part(own, span.start.saturating_sub(start), span.end.saturating_sub(start))
                },
            );
            Some(PageBox {
                page: line.page,
                x0,
                y0,
                x1,
                y1,
                page_width: page.map_or(0.0, |page| page.width),
                page_height: page.map_or(0.0, |page| page.height),
            })
        };
        self.places_of(span).iter().filter_map(boxed).collect()
    }

    /// The places that meet `span`, in order.
    pub fn places_of(&self, span: Span) -> &[Place] {
        let first = self.places.partition_point(|place| place.span.end <= span.start);
        let meeting = self.places[first..].partition_point(|place| place.span.start < span.end);
        &self.places[first..first + meeting]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(start: usize, end: usize) -> Place {
        Place { span: Span::new(start, end), at: At::Paragraph(1) }
    }

    #[test]
    fn a_part_of_a_line_has_its_own_box() {
        let line =
            |vertical| Line { page: 1, x0: 10.0, y0: 20.0, x1: 20.0, y1: 30.0, vertical, advances: vec![10, 20, 10] };
        let layout = |vertical| Layout {
            pages: vec![Page { label: None, width: 100.0, height: 200.0 }],
            places: vec![Place { span: Span::new(2, 7), at: At::Line(line(vertical)) }],
            ..Layout::default()
        };
        let boxes = |vertical, start, end| {
            let boxes = layout(vertical).boxes("# a甲b.", Span::new(start, end));
            boxes.iter().map(|b| (b.x0, b.y0, b.x1, b.y1)).collect::<Vec<_>>()
        };
        assert_eq!(boxes(false, 0, 8), [(10.0, 20.0, 20.0, 30.0)]);
        assert_eq!(boxes(false, 3, 6), [(12.5, 20.0, 17.5, 30.0)]);
        assert_eq!(boxes(true, 3, 8), [(10.0, 22.5, 20.0, 30.0)]);
        assert_eq!(boxes(false, 7, 8), []);
    }

    #[test]
    fn a_damaged_layout_has_boxes_of_no_meaning() {
        let line =
            Line { page: 0, x0: f32::NAN, y0: 0.0, x1: f32::NAN, y1: 0.0, vertical: false, advances: vec![1, 2] };
        let places = [(5, 7), (1, 3), (6, 2), (9, 11)]
            .map(|(start, end)| Place { span: Span { start, end }, at: At::Line(line.clone()) });
        let layout = Layout { places: places.into(), ..Layout::default() };
        for (start, end) in [(0, 4), (2, 3), (6, 12)] {
            let boxes = layout.boxes("0123456789abc", Span::new(start, end));
            assert!(boxes.iter().all(|found| found.page == 0));
        }
    }

    #[test]
    fn a_layout_fits_a_text_only_if_its_spans_are_in_order_and_whole() {
        let of = |places: Vec<Place>| Layout { places, ..Layout::default() };
        assert!(of(vec![place(0, 3), place(3, 6)]).fits("甲乙"));
        for wrong in
            [vec![place(0, 4)], vec![place(3, 6), place(0, 3)], vec![place(0, 6), place(3, 6)], vec![place(6, 9)]]
        {
            assert!(!of(wrong.clone()).fits("甲乙"), "{wrong:?}");
        }
        let line = Line { page: 1, x0: f32::NAN, y0: 0.0, x1: 1.0, y1: 1.0, vertical: false, advances: Vec::new() };
        assert!(!of(vec![Place { span: Span::new(0, 3), at: At::Line(line) }]).fits("甲乙"));
    }

    #[test]
    fn the_places_of_a_span_are_those_that_share_a_byte_with_it() {
        let layout = Layout { places: vec![place(0, 4), place(6, 10), place(10, 12)], ..Layout::default() };
        let found =
            |start, end| layout.places_of(Span::new(start, end)).iter().map(|p| p.span.start).collect::<Vec<_>>();
        assert_eq!(found(0, 12), [0, 6, 10]);
        assert_eq!(found(3, 6), [0]);
        assert_eq!(found(4, 6), [0; 0]);
        assert_eq!(found(9, 11), [6, 10]);
        assert_eq!(found(12, 20), [0; 0]);
    }
}
