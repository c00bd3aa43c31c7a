//! Puts recognised lines into reading order, which a picture does not tell: columns one after the other, rows from the top.

use super::super::chars::is_unspaced;
use super::super::lines::{Direction, Letter, Piece, TextLine};

/// A column of prose has at least so many lines.
const MIN_LINES: usize = 4;
/// The narrowest column of prose, in times the size.
const MIN_COLUMN: f32 = 10.0;
/// Gaps wider than this many times the size part the cells of a row.
const WIDE_GAP: f32 = 2.0;
/// Columns are in columns at most so many times.
const MAX_DEPTH: usize = 8;

/// The lines in reading order. Those that run down come last, in no order: that is known of them without a picture, too.
pub(super) fn ordered(lines: Vec<TextLine>) -> Vec<TextLine> {
    let (mut level, turned): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.direction == Direction::Right);
    level.sort_by(|a, b| a.base.total_cmp(&b.base));
    let mut ordered = Vec::with_capacity(level.len() + turned.len());
    parted(level, MAX_DEPTH, &mut ordered);
    ordered.extend(turned);
    ordered
}

/// Parts lines, which are sorted by their height, where columns stand beside each other.
fn parted(lines: Vec<TextLine>, depth: usize, ordered: &mut Vec<TextLine>) {
    let columns = if depth > 0 { columns(&lines) } else { None };
    let Some(Columns { gutter, from, to }) = columns else { return rows(lines, ordered) };
    let mut above = lines;
    let mut between = above.split_off(from);
    let below = between.split_off(to - from);
    let (left, right): (Vec<_>, Vec<_>) = between.into_iter().partition(|line| line.end <= gutter);
    // What is above and below may have columns of its own, but not these.
    parted(above, depth - 1, ordered);
    parted(left, depth - 1, ordered);
    parted(right, depth - 1, ordered);
    parted(below, depth - 1, ordered);
}

/// Lines beside each other on both sides of a gutter: those from `from` up to but not including `to`.
struct Columns {
    gutter: f32,
    from: usize,
    to: usize,
}

/// The longest run of lines with a gutter between them.
fn columns(lines: &[TextLine]) -> Option<Columns> {
    let mut best: Option<Columns> = None;
    let mut gutters: Vec<f32> = lines.iter().map(|line| line.start - 0.3 * line.size).collect();
    gutters.sort_by(f32::total_cmp);
    gutters.dedup_by(|a, b| (*a - *b).abs() < 3.0);
    for gutter in gutters {
        let crosses = |line: &TextLine| line.start < gutter && line.end > gutter - 0.5 * line.size;
        let mut from = 0;
        for to in 0..=lines.len() {
            if to < lines.len() && !crosses(&lines[to]) {
                continue;
            }
            let run = &lines[from..to];
            if best.as_ref().is_none_or(|best| run.len() > best.to - best.from) && are_columns(run, gutter) {
                best = Some(Columns { gutter, from, to });
            }
            from = to + 1;
        }
    }
    best
}

/// Whether there is prose on both sides of the gutter, at the same height.
fn are_columns(run: &[TextLine], gutter: f32) -> bool {
    if run.len() < 2 * MIN_LINES {
        return false;
    }
    let (left, right): (Vec<&TextLine>, Vec<&TextLine>) = run.iter().partition(|line| line.end <= gutter);
    let is_prose = |lines: &[&TextLine]| {
        let widths: f32 = lines.iter().map(|line| (line.end - line.start) / line.size.max(1.0)).sum();
        lines.len() >= MIN_LINES && widths / lines.len() as f32 >= MIN_COLUMN
    };
    let heights = |lines: &[&TextLine]| {
        lines.iter().fold((f32::MAX, f32::MIN), |(top, bottom), line| (top.min(line.top), bottom.max(line.bottom)))
    };
    let (a, b) = (heights(&left), heights(&right));
    let shared = a.1.min(b.1) - a.0.max(b.0);
    is_prose(&left) && is_prose(&right) && shared > 0.5 * (a.1 - a.0).min(b.1 - b.0)
}

/// Joins lines at the same height: the detector parts a line at a wide space, and a row at each cell.
fn rows(lines: Vec<TextLine>, ordered: &mut Vec<TextLine>) {
    let mut row: Vec<TextLine> = Vec::new();
    for line in lines {
        let is_beside = |other: &TextLine| {
            (other.base - line.base).abs() < 0.5 * other.size.min(line.size) && !other.overlaps(&line)
        };
        if !row.is_empty() && !row.iter().all(is_beside) {
            ordered.extend(joined(std::mem::take(&mut row)));
        }
        row.push(line);
    }
    ordered.extend(joined(row));
}

fn joined(mut row: Vec<TextLine>) -> Option<TextLine> {
    row.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut parts = row.into_iter();
    let mut whole = parts.next()?;
    for part in parts {
        append(&mut whole, part);
    }
    Some(whole)
}

fn append(whole: &mut TextLine, part: TextLine) {
    let is_cell = part.start - whole.end > WIDE_GAP * whole.size.min(part.size);
    let unspaced = |c: Option<char>| c.is_none_or(is_unspaced);
    if !is_cell && !unspaced(whole.last()) && !unspaced(part.first()) {
        whole.letters.push(Letter { c: ' ', at: whole.end });
    }
    let offset = whole.letters.len();
    if let (Some(a), Some(b)) = (&mut whole.recognised, part.recognised) {
        a.confidence = a.confidence.min(b.confidence);
    }
    if part.letters.len() > offset {
        (whole.size, whole.base) = (part.size, part.base);
    }
    whole.letters.extend(part.letters);
    let end = whole.letters.len();
    match whole.pieces.last_mut().filter(|_| !is_cell) {
        Some(last) => (last.letters.end, last.end) = (end, part.end),
        None => whole.pieces.push(Piece { letters: offset..end, start: part.start, end: part.end }),
    }
    whole.end = part.end;
    whole.top = whole.top.min(part.top);
    whole.bottom = whole.bottom.max(part.bottom);
}
