//! Makes paragraphs of lines.
//!
//! A line ends its paragraph if the first word of the next line would have fitted behind it. That needs the right edge of
//! its column, which the lines around it show.

use super::chars::{cannot_begin_line, cannot_end_line, ends_sentence, holds_together, is_unspaced};
use super::lines::{Direction, TextLine};
use super::sizes::are_equal;
use super::tables::Table;

mod edges;
mod markers;

pub(super) use edges::Edges;
pub(super) use markers::{is_bullet, is_marker};

/// Lines that belong together: a paragraph, or the rows of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<TextLine>,
    pub(super) is_table: bool,
    /// The table that it is; `lines` are then those of its cells.
    pub(super) table: Option<Table>,
    /// The right edge of its column.
    pub(super) edge: f32,
    /// The left edge of its column.
    pub(super) left: f32,
}

impl Block {
    pub(super) fn size(&self) -> f32 {
        self.lines.first().map_or(0.0, |line| line.size)
    }

    pub(super) fn is_bold(&self) -> bool {
        self.lines.iter().all(|line| line.is_bold)
    }

    /// Whether it is one short line that is no sentence, such as a running head.
    fn stands_alone(&self) -> bool {
        let [line] = self.lines.as_slice() else { return false };
        self.edge - line.end > 0.12 * (self.edge - self.left)
            && !line.letters.iter().any(|letter| "。！？.!?".contains(letter.c))
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().map(TextLine::text).collect::<Vec<_>>().join(" ")
    }
}

/// The blocks of a page whose lines are in reading order. `is_title` tells lines that are headings of their own.
pub(super) fn blocks(lines: Vec<TextLine>, edges: &Edges, is_title: impl Fn(&TextLine) -> bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut run: Vec<TextLine> = Vec::new();
    for line in lines {
        if run.last().is_some_and(|last| !follows(last, &line, edges) || is_title(last) || is_title(&line)) {
            end_run(std::mem::take(&mut run), edges, &mut blocks);
        }
        run.push(line);
    }
    end_run(run, edges, &mut blocks);
    blocks
}

/// Whether `line` can belong to what `last` belongs to, by size, distance and place.
fn follows(last: &TextLine, line: &TextLine, edges: &Edges) -> bool {
    if last.direction != line.direction || last.page != line.page || last.is_row() != line.is_row() {
        return false;
    }
    if last.table.is_some() || line.table.is_some() {
        return false;
    }
    let size = last.size.max(1.0);
    let pitch = line.base - last.base;
    if last.is_row() {
        return pitch > 0.0 && pitch < 4.0 * size;
    }
    let gap = line.top - last.bottom;
    let usual = edges.leading(last).unwrap_or(pitch);
    let is_near = pitch > 0.3 * size && gap < 0.9 * size && pitch <= 1.25 * usual + 0.1 * size;
    let middle = |line: &TextLine| f32::midpoint(line.start, line.end);
    let is_below = (line.start - last.start).abs() <= 2.5 * size || (middle(line) - middle(last)).abs() < 0.6 * size;
    are_equal(last.size, line.size) && is_near && is_below && last.overlaps(line)
}

fn end_run(run: Vec<TextLine>, edges: &Edges, blocks: &mut Vec<Block>) {
    let Some(first) = run.first() else { return };
    if first.is_row() {
        blocks.push(Block { lines: run, is_table: true, ..Block::default() });
        return;
    }
    let column = Column::of(&run, edges);
    let starts: Vec<f32> = run.iter().map(|line| line.start).collect();
    let mut block = Block { edge: column.edge, left: column.left, ..Block::default() };
    for (n, line) in run.into_iter().enumerate() {
        let next_start = starts.get(n + 1).copied();
        if !block.lines.is_empty() && column.begins(&block.lines, &line, next_start) {
            let next = Block { edge: column.edge, left: column.left, ..Block::default() };
            blocks.push(std::mem::replace(&mut block, next));
        }
        block.lines.push(line);
    }
    blocks.push(block);
}

/// What a run of lines shows of its column.
struct Column {
    left: f32,
    edge: f32,
    /// Whether paragraphs begin further left than they go on.
    hangs: bool,
    /// Whether the run itself shows the edge.
    is_sure: bool,
    /// Whether the type is larger than the text's: a title, whose lines are of any length.
    is_large: bool,
}

impl Column {
    fn of(run: &[TextLine], edges: &Edges) -> Self {
        let left = run.iter().map(|line| line.start).fold(f32::MAX, f32::min);
        let mut ends: Vec<f32> = run.iter().map(|line| line.end).collect();
        ends.sort_by(f32::total_cmp);
        let furthest = ends.last().copied().unwrap_or_default();
        let is_sure = run.len() >= 4;
        let own = if is_sure { ends.get(run.len() * 3 / 4).copied().unwrap_or(furthest) } else { furthest };
        let edge = if is_sure { own } else { run.first().and_then(|line| edges.edge(line)).unwrap_or(own).max(own) };
        let is_large = run.first().is_some_and(|line| edges.is_large(line));
        let mut column = Self { left, edge, hangs: false, is_sure, is_large };
        column.hangs = column.is_hanging(run);
        column
    }

    /// After a line that ends its paragraph comes one that begins another: whether those are the ones further left.
    fn is_hanging(&self, run: &[TextLine]) -> bool {
        let is_indented = |line: &TextLine| line.start > self.left + 0.7 * line.size;
        let indented = run.iter().filter(|line| is_indented(line)).count();
        let (mut left, mut right) = (0, 0);
        for (last, line) in run.iter().zip(run.iter().skip(1)) {
            if self.fits(last, line) {
                if is_indented(line) {
                    right += 1;
                } else {
                    left += 1;
                }
            }
        }
        match run.first() {
            Some(first) if left + right == 0 => !is_indented(first) && indented * 2 > run.len(),
            Some(first) => left > right && indented * 3 >= run.len() && !is_indented(first),
            None => false,
        }
    }

