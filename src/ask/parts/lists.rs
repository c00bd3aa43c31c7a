//! Questions for each that there is: "Which banks expect a cut?", 哪些銀行.

use super::words::{any, find, words};
use crate::quantities::{Characters, is_spelt};

/// Endings of a plural that a question word without a number needs behind it.
const PLURALS: [&str; 10] = ["s", "en", "te", "ke", "se", "ge", "ne", "er", "be", "ies"];
/// Words behind "which law firms" that no noun stands before: "which bank expects the".
const OBJECTS: [&str; 12] = ["the", "a", "an", "that", "to", "no", "in", "on", "at", "of", "for", "it"];

/// Whether a question asks for each that there is.
pub(super) fn asks_for_items(text: &Characters) -> bool {
    let words = words();
    let start = text.skip(0);
    if any(text, start, &words.openings).is_some() || find(text, &words.anywhere).is_some() {
        return true;
    }
    let Some(end) = any(text, start, &words.before_plural) else { return false };
    let mut following = Vec::new();
    let mut at = text.skip(end);
    while at < text.len() && following.len() < 3 && text.get(at).is_some_and(is_spelt) {
        let end = text.word_end(at);
        following.push(text.text(at, end));
        at = text.skip(end);
    }
    let is_plural = |word: &str| {
        PLURALS.iter().any(|ending| word.ends_with(ending))
            && !word.ends_with("ss")
            && !words.singular.iter().any(|other| other == word)
    };
    let is_english = text.starts_with(start, "wh");
    match following.as_slice() {
        [first, ..] if is_english && first.ends_with('s') && is_plural(first) => true,
        [first, ..] if !is_english && is_plural(first) => true,
        [_, second, rest @ ..] if is_english => {
            second.ends_with('s')
                && is_plural(second)
                && rest.first().is_some_and(|word| !OBJECTS.contains(&word.as_str()))
        }
        _ => false,
    }
}
