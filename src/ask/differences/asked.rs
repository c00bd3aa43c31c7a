//! A question and the sentences that may answer it, as far as they tell which sentences speak of the same.

use std::collections::HashSet;

use super::super::condense::is_unspaced;
use super::super::kind::Kind;
use super::super::names::Name;
use super::super::subjects::{Subject, names_asked_for};
use super::super::versions::words_without;
use crate::quantities::{Agreement, Kind as QuantityKind, Measure, Quantity, compare, quantities};
use crate::terms::{fold, question_terms, terms};

/// The share of the terms of a question without spaces that two sentences about the same have in common with it.
const SAME_FROM: f32 = 0.6;
/// Letters by which the word for what is counted is known in the question.
const STEM: usize = 4;
/// Openings of a question for a number of things, folded. "How many metres" asks for metres.
const COUNTING: [&str; 6] = ["how many", "wie viele", "wie vielen", "combien de", "cuantos", "cuantas"];
const COUNTING_UNSPACED: [&str; 14] = [
    "几次",
    "几个",
    "几家",
    "几位",
    "几名",
    "几所",
    "几座",
    "何回",
    "何人",
    "何件",
    "何社",
    "多少人",
    "多少家",
    "多少个",
];
/// Words of a question for a part of a whole, folded, and those that begin alike.
const SHARES: [&str; 6] = ["percent", "per cent", "percentage", "prozent", "％", "%"];
const SHARES_UNSPACED: [&str; 2] = ["率", "パーセント"];
const NO_SHARES: [&str; 2] = ["汇率", "レート"];
/// Words of a question for what holds at present, and for what happened, folded.
const HOLDING: [&str; 18] = [
    "is", "are", "does", "do", "has", "have", "ist", "sind", "kostet", "kosten", "betragt", "gilt", "liegt", "est",
    "sont", "coute", "es", "cuesta",
];
const HAPPENED: [&str; 9] = ["did", "was", "were", "had", "war", "waren", "wurde", "wurden", "hatte"];
const HAPPENED_UNSPACED: [&str; 6] = ["了", "曾", "ました", "でした", "だった", "昨"];
/// In which direction something extends, folded: a length is no width.
const EXTENTS: [&str; 16] = [
    "long", "length", "wide", "width", "high", "height", "tall", "deep", "depth", "thick", "lang", "breit", "hoch",
    "tief", "dick", "gross",
];
/// Words of a question that ask what somebody expects, folded: several may expect different things of the same.
const EXPECTING: [&str; 12] = [
    "expect",
    "expects",
    "expected",
    "forecast",
    "forecasts",
    "predict",
    "predicts",
    "predicted",
    "erwarten",
    "erwartet",
    "prognose",
    "prognosen",
];
const EXPECTING_UNSPACED: [&str; 5] = ["预期", "预估", "预测", "预计", "予想"];

/// A sentence with its quantities, without those that the question has.
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) quantities: Vec<Quantity>,
    /// Also those of the question.
    pub(super) all: Vec<Quantity>,
    pub(super) words: HashSet<String>,
    pub(super) terms: HashSet<String>,
    pub(super) subject: Subject,
    /// Numbers that name something: "room 101".
    pub(super) identifiers: HashSet<String>,
    /// Whether the answer quotes it.
    pub(super) is_answer: bool,
}

/// What is asked, as far as it tells which sentences speak of the same.
#[expect(clippy::struct_excessive_bools, reason = "each is a property that the words of a question show by themselves")]
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) quantities: Vec<Quantity>,
    pub(super) names: Vec<String>,
    /// Houses, offices and people that it names and that a list has.
    pub(super) listed: Vec<Name>,
    pub(super) words: HashSet<String>,
    /// Its terms, if it is written without spaces.
    pub(super) unspaced: Vec<String>,
    /// Its terms, if it is written with spaces.
    pub(super) spaced: Vec<String>,
    /// Whether it asks what somebody expects.
    pub(super) is_expecting: bool,
    /// Whether it asks for a number of things, and for a part of a whole.
    pub(super) is_counting: bool,
    pub(super) is_for_share: bool,
    /// Whether it names a date.
    pub(super) is_dated: bool,
    /// Whether it asks for what holds at present.
    pub(super) is_present: bool,
    /// Whether sentences of other months and days may speak of the same: the question names none, and the newest counts.
    pub(super) any_day: bool,
}

impl Asked {
    pub(super) fn of(question: &str, listed: Vec<Name>) -> Self {
        let folded = fold(question);
        let words: HashSet<String> = folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        let has_word = |list: &[&str]| list.iter().any(|word| words.contains(*word));
        let has = |list: &[&str]| list.iter().any(|sign| folded.contains(sign));
        let is_unspaced = is_unspaced(question);
        let quantities = quantities(question);
        let is_dated = quantities
            .iter()
            .any(|quantity| quantity.readings.iter().any(|reading| matches!(reading, Measure::Date(_))));
        let is_present =
            if is_unspaced { !has(&HAPPENED_UNSPACED) } else { has_word(&HOLDING) && !has_word(&HAPPENED) };
        Self {
            kind: Kind::of(question),
            quantities,
            names: names_asked_for(question),
            listed,
            unspaced: if is_unspaced { question_terms(question) } else { Vec::new() },
            spaced: if is_unspaced { Vec::new() } else { question_terms(question) },
            is_expecting: has_word(&EXPECTING) || has(&EXPECTING_UNSPACED),
            is_counting: has(&COUNTING) || has(&COUNTING_UNSPACED),
            is_for_share: has(&SHARES) || has(&SHARES_UNSPACED) && !has(&NO_SHARES),
            is_dated,
            is_present,
            any_day: is_present && !is_dated,
            words,
        }
    }

