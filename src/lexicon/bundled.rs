//! Footnote's own list of the names and words of news, in English and Chinese: `names.tsv` and `words.tsv`.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::synonyms::Synonyms;
use super::{dictionary_key, key};

/// Names of one thing on each line.
const NAMES: &str = include_str!("names.tsv");
/// English words of one meaning, and their translations.
const WORDS: &str = include_str!("words.tsv");

/// Both lists. A name finds all other names of the thing; a word finds its translations, and they find it.
pub(super) fn bundled() -> &'static Synonyms {
    static LISTS: OnceLock<Synonyms> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists = Synonyms::default();
        let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
        for line in lines(NAMES) {
            let names: Vec<&str> = line.split('\t').collect();
            for name in &names {
                names.iter().filter(|other| *other != name).for_each(|other| add(&mut lists, name, other));
            }
        }
        for line in lines(WORDS) {
            let Some((english, chinese)) = line.split_once('\t') else { continue };
            for word in english.split("; ") {
                for translation in chinese.split('\t') {
                    add(&mut lists, word, translation);
                    add(&mut lists, translation, word);
                }
            }
        }
        lists
    })
}

/// The sections of `names.tsv` that name no houses, offices or people, but places and currencies.
const NOT_SUBJECTS: [&str; 3] = ["Countries and regions", "Cities and places", "Currencies"];

/// Whether a [`dictionary_key`] is the name of a house, an office, a publication or a person in `names.tsv`.
pub(super) fn is_name(key: &str) -> bool {
    static KEYS: OnceLock<HashSet<String>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let mut keys = HashSet::new();
        let mut counts = false;
        for line in NAMES.lines() {
            match line.strip_prefix("# ") {
                Some(section) => counts = !NOT_SUBJECTS.iter().any(|other| section.starts_with(other)),
                None if counts => keys.extend(line.split('\t').map(dictionary_key)),
                None => {}
            }
        }
        keys
    });
    keys.contains(key)
}

/// Whether a folded word of an alphabet occurs in a name of `names.tsv`.
pub(super) fn is_in_name(word: &str) -> bool {
    static WORDS_OF_NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    let words = WORDS_OF_NAMES.get_or_init(|| {
        let names = NAMES.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split('\t'));
        let words = names.flat_map(|name| name.split(|c: char| !c.is_alphabetic()));
        words.filter(|word| !word.is_empty()).map(crate::terms::fold).collect()
    });
    words.contains(word)
}

/// The other names of what a name of `names.tsv` denotes, as the list writes them. `key` is a [`dictionary_key`].
pub(super) fn other_names(key: &str) -> Vec<&'static str> {
    let mut lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    let line = lines.find(|line| line.split('\t').any(|name| dictionary_key(name) == key));
    line.into_iter().flat_map(|line| line.split('\t')).filter(|name| dictionary_key(name) != key).collect()
}

fn add(lists: &mut Synonyms, name: &str, other: &str) {
    let other = key(other);
    // "WHO" is no term: as a word it only phrases a question.
    if !other.is_empty() {
        lists.add_pair(dictionary_key(name), other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::language::is_han;

    fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
        text.lines().filter(|line| !line.starts_with('#'))
    }

    #[test]
    fn every_line_has_names_or_words_that_can_be_looked_up() {
        for line in lines(NAMES) {
            let names: Vec<&str> = line.split('\t').collect();
            assert!(names.len() > 1, "{line}");
            assert!(names.iter().all(|name| *name == name.trim() && !dictionary_key(name).is_empty()), "{line}");
        }
        for line in lines(WORDS) {
            let (english, chinese) = line.split_once('\t').expect(line);
            assert!(english.split("; ").all(|word| !key(word).is_empty() && !word.contains(is_han)), "{line}");
            // A single character is a term only where it stands alone.
            let found = |word: &str| word.chars().count() > 1 || word.chars().all(|c| c.is_ascii_digit());
            assert!(chinese.split('\t').all(|word| *word == *word.trim() && found(word)), "{line}");
        }
    }

    #[test]
    fn no_name_is_listed_for_two_things() {
        let mut seen = HashSet::new();
        for line in lines(NAMES) {
            for name in line.split('\t') {
                assert!(seen.insert(dictionary_key(name)), "{name} has two lines");
            }
        }
    }

    #[test]
    fn houses_and_people_are_names_that_a_question_can_be_about() {
        for name in ["高盛", "Goldman Sachs", "台積電", "ECB", "鮑爾"] {
            assert!(is_name(&dictionary_key(name)), "{name}");
        }
        for name in ["日本", "Japanese", "紐約", "USD", "美元"] {
            assert!(!is_name(&dictionary_key(name)), "{name}");
        }
    }

    #[test]
    fn a_name_finds_every_other_name_and_a_word_only_its_translations() {
        let of = |name: &str| bundled().of(name).collect::<Vec<_>>();
        assert!(of("trump").contains(&"川普") && of("trump").contains(&"特朗普") && of("川普").contains(&"特朗普"));
        assert_eq!(of("US").first(), Some(&"usa"), "a value is a term, so it is in lower case");
        assert!(of("US").contains(&"美国") && of("us").is_empty());
        assert!(of("brokerag").contains(&"券商") && of("券商").contains(&"brokerag"));
        assert!(!of("券商").contains(&"证券商"), "translations of one word are not names of one thing");
        let written = other_names(&dictionary_key("FRB"));
        assert!(written.contains(&"Federal Reserve") && written.contains(&"聯準會") && !written.contains(&"FRB"));
    }
}
