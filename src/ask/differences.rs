//! Sentences that answer and say different things of the same: other numbers, other dates, another direction.
//!
//! Two sentences speak of the same if they have the same words but for their quantities, or if both have a quantity of the kind
//! that the question asks for. They do not if one has a name that the other lacks, another number that names something, or another
//! year, quarter, month or day: "revenue in 2025" and "in 2026". Only what several expect may differ by who says it.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::kind::Kind;
use super::nearness::Nearness;
use super::subjects::{Subject, names_asked_for};
use super::versions::{is_version, shares_words, words_without_quantities};
use crate::passage::{AnswerSentence, Citation, DisagreeingValue, Disagreement, DisagreementKind, FoundPassage};
use crate::quantities::{Agreement, Date, Kind as QuantityKind, Measure, Quantity, compare, quantities};
use crate::terms::{fold, opposites};

/// Words before a month or a day from which on something holds, folded.
const STARTING: [&str; 8] = ["from", "since", "ab", "seit", "desde", "depuis", "des", "until"];
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
struct Said<'a> {
    text: &'a str,
    quantities: Vec<Quantity>,
    /// Also those of the question.
    all: Vec<Quantity>,
    words: HashSet<String>,
    subject: Subject,
    /// Numbers that name something: "room 101".
    identifiers: HashSet<String>,
    /// Whether the answer quotes it.
    is_answer: bool,
}

/// What is asked, as far as it tells which sentences speak of the same.
struct Asked {
    kind: Kind,
    quantities: Vec<Quantity>,
    names: Vec<String>,
    words: HashSet<String>,
    /// Whether it asks what somebody expects.
    is_expecting: bool,
    /// Whether sentences of other months and days may speak of the same: the question names none, and the newest counts.
    any_day: bool,
}

impl Asked {
    fn of(question: &str) -> Self {
        let folded = fold(question);
        let is_expecting = folded.split(|c: char| !c.is_alphanumeric()).any(|word| EXPECTING.contains(&word))
            || EXPECTING_UNSPACED.iter().any(|sign| folded.contains(sign));
        Self {
            kind: Kind::of(question),
            quantities: quantities(question),
            names: names_asked_for(question),
            words: folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect(),
            is_expecting,
            any_day: false,
        }
    }

    /// Whether two sentences have the same of the names that are asked for, and any of them.
    fn has_names(&self, one: &Said<'_>, other: &Said<'_>) -> (bool, bool) {
        let has = |said: &Said<'_>, name: &String| fold(said.text).contains(name.as_str());
        let same = self.names.iter().all(|name| has(one, name) == has(other, name));
        (same, same && self.names.iter().any(|name| has(one, name)))
    }
}

impl<'a> Said<'a> {
    fn new(text: &'a str, asked: &Asked) -> Self {
        let is_new =
            |quantity: &Quantity| asked.quantities.iter().all(|other| compare(quantity, other) != Agreement::Same);
        let all = quantities(text);
        let quantities = all.iter().filter(|quantity| is_new(quantity)).cloned().collect();
        let identifiers = identifiers(text, &all, &asked.words);
        let words = words_without_quantities(text);
        Self { text, quantities, all, words, subject: Subject::of(text), identifiers, is_answer: true }
    }

    fn value(&self, quantity: &Quantity) -> &'a str {
        &self.text[quantity.span.range()]
    }
}

