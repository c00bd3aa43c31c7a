//! Ranks candidates. Vectors and lexical scores choose them:
//!
//! ```text
//! first stage = cosine(question, passage) + 0.3 · lexical
//! fused       = late interaction + lexical_weight · lexical
//! ```
//!
//! Scores are added, never ranks. Rank fusion gives each retriever the same vote, even the lexical one for a question in
//! another language than the documents. The lexical score is a share of the most that the question could score, so there it is
//! near 0.

use std::collections::{HashMap, HashSet};

use super::quote::QuoteChoice;
use crate::config::AskConfig;
use crate::embed::QuestionVectors;
use crate::index::store::Candidate;
use crate::index::{DocumentKey, PassageKey};
use crate::late::{Codec, CompressedPassage, SentenceMatch, Window, best_window, dot, token_weights, union, windows};
use crate::passage::{Row, Scores, Span};

/// The weight of the lexical score in the order in which candidates are chosen for late interaction.
const FIRST_STAGE_LEXICAL: f32 = 0.3;

/// A ranked candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The passage's key.
    pub key: PassageKey,
    /// Its document's key.
    pub document: DocumentKey,
    /// Its document's id.
    pub document_id: String,
    /// Where the passage stands in the document's text.
    pub span: Span,
    /// Its sentences, in order.
    pub sentences: Vec<Span>,
    /// Its vector.
    pub vector: Vec<f32>,
    /// The run of sentences that is most like the question by its vectors.
    pub window: Window,
    /// For each token of the question the cosine of the nearest token of the passage.
    pub nearest: Vec<f32>,
    /// The scores that determine its rank.
    pub scores: Scores,
    /// The probability that its quote holds evidence; 0 until it is estimated.
    pub support: f32,
    /// How its quote is chosen.
    pub choice: QuoteChoice,
}

impl Ranked {
    /// The part of `text`, its document's text, to quote; `rows` are those that the document's reader marked.
    pub fn quote(&self, text: &str, rows: &[Row]) -> Span {
        self.choice.span(text, rows, &self.sentences, self.window).unwrap_or(self.span)
    }
}

/// The keys and scores of the `count` best passages by `cosine + 0.3 · lexical`. Equal sums keep the order of `cosines`. A passage
/// that is not in `lexical` has none of the question's terms.
pub(super) fn first_stage(cosines: &[(u64, f32)], lexical: &[(u64, f32)], count: usize) -> Vec<(u64, f32)> {
    let lexical: HashMap<u64, f32> = lexical.iter().copied().collect();
    let score = |&(key, cosine): &(u64, f32)| (key, cosine + FIRST_STAGE_LEXICAL * lexical.get(&key).unwrap_or(&0.0));
    let mut scored: Vec<(u64, f32)> = cosines.iter().map(score).collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    scored.truncate(count);
    scored
}

/// What the retrievers found, each best first.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// The nearest vectors with their cosines.
    pub(super) dense: Vec<(PassageKey, f32)>,
    /// Lexical scores greater than 0.
    pub(super) lexical: Vec<(PassageKey, f32)>,
    /// Candidates that collections gave beyond the best of all of them together. They are ranked like the others, but neither
    /// the weights of tokens nor the confidence are made of them: both are for as many candidates as one collection gives.
    pub(super) beyond: HashSet<PassageKey>,
}

/// A candidate, compared with the question token by token.
struct Compared {
    /// The number of its collection.
    member: usize,
    candidate: Candidate,
    scores: Scores,
    /// For each of its sentences, for each token of the question the cosine of the nearest token.
    by_sentence: Vec<Vec<f32>>,
    /// The same for the whole passage.
    nearest: Vec<f32>,
}

