//! The measures of information retrieval, from ranks and scores alone.

/// How well one question's documents were ranked. Each lies between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Ranked {
    pub(super) recall_at_1: f64,
    pub(super) recall_at_5: f64,
    pub(super) recall_at_10: f64,
    pub(super) mrr_at_10: f64,
    pub(super) ndcg_at_10: f64,
}

impl Ranked {
    /// Computes the measures of one ranking. `found` says for each document, best first and each once, whether it is
    /// relevant; `relevant` is the number of relevant documents in the corpus.
    ///
    /// Recall is the share of the relevant ones that were found; the reciprocal rank is that of the first (Voorhees
    /// 1999); nDCG has gain 1 for each (Järvelin and Kekäläinen 2002).
    pub(super) fn of(found: &[bool], relevant: usize) -> Self {
        let recall = |depth: usize| share(found.iter().take(depth).filter(|hit| **hit).count(), relevant);
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let gain: f64 =
            found.iter().take(10).enumerate().filter(|(_, hit)| **hit).map(|(place, _)| discount(place)).sum();
        let ideal: f64 = (0..relevant.min(10)).map(discount).sum();
        Self {
            recall_at_1: recall(1),
            recall_at_5: recall(5),
            recall_at_10: recall(10),
            mrr_at_10: found.iter().take(10).position(|hit| *hit).map_or(0.0, |place| 1.0 / (place as f64 + 1.0)),
            ndcg_at_10: if relevant == 0 { 0.0 } else { gain / ideal },
        }
    }

    /// The mean over questions.
    pub(super) fn mean(all: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| all.iter().map(of).sum::<f64>() / all.len().max(1) as f64;
        Self {
            recall_at_1: mean(|one| one.recall_at_1),
            recall_at_5: mean(|one| one.recall_at_5),
            recall_at_10: mean(|one| one.recall_at_10),
            mrr_at_10: mean(|one| one.mrr_at_10),
            ndcg_at_10: mean(|one| one.ndcg_at_10),
        }
    }
}

/// A part of a whole; 0 of nothing.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// AUROC: the probability that an answerable question scores higher than an unanswerable one, where a tie counts half
/// (Hanley and `McNeil` 1982). `None` unless there are questions of both kinds.
pub(super) fn auroc(scored: &[(f32, bool)]) -> Option<f64> {
    let positive = scored.iter().filter(|(_, answerable)| *answerable).count();
    let negative = scored.len() - positive;
    if positive == 0 || negative == 0 {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The mean rank of ties is the rank of each.
    let (mut ranks, mut start) = (0.0, 0);
    for tied in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let rank = start as f64 + f64::midpoint(tied.len() as f64, 1.0);
        ranks += rank * tied.iter().filter(|(_, answerable)| *answerable).count() as f64;
        start += tied.len();
    }
    let (positive, negative) = (positive as f64, negative as f64);
    Some((ranks - positive * (positive + 1.0) / 2.0) / (positive * negative))
}

/// Expected calibration error (Naeini et al. 2015): over ten bins of confidence, the mean distance between a bin's mean
/// confidence and its share of answerable questions, weighted by what is in the bin. Answerable and unanswerable questions
/// weigh the same in all, since confidence assumes that both are equally frequent. `None` unless there are both kinds.
pub(super) fn calibration_error(scored: &[(f32, bool)]) -> Option<f64> {
    const BINS: usize = 10;
    let answerable = scored.iter().filter(|(_, answerable)| *answerable).count();
    if answerable == 0 || answerable == scored.len() {
        return None;
    }
    // For each bin: its weight, and its confidence less its answerable questions.
    let mut bins = [(0.0, 0.0); BINS];
    for &(confidence, is_answerable) in scored {
        let of_kind = if is_answerable { answerable } else { scored.len() - answerable };
        let weight = 0.5 / of_kind as f64;
        let bin = &mut bins[((confidence * BINS as f32) as usize).min(BINS - 1)];
        bin.0 += weight;
        bin.1 += weight * (f64::from(confidence) - f64::from(u8::from(is_answerable)));
    }
    Some(bins.iter().map(|(_, off)| off.abs()).sum())
}

