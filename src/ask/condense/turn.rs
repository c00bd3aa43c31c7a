//! What a question takes from the ones before it: nothing, all, their subject, or all but what it replaces.

use super::super::leaning::NOT_REFERRING;
use super::slots::{Word, words};
use super::unspaced::{Folded, time};
use super::words::{
    ARTICLES, ASKING, ASKING_UNSPACED, CONTINUING, CONTINUING_UNSPACED, EMPTY_UNSPACED, ENDINGS_UNSPACED, GERMAN,
    JOINING, JOINING_UNSPACED, NO_PRONOUNS, NOT_JOINING, PERSONS, PERSONS_UNSPACED, PHRASING, PROPERTY_ENDINGS, THINGS,
    THINGS_UNSPACED,
};
use crate::terms::fold;

/// A longer question names its subject, and its pronouns refer to that: "Did the banks say that they would …".
const MAX_WORDS_WITH_PRONOUN: usize = 10;
const MAX_UNSPACED_WITH_PRONOUN: usize = 16;
/// A question of so few words is incomplete: "and Japan?".
const MAX_INCOMPLETE_WORDS: usize = 2;
const MAX_INCOMPLETE_UNSPACED: usize = 4;
/// One that asks nothing by itself is a name: "日銀", "聯準會"; four characters are often a subject of their own: 黃金價格.
const MAX_NAME_UNSPACED: usize = 3;
/// A longer fragment is a question of its own.
const MAX_FRAGMENT_WORDS: usize = 6;
const MAX_FRAGMENT_UNSPACED: usize = 14;
/// "Who is the captain?" names neither the ship nor anything else.
const MAX_WORDS_WITHOUT_NAME: usize = 5;

/// How a question continues the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn<'q> {
    /// It does not.
    Complete,
    /// It has no content of its own: "Why?"
    Bare,
    /// It asks something new and lacks its subject.
    Question {
        /// Whether it says "he" or "she".
        refers_to_a_person: bool,
        /// The length of an opening such as "and".
        opening: usize,
    },
    /// It names something to ask the same of: "What about the BOJ?"
    Fragment {
        /// What it names, without an article.
        subject: &'q str,
        /// Times in it.
        times: &'q str,
        /// Whether it names a property to ask for, not a subject.
        is_property: bool,
    },
}

impl<'q> Turn<'q> {
    pub(super) fn of(question: &'q str) -> Self {
        if super::is_unspaced(question) { of_unspaced(question) } else { of_words(question) }
    }
}

fn of_words(question: &str) -> Turn<'_> {
    let all = words(question);
    let first = all.first().map(|word| question[word.range.clone()].to_lowercase());
    let joins = !first.is_some_and(|first| NOT_JOINING.contains(&first.as_str()));
    let opening = opening(&all, JOINING).filter(|length| joins && *length < all.len());
    let rest = &all[opening.unwrap_or(0)..];
    let continuing = self::opening(&all, CONTINUING).is_some_and(|length| all.len() - length < MAX_INCOMPLETE_WORDS);
    let names_nothing = |word: &Word<'_>| word.is(ASKING) || word.is(PHRASING) || word.is(ARTICLES);
    let asks = rest.iter().any(|word| word.is(ASKING) && !word.is_capital())
        || rest.first().is_some_and(|word| word.is(ASKING));
    let has_name = all.iter().skip(1).any(|word| word.is_capital() && !word.is_time && !names_nothing(word));
    let refers = |list: &[&str]| rest.iter().any(|word| !word.is_time && word.is(list));
    let is_short = all.len() <= MAX_WORDS_WITH_PRONOUN;
    let refers_to_a_person = is_short && (refers(GERMAN) || (refers(PERSONS) && !has_name));
    let refers_to_a_thing = is_short && refers(THINGS) && !has_name;
    let has_content = rest.iter().any(|word| !names_nothing(word) && !word.is(PERSONS) && !word.is(THINGS));
    if continuing || (opening.is_some() && !has_content) || self::opening(&all, JOINING) == Some(all.len()) {
        return Turn::Bare;
    }
    if refers_to_a_person || refers_to_a_thing {
        let opening = opening.map_or(0, |_| rest[0].range.start);
        return if has_content { Turn::Question { refers_to_a_person, opening } } else { Turn::Bare };
    }
    // "in 2027", "the bank", "Goldman Sachs"; but "matcha prices" asks something else.
    let named = || all.iter().filter(|word| !word.is_time && !names_nothing(word));
    let is_one_thing = named().count() < 2 || named().all(Word::is_capital);
    let is_incomplete = all.len() <= MAX_INCOMPLETE_WORDS && is_one_thing;
    if opening.is_some() || is_incomplete {
        if asks || rest.len() > MAX_FRAGMENT_WORDS {
            let opening = opening.map_or(0, |_| rest[0].range.start);
            return if has_content { Turn::Question { refers_to_a_person: false, opening } } else { Turn::Bare };
        }
        return fragment(question, rest);
    }
    // "Who is the captain?"
    let is_definite = all.iter().any(|word| word.is(&["the", "der", "die", "das", "el", "la", "le", "il"]));
    let lacks_subject =
        all.len() <= MAX_WORDS_WITHOUT_NAME && asks && is_definite && !all.iter().skip(1).any(Word::is_capital);
    let nouns = all.iter().filter(|word| !names_nothing(word)).count();
    if lacks_subject && nouns == 1 {
        return Turn::Question { refers_to_a_person: false, opening: 0 };
    }
    Turn::Complete
}

