//! Where a passage stands.

/// A passage's document and its number in it. Unlike a key, it does not depend on what was stored before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'p> {
    pub(super) document: &'p str,
    pub(super) ordinal: u32,
}
