//! Sentences that answer and say different things of the same: other numbers, other dates, another direction.
//!
//! Two sentences speak of the same if they have the same words but for their quantities, or if both have a quantity of the kind
//! that the question asks for. They do not if one has a name that the other lacks, another number that names something, or another
//! year, quarter, month or day: "revenue in 2025" and "in 2026". Only what several expect may differ by who says it, and
//! only if the question names none of them.

mod asked;

use std::cmp::Reverse;

use super::kind::Kind;
use super::names::Name;
use super::nearness::Nearness;
use super::versions::{shares_words, words_without_quantities};
use crate::passage::{AnswerSentence, Citation, DisagreeingValue, Disagreement, DisagreementKind, FoundPassage};
use crate::quantities::{Agreement, Date, Measure, Quantity, compare};
use crate::terms::{fold, opposites};
use asked::{Asked, Said, is_count, is_date};

/// Expectations of one thing that are further apart than this are of different things: gold and oil.
const MOST_TIMES: f64 = 3.0;
/// Words behind a day that tell as of when something holds, folded.
const AS_OF: [&str; 5] = ["起", "から", "时点", "止", "现在"];

/// Words before a month or a day from which on something holds, folded.
const STARTING: [&str; 8] = ["from", "since", "ab", "seit", "desde", "depuis", "des", "until"];
/// In what two sentences differ, and what each says.
fn difference<'a>(one: &Said<'a>, other: &Said<'a>, asked: &Asked) -> Option<(DisagreementKind, &'a str, &'a str)> {
    let kind = &asked.kind;
    if !one.is_answer && !other.is_answer {
        return None;
    }
    let (same_names, has_names) = asked.has_names(one, other);
    if !same_names || !asked.has_listed(one, other) || one.has_other_extent(other) {
        return None;
    }
    let same_subject = || one.subject.is_same(&other.subject) && one.identifiers == other.identifiers;
    let are_versions = shares_words(&one.words, &other.words) && same_subject();
    let is_of_one = || {
        let is_told_more = || one.subject.is_part_of(&other.subject) || other.subject.is_part_of(&one.subject);
        asked.is_expecting
            || asked.has_terms(one, other)
            || one.identifiers == other.identifiers
                && (one.subject.is_same(&other.subject) || has_names && is_told_more())
    };
    let asks_both = || {
        kind.is_in(one.text) == Some(true)
            && kind.is_in(other.text) == Some(true)
            && is_of_one()
            && (asked.is_expecting || asked.has_words(one, other))
    };
    if !(are_versions || asks_both()) {
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
        let is_asked = |quantity: &&Quantity| {
            is_date(quantity) == asks_when && !is_time_of_day(quantity) && asked.is_for(quantity, said.text)
        };
        said.quantities.iter().filter(is_asked).filter(|quantity| !agrees(quantity, with)).cloned().collect()
    };
    let (these, those) = (open(one, other), open(other, one));
    for this in &these {
        for that in &those {
            // What a bare number counts, only the words around it tell.
            let is_asked_count = || asked.is_counting && asked.is_expecting && is_count(this) && is_count(that);
            let is_value = || !is_count(this) && kind.is_in(one.value(this)) != Some(false);
            let is_comparable = are_versions || is_asked_count() || is_value();
            let is_of_one_thing = || are_versions || !asked.is_expecting || are_near(this, that);
            if compare(this, that) == Agreement::Value && is_comparable && is_of_one_thing() {
                let kind = if is_date(this) { DisagreementKind::Date } else { DisagreementKind::Number };
                return Some((kind, one.value(this), other.value(that)));
            }
        }
    }
    None
}

/// Whether two amounts are so near to one another that they may be expectations of one thing.
fn are_near(one: &Quantity, other: &Quantity) -> bool {
    let amount = |quantity: &Quantity| {
        quantity.readings.iter().find_map(|reading| match reading {
            Measure::Amount(amount) => Some(amount.value.abs()),
            _ => None,
        })
    };
    match (amount(one), amount(other)) {
        (Some(one), Some(other)) => one <= MOST_TIMES * other && other <= MOST_TIMES * one,
        _ => true,
    }
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
            let behind = fold(said.text[quantity.span.end..].trim_start());
            STARTING.contains(&word)
                || AS_OF.iter().any(|sign| behind.starts_with(sign))
                || before.ends_with(['自', '至'])
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
/// `listed` are the listed names of the question; `is_meant` tells whether a passage is of the time that is asked for.
pub(super) fn differences(
    question: &str,
    listed: Vec<Name>,
    sentences: &[AnswerSentence],
    citations: &[Citation],
    is_meant: impl Fn(&FoundPassage) -> bool,
) -> Vec<Disagreement> {
    if sentences.is_empty() {
        return Vec::new();
    }
    let asked = Asked::of(question, listed);
    let passages: Vec<FoundPassage> = citations.iter().map(|citation| citation.passage.clone()).collect();
    let nearness = Nearness::new(question, &passages);
    let is_cited = |id: usize| sentences.iter().any(|sentence| sentence.citations.contains(&id));
    let first = words_without_quantities(&passages[0].quote.text);
    let is_version = |passage: &FoundPassage| shares_words(&first, &words_without_quantities(&passage.quote.text));
    let said: Vec<(Said<'_>, usize, &FoundPassage)> = citations
        .iter()
        .map(|Citation { id, passage }| (*id, passage))
        .filter(|(id, passage)| {
            let is_answer = is_cited(*id) || nearness.is_near(passage);
            !passage.is_row && (is_answer || is_version(passage)) && is_meant(passage)
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
            if passage.is_of_same_document(other_passage) {
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
pub(super) fn newest_version_first(question: &str, listed: Vec<Name>, passages: &mut [FoundPassage]) {
    let nearness = Nearness::new(question, passages);
    let Some(best) = passages.first().filter(|passage| passage.document.published.is_some()) else { return };
    let quote = best.quote.text.clone();
    let asked = Asked::of(question, listed);
    // In a question without a date, the newest counts. What several expect are no versions of one statement.
    let any_day = !asked.is_dated;
    let kind = if asked.is_present { asked.kind } else { Kind::default() };
    let asked = Asked { kind, any_day, is_expecting: false, ..asked };
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

/// The places of the passages that are older versions of the statement of another one, which is about as near to the question.
#[cfg(feature = "server")]
pub(super) fn older_versions(
    question: &str,
    listed: Vec<Name>,
    passages: &[FoundPassage],
) -> std::collections::HashSet<usize> {
    use std::cmp::Ordering;
    let nearness = Nearness::new(question, passages);
    let asked = Asked::of(question, listed);
    let asked = Asked { kind: Kind::default(), any_day: !asked.is_dated, is_expecting: false, ..asked };
    let said: Vec<(usize, &FoundPassage, Said<'_>)> = passages
        .iter()
        .enumerate()
        .filter(|(_, passage)| passage.document.published.is_some() && nearness.is_near(passage))
        .map(|(place, passage)| (place, passage, Said::new(&passage.quote.text, &asked)))
        .collect();
    let mut older = std::collections::HashSet::new();
    for (at, (one_place, one, one_said)) in said.iter().enumerate() {
        for (other_place, other, other_said) in &said[at + 1..] {
            if !one.is_of_same_document(other) && difference(one_said, other_said, &asked).is_some() {
                match one.document.published.cmp(&other.document.published) {
                    Ordering::Less => older.insert(*one_place),
                    Ordering::Greater => older.insert(*other_place),
                    Ordering::Equal => false,
                };
            }
        }
    }
    older
}

#[cfg(test)]
mod tests;
