//! Tables that go on on the next page, or below without rules.

use super::Table;

/// Columns that begin so near to each other are the same, in points.
const NEAR: f32 = 8.0;

/// Adds the rows of `next`, the first thing on the next page, to `table`, the last thing on its page, if it goes on with it.
/// Gives it back if it does not.
pub(in super::super) fn continued(table: &mut Table, mut next: Table) -> Option<Table> {
    if !is_same(table, &next) {
        return Some(next);
    }
    let repeated = repeated(table, &next);
    if repeated > 0 {
        table.header_rows = repeated;
    }
    let rows = table.rows;
    next.cells.retain(|cell| cell.row >= repeated);
    table.cells.extend(next.cells.into_iter().map(|mut cell| {
        cell.row += rows - repeated;
        cell
    }));
    table.rows += next.rows - repeated;
    None
}

fn is_same(table: &Table, next: &Table) -> bool {
    let (Some(last), Some(first)) = (table.lines().max_by_key(|line| line.page), next.lines().next()) else {
        return false;
    };
    let bottom = table.lines().filter(|line| line.page == last.page).map(|line| line.bottom).fold(f32::MIN, f32::max);
    let follows = match first.page.checked_sub(last.page) {
        Some(0) => first.top >= bottom - 1.0 && first.top < bottom + 1.5 * first.size && next.header_rows == 0,
        Some(1) => true,
        _ => false,
    };
    follows
        && table.columns.len() == next.columns.len()
        && (table.columns.iter().zip(&next.columns).all(|(a, b)| (a - b).abs() < NEAR) || repeated(table, next) > 0)
}

/// How many rows at the start of `next` repeat those of `table`.
fn repeated(table: &Table, next: &Table) -> usize {
    let row =
        |table: &Table, row: usize| table.row(row).iter().map(|cell| (cell.column, cell.text())).collect::<Vec<_>>();
    let most = table.rows.min(next.rows.saturating_sub(1)).min(3);
    (0..most).take_while(|n| row(table, *n) == row(next, *n)).count()
}
