//! Tables whose cells have rules around them.

use std::collections::HashMap;

use super::super::lines::TextLine;
use super::super::rules::{Rule, Rules};
use super::{Cell, Found, Table, may_be_in_table, parts};

/// Rules that are so near to each other meet, in points.
const NEAR: f32 = 3.0;
/// More rows or columns are no table.
const MAX_BANDS: usize = 400;
/// Nor are more places for cells.
const MAX_PLACES: usize = 5_000;
/// Cells that are longer on average, in characters, hold running text: the rules only frame it.
const LONG_CELL: usize = 250;

/// The tables with rules around their cells.
pub(super) fn tables(lines: &[Option<TextLine>], rules: &Rules) -> Vec<Found> {
    groups(rules).iter().filter_map(Grid::of).filter_map(|grid| grid.table(lines)).collect()
}

/// Rules that are connected.
#[derive(Default)]
struct Group {
    level: Vec<Rule>,
    upright: Vec<Rule>,
}

/// The one that stands for a group, by the parents of all.
fn root(parents: &mut [usize], mut of: usize) -> usize {
    while parents[of] != of {
        parents[of] = parents[parents[of]];
        of = parents[of];
    }
    of
}

/// Parts the rules into connected groups.
fn groups(rules: &Rules) -> Vec<Group> {
    let levels = rules.level.len();
    let mut parents: Vec<usize> = (0..levels + rules.upright.len()).collect();
    let mut by_height: Vec<usize> = (0..levels).collect();
    by_height.sort_by(|a, b| rules.level[*a].at.total_cmp(&rules.level[*b].at));
    for (n, upright) in rules.upright.iter().enumerate() {
        let first = by_height.partition_point(|level| rules.level[*level].at < upright.from - NEAR);
        let met = by_height[first..].iter().take_while(|level| rules.level[**level].at <= upright.to + NEAR);
        for &level in met {
            let rule = rules.level[level];
            if rule.from - NEAR <= upright.at && upright.at <= rule.to + NEAR {
                let (a, b) = (root(&mut parents, level), root(&mut parents, levels + n));
                parents[a] = b;
            }
        }
    }
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for n in 0..parents.len() {
        let of = root(&mut parents, n);
        let number = *numbers.entry(of).or_insert_with(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(number) {
            match n.checked_sub(levels) {
                None => group.level.push(rules.level[n]),
                Some(n) => group.upright.push(rules.upright[n]),
            }
        }
    }
    groups.retain(|group| !group.level.is_empty() && !group.upright.is_empty());
    groups
}

/// A grid of rows and columns, of which some are merged.
struct Grid {
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// For each place in the grid, row by row, the first row and column of its cell and those behind its last.
    cells: Vec<(usize, usize, usize, usize)>,
}

impl Grid {
    /// The grid of connected rules; `None` if it does not have at least two rows and two columns.
    fn of(group: &Group) -> Option<Self> {
        let ends = |rules: &[Rule]| {
            let from = rules.iter().map(|rule| rule.from).fold(f32::MAX, f32::min);
            let to = rules.iter().map(|rule| rule.to).fold(f32::MIN, f32::max);
            [from, to]
        };
        // Sides may be open.
        let xs = distinct(group.upright.iter().map(|rule| rule.at).chain(ends(&group.level)));
        let ys = distinct(group.level.iter().map(|rule| rule.at).chain(ends(&group.upright)));
        let is_table = |edges: &Vec<f32>| (3..MAX_BANDS).contains(&edges.len());
        if !is_table(&xs) || !is_table(&ys) || xs.len() * ys.len() > MAX_PLACES {
            return None;
        }
        let (columns, rows) = (xs.len() - 1, ys.len() - 1);
        let mut cells: Vec<(usize, usize, usize, usize)> = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            for column in 0..columns {
                let (middle_x, middle_y) =
                    (f32::midpoint(xs[column], xs[column + 1]), f32::midpoint(ys[row], ys[row + 1]));
                let has_left = column == 0 || has_rule(&group.upright, xs[column], middle_y);
                let has_top = row == 0 || has_rule(&group.level, ys[row], middle_x);
                let cell = match (has_left, has_top) {
                    (false, _) => cells[row * columns + column - 1],
                    (true, false) => cells[(row - 1) * columns + column],
                    (true, true) => (row, column, row, column),
                };
                // A merged cell is a rectangle that begins at the top left.
                let (top, left, bottom, right) = cell;
                cells.push((top, left, bottom.max(row), right.max(column)));
                if !has_left || !has_top {
                    let grown = (top, left, bottom.max(row), right.max(column));
                    for place in &mut cells {
                        if (place.0, place.1) == (top, left) {
                            *place = (top, left, place.2.max(grown.2), place.3.max(grown.3));
                        }
                    }
                }
            }
        }
        Some(Self { xs, ys, cells })
    }

    fn table(self, lines: &[Option<TextLine>]) -> Option<Found> {
        let (columns, rows) = (self.xs.len() - 1, self.ys.len() - 1);
        let mut held: Vec<Vec<TextLine>> = vec![Vec::new(); rows * columns];
        let (mut own, mut rest) = (Vec::new(), Vec::new());
        for (n, line) in lines.iter().enumerate() {
            let Some(line) = line.as_ref().filter(|line| may_be_in_table(line)) else { continue };
            let middle = f32::midpoint(line.top, line.bottom);
            if band(&self.ys, middle).is_none() || line.end < self.xs[0] || line.start > self.xs[columns] {
                continue;
            }
            let is_edge = |gap: (f32, f32)| self.xs.iter().any(|x| gap.0 - 1.0 <= *x && *x <= gap.1 + 1.0);
            let mut outside = None;
            for part in parts(line, is_edge) {
                let at = (band(&self.ys, middle), band(&self.xs, f32::midpoint(part.start, part.end)));
                if let (Some(row), Some(column)) = at {
                    let (top, left, ..) = self.cells[row * columns + column];
                    held[top * columns + left].push(part);
                } else {
                    outside.get_or_insert(part);
                }
            }
            own.push(n);
            rest.extend(outside.map(|outside| (n, outside)));
        }
        let mut cells = Vec::new();
        let mut places = 0;
        let mut letters = 0;
        for row in 0..rows {
            for column in 0..columns {
                let (top, left, bottom, right) = self.cells[row * columns + column];
                if (top, left) != (row, column) {
                    continue;
                }
                places += 1;
                let lines = std::mem::take(&mut held[row * columns + column]);
                if !lines.is_empty() {
                    letters += lines.iter().map(|line| line.letters.len()).sum::<usize>();
                    cells.push(Cell { row, column, rows: bottom - row + 1, columns: right - column + 1, lines });
                }
            }
        }
        let table = compact(Table { cells, rows, columns: self.xs[..columns].to_vec(), header_rows: 0 });
        let has_rows = table.rows > 1 && table.columns.len() > 1;
        let is_filled = table.cells.len() * 5 >= places * 2;
        let is_text = letters > table.cells.len().max(1) * LONG_CELL;
        (has_rows && is_filled && !is_text).then_some(Found { table, lines: own, rest })
    }
}

