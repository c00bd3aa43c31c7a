//! Questions for each that there is: "Which banks expect a cut?", 哪些銀行.

use super::words::{any, find, words};
use crate::quantities::{Characters, is_spelt};

/// Verbs in the plural, of which one behind a noun shows that it is one in the plural, too.
const PLURAL_VERBS: [&str; 28] = [
    "are", "were", "do", "did", "have", "had", "will", "would", "can", "could", "should", "may", "might", "haben",
    "hatten", "sind", "waren", "werden", "wurden", "konnen", "konnten", "durfen", "mussen", "sollen", "wollen", "gibt",
    "gelten", "gehoren",
];
/// Verbs in the singular: "Which bus goes" has them, too, but by their endings they cannot be told from nouns.
const SINGULAR_VERBS: [&str; 4] = ["is", "was", "does", "has"];
/// Endings of English words in the singular that end with "s".
const SINGULAR_ENDINGS: [&str; 7] = ["ss", "us", "is", "as", "os", "ens", "ics"];
/// Endings of Spanish words that are in the plural.
const SPANISH: [&str; 4] = ["as", "os", "ones", "ades"];
/// A shorter word with such an ending may be in the singular: "gas".
const FEWEST_CHARS: usize = 5;

/// Whether a question may ask for several things, of which one document may have many: "What are the risks?" An answer to it
/// may quote more of one document, but need not be a list.
pub(in crate::ask) fn may_have_several(question: &str) -> bool {
    find(&Characters::new(question), &words().several).is_some()
}

/// Whether a question asks for each that there is.
pub(super) fn asks_for_items(text: &Characters) -> bool {
    let words = words();
    let start = text.skip(0);
    if any(text, start, &words.openings).is_some() || find(text, &words.anywhere).is_some() {
        return true;
    }
    let Some(end) = any(text, start, &words.before_plural) else { return false };
    let asking = text.text(start, end);
    let following = following(text, end);
    let [noun, rest @ ..] = following.as_slice() else { return false };
    if words.singular.contains(noun) {
        return false;
    }
    let ends = |word: &str, endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let is_verb = |word: Option<&String>, verbs: &[&str]| word.is_some_and(|word| verbs.contains(&word.as_str()));
    match asking.as_str() {
        "which" => {
            let is_plural = |word: &str| word.ends_with('s') && !ends(word, &SINGULAR_ENDINGS);
            // "Which bus goes": two words with the same ending.
            let is_one = rest.first().is_some_and(|verb| verb.ends_with('s'));
            let is_two_words =
                || rest.first().is_some_and(|word| is_plural(word)) && is_verb(rest.get(1), &PLURAL_VERBS);
            is_plural(noun) && !is_one && !is_verb(rest.first(), &SINGULAR_VERBS) || is_two_words()
        }
        "welche" => noun.ends_with("en") || is_verb(rest.first(), &PLURAL_VERBS),
        "quels" | "quelles" | "cuales" => noun.ends_with(['s', 'x']),
        _ => noun.chars().count() >= FEWEST_CHARS && ends(noun, &SPANISH),
    }
}

/// The first three words from `at` on.
fn following(text: &Characters, at: usize) -> Vec<String> {
    let mut words = Vec::new();
    let mut at = text.skip(at);
    while at < text.len() && words.len() < 3 && text.get(at).is_some_and(is_spelt) {
        let end = text.word_end(at);
        words.push(text.text(at, end));
        at = text.skip(end);
    }
    words
}
