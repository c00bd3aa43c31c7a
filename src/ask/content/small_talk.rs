//! Greetings, thanks and other phrases that ask nothing, by language, and filler text.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::terms::fold;
use crate::terms::language::{is_han, is_kana};

const PHRASES: &str = include_str!("small_talk.toml");
/// The section of phrases without a language.
const ANY: &str = "any";
/// The order of the sections in which a phrase of several languages is looked for.
const ORDER: &[&str] =
    &["en", "zh", "ja", "ko", "de", "fr", "es", "pt", "it", "ru", "vi", "id", "th", "ar", "tr", "hi", ANY];
/// A longer message says more than small talk.
const MAX_CHARS: usize = 80;

/// The words of the filler text that printers use. "Dolor" and "elit" alone can be words of a language.
const LOREM: &str = "lorem ipsum dolor sit amet consectetur consectetuer adipiscing adipisicing elit sed do diam nonummy nibh \
    euismod tincidunt ut laoreet magna aliquam erat volutpat eiusmod tempor incididunt et labore dolore aliqua enim ad minim \
    veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit \
    voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa qui officia \
    deserunt mollit anim id est laborum";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    phrases: Vec<String>,
    with: Vec<String>,
}

/// A phrase of small talk.
#[derive(Clone, Copy)]
struct Phrase {
    /// A section's index in [`ORDER`].
    section: usize,
    /// Whether it is small talk only together with another phrase.
    accompanies: bool,
}

/// A message that is small talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SmallTalk {
    /// The language of its first phrase that has one.
    pub(super) language: Option<&'static str>,
}

/// Whether a message is small talk.
pub(super) fn small_talk(text: &str) -> Option<SmallTalk> {
    // Folding can shorten a text.
    if text.chars().count() > 4 * MAX_CHARS {
        return is_filler(text).then_some(SmallTalk { language: None });
    }
    let words = words_of(text);
    // "Hellooo", "hiii".
    let spellings = [words.clone(), without_runs(&words, 2), without_runs(&words, 1)];
    let found = spellings.iter().find_map(|spelling| of_phrases(spelling));
    found.or_else(|| is_filler(text).then_some(SmallTalk { language: None }))
}

fn is_filler(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let lorem: HashSet<&str> = LOREM.split_whitespace().collect();
    words.iter().any(|word| matches!(*word, "lorem" | "ipsum")) && words.iter().all(|word| lorem.contains(word))
}

