//! Whether a full stop ends a sentence: abbreviations, initials, ordinals and list numbers do not.
//!
//! In doubt it does not: two sentences quoted together are read more easily than half a one.

use super::lines::is_unspaced;

/// How far back a word is looked for, in characters. No abbreviation is longer.
const LONGEST_WORD: usize = 16;

/// What would be the whole sentence, if it ended here, is looked at only while it is this short, in bytes.
const LONGEST_LABEL: usize = 32;

/// A name, a reference or a phrase follows; a new sentence never does.
#[rustfmt::skip]
const NEVER_LAST: &[&str] = &[
    // English
    "mr", "mrs", "ms", "dr", "prof", "st", "gen", "col", "lt", "capt", "cpt", "sgt", "rep", "reps", "sen", "gov",
    "hon", "rev", "messrs", "mt", "ft", "vs", "cf", "viz", "approx", "est", "e.g", "i.e", "al", "ca", "dept",
    // German
    "hr", "fr", "bzw", "evtl", "ggf", "inkl", "sog", "vgl", "z.b", "d.h", "u.a", "str", "tel", "mio", "mrd",
    // Spanish, Portuguese, Italian, French, Dutch
    "sra", "srta", "sres", "dra", "dña", "ud", "uds", "lic", "exmo", "sig", "dott", "avv", "mm", "mgr", "env", "bijv",
    // Polish, Russian
    "np", "tzn", "ul", "им", "ул", "руб", "тыс", "млн", "млрд",
];

/// A number follows, or a new sentence does.
#[rustfmt::skip]
const BEFORE_NUMBERS: &[&str] = &[
    "no", "nos", "nr", "núm", "num", "fig", "figs", "eq", "vol", "sec", "ch", "chap", "art", "arts", "pp", "pg",
    "pág", "pag", "cap", "abb", "abs", "tab", "kap", "ed", "ref", "app", "ver",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
];

/// They stand inside a sentence as often as at its end.
#[rustfmt::skip]
const PERHAPS_LAST: &[&str] = &[
    "inc", "ltd", "co", "corp", "cos", "bros", "plc", "llc", "assn", "jr", "sr", "esq", "etc", "usw", "enz", "др", "hrs",
];

/// Words that open a sentence and are seldom a name: after `Inc.` or `U.S.` they tell a new one.
#[rustfmt::skip]
const OPENERS: &[&str] = &[
    "The", "A", "An", "In", "On", "At", "It", "Its", "He", "She", "They", "We", "You", "This", "That", "These", "Those",
    "But", "And", "Or", "So", "If", "When", "While", "As", "For", "However", "Meanwhile", "There", "What", "Who", "Why",
    "How", "After", "Before", "By", "From", "To", "Since", "Although", "Both", "His", "Her", "Their", "Our", "No", "Not",
    "Der", "Die", "Das", "Ein", "Eine", "Es", "Er", "Sie", "Wir", "Im", "Aber", "Und", "Auch",
    "Le", "Les", "Il", "Elle", "Un", "Une", "Mais", "Ce", "Cette", "El", "Los", "Las", "Una", "Pero", "En", "Este", "Esta",
];

/// German writes dates as `5. Januar`.
#[rustfmt::skip]
const GERMAN_MONTHS: &[&str] = &[
    "Januar", "Jänner", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember", "Jahrhundert", "Quartal",
];

/// Whether a single full stop between `sentence` (as far as it goes) and `after`, which begins with white space or
/// with a character that is written without spaces, ends a sentence.
pub(super) fn ends_sentence(sentence: &str, after: &str) -> bool {
    let next = after.trim_start().trim_start_matches(|c: char| !c.is_alphanumeric() && !c.is_whitespace());
    if next.starts_with(char::is_lowercase) || is_label(sentence) {
        return false;
    }
    let word = last_word(sentence);
    let next_word = &next[..next.find(|c: char| !c.is_alphabetic()).unwrap_or(next.len()).min(longest(next))];
    let opens = || OPENERS.contains(&next_word);
    if word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty() {
        // `5. Januar`, and `2.` in a list that runs on in one line of Chinese.
        let runs_on = word.len() <= 3 && !after.starts_with(char::is_whitespace);
        return !runs_on && !GERMAN_MONTHS.contains(&next_word);
    }
    let lower = word.to_lowercase();
    if NEVER_LAST.contains(&lower.as_str()) {
        false
    } else if BEFORE_NUMBERS.contains(&lower.as_str()) {
        !next.starts_with(char::is_numeric)
    } else if PERHAPS_LAST.contains(&lower.as_str()) || is_initials(word) {
        opens()
    } else {
        true
    }
}