/// Ranks candidates, each with the number of its collection, best first. The weights of the question's tokens come from
/// `candidates` alone, without those that are `beyond`, and `further` ones are ranked behind all of them, so neither the order nor the scores of `candidates` depend on how many more are wanted.
pub(super) fn fuse(
    question: &QuestionVectors,
    hits: &Hits,
    candidates: Vec<(usize, Candidate)>,
    further: Vec<(usize, Candidate)>,
    config: &AskConfig,
) -> Vec<Ranked> {
    let dense_ranks: HashMap<PassageKey, usize> = hits.dense.iter().map(|(key, _)| *key).zip(1..).collect();
    let lexical: HashMap<PassageKey, (f32, usize)> =
        (1..).zip(&hits.lexical).map(|(rank, &(key, score))| (key, (score, rank))).collect();
    let codec = Codec::new(question.question.len());
    let tokens = codec.question(&question.question, &question.tokens);
    let compare = |((member, candidate), matches): ((usize, Candidate), Vec<SentenceMatch>)| {
        let key = PassageKey { member, key: candidate.key };
        let (lexical, lexical_rank) = lexical.get(&key).copied().unwrap_or_default();
        let dense_rank = dense_ranks.get(&key).copied().unwrap_or_default();
        let vectors = vector_scores(&question.question, &candidate, &matches);
        let scores = Scores { lexical, dense_rank, lexical_rank, ..vectors };
        let by_sentence: Vec<Vec<f32>> = matches.into_iter().map(|found| found.nearest).collect();
        Compared { nearest: union(&by_sentence), member, candidate, scores, by_sentence }
    };
    let compare_all = |candidates: Vec<(usize, Candidate)>| -> Vec<Compared> {
        let vectors: Vec<CompressedPassage<'_>> =
            candidates.iter().map(|(_, candidate)| compressed(candidate)).collect();
        let matches = codec.compare(&tokens, &vectors);
        candidates.into_iter().zip(matches).map(compare).collect()
    };
    let (candidates, further) = (compare_all(candidates), compare_all(further));
    let counts = |compared: &&Compared| {
        let key = PassageKey { member: compared.member, key: compared.candidate.key };
        hits.beyond.is_empty() || !hits.beyond.contains(&key)
    };
    let weights = token_weights(candidates.iter().filter(counts).map(|compared| &compared.nearest));
    let mut ranked = in_order(candidates, &weights, config);
    ranked.extend(in_order(further, &weights, config));
    ranked
}

/// By fused score, best first. Equal scores follow the order of document ids and of passages in a document.
fn in_order(compared: Vec<Compared>, weights: &[f32], config: &AskConfig) -> Vec<Ranked> {
    let rank = |Compared { member, candidate, scores, by_sentence, nearest }: Compared| {
        let without_tokens = Window { first: 0, count: 1, score: scores.sentence, matched: scores.sentence };
        let windows = windows(&by_sentence, weights);
        let window = best_window(&windows, |window| window.score).unwrap_or(without_tokens);
        let fused = window.score + config.lexical_weight * scores.lexical;
        Ranked {
            key: PassageKey { member, key: candidate.key },
            document: DocumentKey { member, key: candidate.document },
            document_id: candidate.document_id,
            span: candidate.span,
            sentences: candidate.sentences.iter().map(|sentence| sentence.span).collect(),
            vector: candidate.vector,
            window,
            nearest,
            scores: Scores { late: window.score, fused, ..scores },
            support: 0.0,
            choice: QuoteChoice::new(windows),
        }
    };
    let mut ranked: Vec<Ranked> = compared.into_iter().map(rank).collect();
    ranked.sort_by(|a, b| {
        let place = |ranked: &Ranked| ranked.span.start;
        let tie = || a.document_id.cmp(&b.document_id).then(place(a).cmp(&place(b)));
        b.scores.fused.total_cmp(&a.scores.fused).then_with(tie)
    });
    ranked
}