/// Bare numbers behind a word of the question, and weak ones: "room 101", "the first runner".
fn identifiers(text: &str, all: &[Quantity], asked: &HashSet<String>) -> HashSet<String> {
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

/// In what two sentences differ, and what each says.
fn difference<'a>(one: &Said<'a>, other: &Said<'a>, asked: &Asked) -> Option<(DisagreementKind, &'a str, &'a str)> {
    let kind = &asked.kind;
    let (same_names, has_names) = asked.has_names(one, other);
    if !same_names {
        return None;
    }
    let same_subject = || one.subject.is_same(&other.subject) && one.identifiers == other.identifiers;
    let are_versions = shares_words(&one.words, &other.words) && same_subject();
    let is_of_one = || {
        let is_told_more = || one.subject.is_part_of(&other.subject) || other.subject.is_part_of(&one.subject);
        asked.is_expecting
            || one.identifiers == other.identifiers
                && (one.subject.is_same(&other.subject) || has_names && is_told_more())
    };
    let asks_both = || kind.is_in(one.text) == Some(true) && kind.is_in(other.text) == Some(true) && is_of_one();
    if !(are_versions || one.is_answer && asks_both()) {
        return None;
    }
    let asks_when = kind.asks_when();
    if !asks_when && (names_other_period(one, other) || !asked.any_day && names_other_day(one, other)) {
        return None;
    }
    if are_versions && let Some((this, that)) = opposites(one.text, other.text) {
        let own = |text: &'a str, word: &str| written(text, word).unwrap_or(text);
        return Some((DisagreementKind::Direction, own(one.text, this), own(other.text, that)));
    }
    let agrees = |quantity: &Quantity, with: &Said<'_>| {
        with.quantities.iter().any(|other| matches!(compare(quantity, other), Agreement::Same | Agreement::Partial))
            || with.quantities.iter().any(|other| compare(other, quantity) == Agreement::Same)
    };
    let open = |said: &Said<'a>, with: &Said<'a>| -> Vec<Quantity> {
        let is_asked = |quantity: &&Quantity| is_date(quantity) == asks_when && !is_time_of_day(quantity);
        said.quantities.iter().filter(is_asked).filter(|quantity| !agrees(quantity, with)).cloned().collect()
    };
    let (these, those) = (open(one, other), open(other, one));
    for this in &these {
        for that in &those {
            // What a bare number counts, only the words around it tell.
            let is_comparable = are_versions || !is_count(this) && kind.is_in(one.value(this)) != Some(false);
            if compare(this, that) == Agreement::Value && is_comparable {
                let kind = if is_date(this) { DisagreementKind::Date } else { DisagreementKind::Number };
                return Some((kind, one.value(this), other.value(that)));
            }
        }
    }
    None
}

fn is_date(quantity: &Quantity) -> bool {
    quantity.readings.iter().any(|reading| {
        matches!(
            reading,
            Measure::Date(_) | Measure::Weekday(_) | Measure::Quarter(_) | Measure::Half(_) | Measure::Years { .. }
        )
    })
}

fn is_count(quantity: &Quantity) -> bool {
    quantity
        .readings
        .iter()
        .all(|reading| matches!(reading, Measure::Amount(amount) if amount.kind == QuantityKind::Count))
}

fn is_time_of_day(quantity: &Quantity) -> bool {
    quantity.readings.iter().all(|reading| matches!(reading, Measure::Clock(_)))
}

/// Whether both name years, quarters or halves, and none that the other names.
fn names_other_period(one: &Said<'_>, other: &Said<'_>) -> bool {
    let periods = |said: &Said<'_>, part: fn(&Measure) -> Option<i64>| -> Vec<i64> {
        said.all.iter().filter_map(|quantity| quantity.readings.iter().find_map(part)).collect()
    };
    let parts: [fn(&Measure) -> Option<i64>; 3] = [
        |measure| if let Measure::Date(date) = measure { date.year } else { None },
        |measure| if let Measure::Quarter(quarter) = measure { Some(i64::from(*quarter)) } else { None },
        |measure| if let Measure::Half(half) = measure { Some(i64::from(*half)) } else { None },
    ];
    parts.into_iter().any(|part| {
        let (these, those) = (periods(one, part), periods(other, part));
        !these.is_empty() && !those.is_empty() && these.iter().all(|period| !those.contains(period))
    })
}

/// Whether both name months or days, and none that the other names. What holds from a month on is not said of that month.
fn names_other_day(one: &Said<'_>, other: &Said<'_>) -> bool {
    let days = |said: &Said<'_>| -> Vec<Date> {
        let is_start = |quantity: &&Quantity| {
            let before = fold(&said.text[..quantity.span.start]);
            let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let behind = said.text[quantity.span.end..].trim_start();
            STARTING.contains(&word) || behind.starts_with("起") || behind.starts_with("から") || before.ends_with('自')
        };
        let date = |measure: &Measure| match measure {
            Measure::Date(date) if date.month.is_some() => Some(*date),
            _ => None,
        };
        let all = said.all.iter().filter(|quantity| !is_start(quantity));
        all.filter_map(|quantity| quantity.readings.iter().find_map(date)).collect()
    };
    let (these, those) = (days(one), days(other));
    let differ = |one: &Date, other: &Date| {
        one.month != other.month || one.day.is_some() && other.day.is_some() && one.day != other.day
    };
    !these.is_empty() && !those.is_empty() && these.iter().all(|one| those.iter().all(|other| differ(one, other)))
}

/// The part of `text` that folds to `word`.
fn written<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let count = word.chars().count();
    bounds.windows(count + 1).map(|part| &text[part[0]..part[count]]).find(|part| fold(part) == word)
}

