//! Tables: finds their header, and writes each row as a line that can be understood alone, `header: value; header: value`.

mod header;

use std::rc::Rc;

use super::Result;
use super::builder::Builder;
use crate::passage::At;

/// The most cells of a row that are read.
pub(super) const MAX_CELLS: usize = 1_000;

/// The most cells that merged cells may be copied to.
const MAX_FILLED: usize = 1_000_000;

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its row, from 1: that of the top left cell if it is merged.
    pub(super) row: u32,
    /// Its column, from 1.
    pub(super) column: u32,
    /// Its text as shown, in one line.
    pub(super) text: Rc<str>,
    /// Whether it is a number, a date or the like, which headers are not.
    pub(super) numeric: bool,
}

/// A row with its cells in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// From 1.
    pub(super) number: u32,
    pub(super) cells: Vec<Cell>,
}

impl Row {
    /// The cell in a column.
    fn cell(&self, column: u32) -> Option<&Cell> {
        let found = self.cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        self.cells.get(found)
    }
}

/// Cells that are merged into one: first and last row and column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u32, u32),
}

/// A table: only the rows and cells that hold something.
#[derive(Debug, Default)]
pub(super) struct Grid {
    rows: Vec<Row>,
    merges: Vec<Merge>,
    /// How many rows at its start are its header, if the file says so.
    pub(super) header_rows: u32,
    /// Whether such files begin with a header as a rule.
    pub(super) header_expected: bool,
    /// How many cells were left out of rows that are too wide.
    pub(super) cells_left_out: usize,
}

impl Grid {
    /// Adds a cell. Blank text adds nothing.
    pub(super) fn add(&mut self, row: u32, column: u32, text: &str, numeric: bool) {
        if !text.trim().is_empty() {
            self.add_shared(row, column, one_line(text).into(), numeric);
        }
    }

    /// Adds a cell whose text is one line and perhaps that of other cells too.
    pub(super) fn add_shared(&mut self, row: u32, column: u32, text: Rc<str>, numeric: bool) {
        if text.is_empty() {
            return;
        }
        if self.rows.last().is_none_or(|last| last.number != row) {
            self.rows.push(Row { number: row, cells: Vec::new() });
        }
        if let Some(last) = self.rows.last_mut() {
            match last.cells.len() < MAX_CELLS {
                true => last.cells.push(Cell { row, column, text, numeric }),
                false => self.cells_left_out += 1,
            }
        }
    }

    /// Merges cells.
    pub(super) fn merge(&mut self, merge: Merge) {
        self.merges.push(merge);
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many columns hold something.
    fn width(&self) -> usize {
        let mut columns: Vec<u32> = Vec::new();
        for cell in self.rows.iter().flat_map(|row| &row.cells) {
            if columns.len() > 2 {
                break;
            }
            if !columns.contains(&cell.column) {
                columns.push(cell.column);
            }
        }
        columns.len()
    }

    /// Sorts it, and copies the text of a merged cell to the rows below that it stands for.
    fn settle(&mut self) {
        if !self.rows.is_sorted_by_key(|row| row.number) {
            self.rows.sort_by_key(|row| row.number);
        }
        self.merges.sort_by_key(|merge| (merge.rows.0, merge.columns.0));
        let mut filled = 0;
        for merge in &self.merges {
            let first = self.rows.partition_point(|row| row.number < merge.rows.0);
            let Some(row) = self.rows.get(first).filter(|row| row.number == merge.rows.0) else { continue };
            let Some(cell) = row.cells.iter().find(|cell| cell.column == merge.columns.0).cloned() else { continue };
            for row in self.rows[first + 1..].iter_mut().take_while(|row| row.number <= merge.rows.1) {
                filled += 1;
                if filled > MAX_FILLED {
                    break;
                }
                row.cells.push(cell.clone());
            }
        }
        for row in &mut self.rows {
            row.cells.sort_by_key(|cell| (cell.column, cell.row));
            row.cells.dedup_by_key(|cell| cell.column);
        }
    }

    /// Writes its rows, each as a line, after a blank line. `at` gives the place of a cell by its row and column.
    pub(super) fn write(mut self, builder: &mut Builder, at: impl Fn(u32, u32) -> At) -> Result<()> {
        self.settle();
        let pairs = self.width() == 2;
        let mut headers = header::Headers::default();
        let mut next = 0;
        let declared = header::Declared { rows: self.header_rows, expected: self.header_expected };
        builder.begin("\n\n");
        while next < self.rows.len() {
            let begins = next == 0 || self.rows[next - 1].number + 1 < self.rows[next].number;
            if begins && let Some(found) = header::find(&self.rows[next..], &self.merges, declared, &headers) {
                for row in &self.rows[next..next + found.titles] {
                    builder.begin("\n\n");
                    write_row(row, &header::Headers::default(), false, builder, &at)?;
                }
                builder.begin("\n\n");
                next += found.titles + found.rows;
                headers = found.headers;
                continue;
            }
            if begins {
                builder.begin("\n\n");
                if !headers.cover(&self.rows[next]) {
                    headers = header::Headers::default();
                }
            }
            builder.begin("\n");
            let row = &self.rows[next];
            // A name for the rows below, or a remark: no value of a column.
            let alone = row.cells.len() == 1
                && row.cells.iter().any(|cell| !cell.numeric && (begins || header::spans(cell, &self.merges)));
            let start = builder.text().len();
            if alone {
                write_row(row, &header::Headers::default(), false, builder, &at)?;
            } else {
                write_row(row, &headers, pairs, builder, &at)?;
                if row.cells.len() > 1 || row.cells.iter().any(|cell| headers.of(cell.column).is_some()) {
                    builder.row(start, None);
                }
            }
            next += 1;
        }
        builder.begin("\n\n");
        Ok(())
    }
}

fn write_row(
    row: &Row,
    headers: &header::Headers,
    pairs: bool,
    builder: &mut Builder,
    at: &impl Fn(u32, u32) -> At,
) -> Result<()> {
    // A name with its value: `Phone: 02-1234`.
    let pair =
        pairs && headers.is_empty() && row.cells.first().is_some_and(|name| !name.numeric && is_short(&name.text));
    for (position, cell) in row.cells.iter().enumerate() {
        match position {
            0 => {}
            1 if pair && row.cells[0].text.ends_with([':', '：']) => drop(builder.push(" ", None)?),
            1 if pair => drop(builder.push(": ", None)?),
            _ => drop(builder.push("; ", None)?),
        }
        if let Some(header) = headers.of(cell.column)
            && **header != *cell.text
        {
            builder.push(header, None)?;
            builder.push(": ", None)?;
        }
        builder.push(&cell.text, Some(at(cell.row, cell.column)))?;
    }
    Ok(())
}

/// Text with its white space as single spaces.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text reads as a number, an amount, a date or a time.
pub(super) fn is_numeric(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    digits > 0 && digits >= 2 * letters
}

/// Whether texts can be the names of columns: different, short, no numbers but years.
pub(super) fn is_names<'t>(texts: impl Iterator<Item = &'t str>) -> bool {
    let mut texts: Vec<&str> = texts.collect();
    let count = texts.len();
    let is_name = |text: &&str| is_short(text) && (!is_numeric(text) || header::is_year(text));
    let is_named = texts.iter().all(is_name) && texts.iter().any(|text| !is_numeric(text));
    texts.sort_unstable();
    texts.dedup();
    is_named && texts.len() == count
}

fn is_short(text: &str) -> bool {
    text.chars().nth(100).is_none()
}

#[cfg(test)]
mod tests;