/// F1 of declining to answer: the harmonic mean of how many declined questions have no answer, and how many questions
/// without one are declined. `None` unless there are both kinds.
pub(super) fn abstention_f1(scored: &[(f32, bool)], answerable_from: f32) -> Option<f64> {
    let count = |wanted: bool, of: &dyn Fn(f32) -> bool| scored.iter().filter(|(s, a)| *a == wanted && of(*s)).count();
    let declines = |score: f32| score < answerable_from;
    let unanswerable = count(false, &|_| true);
    if unanswerable == 0 || unanswerable == scored.len() {
        return None;
    }
    let (right, wrong) = (count(false, &declines), count(true, &declines));
    Some(share(2 * right, unanswerable + right + wrong))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_perfect_ranking_scores_one_everywhere() {
        let perfect = Ranked::of(&[true, false, false], 1);
        let all =
            [perfect.recall_at_1, perfect.recall_at_5, perfect.recall_at_10, perfect.mrr_at_10, perfect.ndcg_at_10];
        assert!(all.iter().all(|value| (value - 1.0).abs() < 1e-12), "{all:?}");
        assert_eq!(Ranked::of(&[], 1), Ranked::default());
    }

    #[test]
    fn values_are_those_of_the_definitions() {
        let third = Ranked::of(&[false, false, true, false, false, true], 2);
        assert!((third.recall_at_5 - 0.5).abs() < 1e-12 && (third.recall_at_10 - 1.0).abs() < 1e-12);
        assert!((third.mrr_at_10 - 1.0 / 3.0).abs() < 1e-12);
        let expected = (0.5 + 1.0 / 7_f64.log2()) / (1.0 + 1.0 / 3_f64.log2());
        assert!((third.ndcg_at_10 - expected).abs() < 1e-12);
    }

    #[test]
    fn the_area_is_one_when_the_scores_part_the_questions_and_a_half_when_they_say_nothing() {
        assert_eq!(auroc(&[(0.9, true), (0.8, true), (0.1, false)]), Some(1.0));
        assert_eq!(auroc(&[(0.1, true), (0.9, false)]), Some(0.0));
        assert_eq!(auroc(&[(0.5, true), (0.5, false), (0.5, false)]), Some(0.5));
        assert_eq!(auroc(&[(0.5, true)]), None);
    }

    #[test]
    fn declining_all_that_has_no_answer_and_nothing_else_is_an_f1_of_one() {
        let scored = [(0.9, true), (0.7, true), (0.2, false), (0.6, false)];
        assert_eq!(abstention_f1(&scored, 0.65), Some(1.0));
        assert_eq!(abstention_f1(&scored, 0.5), Some(2.0 / 3.0));
        assert_eq!(abstention_f1(&scored, 0.0), Some(0.0));
        assert_eq!(abstention_f1(&scored[..2], 0.5), None);
    }

    #[test]
    fn a_confidence_that_holds_has_no_calibration_error_and_one_that_is_always_sure_has_that_of_the_wrong() {
        let honest = [
            (0.75, true),
            (0.75, true),
            (0.75, true),
            (0.75, false),
            (0.25, false),
            (0.25, false),
            (0.25, false),
            (0.25, true),
        ];
        assert!(calibration_error(&honest).unwrap() < 1e-6);
        assert!((calibration_error(&[(1.0, true), (1.0, false), (1.0, false)]).unwrap() - 0.5).abs() < 1e-6);
        assert_eq!(calibration_error(&[(0.5, true)]), None);
    }

    proptest! {
        #[test]
        fn every_measure_lies_between_nought_and_one(
            found in proptest::collection::vec(any::<bool>(), 0..20), more in 0_usize..3,
            scored in proptest::collection::vec((0.0_f32..1.0, any::<bool>()), 0..30), threshold in 0.0_f32..1.0
        ) {
            let relevant = found.iter().filter(|hit| **hit).count() + more;
            let of = Ranked::of(&found, relevant);
            let values = [of.recall_at_1, of.recall_at_5, of.recall_at_10, of.mrr_at_10, of.ndcg_at_10];
            let areas = [auroc(&scored), abstention_f1(&scored, threshold), calibration_error(&scored)];
            for value in values.into_iter().chain(areas.into_iter().flatten()) {
                prop_assert!((0.0..=1.0 + 1e-9).contains(&value), "{}", value);
            }
        }
    }
}
