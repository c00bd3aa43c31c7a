//! The version of what an index is made of.

/// The version of the rules by which passages become entries of the index, apart from those of their terms.
const VERSION: u32 = 1;

/// The version of all rules. An index that was made by others is not used.
pub(in crate::index) fn rules() -> u32 {
    VERSION * 1_000 + crate::terms::RULES
}
