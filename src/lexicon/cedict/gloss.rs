//! The keys in one gloss of CC-CEDICT. A gloss is a translation, a list of them, or an explanation of the entry.

use std::collections::HashSet;

use super::super::{dictionary_key, is_abbreviation};
use crate::terms::language::is_han;

/// Words of a key. Longer phrases are explanations, which no question contains.
const MAX_WORDS: usize = 4;
/// Beginnings of glosses that describe the entry, not its meaning.
const NO_MEANING: &[&str] = &[
    "CL:",
    "variant of",
    "old variant",
    "Japanese variant",
    "erroneous variant",
    "see ",
    "also written",
    "also pr.",
    "Taiwan pr.",
    "used in",
    "abbr. to ",
    "(onom.)",
    "radical ",
    "Kangxi radical",
];
/// Beginnings of parts that say more about the part before them, and are no meaning of their own.
const REMARKS: &[&str] = &[
    "used ",
    "usu. ",
    "usually ",
    "esp. ",
    "especially ",
    "e.g. ",
    "i.e. ",
    "also ",
    "formerly ",
    "such as ",
    "as ",
    "including ",
    "often ",
    "from ",
    "born ",
    "one of ",
    "pen name ",
];
/// Placeholders in glosses.
const PLACEHOLDERS: &[&str] = &["sb", "sth", "etc", "esp", "eg", "lit", "fig"];
/// Chinese and Korean family names in other spellings than pinyin. They come last in the English names of people whose
/// names are not foreign in Chinese.
const FAMILY_NAMES: &[&str] = &[
    "chan", "chang", "chao", "chen", "cheng", "cheung", "chiang", "cho", "choi", "chou", "chow", "chu", "chung",
    "fung", "ho", "hsieh", "hsu", "huang", "hui", "hung", "jung", "kang", "kim", "kuo", "kwan", "kwok", "lam", "lau",
    "lee", "leung", "lim", "lo", "ng", "park", "tam", "tang", "teng", "tsai", "tse", "tseng", "wong", "yeh", "yeung",
    "yip", "yoon", "yuen",
];

/// Reads glosses.
pub(super) struct Glosses {
    /// Chinese surnames in pinyin, in lower case.
    surnames: HashSet<String>,
}

impl Glosses {
    pub(super) fn new(surnames: HashSet<String>) -> Self {
        Self { surnames }
    }

    /// The keys under which an entry with this gloss is found.
    pub(super) fn keys(&self, gloss: &str) -> Vec<String> {
        let gloss = gloss.trim();
        let gloss = gloss.strip_prefix("abbr. for ").unwrap_or(gloss);
        let (plain, asides) = without_asides(gloss);
        let plain = plain.trim();
        let plain = plain.strip_prefix("surname ").unwrap_or(plain);
        if plain.is_empty() || NO_MEANING.iter().any(|start| plain.starts_with(start) || gloss.starts_with(start)) {
            return Vec::new();
        }
        let mut keys = Vec::new();
        for sense in plain.split(';') {
            let mut parts = sense.split(',').map(str::trim).filter(|part| !in_latin(part).is_empty());
            let Some(first) = parts.next() else { continue };
            keys.extend(phrase(first));
            if let Some(family_name) =
                asides.first().filter(|aside| is_lifetime(aside)).and_then(|_| self.family_name(first))
            {
                keys.extend(phrase(family_name));
            }
            // "Coventry, UK": what follows a name says where it is, or what. "Fed, the US central bank" is another name.
            let is_name = first.starts_with(char::is_uppercase);
            let further = |part: &&str| if is_name { part.starts_with("the ") } else { !is_remark(part) };
            keys.extend(parts.filter(further).filter_map(phrase));
        }
        keys.extend(asides.iter().filter(|aside| is_acronym(aside, plain)).filter_map(|aside| phrase(aside)));
        keys
    }

