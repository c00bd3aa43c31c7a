//! Rows of tables: those that a reader marked, and those of pipe tables in text, as GitHub's Markdown has them: a header
//! row, a delimiter row, rows.

use std::borrow::Cow;

use crate::lines::lines;
use crate::passage::{Row, Span, row_at};

/// The rows of all tables of a text, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows(Vec<Row>);

/// Finds tables in lines that are given one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// The header of the table that is open.
    header: Option<Span>,
    has_delimiter: bool,
}

/// The part that a line has in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableLine {
    Header,
    Delimiter,
    Row {
        /// The header row.
        header: Span,
    },
}

impl Tables {
    /// The part of a line, which is `span` in its text without white space; `next` is the line after it.
    pub(crate) fn line(&mut self, line: &str, span: Span, next: Option<&str>) -> Option<TableLine> {
        if let Some(header) = self.header.filter(|_| line.contains('|')) {
            if self.has_delimiter {
                return Some(TableLine::Row { header });
            }
            self.has_delimiter = true;
            return Some(TableLine::Delimiter);
        }
        *self = Self::default();
        if !next.is_some_and(|next| is_header(line, next)) {
            return None;
        }
        self.header = Some(span);
        Some(TableLine::Header)
    }

    /// A line ends the table that is open.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }
}

/// Whether a line is the delimiter row of a table: `|---|:-:|`, `--- | ---`.
pub(crate) fn is_delimiter_row(content: &str) -> bool {
    content.contains('|')
        && content.contains('-')
        && content.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\t'))
}

/// Whether a line is the header row of a table that goes on with the line after it.
fn is_header(line: &str, next: &str) -> bool {
    line.contains('|')
        && is_delimiter_row(next)
        && !is_delimiter_row(line)
        && cells(line).count() == cells(next).count()
}

/// The cells of a row, without white space around them.
pub(crate) fn cells(row: &str) -> impl Iterator<Item = &str> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').filter(|row| !row.ends_with('\\')).unwrap_or(row);
    let mut is_escaped = false;
    row.split(move |c| {
        let is_end = c == '|' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })
    .map(str::trim)
}

/// The rows of the pipe table below its `header`.
pub(crate) fn rows_below(text: &str, header: Span) -> Vec<Span> {
    let Some(below) = text.get(header.end..) else { return Vec::new() };
    let base = header.end;
    // The rest of the header's own line, and the delimiter.
    let rows = lines(below).skip(2).map(|line| (line.start, below.get(line.start..line.end).unwrap_or_default()));
    let rows = rows.take_while(|(_, row)| row.contains('|'));
    let trimmed = |(start, row): (usize, &str)| {
        let from = base + start + (row.len() - row.trim_start().len());
        Span::new(from, from + row.trim().len())
    };
    rows.map(trimmed).collect()
}

/// A row with the names of its columns, `Berth: South; Crane: no`: what a model reads of it. A row with more cells than the
/// header follows it as it is.
fn named(header: &str, row: &str) -> String {
    if cells(row).count() > cells(header).count() {
        return format!("{header}\n{row}");
    }
    let mut names = cells(header);
    let mut text = String::new();
    for cell in cells(row) {
        let name = names.next().unwrap_or_default();
        if cell.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("; ");
        }
        if !name.is_empty() {
            text.push_str(name);
            text.push_str(": ");
        }
        text.push_str(cell);
    }
    text
}

impl Rows {
    /// Adds a row, which stands behind all others.
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    /// Whether a byte of the text belongs to the header of a row.
    pub(crate) fn has_in_header(&self, at: usize) -> bool {
        let below = self.0.partition_point(|row| row.span.end <= at);
        self.0.get(below).and_then(|row| row.header).is_some_and(|header| header.range().contains(&at))
    }

    /// What a model reads of a sentence: a row with the names of its columns, other text as it is.
    pub(crate) fn read<'t>(&self, text: &'t str, sentence: Span) -> Cow<'t, str> {
        let slice = |span: Span| text.get(span.range()).unwrap_or_default();
        let found = self.0.binary_search_by_key(&sentence.start, |row| row.span.start);
        let row = found.ok().and_then(|at| self.0.get(at)).filter(|row| row.span == sentence);
        match row.and_then(|row| row.header) {
            Some(header) => Cow::Owned(named(slice(header), slice(sentence))),
            None => Cow::Borrowed(slice(sentence)),
        }
    }

    /// What a model reads of `span`, and the spans in it of these `sentences` of the text.
    pub(crate) fn read_all(&self, text: &str, span: Span, sentences: &[Span]) -> (String, Vec<Span>) {
        let mut read = String::with_capacity(span.len());
        let mut spans = Vec::with_capacity(sentences.len());
        let mut at = span.start;
        for sentence in sentences {
            read.push_str(text.get(at..sentence.start).unwrap_or_default());
            let start = read.len();
            read.push_str(&self.read(text, *sentence));
            spans.push(Span::new(start, read.len()));
            at = sentence.end;
        }
        read.push_str(text.get(at..span.end).unwrap_or_default());
        (read, spans)
    }
}

