//! Decides whether a full stop ends a sentence. After abbreviations, initials, ordinals and list numbers it does not.
//!
//! In doubt it does not either: two sentences quoted together are easier to read than half a sentence.

use crate::terms::is_invisible;
use crate::terms::language::is_unspaced;

/// The longest abbreviation, in characters.
const MAX_WORD_CHARS: usize = 16;

/// A longer sentence is not the label of a list item, in bytes.
const MAX_LABEL_BYTES: usize = 32;

/// The first word of a sentence is looked for in this many bytes.
const MAX_OPENING_BYTES: usize = 256;

/// A longer HTML tag is not recognised, in bytes.
const MAX_TAG_BYTES: usize = 64;

/// Abbreviations before a name, a reference or a phrase: they never end a sentence.
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

/// Abbreviations before a number: elsewhere they end a sentence.
#[rustfmt::skip]
const BEFORE_NUMBERS: &[&str] = &[
    "no", "nos", "nr", "núm", "num", "fig", "figs", "eq", "vol", "sec", "ch", "chap", "art", "arts", "pp", "pg",
    "pág", "pag", "cap", "abb", "abs", "tab", "kap", "ed", "ref", "app", "ver",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
];

/// Abbreviations that stand inside a sentence as often as at its end.
#[rustfmt::skip]
const PERHAPS_LAST: &[&str] = &[
    "inc", "ltd", "co", "corp", "cos", "bros", "plc", "llc", "assn", "jr", "sr", "esq", "etc", "usw", "enz", "др", "hrs",
];

/// Words that open a sentence and are seldom part of a name: after `Inc.` or `U.S.` they begin a new sentence.
#[rustfmt::skip]
const OPENERS: &[&str] = &[
    "The", "A", "An", "In", "On", "At", "It", "Its", "He", "She", "They", "We", "You", "This", "That", "These", "Those",
    "But", "And", "Or", "So", "If", "When", "While", "As", "For", "However", "Meanwhile", "There", "What", "Who", "Why",
    "How", "After", "Before", "By", "From", "To", "Since", "Although", "Both", "His", "Her", "Their", "Our", "No", "Not",
    "Der", "Die", "Das", "Ein", "Eine", "Es", "Er", "Sie", "Wir", "Im", "Aber", "Und", "Auch",
    "Le", "Les", "Il", "Elle", "Un", "Une", "Mais", "Ce", "Cette", "El", "Los", "Las", "Una", "Pero", "En", "Este", "Esta",
];

/// Words before which German writes an ordinal with a full stop, as in `5. Januar`.
#[rustfmt::skip]
const GERMAN_MONTHS: &[&str] = &[
    "Januar", "Jänner", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember", "Jahrhundert", "Quartal",
];

/// Whether a single full stop between `sentence` and `after` ends the sentence. `after` begins with white space or with
/// a character of a script without spaces; `is_link` says that a link or an image follows, which may begin a sentence in
/// lower case.
pub(super) fn ends_sentence(sentence: &str, after: &str, is_link: &dyn Fn() -> bool) -> bool {
    let next = opening(after);
    if next.starts_with(char::is_lowercase) && !is_link() || is_label(sentence) {
        return false;
    }
    let word = last_word(sentence);
    let next_word = &next[..next.find(|c: char| !c.is_alphabetic()).unwrap_or(next.len()).min(max_word_end(next))];
    let opens = || OPENERS.contains(&next_word);
    if word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty() {
        // `5. Januar`, and the `2.` of a list within a line of Chinese.
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

/// `after` from its first letter or digit on, if only white space, then marks and HTML tags stand before that.
pub(super) fn opening(after: &str) -> &str {
    let rest = after.trim_start();
    let mut rest = &rest[..rest.floor_char_boundary(MAX_OPENING_BYTES)];
    loop {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && !c.is_whitespace() && c != '<');
        let Some(tag) = rest.strip_prefix('<') else { return rest };
        let within = &tag[..tag.floor_char_boundary(MAX_TAG_BYTES)];
        rest = within.find('>').map_or(tag, |end| &tag[end + 1..]);
    }
}

/// Whether the last word of `text` is an abbreviation after which a line break continues the sentence.
pub(super) fn is_abbreviation(text: &str) -> bool {
    let word = last_word(text);
    NEVER_LAST.contains(&word.to_lowercase().as_str()) || is_initials(word)
}

/// Whether `sentence` is the label of a list item: `1`, `12`, `a`, `IV`.
fn is_label(sentence: &str) -> bool {
    if sentence.len() > MAX_LABEL_BYTES {
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

/// Whether `word` is initials: `J`, `U.S`, `z.B`, `EE.UU`, `Ph.D`.
fn is_initials(word: &str) -> bool {
    let mut parts = word.split('.').peekable();
    let first_is_last = word.chars().count() == 1;
    (first_is_last || word.contains('.'))
        && parts.all(|part| (1..=2).contains(&part.chars().count()) && part.chars().all(is_cased))
}

/// Whether `c` belongs to a script with capitals. Only those have initials: a Korean syllable may be a word.
fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

/// The letters, digits and full stops at the end of `text`; nothing if they are more than an abbreviation has, or part
/// of an address.
fn last_word(text: &str) -> &str {
    let text = text.trim_end_matches(|c: char| matches!(c, '*' | '~' | '`') || is_invisible(c));
    let mut start = text.len();
    for (taken, (at, c)) in text.char_indices().rev().enumerate() {
        if taken == MAX_WORD_CHARS || matches!(c, '/' | '=' | '&' | '_' | '@') {
            return "";
        }
        if is_unspaced(c) || !(c.is_alphanumeric() || c == '.') {
            break;
        }
        start = at;
    }
    text[start..].trim_start_matches('.')
}

fn max_word_end(text: &str) -> usize {
    text.char_indices().nth(MAX_WORD_CHARS).map_or(text.len(), |(at, _)| at)
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
            assert!(!ends_sentence(sentence, after, &|| false), "{sentence}.{after}");
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
            assert!(ends_sentence(sentence, after, &|| false), "{sentence}.{after}");
        }
    }
}
