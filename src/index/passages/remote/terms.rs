//! A passage as a point of a cluster.

use super::super::bm25::{bm25, frequency_of};
use super::super::memory::Entry;
use super::super::terms::length::{length_code, length_of};
use crate::late::Codec;

/// The terms of a passage by their numbers, which ascend, each with its value: what BM25 makes of its frequency with a weight
/// of 1 and a fixed average length.
pub(in crate::index) type Values = Vec<(u32, f32)>;

/// A passage as a point.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::index) struct Point {
    /// The passage's key.
    pub(in crate::index) key: u64,
    /// The key of its document.
    pub(in crate::index) document: u64,
    pub(in crate::index) vector: Vec<f32>,
    pub(in crate::index) terms: Values,
}

impl Point {
    /// The point of a passage; `None` if its vector is damaged.
    pub(in crate::index) fn of(entry: &Entry, codec: &Codec, average_length: u32) -> Option<Self> {
        let vector = codec.decode_passage(&entry.vector)?;
        let (key, document) = (entry.key, entry.document);
        Some(Self { key, document, vector, terms: values(&entry.terms, average_length) })
    }
}

/// The number of a term: four bytes of its BLAKE3 hash. Of a million terms, about a hundred share theirs with another one.
pub(in crate::index::passages) fn number_of(term: &str) -> u32 {
    blake3::hash(term.as_bytes()).as_bytes().first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The values of the terms of a passage, given in any order.
fn values(terms: &[String], average_length: u32) -> Values {
    let length = length_of(length_code(terms.len()));
    let mut numbers: Vec<u32> = terms.iter().map(|term| number_of(term)).collect();
    numbers.sort_unstable();
    let of_term = |same: &[u32]| (same[0], bm25(1.0, same.len() as u32, length, average_length as f32));
    numbers.chunk_by(|a, b| a == b).map(of_term).collect()
}

/// How often a term occurs in a passage of this length; 0 if it does not.
pub(super) fn frequency(terms: &Values, number: u32, length: u32, average_length: u32) -> u32 {
    terms
        .binary_search_by_key(&number, |(number, _)| *number)
        .map_or(0, |at| frequency_of(terms[at].1, length, average_length as f32))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_says_how_often_a_term_occurs(
            times in 1_usize..600, others in 0_usize..3_000, average in 1_u32..400
        ) {
            let mut terms = vec!["fed".to_owned(); times];
            terms.extend((0..others).map(|n| format!("other{n}")));
            let length = length_of(length_code(terms.len()));
            let values = values(&terms, average);
            prop_assert_eq!(frequency(&values, number_of("fed"), length, average), times as u32);
            prop_assert_eq!(frequency(&values, number_of("absent"), length, average), 0);
        }
    }

    #[test]
    fn numbers_of_terms_never_change_since_they_are_stored() {
        assert_eq!([number_of("fed"), number_of("聯準")], [number_of("fed"), number_of("聯準")]);
        assert_eq!(number_of(""), u32::from_le_bytes([0xaf, 0x13, 0x49, 0xb9]), "BLAKE3 of nothing");
    }
}
