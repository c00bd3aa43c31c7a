//! Sentences that answer and say different things of the same: other numbers, other dates, another direction.
//!
//! Two sentences speak of the same if they have the same words but for their quantities, or if both have a quantity of the kind
//! that the question asks for. They do not if they name different years or quarters: "revenue in 2025" and "in 2026".

use std::cmp::Reverse;

use super::kind::Kind;
use super::nearness::Nearness;
use super::versions::is_version;
use crate::passage::{AnswerSentence, Citation, DisagreeingValue, Disagreement, DisagreementKind, FoundPassage};
use crate::quantities::{Agreement, Kind as QuantityKind, Measure, Quantity, compare, quantities};
use crate::terms::{fold, opposites};

/// A sentence with its quantities, without those that the question has.
struct Said<'a> {
    text: &'a str,
    quantities: Vec<Quantity>,
    /// Also those of the question.
    all: Vec<Quantity>,
    /// Whether the answer quotes it.
    is_answer: bool,
}

impl<'a> Said<'a> {
    fn new(text: &'a str, asked: &[Quantity]) -> Self {
        let is_new = |quantity: &Quantity| asked.iter().all(|other| compare(quantity, other) != Agreement::Same);
        let all = quantities(text);
        let quantities = all.iter().filter(|quantity| is_new(quantity)).cloned().collect();
        Self { text, quantities, all, is_answer: true }
    }

    fn value(&self, quantity: &Quantity) -> &'a str {
        &self.text[quantity.span.range()]
    }
}

/// In what two sentences differ, and what each says.
fn difference<'a>(one: &Said<'a>, other: &Said<'a>, kind: &Kind) -> Option<(DisagreementKind, &'a str, &'a str)> {
    let are_versions = is_version(one.text, other.text);
    let asks_both = || kind.is_in(one.text) == Some(true) && kind.is_in(other.text) == Some(true);
    if !(are_versions || one.is_answer && asks_both()) {
        return None;
    }
    let asks_when = kind.asks_when();
    if !asks_when && names_other_period(one, other) {
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
    let asked = quantities(question);
    let kind = Kind::of(question);
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
            let Some((kind, value, against)) = difference(one, other, &kind) else { continue };
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

/// Whether a quote is the statement of another with other quantities.
pub(super) fn is_other_version(one: &str, other: &str) -> bool {
    let (one, other) = (Said::new(one, &[]), Said::new(other, &[]));
    difference(&one, &other, &Kind::default()).is_some()
}

/// Puts the newest of the versions of the best passage's statement in its place, and the older ones behind it, by date.
pub(super) fn newest_version_first(question: &str, passages: &mut [FoundPassage]) {
    let nearness = Nearness::new(question, passages);
    let Some(best) = passages.first().filter(|passage| passage.document.published.is_some()) else { return };
    let quote = best.quote.text.clone();
    let places: Vec<usize> = (0..passages.len())
        .filter(|at| {
            let passage = &passages[*at];
            let is_other = || nearness.is_near(passage) && is_other_version(&quote, &passage.quote.text);
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
mod tests {
    use super::*;

    fn of(question: &str, one: &str, other: &str) -> Option<(DisagreementKind, String, String)> {
        let asked = quantities(question);
        let (one, other) = (Said::new(one, &asked), Said::new(other, &asked));
        let found = difference(&one, &other, &Kind::of(question));
        found.map(|(kind, one, other)| (kind, one.to_owned(), other.to_owned()))
    }

    #[test]
    fn sentences_differ_in_numbers_dates_and_directions() {
        let number = |one: &str, other: &str| Some((DisagreementKind::Number, one.to_owned(), other.to_owned()));
        assert_eq!(
            of(
                "How long is the bridge?",
                "The Tannis Bridge is 412 metres long.",
                "The Tannis Bridge is 421 metres long."
            ),
            number("412 metres", "421 metres")
        );
        assert_eq!(
            of("水費每度多少元?", "青溪市自來水費今年維持每度9.2元。", "青溪市自來水費每度調為10.5元,明年1月起實施。"),
            number("9.2元", "10.5元")
        );
        assert_eq!(
            of("When will it open?", "The museum will open on 3 May 2027.", "The museum will open on 10 June 2027."),
            Some((DisagreementKind::Date, "3 May 2027".into(), "10 June 2027".into()))
        );
        assert_eq!(
            of(
                "How did exports change?",
                "Exports of tea rose by 6% in October.",
                "Exports of tea fell by 4% in October."
            ),
            Some((DisagreementKind::Direction, "rose".into(), "fell".into()))
        );
    }

    #[test]
    fn sentences_about_other_periods_or_other_things_do_not_differ() {
        for (question, one, other) in [
            (
                "What was revenue?",
                "Revenue in the second quarter of 2026 was €12 million.",
                "Revenue in the third quarter of 2026 was €19 million.",
            ),
            ("What does it cost?", "Under the 2025 rules it costs £2.00.", "Under the 2026 rules it costs £2.60."),
            ("How long is the bridge?", "The bridge is 412 metres long.", "Repairs take 14 months."),
            ("How long is the bridge?", "The bridge is 412 metres long.", "The bridge is 412 m long."),
            ("Who leads it?", "Ruth Adeyemi leads it.", "It has 2,400 aircraft."),
        ] {
            assert_eq!(of(question, one, other), None, "{one} | {other}");
        }
    }
}
