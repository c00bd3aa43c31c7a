//! What questions search.

use super::slots::Slots;

/// The index as of one moment. It never changes, so any number of threads may search it.
#[derive(Clone, Default)]
pub(in crate::index) struct View {
    pub(super) slots: Slots,
    pub(super) passages: usize,
    /// Tokens of an average passage.
    pub(super) average_length: f32,
}

impl View {
    pub(in crate::index) fn new(slots: &Slots) -> Self {
        let passages = slots.len();
        let average_length = (slots.tokens() as f32 / passages.max(1) as f32).max(1.0);
        Self { slots: slots.clone(), passages, average_length }
    }

    /// Number of segments.
    pub(in crate::index) fn segments(&self) -> usize {
        self.slots.iter().len()
    }
}
