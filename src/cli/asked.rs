//! The collections that a question on the command line is asked of, opened in this process.

use crate::footnote::{Collections, Footnote};
use crate::library::AskedOf;
use crate::{Library, Result};

/// What is asked in this process.
pub(super) enum Asked {
    /// One collection, as every other command opens it.
    One(Box<Footnote>),
    /// Several together.
    Several(Box<Library>, AskedOf),
}

impl Asked {
    /// Does something with all of them.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Collections<'_>) -> Result<T>) -> Result<T> {
        match self {
            Self::One(footnote) => work(&footnote.alone()),
            Self::Several(library, asked) => library.together(asked, work),
        }
    }

    /// Loads the model and the indexes.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone is not general enough")]
    pub(super) fn warm_up(&self) -> Result<()> {
        self.with(|collections| collections.warm_up())
    }
}