/// The number of words of the longest of these openings that the words begin with.
fn opening(words: &[Word<'_>], list: &[&str]) -> Option<usize> {
    let begins = |opening: &str| {
        let parts: Vec<&str> = opening.split(' ').collect();
        let is_it = parts.len() <= words.len() && parts.iter().zip(words).all(|(part, word)| *part == word.folded);
        is_it.then_some(parts.len())
    };
    list.iter().filter_map(|opening| begins(opening)).max()
}

fn fragment<'q>(question: &'q str, words: &[Word<'q>]) -> Turn<'q> {
    // Times come first or last: "the ECB in 2027".
    let times: Vec<&Word<'_>> = words.iter().filter(|word| word.is_time).collect();
    let is_name = |word: &&Word<'_>| !word.is_time && !word.is(ARTICLES) && !word.is(PHRASING);
    let named: Vec<&Word<'_>> = words.iter().filter(|word| !word.is_time).collect();
    let first = words.iter().find(is_name);
    let last = words.iter().rfind(is_name);
    let between = |first: &Word<'_>, last: &Word<'_>| &question[first.range.start..last.range.end];
    let subject = match (first, last) {
        (Some(first), Some(last)) if named.len() <= MAX_FRAGMENT_WORDS => between(first, last),
        _ => "",
    };
    let times = match (times.first(), times.last()) {
        (Some(first), Some(last)) => between(first, last),
        _ => "",
    };
    if subject.is_empty() && times.is_empty() {
        return Turn::Bare;
    }
    // A name has a capital letter; a property of the same subject has none.
    let is_property = !subject.is_empty()
        && !subject.chars().any(char::is_uppercase)
        && !subject.contains(|c: char| c.is_ascii_digit());
    Turn::Fragment { subject, times, is_property }
}

fn of_unspaced(question: &str) -> Turn<'_> {
    let all = Folded::of(question);
    // Words that only look like pronouns.
    let others = NOT_REFERRING.iter().filter(|other| !other.ends_with('年')).chain(NO_PRONOUNS);
    let folded = others.fold(fold(question), |text, other| text.replace(other, "名"));
    let opening =
        all.at(0, JOINING_UNSPACED).filter(|_| JOINING_UNSPACED.iter().any(|opening| folded.starts_with(opening)));
    let start = opening.unwrap_or(0);
    let start = (start..all.chars.len()).find(|at| all.chars[*at].is_alphanumeric()).unwrap_or(start);
    let visible = (0..all.chars.len()).rev().find(|at| all.chars[*at].is_alphanumeric()).map_or(0, |last| last + 1);
    let ending = |end: usize| {
        ENDINGS_UNSPACED
            .iter()
            .map(|ending| ending.chars().count())
            .filter(|length| {
                end >= start + length
                    && all
                        .at(end - length, ENDINGS_UNSPACED)
                        .is_some_and(|found| found >= *length && end - length + found <= end)
            })
            .max()
    };
    let end = ending(visible).map_or(visible, |length| visible - length).max(start);
    let has_ending = end < visible;
    let letters = visible - start;
    let asks = (start..end).any(|at| all.at(at, ASKING_UNSPACED).is_some());
    let refers_to_a_person =
        letters <= MAX_UNSPACED_WITH_PRONOUN && PERSONS_UNSPACED.iter().any(|word| folded.contains(word));
    let refers_to_a_thing = letters <= MAX_UNSPACED_WITH_PRONOUN
        && (THINGS_UNSPACED.iter().any(|word| folded.contains(word)) || folded.starts_with("那年"));
    let continues = all.at(0, CONTINUING_UNSPACED).is_some_and(|length| visible <= length + 2 && !has_ending);
    if continues || is_empty(&all, start, visible) {
        return if opening.is_some() || continues || letters <= MAX_INCOMPLETE_UNSPACED {
            Turn::Bare
        } else {
            Turn::Complete
        };
    }
    let question_turn = Turn::Question { refers_to_a_person, opening: all.bytes(&(0..start)).end };
    let refers_to_a_year = folded.starts_with("那年") && opening.is_some();
    if refers_to_a_year {
        return Turn::Bare;
    }
    if refers_to_a_person || refers_to_a_thing {
        return question_turn;
    }
    let is_incomplete = letters <= if asks { MAX_INCOMPLETE_UNSPACED } else { MAX_NAME_UNSPACED };
    let is_fragment = has_ending && letters <= MAX_FRAGMENT_UNSPACED;
    let is_dependent = opening.is_some() || is_incomplete || (is_fragment && !asks);
    if !is_dependent {
        return Turn::Complete;
    }
    if asks {
        return question_turn;
    }
    if end - start > MAX_FRAGMENT_UNSPACED {
        return Turn::Complete;
    }
    unspaced_fragment(question, &all, start, end)
}

fn unspaced_fragment<'q>(question: &'q str, all: &Folded, start: usize, end: usize) -> Turn<'q> {
    let spans = |at: usize| time(all, at).map(|length| at..(at + length).min(end));
    let (mut from, mut to) = (start, end);
    let mut times = None;
    // At the start or at the end: 七月的鴻海, 鴻海七月.
    if let Some(range) = spans(from) {
        from = range.end;
        times = Some(range);
        from += usize::from(all.chars.get(from) == Some(&'的') && from < end);
    } else if let Some(range) = (start..end).find_map(spans) {
        to = range.start;
        times = Some(range.start..end);
    }
    let text = |range: std::ops::Range<usize>| question[all.bytes(&range)].trim();
    let (subject, times) = (text(from..to.max(from)), times.map_or("", text));
    if subject.is_empty() && times.is_empty() {
        return Turn::Bare;
    }
    let folded: String = all.chars[from..to.max(from)].iter().collect();
    let is_property = PROPERTY_ENDINGS.iter().any(|ending| folded.trim().ends_with(ending));
    Turn::Fragment { subject, times, is_property }
}

