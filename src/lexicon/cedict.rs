//! CC-CEDICT: `Traditional Simplified [pinyin] /gloss/gloss/`, in both directions.

use super::key;
use super::table::Pair;
use crate::terms::fold;
use crate::terms::language::is_han;

/// Words of a gloss. Longer ones are explanations, which no question contains.
const MAX_WORDS: usize = 4;
/// Beginnings of glosses that describe the entry, not its meaning.
const NO_MEANING: &[&str] = &[
    "CL:",
    "variant of",
    "old variant",
    "Japanese variant",
    "erroneous variant",
    "see ",
    "see also",
    "also written",
    "also pr.",
    "Taiwan pr.",
    "used in",
    "abbr. to ",
    "surname ",
    "(onom.)",
    "radical ",
    "Kangxi radical",
];
/// Placeholders in glosses.
const PLACEHOLDERS: &[&str] = &["sb", "sth", "etc", "esp", "eg", "lit", "fig"];

/// Every entry in both directions.
pub(super) fn pairs(text: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((head, glosses)) = line.split_once('/') else { continue };
        let Some(simplified) = head.split_whitespace().nth(1) else { continue };
        let word = fold(simplified);
        // A single character has too many meanings.
        if word.chars().count() < 2
            || !word.chars().all(|c| is_han(c) || c.is_alphanumeric())
            || !word.chars().any(is_han)
        {
            continue;
        }
        let meanings: Vec<String> = glosses.split('/').flat_map(keys).collect();
        let count = meanings.len() as u32;
        for (position, meaning) in (0_u32..).zip(meanings) {
            // Meanings further up in an entry rank first, then words with fewer meanings.
            pairs.push(Pair { key: meaning.clone(), value: word.clone(), rank: position * 100 + count });
            pairs.push(Pair { key: word.clone(), value: meaning, rank: position });
        }
    }
    pairs
}

/// The keys under which a gloss is found.
fn keys(gloss: &str) -> Vec<String> {
    let gloss = gloss.trim();
    let gloss = gloss.strip_prefix("abbr. for ").unwrap_or(gloss);
    if gloss.is_empty() || NO_MEANING.iter().any(|start| gloss.starts_with(start)) {
        return Vec::new();
    }
    let (plain, asides) = without_asides(gloss);
    let mut keys: Vec<String> = plain.split([';', ',']).filter_map(phrase).collect();
    keys.extend(asides.iter().filter(|aside| is_acronym(aside, &plain)).filter_map(|aside| phrase(aside)));
    keys
}

/// Returns the look-up key of a phrase; `None` if it is empty or an explanation.
fn phrase(text: &str) -> Option<String> {
    let kept: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !word.contains(is_han) && !PLACEHOLDERS.contains(&word.trim_end_matches('.')))
        .collect();
    let key = key(&kept.join(" "));
    (!key.is_empty() && key.split(' ').count() <= MAX_WORDS && !key.contains(is_han)).then_some(key)
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
    use super::super::table::{self, Dictionary};
    use super::*;

    const LINES: &str = "\
# a comment
央行 央行 [yang1 hang2] /central bank (abbr. for 中央銀行|中央银行[zhong1 yang1 yin2 hang2])/
加息 加息 [jia1 xi1] /to raise interest rates/
國際貨幣基金組織 国际货币基金组织 [x] /International Monetary Fund (IMF)/
美聯儲 美联储 [x] /US Federal Reserve (Fed), the US central bank/
筆記本 笔记本 [x] /notebook/CL:本[ben3]/laptop; notebook computer (Tw)/
打 打 [da3] /to hit/
";

    fn get(key_of: &str) -> Vec<String> {
        let dictionary = Dictionary::from_bytes(table::compile(pairs(LINES))).unwrap();
        dictionary.get(&key(key_of)).map(str::to_owned).collect()
    }

    #[test]
    fn an_entry_is_found_by_each_of_its_meanings_and_its_abbreviation() {
        assert_eq!(get("raise interest rates"), ["加息"]);
        assert_eq!(get("IMF"), ["国际货币基金组织"]);
        assert_eq!(get("the Fed"), ["美联储"]);
        assert_eq!(get("US central bank"), ["美联储"]);
        assert_eq!(get("laptop"), ["笔记本"]);
        assert_eq!(get("notebook"), ["笔记本"]);
        assert_eq!(get("Tw"), Vec::<String>::new());
        assert_eq!(get("hit"), Vec::<String>::new(), "a single character has too many meanings");
    }

    #[test]
    fn a_chinese_word_in_either_script_gives_its_english_keys() {
        assert_eq!(get("國際貨幣基金組織"), ["intern monetari fund", "imf"]);
        assert_eq!(get("加息"), ["rais interest rate"]);
    }
}
