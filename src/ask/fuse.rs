//! Ordering candidates: what each leg says of a passage, added up.
//!
//! The vectors and lexical coverage choose the candidates; late interaction orders them, with a small weight of coverage.
//! Scores are added, never ranks: rank fusion gives a leg that knows next to nothing, such as the terms of a question in another language, as much of
//! a say as one that knows. Coverage is a share of what the question could score, so such a leg says little by itself.

use std::collections::{HashMap, HashSet};

use super::sentences::{asks_something, leans_on_the_one_before};
use crate::config::AskConfig;
use crate::embed::QuestionVectors;
use crate::index::store::Candidate;
use crate::late::{Codec, SentenceMatch, Window, best_window, dot, token_weights, union};
use crate::passage::{Scores, Span};

/// The weight of coverage beside the vectors in the order in which candidates are chosen for late interaction.
const FIRST_STAGE_LEXICAL: f32 = 0.3;

/// A candidate in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The passage's key.
    pub key: u64,
    /// Its document's key.
    pub document: i64,
    /// Its document's id.
    pub document_id: String,
    /// Where the passage stands in the document's text.
    pub span: Span,
    /// Its sentences, in order.
    pub sentences: Vec<Span>,
    /// The run of sentences that answers best.
    pub window: Window,
    /// For each token of the question the cosine of the nearest in the passage.
    pub nearest: Vec<f32>,
    /// What its place is made of.
    pub scores: Scores,
}

impl Ranked {
    /// Where the best run of sentences stands in `text`, its document's: with the sentence before it if it leans on that
    /// one, and with the one after it if it ends with a question, which that one answers.
    pub fn quote(&self, text: &str) -> Span {
        let last = self.window.first + self.window.count - 1;
        let (Some(first), Some(last)) = (self.sentences.get(self.window.first), self.sentences.get(last)) else {
            return self.span;
        };
        let before = self.window.first.checked_sub(1).and_then(|before| self.sentences.get(before));
        let leans = text.get(first.range()).is_some_and(leans_on_the_one_before);
        let first = before.filter(|_| leans).unwrap_or(first);
        let asks = text.get(last.range()).is_some_and(asks_something);
        let after = self.sentences.get(self.window.first + self.window.count);
        let last = after.filter(|_| asks).unwrap_or(last);
        Span::new(first.start, last.end)
    }
}

/// The keys of the `wanted` passages that the cosines of their vectors and coverage together put first. A passage without
/// coverage has none of the question's terms.
pub(super) fn first_stage(cosines: &[(u64, f32)], coverage: &[(u64, f32)], wanted: usize) -> Vec<u64> {
    let lexical: HashMap<u64, f32> = coverage.iter().copied().collect();
    let score = |&(key, cosine): &(u64, f32)| (key, cosine + FIRST_STAGE_LEXICAL * lexical.get(&key).unwrap_or(&0.0));
    let mut scored: Vec<(u64, f32)> = cosines.iter().map(score).collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scored.truncate(wanted);
    scored.into_iter().map(|(key, _)| key).collect()
}

/// Orders candidates, best first, given what the vectors alone found, best first, and the lexical coverage of those that
/// have any, likewise. `usual` are those by which the question's tokens are weighted.
pub(super) fn fuse(
    question: &QuestionVectors,
    dense: &[u64],
    coverage: &[(u64, f32)],
    candidates: Vec<Candidate>,
    usual: &HashSet<u64>,
    config: &AskConfig,
) -> Vec<Ranked> {
    let dense_ranks: HashMap<u64, usize> = dense.iter().copied().zip(1..).collect();
    let lexical: HashMap<u64, (f32, usize)> =
        (1..).zip(coverage).map(|(rank, &(key, coverage))| (key, (coverage, rank))).collect();
    let codec = Codec::new(question.question.len());
    let prepared = codec.question(&question.question, &question.tokens);
    let scored = |candidate: Candidate| {
        let (coverage, lexical_rank) = lexical.get(&candidate.key).copied().unwrap_or_default();
        let dense_rank = dense_ranks.get(&candidate.key).copied().unwrap_or_default();
        let sentences = candidate.sentences.iter().map(|sentence| sentence.compressed.as_slice());
        let matches = codec.compare(&prepared, &candidate.vector, sentences);
        let scores = vector_scores(&question.question, &candidate, &matches);
        let near: Vec<Vec<f32>> = matches.into_iter().map(|found| found.nearest).collect();
        ((candidate, Scores { lexical: coverage, lexical_rank, dense_rank, ..scores }), near)
    };
    let (first_stage, near): (Vec<(Candidate, Scores)>, Vec<Vec<Vec<f32>>>) =
        candidates.into_iter().map(scored).unzip();
    let nearest: Vec<Vec<f32>> = near.iter().map(union).collect();
    let of_usual = first_stage.iter().zip(&nearest).filter(|((candidate, _), _)| usual.contains(&candidate.key));
    let weights = token_weights(of_usual.map(|(_, nearest)| nearest));
    let mut ranked = Vec::with_capacity(first_stage.len());
    for (((candidate, scores), near), nearest) in first_stage.into_iter().zip(near).zip(nearest) {
        let window = best_window(&near, &weights).unwrap_or(Window { first: 0, count: 1, score: scores.sentence });
        let fused = window.score + config.lexical_weight * scores.lexical;
        ranked.push(Ranked {
            key: candidate.key,
            document: candidate.document,
            document_id: candidate.document_id,
            span: candidate.span,
            sentences: candidate.sentences.iter().map(|sentence| sentence.span).collect(),
            window,
            nearest,
            scores: Scores { late: window.score, fused, ..scores },
        });
    }
    ranked.sort_by(|a, b| b.scores.fused.total_cmp(&a.scores.fused).then(a.key.cmp(&b.key)));
    ranked
}

