//! Estimates the probability that the documents answer a question, from the scores of its candidates.
//!
//! Two kinds of features count. How near the best candidate is, by its tokens, by its own vector and by that of a sentence,
//! says whether it answers at all, since the model was trained to score answers above a fixed level. How far it stands out
//! among the candidates corrects that level. Within one script, texts are nearer than across two, right or wrong, and words
//! say more; so there is a model for each. The numbers are in `confidence.toml`, with the command that fits them.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::fuse::Ranked;
use crate::passage::{FoundPassage, Scores};

/// The features' names, in their order.
const NAMES: [&str; 9] = [
    "late_deviation",
    "margin",
    "coverage",
    "weakest",
    "known",
    "dense",
    "dense_margin",
    "sentence",
    "sentence_margin",
];
const FITTED: &str = include_str!("confidence.toml");

/// With fewer candidates than this, the features are padded with hypothetical unrelated passages.
const MIN_CANDIDATES: usize = 10;
/// Mean and standard deviation of the late-interaction score of an unrelated passage, over questions and languages.
const UNRELATED: f32 = 0.64;
const UNRELATED_DEVIATION: f32 = 0.025;
/// Mean cosine of an unrelated passage's vector with a question's. That of its nearest sentence is the same.
const UNRELATED_COSINE: f32 = 0.69;

/// The features of a ranking, from which the confidence is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Features {
    /// `(best - mean(others)) / deviation(others)` of the late-interaction scores.
    pub late_deviation: f32,
    /// The best passage's fused score less that of the best passage of any other document, or of an unrelated passage if all
    /// candidates are of one document.
    pub margin: f32,
    /// The best passage's lexical score.
    pub coverage: f32,
    /// Mean over the question's tokens of the cosine of the best passage's nearest token.
    pub matched: f32,
    /// The same over the quarter of the tokens that it matches worst.
    pub weakest: f32,
    /// Mean late-interaction score of the other candidates.
    pub level: f32,
    /// Share of the question's concepts that occur in the collection at all, weighted by idf.
    pub known: f32,
    /// The cosine of the question's vector and the best passage's.
    pub dense: f32,
    /// The same less the highest of the others.
    pub dense_margin: f32,
    /// The largest cosine of the question's vector and that of a sentence of the best passage.
    pub sentence: f32,
    /// The same less the highest of the others.
    pub sentence_margin: f32,
    /// 1 if the question and the best passage's document are in the same script, 0 if not; 0.5 if that is not known.
    pub same_script: f32,
}

/// What is known of a question besides its candidates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct QuestionFacts {
    /// See [`Features::known`].
    pub(super) known: f32,
    /// See [`Features::same_script`].
    pub(super) same_script: Option<bool>,
}

impl Features {
    /// The features of candidates, which are in the order of their fused scores.
    pub(super) fn of(ranked: &[Ranked], facts: QuestionFacts) -> Self {
        let Some((best, others)) = ranked.split_first() else { return Self::default() };
        let unrelated = MIN_CANDIDATES.saturating_sub(ranked.len());
        let late = others.iter().map(|other| other.scores.late).chain((0..unrelated).map(|_| UNRELATED));
        let elsewhere = others.iter().find(|other| other.document != best.document);
        let elsewhere = elsewhere.map_or(UNRELATED, |other| other.scores.fused);
        let elsewhere = if unrelated > 0 { elsewhere.max(UNRELATED) } else { elsewhere };
        let nearest_other = |score: fn(&Scores) -> f32| {
            let others = others.iter().map(|other| score(&other.scores));
            let padding = (unrelated > 0).then_some(UNRELATED_COSINE);
            others.chain(padding).max_by(f32::total_cmp).unwrap_or(UNRELATED_COSINE)
        };
        Self {
            late_deviation: deviation(best.scores.late, late.clone()),
            margin: best.scores.fused - elsewhere,
            coverage: best.scores.lexical,
            matched: matched_on_average(&best.nearest),
            weakest: weakest(&best.nearest),
            level: mean(late),
            known: facts.known,
            dense: best.scores.dense,
            dense_margin: best.scores.dense - nearest_other(|scores| scores.dense),
            sentence: best.scores.sentence,
            sentence_margin: best.scores.sentence - nearest_other(|scores| scores.sentence),
            same_script: facts.same_script.map_or(0.5, |same| if same { 1.0 } else { 0.0 }),
        }
    }

