//! Several questions in one message: sentences that ask, and clauses that ask.

use super::super::condense::{asks, continued, is_unspaced};
use super::super::content::{Content, content};
use super::super::times::Titles;
use super::plan::{MOST_PARTS, Part, Parts};
use super::words::{any, words};
use crate::quantities::Characters;
use crate::terms::fold;

/// Words of a clause, or characters of one without spaces, that asks something by itself.
const FEWEST_WORDS: usize = 3;
const FEWEST_UNSPACED: usize = 4;
/// Question words of each language, folded. That of a later clause is of the language of the first: "was" asks in German only.
const QUESTION_WORDS: [&[&str]; 4] = [
    &["who", "whom", "whose", "what", "when", "where", "why", "how", "which"],
    &["wer", "wen", "wem", "was", "wann", "wo", "warum", "wieso", "wie", "welche", "welcher", "welches", "welchen"],
    &["quien", "quienes", "que", "cuando", "donde", "como", "cuanto", "cuanta", "cuantos", "cuantas", "cual", "cuales"],
    &["qui", "que", "quand", "ou", "pourquoi", "comment", "combien", "quel", "quelle", "quels", "quelles"],
];
/// What follows "when" or "how" in a question; without it, the clause is part of a statement: "and how banks react".
const VERBS: &str = "is are was were do does did will would can could should has have had may might much many long often old \
                     high tall far big large deep wide fast heavy";
/// English question words that such a word follows.
const BEFORE_VERBS: [&str; 4] = ["when", "where", "why", "how"];
/// Words of Chinese that ask nothing though they have a question word, folded.
const ASKING_NOTHING: [&str; 18] = [
    "请问",
    "想问",
    "无论如何",
    "无论",
    "不管",
    "不论",
    "如何是好",
    "几乎",
    "不知道为什么",
    "不知为何",
    "不知道怎么",
    "什么都",
    "谁都",
    "哪里都",
    "几年前",
    "几个月前",
    "几天前",
    "前几天",
];

/// The questions of a message of several sentences; `None` if it has one.
pub(super) fn questions(message: &str) -> Option<Parts> {
    let mut sentences: Vec<&str> = Vec::new();
    let mut start = 0;
    let titles = Titles::of(message);
    for (at, mark) in message.match_indices(['?', '？', '。']) {
        let end = at + mark.len();
        let sentence = message[start..end].trim();
        if mark == "?" && !ends_here(&message[end..]) || titles.has(at..end, false) {
            continue;
        }
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
    // "Can you help me?" has no question word: it opens another question.
    let is_question = |sentence: &&str| content(sentence) == Content::Question && asks_itself(sentence);
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
    let first = question_words(question)?;
    for at in 0..text.len() {
        if clauses.len() > MOST_PARTS {
            break;
        }
        let Some(end) = any(text, at, &words.clause) else { continue };
        let (left, right) = (text.span(0, at), text.span(text.skip(end), text.len()));
        if left.end <= start || right.start < left.end {
            continue;
        }
        let (left, behind) = (question.get(start..left.end)?.trim(), question.get(right.range())?);
        if is_clause(left, first) && asks_first(behind, first) && is_long(behind) {
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

/// Whether a question mark before `rest` ends a sentence: it is in no address and no title.
fn ends_here(rest: &str) -> bool {
    rest.chars().next().is_none_or(|next| next.is_whitespace() || !next.is_ascii() && next.is_alphabetic())
}

/// Whether a text asks, but for words that only open a question or are none: 請問, 無論如何.
fn asks_itself(text: &str) -> bool {
    if !is_unspaced(text) {
        return asks(text);
    }
    asks(&ASKING_NOTHING.iter().fold(fold(text), |text, word| text.replace(word, "")))
}

/// The question words of the language in whose question word a sentence begins; none of a sentence without spaces.
fn question_words(question: &str) -> Option<&'static [&'static str]> {
    if is_unspaced(question) {
        return Some(&[]);
    }
    let first = folded_words(question).next()?;
    QUESTION_WORDS.into_iter().find(|words| words.contains(&first.as_str()))
}

fn folded_words(text: &str) -> impl Iterator<Item = String> {
    let folded: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| fold(word).trim().to_owned())
        .collect();
    folded.into_iter()
}

fn is_long(part: &str) -> bool {
    if is_unspaced(part) {
        part.chars().filter(|c| c.is_alphanumeric()).count() >= FEWEST_UNSPACED
    } else {
        part.split_whitespace().count() >= FEWEST_WORDS
    }
}

/// Whether a clause asks once, in its first word if it has spaces. A second question word begins a clause that asks nothing: "the
/// man who founded".
fn is_clause(part: &str, words: &[&str]) -> bool {
    if is_unspaced(part) {
        return is_long(part) && asks_itself(part);
    }
    let asking: Vec<bool> = folded_words(part).map(|word| words.contains(&word.as_str())).collect();
    is_long(part) && asking.first() == Some(&true) && !asking[1..].contains(&true)
}

/// Whether a clause begins with a word that asks, or has one if it is in Chinese or Japanese.
fn asks_first(clause: &str, words: &[&str]) -> bool {
    if is_unspaced(clause) {
        return asks_itself(clause);
    }
    let mut own = folded_words(clause);
    let (Some(first), Some(second)) = (own.next(), own.next()) else { return false };
    let is_direct = !BEFORE_VERBS.contains(&first.as_str()) || VERBS.split_whitespace().any(|verb| verb == second);
    words.contains(&first.as_str()) && is_direct
}
