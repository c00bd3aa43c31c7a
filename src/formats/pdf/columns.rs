//! Puts the lines of a page into reading order.
//!
//! The order of the content is right for most pages: producers write columns one after the other. Three cases are not:
//! lines that run from top to bottom, columns written line by line, and titles written last.

use super::lines::{Direction, Piece, TextLine};

/// The lines in reading order.
pub(super) fn ordered(lines: Vec<TextLine>) -> Vec<TextLine> {
    raised(unzipped(turned(lines)))
}

/// Orders runs of lines that go from top to bottom: from right to left in each tier, tiers from top to bottom.
fn turned(lines: Vec<TextLine>) -> Vec<TextLine> {
    let mut ordered = Vec::with_capacity(lines.len());
    let mut run = Vec::new();
    for line in lines {
        if line.direction == Direction::Down {
            run.push(line);
        } else {
            flush(&mut run, &mut ordered);
            ordered.push(line);
        }
    }
    flush(&mut run, &mut ordered);
    ordered
}

fn flush(run: &mut Vec<TextLine>, ordered: &mut Vec<TextLine>) {
    run.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut tier: Vec<TextLine> = Vec::new();
    let mut end = f32::MIN;
    for line in run.drain(..) {
        if line.start >= end - 0.5 * line.size {
            tier.sort_by(|a, b| a.top.total_cmp(&b.top));
            ordered.append(&mut tier);
        }
        end = end.max(line.end);
        tier.push(line);
    }
    tier.sort_by(|a, b| a.top.total_cmp(&b.top));
    ordered.append(&mut tier);
}

/// The fewest lines of two columns that are written line by line.
const MIN_ZIPPED: usize = 5;
/// The narrowest column of prose, in times the size.
const MIN_COLUMN: f32 = 12.0;

/// Parts columns that are written line by line: many lines of two pieces that are both wide and begin at the same places.
fn unzipped(lines: Vec<TextLine>) -> Vec<TextLine> {
    let mut ordered = Vec::with_capacity(lines.len());
    let mut run: Vec<TextLine> = Vec::new();
    for line in lines {
        if !run.first().is_none_or(|first| is_zipped_like(&line, first)) || !may_be_zipped(&line) {
            unzip(&mut run, &mut ordered);
        }
        if may_be_zipped(&line) {
            run.push(line);
        } else {
            ordered.push(line);
        }
    }
    unzip(&mut run, &mut ordered);
    ordered
}

fn may_be_zipped(line: &TextLine) -> bool {
    let is_wide = |piece: &Piece| piece.end - piece.start > 0.3 * MIN_COLUMN * line.size;
    line.direction == Direction::Right && line.pieces.len() == 2 && line.pieces.iter().all(is_wide)
}

fn is_zipped_like(line: &TextLine, first: &TextLine) -> bool {
    let near = |a: Option<&Piece>, b: Option<&Piece>| match (a, b) {
        (Some(a), Some(b)) => (a.start - b.start).abs() < 2.5 * first.size,
        _ => false,
    };
    near(line.pieces.first(), first.pieces.first()) && near(line.pieces.get(1), first.pieces.get(1))
}

fn unzip(run: &mut Vec<TextLine>, ordered: &mut Vec<TextLine>) {
    let mean = |n: usize| {
        let widths = run
            .iter()
            .filter_map(|line| line.pieces.get(n).map(|piece| (piece.end - piece.start) / line.size.max(1.0)));
        widths.sum::<f32>() / run.len().max(1) as f32
    };
    if run.len() < MIN_ZIPPED || mean(0) < MIN_COLUMN || mean(1) < MIN_COLUMN {
        ordered.append(run);
        return;
    }
    let mut right = Vec::with_capacity(run.len());
    for line in run.drain(..) {
        let mut pieces = line.split().into_iter();
        ordered.extend(pieces.next());
        right.extend(pieces);
    }
    ordered.append(&mut right);
}

/// Moves lines to the front that stand wholly above all before them and over the first of these.
fn raised(lines: Vec<TextLine>) -> Vec<TextLine> {
    let mut groups: Vec<Vec<TextLine>> = Vec::new();
    let mut front = f32::MAX;
    let mut above = f32::MAX;
    for line in lines {
        let is_higher = line.direction == Direction::Right
            && groups.last().and_then(|group| group.first()).is_some_and(|first| {
                first.direction == Direction::Right && line.overlaps(first) && line.bottom <= front + 0.2 * line.size
            });
        let continues = line.bottom <= above + 0.2 * line.size && groups.len() > 1;
        if groups.is_empty() {
            groups.push(vec![line]);
            front = groups[0][0].top;
        } else if is_higher {
            above = front;
            front = line.top;
            groups.push(vec![line]);
        } else {
            front = front.min(line.top);
            let group = if continues { groups.len() - 1 } else { 0 };
            if !continues {
                above = f32::MIN;
            }
            groups[group].push(line);
        }
    }
    groups.into_iter().rev().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{line, row};
    use super::*;

    fn texts(lines: Vec<TextLine>) -> Vec<String> {
        ordered(lines).iter().map(TextLine::text).collect()
    }

    #[test]
    fn a_title_that_is_written_last_comes_first() {
        let lines = vec![
            line("body", 50.0, 100.0),
            line("more", 50.0, 115.0),
            line("Title", 50.0, 40.0),
            line("by", 50.0, 60.0),
        ];
        assert_eq!(texts(lines), ["Title", "by", "body", "more"]);
    }

    #[test]
    fn a_column_that_begins_higher_stays_the_second() {
        let lines = vec![line("left", 50.0, 100.0), line("right", 300.0, 40.0)];
        assert_eq!(texts(lines), ["left", "right"]);
    }

    #[test]
    fn columns_written_line_by_line_are_parted() {
        let words = "a line of a column of prose";
        let lines = (0..6).map(|n| row(&[words, words], &[50.0, 320.0], 100.0 + 15.0 * n as f32)).collect();
        let ordered = ordered(lines);
        assert_eq!(ordered.len(), 12);
        assert!(ordered[..6].iter().all(|line| line.start < 60.0));
    }

    #[test]
    fn rows_of_a_table_stay_rows() {
        let lines = (0..6).map(|n| row(&["a cell", "another"], &[50.0, 320.0], 100.0 + 15.0 * n as f32)).collect();
        assert_eq!(ordered(lines).len(), 6);
    }
}
