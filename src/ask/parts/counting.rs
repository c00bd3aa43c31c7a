//! "How many documents mention X": what is counted, and in which documents it is.

use std::collections::HashSet;

use super::super::condense::asks;
use super::super::times;
use super::words::{any, words};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::index::{Allowed, IndexSnapshot};
use crate::quantities::Characters;
use crate::terms::{Concept, LexicalQuery, fold};

/// More passages than a collection has.
const EVERY: usize = u32::MAX as usize;
/// Marks around what is counted.
const AROUND: [char; 16] = ['「', '」', '『', '』', '“', '”', '"', '«', '»', '„', '‘', '’', '?', '？', '。', '.'];
/// Words by which more is asked than how many documents have some words, folded.
const MORE: [&str; 22] = [
    "or", "not", "no", "without", "but", "except", "neither", "nor", "oder", "nicht", "kein", "keine", "ohne", "aber",
    "ou", "pas", "sans", "o", "sin", "pero", "only", "nur",
];
const MORE_UNSPACED: [&str; 8] = ["或", "还是", "没有", "不", "または", "ない", "而", "以外"];
/// Words before what is counted that are no part of it, folded.
const BEFORE: [&str; 14] = [
    "the word",
    "the words",
    "the term",
    "the name",
    "das wort",
    "den begriff",
    "the",
    "der",
    "die",
    "das",
    "den",
    "a",
    "an",
    "von",
];

/// What a question wants the documents counted of.
pub(super) fn pattern(question: &str, text: &Characters) -> Option<String> {
    let start = text.skip(0);
    let end = (0..text.len())
        .rev()
        .find(|at| text.get(*at).is_some_and(|c| !c.is_whitespace() && !matches!(c, '?' | '？' | '。' | '.')))?
        + 1;
    words().counts.iter().find_map(|counting| {
        let from = if counting.before.is_empty() { start } else { any(text, start, &counting.before)? };
        let to = if counting.behind.is_empty() {
            end
        } else {
            counting.behind.iter().find_map(|words| {
                let at = end.checked_sub(words.chars().count())?;
                (at > from && text.starts_with(at, words)).then_some(at)
            })?
        };
        let mut from = text.skip(from);
        for word in BEFORE {
            if let Some(end) = text.word(from, word).filter(|end| *end < to) {
                from = text.skip(end);
            }
        }
        let counted = question.get(text.span(from, to.max(from)).range())?.trim().trim_matches(AROUND).trim();
        (counted.contains(char::is_alphanumeric) && is_counted_by_words(counted)).then(|| counted.to_owned())
    })
}

/// Whether the words of `counted` are all that is to be counted: there is no time, no "or" or "not", no further question.
fn is_counted_by_words(counted: &str) -> bool {
    let folded = fold(counted);
    let mut words = folded.split(|c: char| !c.is_alphanumeric());
    let is_more = words.any(|word| MORE.contains(&word)) || MORE_UNSPACED.iter().any(|sign| folded.contains(sign));
    // Which time is meant does not matter, only whether one is.
    !is_more && !asks(counted) && times::asked(counted, jiff::civil::date(2026, 6, 15)).is_none()
}

/// The keys of the passages that have all concepts of `query`, each in one of its ways, ascending.
pub(crate) fn counted(
    index: &IndexSnapshot<'_>,
    query: &LexicalQuery,
    allowed: Option<&Allowed>,
    cancel: &Cancel,
) -> Result<Vec<u64>> {
    let mut found: Option<HashSet<u64>> = None;
    for concept in &query.concepts {
        cancel.check()?;
        let one = LexicalQuery { concepts: vec![Concept { alternatives: concept.alternatives.clone() }] };
        let having: HashSet<u64> = index.lexical(&one)?.best(EVERY, allowed)?.into_iter().map(|(key, _)| key).collect();
        found = Some(match found {
            Some(found) => found.intersection(&having).copied().collect(),
            None => having,
        });
    }
    let mut keys: Vec<u64> = found.unwrap_or_default().into_iter().collect();
    keys.sort_unstable();
    Ok(keys)
}
