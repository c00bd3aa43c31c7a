//! BM25 over the postings of one segment, a concept at a time.

use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, InvertedIndexReader, SegmentReader, TERMINATED, Term};

use super::{Fields, lexical_error};
use crate::error::Result;
use crate::terms::Concept;

/// BM25's usual parameters (Robertson and Zaragoza 2009).
pub(super) const K1: f32 = 1.2;
const B: f32 = 0.75;

/// What a question scores in one segment.
pub(super) struct SegmentScores<'s> {
    pub(super) segment: &'s SegmentReader,
    pub(super) inverted: Arc<InvertedIndexReader>,
    lengths: FieldNormReader,
    keys: Column<u64>,
    /// By document number.
    pub(super) scores: Vec<f32>,
    /// How often the concept at hand occurs, by document number.
    frequencies: Vec<u32>,
    /// Where `frequencies` is not 0.
    touched: Vec<u32>,
}

impl<'s> SegmentScores<'s> {
    pub(super) fn new(segment: &'s SegmentReader, fields: Fields) -> Result<Self> {
        let size = segment.max_doc() as usize;
        Ok(Self {
            segment,
            inverted: segment.inverted_index(fields.body).map_err(lexical_error)?,
            lengths: segment.get_fieldnorms_reader(fields.body).map_err(lexical_error)?,
            keys: segment.fast_fields().u64("key").map_err(lexical_error)?,
            scores: vec![0.0; size],
            frequencies: vec![0; size],
            touched: Vec::new(),
        })
    }

    pub(super) fn key(&self, doc: u32) -> u64 {
        self.keys.first(doc).unwrap_or_default()
    }

    /// Counts a concept in every passage, and gives the number of passages that have it.
    pub(super) fn count(&mut self, concept: &Concept, fields: Fields) -> Result<usize> {
        for alternative in &concept.alternatives {
            let mut postings = Vec::with_capacity(alternative.len());
            for term in alternative {
                let term = Term::from_field_text(fields.body, term);
                let read = self.inverted.read_postings(&term, IndexRecordOption::WithFreqs).map_err(lexical_error)?;
                postings.extend(read);
            }
            // A term that no passage has: then none has the alternative.
            if postings.len() < alternative.len() {
                continue;
            }
            postings.sort_by_key(DocSet::size_hint);
            let Some((rarest, others)) = postings.split_first_mut() else { continue };
            let mut doc = rarest.doc();
            while doc != TERMINATED {
                let mut frequency = rarest.term_freq();
                for other in &mut *others {
                    let there = if other.doc() < doc { other.seek(doc) } else { other.doc() };
                    frequency = if there == doc { frequency.min(other.term_freq()) } else { 0 };
                    if frequency == 0 {
                        break;
                    }
                }
                if frequency > 0 && !self.segment.is_deleted(doc) {
                    let counted = &mut self.frequencies[doc as usize];
                    if *counted == 0 {
                        self.touched.push(doc);
                    }
                    *counted += frequency;
                }
                doc = rarest.advance();
            }
        }
        Ok(self.touched.len())
    }

    /// Adds what the concept just counted scores, and forgets it.
    pub(super) fn add(&mut self, idf: f32, average_length: f32) {
        for doc in self.touched.drain(..) {
            let frequency = std::mem::take(&mut self.frequencies[doc as usize]) as f32;
            let length = self.lengths.fieldnorm(doc) as f32;
            let saturation = frequency + K1 * (1.0 - B + B * length / average_length);
            self.scores[doc as usize] += idf * (K1 + 1.0) * frequency / saturation;
        }
    }
}

/// The weight of a concept that `having` of `passages` have.
pub(super) fn idf(passages: usize, having: usize) -> f32 {
    let (passages, having) = (passages as f32, having as f32);
    (1.0 + (passages - having + 0.5) / (having + 0.5)).ln()
}
