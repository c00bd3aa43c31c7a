//! Questions for one dimension, such as a weight or a loudness, and sentences that tell it. "How loud is it?" is answered by
//! decibels and not by minutes.

use std::sync::OnceLock;

use serde::Deserialize;

use super::things::units_of_numbers;
use crate::terms::{fold, mentions_one};

/// A dimension, as `dimensions.toml` holds it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dimension {
    name: String,
    names: String,
    unless: String,
    asking: String,
    units: String,
    qualities: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dimensions {
    dimension: Vec<Dimension>,
}

/// The dimension that a question asks for, by `asks`, which tells whether it has a cue.
pub(super) fn asked_for(asks: impl Fn(&str) -> bool) -> Option<&'static Dimension> {
    static DIMENSIONS: OnceLock<Dimensions> = OnceLock::new();
    let all = DIMENSIONS.get_or_init(|| {
        toml::from_str(include_str!("dimensions.toml")).expect("dimensions.toml, which is compiled in, is valid")
    });
    let has = |list: &str| list.split('|').filter(|word| !word.is_empty()).any(&asks);
    all.dimension.iter().find(|dimension| has(&dimension.asking) && !has(&dimension.unless))
}

impl Dimension {
    /// Whether a sentence has a number with one of its units.
    pub(super) fn is_measured_in(&self, sentence: &str) -> bool {
        let has_unit = |behind: String| self.units.split('|').any(|unit| starts_with(&behind, unit));
        units_of_numbers(sentence).into_iter().any(has_unit)
    }

    /// Whether the names of a table's columns have it, or one of its units: "weight (kg)".
    pub(super) fn is_unit_of(&self, columns: &str) -> bool {
        let folded = fold(columns);
        let has_unit = |word: &str| {
            self.units.split('|').any(|unit| unit.trim_end() == word || unit.len() > 3 && word.starts_with(unit))
        };
        let mut words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        self.names.split('|').any(|name| folded.contains(name)) || words.any(has_unit)
    }

    /// Whether a sentence tells it without a number: "It is nearly silent."
    pub(super) fn is_described_in(&self, sentence: &str) -> bool {
        mentions_one(&fold(sentence), self.qualities.split('|'))
    }
}

fn starts_with(behind: &str, unit: &str) -> bool {
    match unit.strip_suffix(' ') {
        Some(whole) => behind.strip_prefix(whole).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
        None => behind.starts_with(unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(question: &str) -> Option<&'static Dimension> {
        let folded = fold(question);
        asked_for(|cue| folded.contains(cue))
    }

    #[test]
    fn a_dimension_is_told_by_its_units_in_any_script() {
        for (question, sentence) in [
            ("How loud is it?", "The noise level is 44 dB."),
            ("洗衣機有多吵?", "運轉時約五十二分貝。"),
            ("Wie schwer ist das Rad?", "Es wiegt 36,2 kg."),
            ("這台車多重?", "車重三十六公斤。"),
            ("What is its top speed?", "It reaches 25 km/h."),
            ("How hot is the water?", "The water has 45 °C."),
        ] {
            assert!(of(question).unwrap().is_measured_in(sentence), "{question}");
        }
        for (question, sentence) in [
            ("How loud is it?", "The Quick programme takes 29 min and 8 l."),
            ("Wie schwer ist das Rad?", "Das Rad hat 10 Gänge."),
            ("What is its top speed?", "The battery has 750 Wh."),
            ("How hot is the water?", "It runs for 45 minutes."),
        ] {
            assert!(!of(question).unwrap().is_measured_in(sentence), "{question}");
        }
        assert!(of("How loud is it?").unwrap().is_described_in("It is nearly silent."));
        assert_eq!((of("How long does it take?"), of("How heavy was the rain?")), (None, None));
    }

    #[test]
    fn every_list_has_folded_words() {
        let file = include_str!("dimensions.toml");
        let all: Dimensions = toml::from_str(file).unwrap();
        for Dimension { name, names, unless, asking, units, qualities } in &all.dimension {
            let lists = [names, asking, units, qualities].into_iter().chain((!unless.is_empty()).then_some(unless));
            let words = lists.flat_map(|list| list.split('|'));
            let changed: Vec<&str> = words.filter(|word| word.is_empty() || fold(word).trim() != word.trim()).collect();
            assert!(changed.is_empty(), "{name}: {changed:?}");
        }
    }
}
