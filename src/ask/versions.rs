//! Versions of one statement: sentences with the same words but for their numbers and dates.

use std::collections::HashSet;

use crate::quantities::quantities;
use crate::terms::terms;

/// The share of the shorter sentence's words that the other has.
const SHARED_FROM: f32 = 0.7;
/// A sentence of fewer words is a version of none.
const FEWEST: usize = 3;

/// The index terms of a sentence, without its numbers and dates.
pub(super) fn words_without_quantities(sentence: &str) -> HashSet<String> {
    let mut rest = String::with_capacity(sentence.len());
    let mut at = 0;
    for quantity in quantities(sentence).iter().filter(|quantity| !quantity.is_weak) {
        rest.push_str(&sentence[at..quantity.span.start]);
        rest.push(' ');
        at = quantity.span.end;
    }
    rest.push_str(&sentence[at..]);
    terms(&rest).into_iter().collect()
}

/// Whether two sentences say the same but for numbers and dates.
pub(super) fn is_version(one: &str, other: &str) -> bool {
    shares_words(&words_without_quantities(one), &words_without_quantities(other))
}

/// Whether two sentences with these words say the same but for numbers and dates.
pub(super) fn shares_words(one: &HashSet<String>, other: &HashSet<String>) -> bool {
    let shared = one.intersection(other).count() as f32;
    let fewer = one.len().min(other.len());
    fewer >= FEWEST && shared >= SHARED_FROM * fewer as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_that_differ_in_numbers_and_dates_are_versions() {
        for (one, other) in [
            ("A single ticket costs £14.00 from March.", "A single ticket costs £15.50 from December."),
            ("白砂町の人口は4月1日時点で8420人になった。", "白砂町の人口は10月1日時点で8310人に減った。"),
            ("The bridge is 412 metres long and has four lanes.", "The bridge is 421 metres long."),
        ] {
            assert!(is_version(one, other) && is_version(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("A single ticket costs £14.00 from March.", "The boat sails five times a day."),
            ("It rose.", "It fell."),
            ("", ""),
        ] {
            assert!(!is_version(one, other), "{one} {other}");
        }
    }
}
