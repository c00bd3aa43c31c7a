//! The words for times, as `phrases.toml` lists them, and where they stand in a text.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::window::Unit;
use crate::quantities::{Characters, is_spelt};
use crate::terms::fold;
use crate::terms::language::{is_han, is_hangul, is_kana};

/// The table for a text in no language that has one.
const DEFAULT: &str = "en";
/// That for Chinese and Japanese.
const HAN: &str = "han";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    newest: String,
    today: String,
    lasting: String,
    day: Pair,
    week: Pair,
    month: Pair,
    quarter: Pair,
    year: Pair,
    past: String,
    since: String,
    since_beside: String,
    since_behind: String,
    within: String,
    forecast: String,
    reports: String,
    not_before: String,
    not_behind: String,
    not_after: String,
    not: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    this: String,
    last: String,
}

/// The words of one language, folded, the longest first.
pub(super) struct Phrases {
    times: Vec<(String, Said)>,
    today: Vec<String>,
    lasting: Vec<String>,
    pub(super) past: Vec<String>,
    pub(super) since: Vec<String>,
    pub(super) since_beside: Vec<String>,
    pub(super) since_behind: Vec<String>,
    pub(super) within: Vec<String>,
    forecast: Vec<String>,
    reports: Vec<String>,
    not_before: Vec<String>,
    not_behind: Vec<String>,
    not_after: Vec<String>,
}

/// What a phrase says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Newest,
    /// The present one, or one so many before it.
    Back(Unit, i32),
    /// No time.
    Nothing,
}

/// A phrase in a text, by its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) said: Said,
}

impl Phrases {
    /// Those of a language.
    pub(super) fn of(language: Option<&str>) -> &'static Self {
        let primary = language.unwrap_or(DEFAULT).split('-').next().unwrap_or(DEFAULT);
        let name = if matches!(primary, "zh" | "ja") { HAN } else { primary };
        let tables = tables();
        tables.get(name).or_else(|| tables.get(DEFAULT)).expect("phrases.toml, which is compiled in, has English")
    }

    /// The phrases for times in a text.
    pub(super) fn find(&self, text: &Characters) -> Vec<Place> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let listed = self.times.iter().find_map(|(words, said)| Some((starts(text, at, words)?, *said)));
            match listed {
                Some((end, said)) => {
                    if said != Said::Nothing {
                        found.push(Place { start: at, end, said });
                    }
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Whether a text is about what is to come.
    pub(super) fn is_forecast(&self, text: &Characters) -> bool {
        has_any(text, 0..text.len(), &self.forecast)
    }

    /// Whether a text asks what happened, or was said.
    pub(super) fn asks_for_reports(&self, text: &Characters) -> bool {
        has_any(text, 0..text.len(), &self.reports)
    }

    /// Whether the words beside a phrase make it something else than a time of documents: a period that is compared with
    /// another, or part of a longer one.
    pub(super) fn is_part_of_more(&self, text: &Characters, start: usize, end: usize) -> bool {
        let behind = text.skip(end);
        // 去年12月, 上週五
        let is_narrower = text.get(behind).is_some_and(|c| c.is_numeric() || "一二三四五六七八九十".contains(c))
            && text.before(end).is_some_and(is_unspaced);
        is_narrower
            || ends(text, start, &self.not_before).is_some()
            || self.not_behind.iter().any(|word| starts(text, behind, word).is_some())
    }

    /// Whether one of the phrases for newer documents says "today", and means this day.
    pub(super) fn is_today(&self, text: &Characters, start: usize, end: usize) -> bool {
        self.today.iter().any(|word| starts(text, start, word) == Some(end))
            && ends(text, start, &self.lasting).is_none()
            && !self.is_part_of_more(text, start, end)
    }

    /// Whether words before `start` make "nearest" of a phrase that else says "newest".
    pub(super) fn is_of_place(&self, text: &Characters, start: usize) -> bool {
        has_any(text, 0..start, &self.not_after)
    }
}

fn has_any(text: &Characters, mut places: std::ops::Range<usize>, words: &[String]) -> bool {
    places.any(|at| words.iter().any(|word| starts(text, at, word).is_some()))
}

/// The end of a phrase if it stands at `at`, as whole words.
pub(super) fn starts(text: &Characters, at: usize, words: &str) -> Option<usize> {
    let begins = !(text.get(at).is_some_and(is_spelt) && text.before(at).is_some_and(is_spelt));
    if begins { text.word(at, words) } else { None }
}

/// The start of the longest of these words that end at `at`, up to a space.
pub(super) fn ends(text: &Characters, at: usize, list: &[String]) -> Option<usize> {
    let end = text.skip_back(at);
    list.iter().find_map(|word| {
        let start = end.checked_sub(word.chars().count())?;
        (starts(text, start, word) == Some(end)).then_some(start)
    })
}

fn tables() -> &'static BTreeMap<String, Phrases> {
    static TABLES: OnceLock<BTreeMap<String, Phrases>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let listed: BTreeMap<String, Listed> =
            toml::from_str(include_str!("phrases.toml")).expect("phrases.toml, which is compiled in, is valid");
        listed.into_iter().map(|(name, listed)| (name, Phrases::from(listed))).collect()
    })
}

impl From<Listed> for Phrases {
    fn from(listed: Listed) -> Self {
        let Listed {
            newest,
            today,
            lasting,
            day,
            week,
            month,
            quarter,
            year,
            past,
            since,
            since_beside,
            since_behind,
            within,
            forecast,
            reports,
            not_before,
            not_behind,
            not_after,
            not,
        } = listed;
        let units =
            [(Unit::Day, day), (Unit::Week, week), (Unit::Month, month), (Unit::Quarter, quarter), (Unit::Year, year)];
        let mut times: Vec<(String, Said)> = Vec::new();
        let mut add = |list: &str, said: Said| times.extend(folded(list).into_iter().map(|words| (words, said)));
        add(&newest, Said::Newest);
        add(&not, Said::Nothing);
        for (unit, Pair { this, last }) in units {
            add(&this, Said::Back(unit, 0));
            add(&last, Said::Back(unit, 1));
        }
        times.sort_by_key(|(words, _)| std::cmp::Reverse(words.chars().count()));
        Self {
            times,
            today: folded(&today),
            lasting: folded(&lasting),
            past: folded(&past),
            since: folded(&since),
            since_beside: folded(&since_beside),
            since_behind: folded(&since_behind),
            within: folded(&within),
            forecast: folded(&forecast),
            reports: folded(&reports),
            not_before: folded(&not_before),
            not_behind: folded(&not_behind),
            not_after: folded(&not_after),
        }
    }
}

/// The phrases of a list, folded, the longest first.
fn folded(list: &str) -> Vec<String> {
    let mut words: Vec<String> = list.split('|').filter(|words| !words.is_empty()).map(fold).collect();
    words.sort_by_key(|words| std::cmp::Reverse(words.chars().count()));
    words
}

/// Whether a text is in a script without spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    is_han(c) || is_kana(c) || is_hangul(c)
}
