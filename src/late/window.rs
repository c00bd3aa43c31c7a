//! Finds the window, a run of one or two sentences, that answers best. Its score ranks the passage; it becomes the quote.

/// The score that a further sentence must add.
const PER_FURTHER_SENTENCE: f32 = 0.008;
/// The longest window, in sentences.
const LONGEST: usize = 2;

/// A run of sentences of one passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Index of the first sentence.
    pub first: usize,
    /// Number of sentences.
    pub count: usize,
    /// The weighted mean over the question's tokens of each one's best similarity in the run, less a penalty for further
    /// sentences.
    pub score: f32,
    /// The plain mean of the same similarities.
    pub matched: f32,
}

/// The weights of a question's tokens, which sum to 1. A weight is in proportion to the token's best similarity in any
/// candidate less its mean best similarity over all `candidates`.
///
/// A token that every candidate matches equally well ("the", "?") does not separate the right candidate from the others.
/// `MaxSim` gives all tokens equal weight, so many such tokens hide the few that separate the candidates.
pub fn token_weights<'n>(candidates: impl IntoIterator<Item = &'n Vec<f32>>) -> Vec<f32> {
    let candidates: Vec<&Vec<f32>> = candidates.into_iter().filter(|nearest| !nearest.is_empty()).collect();
    let tokens = candidates.iter().map(|nearest| nearest.len()).min().unwrap_or_default();
    let spread = |token: usize| {
        let of_token = candidates.iter().map(|nearest| nearest[token]);
        let mean = of_token.clone().sum::<f32>() / candidates.len() as f32;
        (of_token.fold(f32::NEG_INFINITY, f32::max) - mean).max(0.0)
    };
    let mut weights: Vec<f32> = (0..tokens).map(spread).collect();
    let sum: f32 = weights.iter().sum();
    let even = 1.0 / tokens.max(1) as f32;
    weights.iter_mut().for_each(|weight| *weight = if sum > f32::EPSILON { *weight / sum } else { even });
    weights
}

/// For each token of a question its best similarity in several sentences or passages.
pub fn union<'n>(nearest: impl IntoIterator<Item = &'n Vec<f32>>) -> Vec<f32> {
    let mut union: Vec<f32> = Vec::new();
    for near in nearest {
        union.resize(union.len().max(near.len()), f32::NEG_INFINITY);
        union.iter_mut().zip(near).for_each(|(best, near)| *best = best.max(*near));
    }
    union
}

/// The weighted mean over a question's tokens.
pub fn weighted_mean(nearest: &[f32], weights: &[f32]) -> f32 {
    nearest.iter().zip(weights).map(|(near, weight)| near * weight).sum()
}

/// All runs of up to two sentences with their scores. `nearest` holds for each sentence what
/// [`Codec::compare`](super::Codec::compare) gives; there are none when there is no sentence or the question has no token.
pub fn windows(nearest: &[Vec<f32>], weights: &[f32]) -> Vec<Window> {
    let mut windows = Vec::with_capacity(LONGEST * nearest.len());
    if nearest.iter().any(Vec::is_empty) {
        return windows;
    }
    for first in 0..nearest.len() {
        let mut joined = nearest[first].clone();
        for (further, sentence) in nearest[first..].iter().take(LONGEST).enumerate() {
            joined.iter_mut().zip(sentence).for_each(|(best, near)| *best = best.max(*near));
            let score = weighted_mean(&joined, weights) - PER_FURTHER_SENTENCE * further as f32;
            let matched = joined.iter().sum::<f32>() / joined.len() as f32;
            windows.push(Window { first, count: further + 1, score, matched });
        }
    }
    windows
}

/// The window with the highest score, the first of equal ones.
pub fn best_window(windows: &[Window], score: impl Fn(&Window) -> f32) -> Option<Window> {
    let mut best: Option<(f32, Window)> = None;
    for window in windows {
        let score = score(window);
        if best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, *window));
        }
    }
    best.map(|(_, window)| window)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVEN: [f32; 2] = [0.5, 0.5];

    fn best(nearest: &[Vec<f32>], weights: &[f32]) -> Option<Window> {
        best_window(&windows(nearest, weights), |window| window.score)
    }

    #[test]
    fn two_sentences_that_share_the_answer_are_quoted_together() {
        let window = best(&[vec![0.1, 0.1], vec![0.9, 0.2], vec![0.1, 0.9]], &EVEN).unwrap();
        assert_eq!((window.first, window.count), (1, 2));
        assert!((window.score - (0.9 - PER_FURTHER_SENTENCE)).abs() < 1e-6);
    }

    #[test]
    fn a_sentence_that_adds_next_to_nothing_is_left_out() {
        let window = best(&[vec![0.9, 0.8], vec![0.901, 0.8]], &EVEN).unwrap();
        assert_eq!((window.first, window.count), (1, 1));
    }

    #[test]
    fn nothing_has_no_best_part() {
        assert_eq!(best(&[], &[]), None);
        assert_eq!(best(&[vec![], vec![]], &[]), None);
    }

    #[test]
    fn a_token_that_all_candidates_match_equally_well_has_no_weight() {
        let weights = token_weights(&[vec![0.8, 0.9], vec![0.8, 0.5], vec![0.8, 0.1]]);
        assert!(weights[0] < 1e-6 && (weights[1] - 1.0).abs() < 1e-6, "{weights:?}");
        assert_eq!(token_weights(&[vec![0.3, 0.9]]), EVEN, "one candidate tells no token from another");
        assert_eq!(token_weights(&[]), Vec::<f32>::new());
    }

    proptest! {
        #[test]
        fn weights_are_a_share_of_one(
            candidates in (1_usize..6).prop_flat_map(|tokens| {
                proptest::collection::vec(proptest::collection::vec(-1.0_f32..1.0, tokens), 1..8)
            })
        ) {
            let weights = token_weights(&candidates);
            prop_assert!(weights.iter().all(|weight| *weight >= 0.0));
            prop_assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }
}
