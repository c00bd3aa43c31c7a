//! The JSON of a quote's place in the original.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::links::{at_quote, web_address};
use crate::passage::{self, FoundPassage};

/// Where the quote stands in the file that the document was read from: what its format has, and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CitedPlace {
    /// In a few words: `p. 3`, `Rates!B3`, `slide 2`, `1:02`, or the headings above it. Empty if nothing of it is known.
    #[schema(example = "p. 3")]
    label: String,
    /// Opens the original at the quote, if the document has a web address and its format has fragments: `#page=3`,
    /// `#t=62`, `#:~:text=…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://example.com/a.pdf#page=3")]
    url: Option<String>,
    /// The headings above the quote, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headings: Vec<String>,
    /// The first page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<u32>,
    /// The last page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_page: Option<u32>,
    /// The label of the first page, if that is not its number: `iii`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page_label: Option<String>,
    /// Boxes around the quote, one for each line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    boxes: Vec<PageBox>,
    /// The first paragraph, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    paragraph: Option<u32>,
    /// Cells of a spreadsheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cells: Option<Cells>,
    /// A slide of a presentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    slide: Option<Slide>,
    /// A chapter of a book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    chapter: Option<Chapter>,
    /// A part of an e-mail message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    part: Option<Part>,
    /// A time in a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    time: Option<Time>,
    /// A value in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    item: Option<Item>,
    /// The first row of a table in a text file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    row: Option<u32>,
    /// The last row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_row: Option<u32>,
    /// Present if the quote's text was recognised from a picture of the page (OCR), so that characters may be wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ocr: Option<Recognised>,
}

/// How text was recognised from a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Recognised {
    /// The mean probability that a character is right, in the least sure line of the quote.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.97)]
    confidence: f64,
}

/// A box on a page, in points from the top left of the page as shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PageBox {
    /// From 1.
    page: u32,
    /// Left edge.
    x0: f32,
    /// Top edge.
    y0: f32,
    /// Right edge.
    x1: f32,
    /// Bottom edge.
    y1: f32,
    /// The page's width.
    page_width: f32,
    /// The page's height.
    page_height: f32,
}

/// Cells of one sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Cells {
    sheet: String,
    /// As in a formula.
    #[schema(example = "B3:D3")]
    r#ref: String,
    /// First row and column, from 1.
    #[schema(min_items = 2, max_items = 2)]
    first: [u32; 2],
    /// Last row and column.
    #[schema(min_items = 2, max_items = 2)]
    last: [u32; 2],
}

/// A slide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Slide {
    /// From 1.
    number: u32,
    /// Whether the quote is from the speaker's notes.
    notes: bool,
}

/// A chapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Chapter {
    /// In reading order, from 1.
    number: u32,
    /// Its file in the book.
    href: String,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Part {
    /// As IMAP counts parts.
    #[schema(example = "1.2")]
    path: String,
    /// Whether it quotes an earlier message.
    quoted: bool,
}

/// A time, in milliseconds from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Time {
    start_ms: u64,
    end_ms: u64,
}

/// A value in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Item {
    /// The line of the file, from 1; 0 if the file is one value.
    line: u32,
    /// The last line, if it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_line: Option<u32>,
    /// RFC 6901.
    #[schema(example = "/articles/0/body")]
    pointer: String,
}

impl CitedPlace {
    /// The headings above the quote.
    pub(super) fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The place of the passage's quote.
    pub(super) fn of(passage: &FoundPassage) -> Option<Self> {
        let address = web_address(&passage.document);
        let url = address.map(|address| at_quote(address, passage)).filter(|url| address != Some(url));
        let label = passage.place_label().unwrap_or_default();
        passage.place.clone().map(|place| Self { url, label, headings: passage.headings.clone(), ..place.into() })
    }
}

