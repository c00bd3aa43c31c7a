//! Rewrites a follow-up question so that it can be searched by itself. Rules decide, no language model.
//!
//! ```text
//! What is the ECB deposit rate?    What about the BOJ?    What is the BOJ deposit rate?       a fragment takes a place
//! 新渡輪航程多久?                   船長是誰?               新渡輪船長是誰?                      a question takes the subject
//! Who expects a cut?               Why?                   Who expects a cut? Why?             a bare question word, all
//! ```
//!
//! Put before the new question whole, the earlier one would outweigh it, and its answer would come again.

mod slots;
mod turn;
mod unspaced;
mod words;

use std::convert::Infallible;
use std::ops::Range;

use super::content::{Content, content};
use crate::terms::language::{is_han, is_kana};
use slots::Slots;
use turn::Turn;
use words::ASKING;

/// Earlier questions that are looked at, at most.
const MAX_EARLIER: usize = 4;
/// Bytes of a subject in Chinese or Japanese that is no name of its own: 館長, 市長, 全票.
const MAX_COMMON_UNSPACED: usize = 9;
/// Bytes of a rewritten question, at most. Longer ones describe their subject themselves and are not rewritten.
const MAX_BYTES: usize = 1_000;

/// A question of a conversation, by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FollowUp {
    /// The question, with what it takes from earlier ones.
    pub text: String,
    /// Its own words, if it asks about something else than the question before it. An answer that has none of them, and
    /// was given before, is none.
    pub about: Option<String>,
    /// The words of the question before it that they replace.
    pub instead_of: Option<String>,
    /// Whether it has more or other words than were asked.
    pub is_rewritten: bool,
}

impl FollowUp {
    fn unchanged(question: &str) -> Self {
        Self { text: question.trim().to_owned(), ..Self::default() }
    }
}

/// Rewrites the follow-up question to the `earlier` ones, oldest first. Messages that ask nothing are passed over.
pub fn condense_question(earlier: &[&str], question: &str) -> FollowUp {
    let Ok(found) = condense_searched(earlier, question, Ok::<_, Infallible>);
    found
}

/// As [`condense_question`]; `searched` gives the form in which an earlier question, by itself, was searched for.
pub fn condense_searched<E>(
    earlier: &[&str],
    question: &str,
    mut searched: impl FnMut(String) -> Result<String, E>,
) -> Result<FollowUp, E> {
    let asks_nothing = |text: &str| matches!(content(text), Content::Nothing(_) | Content::Order);
    let is_complete = |text: &str| matches!(Turn::of(text.trim()), Turn::Complete);
    if asks_nothing(question) || is_complete(question) {
        return Ok(FollowUp::unchanged(question));
    }
    let mut asked: Vec<&str> = Vec::new();
    for before in earlier.iter().rev().copied().filter(|before| !asks_nothing(before)).take(MAX_EARLIER) {
        asked.push(before);
        // It takes nothing from those before it.
        if is_complete(before) {
            break;
        }
    }
    // Each is made independent of those before it, the oldest first.
    let mut before: Option<String> = None;
    for question in asked.into_iter().rev() {
        before = Some(searched(rewrite(before.as_deref(), question).text)?);
    }
    let found = rewrite(before.as_deref(), question);
    // A pronoun alone, after a message that names nothing.
    if found.text.trim().is_empty() {
        return Ok(FollowUp::unchanged(question));
    }
    Ok(FollowUp { is_rewritten: found.text != question.trim(), ..found })
}

fn rewrite(before: Option<&str>, question: &str) -> FollowUp {
    let question = question.trim();
    let Some(before) = before.filter(|before| before.len() + question.len() < MAX_BYTES) else {
        return FollowUp::unchanged(question);
    };
    let whole = || format!("{before} {question}");
    match Turn::of(question) {
        Turn::Complete => FollowUp::unchanged(question),
        Turn::Bare => FollowUp { text: whole(), ..FollowUp::default() },
        Turn::Question { refers_to_a_person, opening } => {
            let slots = slots_of(before);
            // "He" is probably who was asked for.
            if refers_to_a_person && slots.asks_for_a_person {
                return FollowUp { text: whole(), ..FollowUp::default() };
            }
            let asked = question[opening..].trim_start();
            let new = turn::without_pronoun(asked);
            let subject =
                slots.subject.map_or_else(|| joined(before, &slots.content), |range| before[range].to_owned());
            let text = if new.len() < asked.len() && is_unspaced(&subject) {
                format!("{subject}{new}")
            } else {
                attached(&subject, new)
            };
            FollowUp { text, about: Some(new.to_owned()), ..FollowUp::default() }
        }
        Turn::Fragment { subject, times, is_property } => {
            replaced(before, &slots_of(before), subject, times, is_property)
        }
    }
}

/// Whether a text has a word that asks.
pub(super) fn asks(text: &str) -> bool {
    if is_unspaced(text) { turn::asks_somewhere(text) } else { slots::words(text).iter().any(|word| word.is(ASKING)) }
}

