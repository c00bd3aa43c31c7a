//! Finds the header of a table.

use std::rc::Rc;

use super::{Cell, Merge, Row, is_short};

/// How many rows are looked at for a header, and below it.
const WINDOW: usize = 8;

/// The most columns that a name may span.
const MAX_SPAN: u32 = 100;

/// The header of each column.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(u32, Rc<str>)>);

impl Headers {
    /// That of a column.
    pub(super) fn of(&self, column: u32) -> Option<&Rc<str>> {
        let found = self.0.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        Some(&self.0[found].1)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each cell of the row has one.
    pub(super) fn cover(&self, row: &Row) -> bool {
        row.cells.iter().all(|cell| self.of(cell.column).is_some())
    }
}

/// What the file says of headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    /// How many rows at its start are its header.
    pub(super) rows: u32,
    /// Whether such files begin with a header as a rule.
    pub(super) expected: bool,
}

/// How much a header must differ from what is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// Names are enough.
    None,
    /// Three names are enough.
    Some,
    /// There must be numbers or longer texts below.
    Much,
}

/// A header that was found.
pub(super) struct Found {
    /// How many rows are above it: titles.
    pub(super) titles: usize,
    /// How many rows it has.
    pub(super) rows: usize,
    pub(super) headers: Headers,
}

/// The header of the table that begins with `rows`. `above` are the headers of the table above.
pub(super) fn find(rows: &[Row], merges: &[Merge], declared: Declared, above: &Headers) -> Option<Found> {
    let end = rows.windows(2).position(|pair| pair[0].number + 1 < pair[1].number).map_or(rows.len(), |gap| gap + 1);
    let rows = &rows[..end];
    let doubt = match (declared.expected, above.is_empty()) {
        (_, false) => Doubt::Much,
        (true, true) => Doubt::None,
        (false, true) => Doubt::Some,
    };
    let declared = rows.iter().take_while(|row| row.number <= declared.rows).count();
    if (1..4).contains(&declared) && declared < rows.len() {
        return Some(Found { titles: 0, rows: declared, headers: combined(&rows[..declared], merges) });
    }
    for start in 0..rows.len().min(WINDOW) {
        if let Some(depth) = header_depth(&rows[start..], merges, doubt) {
            let wider = rows[..start].iter().all(|row| row.cells.len() < width(&rows[start], merges));
            return wider.then(|| Found {
                titles: start,
                rows: depth,
                headers: combined(&rows[start..start + depth], merges),
            });
        }
    }
    None
}

/// How many rows the header at the start of `rows` has, if they start with one.
fn header_depth(rows: &[Row], merges: &[Merge], doubt: Doubt) -> Option<usize> {
    let spans = spans_columns(&rows[0], merges);
    let depth = if spans && rows.len() > 2 && is_labels(&rows[1]) { 2 } else { 1 };
    let header = &rows[0];
    let below = &rows[depth.min(rows.len())..rows.len().min(depth + WINDOW)];
    let widest = below.iter().map(|row| row.cells.len()).max()?;
    let subtitle = below.first().is_some_and(|next| next.cells.len() > width(header, merges) && is_names(next));
    if !is_names(header) || subtitle || widest < 2 || width(header, merges) * 2 < widest {
        return None;
    }
    let names = &rows[depth - 1];
    let differs = names.cells.iter().filter(|name| !name.numeric).any(|name| {
        let values: Vec<&Cell> = below.iter().filter_map(|row| row.cell(name.column)).collect();
        let length: usize = values.iter().map(|value| value.text.len()).sum();
        values.iter().any(|value| value.numeric) || length > values.len() * (3 * name.text.len()).max(30)
    });
    let enough = match names.cells.len() {
        0 | 1 => false,
        2 => differs || doubt == Doubt::None || header.cells.iter().any(|cell| cell.numeric),
        _ => differs || doubt != Doubt::Much,
    };
    enough.then_some(depth)
}

/// Whether a row consists of different short names.
fn is_names(row: &Row) -> bool {
    let mut texts: Vec<&str> = row.cells.iter().map(|cell| &*cell.text).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.len() == row.cells.len() && is_labels(row)
}

/// Whether a row consists of short names. Years are names too, beside others.
fn is_labels(row: &Row) -> bool {
    let first_column = row.cells.first().map_or(0, |cell| cell.column);
    row.cells.iter().all(|cell| is_short(&cell.text) && (!cell.numeric || is_year(&cell.text)))
        && (row.cells.iter().any(|cell| !cell.numeric) || first_column > 1)
}

pub(super) fn is_year(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|year| (1900..2100).contains(&year))
}

/// How many columns a row takes, merged cells included.
fn width(row: &Row, merges: &[Merge]) -> usize {
    row.cells.iter().map(|cell| (last_column(cell, merges) - cell.column) as usize + 1).sum()
}

fn spans_columns(row: &Row, merges: &[Merge]) -> bool {
    row.cells.len() > 1 && row.cells.iter().any(|cell| spans(cell, merges))
}

/// Whether a cell covers several columns.
pub(super) fn spans(cell: &Cell, merges: &[Merge]) -> bool {
    last_column(cell, merges) > cell.column
}

/// The last column of a cell; `merges` are sorted by their first row and column.
fn last_column(cell: &Cell, merges: &[Merge]) -> u32 {
    let found = merges.binary_search_by_key(&(cell.row, cell.column), |merge| (merge.rows.0, merge.columns.0));
    let last = found.map_or(cell.column, |position| merges[position].columns.1);
    last.clamp(cell.column, cell.column.saturating_add(MAX_SPAN))
}

/// The headers of columns, from one row or several: `2025 Q1`.
fn combined(rows: &[Row], merges: &[Merge]) -> Headers {
    let mut columns: Vec<u32> = Vec::new();
    let mut names: Vec<Vec<(u32, u32, Rc<str>)>> = Vec::new();
    for row in rows {
        let mut spans = Vec::new();
        for cell in &row.cells {
            let last = last_column(cell, merges);
            spans.push((cell.column, last, Rc::clone(&cell.text)));
            columns.extend(cell.column..=last);
        }
        names.push(spans);
    }
    columns.sort_unstable();
    columns.dedup();
    let name = |column: u32| {
        let mut parts: Vec<&str> = Vec::new();
        for spans in &names {
            let before = spans.partition_point(|(first, _, _)| *first <= column);
            if let Some((_, last, text)) = before.checked_sub(1).and_then(|position| spans.get(position))
                && column <= *last
                && parts.last() != Some(&&**text)
            {
                parts.push(text);
            }
        }
        parts.join(" ").trim_end_matches([':', '：']).into()
    };
    Headers(columns.into_iter().map(|column| (column, name(column))).collect())
}
