//! BM25 over postings, a concept at a time.

use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, InvertedIndexReader, SegmentReader, TERMINATED, Term};

use super::snapshot::{Fields, LexicalSnapshot, lexical_error};
use crate::error::Result;
use crate::index::best::best_with_ties;
use crate::terms::{Concept, LexicalQuery};

/// BM25's usual parameters (Robertson and Zaragoza 2009).
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// The scores of all passages for one question.
///
/// A score is BM25 divided by the most that the question could score: the sum over all its concepts, where a concept
/// that no passage has counts with the highest weight. So it lies between 0 and 1, and a question in another language than
/// the passages scores near 0. A concept that can be said in several ways is scored as one term: the frequencies are
/// added, the document frequency is that of the union (Pirkola 1998).
pub(crate) struct LexicalScores {
    snapshot: LexicalSnapshot,
    segments: Vec<SegmentScores>,
    /// By concept.
    weights: Vec<f32>,
    max: f32,
    known: f32,
}

impl LexicalScores {
    /// Scores all passages.
    pub(crate) fn new(snapshot: LexicalSnapshot, query: &LexicalQuery) -> Result<Self> {
        let mut segments = Vec::new();
        if !query.concepts.is_empty() && snapshot.len() > 0 {
            for segment in snapshot.searcher.segment_readers() {
                segments.push(SegmentScores::new(segment, snapshot.fields)?);
            }
        }
        let passages = snapshot.len();
        let (mut max, mut known) = (0.0, 0.0);
        let mut weights = Vec::with_capacity(query.concepts.len());
        for concept in &query.concepts {
            let mut frequency = 0;
            for segment in &mut segments {
                frequency += segment.count(concept, snapshot.fields)?;
            }
            let idf = idf(passages, frequency);
            max += idf * (K1 + 1.0);
            weights.push(idf);
            known += if frequency > 0 { idf * (K1 + 1.0) } else { 0.0 };
            segments.iter_mut().for_each(|segment| segment.add(idf, snapshot.average_length));
        }
        let known = if max > 0.0 { known / max } else { 0.0 };
        Ok(Self { snapshot, segments, weights, max, known })
    }

    /// The share of the question's concepts that occur in any passage at all, each weighted by its idf: 0 to 1.
    pub(crate) fn known(&self) -> f32 {
        self.known
    }

    /// The weight of each concept of the question.
    pub(crate) fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The `count` best of the allowed passages and all that score as much as the last of them, best first, lower keys
    /// first among equals. `allowed` is in ascending order; all are allowed without it. Passages that score 0 are left out.
    pub(crate) fn best(&self, count: usize, allowed: Option<&[u64]>) -> Vec<(u64, f32)> {
        let is_allowed = |key: u64| allowed.is_none_or(|allowed| allowed.binary_search(&key).is_ok());
        let mut found: Vec<(u64, f32)> = Vec::with_capacity(self.segments.iter().map(|s| s.found.len()).sum());
        for segment in &self.segments {
            let hits = segment.found.iter().map(|&doc| (segment.key(doc), segment.scores[doc as usize] / self.max));
            found.extend(hits.filter(|(key, _)| is_allowed(*key)));
        }
        best_with_ties(found, count)
    }

    /// The scores of these passages in the same order; those that score 0 or are not there are left out.
    pub(crate) fn of_passages(&self, keys: &[u64]) -> Result<Vec<(u64, f32)>> {
        let mut scores = Vec::with_capacity(keys.len());
        if self.segments.is_empty() {
            return Ok(scores);
        }
        for &key in keys {
            let Some((segment, doc)) = self.snapshot.position(key)? else { continue };
            let score = self.segments[segment].scores[doc as usize];
            if score > 0.0 {
                scores.push((key, score / self.max));
            }
        }
        Ok(scores)
    }
}

/// The scores of one segment's passages for one question.
struct SegmentScores {
    segment: SegmentReader,
    inverted: Arc<InvertedIndexReader>,
    lengths: FieldNormReader,
    keys: Column<u64>,
    /// By document number. The operating system supplies zeroed pages, and only those that are used cost anything.
    scores: Vec<f32>,
    /// Where `scores` is not 0.
    found: Vec<u32>,
    /// How often the concept at hand occurs, by document number.
    frequencies: Vec<u32>,
    /// Where `frequencies` is not 0.
    touched: Vec<u32>,
}

impl SegmentScores {
    fn new(segment: &SegmentReader, fields: Fields) -> Result<Self> {
        let size = segment.max_doc() as usize;
        Ok(Self {
            segment: segment.clone(),
            inverted: segment.inverted_index(fields.body).map_err(lexical_error)?,
            lengths: segment.get_fieldnorms_reader(fields.body).map_err(lexical_error)?,
            keys: segment.fast_fields().u64("key").map_err(lexical_error)?,
            scores: vec![0.0; size],
            found: Vec::new(),
            frequencies: vec![0; size],
            touched: Vec::new(),
        })
    }

    fn key(&self, doc: u32) -> u64 {
        self.keys.first(doc).unwrap_or_default()
    }

    /// Counts a concept in every passage and returns the number of passages that have it.
    fn count(&mut self, concept: &Concept, fields: Fields) -> Result<usize> {
        for alternative in &concept.alternatives {
            let mut postings = Vec::with_capacity(alternative.len());
            for term in alternative {
                let term = Term::from_field_text(fields.body, term);
                let read = self.inverted.read_postings(&term, IndexRecordOption::WithFreqs).map_err(lexical_error)?;
                postings.extend(read);
            }
            if postings.len() < alternative.len() {
                // No passage has one of its terms, so none has the alternative.
                continue;
            }
            postings.sort_by_key(DocSet::size_hint);
            let Some((rarest, others)) = postings.split_first_mut() else { continue };
            let mut doc = rarest.doc();
            while doc != TERMINATED {
                let mut frequency = rarest.term_freq();
                for other in &mut *others {
                    let found = if other.doc() < doc { other.seek(doc) } else { other.doc() };
                    frequency = if found == doc { frequency.min(other.term_freq()) } else { 0 };
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

    /// Adds the score of the concept that was just counted, and resets the counts.
    fn add(&mut self, idf: f32, average_length: f32) {
        for doc in self.touched.drain(..) {
            let frequency = std::mem::take(&mut self.frequencies[doc as usize]) as f32;
            let length = self.lengths.fieldnorm(doc) as f32;
            let saturation = frequency + K1 * (1.0 - B + B * length / average_length);
            let score = &mut self.scores[doc as usize];
            if *score == 0.0 {
                self.found.push(doc);
            }
            *score += idf * (K1 + 1.0) * frequency / saturation;
        }
    }
}

/// The weight of a concept that occurs in `frequency` of `passages`: ln(1 + (N - n + 0.5) / (n + 0.5)).
fn idf(passages: usize, frequency: usize) -> f32 {
    let (passages, frequency) = (passages as f32, frequency as f32);
    (1.0 + (passages - frequency + 0.5) / (frequency + 0.5)).ln()
}