/// A later question of the same message by itself: with the subject of the `first`, if it names none.
pub(super) fn continued(first: &str, question: &str) -> String {
    let question = question.trim();
    let subject = slots_of(first).subject.map(|subject| &first[subject]);
    if let Some(found) = subject.and_then(|subject| in_place_of_pronoun(subject, question)) {
        return found;
    }
    if let Some(found) = in_place_of_there(first, question) {
        return found;
    }
    let found = rewrite(Some(first), question).text;
    if found != question && !found.starts_with(first) {
        return found;
    }
    let names_something = if is_unspaced(question) {
        unspaced::slots(question).subject.is_some_and(|subject| subject.len() > MAX_COMMON_UNSPACED)
    } else {
        slots::words(question).iter().skip(1).any(|word| word.is_capital() && !word.is(ASKING))
    };
    match subject {
        Some(subject) if !names_something => attached(subject, question),
        _ => question.to_owned(),
    }
}

/// A question with the place at the end of the `first` one for "there"; `None` if one of them is not there.
fn in_place_of_there(first: &str, question: &str) -> Option<String> {
    let words = slots::words(question);
    let there = words.iter().skip(1).find(|word| word.is(&["dort", "there"]))?;
    // "Is there" asks for no place.
    let is_place = there.text == "dort" || there.range.end + 1 >= question.trim_end_matches('?').len();
    let first = first.trim_end_matches(['?', ' ']);
    let at = slots::words(first).iter().rev().find(|word| word.is(&["in", "at", "im"]))?.range.start;
    let (before, behind) = (&question[..there.range.start], &question[there.range.end..]);
    is_place.then(|| format!("{before}{}{behind}", &first[at..]))
}

/// An English question with its subject in the place of "it" or "its"; `None` if it has neither.
fn in_place_of_pronoun(subject: &str, question: &str) -> Option<String> {
    let mut at = 0;
    for word in question.split_inclusive(|c: char| !c.is_alphabetic()) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let put = match bare.to_lowercase().as_str() {
            "it" | "they" => subject.to_owned(),
            "its" | "their" => format!("{subject}’s"),
            _ => {
                at += word.len();
                continue;
            }
        };
        return Some(format!("{}{put}{}", &question[..at], &question[at + bare.len()..]));
    }
    None
}

fn slots_of(question: &str) -> Slots {
    if is_unspaced(question) { unspaced::slots(question) } else { slots::slots(question) }
}

/// Whether a text is in Chinese or Japanese.
pub fn is_unspaced(text: &str) -> bool {
    let (mut unspaced, mut other) = (0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if is_han(c) || is_kana(c) { unspaced += 1 } else { other += 1 }
    }
    4 * unspaced > other
}

/// `before` with a new subject, new times, or both, in the places of its own.
fn replaced(before: &str, slots: &Slots, subject: &str, times: &str, is_property: bool) -> FollowUp {
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    let mut appended = Vec::new();
    let mut instead_of = None;
    if !times.is_empty() {
        match slots.times.first() {
            Some(first) => {
                edits.push((first.clone(), times));
                edits.extend(slots.times[1..].iter().map(|other| (other.clone(), "")));
            }
            None => appended.push(times),
        }
    }
    if !subject.is_empty() {
        let place = if is_property { slots.property.as_ref() } else { slots.subject.as_ref() };
        match (place, &slots.subject) {
            (Some(place), Some(_)) => {
                edits.push((place.clone(), subject));
                instead_of = (!is_property).then(|| before[place.clone()].to_owned());
            }
            (None, Some(_)) => appended.push(subject),
            // It is not clear what it replaces, so it is said twice.
            (_, None) => {
                let text = format!("{subject} {} {times} {subject}", joined(before, &slots.content));
                return FollowUp {
                    text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                    about: Some(subject.to_owned()),
                    instead_of,
                    ..FollowUp::default()
                };
            }
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = before.to_owned();
    for (range, new) in edits {
        // A digit or a Latin letter beside Chinese needs no space; beside another letter it does not occur.
        text.replace_range(range, new);
    }
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    for more in appended {
        let space = if is_unspaced(before) { "" } else { " " };
        text = if is_unspaced(before) && slots.subject.as_ref().is_some_and(|subject| subject.start == 0) {
            // "聯發科" + "七月": behind the subject, which may be a new one.
            let new = if subject.is_empty() || more == subject {
                slots.subject.as_ref().map_or("", |range| &before[range.clone()])
            } else {
                subject
            };
            text.replacen(new, &format!("{new}{more}"), 1)
        } else {
            format!("{}{space} {more}{}", &text[..end], &text[end..])
        };
    }
    let about = format!("{subject} {times}").trim().to_owned();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    FollowUp { text, about: Some(about), instead_of, ..FollowUp::default() }
}

/// `question` behind its subject.
fn attached(subject: &str, question: &str) -> String {
    let space = if is_unspaced(subject) && is_unspaced(question) && !turn::asks_first(question) { "" } else { " " };
    format!("{subject}{space}{question}").trim().to_owned()
}

fn joined(text: &str, ranges: &[Range<usize>]) -> String {
    ranges.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