impl From<passage::CitedPlace> for CitedPlace {
    fn from(place: passage::CitedPlace) -> Self {
        let label = place.label();
        Self {
            label,
            url: None,
            headings: Vec::new(),
            page: place.pages.map(|(first, _)| first),
            last_page: place.pages.map(|(_, last)| last),
            page_label: place.page_label,
            boxes: place.boxes.into_iter().map(Into::into).collect(),
            paragraph: place.paragraph,
            cells: place.cells.map(Into::into),
            slide: place.slide.map(|(number, notes)| Slide { number, notes }),
            chapter: place.chapter.map(|(number, href)| Chapter { number, href }),
            part: place.part.map(|(path, quoted)| Part { path, quoted }),
            time: place.time_ms.map(|(start_ms, end_ms)| Time { start_ms, end_ms }),
            item: place.item.map(|(line, pointer)| Item { line, last_line: place.last_line, pointer }),
            row: place.rows.map(|(first, _)| first),
            last_row: place.rows.map(|(_, last)| last),
            ocr: place.recognised.map(Into::into),
        }
    }
}

impl From<CitedPlace> for passage::CitedPlace {
    fn from(place: CitedPlace) -> Self {
        Self {
            pages: place.page.map(|first| (first, place.last_page.unwrap_or(first))),
            page_label: place.page_label,
            boxes: place.boxes.into_iter().map(Into::into).collect(),
            paragraph: place.paragraph,
            cells: place.cells.map(Into::into),
            slide: place.slide.map(|slide| (slide.number, slide.notes)),
            chapter: place.chapter.map(|chapter| (chapter.number, chapter.href)),
            part: place.part.map(|part| (part.path, part.quoted)),
            time_ms: place.time.map(|time| (time.start_ms, time.end_ms)),
            last_line: place.item.as_ref().and_then(|item| item.last_line),
            item: place.item.map(|item| (item.line, item.pointer)),
            rows: place.row.map(|first| (first, place.last_row.unwrap_or(first))),
            recognised: place.ocr.map(|ocr| passage::Confidence::new(ocr.confidence as f32)),
        }
    }
}

impl From<passage::Confidence> for Recognised {
    fn from(confidence: passage::Confidence) -> Self {
        // In thousandths, without the digits that a number of another type would bring.
        Self { confidence: (f64::from(confidence.share()) * 1000.0).round() / 1000.0 }
    }
}

impl From<passage::PageBox> for PageBox {
    fn from(passage::PageBox { page, x0, y0, x1, y1, page_width, page_height }: passage::PageBox) -> Self {
        Self { page, x0, y0, x1, y1, page_width, page_height }
    }
}

impl From<PageBox> for passage::PageBox {
    fn from(PageBox { page, x0, y0, x1, y1, page_width, page_height }: PageBox) -> Self {
        Self { page, x0, y0, x1, y1, page_width, page_height }
    }
}

impl From<passage::Cells> for Cells {
    fn from(cells: passage::Cells) -> Self {
        Self { r#ref: cells.reference(), first: cells.first.into(), last: cells.last.into(), sheet: cells.sheet }
    }
}

impl From<Cells> for passage::Cells {
    fn from(cells: Cells) -> Self {
        Self { sheet: cells.sheet, first: cells.first.into(), last: cells.last.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_only_what_its_format_has_and_comes_back_whole() {
        let page = passage::PageBox {
            page: 3,
            x0: 72.0,
            y0: 90.5,
            x1: 300.25,
            y1: 104.0,
            page_width: 595.0,
            page_height: 842.0,
        };
        let pdf = passage::CitedPlace { pages: Some((3, 4)), boxes: vec![page], ..passage::CitedPlace::default() };
        let cells = passage::Cells { sheet: "Rates".into(), first: (3, 2), last: (3, 4) };
        let sheet = passage::CitedPlace { cells: Some(cells), ..passage::CitedPlace::default() };
        let json = serde_json::to_value(CitedPlace::from(sheet.clone())).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "label": "Rates!B3:D3",
                "cells": {"sheet": "Rates", "ref": "B3:D3", "first": [3, 2], "last": [3, 4]}
            })
        );
        let rows = passage::CitedPlace { rows: Some((12, 14)), ..passage::CitedPlace::default() };
        let item = Some((3, "/text".into()));
        let lines = passage::CitedPlace { item, last_line: Some(5), ..passage::CitedPlace::default() };
        for place in [pdf, sheet, rows, lines] {
            let json = serde_json::to_string(&CitedPlace::from(place.clone())).unwrap();
            let read: CitedPlace = serde_json::from_str(&json).unwrap();
            assert_eq!(passage::CitedPlace::from(read), place);
        }
    }
}
