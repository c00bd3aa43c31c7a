//! Where a quote stands in the original: what a reader needs to find it there.

use std::fmt::Write as _;

use super::layout::PageBox;
use super::{At, Confidence, Layout, Line, Span};

/// A longer label is cut: names of sheets and labels of pages come from the file.
const MAX_LABEL_CHARS: usize = 60;

/// The place of a quote in the file that its document was read from. Only what the file's format has is given.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CitedPlace {
    /// The first and last page, from 1.
    pub pages: Option<(u32, u32)>,
    /// The label of the first page, if that is not its number: `iii`.
    pub page_label: Option<String>,
    /// Where on the pages it stands, a box for each line.
    pub boxes: Vec<PageBox>,
    /// The number of the first paragraph, from 1.
    pub paragraph: Option<u32>,
    /// The cells of a sheet.
    pub cells: Option<Cells>,
    /// The slide, from 1, and whether it is in the speaker's notes.
    pub slide: Option<(u32, bool)>,
    /// The chapter's number, from 1, and its file in the book.
    pub chapter: Option<(u32, String)>,
    /// The part of a message, and whether it is quoted from an earlier one.
    pub part: Option<(String, bool)>,
    /// From the start of the first to the end of the last subtitle, in milliseconds.
    pub time_ms: Option<(u64, u64)>,
    /// The first line of the file, from 1 (0 if the file is one value), and the JSON pointer of the value there.
    pub item: Option<(u32, String)>,
    /// The last line, if it is another.
    pub last_line: Option<u32>,
    /// The first and last row of a table in a text file, from 1.
    pub rows: Option<(u32, u32)>,
    /// If the quote's text was recognised from a picture: how sure its characters are, that of the least sure of its lines.
    pub recognised: Option<Confidence>,
}

/// Cells of one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// The sheet's name.
    pub sheet: String,
    /// The first row and column, from 1.
    pub first: (u32, u32),
    /// The last row and column.
    pub last: (u32, u32),
}

impl Cells {
    /// As in a formula: `B3`, or `B3:D3`.
    pub fn reference(&self) -> String {
        let first = cell(self.first);
        if self.first == self.last { first } else { format!("{first}:{}", cell(self.last)) }
    }
}

