//! The words around a number that say what it counts, folded: units of money, time and measure, months, scales. They are in
//! `units.toml`.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::terms::mentions_one;

/// Characters before and behind a number that are looked at.
pub(super) const LONGEST: usize = 14;

/// Characters that follow a numeral which counts something.
pub(super) const COUNTERS: &str = "次年月日天个位名人家种倍成元块圆円美公米吨度级层座艘架辆条件本册页岁折码季周小分秒票席点期届所间张只匹头棵項项股回割つ支场款封颗栋幢列班户명개곳";
/// Of these "一" is but an article.
pub(super) const GENERAL_COUNTERS: &str = "个位名种家件条点所间张只人项回本座期";

const FILE: &str = include_str!("units.toml");

/// The lists of the file.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) scales: Vec<&'static str>,
    pub(super) money_before: Vec<&'static str>,
    pub(super) money: Vec<&'static str>,
    pub(super) shares: Vec<&'static str>,
    pub(super) durations: Vec<&'static str>,
    pub(super) measures: Vec<&'static str>,
    pub(super) date_parts: Vec<&'static str>,
    pub(super) months: Vec<&'static str>,
    pub(super) times: Vec<&'static str>,
    pub(super) reasons: Vec<&'static str>,
    pub(super) persons: Vec<&'static str>,
    pub(super) vague: Vec<&'static str>,
    pub(super) number_words: Vec<&'static str>,
}

/// The lists.
///
/// # Panics
///
/// Never: a test reads the file.
pub(super) fn units() -> &'static Units {
    static UNITS: OnceLock<Units> = OnceLock::new();
    UNITS.get_or_init(|| {
        let lists: HashMap<String, String> = toml::from_str(FILE).expect("units.toml, which is compiled in, is valid");
        let mut lists: HashMap<String, Vec<&'static str>> =
            lists.into_iter().map(|(name, words)| (name, words.leak().split('|').collect())).collect();
        let mut list = |name: &str| lists.remove(name).unwrap_or_default();
        Units {
            scales: list("scales"),
            money_before: list("money_before"),
            money: list("money"),
            shares: list("shares"),
            durations: list("durations"),
            measures: list("measures"),
            date_parts: list("date_parts"),
            months: list("months"),
            times: list("times"),
            reasons: list("reasons"),
            persons: list("persons"),
            vague: list("vague"),
            number_words: list("number_words"),
        }
    })
}

/// Whether a folded word is a number.
pub(super) fn is_number_word(word: &str) -> bool {
    units().number_words.contains(&word)
}

/// Whether a folded text has a word that stands in the place of a number.
pub(super) fn is_vague(folded: &str) -> bool {
    mentions_one(folded, units().vague.iter().copied())
}

/// What follows a number, without a word such as "million"; and whether there was one.
pub(super) fn without_scale(after: &str) -> (bool, &str) {
    let mut rest = after;
    let mut scaled = false;
    while let Some(scale) =
        units().scales.iter().filter(|scale| starts_with_word(rest, scale)).max_by_key(|scale| scale.len())
    {
        rest = rest[scale.len()..].trim_start_matches(['.', ' ', '-', '余', '多']);
        scaled = true;
    }
    (scaled, rest.trim_start_matches(['余', '多', '-', ' ', '\u{a0}']))
}

pub(super) fn starts_with_money(text: &str) -> bool {
    units().money.iter().any(|unit| starts_with_unit_of(text, unit))
}

pub(super) fn ends_with_money(text: &str) -> bool {
    units().money_before.iter().any(|unit| text.trim_end().ends_with(unit))
}

pub(super) fn starts_with_share(text: &str) -> bool {
    units().shares.iter().any(|unit| starts_with_unit_of(text, unit))
}

pub(super) fn starts_with_duration(text: &str) -> bool {
    units().durations.iter().any(|unit| starts_with_unit_of(text, unit))
}

pub(super) fn starts_with_measure(text: &str) -> bool {
    units().measures.iter().any(|unit| starts_with_unit_of(text, unit))
}

pub(super) fn starts_with_any_unit(text: &str) -> bool {
    starts_with_money(text)
        || starts_with_share(text)
        || units().durations.iter().any(|unit| unit.len() > 3 && text.starts_with(unit))
        || units().measures.iter().any(|unit| unit.len() > 2 && text.starts_with(unit))
}

/// Whether a text starts with the name of a unit, or with a word such as "percent" or "million".
pub(super) fn starts_with_unit(text: &str) -> bool {
    starts_with_money(text)
        || starts_with_share(text)
        || starts_with_duration(text)
        || starts_with_measure(text)
        || units().scales.iter().any(|scale| starts_with_word(text, scale))
        || ["times", "times ", "mal "].iter().any(|word| text.starts_with(word))
}

/// 月 and 日 behind a number make a date unless a duration is meant: 三個月.
pub(super) fn starts_with_part_of_date(text: &str) -> bool {
    units().date_parts.iter().any(|part| text.starts_with(part))
}

pub(super) fn starts_with_month(text: &str) -> bool {
    let text = text.trim_start_matches(['.', ' ']);
    let text = ["of ", "de ", "th of ", "st of ", "st ", "nd ", "rd ", "th "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    units().months.iter().any(|month| starts_with_word(text, month))
}

pub(super) fn ends_with_month(text: &str) -> bool {
    let word = text.trim_end_matches(['.', ' ', ',']).rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    units().months.contains(&word)
}

/// Letters of a short unit's name at most. It is not the beginning of another word: "foot" in "footballers".
const SHORT_UNIT: usize = 6;
/// Letters of the ending of a short unit: "years", "inches".
const ENDING: usize = 2;

/// Whether a text starts with a unit. One that ends with a space is a whole word.
fn starts_with_unit_of(text: &str, unit: &str) -> bool {
    let name = unit.trim_end();
    let Some(rest) = text.strip_prefix(name) else { return false };
    if name.len() < unit.len() {
        return !rest.starts_with(char::is_alphanumeric);
    }
    let is_short = name.len() <= SHORT_UNIT && name.bytes().all(|byte| byte.is_ascii_lowercase());
    !is_short || rest.chars().take_while(|c| c.is_alphabetic()).count() <= ENDING
}

/// Whether a text starts with a word of an alphabet as a whole, or with one of another script.
fn starts_with_word(text: &str, word: &str) -> bool {
    let is_spaced = word.starts_with(|c: char| c.is_lowercase());
    text.strip_prefix(word).is_some_and(|rest| !is_spaced || !rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::fold;

    #[test]
    fn every_list_has_folded_words() {
        let lists: HashMap<String, String> = toml::from_str(FILE).unwrap();
        let changed: Vec<&str> = lists
            .values()
            .flat_map(|words| words.split('|'))
            .filter(|word| word.is_empty() || fold(word) != **word)
            .collect();
        assert!(changed.is_empty(), "{changed:?}");
        let units = units();
        for list in [
            &units.scales,
            &units.money_before,
            &units.money,
            &units.shares,
            &units.durations,
            &units.measures,
            &units.date_parts,
            &units.months,
            &units.times,
            &units.reasons,
            &units.persons,
            &units.vague,
            &units.number_words,
        ] {
            assert!(!list.is_empty());
        }
    }
}
