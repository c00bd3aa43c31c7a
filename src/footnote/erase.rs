//! Leaving nothing of deleted documents.

use super::Footnote;
use crate::error::Result;

impl Footnote {
    /// Rewrites all files of the collection, so that nothing of deleted documents is left in them: neither in the store and
    /// its log nor in the derived indexes nor in feedback. It takes time in proportion to the collection; questions are
    /// answered meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::Error::Busy) if a reader uses the old state for so long that it cannot be overwritten; call it again then.
    pub fn erase_traces(&self) -> Result<()> {
        let _one = self.lock_ingest();
        let without_feedback = self.erase_feedback();
        self.collection.erase_traces()?;
        without_feedback
    }
}