/// `(3, 28)` is `AB3`.
fn cell((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect::<String>() + &row.to_string()
}

impl CitedPlace {
    /// The place of `span` in a text with this layout; `None` if nothing is known of it.
    pub fn of(layout: &Layout, text: &str, span: Span) -> Option<Self> {
        let mut found = Self { boxes: layout.boxes(text, span), ..Self::default() };
        for place in layout.places_of(span) {
            found.add(layout, &place.at);
        }
        (found != Self::default()).then_some(found)
    }

    /// Takes the next place.
    fn add(&mut self, layout: &Layout, at: &At) {
        match at {
            At::Line(Line { page, .. }) | At::Recognised(Line { page, .. }, _) => {
                if let At::Recognised(_, confidence) = at {
                    self.recognised = Some(self.recognised.map_or(*confidence, |least| least.min(*confidence)));
                }
                if self.pages.is_none() {
                    let shown = layout.pages.get((*page as usize).saturating_sub(1));
                    self.page_label = shown.and_then(|page| page.label.clone());
                }
                let pages = self.pages.get_or_insert((*page, *page));
                *pages = (pages.0.min(*page), pages.1.max(*page));
            }
            At::Paragraph(number) => {
                self.paragraph.get_or_insert(*number);
            }
            At::Cell { sheet, row, column } => {
                let at = (*row, *column);
                let cells = self.cells.get_or_insert_with(|| Cells { sheet: sheet.clone(), first: at, last: at });
                if cells.sheet == *sheet {
                    cells.first = (cells.first.0.min(at.0), cells.first.1.min(at.1));
                    cells.last = (cells.last.0.max(at.0), cells.last.1.max(at.1));
                }
            }
            At::Slide { number, notes } => {
                self.slide.get_or_insert((*number, *notes));
            }
            At::Chapter { number, href } => {
                self.chapter.get_or_insert_with(|| (*number, href.clone()));
            }
            At::Part { path, quoted } => {
                self.part.get_or_insert_with(|| (path.clone(), *quoted));
            }
            At::Time { start_ms, end_ms } => {
                let time = self.time_ms.get_or_insert((*start_ms, *end_ms));
                *time = (time.0.min(*start_ms), time.1.max(*end_ms));
            }
            At::Item { line, pointer } => {
                let first = self.item.get_or_insert_with(|| (*line, pointer.clone())).0;
                if *line > self.last_line.unwrap_or(first) {
                    self.last_line = Some(*line);
                }
            }
            At::Row(number) => {
                let rows = self.rows.get_or_insert((*number, *number));
                *rows = (rows.0.min(*number), rows.1.max(*number));
            }
        }
    }

    /// In a few words that are understood in most languages: `p. 3`, `Rates!B3`, `slide 2`, `1:02`. Empty if a reader
    /// would not look for it there, as for the number of a paragraph. Text from a picture is marked: `p. 3 (OCR, 97 % sure)`.
    pub fn label(&self) -> String {
        let mut label = String::new();
        if let Some((first, last)) = self.pages {
            let name = self.page_label.clone().unwrap_or_else(|| first.to_string());
            let _ = match last > first {
                true if self.page_label.is_none() => write!(label, "pp. {name}–{last}"),
                _ => write!(label, "p. {name}"),
            };
        } else if let Some(cells) = &self.cells {
            let _ = write!(label, "{}!{}", cells.sheet, cells.reference());
        } else if let Some((number, notes)) = self.slide {
            let _ = write!(label, "slide {number}{}", if notes { ", notes" } else { "" });
        } else if let Some((number, _)) = &self.chapter {
            let _ = write!(label, "ch. {number}");
        } else if let Some((start, _)) = self.time_ms {
            label = clock(start);
        } else if let Some((_, true)) = &self.part {
            label.push_str("quoted message");
        } else if let Some((line, pointer)) = &self.item {
            label = match self.last_line {
                Some(last) => format!("lines {line}–{last}"),
                None if *line > 0 => format!("line {line}"),
                None => pointer.clone(),
            };
        } else if let Some((first, last)) = self.rows {
            label = if first < last { format!("rows {first}–{last}") } else { format!("row {first}") };
        }
        if let Some((end, _)) = label.char_indices().nth(MAX_LABEL_CHARS) {
            label.truncate(end);
            label.push('…');
        }
        if let Some(confidence) = self.recognised {
            let _ = write!(label, " (OCR, {:.0} % sure)", confidence.share() * 100.0);
        }
        label
    }

    /// The fragment of an address that opens the original at this place: `page=3`, `t=62`. `None` if no program would
    /// understand one.
    pub fn fragment(&self) -> Option<String> {
        if let Some((first, _)) = self.pages {
            return Some(format!("page={first}"));
        }
        self.time_ms.map(|(start, _)| format!("t={}", start / 1000))
    }
}

/// `1:02`, `1:02:03`.
fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{Page, Place};

    fn layout(at: impl IntoIterator<Item = At>) -> Layout {
        let places = (0..).zip(at).map(|(n, at)| Place { span: Span::new(n * 3, n * 3 + 3), at }).collect();
        let page = |label: Option<&str>| Page { label: label.map(str::to_owned), width: 600.0, height: 800.0 };
        Layout { pages: vec![page(Some("iii")), page(None)], places, ..Layout::default() }
    }

    fn place(at: impl IntoIterator<Item = At>) -> CitedPlace {
        CitedPlace::of(&layout(at), "甲乙丙丁", Span::new(0, 12)).unwrap()
    }

    fn line(page: u32) -> At {
        let advances = Vec::new();
        At::Line(Line { page, x0: 10.0, y0: 20.0, x1: 90.0, y1: 32.0, vertical: false, advances })
    }

    #[test]
    fn a_quote_over_two_pages_names_both() {
        let found = place([line(1), line(2)]);
        assert_eq!((found.pages, found.page_label.as_deref(), found.boxes.len()), (Some((1, 2)), Some("iii"), 2));
        assert_eq!((found.label().as_str(), found.fragment().as_deref()), ("p. iii", Some("page=1")));
        assert_eq!(place([line(2), line(3)]).label(), "pp. 2–3");
    }

    #[test]
    fn cells_are_named_as_in_a_formula() {
        let at = |row, column| At::Cell { sheet: "利率".into(), row, column };
        assert_eq!(place([at(3, 2)]).label(), "利率!B3");
        assert_eq!(place([at(3, 2), at(3, 28)]).label(), "利率!B3:AB3");
        assert_eq!(cell((1, 16_384)), "XFD1");
        assert_eq!(cell((1, 702)), "ZZ1");
    }

    #[test]
    fn a_quote_over_two_subtitles_lasts_from_the_first_to_the_last() {
        let at = |start_ms, end_ms| At::Time { start_ms, end_ms };
        let found = place([at(62_500, 64_000), at(64_000, 70_000)]);
        assert_eq!(found.time_ms, Some((62_500, 70_000)));
        assert_eq!((found.label().as_str(), found.fragment().as_deref()), ("1:02", Some("t=62")));
        assert_eq!(clock(3_723_000), "1:02:03");
    }

    #[test]
    fn a_quote_over_several_rows_or_lines_names_the_first_and_the_last() {
        assert_eq!(place([At::Row(12)]).label(), "row 12");
        assert_eq!(place([At::Row(12), At::Row(13), At::Row(14)]).label(), "rows 12–14");
        let item = |line| At::Item { line, pointer: "/text".into() };
        assert_eq!(place([item(3), item(3)]).label(), "line 3");
        assert_eq!(place([item(3), item(5)]).label(), "lines 3–5");
        assert_eq!(place([item(0), item(0)]).label(), "/text");
    }

    #[test]
    fn what_joins_two_lines_has_no_place() {
        let mut layout = layout([At::Paragraph(1)]);
        layout.pages.clear();
        assert_eq!(CitedPlace::of(&layout, "甲乙丙丁", Span::new(3, 6)), None);
    }
}
