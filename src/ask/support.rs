//! Estimates the probability that a quote holds evidence, so that an answer has no sentence that only resembles one.
//!
//! The features are those of the question's best passage, of the quote, and of how far the quote's passage is behind the
//! best. The numbers are in `support.toml`, with the command that fits them.

use std::sync::OnceLock;

use super::calibration::Calibration;
use super::confidence::Features;
use super::fuse::Ranked;

/// The features' names, in their order.
const NAMES: [&str; 9] = [
    "quote_late",
    "quote_matched",
    "quote_coverage",
    "behind",
    "late_deviation",
    "matched",
    "level",
    "known",
    "same_script",
];
const FITTED: &str = include_str!("support.toml");

/// The features of one quote.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupportFeatures {
    quote_late: f32,
    quote_matched: f32,
    quote_coverage: f32,
    behind: f32,
    of_question: Features,
}

impl SupportFeatures {
    /// The features of the quote of `passage`, which was ranked behind `best` for a question with the features
    /// `of_question`.
    pub fn of(passage: &Ranked, best: &Ranked, of_question: Features) -> Self {
        Self {
            quote_late: passage.window.score,
            quote_matched: passage.window.matched,
            quote_coverage: passage.scores.lexical,
            behind: best.scores.fused - passage.scores.fused,
            of_question,
        }
    }

    /// Their values, in the order of [`SupportFeatures::names`].
    pub fn values(&self) -> [f64; NAMES.len()] {
        let Self { quote_late, quote_matched, quote_coverage, behind, of_question } = *self;
        let Features { late_deviation, matched, level, known, same_script, .. } = of_question;
        [quote_late, quote_matched, quote_coverage, behind, late_deviation, matched, level, known, same_script]
            .map(f64::from)
    }

    /// Their names.
    pub fn names() -> [&'static str; NAMES.len()] {
        NAMES
    }
}

/// The probability that a quote with these features holds evidence.
///
/// # Panics
///
/// Never: a test reads the numbers.
pub(super) fn support(features: &SupportFeatures) -> f32 {
    static MODEL: OnceLock<Calibration> = OnceLock::new();
    MODEL.get_or_init(|| Calibration::compiled_in(FITTED)).probability(&features.values())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fitted_numbers_are_those_of_the_features_in_their_order() {
        let fitted = Calibration::compiled_in(FITTED);
        let names: Vec<&str> = fitted.feature.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(names, NAMES);
        assert!(fitted.feature.iter().all(|feature| feature.deviation > 0.0));
    }

    #[test]
    fn a_quote_that_matches_less_and_stands_further_behind_is_less_likely_to_hold_evidence() {
        let of_question = Features {
            late_deviation: 4.0,
            matched: 0.78,
            level: 0.64,
            known: 0.8,
            same_script: 1.0,
            ..Features::default()
        };
        let quote = |late: f32, behind: f32| {
            let features =
                SupportFeatures { quote_late: late, quote_matched: late, quote_coverage: 0.3, behind, of_question };
            support(&features)
        };
        let (best, near, far) = (quote(0.8, 0.0), quote(0.77, 0.03), quote(0.66, 0.15));
        assert!(best > near && near > far && best > 0.5 && far < 0.3, "{best}, {near} and {far}");
    }
}
