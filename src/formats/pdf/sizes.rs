//! Counts sizes of type.

use std::collections::HashMap;

/// How often each size occurs, in tenths of a point.
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes(HashMap<i32, usize>);

impl Sizes {
    pub(super) fn add(&mut self, size: f32) {
        self.add_many(size, 1);
    }

    pub(super) fn add_many(&mut self, size: f32, count: usize) {
        *self.0.entry((size * 10.0).round() as i32).or_default() += count;
    }

    /// The most frequent size; of equals the greater.
    pub(super) fn most(&self) -> Option<f32> {
        self.0.iter().max_by_key(|(size, count)| (**count, **size)).map(|(size, _)| *size as f32 / 10.0)
    }
}

/// Whether two sizes of type are the same to a reader.
pub(super) fn are_equal(a: f32, b: f32) -> bool {
    (a - b).abs() <= 0.5
}
