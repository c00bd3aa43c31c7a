//! Words that no list has, but that are formed from listed ones by the rules of their language: inflected forms, compounds,
//! another spelling of the same word. They are no errors.

use super::Vocabulary;
use super::edits::{Edit, Error};

/// The shortest part of a compound or word before an ending.
pub(super) const SHORTEST_STEM: usize = 4;
/// A compound has at least so many letters.
pub(super) const SHORTEST_COMPOUND: usize = 8;
/// The shortest first part of a German compound.
const SHORTEST_FIRST: usize = 3;

/// Endings of inflected and derived words.
const ENGLISH_ENDINGS: &[&str] = &[
    "s", "es", "ed", "ing", "ly", "er", "ers", "est", "ness", "less", "like", "able", "ism", "ist", "ists", "ian",
    "ians", "ish",
];
const GERMAN_ENDINGS: &[&str] = &[
    "e", "en", "er", "em", "es", "n", "s", "ern", "in", "innen", "ung", "ungen", "lich", "isch", "ische", "ischen",
    "ischer", "isches",
];
/// Beginnings of derived words.
const ENGLISH_PREFIXES: &[&str] = &[
    "un", "re", "non", "pre", "anti", "sub", "super", "inter", "over", "co", "multi", "mis", "out", "micro", "mega",
    "mini", "post", "under", "semi", "self", "ultra", "trans", "counter", "photo", "bio", "geo", "cyber", "fore", "up",
    "down",
];
/// What German puts between the parts of a compound.
pub(super) const GERMAN_LINKS: &[&str] = &["", "s", "es", "n", "en", "er"];
/// Endings of the last part of a German compound.
const GERMAN_INFLECTIONS: &[&str] = &["e", "en", "er", "es", "s", "n"];

/// Whether a word in lower case can be formed from listed words of the language.
pub(super) fn is_formed(word: &str, language: &str, vocabulary: &dyn Vocabulary) -> bool {
    let is_listed = |word: &str| vocabulary.frequency(language, word).is_some();
    is_derived(word, language, &is_listed) || is_compound(word, language, &is_listed)
}

fn is_derived(word: &str, language: &str, is_listed: &dyn Fn(&str) -> bool) -> bool {
    let (endings, prefixes) =
        if language == "de" { (GERMAN_ENDINGS, &[][..]) } else { (ENGLISH_ENDINGS, ENGLISH_PREFIXES) };
    let is_base = |stem: &str, ending: &str| {
        if is_listed(stem) {
            return true;
        }
        // "Making" is formed from "make", "planned" from "plan", "happiest" from "happy".
        if language == "de" || !ending.starts_with(['e', 'i']) {
            return false;
        }
        let mut letters = stem.chars().rev();
        let (last, before) = (letters.next(), letters.next());
        let shorter = last.map_or("", |last| &stem[..stem.len() - last.len_utf8()]);
        is_listed(&format!("{stem}e"))
            || (last == before && is_listed(shorter))
            || (last == Some('i') && is_listed(&format!("{shorter}y")))
    };
    let has_ending = |ending: &&&str| {
        // "Britischenn" is no form of "britischen", nor "percentagees" of "percentage".
        let is_doubled = |stem: &str| stem.chars().next_back() == ending.chars().next();
        word.strip_suffix(**ending)
            .is_some_and(|stem| stem.chars().count() >= SHORTEST_STEM && !is_doubled(stem) && is_base(stem, ending))
    };
    let has_prefix = |prefix: &&&str| {
        word.strip_prefix(**prefix).is_some_and(|rest| rest.chars().count() >= SHORTEST_STEM && is_listed(rest))
    };
    endings.iter().any(|ending| has_ending(&ending)) || prefixes.iter().any(|prefix| has_prefix(&prefix))
}

fn is_compound(word: &str, language: &str, is_listed: &dyn Fn(&str) -> bool) -> bool {
    let starts: Vec<usize> = word.char_indices().map(|(start, _)| start).collect();
    if starts.len() < SHORTEST_COMPOUND {
        return false;
    }
    let is_german = language == "de";
    let shortest = if is_german { SHORTEST_FIRST } else { SHORTEST_STEM };
    starts[shortest..=starts.len() - SHORTEST_STEM].iter().any(|&at| {
        let (first, rest) = word.split_at(at);
        if !is_german {
            return is_listed(first) && is_listed(rest);
        }
        let is_first = || is_listed(first) || is_listed(&format!("{first}en")) || is_listed(&format!("{first}e"));
        is_first()
            && GERMAN_LINKS.iter().filter_map(|link| rest.strip_prefix(link)).any(|last| is_last(last, is_listed))
    })
}

/// Whether the last part of a German compound is a word, or a form of one.
fn is_last(part: &str, is_listed: &dyn Fn(&str) -> bool) -> bool {
    let is_form_of = |ending: &&str| part.strip_suffix(*ending).is_some_and(is_listed);
    part.chars().count() >= SHORTEST_STEM && (is_listed(part) || GERMAN_INFLECTIONS.iter().any(is_form_of))
}

/// Whether a word and a candidate are two spellings of one English word: "organise", "honour", "metre", "defence", "labelled".
pub(super) fn are_variants(word: &[char], candidate: &[char], edit: Edit, language: &str) -> bool {
    let Edit { error, at } = edit;
    let behind = word.len() - at;
    let has_three = |letters: &[char]| letters.windows(3).any(|three| three == ['l'; 3]);
    if language != "en" || has_three(word) || has_three(candidate) {
        return false;
    }
    match error {
        Error::Replaced => {
            let pair = (word[at], candidate[at]);
            matches!(pair, ('s', 'z') | ('z', 's'))
                || (matches!(pair, ('s', 'c') | ('c', 's')) && word.get(at + 1) == Some(&'e'))
        }
        Error::Added => word[at] == 'u' && word[at - 1] == 'o',
        Error::Missing => candidate[at] == 'u' && candidate[at - 1] == 'o',
        Error::Swapped => behind <= 3 && matches!((word[at], word[at + 1]), ('r', 'e') | ('e', 'r')),
        Error::Doubled => word[at] == 'l' && (2..=5).contains(&behind),
        Error::Halved => candidate[at] == 'l' && (2..=5).contains(&behind),
    }
}
