//! Counting what an ingest embeds.

use super::Footnote;
use crate::ingest::Progress;

impl Footnote {
    /// `progress` that also counts what is embedded.
    pub(super) fn metered(&self, progress: &mut dyn FnMut(Progress<'_>)) -> impl FnMut(Progress<'_>) {
        |event| {
            if let Progress::Embedded { tokens, .. } = event {
                self.engine.meter().embedded(tokens);
            }
            progress(event);
        }
    }
}
