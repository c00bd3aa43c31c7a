//! Finds tables on a page: by the rules that are drawn around their cells, else by columns that stand one below the other.
//!
//! A table stands in for its lines, so that the steps after this one keep it whole.

mod aligned;
mod continued;
mod gutters;
mod header;
mod ruled;
#[cfg(test)]
mod tests;
mod written;

use super::lines::{Direction, TextLine};
use super::rules::Rules;

pub(super) use continued::continued;

/// A cell with the rows and columns that it covers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Its lines from top to bottom.
    pub(super) lines: Vec<TextLine>,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    /// By row and column; empty ones are left out.
    pub(super) cells: Vec<Cell>,
    pub(super) rows: usize,
    /// Where each column begins.
    pub(super) columns: Vec<f32>,
    /// How many rows at its start are its header.
    pub(super) header_rows: usize,
}

impl Cell {
    pub(super) fn text(&self) -> String {
        self.lines.iter().map(TextLine::text).collect::<Vec<_>>().join(" ")
    }

    /// Whether it covers a place in the grid.
    pub(super) fn covers(&self, row: usize, column: usize) -> bool {
        (self.row..self.row + self.rows).contains(&row) && (self.column..self.column + self.columns).contains(&column)
    }
}

impl Table {
    /// The cells of a row, without those that only reach into it from above.
    pub(super) fn row(&self, row: usize) -> &[Cell] {
        let from = self.cells.partition_point(|cell| cell.row < row);
        let to = self.cells.partition_point(|cell| cell.row <= row);
        self.cells.get(from..to).unwrap_or_default()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &TextLine> {
        self.cells.iter().flat_map(|cell| &cell.lines)
    }

    /// A line without letters that stands for it among the lines of its page.
    fn placeholder(&self, number: usize) -> TextLine {
        let mut line = self.lines().next().cloned().unwrap_or_default();
        for other in self.lines() {
            (line.start, line.end) = (line.start.min(other.start), line.end.max(other.end));
            (line.top, line.bottom) = (line.top.min(other.top), line.bottom.max(other.bottom));
        }
        TextLine { letters: Vec::new(), pieces: Vec::new(), gaps: Vec::new(), table: Some(number), ..line }
    }
}

/// Takes the tables out of the lines of a page, which are in the order of its content. A line that stands for a table is
/// where the first of its lines was; it has the number of the table in `tables`.
pub(super) fn take(lines: Vec<TextLine>, rules: &Rules, tables: &mut Vec<Table>) -> Vec<TextLine> {
    let mut slots: Vec<Option<TextLine>> = lines.into_iter().map(Some).collect();
    for mut found in ruled::tables(&slots, rules) {
        put(&mut found, &mut slots, rules, tables);
    }
    for mut found in aligned::tables(&slots, rules) {
        put(&mut found, &mut slots, rules, tables);
    }
    slots.into_iter().flatten().collect()
}

/// A table, and which of the lines are in it.
struct Found {
    table: Table,
    lines: Vec<usize>,
    /// What is left of lines that are only partly in it, by the number of the line.
    rest: Vec<(usize, TextLine)>,
}

fn put(found: &mut Found, slots: &mut [Option<TextLine>], rules: &Rules, tables: &mut Vec<Table>) {
    found.table.cells.sort_by_key(|cell| (cell.row, cell.column));
    found.table.header_rows = header::rows(&found.table, rules);
    for line in &found.lines {
        if let Some(slot) = slots.get_mut(*line) {
            *slot = None;
        }
    }
    for (line, rest) in found.rest.drain(..) {
        if let Some(slot) = slots.get_mut(line) {
            *slot = Some(rest);
        }
    }
    let first = found.lines.iter().copied().find(|line| slots.get(*line).is_some_and(Option::is_none));
    if let Some(slot) = first.and_then(|line| slots.get_mut(line)) {
        *slot = Some(found.table.placeholder(tables.len()));
        tables.push(std::mem::take(&mut found.table));
    }
}

/// Whether a line may be part of a table.
fn may_be_in_table(line: &TextLine) -> bool {
    // Leaders part pieces without a gap.
    let wide = line.gaps.iter().filter(|(from, to)| to - from > line.size).count();
    line.direction == Direction::Right && line.table.is_none() && line.pieces.len() <= wide + 1
}

/// A line's parts between the gaps that `parts` chooses and those that are too wide for a space.
fn parts(line: &TextLine, parts: impl Fn((f32, f32)) -> bool) -> Vec<TextLine> {
    line.parted(|gap| parts(gap) || gap.1 - gap.0 > 1.5 * line.size)
}
