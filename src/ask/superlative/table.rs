//! The table that a row is of: its columns, and what their cells say in figures.

use std::collections::HashSet;

use super::words::superlatives;
use crate::passage::{Row, Span};
use crate::quantities::{Kind, Measure, quantities};
use crate::tables::{cells, rows_below};
use crate::terms::{fold, terms};

/// Rows of a table that are compared at most.
const MOST_ROWS: usize = 2_000;
/// Rows that tell the kind of a column.
const SAMPLE: usize = 3;

/// A figure of a column, and where its row is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::ask) struct Figure {
    pub(in crate::ask) row: Span,
    pub(in crate::ask) kind: Kind,
    pub(in crate::ask) value: f64,
}

/// A table.
pub(in crate::ask) struct Table<'t> {
    /// From its first row to its last.
    pub(in crate::ask) span: Span,
    pub(in crate::ask) names: Vec<&'t str>,
    rows: Vec<(Span, Vec<&'t str>)>,
}

impl<'t> Table<'t> {
    /// That of `row` in `text`, without rows that sum it up. `marked` are the rows that the document's reader marked. `None` if it
    /// is too large.
    pub(in crate::ask) fn of(text: &'t str, marked: &[Row], row: Row) -> Option<Self> {
        let slice = |span: Span| text.get(span.range()).unwrap_or_default();
        let place = marked.iter().position(|other| other.span.start == row.span.start);
        let (names, spans): (Vec<&str>, Vec<Span>) = match (row.header, place) {
            (Some(header), None) => (cells(slice(header)).collect(), rows_below(text, header)),
            (Some(header), Some(_)) => {
                let of_table = marked.iter().filter(|other| other.header == Some(header)).map(|other| other.span);
                (cells(slice(header)).collect(), of_table.collect())
            }
            (None, Some(place)) => {
                (named(slice(row.span)).map(|(name, _)| name).collect(), neighbours(text, marked, place))
            }
            (None, None) => return None,
        };
        let span = Span::new(spans.first()?.start, spans.last()?.end);
        if spans.len() > MOST_ROWS {
            return None;
        }
        let of_row = |span: Span| -> (Span, Vec<&'t str>) {
            match row.header {
                Some(_) => (span, cells(slice(span)).collect()),
                None => (span, named(slice(span)).map(|(_, cell)| cell).collect()),
            }
        };
        let rows: Vec<(Span, Vec<&str>)> =
            spans.into_iter().map(of_row).filter(|(_, cells)| !is_total(cells)).collect();
        Some(Self { span, names, rows })
    }

    /// The figures of a column; `None` unless every row has one, or says with a dash that it has none.
    pub(in crate::ask) fn figures(&self, column: usize) -> Option<Vec<Figure>> {
        let mut figures = Vec::with_capacity(self.rows.len());
        for (row, cells) in &self.rows {
            let cell = cells.get(column).copied().unwrap_or_default().trim();
            if is_missing(cell) {
                continue;
            }
            let (kind, value) = amount(cell)?;
            figures.push(Figure { row: *row, kind, value });
        }
        (figures.len() > 1 && 2 * figures.len() > self.rows.len()).then_some(figures)
    }

    /// Whether the first cells of a column have figures of such a kind.
    pub(in crate::ask) fn is_of(&self, column: usize, is_kind: impl Fn(Kind) -> bool) -> bool {
        let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(column)).filter(|cell| !is_missing(cell.trim()));
        let mut sample = cells.take(SAMPLE).map(|cell| amount(cell)).peekable();
        sample.peek().is_some() && sample.all(|found| found.is_some_and(|(kind, _)| is_kind(kind)))
    }

    /// Whether one of some words, each given by what tells whether a text with some terms has it, is in some rows and not in all.
    pub(in crate::ask) fn tells_apart(
        &self,
        words: &[usize],
        found_in: impl Fn(&HashSet<String>) -> Vec<bool>,
    ) -> bool {
        let mut counts = vec![0; words.len()];
        for (_, cells) in &self.rows {
            let found = found_in(&terms(&cells.join(" ")).into_iter().collect());
            for (count, word) in counts.iter_mut().zip(words) {
                *count += usize::from(found.get(*word) == Some(&true));
            }
        }
        counts.into_iter().any(|count| count > 0 && count < self.rows.len())
    }
}

/// The rows around a marked one that name their columns as it does, up to the first gap.
fn neighbours(text: &str, marked: &[Row], place: usize) -> Vec<Span> {
    let names = |row: &Row| -> Vec<&str> {
        named(text.get(row.span.range()).unwrap_or_default()).map(|(name, _)| name).collect()
    };
    let own = names(&marked[place]);
    let belongs = |row: &Row, gap: Option<&str>| {
        row.header.is_none()
            && names(row) == own
            && gap.is_some_and(|gap| gap.trim().is_empty() && gap.matches('\n').count() < 2)
    };
    let (mut first, mut last) = (place, place);
    while let Some(before) = first.checked_sub(1)
        && belongs(&marked[before], text.get(marked[before].span.end..marked[first].span.start))
    {
        first = before;
    }
    while let Some(next) = marked.get(last + 1)
        && belongs(next, text.get(marked[last].span.end..next.span.start))
    {
        last += 1;
    }
    marked[first..=last].iter().map(|row| row.span).collect()
}

/// The columns of a row that names them: `Bank: ECB; Rate: 2.15 %`.
fn named(row: &str) -> impl Iterator<Item = (&str, &str)> {
    row.split("; ").filter_map(|cell| cell.split_once(": ")).map(|(name, cell)| (name.trim(), cell.trim()))
}

/// Whether a row sums up the others.
fn is_total(cells: &[&str]) -> bool {
    let first = fold(cells.iter().find(|cell| !cell.is_empty()).copied().unwrap_or_default());
    let first = first.trim_matches(|c: char| !c.is_alphanumeric());
    superlatives().totals.split('|').any(|total| total == first)
}

fn is_missing(cell: &str) -> bool {
    cell.chars().all(|c| !c.is_alphanumeric()) || matches!(cell, "n/a" | "N/A" | "n. a." | "k. A." | "無" | "无")
}

/// What a cell says in figures: the middle of "7–13 l", the sum of "1 h 50 min".
fn amount(cell: &str) -> Option<(Kind, f64)> {
    let found = quantities(cell);
    let amounts: Vec<(Kind, f64)> = found
        .iter()
        .filter_map(|quantity| {
            quantity.readings.iter().find_map(|measure| match measure {
                Measure::Amount(amount) if amount.kind != Kind::Ordinal => Some((amount.kind, amount.value)),
                _ => None,
            })
        })
        .collect();
    match amounts.as_slice() {
        [one] => Some(*one),
        [(first, a), (second, b)] => {
            let between = cell.get(found[0].span.end..found[1].span.start).unwrap_or_default();
            let is_range = between.contains(['-', '–', '—', '~', '～', '至']) || matches!(between.trim(), "to" | "bis");
            match first == second || *first == Kind::Count {
                true if is_range => Some((*second, f64::midpoint(*a, *b))),
                true if *second == Kind::Duration && first == second => Some((*second, a + b)),
                _ => None,
            }
        }
        _ => None,
    }
}