/// Whether a question consists of words that ask and of particles.
fn is_empty(text: &Folded, start: usize, end: usize) -> bool {
    let mut at = start;
    while at < end {
        let known = text.at(at, ASKING_UNSPACED).max(text.at(at, EMPTY_UNSPACED));
        match known {
            Some(length) => at += length,
            None if !text.chars[at].is_alphanumeric() => at += 1,
            None => return false,
        }
    }
    true
}

/// Whether a question in Chinese or Japanese begins with a word that asks or refers, so that it is no part of a phrase.
pub(super) fn asks_first(question: &str) -> bool {
    let text = Folded::of(question);
    !text.chars.is_empty() && (text.at(0, ASKING_UNSPACED).is_some() || text.at(0, THINGS_UNSPACED).is_some())
}

/// Whether a text in Chinese or Japanese has a word that asks.
pub(super) fn asks_somewhere(text: &str) -> bool {
    let text = Folded::of(text);
    (0..text.chars.len()).any(|at| text.at(at, ASKING_UNSPACED).is_some()) || text.chars.contains(&'か')
}

/// A question without the Chinese pronoun at its start, in whose place its subject can stand.
pub(super) fn without_pronoun(question: &str) -> &str {
    let folded = Folded::of(question);
    if folded.chars.is_empty() {
        return question;
    }
    match folded.at(0, &["它们", "他们", "她们", "它", "他", "她", "牠", "该公司", "该行", "这家公司", "这间公司"])
    {
        Some(length) => &question[folded.bytes(&(0..length)).end..],
        None => question,
    }
}