/// Where the sentences of an answer, and the passages that are about as near to the question, say different things of the same.
/// `citations` are those that the sentences' numbers refer to.
pub(super) fn differences(question: &str, sentences: &[AnswerSentence], citations: &[Citation]) -> Vec<Disagreement> {
    if sentences.is_empty() {
        return Vec::new();
    }
    let asked = Asked::of(question);
    let passages: Vec<FoundPassage> = citations.iter().map(|citation| citation.passage.clone()).collect();
    let nearness = Nearness::new(question, &passages);
    let is_cited = |id: usize| sentences.iter().any(|sentence| sentence.citations.contains(&id));
    let first = &passages[0];
    let said: Vec<(Said<'_>, usize, &FoundPassage)> = citations
        .iter()
        .map(|Citation { id, passage }| (*id, passage))
        .filter(|(id, passage)| {
            let is_answer = is_cited(*id) || nearness.is_near(passage);
            !passage.is_row && (is_answer || is_version(&first.quote.text, &passage.quote.text))
        })
        .map(|(id, passage)| {
            let said = Said { is_answer: is_cited(id), ..Said::new(&passage.quote.text, &asked) };
            (said, id, passage)
        })
        .collect();
    let mut found: Vec<Disagreement> = Vec::new();
    let mut told = vec![false; said.len()];
    for first in 0..said.len() {
        if told[first] {
            continue;
        }
        let (one, id, passage) = &said[first];
        let mut group: Option<Disagreement> = None;
        for (other, other_id, other_passage) in &said[first + 1..] {
            if passage.document.id == other_passage.document.id {
                continue;
            }
            let Some((kind, value, against)) = difference(one, other, &asked) else { continue };
            let of = |value: &str, said: &Said<'_>, citation: usize| DisagreeingValue {
                value: value.to_owned(),
                text: said.text.to_owned(),
                citation,
                is_older: false,
            };
            let group = group.get_or_insert_with(|| Disagreement { kind, values: vec![of(value, one, *id)] });
            if group.kind == kind {
                group.values.push(of(against, other, *other_id));
                if let Some(place) = said.iter().position(|(_, id, _)| id == other_id) {
                    told[place] = true;
                }
            }
        }
        found.extend(group);
    }
    for disagreement in &mut found {
        newest_first(&mut disagreement.values, citations);
    }
    found
}

/// Orders values by the dates of their documents and marks those that are older than another.
fn newest_first(values: &mut [DisagreeingValue], citations: &[Citation]) {
    let date = |value: &DisagreeingValue| {
        citations.get(value.citation - 1).and_then(|citation| citation.passage.document.published.clone())
    };
    values.sort_by_key(|value| Reverse(date(value)));
    let newest = values.first().and_then(&date);
    for value in values {
        let own = date(value);
        let common = |one: &str, other: &str| {
            let length = one.len().min(other.len());
            one.get(..length) < other.get(..length)
        };
        value.is_older = matches!((&own, &newest), (Some(own), Some(newest)) if common(own, newest));
    }
}

/// Puts the newest of the versions of the best passage's statement in its place, and the older ones behind it, by date.
pub(super) fn newest_version_first(question: &str, passages: &mut [FoundPassage]) {
    let nearness = Nearness::new(question, passages);
    let Some(best) = passages.first().filter(|passage| passage.document.published.is_some()) else { return };
    let quote = best.quote.text.clone();
    let dated = |quantity: &Quantity| quantity.readings.iter().any(|reading| matches!(reading, Measure::Date(_)));
    let asked = Asked::of(question);
    // In a question without a date, the newest counts.
    let any_day = !asked.quantities.iter().any(dated);
    let asked = Asked { kind: Kind::default(), any_day, ..asked };
    let best = Said::new(&quote, &asked);
    let places: Vec<usize> = (0..passages.len())
        .filter(|at| {
            let passage = &passages[*at];
            let is_other = || {
                nearness.is_near(passage)
                    && difference(&best, &Said::new(&passage.quote.text, &asked), &asked).is_some()
            };
            *at == 0 || passage.document.published.is_some() && is_other()
        })
        .collect();
    let mut versions: Vec<FoundPassage> = places.iter().map(|at| passages[*at].clone()).collect();
    versions.sort_by_key(|passage| Reverse(passage.document.published.clone()));
    let relevances: Vec<f32> = places.iter().map(|at| passages[*at].relevance).collect();
    for ((at, version), relevance) in places.into_iter().zip(versions).zip(relevances) {
        passages[at] = FoundPassage { relevance, ..version };
    }
}

#[cfg(test)]
mod tests;
