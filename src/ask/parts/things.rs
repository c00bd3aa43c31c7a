//! Things of which a question asks the same: names, years, quarters that "and" joins.

use super::super::names::{Name, Origin};
use super::plan::{Part, Parts};
use super::words::{any, find, words};
use crate::passage::Span;
use crate::quantities::{Characters, Measure, is_spelt, quantities};
use crate::terms::{fold, is_question_word};

/// Words of a name of which only the capitals tell that it is one.
const WORDS_OF_A_NAME: usize = 2;
/// Words between two names of which only the capitals tell that they are some.
const AND: [&str; 5] = [" and ", " und ", " et ", " y ", " e "];

/// Words that stand before "difference" in a question that compares.
const BEFORE_DIFFERENCE: [&str; 24] = [
    "the",
    "a",
    "any",
    "some",
    "is",
    "are",
    "main",
    "key",
    "big",
    "biggest",
    "major",
    "what",
    "explain",
    "der",
    "den",
    "die",
    "ein",
    "einen",
    "ist",
    "sind",
    "große",
    "größte",
    "groß",
    "wichtigste",
];

/// What the things of a list are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Names that a list or the documents have.
    Name,
    /// Years or quarters.
    Period,
    /// Names of which only the capitals tell that they are some.
    Guess,
}

/// The parts of a question about several names or periods; `None` if it is about one.
pub(super) fn compared_or_joined(
    question: &str,
    text: &Characters,
    names: impl FnOnce() -> Vec<Name>,
) -> Option<Parts> {
    let words = words();
    find(text, &words.joining)?;
    let names = &names();
    let comparing = find(text, &words.comparing).filter(|place| compares(text, *place));
    if comparing.is_none() && find(text, &words.together).is_some() {
        return None;
    }
    let (named, guessed) = (of_names(question, names), of_capitals(question, names));
    let lists: Vec<(Vec<Span>, Sort)> =
        [(named, Sort::Name), (of_periods(question), Sort::Period), (guessed, Sort::Guess)]
            .into_iter()
            .filter_map(|(spans, sort)| Some((joined(&spans, text)?, sort)))
            .collect();
    // Of two lists it is not clear which belongs to which.
    let [(list, sort)] = lists.as_slice() else { return None };
    let (first, last) = (list.first()?.start, list.last()?.end);
    let part = |span: &Span| {
        let own = &question[span.range()];
        let text = format!("{}{own}{}", &question[..first], &question[last..]);
        let text = if comparing.is_some() { without_comparison(&text) } else { text };
        Part { label: own.to_owned(), text, is_name: *sort != Sort::Period }
    };
    Some(Parts {
        parts: list.iter().map(part).collect(),
        is_comparison: comparing.is_some(),
        joined: (*sort == Sort::Guess).then(|| question[first..last].to_owned()),
        may_be_one: comparing.is_none() && *sort != Sort::Period,
    })
}

/// Whether a phrase that asks for a comparison does so here: "the time difference between A and B" is one thing, and "Who won
/// A vs B?" is about what both did.
fn compares(text: &Characters, (start, end): (usize, usize)) -> bool {
    let phrase = text.text(start, end);
    let first = text.text(text.skip(0), text.word_end(text.skip(0)));
    if phrase.starts_with("vs") || phrase == "versus" {
        return !is_question_word(&first);
    }
    let is_noun = ["difference", "unterschied", "comparison"].iter().any(|noun| phrase.starts_with(noun));
    let to = text.skip_back(start);
    let from = (0..to).rev().take_while(|at| text.get(*at).is_some_and(is_spelt)).last().unwrap_or(to);
    !is_noun || from == to || BEFORE_DIFFERENCE.iter().any(|word| fold(word) == text.text(from, to))
}

/// The longest list of `spans` between which only joining words stand.
fn joined(spans: &[Span], text: &Characters) -> Option<Vec<Span>> {
    let words = words();
    let joins = |before: &Span, behind: &Span| {
        let (mut at, to) = (text.skip(text.at_byte(before.end)), text.at_byte(behind.start));
        let Some(end) = any(text, at, &words.joining) else { return false };
        at = text.skip(end);
        while let Some(end) = any(text, at, &words.articles).filter(|end| *end <= to) {
            at = text.skip(end);
        }
        at == to
    };
    let mut best: Vec<Span> = Vec::new();
    let mut list: Vec<Span> = Vec::new();
    for span in spans {
        if list.last().is_some_and(|last| !joins(last, span)) {
            list.clear();
        }
        list.push(*span);
        if list.len() > best.len() {
            best.clone_from(&list);
        }
    }
    // A comma alone stands before what says more of one thing, too: "London, UK".
    let is_apposed = matches!(best.as_slice(), [one, other]
        if text.text(text.at_byte(one.end), text.at_byte(other.start)).trim() == ",");
    (best.len() > 1 && !is_apposed).then_some(best)
}

/// The places of names that a list or the documents have, and of codes.
fn of_names(question: &str, names: &[Name]) -> Vec<Span> {
    let certain = names.iter().filter(|name| matches!(name.origin, Origin::Listed | Origin::Alias | Origin::Code));
    let mut spans: Vec<Span> = certain
        .filter_map(|name| {
            let start = question.find(&name.text)?;
            Some(Span::new(start, start + name.text.len()))
        })
        .collect();
    spans.sort_by_key(|span| span.start);
    spans
}

/// The places of names that only have capitals, of two words or more. What joins them may be taken for a part of one.
fn of_capitals(question: &str, names: &[Name]) -> Vec<Span> {
    let is_name = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.len() >= WORDS_OF_A_NAME && words.iter().all(|word| word.starts_with(char::is_uppercase))
    };
    let capitals = || names.iter().filter(|name| name.origin == Origin::Capital);
    let run = capitals().find_map(|name| {
        let and = AND.iter().find(|and| name.text.matches(**and).count() == 1)?;
        let (one, other) = name.text.split_once(*and)?;
        let start = question.find(&name.text)?;
        let other_start = start + name.text.len() - other.len();
        (is_name(one) && is_name(other))
            .then(|| vec![Span::new(start, start + one.len()), Span::new(other_start, start + name.text.len())])
    });
    run.unwrap_or_else(|| {
        // "the Tannis Bridge and the Skerry Link"
        let place = |name: &Name| question.find(&name.text).map(|start| Span::new(start, start + name.text.len()));
        let mut spans: Vec<Span> = capitals().filter(|name| is_name(&name.text)).filter_map(place).collect();
        spans.sort_by_key(|span| span.start);
        spans
    })
}

/// The places of years and quarters.
fn of_periods(question: &str) -> Vec<Span> {
    let is_period = |measure: &Measure| match measure {
        Measure::Date(date) => date.year.is_some() && date.month.is_none(),
        Measure::Quarter(_) => true,
        _ => false,
    };
    let found = quantities(question).into_iter().filter(|quantity| quantity.readings.iter().any(is_period));
    found.map(|quantity| quantity.span).collect()
}

/// The part of a comparison without the words that ask for one.
fn without_comparison(part: &str) -> String {
    let words = words();
    let mut rest = part.to_owned();
    for list in [&words.comparing, &words.comparing_filler] {
        loop {
            let text = Characters::new(&rest);
            let Some((start, end)) = find(&text, list) else { break };
            rest.replace_range(text.span(start, end).range(), "");
        }
    }
    let rest: Vec<&str> = rest.split_whitespace().collect();
    rest.join(" ").trim_matches(|c: char| matches!(c, ',' | '，' | ' ')).to_owned()
}