    /// Whether the first word of `next` would have had room behind `line`.
    fn fits(&self, line: &TextLine, next: &TextLine) -> bool {
        fits(self.edge, line, next)
    }

    /// Whether `line` begins a paragraph after the lines of `block`.
    fn begins(&self, block: &[TextLine], line: &TextLine, next_start: Option<f32>) -> bool {
        let (Some(first), Some(last)) = (block.first(), block.last()) else { return true };
        let (text, last_text) = (line.text(), last.text());
        let is_ended = ends_sentence(&last_text) || last_text.ends_with([':', '：', ';', '；']);
        // Only the head of the first line counts, which is looked at again for each line.
        let is_list = is_marker(&first.head());
        if is_bullet(&text) && !(is_list && line.start > first.start + 0.5 * line.size) {
            return true;
        }
        let fits = self.fits(last, line);
        if is_marker(&text) && (is_ended || fits) {
            return true;
        }
        let is_indented = line.start > self.left + 0.7 * line.size;
        if self.hangs {
            if !is_indented && last.start > self.left + 0.7 * line.size && !is_list {
                return true;
            }
        } else if !is_list && line.start > last.start + 0.7 * line.size && is_indented && !is_centered(last, line) {
            let goes_back = next_start.is_none_or(|next| next < line.start - 0.5 * line.size);
            if goes_back || is_ended {
                return true;
            }
        }
        // Bold lines and others after them: a heading of the text's size.
        let is_other = (first.is_bold && last.is_bold) != line.is_bold;
        if is_other && (fits || is_ended) && !starts_small(&text) {
            return true;
        }
        if !fits {
            return false;
        }
        if !is_ended && (starts_small(&text) || self.is_large || self.edge - last.end < 0.12 * (self.edge - self.left))
        {
            return false;
        }
        // Few lines do not show their edge: the first of them is full if the next is shorter.
        let wraps = !is_ended && last.end >= line.end - 0.5 * line.size && last.end - last.start > 8.0 * last.size;
        self.is_sure || !wraps
    }
}

/// Whether the first word of `next` would have had room before `edge` behind `line`.
pub(super) fn fits(edge: f32, line: &TextLine, next: &TextLine) -> bool {
    let mut end = next.end;
    let mut before = None;
    for letter in &next.letters {
        if let Some(before) = before {
            let parts = letter.c == ' '
                || before == '-'
                || ((is_unspaced(before) || is_unspaced(letter.c))
                    && !cannot_begin_line(letter.c)
                    && !cannot_end_line(before)
                    && !holds_together(before)
                    && !holds_together(letter.c));
            if parts {
                end = letter.at;
                break;
            }
        }
        before = Some(letter.c);
    }
    let is_spaced = !line.last().is_none_or(is_unspaced) && !next.first().is_none_or(is_unspaced);
    // Ideographs may leave room for one of them, since punctuation must not begin a line.
    let slack = if is_spaced { 0.3 } else { 0.6 };
    edge - line.end > (end - next.start) + slack * line.size
}

fn is_centered(last: &TextLine, line: &TextLine) -> bool {
    let middle = |line: &TextLine| f32::midpoint(line.start, line.end);
    (middle(last) - middle(line)).abs() < 0.6 * line.size
}

/// Whether the text goes on with what came before, by its first letter.
pub(super) fn starts_small(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_lowercase() || (cannot_begin_line(c) && c != '…'))
}

/// How many blocks may stand between two parts of a paragraph.
const MAX_BETWEEN: usize = 12;

/// Joins paragraphs that go on in the next column or on the next page.
pub(super) fn joined(blocks: Vec<Block>, is_heading: impl Fn(&Block) -> bool) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        // Footnotes, captions and tables may stand between.
        let size = block.size();
        let page = block.lines.first().map(|line| line.page);
        let is_between = |other: &&mut Block| {
            let is_on_page = other.lines.first().map(|line| line.page) == page;
            other.is_table || other.size() < size - 0.5 || (is_on_page && other.stands_alone() && !is_heading(other))
        };
        let before = joined.iter_mut().rev().take(MAX_BETWEEN).find(|other| !is_between(other));
        match before {
            Some(before) if !is_heading(before) && !is_heading(&block) && goes_on(before, &block) => {
                before.lines.extend(block.lines);
                (before.edge, before.left) = (block.edge, block.left);
            }
            _ => joined.push(block),
        }
    }
    joined
}

/// Whether `block`, in the next column or on the next page, goes on with the last sentence of `before`.
fn goes_on(before: &Block, block: &Block) -> bool {
    let (Some(last), Some(first)) = (before.lines.last(), block.lines.first()) else { return false };
    let is_next_page = first.page == last.page + 1;
    let is_next_column = first.page == last.page && (first.top < last.top - last.size || first.start > last.end);
    let (text, last_text) = (first.text(), last.text());
    if before.is_table
        || block.is_table
        || !(is_next_page || is_next_column)
        || last.direction != first.direction
        || !are_equal(last.size, first.size)
        || ends_sentence(&last_text)
        || is_marker(&text)
        || block.stands_alone()
    {
        return false;
    }
    if starts_small(&text) {
        return true;
    }
    let is_indented = first.start > block.left + 0.7 * first.size;
    let was_indented = before.lines.first().is_some_and(|line| line.start > before.left + 0.7 * line.size);
    let is_turned = first.direction == Direction::Down;
    !(fits(before.edge, last, first) || (is_indented && (was_indented || is_turned)))
}

#[cfg(test)]
mod tests;
