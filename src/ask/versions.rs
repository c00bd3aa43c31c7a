//! Versions of one statement: sentences with the same words but for their numbers and dates.

use std::collections::HashSet;

use crate::passage::Span;
use crate::quantities::{Quantity, quantities};
use crate::terms::terms;

/// The share of the shorter sentence's words that the other has.
const SHARED_FROM: f32 = 0.7;
/// A sentence of fewer words is a version of none.
const FEWEST: usize = 3;

/// The index terms of a sentence, without its numbers and dates.
pub(super) fn words_without_quantities(sentence: &str) -> HashSet<String> {
    words_without(sentence, &quantities(sentence))
}

/// The index terms of a sentence, without these numbers and dates of it.
pub(super) fn words_without(sentence: &str, quantities: &[Quantity]) -> HashSet<String> {
    terms(&without(sentence, quantities)).into_iter().collect()
}

/// A sentence with a space for each of its numbers and dates.
pub(super) fn without_quantities(sentence: &str) -> String {
    without(sentence, &quantities(sentence))
}

/// A sentence with a space for each of these numbers and dates, which may overlap.
fn without(sentence: &str, quantities: &[Quantity]) -> String {
    let mut spans: Vec<Span> =
        quantities.iter().filter(|quantity| !quantity.is_weak).map(|quantity| quantity.span).collect();
    spans.sort_by_key(|span| span.start);
    let mut rest = String::with_capacity(sentence.len());
    let mut at = 0;
    for span in spans {
        if span.start >= at {
            rest.push_str(&sentence[at..span.start]);
            rest.push(' ');
        }
        at = at.max(span.end);
    }
    rest.push_str(&sentence[at..]);
    rest
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
    fn numbers_that_overlap_are_left_out_once() {
        let sentence = "如果我買了5 萬份Palantir 的看跌期權(put),每份合約對應100 股標的,那麼我名義上「控制」的就是500 萬股。\
                        例如,Palantir 現在是200 美元一股,而我認為它只值30 美元甚至更低,我就可以賺。";
        assert!(without_quantities(sentence).contains("看跌期權(put)"));
        assert!(!without_quantities(sentence).contains("500"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_left_without_its_quantities(
            text in "\\PC{0,60}|([0-9.]{1,4} ?|美元|一股|萬|億|每|年|月|日|% ?|to |per |[a-z ]{1,6}){0,30}",
        ) {
            without_quantities(&text);
        }
    }

    fn is_version(one: &str, other: &str) -> bool {
        shares_words(&words_without_quantities(one), &words_without_quantities(other))
    }

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
