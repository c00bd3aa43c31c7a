//! Tables without rules around their cells: their columns stand one below the other, with white space between them.
//!
//! Prose in columns has such white space, too. But its content comes column by column, and that of a table row by row.

use super::super::lines::TextLine;
use super::super::paragraphs::is_marker;
use super::super::rules::Rules;
use super::gutters::{Band, Gutter, bands, best};
use super::{Cell, Found, Table, may_be_in_table, parts};

/// A table has at least so many rows.
const MIN_ROWS: usize = 3;
/// A page with more lines from top to bottom is a drawing.
const MAX_BANDS: usize = 400;
/// Lines whose distance is at most so many times their size can be those of one cell.
const TIGHT: f32 = 1.5;
/// Where both columns are wider on average, in times the size, they are columns of prose.
const WIDE_COLUMN: f32 = 12.0;

/// The tables among the lines of a page.
pub(super) fn tables(lines: &[Option<TextLine>], rules: &Rules) -> Vec<Found> {
    let mut found = Vec::new();
    let mut run: Vec<usize> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let Some(line) = line else { continue };
        let last = run.last().and_then(|last| lines[*last].as_ref());
        let is_near =
            last.is_none_or(|last| line.top > last.top - 14.0 * last.size && line.top < last.bottom + 5.0 * last.size);
        if !is_near || !may_be_in_table(line) {
            in_run(&std::mem::take(&mut run), lines, rules, &mut found);
        }
        if may_be_in_table(line) {
            run.push(n);
        }
    }
    in_run(&run, lines, rules, &mut found);
    found
}

/// Adds the tables among lines that follow one another.
fn in_run(run: &[usize], lines: &[Option<TextLine>], rules: &Rules, found: &mut Vec<Found>) {
    if run.len() < MIN_ROWS {
        return;
    }
    let bands = bands(run, lines);
    if bands.len() > MAX_BANDS {
        return;
    }
    let mut open = vec![(0, bands.len())];
    while let Some((from, to)) = open.pop() {
        let Some(stretch) = bands.get(from..to).filter(|stretch| stretch.len() >= MIN_ROWS) else { continue };
        let Some((first, last, gutters)) = best(stretch, rules) else { continue };
        open.push((from, from + first));
        open.push((from + last + 1, to));
        found.extend(table(&stretch[first..=last], &stretch[..first], &gutters, lines, rules));
    }
}

/// A part of a line in a column.
struct Part {
    line: usize,
    column: usize,
    text: TextLine,
}

fn table(
    bands: &[Band],
    above: &[Band],
    gutters: &[Gutter],
    lines: &[Option<TextLine>],
    rules: &Rules,
) -> Option<Found> {
    let mut numbers: Vec<usize> = bands.iter().flat_map(|band| band.lines.iter().copied()).collect();
    numbers.sort_unstable();
    let mut all: Vec<Part> = Vec::new();
    for &line in &numbers {
        let Some(text) = lines[line].as_ref() else { continue };
        let is_gutter = |gap: (f32, f32)| gutters.iter().any(|gutter| gap.0 < gutter.to && gap.1 > gutter.from);
        all.extend(parts(text, is_gutter).into_iter().map(|text| Part { line, column: column(gutters, &text), text }));
    }
    let mut rows = rows(all, rules);
    let is_alone = |row: &Vec<Part>| row.iter().all(|part| part.column == row[0].column);
    while rows.first().is_some_and(is_alone) {
        rows.remove(0);
    }
    while rows.last().is_some_and(is_alone) {
        rows.pop();
    }
    let whole = rows.iter().filter(|row| !is_alone(row)).count();
    if whole < MIN_ROWS {
        return None;
    }
    let mut columns = vec![f32::MAX; gutters.len() + 1];
    let mut table = Table { rows: rows.len(), ..Table::default() };
    let mut own: Vec<usize> = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        let first = table.cells.len();
        for Part { line, column, text } in row {
            own.push(line);
            columns[column] = columns[column].min(text.start);
            match table.cells[first..].iter_mut().find(|cell| cell.column == column) {
                Some(cell) => cell.lines.push(text),
                None => table.cells.push(Cell { row: number, column, rows: 1, columns: 1, lines: vec![text] }),
            }
        }
    }
    table.columns = columns;
    table.cells.sort_by_key(|cell| (cell.row, cell.column));
    if is_prose(&table) || is_list(&table) || is_contents(&table) || is_form(&table) {
        return None;
    }
    // A name beside them may stand at another height.
    for count in 1..=above.len().min(2) {
        if add_spanning(&above[above.len() - count..], &mut table, &mut own, gutters, lines) {
            break;
        }
    }
    own.sort_unstable();
    own.dedup();
    Some(Found { table, lines: own, rest: Vec::new() })
}

/// The column that a part of a line is in.
fn column(gutters: &[Gutter], text: &TextLine) -> usize {
    let middle = f32::midpoint(text.start, text.end);
    gutters.partition_point(|gutter| f32::midpoint(gutter.from, gutter.to) < middle)
}

/// Puts parts, in the order of the page's content, into rows.
fn rows(parts: Vec<Part>, rules: &Rules) -> Vec<Vec<Part>> {
    let order: Vec<(usize, f32)> = parts.iter().map(|part| (part.column, part.text.base)).collect();
    let mut rows: Vec<Vec<Part>> = Vec::new();
    for (n, part) in parts.into_iter().enumerate() {
        if let Some(row) = rows.last_mut()
            && goes_on(row, &part, &order[n..], rules)
        {
            row.push(part);
        } else {
            rows.push(vec![part]);
        }
    }
    rows
}

