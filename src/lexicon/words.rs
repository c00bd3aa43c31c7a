//! The words of an alphabet in a question, and the keys under which they could be listed.

use std::borrow::Cow;
use std::collections::HashSet;

use super::inflect;
use super::{Names, is_abbreviation};
use crate::terms;

/// Words from which a text without small letters is taken as shouted, so that its capitals mean nothing.
const SHOUTED_FROM: usize = 3;
/// Words, of English and of other languages, that are no abbreviations unless they are in capitals: "us", Spanish "más",
/// German "bis".
const NOT_ABBREVIATIONS: [&str; 7] = ["us", "mas", "bis", "sec", "tier", "un", "vis"];

/// A word of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word, folded.
    folded: String,
    /// The term that a passage with the word has.
    pub(super) stem: String,
    /// The word as the question writes it, if that is in capitals: "US", which is not "us".
    abbreviation: Option<String>,
}

impl Word {
    /// A word that stands in a question of these `capitals`.
    pub(super) fn new(folded: &str, stem: String, capitals: &HashSet<String>) -> Self {
        let abbreviation = Some(folded.to_uppercase()).filter(|_| capitals.contains(folded));
        Self { folded: folded.to_owned(), stem, abbreviation }
    }

    /// The word, folded.
    pub(super) fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether it only phrases the question. "IT" and "WHO" may be names.
    pub(super) fn is_question_word(&self) -> bool {
        terms::is_question_word(&self.folded)
    }

    /// Whether it is listed as an abbreviation in capitals.
    pub(super) fn is_known_abbreviation(&self, names: &Names<'_>) -> bool {
        self.abbreviation.as_deref().is_some_and(|abbreviation| names.knows(abbreviation))
    }

    /// The keys under which it is listed; none if it is not.
    fn keys(&self, names: &Names<'_>) -> Vec<String> {
        let listed = |keys: Vec<String>| keys.into_iter().filter(|key| names.knows(key)).collect::<Vec<_>>();
        let stem = || self.stem.clone();
        if let Some(abbreviation) = self.abbreviation.as_ref().filter(|_| self.is_known_abbreviation(names)) {
            let of_user = names.is_users(&self.stem).then(stem);
            return [abbreviation.clone()].into_iter().chain(of_user).collect();
        }
        if names.is_chosen(&self.stem) {
            return vec![stem()];
        }
        if let Some(base) = inflect::irregular(&self.folded) {
            let keys = listed(vec![terms::stem(base), stem()]);
            if !keys.is_empty() {
                return keys;
            }
        }
        if names.knows(&self.stem) {
            return vec![stem()];
        }
        // "tsmc" can be nothing but the abbreviation, as the dictionaries have no such word.
        let abbreviation = self.folded.to_uppercase();
        if !NOT_ABBREVIATIONS.contains(&self.folded.as_str())
            && is_abbreviation(&abbreviation)
            && names.knows(&abbreviation)
        {
            return vec![abbreviation];
        }
        let bases = inflect::bases(&self.folded).into_iter().map(|base| terms::stem(&base));
        bases.filter(|base| names.knows(base)).take(1).collect()
    }
}

/// The keys under which these neighbouring words are listed as one phrase, or as a word if it is one.
pub(super) fn keys(words: &[Word], names: &Names<'_>) -> Vec<String> {
    if let [word] = words {
        return word.keys(names);
    }
    let joined = |stem: fn(&Word) -> Cow<'_, str>| words.iter().map(stem).collect::<Vec<_>>().join(" ");
    let phrase = joined(|word| Cow::Borrowed(&word.stem));
    if names.knows(&phrase) {
        return vec![phrase];
    }
    let regular = joined(|word| match inflect::irregular(&word.folded) {
        Some(base) => Cow::Owned(terms::stem(base)),
        None => Cow::Borrowed(&word.stem),
    });
    if regular != phrase && names.knows(&regular) { vec![regular] } else { Vec::new() }
}

/// The words that a question writes in capitals, folded.
pub(super) fn capitals(question: &str) -> HashSet<String> {
    let words = || question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if !question.contains(char::is_lowercase) && words().count() >= SHOUTED_FROM {
        return HashSet::new();
    }
    words().filter(|word| is_abbreviation(word)).map(str::to_lowercase).collect()
}

/// The question with "U.S." as "US".
pub(super) fn without_points(question: &str) -> Cow<'_, str> {
    let mut result = String::new();
    let (mut copied, mut before) = (0, ' ');
    for (start, c) in question.char_indices() {
        if start >= copied && !before.is_alphanumeric() && c.is_ascii_uppercase() {
            let (letters, length) = pointed_letters(&question[start..]);
            if letters.len() > 1 {
                result.push_str(&question[copied..start]);
                result.push_str(&letters);
                copied = start + length;
            }
        }
        before = c;
    }
    if copied == 0 {
        return Cow::Borrowed(question);
    }
    result.push_str(&question[copied..]);
    Cow::Owned(result)
}

/// The capitals with a point between them that `text` starts with, and how many bytes they take with their points.
fn pointed_letters(text: &str) -> (String, usize) {
    let bytes = text.as_bytes();
    let mut letters = String::new();
    let mut at = 0;
    while let Some(letter) = bytes.get(at).filter(|byte| byte.is_ascii_uppercase()) {
        let ends_word = !text[at + 1..].starts_with(char::is_alphanumeric);
        if !ends_word {
            break;
        }
        letters.push(char::from(*letter));
        at += 1;
        if bytes.get(at) != Some(&b'.') {
            break;
        }
        at += 1;
    }
    (letters, at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn points_in_an_abbreviation_are_left_out() {
        for (question, plain) in [
            ("What did the U.S. do?", "What did the US do?"),
            ("the U.K.'s rate", "the UK's rate"),
            ("U.S.-China trade", "US-China trade"),
            ("J.P. Morgan and C.C. Wei", "JP Morgan and CC Wei"),
            ("E.Sun, e.g. a bank. A. Smith", "E.Sun, e.g. a bank. A. Smith"),
            ("plan B. Then", "plan B. Then"),
        ] {
            assert_eq!(without_points(question), plain);
        }
    }

    #[test]
    fn capitals_count_where_others_are_small() {
        let of = |question: &str| {
            let mut words: Vec<String> = capitals(question).into_iter().collect();
            words.sort();
            words
        };
        assert_eq!(of("Did the US and WHO agree on AI?"), ["ai", "us", "who"]);
        assert_eq!(of("ECB 利率"), ["ecb"]);
        assert_eq!(of("WHO LED THE BANK"), Vec::<String>::new());
        assert_eq!(of("Led by us, H20"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn only_points_are_left_out(question in "([A-Z.a-zé聯 ]|U\\.S\\.){0,30}") {
            let letters = |text: &str| text.replace('.', "");
            prop_assert_eq!(letters(&without_points(&question)), letters(&question));
        }
    }
}