/// Finds the rows that sentences of one document are, if these are asked for in the order of the text, in time linear in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowFinder {
    headers: Headers,
}

impl RowFinder {
    /// The row that a sentence of `text` is or is a part of; `marked` are those that the document's reader marked.
    pub(crate) fn row(&mut self, text: &str, marked: &[Row], sentence: Span) -> Option<Row> {
        row_at(marked, sentence.start).or_else(|| {
            let header = self.headers.header_of(text, sentence.start)?;
            Some(Row { span: sentence, header: Some(header) })
        })
    }
}

/// Finds the headers of rows of pipe tables.
#[derive(Debug, Clone, Default)]
struct Headers {
    /// Where the line of the last row begins, and its header.
    last: Option<(usize, Option<Span>)>,
}

impl Headers {
    /// The header row of the table whose row begins at `start`; `None` if no row does.
    fn header_of(&mut self, text: &str, start: usize) -> Option<Span> {
        let line_start = text.get(..start)?.trim_end_matches([' ', '\t']).len();
        let row = lines(text.get(start..)?).next()?;
        let header = if text.get(start..start + row.end)?.contains('|') { self.above(text, line_start) } else { None };
        self.last = Some((line_start, header));
        header
    }

    /// The header above the row whose line begins at `end`.
    fn above(&self, text: &str, mut end: usize) -> Option<Span> {
        let mut delimiter = None;
        loop {
            if let Some((_, known)) =
                self.last.filter(|(at, known)| *at == end && delimiter.is_none() && known.is_some())
            {
                return known;
            }
            // The line above, without its line break.
            let above = text.get(..end)?.strip_suffix('\n')?;
            let above = above.strip_suffix('\r').unwrap_or(above);
            let line_start = above.rfind('\n').map_or(0, |at| at + 1);
            let line = above.get(line_start..)?;
            if let Some(delimiter) = delimiter {
                let from = line_start + (line.len() - line.trim_start().len());
                return is_header(line, delimiter).then(|| Span::new(from, from + line.trim().len()));
            }
            if !line.contains('|') {
                return None;
            }
            delimiter = Some(line).filter(|line| is_delimiter_row(line));
            end = line_start;
            if let Some((at, None)) = self.last
                && end < at
                && delimiter.is_none()
            {
                // What is above the last row has been searched in vain.
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_with_the_names_of_its_columns() {
        assert_eq!(named("| Berth | Depth |  |", "| South | 11 | yes |"), "Berth: South; Depth: 11; yes");
        assert_eq!(named("Berth | Depth", "South | | more"), "Berth | Depth\nSouth | | more");
        assert_eq!(named("| Berth | Depth | Crane", "| | 11 | no"), "Depth: 11; Crane: no");
        assert_eq!(named("| a \\| b | c |", r"| 1 \| 2 | 3 |"), r"a \| b: 1 \| 2; c: 3");
    }

    #[test]
    fn the_header_of_a_row_is_above_the_delimiter() {
        let text = "Prose.\n  | A | B |\r\n|---|---|\r\n| 1 | 2 |\n| 3 | 4 |\nend | of\n\n| 5 | 6 |\n";
        let header_of = |text: &str, start: usize| Headers::default().header_of(text, start);
        let header = |row: &str| header_of(text, text.find(row).unwrap()).map(|span| &text[span.range()]);
        assert_eq!(header("| 1 |"), Some("| A | B |"));
        assert_eq!(header("| 3 |"), Some("| A | B |"));
        assert_eq!(header("end |"), Some("| A | B |"));
        for other in ["| 5 |", "Prose", "| A |", "|---"] {
            assert_eq!(header(other), None, "{other}");
        }
        assert_eq!(header_of("a | b\n--|--|--\n1 | 2", 15), None, "the delimiter has other columns");
    }

    #[test]
    fn a_sentence_is_a_row_if_the_reader_says_so_or_the_text_has_a_table() {
        let text = "A: 1; B: 2\n\n| C | D |\n|---|---|\n| 3 | 4 |\nE: 5; F: 6";
        let row = Row { span: Span::new(0, 10), header: None };
        let mut finder = RowFinder::default();
        let mut found = |start, end| finder.row(text, &[row], Span::new(start, end));
        assert_eq!(found(6, 10), Some(row), "a part of a row that is too long");
        let pipe = found(32, 41).unwrap();
        assert_eq!(&text[pipe.header.unwrap().range()], "| C | D |");
        assert_eq!(found(42, 52), None, "its form does not make it a row");
    }
}