/// The folded letters and digits of a text, with one space where others were.
fn words_of(text: &str) -> String {
    let folded = fold(text);
    // Signs above and below the letters of Thai, Arabic and Hindi are left out.
    let visible = folded.chars().filter(|c| c.is_alphanumeric() || !unicode_normalization::char::is_combining_mark(*c));
    let spaced: String = visible.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `words` with each run of three and more equal letters shortened to `count`.
fn without_runs(words: &str, count: usize) -> String {
    let chars: Vec<char> = words.chars().collect();
    let runs = chars.chunk_by(|a, b| a == b);
    runs.flat_map(|run| &run[..if run.len() > 2 { count } else { run.len() }]).collect()
}

/// A text that consists of phrases.
fn of_phrases(words: &str) -> Option<SmallTalk> {
    let chars: Vec<char> = words.chars().collect();
    if chars.is_empty() || chars.len() > MAX_CHARS {
        return None;
    }
    // For each place in the text that phrases can reach: the sections of the phrases before it, without companions.
    let mut reached: Vec<Option<Vec<usize>>> = vec![None; chars.len() + 1];
    reached[0] = Some(Vec::new());
    for start in 0..chars.len() {
        let Some(sections) = reached[start].clone() else { continue };
        if chars[start] == ' ' {
            reached[start + 1].get_or_insert(sections);
            continue;
        }
        // The longest first, since a place keeps what reached it first.
        for end in (start + 1..=chars.len()).rev().filter(|end| is_boundary(&chars, start) && is_boundary(&chars, *end))
        {
            let piece: String = chars[start..end].iter().collect();
            let Some(phrase) = phrase(&piece) else { continue };
            let mut sections = sections.clone();
            if !phrase.accompanies {
                sections.push(phrase.section);
            }
            let is_better =
                |old: &Option<Vec<usize>>| old.as_ref().is_none_or(|old| old.is_empty() && !sections.is_empty());
            if is_better(&reached[end]) {
                reached[end] = Some(sections);
            }
        }
    }
    let sections = reached.pop().flatten().filter(|sections| !sections.is_empty())?;
    Some(SmallTalk { language: sections.into_iter().map(|section| ORDER[section]).find(|name| *name != ANY) })
}

fn phrase(piece: &str) -> Option<Phrase> {
    if let Some(phrase) = table().get(piece) {
        return Some(*phrase);
    }
    let section = |name: &str| ORDER.iter().position(|other| *other == name).unwrap_or_default();
    if piece.chars().all(|c| c.is_ascii_digit()) {
        return Some(Phrase { section: section(ANY), accompanies: true });
    }
    // Laughter of any length.
    let is_laughter = |unit: &str| piece.len() > unit.len() && piece.replace(unit, "").is_empty();
    let laughs = [
        ("ha", ANY),
        ("he", ANY),
        ("ja", "es"),
        ("哈", "zh"),
        ("呵", "zh"),
        ("嘻", "zh"),
        ("ㅋ", "ko"),
        ("ㅎ", "ko"),
        ("ха", "ru"),
    ];
    let (_, name) = laughs.into_iter().find(|(unit, _)| is_laughter(unit))?;
    Some(Phrase { section: section(name), accompanies: false })
}

/// Whether a phrase can begin or end at this place: beside a space, or in writing without spaces.
fn is_boundary(chars: &[char], at: usize) -> bool {
    let is_unspaced = |c: char| is_han(c) || is_kana(c) || matches!(c, '\u{E01}'..='\u{E4E}');
    match (at.checked_sub(1).and_then(|before| chars.get(before)), chars.get(at)) {
        (Some(before), Some(behind)) => {
            *before == ' ' || *behind == ' ' || is_unspaced(*before) || is_unspaced(*behind)
        }
        _ => true,
    }
}

/// All phrases in the form of [`words_of`]. One of several languages belongs to the first.
fn table() -> &'static HashMap<String, Phrase> {
    static TABLE: OnceLock<HashMap<String, Phrase>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let sections: HashMap<String, Section> =
            toml::from_str(PHRASES).expect("small_talk.toml, which is compiled in, is valid");
        let mut table = HashMap::new();
        for accompanies in [false, true] {
            for (section, name) in ORDER.iter().enumerate() {
                let Some(Section { phrases, with }) = sections.get(*name) else { continue };
                for phrase in if accompanies { with } else { phrases } {
                    table.entry(words_of(phrase)).or_insert(Phrase { section, accompanies });
                }
            }
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_looked_up_and_every_phrase_is_small_talk() {
        let sections: HashMap<String, Section> = toml::from_str(PHRASES).unwrap();
        assert!(sections.keys().all(|name| ORDER.contains(&name.as_str())));
        assert_eq!(sections.len(), ORDER.len());
        for (name, section) in sections {
            for text in &section.phrases {
                assert!(small_talk(text).is_some(), "{name}: {text}");
            }
        }
    }

    #[test]
    fn words_that_only_accompany_a_phrase_are_no_small_talk_by_themselves() {
        for text in ["everyone", "a lot", "老師", "for your help", "123", "Footnote", "zusammen"] {
            assert_eq!(small_talk(text), None, "{text}");
        }
    }

    #[test]
    fn filler_text_is_recognised_by_its_first_words() {
        assert!(is_filler("Lorem ipsum dolor sit amet."));
        assert!(!is_filler("dolor") && !is_filler("What does lorem ipsum mean?") && !is_filler(""));
    }
}
