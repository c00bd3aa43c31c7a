//! The inverted index as of one moment.

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Searcher, TERMINATED, Term};

use crate::error::{Error, Result};

/// The fields of a passage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) key: Field,
    pub(super) body: Field,
}

/// The index as of one moment.
///
/// All its statistics are of live passages. tantivy's own count deleted ones until a merge drops them, so scores made of
/// those would depend on what was deleted before.
#[derive(Clone)]
pub(crate) struct LexicalSnapshot {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    /// Tokens of an average passage.
    pub(super) average_length: f32,
}

impl LexicalSnapshot {
    /// Number of passages.
    pub(in crate::index) fn len(&self) -> usize {
        self.searcher.num_docs() as usize
    }

    /// Whether it holds this passage.
    pub(in crate::index) fn contains(&self, key: u64) -> Result<bool> {
        self.position(key).map(|position| position.is_some())
    }

    /// The index of a passage's segment and its number there.
    pub(super) fn position(&self, key: u64) -> Result<Option<(usize, u32)>> {
        let term = Term::from_field_u64(self.fields.key, key);
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let inverted = segment.inverted_index(self.fields.key).map_err(lexical_error)?;
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic).map_err(lexical_error)?;
            let Some(mut postings) = postings else { continue };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if !segment.is_deleted(doc) {
                    return Ok(Some((number, doc)));
                }
                doc = postings.advance();
            }
        }
        Ok(None)
    }
}

pub(super) fn lexical_error(reason: impl std::fmt::Display) -> Error {
    Error::Lexical { reason: reason.to_string() }
}
