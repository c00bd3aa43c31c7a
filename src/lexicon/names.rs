//! The names in a question that a list has: Footnote's own, the user's glossary, the documents' parentheses.

use super::concepts::{MOST_CHARS, MOST_WORDS, Part, boundaries, concept, conjunction, parts};
use super::words::{self, Word};
use super::{Names, bundled};
use crate::terms::{self, fold};

/// A name of something that a question may be about: a house, an office, a person. Countries, cities and currencies are
/// none, since they are rarely what a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedName {
    /// The question's folded words for it; one without spaces in Chinese.
    pub words: Vec<String>,
    /// Its names, each a conjunction of index terms, the question's own first.
    pub alternatives: Vec<Vec<String>>,
    /// Whether Footnote's own list has it, with its names in English and Chinese.
    pub is_bundled: bool,
}

/// The names of a question, in its order, the longest where they overlap.
pub(super) fn names(question: &str, lists: &Names<'_>) -> Vec<ListedName> {
    let mut found = Vec::new();
    let plain = words::without_points(question);
    for part in parts(&terms::without_question_words(&fold(&plain)), &words::capitals(&plain)) {
        match part {
            Part::Words(mut words) => {
                words.retain(|word| !word.is_question_word() || word.is_known_abbreviation(lists));
                of_words(&words, lists, &mut found);
            }
            Part::Han(run) => of_han(run, lists, &mut found),
            Part::Other(_) => {}
        }
    }
    found
}

fn of_words(words: &[Word], lists: &Names<'_>, found: &mut Vec<ListedName>) {
    let mut first = 0;
    while first < words.len() {
        let longest = MOST_WORDS.min(words.len() - first);
        let named = (1..=longest).rev().find_map(|count| {
            let keys = words::keys(&words[first..first + count], lists);
            keys.iter().any(|key| is_name(key, lists)).then_some((count, keys))
        });
        let Some((count, keys)) = named else {
            first += 1;
            continue;
        };
        let words = &words[first..first + count];
        let own = words.iter().map(|word| word.stem.clone()).collect();
        found.push(ListedName {
            words: words.iter().map(|word| word.folded().to_owned()).collect(),
            alternatives: concept(&keys, own, lists).alternatives,
            is_bundled: keys.iter().any(|key| bundled::is_name(key)),
        });
        first += count;
    }
}

fn of_han(run: &str, lists: &Names<'_>, found: &mut Vec<ListedName>) {
    let starts = boundaries(run);
    let chars = starts.len() - 1;
    let mut at = 0;
    while at < chars {
        let most = MOST_CHARS.min(chars - at);
        let known = (2..=most).rev().find(|&count| lists.knows_word(&run[starts[at]..starts[at + count]]));
        let Some(count) = known else {
            at += 1;
            continue;
        };
        let word = &run[starts[at]..starts[at + count]];
        if is_name(word, lists) {
            found.push(ListedName {
                words: vec![word.to_owned()],
                alternatives: concept(&[word.to_owned()], conjunction(word), lists).alternatives,
                is_bundled: bundled::is_name(word),
            });
        }
        at += count;
    }
}

fn is_name(key: &str, lists: &Names<'_>) -> bool {
    bundled::is_name(key) || lists.aliases.has(key)
}

#[cfg(test)]
mod tests {
    use super::super::{Lexicon, Synonyms};

    fn of(question: &str) -> Vec<String> {
        let lexicon = Lexicon::empty().with_bundled();
        let names = lexicon.names(question, &Synonyms::default());
        names.into_iter().map(|name| name.words.join(" ")).collect()
    }

    #[test]
    fn houses_offices_and_people_are_names_and_places_are_not() {
        assert_eq!(of("What does Goldman Sachs expect of TSMC?"), ["goldman sachs", "tsmc"]);
        assert_eq!(of("高盛對台積電的看法"), ["高盛", "台积电"]);
        assert_eq!(of("Wird die EZB oder die ECB handeln?"), ["ezb", "ecb"]);
        assert_eq!(of("Is inflation in Germany higher than in Tokyo, in dollars?"), Vec::<String>::new());
    }

    #[test]
    fn a_name_has_all_its_names() {
        let lexicon = Lexicon::empty().with_bundled();
        let names = lexicon.names("高盛怎麼看?", &Synonyms::default());
        assert!(names[0].is_bundled && names[0].alternatives.contains(&vec!["goldman".to_owned()]), "{names:?}");
    }

    #[test]
    fn what_documents_call_a_name_is_one_too() {
        let lexicon = Lexicon::empty().with_bundled();
        let aliases: Synonyms = [("北岬银行".to_owned(), "northcap bank".to_owned())].into_iter().collect();
        let names = lexicon.names("北岬銀行", &aliases);
        assert!(names.is_empty(), "the start of an alias in running text is a guess: {names:?}");
    }
}