fn vector_scores(question: &[f32], candidate: &Candidate, matches: &[SentenceMatch]) -> Scores {
    let dense = dot(question, &candidate.vector);
    let sentence = matches.iter().map(|found| found.cosine).max_by(f32::total_cmp).unwrap_or(dense);
    Scores { dense, sentence, ..Scores::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::index::store::CandidateSentence;

    const DIMENSIONS: usize = 8;

    /// The unit vector of one dimension.
    fn unit(dimension: usize) -> Vec<f32> {
        (0..DIMENSIONS).map(|n| if n == dimension { 1.0 } else { 0.0 }).collect()
    }

    /// A passage whose sentences have these dimensions' tokens; the passage's own vector is that of the first.
    fn candidate(key: u64, sentences: &[&[usize]]) -> Candidate {
        let codec = Codec::new(DIMENSIONS);
        let vector = unit(sentences[0][0]);
        let of_sentence = |tokens: &&[usize]| {
            let tokens: Vec<Vec<f32>> = tokens.iter().map(|&dimension| unit(dimension)).collect();
            (tokens[0].clone(), tokens)
        };
        let vectors: Vec<(Vec<f32>, Vec<Vec<f32>>)> = sentences.iter().map(of_sentence).collect();
        let compressed = codec
            .compress_sentences(&vector, vectors.iter().map(|(vector, tokens)| (vector.as_slice(), tokens.as_slice())));
        let sentence = |(place, compressed): (usize, Vec<u8>)| CandidateSentence {
            span: Span::new(place * 10, place * 10 + 9),
            compressed,
        };
        Candidate {
            key,
            document: key as i64,
            document_id: key.to_string(),
            span: Span::new(0, 100),
            vector,
            sentences: compressed.into_iter().enumerate().map(sentence).collect(),
        }
    }

    fn question(tokens: &[usize]) -> QuestionVectors {
        QuestionVectors { question: unit(tokens[0]), tokens: tokens.iter().map(|&dimension| unit(dimension)).collect() }
    }

    /// Weighted by all candidates.
    fn fuse_all(
        question: &QuestionVectors,
        dense: &[u64],
        coverage: &[(u64, f32)],
        candidates: Vec<Candidate>,
        config: &AskConfig,
    ) -> Vec<Ranked> {
        let usual = candidates.iter().map(|candidate| candidate.key).collect();
        fuse(question, dense, coverage, candidates, &usual, config)
    }

    fn keys(ranked: &[Ranked]) -> Vec<u64> {
        ranked.iter().map(|passage| passage.key).collect()
    }

    #[test]
    fn a_passage_that_has_all_the_question_asks_for_overtakes_one_that_is_near_as_a_whole() {
        let near = candidate(1, &[&[0], &[3]]);
        let exact = candidate(2, &[&[4], &[1], &[2]]);
        let ranked = fuse_all(&question(&[0, 1, 2]), &[1, 2], &[], vec![near, exact], &Config::default().ask);
        assert_eq!(keys(&ranked), [2, 1]);
        let Window { first, count, .. } = ranked[0].window;
        assert_eq!((first, count, ranked[0].scores.dense_rank), (1, 2, 2), "the last two sentences are the quote");
    }

    #[test]
    fn coverage_parts_passages_that_are_otherwise_alike_and_gives_its_rank() {
        let alike = || vec![candidate(1, &[&[0, 1]]), candidate(2, &[&[0, 1]])];
        let config = Config::default().ask;
        assert_eq!(keys(&fuse_all(&question(&[0, 1]), &[1], &[], alike(), &config)), [1, 2]);
        let ranked = fuse_all(&question(&[0, 1]), &[1], &[(2, 0.5), (9, 0.2)], alike(), &config);
        assert_eq!(keys(&ranked), [2, 1]);
        assert_eq!((ranked[0].scores.lexical_rank, ranked[1].scores.lexical_rank), (1, 0));
        assert_eq!((ranked[0].scores.dense_rank, ranked[1].scores.dense_rank), (0, 1));
    }

    #[test]
    fn no_more_passages_are_candidates_than_are_wanted_and_words_weigh_less_than_vectors() {
        let cosines = [(1, 0.90), (2, 0.88), (3, 0.80), (4, 0.79)];
        assert_eq!(first_stage(&cosines, &[], 3), [1, 2, 3]);
        assert_eq!(first_stage(&cosines, &[(4, 0.5), (2, 0.1), (9, 0.9)], 2), [4, 2]);
    }

    #[test]
    fn a_quote_takes_the_sentence_before_that_it_leans_on_and_the_answer_to_its_question() {
        let text = "陸以寧談降息。她預期三次。會更多嗎？也許不會。";
        let sentences = crate::ingest::sentences::sentences(text);
        let quote = |first: usize| {
            let mut passage =
                fuse_all(&question(&[0]), &[], &[], vec![candidate(1, &[&[0]])], &Config::default().ask).remove(0);
            (passage.sentences, passage.window) = (sentences.clone(), Window { first, count: 1, score: 1.0 });
            text[passage.quote(text).range()].to_owned()
        };
        assert_eq!(quote(0), "陸以寧談降息。");
        assert_eq!(quote(1), "陸以寧談降息。她預期三次。");
        assert_eq!(quote(2), "會更多嗎？也許不會。");
    }
}
