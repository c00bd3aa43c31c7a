//! The lengths of passages as BM25 sees them.

use tantivy::fieldnorm::FieldNormReader;

/// The code of a passage's length in tokens: one of 256, as BM25 sees it.
pub(in crate::index::passages) fn length_code(tokens: usize) -> u8 {
    FieldNormReader::fieldnorm_to_id(u32::try_from(tokens).unwrap_or(u32::MAX))
}

/// The length that a code stands for.
pub(in crate::index::passages) fn length_of(code: u8) -> u32 {
    FieldNormReader::id_to_fieldnorm(code)
}