/// Whether a part belongs to the row before it. `ahead` are the columns and baselines from this part on.
fn goes_on(row: &[Part], part: &Part, ahead: &[(usize, f32)], rules: &Rules) -> bool {
    let Some(last) = row.last() else { return false };
    let size = part.text.size.max(1.0);
    let bottom = row.iter().map(|other| other.text.bottom).fold(f32::MIN, f32::max);
    let is_beside = part.text.top < bottom - 0.2 * size;
    if part.column > last.column && is_beside {
        return true;
    }
    let Some(above) = row.iter().rev().find(|other| other.column == part.column) else {
        return is_beside && part.column > row[0].column;
    };
    let pitch = part.text.base - above.text.base;
    if pitch.abs() < 0.3 * size {
        // A wide gap inside a cell.
        return true;
    }
    if pitch < 0.0 || pitch > TIGHT * size || is_divided(above, part, rules) {
        return false;
    }
    if part.column > 0 && row.iter().any(|other| other.column == 0) {
        return part.column == last.column || is_beside;
    }
    // Whether the next column begins beside the lines before this one.
    let own = ahead.iter().take_while(|(column, _)| *column == part.column).last();
    let next =
        ahead.iter().skip_while(|(column, _)| *column == part.column).take_while(|(column, _)| *column > part.column);
    let highest = next.map(|(_, base)| *base).fold(f32::MAX, f32::min);
    part.column == last.column
        && row.iter().all(|other| other.column == part.column)
        && own.is_some_and(|own| highest < own.1 - 0.3 * size && highest > row[0].text.base - 3.0 * size)
}

/// Whether a rule or the edge of an area lies between two lines of a column.
fn is_divided(above: &Part, below: &Part, rules: &Rules) -> bool {
    let (from, to) = (above.text.base, below.text.base - 0.5 * below.text.size);
    let middle = f32::midpoint(below.text.start, below.text.end);
    let is_between = |y: f32| from < y && y < to;
    rules.level.iter().any(|rule| is_between(rule.at) && rule.from <= middle && middle <= rule.to)
        || rules
            .fills
            .iter()
            .any(|&(x0, y0, x1, y1)| x0 <= middle && middle <= x1 && (is_between(y0) || is_between(y1)))
}

/// Adds a row of names above, some over several columns, if these lines are one.
fn add_spanning(
    above: &[Band],
    table: &mut Table,
    own: &mut Vec<usize>,
    gutters: &[Gutter],
    lines: &[Option<TextLine>],
) -> bool {
    let Some(size) = table.lines().next().map(|line| line.size) else { return false };
    let top = table.row(0).iter().flat_map(|cell| &cell.lines).map(|line| line.top).fold(f32::MAX, f32::min);
    let mut cells = Vec::new();
    let mut used = Vec::new();
    for band in above.iter().rev() {
        if top - band.bottom > 1.6 * size {
            return false;
        }
        for &line in &band.lines {
            let Some(text) = lines[line].as_ref() else { return false };
            for text in parts(text, |gap| gap.1 - gap.0 > 0.8 * size) {
                let from = gutters.partition_point(|gutter| gutter.to <= text.start + 0.5);
                let to = gutters.partition_point(|gutter| gutter.from < text.end - 0.5);
                cells.push(Cell { row: 0, column: from, rows: 1, columns: to - from + 1, lines: vec![text] });
            }
            used.push(line);
        }
    }
    cells.sort_by_key(|cell| cell.column);
    let is_apart = cells.windows(2).all(|pair| pair[0].column + pair[0].columns <= pair[1].column);
    // The end of a paragraph stands at the left.
    let is_beside = cells.len() > 1 || cells.iter().any(|cell| cell.column > 0);
    let spans = cells.iter().any(|cell| cell.columns > 1 && cell.columns < table.columns.len());
    if !is_apart || !is_beside || !spans {
        return false;
    }
    for cell in &mut table.cells {
        cell.row += 1;
    }
    table.rows += 1;
    table.cells.extend(cells);
    table.cells.sort_by_key(|cell| (cell.row, cell.column));
    own.append(&mut used);
    true
}

/// Whether two columns are prose.
fn is_prose(table: &Table) -> bool {
    let mean = |column: usize| {
        let widths = || table.cells.iter().filter(|cell| cell.column == column).flat_map(|cell| &cell.lines);
        widths().map(|line| (line.end - line.start) / line.size.max(1.0)).sum::<f32>() / widths().count().max(1) as f32
    };
    table.columns.len() == 2 && mean(0) > WIDE_COLUMN && mean(1) > WIDE_COLUMN
}

/// Whether the first of two columns only has the marks of a list.
fn is_list(table: &Table) -> bool {
    let mut first = table.cells.iter().filter(|cell| cell.column == 0).map(Cell::text);
    let is_mark = |text: String| {
        text.chars().count() <= 8
            && (is_marker(&format!("{text} ")) || text.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    table.columns.len() == 2 && first.all(is_mark)
}

/// Whether most cells are labels with space behind them to fill in.
fn is_form(table: &Table) -> bool {
    let labels =
        table.cells.iter().filter(|cell| cell.text().trim_end_matches(['_', ' ']).ends_with([':', '：'])).count();
    labels * 2 > table.cells.len()
}

/// Whether it is a table of contents: titles, perhaps with numbers before them, and pages that go up.
fn is_contents(table: &Table) -> bool {
    let last = table.columns.len() - 1;
    let pages: Vec<Option<u32>> =
        table.cells.iter().filter(|cell| cell.column == last).map(|cell| cell.text().parse().ok()).collect();
    last <= 2 && pages.iter().all(Option::is_some) && pages.is_sorted() && pages.len() == table.rows
}
