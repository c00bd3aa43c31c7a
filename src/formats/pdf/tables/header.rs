//! Tells the header of a table.

use super::super::rules::Rules;
use super::{Cell, Table};
use crate::formats::grid::{is_names, is_numeric};

/// A header has at most so many rows.
const MAX_ROWS: usize = 3;

/// How many rows at the start of a table are its header.
pub(super) fn rows(table: &Table, rules: &Rules) -> usize {
    let depth = (1..=MAX_ROWS.min(table.rows.saturating_sub(1))).find(|depth| !is_spanned(table, *depth));
    let Some(depth) = depth else { return 0 };
    let spans = |cell: &Cell| cell.columns > 1 && cell.columns < table.columns.len();
    let is_spanned = depth > 1 && table.row(0).iter().any(spans);
    let is_marked =
        is_spanned || is_bold(table, depth) || is_filled(table, depth, rules) || is_underlined(table, depth, rules);
    if is_marked || is_named(table, depth) { depth } else { 0 }
}

/// Whether the header goes on below its first `depth` rows: a cell reaches down, or one that covers several columns has
/// their names below it.
fn is_spanned(table: &Table, depth: usize) -> bool {
    let above = table.cells.iter().take_while(|cell| cell.row < depth);
    let reaches = |cell: &Cell| cell.row + cell.rows > depth;
    let names = |cell: &Cell| cell.columns > 1 && cell.row + cell.rows == depth && cell.columns < table.columns.len();
    above.clone().any(reaches) || (above.clone().any(names) && depth < 2)
}

fn is_bold(table: &Table, depth: usize) -> bool {
    let (mut above, mut below) = (true, true);
    for cell in &table.cells {
        let bold = cell.lines.iter().all(|line| line.is_bold);
        if cell.row < depth { above &= bold } else { below &= bold }
    }
    above && !below
}

/// Whether the areas behind the header differ from those behind the rows.
fn is_filled(table: &Table, depth: usize, rules: &Rules) -> bool {
    let behind = |cell: &Cell| {
        let line = cell.lines.first();
        line.is_some_and(|line| {
            let (x, y) = (f32::midpoint(line.start, line.end), f32::midpoint(line.top, line.bottom));
            rules.fills.iter().any(|&(x0, y0, x1, y1)| x0 <= x && x <= x1 && y0 <= y && y <= y1)
        })
    };
    let all = |row: usize| table.row(row).iter().all(behind);
    let none = |row: usize| !table.row(row).iter().any(behind);
    // Of two rows one is filled in striped tables too.
    (0..depth).all(all) && (depth..table.rows).take(2).all(none)
}

/// Whether there is a rule below the header and none below the row after it.
fn is_underlined(table: &Table, depth: usize, rules: &Rules) -> bool {
    let bottom = |row: usize| {
        table.row(row).iter().flat_map(|cell| &cell.lines).map(|line| line.bottom).fold(f32::MIN, f32::max)
    };
    let top =
        |row: usize| table.row(row).iter().flat_map(|cell| &cell.lines).map(|line| line.top).fold(f32::MAX, f32::min);
    let (left, right) =
        table.lines().fold((f32::MAX, f32::MIN), |(left, right), line| (left.min(line.start), right.max(line.end)));
    let is_ruled = |row: usize| {
        let (from, to) = (bottom(row) - 2.0, top(row + 1) + 2.0);
        let covered: f32 = rules
            .level
            .iter()
            .filter(|rule| from <= rule.at && rule.at <= to)
            .map(|rule| (rule.to.min(right) - rule.from.max(left)).max(0.0))
            .sum();
        covered > 0.6 * (right - left)
    };
    depth + 1 < table.rows && is_ruled(depth - 1) && !is_ruled(depth)
}

/// Whether the header consists of names and the rows of values.
fn is_named(table: &Table, depth: usize) -> bool {
    let names = |column: usize| table.names(column, depth).iter().map(|name| name.text()).collect::<Vec<_>>().join(" ");
    let header: Vec<(usize, String)> =
        (0..table.columns.len()).map(|column| (column, names(column))).filter(|(_, name)| !name.is_empty()).collect();
    if header.len() < 2
        || header.len() * 2 < table.columns.len()
        || !is_names(header.iter().map(|(_, name)| name.as_str()))
    {
        return false;
    }
    let below = || table.cells.iter().filter(|cell| cell.row >= depth);
    header.iter().any(|(column, name)| {
        let values: Vec<String> = below().filter(|cell| cell.column == *column).map(Cell::text).collect();
        let numeric = values.iter().filter(|value| is_numeric(value)).count();
        let length: usize = values.iter().map(String::len).sum();
        // In two columns, names and values look like a header and values.
        let is_numeric = if table.columns.len() > 2 { numeric * 2 > values.len() } else { numeric == values.len() };
        is_numeric || length > values.len() * (3 * name.len()).max(30)
    }) || (header.len() > 2 && table.rows > 3)
}