    /// Whether two sentences have the same of the listed names.
    pub(super) fn has_listed(&self, one: &Said<'_>, other: &Said<'_>) -> bool {
        self.listed.iter().all(|name| name.is_in(&one.terms) == name.is_in(&other.terms))
    }

    /// Whether two sentences have the same of the terms of a question without spaces, and most of them.
    pub(super) fn has_terms(&self, one: &Said<'_>, other: &Said<'_>) -> bool {
        let has = |term: &&String| one.terms.contains(*term);
        let same = self.unspaced.iter().all(|term| one.terms.contains(term) == other.terms.contains(term));
        let count = self.unspaced.iter().filter(has).count() as f32;
        !self.unspaced.is_empty() && same && count >= SAME_FROM * self.unspaced.len() as f32
    }

    /// Whether two sentences, both written with spaces, have the same of the terms of such a question: one is of an adult
    /// ticket, the other of a child's. Of a question in another language both have none.
    pub(super) fn has_words(&self, one: &Said<'_>, other: &Said<'_>) -> bool {
        is_unspaced(one.text) != is_unspaced(other.text)
            || self.spaced.iter().all(|term| one.terms.contains(term) == other.terms.contains(term))
    }

    /// Whether a quantity of a sentence can be what is asked for, as far as its unit tells.
    pub(super) fn is_for(&self, quantity: &Quantity, sentence: &str) -> bool {
        let is_share = || {
            let share = |reading: &Measure| match reading {
                Measure::Amount(amount) => matches!(amount.kind, QuantityKind::Share | QuantityKind::Points),
                _ => false,
            };
            quantity.readings.iter().any(share)
        };
        let asks = |word: &str| {
            let stem: String = fold(word).chars().take(STEM).collect();
            stem.chars().nth(1).is_some() && self.words.iter().any(|word| word.starts_with(&stem))
        };
        // "How many metres": the unit is asked for. "How many households": a number of something else is not.
        let is_number = || {
            let value = &sentence[quantity.span.range()];
            let behind = sentence[quantity.span.end..].trim_start();
            let counted = behind.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            let is_of_another = quantity.is_counted && !is_unspaced(sentence) && !asks(counted);
            value.split(|c: char| !c.is_alphabetic()).any(asks) || is_count(quantity) && !is_of_another
        };
        is_date(quantity) || (!self.is_for_share || is_share()) && (!self.is_counting || is_number())
    }

    /// Whether two sentences have the same of the names that are asked for, and any of them.
    pub(super) fn has_names(&self, one: &Said<'_>, other: &Said<'_>) -> (bool, bool) {
        let has = |said: &Said<'_>, name: &String| fold(said.text).contains(name.as_str());
        let same = self.names.iter().all(|name| has(one, name) == has(other, name));
        (same, same && self.names.iter().any(|name| has(one, name)))
    }
}

impl<'a> Said<'a> {
    pub(super) fn new(text: &'a str, asked: &Asked) -> Self {
        let is_new =
            |quantity: &Quantity| asked.quantities.iter().all(|other| compare(quantity, other) != Agreement::Same);
        let all = quantities(text);
        let quantities = all.iter().filter(|quantity| is_new(quantity)).cloned().collect();
        let identifiers = identifiers(text, &all, &asked.words);
        let words = words_without(text, &all);
        let terms = terms(text).into_iter().collect();
        Self { text, quantities, all, words, terms, subject: Subject::of(text), identifiers, is_answer: true }
    }

    /// Whether the words of both tell that they measure in different directions: a length and a width.
    pub(super) fn has_other_extent(&self, other: &Self) -> bool {
        let extents = |said: &Self| -> Vec<&str> {
            let folded = fold(said.text);
            let words: HashSet<&str> = folded.split(|c: char| !c.is_alphanumeric()).collect();
            EXTENTS.iter().copied().filter(|word| words.contains(word)).collect()
        };
        let (these, those) = (extents(self), extents(other));
        !these.is_empty() && !those.is_empty() && these.iter().all(|word| !those.contains(word))
    }

    pub(super) fn value(&self, quantity: &Quantity) -> &'a str {
        &self.text[quantity.span.range()]
    }
}

/// Bare numbers behind a word of the question, and weak ones: "room 101", "the first runner".
pub(super) fn identifiers(text: &str, all: &[Quantity], asked: &HashSet<String>) -> HashSet<String> {
    let has_unit = all.iter().any(|quantity| !is_count(quantity) && !is_date(quantity));
    let is_identifier = |quantity: &&Quantity| {
        let before = text[..quantity.span.start].trim_end();
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_asked = || asked.contains(&fold(word));
        // "Room 101 costs" counts no costs.
        let names_one = !quantity.is_counted || word.starts_with(char::is_uppercase) && is_asked();
        let is_bare = is_count(quantity) && names_one && before.len() < quantity.span.start;
        quantity.is_weak || is_bare && !word.is_empty() && (has_unit || is_asked())
    };
    all.iter().filter(is_identifier).map(|quantity| fold(&text[quantity.span.range()])).collect()
}

pub(super) fn is_date(quantity: &Quantity) -> bool {
    quantity.readings.iter().any(|reading| {
        matches!(
            reading,
            Measure::Date(_) | Measure::Weekday(_) | Measure::Quarter(_) | Measure::Half(_) | Measure::Years { .. }
        )
    })
}

pub(super) fn is_count(quantity: &Quantity) -> bool {
    quantity
        .readings
        .iter()
        .all(|reading| matches!(reading, Measure::Amount(amount) if amount.kind == QuantityKind::Count))
}