    /// Their values, in the order of [`Calibration::feature`]. The script is none of them: it chooses the model.
    pub fn values(&self) -> [f64; NAMES.len()] {
        let Self { late_deviation, margin, coverage, weakest, known, .. } = *self;
        let Self { dense, dense_margin, sentence, sentence_margin, .. } = *self;
        [late_deviation, margin, coverage, weakest, known, dense, dense_margin, sentence, sentence_margin]
            .map(f64::from)
    }

    /// Their names, in the same order.
    pub fn names() -> [&'static str; NAMES.len()] {
        NAMES
    }
}

/// The models of confidence, as `confidence.toml` holds them.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceModels {
    /// For questions in the script of the best passage's document.
    pub same_script: Calibration,
    /// For all others.
    pub other_script: Calibration,
}

impl ConfidenceModels {
    /// The probability that a question with these features is answered, if half of all questions are. If nobody knows
    /// whether the scripts are the same, it is half way between both models.
    pub fn probability(&self, features: &Features) -> f32 {
        let values = features.values();
        let (same, other) = (self.same_script.probability(&values), self.other_script.probability(&values));
        features.same_script * same + (1.0 - features.same_script) * other
    }
}

/// The probability that a question with these features is answered, if half of all questions are.
///
/// # Panics
///
/// Never: a test reads the numbers.
pub(super) fn confidence(features: &Features) -> f32 {
    static MODELS: OnceLock<ConfidenceModels> = OnceLock::new();
    let models =
        MODELS.get_or_init(|| toml::from_str(FITTED).expect("confidence.toml, which is compiled in, is valid"));
    models.probability(features)
}

/// A confidence with so many logits less.
pub(super) fn less(confidence: f32, logits: f32) -> f32 {
    if logits <= 0.0 {
        return confidence;
    }
    let odds = confidence / (1.0 - confidence).max(f32::EPSILON) * (-logits).exp();
    odds / (1.0 + odds)
}

/// The mean of the best matches of a question's tokens; that of an unrelated passage if the question has none.
pub(super) fn matched_on_average(nearest: &[f32]) -> f32 {
    if nearest.is_empty() { UNRELATED } else { mean(nearest.iter().copied()) }
}

/// The mean of the lowest quarter of them.
fn weakest(nearest: &[f32]) -> f32 {
    let mut sorted = nearest.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.truncate(nearest.len().div_ceil(4));
    matched_on_average(&sorted)
}

fn mean(values: impl Iterator<Item = f32> + Clone) -> f32 {
    values.clone().sum::<f32>() / values.count().max(1) as f32
}

/// Whether the best candidate's late-interaction score is above that of the best of
/// many unrelated passages.
pub(super) fn is_related(ranked: &[Ranked]) -> bool {
    ranked.first().is_some_and(|best| best.scores.late >= UNRELATED + 4.0 * UNRELATED_DEVIATION)
}

/// `(value - mean(others)) / deviation(others)`.
fn deviation(value: f32, others: impl Iterator<Item = f32> + Clone) -> f32 {
    let mean_of_others = mean(others.clone());
    let variance = mean(others.map(|other| (other - mean_of_others) * (other - mean_of_others)));
    (value - mean_of_others) / variance.sqrt().max(UNRELATED_DEVIATION / 2.0)
}

/// The distance below the best passage's score at which a passage's relevance is half. An unrelated passage is usually twice
/// as far below.
pub const HALVING: f32 = 0.04;
/// The same for a reranker's logits, which are logarithms of odds: ln 2 below, the odds are half.
const HALVING_LOGITS: f32 = std::f32::consts::LN_2;