/// Leaves out rows and columns without text: the space between double rules.
fn compact(mut table: Table) -> Table {
    let mut rows = vec![false; table.rows];
    let mut columns = vec![false; table.columns.len()];
    for cell in &table.cells {
        rows[cell.row] = true;
        columns[cell.column] = true;
    }
    let before = |kept: &[bool], n: usize| kept.iter().take(n).filter(|kept| **kept).count();
    for cell in &mut table.cells {
        let (row, column) = (before(&rows, cell.row), before(&columns, cell.column));
        cell.rows = before(&rows, cell.row + cell.rows).saturating_sub(row).max(1);
        cell.columns = before(&columns, cell.column + cell.columns).saturating_sub(column).max(1);
        (cell.row, cell.column) = (row, column);
    }
    table.rows = before(&rows, rows.len());
    let mut kept = columns.iter();
    table.columns.retain(|_| kept.next().is_some_and(|kept| *kept));
    for (column, left) in table.columns.iter_mut().enumerate() {
        let own = table.cells.iter().filter(|cell| cell.column == column).flat_map(|cell| &cell.lines);
        *left = own.map(|line| line.start).reduce(f32::min).unwrap_or(*left);
    }
    table
}

/// Values without those that are near to one before, in order.
fn distinct(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.dedup_by(|a, b| *a - *b < NEAR);
    values
}

/// The band between two of the edges that a place is in.
fn band(edges: &[f32], at: f32) -> Option<usize> {
    let behind = edges.partition_point(|edge| *edge <= at);
    (behind > 0 && behind < edges.len()).then(|| behind - 1)
}

fn has_rule(rules: &[Rule], at: f32, along: f32) -> bool {
    rules.iter().any(|rule| (rule.at - at).abs() <= NEAR && rule.from <= along && along <= rule.to)
}
