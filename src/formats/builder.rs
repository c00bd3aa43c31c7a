//! Builds a document's text together with its headings and places.

use super::{Failure, Result};
use crate::passage::{At, Heading, Layout, Place, Row, Span};

/// A text that is being built. Paragraphs are separated by an empty line.
#[derive(Debug)]
pub(crate) struct Builder {
    text: String,
    layout: Layout,
    max_bytes: usize,
}

impl Builder {
    /// An empty text of at most `max_bytes`, made by `reader`: its name and the version of what it makes, `pdf 1`.
    pub(crate) fn new(reader: &str, max_bytes: usize) -> Self {
        let layout = Layout { reader: reader.to_owned(), ..Layout::default() };
        Self { text: String::new(), layout, max_bytes }
    }

    /// Adds a paragraph. Blank text adds nothing and gives `None`.
    pub(crate) fn paragraph(&mut self, text: &str, at: Option<At>) -> Result<Option<Span>> {
        self.begin("\n\n");
        self.push(text.trim(), at)
    }

    /// Adds a line to the last paragraph: an item of a list, a row of a table.
    pub(crate) fn line(&mut self, text: &str, at: Option<At>) -> Result<Option<Span>> {
        self.begin("\n");
        self.push(text.trim(), at)
    }

    /// Adds a heading as a paragraph of its own. `level` is clamped to 1 to 6.
    pub(crate) fn heading(&mut self, level: usize, text: &str, at: Option<At>) -> Result<Option<Span>> {
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let span = self.paragraph(&one_line, at)?;
        if let Some(span) = span {
            self.layout.headings.push(Heading { span, level: level.clamp(1, 6), text: one_line });
        }
        Ok(span)
    }

    /// Ends what is there, so that the next [`push`](Self::push) starts behind `separator`. Several separators in a row
    /// count as the longest of them.
    pub(crate) fn begin(&mut self, separator: &str) {
        let content = self.text.trim_end_matches('\n').len();
        if content > 0 && self.text.len() - content < separator.len() {
            self.text.truncate(content);
            self.text.push_str(separator);
        }
    }

    /// Adds text as it is to what is there, with a place of its own. Line ends become `\n`.
    pub(crate) fn push(&mut self, text: &str, at: Option<At>) -> Result<Option<Span>> {
        if text.is_empty() {
            return Ok(None);
        }
        if self.text.len() + text.len() > self.max_bytes {
            return Err(Failure::too_much_text(self.max_bytes));
        }
        let start = self.text.len();
        if text.contains('\r') {
            self.text.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
        } else {
            self.text.push_str(text);
        }
        let span = Span::new(start, self.text.len());
        if let Some(at) = at {
            self.layout.places.push(Place { span, at });
        }
        Ok(Some(span))
    }

    /// Marks what was added from the byte `start` on as a row of a table: it is quoted as a whole. `header` is the header of
    /// its table, if that is a line above it with the same cells; see [`Row`].
    pub(crate) fn row(&mut self, start: usize, header: Option<Span>) {
        let line = self.text.get(start..).unwrap_or_default();
        let from = start + (line.len() - line.trim_start().len());
        let row = line.trim();
        if !row.is_empty() {
            self.layout.rows.push(Row { span: Span::new(from, from + row.len()), header });
        }
    }

    /// The text so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// For what only one reader knows, such as pages.
    pub(crate) fn layout_mut(&mut self) -> &mut Layout {
        &mut self.layout
    }

    /// The text, without line ends at its end, and its layout.
    pub(crate) fn finish(mut self) -> (String, Layout) {
        self.text.truncate(self.text.trim_end_matches('\n').len());
        let end = self.text.len();
        self.layout.places.retain_mut(|place| {
            place.span.end = place.span.end.min(end);
            place.span.start < place.span.end
        });
        (self.text, self.layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lines_and_headings_have_their_places() {
        let mut builder = Builder::new("test 1", 1_000);
        builder.heading(9, "  One\n two ", Some(At::Paragraph(1))).unwrap();
        builder.paragraph(" \n", Some(At::Paragraph(2))).unwrap();
        builder.paragraph("甲。\r\n乙。", Some(At::Paragraph(3))).unwrap();
        builder.line("- item", None).unwrap();
        builder.begin("\n\n");
        let (text, layout) = builder.finish();
        assert_eq!(text, "One two\n\n甲。\n乙。\n- item");
        let places: Vec<_> = layout.places.iter().map(|place| &text[place.span.range()]).collect();
        assert_eq!(places, ["One two", "甲。\n乙。"]);
        assert_eq!((layout.headings[0].level, layout.headings[0].text.as_str()), (6, "One two"));
    }

    #[test]
    fn what_is_marked_as_a_row_has_no_white_space_around_it() {
        let mut builder = Builder::new("test 1", 1_000);
        let header = builder.paragraph("A | B", None).unwrap();
        let start = builder.text().len();
        builder.row(start, header);
        builder.line("1 | 2", None).unwrap();
        builder.row(start, header);
        builder.begin("\n\n");
        let (text, layout) = builder.finish();
        let rows: Vec<_> = layout.rows.iter().map(|row| (&text[row.span.range()], row.header)).collect();
        assert_eq!(rows, [("1 | 2", header)]);
        assert!(layout.fits(&text));
    }

    #[test]
    fn a_text_beyond_the_limit_is_refused() {
        let mut builder = Builder::new("test 1", 10);
        builder.paragraph("12345678", None).unwrap();
        assert!(builder.paragraph("1", None).unwrap_err().reason.contains("text"));
    }
}