/// Whether the word before the full stop that `text` leads up to is one that a new line rather continues than ends.
pub(super) fn is_abbreviation(text: &str) -> bool {
    let word = last_word(text);
    NEVER_LAST.contains(&word.to_lowercase().as_str()) || is_initials(word)
}

/// `1`, `12`, `a`, `IV`: with its full stop it is the label of what follows, not a sentence.
fn is_label(sentence: &str) -> bool {
    if sentence.len() > LONGEST_LABEL {
        return false;
    }
    let label = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
    let roman = |c: char| matches!(c, 'i' | 'v' | 'x' | 'I' | 'V' | 'X');
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (None, _) => true,
        (Some(only), None) => only.is_ascii_digit() || is_cased(only),
        _ => {
            label.len() <= 3 && label.bytes().all(|b| b.is_ascii_digit())
                || label.len() <= 5 && label.chars().all(roman)
        }
    }
}

/// `J`, `U.S`, `z.B`, `EE.UU`, `Ph.D`: letters with full stops between them.
fn is_initials(word: &str) -> bool {
    let mut parts = word.split('.').peekable();
    let first_is_last = word.chars().count() == 1;
    (first_is_last || word.contains('.'))
        && parts.all(|part| (1..=2).contains(&part.chars().count()) && part.chars().all(is_cased))
}

/// Initials are an affair of scripts that have capitals; a Korean syllable may well be a word.
fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

/// The letters, digits and full stops that `text` ends in; nothing if there are more than an abbreviation has, or if
/// they are part of an address.
fn last_word(text: &str) -> &str {
    let mut start = text.len();
    for (taken, (at, c)) in text.char_indices().rev().enumerate() {
        if taken == LONGEST_WORD || matches!(c, '/' | '=' | '&' | '_' | '@') {
            return "";
        }
        if is_unspaced(c) || !(c.is_alphanumeric() || c == '.') {
            break;
        }
        start = at;
    }
    text[start..].trim_start_matches('.')
}

fn longest(text: &str) -> usize {
    text.char_indices().nth(LONGEST_WORD).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_and_initials_do_not_end_a_sentence() {
        for (sentence, after) in [
            ("He met Mr", " Powell"),
            ("written by J", " Smith"),
            ("the U.S", " Treasury"),
            ("see No", " 5"),
            ("Apple Inc", " Chief Executive"),
            ("approx", " 30"),
            ("Das ist z.B", " Berlin"),
            ("Das ist z", " B. Berlin"),
            ("am 5", " Januar"),
            ("El Sr", " García"),
            ("1", " First"),
            ("xiv", " Fourteenth"),
            ("(a", " Option"),
            ("共有三點2", "其次"),
            ("the end of day etc", " and so on"),
        ] {
            assert!(!ends_sentence(sentence, after), "{sentence}.{after}");
        }
    }

    #[test]
    fn words_and_numbers_end_a_sentence_and_so_does_an_abbreviation_before_an_opener() {
        for (sentence, after) in [
            ("They cut rates", " Powell agreed"),
            ("It grew by 12", " Powell agreed"),
            ("It happened in 2026", " Powell agreed"),
            ("He lives in the U.S", " The rest do not"),
            ("It was bought by Apple Inc", " It paid"),
            ("He said no", " That is all"),
            ("그는 말했다", " 그리고"),
        ] {
            assert!(ends_sentence(sentence, after), "{sentence}.{after}");
        }
    }
}
