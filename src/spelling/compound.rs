//! German compounds that no list has, with a typing error in one of their two parts.

use super::Vocabulary;
use super::edits::{Error, candidates};
use super::forms::{GERMAN_LINKS, SHORTEST_COMPOUND, SHORTEST_STEM};

/// The shortest part that is corrected.
const SHORTEST_WRONG: usize = 5;
/// How often people write either part, at least, unless the error is a slip. Lists give less for words of which they know no
/// frequency.
const FREQUENT: u64 = 60;
/// Endings of many forms and of many names. A name differs from a word by another letter or by one too many: Teamviewer is no
/// wrong "Team-vieler", Kampenwand no wrong "Kamen-wand".
const ENDINGS: [&str; 5] = ["e", "en", "er", "em", "es"];
/// How much oftener people must write the parts of one compound than those of the next, as the factor of both together.
const CLEARLY: f64 = 3.0;

/// The compound of two listed words that one error turns into `word`, which is in lower case; `None` if several are about as
/// likely.
pub(super) fn correction(word: &[char], alphabet: &str, vocabulary: &dyn Vocabulary) -> Option<String> {
    if word.len() < SHORTEST_COMPOUND + 1 {
        return None;
    }
    let frequency = |part: &str| vocabulary.frequency("de", part);
    let is_likely = |error: Error, part: &str, least: u64| {
        let may_be_name =
            || matches!(error, Error::Replaced | Error::Added) && ENDINGS.iter().any(|ending| part.ends_with(ending));
        error.is_slip() || (least >= FREQUENT && !may_be_name())
    };
    let mut found: Vec<(f64, String)> = Vec::new();
    for at in SHORTEST_STEM..=word.len() - SHORTEST_STEM {
        let (first, last) = word.split_at(at);
        let (first_text, last_text): (String, String) = (first.iter().collect(), last.iter().collect());
        if let (Some(known), true) = (first_part(&first_text, frequency), last.len() >= SHORTEST_WRONG) {
            found.extend(candidates(last, alphabet).into_iter().filter_map(|(part, edit)| {
                let frequency = frequency(&part).filter(|_| part.chars().count() >= SHORTEST_WRONG)?;
                // At the end of a word its forms differ, and names: Niedermayer.
                let is_at_end = edit.at + 1 >= last.len() && !edit.error.is_slip();
                if is_at_end || !is_likely(edit.error, &part, known.min(frequency)) {
                    return None;
                }
                Some((known as f64 * frequency as f64, format!("{first_text}{part}")))
            }));
        }
        if let (Some(known), true) = (frequency(&last_text), first.len() >= SHORTEST_WRONG) {
            found.extend(candidates(first, alphabet).into_iter().filter_map(|(part, edit)| {
                let frequency = first_part(&part, frequency).filter(|_| part.chars().count() >= SHORTEST_WRONG)?;
                if !is_likely(edit.error, &part, known.min(frequency)) {
                    return None;
                }
                Some((known as f64 * frequency as f64, format!("{part}{last_text}")))
            }));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let (best, compound) = found.first()?;
    let is_clear = found.iter().all(|(other, text)| text == compound || best / other >= CLEARLY);
    is_clear.then(|| compound.clone())
}

/// How often people write the first part of a compound, without what links it to the next.
fn first_part(part: &str, frequency: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let words = GERMAN_LINKS.iter().filter_map(|link| part.strip_suffix(link));
    words.filter(|word| word.chars().count() >= SHORTEST_STEM).filter_map(frequency).max()
}
