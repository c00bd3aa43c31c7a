//! Puts recognised lines on their page.

use std::f32::consts::{FRAC_PI_2, PI};

use super::super::chars::{LINE_HYPHEN, Shown, is_unspaced, shown};
use super::super::lines::{Direction, Letter, Piece, TextLine};
use super::super::page::ReadPage;
use super::super::posture::{Posture, Recognised};
use super::order;
use crate::formats::RecognisedLine;

/// A recognised line is so much thicker than its type: the detector leaves room around it.
const THICKNESS: f32 = 1.4;

/// The lines in reading order. `scale` is how many points a pixel is long.
pub(super) fn lines(found: &[RecognisedLine], page: &ReadPage, scale: f32) -> Vec<TextLine> {
    let posture = Posture::new(angle(found), page.width, page.height);
    let turn = posture.angle();
    let placed = found.iter().filter_map(|line| placed(line, page.number, scale, posture, turn));
    order::ordered(placed.collect())
}

/// The angle at which most of the text lies: a number of quarter turns, and how far it leans.
fn angle(lines: &[RecognisedLine]) -> f32 {
    let mut weights = [0_usize; 4];
    let mut unspaced = 0;
    for line in lines {
        weights[quarters(line.angle)] += line.letters.len();
        unspaced += line.letters.iter().filter(|letter| is_unspaced(letter.c)).count();
    }
    let all: usize = weights.iter().sum();
    let turn = (0..4).max_by_key(|turn| (weights[*turn], 4 - turn)).unwrap_or(0);
    // Lines of Chinese and Japanese that run down stand as they should.
    let turn = if turn == 1 && unspaced * 2 > all { 0 } else { turn };
    let lean = |line: &RecognisedLine| wrapped(line.angle - quarters(line.angle) as f32 * FRAC_PI_2);
    let mut leans: Vec<(f32, f32)> = lines.iter().map(|line| (lean(line), line.length)).collect();
    leans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = leans.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    let median = leans.iter().find(|(_, length)| {
        sum += length;
        sum >= half
    });
    turn as f32 * FRAC_PI_2 + median.map_or(0.0, |(lean, _)| *lean)
}

/// An angle in quarter turns: 0 to the right, 1 down, 2 to the left, 3 up.
fn quarters(angle: f32) -> usize {
    (angle / FRAC_PI_2).round().rem_euclid(4.0) as usize % 4
}

/// An angle from half a turn up to half a turn down.
fn wrapped(angle: f32) -> f32 {
    (angle + PI).rem_euclid(2.0 * PI) - PI
}

fn placed(line: &RecognisedLine, page: u32, scale: f32, posture: Posture, turn: f32) -> Option<TextLine> {
    let (x, y) = posture.laid_straight((line.center.0 * scale, line.center.1 * scale));
    let size = line.thickness * scale / THICKNESS;
    // The room that the detector leaves is at the ends, too.
    let length = (line.length * scale - (THICKNESS - 1.0) * size).max(size * 0.5);
    let direction = match quarters(line.angle - turn) {
        1 => Direction::Down,
        3 => Direction::Up,
        _ => Direction::Right,
    };
    let (along, across) = match direction {
        Direction::Down => (y, -x),
        Direction::Up => (-y, x),
        Direction::Right | Direction::Left => (x, y),
    };
    let (start, end) = (along - length / 2.0, along + length / 2.0);
    let letters = letters(line, scale, along - line.length * scale / 2.0, (start, end));
    let whole = Piece { letters: 0..letters.len(), start, end };
    (!letters.is_empty()).then_some(TextLine {
        page,
        direction,
        letters,
        pieces: vec![whole],
        start,
        end,
        top: across - size / 2.0,
        bottom: across + size / 2.0,
        base: across + if matches!(direction, Direction::Right) { 0.35 * size } else { 0.0 },
        size,
        is_bold: false,
        gaps: Vec::new(),
        table: None,
        recognised: Some(Recognised { confidence: line.confidence, posture }),
    })
}

/// The letters with their beginnings, which lie halfway between their middles. Spaces beside ideographs go.
fn letters(line: &RecognisedLine, scale: f32, origin: f32, (start, end): (f32, f32)) -> Vec<Letter> {
    let found: Vec<(char, f32)> = line.letters.iter().map(|letter| (letter.c, origin + letter.at * scale)).collect();
    let mut letters: Vec<Letter> = Vec::with_capacity(found.len());
    for (n, &(c, at)) in found.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| found.get(n));
        let next = found.get(n + 1);
        let at = before.map_or(start, |(_, before)| f32::midpoint(*before, at)).clamp(start, end.max(start));
        match shown(c) {
            Some(Shown::One(' ')) => {
                let is_beside = |other: Option<&(char, f32)>| other.is_none_or(|(c, _)| is_unspaced(*c) || *c == ' ');
                if !is_beside(before) && !is_beside(next) {
                    letters.push(Letter { c: ' ', at });
                }
            }
            Some(Shown::One('-')) if next.is_none() => letters.push(Letter { c: LINE_HYPHEN, at }),
            Some(Shown::One(c)) => letters.push(Letter { c, at }),
            Some(Shown::Many(many)) => letters.extend(many.chars().map(|c| Letter { c, at })),
            Some(Shown::Nothing) | None => {}
        }
    }
    letters
}
