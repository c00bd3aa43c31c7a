//! What questions search.

use super::slots::Slots;

/// The index as of one moment. It never changes, so any number of threads may search it.
#[derive(Clone, Default)]
pub(in crate::index) struct View {
    pub(super) slots: Slots,
    pub(super) passages: usize,
    /// Tokens of all passages.
    pub(super) tokens: u64,
}

impl View {
    pub(in crate::index) fn new(slots: &Slots) -> Self {
        Self { slots: slots.clone(), passages: slots.len(), tokens: slots.tokens() }
    }

    /// Number of segments.
    pub(in crate::index) fn segments(&self) -> usize {
        self.slots.iter().len()
    }
}
