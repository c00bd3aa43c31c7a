//! Makes lines of a page's characters.

mod accents;
mod leaders;
mod parts;
mod spacing;

use std::ops::Range;

use super::chars::{LINE_HYPHEN, SOFT_HYPHEN, is_unspaced, runs_left};
use super::posture::Recognised;
use super::sizes::Sizes;

/// A character on the page as shown, in points from the top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) x0: f32,
    pub(super) y0: f32,
    pub(super) x1: f32,
    pub(super) y1: f32,
    /// Its baseline's height.
    pub(super) base: f32,
    /// Its font's size.
    pub(super) size: f32,
    pub(super) is_bold: bool,
}

impl Glyph {
    /// The letters of a ligature, which share its width.
    pub(super) fn split(self, letters: &'static str) -> impl Iterator<Item = Self> {
        let width = (self.x1 - self.x0) / letters.len().max(1) as f32;
        letters.chars().enumerate().map(move |(n, c)| {
            let x0 = self.x0 + width * n as f32;
            Self { c, x0, x1: x0 + width, ..self }
        })
    }
}

/// What comes in the order of the page's content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    Glyph(Glyph),
    /// A gap that looks like a space.
    Gap,
    /// The end of a line.
    End,
}

/// Where a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Direction {
    #[default]
    Right,
    /// Arabic, Hebrew.
    Left,
    /// From top to bottom, the next line to the left.
    Down,
    /// From bottom to top, the next line to the right: turned text.
    Up,
}

/// A character of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letter {
    pub(super) c: char,
    /// Where it begins along the line.
    pub(super) at: f32,
}

/// A line. `start`, `end`, `top` and `bottom` are in the direction of reading: a line's end is greater than its start, and
/// the next line's top is greater than its own, also if it runs from top to bottom.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct TextLine {
    /// From 1.
    pub(super) page: u32,
    pub(super) direction: Direction,
    pub(super) letters: Vec<Letter>,
    /// The parts of `letters` between wide gaps; one, unless it is a row of a table.
    pub(super) pieces: Vec<Piece>,
    /// Where its gaps begin and end, those between words too.
    pub(super) gaps: Vec<(f32, f32)>,
    /// The number of the table that it stands for. It then has no letters.
    pub(super) table: Option<usize>,
    pub(super) start: f32,
    pub(super) end: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
    /// The height of its baseline, in the direction of reading.
    pub(super) base: f32,
    /// The size of most of its characters.
    pub(super) size: f32,
    pub(super) is_bold: bool,
    /// If its text was recognised from a picture.
    pub(super) recognised: Option<Recognised>,
}

/// A part of a line without wide gaps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) letters: Range<usize>,
    pub(super) start: f32,
    pub(super) end: f32,
}

impl TextLine {
    pub(super) fn text(&self) -> String {
        self.letters.iter().map(|letter| letter.c).collect()
    }

    /// The first characters.
    pub(super) fn head(&self) -> String {
        self.letters.iter().take(16).map(|letter| letter.c).collect()
    }

    pub(super) fn piece_text(&self, piece: &Piece) -> String {
        self.letters.get(piece.letters.clone()).unwrap_or_default().iter().map(|letter| letter.c).collect()
    }

    pub(super) fn is_row(&self) -> bool {
        self.pieces.len() > 1 || self.table.is_some()
    }

    pub(super) fn first(&self) -> Option<char> {
        self.letters.first().map(|letter| letter.c)
    }

    pub(super) fn last(&self) -> Option<char> {
        self.letters.last().map(|letter| letter.c)
    }

    /// Whether they overlap along the direction of reading.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Left, top, right and bottom on the page.
    pub(super) fn area(&self, start: f32, end: f32) -> (f32, f32, f32, f32) {
        let area = match self.direction {
            Direction::Right => (start, self.top, end, self.bottom),
            Direction::Left => (-end, self.top, -start, self.bottom),
            Direction::Down => (-self.bottom, start, -self.top, end),
            Direction::Up => (self.top, -end, self.bottom, -start),
        };
        self.recognised.map_or(area, |recognised| recognised.posture.on_page(area))
    }
}

/// Gaps wider than this many times the size part the cells of a row.
const WIDE_GAP: f32 = 2.0;
/// Gaps wider than this many times the size may part words, and so cells.
const LEAST_GAP: f32 = 0.15;

