//! What all lines of a document show together: the right edges of its columns and the usual distance of its lines.

use std::collections::HashMap;

use super::super::lines::{Direction, TextLine};
use super::super::sizes::{Sizes, are_equal};

/// Lines that begin within so many points of each other share a column.
const COLUMN: f32 = 12.0;

/// Direction, size in points, start in units of [`COLUMN`].
type Key = (Direction, i32, i32);

/// See the module.
#[derive(Debug, Default)]
pub(in super::super) struct Edges {
    edges: HashMap<Key, f32>,
    leading: HashMap<i32, f32>,
    body: f32,
}

impl Edges {
    pub(in super::super) fn of<'a>(pages: impl Iterator<Item = &'a [TextLine]>) -> Self {
        let mut ends: HashMap<Key, Vec<f32>> = HashMap::new();
        let mut pitches: HashMap<i32, Sizes> = HashMap::new();
        let mut sizes = Sizes::default();
        for lines in pages {
            lines.iter().for_each(|line| sizes.add_many(line.size, line.letters.len()));
            for line in lines.iter().filter(|line| !line.is_row()) {
                ends.entry(key(line, 0)).or_default().push(line.end);
            }
            for (last, line) in lines.iter().zip(lines.iter().skip(1)) {
                let pitch = line.base - last.base;
                let is_next = last.direction == line.direction
                    && are_equal(last.size, line.size)
                    && last.overlaps(line)
                    && !last.is_row()
                    && !line.is_row()
                    && pitch > 0.5 * line.size
                    && pitch < 3.0 * line.size;
                if is_next {
                    pitches.entry(points(line.size)).or_default().add(pitch);
                }
            }
        }
        let edges = ends.into_iter().filter_map(|(key, mut ends)| {
            ends.sort_by(f32::total_cmp);
            ends.get(ends.len() * 4 / 5).map(|end| (key, *end))
        });
        let leading = pitches.into_iter().filter_map(|(size, pitches)| pitches.most().map(|pitch| (size, pitch)));
        Self { edges: edges.collect(), leading: leading.collect(), body: sizes.most().unwrap_or(f32::MAX) }
    }

    /// The right edge of the column that the line is in.
    pub(super) fn edge(&self, line: &TextLine) -> Option<f32> {
        (-1..=1).filter_map(|shift| self.edges.get(&key(line, shift)).copied()).max_by(f32::total_cmp)
    }

    /// Whether the line's type is clearly larger than that of most of the text.
    pub(super) fn is_large(&self, line: &TextLine) -> bool {
        line.size > 1.15 * self.body
    }

    /// The usual distance of baselines of type of this size.
    pub(super) fn leading(&self, line: &TextLine) -> Option<f32> {
        self.leading.get(&points(line.size)).copied()
    }
}

fn points(size: f32) -> i32 {
    size.round() as i32
}

fn key(line: &TextLine, shift: i32) -> Key {
    (line.direction, points(line.size), ((line.start / COLUMN).floor() as i32).saturating_add(shift))
}
