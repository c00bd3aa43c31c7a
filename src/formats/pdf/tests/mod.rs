//! What the tests build lines with, and tests of the whole reader.

mod layout;
mod samples;
mod tables;

use super::lines::{Direction, Letter, Piece, TextLine};
use super::page::ReadPage;
use super::paragraphs::Block;

/// A line of 10 point type at a place, each letter 5 points wide, ideographs 10.
pub(super) fn line(text: &str, x: f32, y: f32) -> TextLine {
    sized(text, x, y, 10.0)
}

/// Likewise, of a size.
pub(super) fn sized(text: &str, x: f32, y: f32, size: f32) -> TextLine {
    let mut at = x;
    let letters: Vec<Letter> = text
        .chars()
        .map(|c| {
            let letter = Letter { c, at };
            at += if super::chars::is_unspaced(c) { size } else { size / 2.0 };
            letter
        })
        .collect();
    TextLine {
        page: 1,
        direction: Direction::Right,
        pieces: vec![Piece { letters: 0..letters.len(), start: x, end: at }],
        letters,
        start: x,
        end: at,
        top: y,
        bottom: y + size,
        base: y + 0.8 * size,
        size,
        is_bold: false,
        ..TextLine::default()
    }
}

/// A row of cells.
pub(super) fn row(cells: &[&str], xs: &[f32], y: f32) -> TextLine {
    let mut whole = line("", xs[0], y);
    whole.pieces.clear();
    for (cell, x) in cells.iter().zip(xs) {
        let piece = line(cell, *x, y);
        let start = whole.letters.len();
        if !whole.pieces.is_empty() {
            whole.gaps.push((whole.end, piece.start));
        }
        whole.letters.extend(piece.letters);
        whole.pieces.push(Piece { letters: start..whole.letters.len(), start: piece.start, end: piece.end });
        whole.end = piece.end;
    }
    whole
}

pub(super) fn block(lines: Vec<TextLine>) -> Block {
    Block { edge: 500.0, left: 50.0, lines, ..Block::default() }
}

pub(super) fn page(number: u32, mut lines: Vec<TextLine>) -> ReadPage {
    lines.iter_mut().for_each(|line| line.page = number);
    ReadPage { number, width: 595.0, height: 842.0, characters: 1, lines, ..ReadPage::default() }
}