    /// The last word of a foreign person's name.
    fn family_name<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (first_names, last) = name.rsplit_once(' ')?;
        let folded = last.to_lowercase();
        let is_chinese = self.surnames.contains(&folded) || FAMILY_NAMES.binary_search(&folded.as_str()).is_ok();
        let is_short = first_names.split(' ').count() < MAX_WORDS;
        (is_short && last.starts_with(char::is_uppercase) && !is_chinese).then_some(last)
    }
}

/// Whether an aside starts with the years of a life: `(1946-)`, `(c. 1342-1400)`.
fn is_lifetime(aside: &str) -> bool {
    let years = aside.trim_start_matches("c. ").trim_start_matches("born ");
    let rest = years.trim_start_matches(|c: char| c.is_ascii_digit());
    (3..=4).contains(&(years.len() - rest.len())) && rest.trim_start_matches(" BC").trim_start().starts_with(['-', '–'])
}

fn is_remark(part: &str) -> bool {
    REMARKS.iter().any(|start| part.starts_with(start))
}

/// The words of `text` without Chinese and without placeholders.
fn in_latin(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .filter(|word| !word.contains(is_han) && !PLACEHOLDERS.contains(&word.trim_end_matches('.')))
        .collect()
}

/// Returns the look-up key of a phrase; `None` if it is empty or an explanation.
fn phrase(text: &str) -> Option<String> {
    let words = in_latin(text).join(" ");
    let key = dictionary_key(words.strip_prefix("the ").unwrap_or(&words));
    let short = is_abbreviation(&key) || key.split(' ').count() <= MAX_WORDS;
    (key.contains(char::is_alphabetic) && short && !key.contains(is_han)).then_some(key)
}

/// Splits a gloss into the text outside brackets and the texts inside them.
fn without_asides(gloss: &str) -> (String, Vec<String>) {
    let (mut plain, mut asides) = (String::new(), Vec::new());
    let mut depth = 0_usize;
    for c in gloss.chars() {
        match c {
            '(' | '[' => {
                depth += 1;
                if depth == 1 {
                    asides.push(String::new());
                }
            }
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {
                if let Some(aside) = asides.last_mut() {
                    aside.push(c);
                }
            }
        }
    }
    (plain, asides)
}

/// Whether an aside abbreviates its phrase: `(IMF)`, `(Fed)`. Its letters occur in the phrase in the same order, the first
/// at the start of a word (after Schwartz and Hearst 2003).
fn is_acronym(aside: &str, phrase: &str) -> bool {
    let letters: Vec<char> = aside.chars().collect();
    if !(2..=6).contains(&letters.len()) || !letters[0].is_uppercase() || !letters.iter().all(|c| c.is_alphabetic()) {
        return false;
    }
    let mut wanted = letters.iter().map(char::to_ascii_lowercase).peekable();
    let mut before = ' ';
    for c in phrase.chars() {
        let first = wanted.len() == letters.len();
        if wanted.peek() == Some(&c.to_ascii_lowercase()) && (!first || !before.is_alphanumeric()) {
            wanted.next();
        }
        before = c;
    }
    wanted.peek().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_family_names_is_sorted_for_binary_search() {
        assert!(FAMILY_NAMES.is_sorted());
    }

    #[test]
    fn a_part_that_says_more_about_the_one_before_it_is_no_meaning() {
        let keys = |gloss: &str| Glosses::new(HashSet::new()).keys(gloss);
        assert_eq!(keys("table tennis, ping-pong"), ["tabl tenni", "ping pong"]);
        assert_eq!(keys("gong, used by monks"), ["gong"]);
        assert_eq!(keys("Oslo, capital of Norway; Christiania"), ["oslo", "christiania"]);
        assert_eq!(keys("CL:個|个[ge4]"), Vec::<String>::new());
        assert_eq!(keys("(old) variant of 銀"), Vec::<String>::new());
    }

    #[test]
    fn years_of_a_life_are_told_from_other_asides() {
        for years in ["1946-", "c. 1342-1400", "701–762", "551-479 BC"] {
            assert!(is_lifetime(years), "{years}");
        }
        for other in ["1946", "Tw", "name", "-1946", ""] {
            assert!(!is_lifetime(other), "{other}");
        }
    }
}
