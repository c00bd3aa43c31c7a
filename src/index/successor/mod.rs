//! The successor of a collection: the same documents with the passages and vectors of another model or of other settings. It is
//! a collection of its own in the folder `next` of the other, so it survives a crash, resumes, and writes its segments while
//! it grows. When it has all documents, the collection takes over its passages and its segments.
//!
//! While it grows, documents come and go in the collection. Their keys and hashes say what the successor lacks.

mod erasing;
mod folder;
mod making;
mod swap;

pub(super) use erasing::erase_traces;
pub use folder::abandon;
pub(super) use folder::clear_away;
pub use making::{Differences, Plan, Successor, Unfinished};