/// Sets each passage's relevance: `confidence · 2^(-distance / HALVING)`, where the distance is that from the best
/// passage's score.
pub(super) fn with_relevance(mut passages: Vec<FoundPassage>, confidence: f32) -> Vec<FoundPassage> {
    let best = passages.first().map(|passage| passage.scores).unwrap_or_default();
    let mut above = confidence;
    for passage in &mut passages {
        let halvings = match (best.rerank, passage.scores.rerank) {
            (Some(best), Some(logit)) => (best - logit) / HALVING_LOGITS,
            _ => (best.fused - passage.scores.fused) / HALVING,
        };
        // Passages that were not reranked or compared come last, but may score higher. Their relevance must not rise.
        above = (confidence * (-halvings).exp2()).min(above);
        passage.relevance = above;
    }
    passages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ask::QuoteChoice;
    use crate::index::{DocumentKey, PassageKey};
    use crate::late::Window;
    use crate::passage::Span;

    fn ranked(document: i64, late: f32, lexical: f32, nearest: &[f32]) -> Ranked {
        let span = Span::new(0, 1);
        Ranked {
            key: PassageKey { member: 0, key: 1 },
            document: DocumentKey { member: 0, key: document },
            document_id: document.to_string(),
            span,
            sentences: vec![span],
            vector: Vec::new(),
            window: Window { first: 0, count: 1, score: late, matched: late },
            nearest: nearest.to_vec(),
            scores: Scores {
                late,
                lexical,
                fused: late + 0.25 * lexical,
                dense: late,
                sentence: late,
                ..Scores::default()
            },
            support: 0.0,
            choice: QuoteChoice::default(),
        }
    }

    const FACTS: QuestionFacts = QuestionFacts { known: 0.8, same_script: Some(true) };

    fn confidence(ranked: &[Ranked]) -> f32 {
        super::confidence(&Features::of(ranked, FACTS))
    }

    #[test]
    fn the_fitted_numbers_are_those_of_the_features_in_their_order() {
        let ConfidenceModels { same_script, other_script } = toml::from_str(FITTED).unwrap();
        for fitted in [same_script, other_script] {
            let names: Vec<&str> = fitted.feature.iter().map(|feature| feature.name.as_str()).collect();
            assert_eq!(names, NAMES);
            assert!(fitted.feature.iter().all(|feature| feature.deviation > 0.0));
        }
    }

    #[test]
    fn where_the_script_is_not_known_the_confidence_is_between_both() {
        let features = |same_script| Features { same_script, ..Features::of(&[ranked(1, 0.8, 0.4, &[0.8])], FACTS) };
        let [other, unknown, same] = [0.0, 0.5, 1.0].map(|same_script| super::confidence(&features(same_script)));
        assert!((unknown - f32::midpoint(other, same)).abs() < 1e-6, "{other}, {unknown} and {same}");
    }

    #[test]
    fn a_passage_that_stands_out_gives_more_confidence_than_one_of_many_similar() {
        let others = |late: f32| (2..12).map(move |document| ranked(document, late, 0.1, &[late, late]));
        let outstanding: Vec<Ranked> = [ranked(1, 0.9, 0.6, &[0.9, 0.9])].into_iter().chain(others(0.75)).collect();
        let similar: Vec<Ranked> = [ranked(1, 0.77, 0.1, &[0.77, 0.7])].into_iter().chain(others(0.76)).collect();
        let (sure, unsure) = (confidence(&outstanding), confidence(&similar));
        assert!(sure > 0.9 && unsure < 0.4, "{sure} and {unsure}");
    }

    #[test]
    fn a_single_passage_is_measured_against_unrelated_ones() {
        let (near, far) = (confidence(&[ranked(1, 0.88, 0.5, &[0.9])]), confidence(&[ranked(1, 0.74, 0.0, &[0.7])]));
        assert!(near > 0.8 && far < near - 0.2, "{near} and {far}");
        assert_eq!(Features::of(&[], FACTS), Features::default());
    }

    #[test]
    fn what_speaks_against_an_answer_lowers_its_confidence() {
        assert!((less(0.5, 3.0) - 0.0474).abs() < 1e-3 && less(0.95, 3.0) < 0.5);
        assert_eq!((less(0.7, 0.0), less(0.0, 3.0)), (0.7, 0.0));
        assert!(less(1.0, 5.0) < 1.0);
    }

    proptest! {
        #[test]
        fn confidence_is_a_probability(
            passages in proptest::collection::vec((0_i64..4, 0.0_f32..1.0, 0.0_f32..1.0, -1.0_f32..1.0), 0..60)
        ) {
            let ranked: Vec<Ranked> =
                passages.into_iter().map(|(document, late, lexical, near)| ranked(document, late, lexical, &[near])).collect();
            prop_assert!((0.0..=1.0).contains(&confidence(&ranked)));
        }
    }
}