/// The lines of a page, in the order of its content.
pub(super) fn lines(marks: &[Mark], page: u32) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = Vec::new();
    let mut previous = Direction::Right;
    for marks in marks.split(|mark| *mark == Mark::End) {
        let direction = direction(marks, previous);
        previous = direction;
        let mut open: Option<Open> = None;
        for mark in marks {
            match mark {
                Mark::Glyph(glyph) if glyph.c == ' ' => {
                    if let Some(open) = &mut open {
                        open.space = Space::Real;
                    }
                }
                Mark::Gap => {
                    if let Some(open) = &mut open
                        && open.space == Space::None
                    {
                        open.space = Space::Seen;
                    }
                }
                Mark::Glyph(glyph) => {
                    if open.as_ref().is_some_and(|open| open.leaves(glyph)) {
                        finish(open.take(), &mut lines);
                    }
                    open.get_or_insert_with(|| Open::new(page, direction)).push(glyph);
                }
                Mark::End => {}
            }
        }
        finish(open, &mut lines);
    }
    lines
}

/// Adds a line, or continues the one before if it stands beside it.
fn finish(open: Option<Open>, lines: &mut Vec<TextLine>) {
    let Some(line) = open.and_then(Open::line) else { return };
    match lines.last_mut() {
        Some(before) if continues_beside(before, &line) => append(before, line),
        _ => lines.push(line),
    }
}

/// Whether `line` goes on where `before` ends, at the same height: PDFium starts a line at a raised character.
fn continues_beside(before: &TextLine, line: &TextLine) -> bool {
    let size = before.size.max(line.size);
    let shared = before.bottom.min(line.bottom) - before.top.max(line.top);
    let height = (before.bottom - before.top).min(line.bottom - line.top);
    before.direction == line.direction
        && shared > 0.5 * height
        && (before.base - line.base).abs() < 0.5 * size
        && line.start > before.end - 0.3 * size
        && line.start < before.end + size
}

fn append(before: &mut TextLine, line: TextLine) {
    let gap = line.start - before.end;
    let unspaced = |c: Option<char>| c.is_none_or(is_unspaced);
    if gap > LEAST_GAP * before.size {
        before.gaps.push((before.end, line.start));
    }
    before.gaps.extend_from_slice(&line.gaps);
    if gap > 0.15 * before.size && !unspaced(before.last()) && !unspaced(line.first()) {
        before.letters.push(Letter { c: ' ', at: before.end });
    }
    let offset = before.letters.len();
    if line.letters.len() > offset {
        before.size = line.size;
    }
    before.letters.extend(line.letters);
    let mut pieces = line.pieces.into_iter();
    if let (Some(last), Some(first)) = (before.pieces.last_mut(), pieces.next()) {
        last.letters.end = first.letters.end + offset;
        last.end = first.end;
    }
    before.pieces.extend(
        pieces.map(|piece| Piece { letters: piece.letters.start + offset..piece.letters.end + offset, ..piece }),
    );
    before.end = before.end.max(line.end);
    before.top = before.top.min(line.top);
    before.bottom = before.bottom.max(line.bottom);
    before.is_bold &= line.is_bold;
}

/// Where the glyphs run: the direction of most of the way between them.
fn direction(marks: &[Mark], previous: Direction) -> Direction {
    let center = |mark: &Mark| match mark {
        Mark::Glyph(glyph) => Some((f32::midpoint(glyph.x0, glyph.x1), f32::midpoint(glyph.y0, glyph.y1))),
        _ => None,
    };
    let mut centers = marks.iter().filter_map(center);
    let Some(mut last) = centers.next() else { return previous };
    let (mut across, mut down, mut steps) = (0.0, 0.0, 0);
    for next in centers {
        // Single steps decide, not jumps.
        across += (next.0 - last.0).clamp(-20.0, 20.0);
        down += (next.1 - last.1).clamp(-20.0, 20.0);
        last = next;
        steps += 1;
    }
    if steps == 0 {
        return previous;
    }
    if f32::abs(down) <= 2.0 * f32::abs(across) {
        level(marks)
    } else if down > 0.0 {
        Direction::Down
    } else {
        Direction::Up
    }
}

/// Left, if most letters are of scripts that run to the left.
fn level(marks: &[Mark]) -> Direction {
    let (mut left, mut right) = (0, 0);
    for mark in marks {
        match mark {
            Mark::Glyph(glyph) if runs_left(glyph.c) => left += 1,
            Mark::Glyph(glyph) if glyph.c.is_alphabetic() => right += 1,
            _ => {}
        }
    }
    if left > right { Direction::Left } else { Direction::Right }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    None,
    /// A gap that PDFium takes for a space.
    Seen,
    /// A space character.
    Real,
}

/// A line that is being built.
struct Open {
    line: TextLine,
    piece: Piece,
    space: Space,
    sizes: Sizes,
    bases: Vec<f32>,
    last: Option<(f32, f32, char)>,
}

