//! Ranks passages that a caller gives instead of an index: late interaction alone, since words need a collection to be
//! weighed by.

use super::confidence::{self, Features, HALVING, QuestionFacts};
use super::fuse::{Hits, fuse};
use crate::config::AskConfig;
use crate::embed::{PassageVectors, QuestionVectors};
use crate::index::DocumentKey;
use crate::index::store::{Candidate, CandidateSentence};
use crate::passage::Chunk;
use crate::terms::{language, same_script};

/// A question's own share of known words, when there is no collection that would know them: neither all nor none.
const HALF_KNOWN: f32 = 0.5;

/// A passage of a document that the caller gave.
#[derive(Debug, Clone)]
pub struct GivenPassage {
    /// The place of its document among those given.
    pub document: usize,
    /// Its span and its sentences.
    pub chunk: Chunk,
    /// Its vectors.
    pub vectors: PassageVectors,
}

/// For each document its relevance to the question, 0 to 1: that of its best passage. `texts` are the documents, in order.
///
/// The best document gets the confidence that it answers the question. The others get half as much for every
/// [`HALVING`] that their score is below its.
pub fn relevance(
    question: &str,
    vectors: &QuestionVectors,
    texts: &[String],
    passages: Vec<GivenPassage>,
    config: &AskConfig,
) -> Vec<f32> {
    let candidates = (0..).zip(passages).map(|(key, passage)| (0, candidate(key, passage))).collect();
    let ranked = fuse(vectors, &Hits::default(), candidates, Vec::new(), config);
    let mut relevances = vec![0.0; texts.len()];
    let place = |document: DocumentKey| usize::try_from(document.key).unwrap_or(usize::MAX);
    let Some(best) = ranked.first() else { return relevances };
    let text = texts.get(place(best.document)).map(String::as_str).unwrap_or_default();
    let same_script = language::detect(text).and_then(|language| same_script(question, &language));
    let features = Features::of(&ranked, QuestionFacts { known: HALF_KNOWN, same_script });
    let confidence = confidence::confidence(&features);
    for passage in &ranked {
        let relevance = confidence * (-(best.scores.fused - passage.scores.fused) / HALVING).exp2();
        if let Some(highest) = relevances.get_mut(place(passage.document)) {
            *highest = relevance.max(*highest);
        }
    }
    relevances
}

fn candidate(key: u64, passage: GivenPassage) -> Candidate {
    let GivenPassage { document, chunk, vectors } = passage;
    let sentence = |(span, compressed)| CandidateSentence { span, compressed };
    Candidate {
        key,
        document: i64::try_from(document).unwrap_or(i64::MAX),
        // Equal scores are in the order in which the documents were given.
        document_id: format!("{document:020}"),
        span: chunk.span,
        headings: chunk.headings,
        vector: vectors.passage,
        sentences: chunk.sentences.into_iter().zip(vectors.compressed).map(sentence).collect(),
    }
}