fn compressed(candidate: &Candidate) -> CompressedPassage<'_> {
    let sentences = candidate.sentences.iter().map(|sentence| sentence.compressed.as_slice());
    CompressedPassage { vector: &candidate.vector, sentences: sentences.collect() }
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
            headings: Vec::new(),
            vector,
            sentences: compressed.into_iter().enumerate().map(sentence).collect(),
        }
    }

    fn question(tokens: &[usize]) -> QuestionVectors {
        QuestionVectors { question: unit(tokens[0]), tokens: tokens.iter().map(|&dimension| unit(dimension)).collect() }
    }

    fn of_first(key: u64) -> PassageKey {
        PassageKey { member: 0, key }
    }

    fn fuse_all(
        question: &QuestionVectors,
        dense: &[u64],
        lexical: &[(u64, f32)],
        candidates: Vec<Candidate>,
        config: &AskConfig,
    ) -> Vec<Ranked> {
        let lexical = lexical.iter().map(|(key, score)| (of_first(*key), *score)).collect();
        let hits = Hits { dense: dense.iter().map(|key| (of_first(*key), 0.0)).collect(), lexical, ..Hits::default() };
        fuse(question, &hits, candidates.into_iter().map(|candidate| (0, candidate)).collect(), Vec::new(), config)
    }

    fn keys(ranked: &[Ranked]) -> Vec<u64> {
        ranked.iter().map(|passage| passage.key.key).collect()
    }

    #[test]
    fn a_passage_that_matches_every_token_overtakes_one_whose_vector_is_nearer() {
        let near = candidate(1, &[&[0], &[3]]);
        let exact = candidate(2, &[&[4], &[1], &[2]]);
        let ranked = fuse_all(&question(&[0, 1, 2]), &[1, 2], &[], vec![near, exact], &Config::default().ask);
        assert_eq!(keys(&ranked), [2, 1]);
        let Window { first, count, .. } = ranked[0].window;
        assert_eq!((first, count, ranked[0].scores.dense_rank), (1, 2, 2), "the last two sentences are the quote");
    }

    #[test]
    fn the_lexical_score_decides_between_passages_that_are_otherwise_equal() {
        let equal = || vec![candidate(1, &[&[0, 1]]), candidate(2, &[&[0, 1]])];
        let config = Config::default().ask;
        assert_eq!(keys(&fuse_all(&question(&[0, 1]), &[1], &[], equal(), &config)), [1, 2]);
        let ranked = fuse_all(&question(&[0, 1]), &[1], &[(2, 0.5), (9, 0.2)], equal(), &config);
        assert_eq!(keys(&ranked), [2, 1]);
        assert_eq!((ranked[0].scores.lexical_rank, ranked[1].scores.lexical_rank), (1, 0));
        assert_eq!((ranked[0].scores.dense_rank, ranked[1].scores.dense_rank), (0, 1));
    }

    #[test]
    fn further_passages_come_last_and_change_nothing_before_them() {
        let config = Config::default().ask;
        let first = || vec![candidate(1, &[&[0]]), candidate(2, &[&[1]])];
        let alone = fuse_all(&question(&[0, 1]), &[1, 2], &[], first(), &config);
        let best = candidate(3, &[&[0, 1]]);
        let hits = Hits { dense: vec![(of_first(1), 0.0), (of_first(2), 0.0)], ..Hits::default() };
        let first = first().into_iter().map(|candidate| (0, candidate)).collect();
        let more = fuse(&question(&[0, 1]), &hits, first, vec![(0, best)], &config);
        assert_eq!(more[..2], alone);
        assert_eq!(keys(&more[2..]), [3]);
    }

    #[test]
    fn equal_scores_follow_the_documents_and_not_the_keys() {
        let named = |key: u64, document_id: &str, start: usize| Candidate {
            document_id: document_id.to_owned(),
            span: Span::new(start, start + 100),
            ..candidate(key, &[&[0, 1]])
        };
        let candidates = vec![named(1, "b", 0), named(2, "a", 100), named(3, "a", 0)];
        assert_eq!(keys(&fuse_all(&question(&[0, 1]), &[], &[], candidates, &Config::default().ask)), [3, 2, 1]);
    }

    #[test]
    fn the_first_stage_keeps_the_requested_number_and_weighs_terms_less_than_vectors() {
        let cosines = [(1, 0.90), (2, 0.88), (3, 0.80), (4, 0.79)];
        let chosen = |lexical: &[(u64, f32)], count: usize| -> Vec<u64> {
            first_stage(&cosines, lexical, count).into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!(chosen(&[], 3), [1, 2, 3]);
        assert_eq!(chosen(&[(4, 0.5), (2, 0.1), (9, 0.9)], 2), [4, 2]);
    }

    #[test]
    fn a_quote_includes_the_sentence_that_it_refers_to_and_the_answer_to_its_question() {
        let text = "陸以寧談降息。她預期三次。會更多嗎？也許不會。";
        let sentences = crate::ingest::sentences::sentences(text);
        let quote = |first: usize| {
            let mut passage =
                fuse_all(&question(&[0]), &[], &[], vec![candidate(1, &[&[0]])], &Config::default().ask).remove(0);
            passage.sentences.clone_from(&sentences);
            let window = Window { first, count: 1, score: 1.0, matched: 1.0 };
            passage.choice = QuoteChoice::new(vec![window]);
            text[passage.quote(text, &[]).range()].to_owned()
        };
        assert_eq!(quote(0), "陸以寧談降息。");
        assert_eq!(quote(1), "陸以寧談降息。她預期三次。");
        assert_eq!(quote(2), "會更多嗎？也許不會。");
    }
}