impl Open {
    fn new(page: u32, direction: Direction) -> Self {
        let line = TextLine {
            page,
            direction,
            start: f32::MAX,
            end: f32::MIN,
            top: f32::MAX,
            bottom: f32::MIN,
            is_bold: true,
            ..TextLine::default()
        };
        let piece = Piece { letters: 0..0, start: f32::MAX, end: f32::MIN };
        Self { line, piece, space: Space::None, sizes: Sizes::default(), bases: Vec::new(), last: None }
    }

    /// Start, end, top, bottom and baseline in the direction of reading.
    fn turned(&self, glyph: &Glyph) -> (f32, f32, f32, f32, f32) {
        let middle = f32::midpoint(glyph.x0, glyph.x1);
        match self.line.direction {
            Direction::Right => (glyph.x0, glyph.x1, glyph.y0, glyph.y1, glyph.base),
            Direction::Left => (-glyph.x1, -glyph.x0, glyph.y0, glyph.y1, glyph.base),
            Direction::Down => (glyph.y0, glyph.y1, -glyph.x1, -glyph.x0, -middle),
            Direction::Up => (-glyph.y1, -glyph.y0, glyph.x0, glyph.x1, middle),
        }
    }

    /// Whether the glyph stands on another line.
    fn leaves(&self, glyph: &Glyph) -> bool {
        let (_, _, top, bottom, _) = self.turned(glyph);
        let shared = self.line.bottom.min(bottom) - self.line.top.max(top);
        let height = (bottom - top).min(self.line.bottom - self.line.top);
        shared < 0.2 * height
    }

    fn push(&mut self, glyph: &Glyph) {
        let (start, end, top, bottom, base) = self.turned(glyph);
        let c = accents::joined(&mut self.line.letters, self.last, glyph.c, (start, end)).unwrap_or(glyph.c);
        let space = std::mem::replace(&mut self.space, Space::None);
        if self.line.letters.last().is_some_and(|letter| letter.c == SOFT_HYPHEN) {
            self.line.letters.pop();
            self.piece.letters.start = self.piece.letters.start.min(self.line.letters.len());
        }
        if let Some((last_start, last_end, last)) = self.last {
            // Right-to-left text comes in its own order.
            let gap = (start - last_end).max(last_start - end);
            // Words of other scripts inside it stand in their own order.
            let turns = runs_left(last) != runs_left(glyph.c) && last.is_alphabetic() && glyph.c.is_alphabetic();
            if gap > LEAST_GAP * glyph.size {
                self.line.gaps.push((last_end, start));
            }
            let is_cell = self.line.direction != Direction::Left || (runs_left(last) && runs_left(glyph.c));
            if is_cell && gap > WIDE_GAP * glyph.size.max(1.0) {
                self.end_piece();
            } else if (turns && gap > 0.2 * glyph.size)
                || space == Space::Real
                || (space == Space::Seen && !is_unspaced(last) && !is_unspaced(glyph.c))
            {
                self.line.letters.push(Letter { c: ' ', at: last_end });
            }
        }
        self.line.letters.push(Letter { c, at: start });
        self.piece.start = self.piece.start.min(start);
        self.piece.end = self.piece.end.max(end);
        let line = &mut self.line;
        (line.start, line.end) = (line.start.min(start), line.end.max(end));
        (line.top, line.bottom) = (line.top.min(top), line.bottom.max(bottom));
        line.is_bold &= glyph.is_bold;
        self.sizes.add(glyph.size);
        self.bases.push(base);
        self.last = Some((start, end, c));
    }

    fn end_piece(&mut self) {
        let length = self.line.letters.len();
        let letters = self.piece.letters.start..length;
        if !letters.is_empty() {
            self.line.pieces.push(Piece { letters, ..self.piece });
        }
        self.piece = Piece { letters: length..length, start: f32::MAX, end: f32::MIN };
    }

    fn line(mut self) -> Option<TextLine> {
        self.end_piece();
        self.line = spacing::closed(leaders::parted(self.line));
        if self.line.letters.is_empty() {
            return None;
        }
        let middle = self.bases.len() / 2;
        let (_, base, _) =
            (!self.bases.is_empty()).then(|| self.bases.select_nth_unstable_by(middle, f32::total_cmp))?;
        self.line.base = *base;
        self.line.size = self.sizes.most()?;
        let last = self.line.letters.len().saturating_sub(1);
        for letter in self.line.letters.iter_mut().take(last) {
            if letter.c == LINE_HYPHEN {
                letter.c = '-';
            }
        }
        Some(self.line)
    }
}
