//! Several questions in one message: sentences that ask, and clauses that ask.

use super::super::condense::{asks, continued};
use super::super::content::{Content, content};
use super::plan::{Part, Parts};
use super::words::{any, words};
use crate::quantities::Characters;

/// Words of a clause, or characters of one without spaces, that asks something by itself.
const FEWEST_WORDS: usize = 3;
const FEWEST_UNSPACED: usize = 4;

/// The questions of a message of several sentences; `None` if it has one.
pub(super) fn questions(message: &str) -> Option<Parts> {
    let mut sentences: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, mark) in message.match_indices(['?', '？', '。']) {
        let end = at + mark.len();
        let sentence = message[start..end].trim();
        // A Japanese question may end with a full stop.
        let ends = mark != "。" || sentence.trim_end_matches('。').ends_with('か');
        if ends {
            sentences.push(sentence);
            start = end;
        }
    }
    let rest = message[start..].trim();
    if rest.contains(char::is_alphanumeric) {
        sentences.push(rest);
    }
    let is_question = |sentence: &&str| {
        content(sentence) == Content::Question && (sentence.ends_with(['?', '？', '。']) || asks(sentence))
    };
    if sentences.len() < 2 || !sentences.iter().all(is_question) {
        return None;
    }
    Some(parts(&sentences))
}

/// The questions of a sentence that are joined by "and"; `None` if it has one.
pub(super) fn clauses(question: &str, text: &Characters) -> Option<Parts> {
    let words = words();
    let mut clauses: Vec<&str> = Vec::new();
    let mut start = 0;
    for at in 0..text.len() {
        let Some(end) = any(text, at, &words.clause) else { continue };
        let (left, right) = (text.span(0, at), text.span(text.skip(end), text.len()));
        if left.end <= start || right.start < left.end {
            continue;
        }
        let (left, behind) = (question.get(start..left.end)?.trim(), question.get(right.range())?);
        if is_clause(left) && asks_first(behind) && is_clause(behind) && !ends_with_asking(left) {
            clauses.push(left.trim_end_matches([',', '，']));
            start = right.start;
        }
    }
    clauses.push(question[start..].trim());
    (clauses.len() > 1).then(|| parts(&clauses))
}

/// Each later question gets the subject of the first, if it has none of its own.
fn parts(questions: &[&str]) -> Parts {
    let first = questions.first().copied().unwrap_or_default();
    let part = |(at, question): (usize, &&str)| Part {
        label: question.trim_end_matches(['?', '？', '。']).trim().to_owned(),
        text: if at == 0 { (*question).to_owned() } else { continued(first, question) },
        is_name: false,
    };
    Parts { parts: questions.iter().enumerate().map(part).collect(), ..Parts::default() }
}

/// Whether a part of a sentence asks something by itself.
fn is_clause(part: &str) -> bool {
    let words = part.split_whitespace().count();
    let long = if super::super::condense::is_unspaced(part) {
        part.chars().filter(|c| c.is_alphanumeric()).count() >= FEWEST_UNSPACED
    } else {
        words >= FEWEST_WORDS
    };
    long && asks(part)
}

/// Whether a clause begins with a word that asks, or has one if it is in Chinese or Japanese.
fn asks_first(clause: &str) -> bool {
    if super::super::condense::is_unspaced(clause) {
        return asks(clause);
    }
    let words: Vec<&str> = clause.split_whitespace().take(1).collect();
    asks(&words.join(" "))
}

fn ends_with_asking(clause: &str) -> bool {
    !super::super::condense::is_unspaced(clause) && clause.split_whitespace().next_back().is_some_and(asks)
}
