//! The words that one typing error turns into a given word (Damerau 1964).

use std::collections::HashMap;

/// What was done to the intended word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    /// Two neighbouring letters changed places.
    Swapped,
    /// A letter was typed twice.
    Doubled,
    /// One of two equal letters is missing.
    Halved,
    /// A letter is missing.
    Missing,
    /// A letter is too many.
    Added,
    /// A letter was replaced by another.
    Replaced,
}

/// A word that one error turns into the misspelt one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) error: Error,
    /// Which letter of the misspelt word is concerned, or which would follow the missing one.
    pub(super) at: usize,
}

impl Error {
    /// Whether all letters of the intended word were typed, and no others: hardly any word differs so from another.
    pub(super) fn is_slip(self) -> bool {
        matches!(self, Self::Swapped | Self::Doubled)
    }

    /// What the error adds to the score of a candidate: the likelier, the more. People swap and double letters more often than
    /// they type others.
    pub(super) fn score(self) -> f64 {
        match self {
            Self::Swapped | Self::Doubled => 1.5,
            Self::Halved => 1.0,
            Self::Missing | Self::Added => 0.0,
            Self::Replaced => -1.0,
        }
    }
}

/// The candidates for `word`, which is in lower case, with letters of `alphabet`. The first letter is right, or swapped: people
/// rarely miss it, and names differ in it.
pub(super) fn candidates(word: &[char], alphabet: &str) -> HashMap<String, Edit> {
    let mut found = HashMap::new();
    let mut put = |letters: &mut dyn Iterator<Item = char>, error, at| {
        let candidate: String = letters.collect();
        if !candidate.chars().eq(word.iter().copied()) {
            found.entry(candidate).or_insert(Edit { error, at });
        }
    };
    let letters = |range: std::ops::Range<usize>| word[range].iter().copied();
    let count = word.len();
    for at in 0..count.saturating_sub(1) {
        put(&mut letters(0..at).chain([word[at + 1], word[at]]).chain(letters(at + 2..count)), Error::Swapped, at);
    }
    for at in 1..count {
        let is_double = word[at] == word[at - 1] || word.get(at + 1) == Some(&word[at]);
        let error = if is_double { Error::Doubled } else { Error::Added };
        put(&mut letters(0..at).chain(letters(at + 1..count)), error, at);
    }
    for at in 1..=count {
        for letter in alphabet.chars() {
            let is_double = word[at - 1] == letter || word.get(at) == Some(&letter);
            let error = if is_double { Error::Halved } else { Error::Missing };
            put(&mut letters(0..at).chain([letter]).chain(letters(at..count)), error, at);
        }
    }
    for at in 1..count {
        for letter in alphabet.chars() {
            put(&mut letters(0..at).chain([letter]).chain(letters(at + 1..count)), Error::Replaced, at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> HashMap<String, Edit> {
        candidates(&word.chars().collect::<Vec<_>>(), "abcdefghijklmnopqrstuvwxyz")
    }

    #[test]
    fn each_error_is_undone() {
        for (misspelt, meant, error) in [
            ("infaltion", "inflation", Error::Swapped),
            ("infllation", "inflation", Error::Doubled),
            ("aples", "apples", Error::Halved),
            ("inlation", "inflation", Error::Missing),
            ("infxlation", "inflation", Error::Added),
            ("inflatiom", "inflation", Error::Replaced),
        ] {
            assert_eq!(of(misspelt).get(meant).map(|edit| edit.error), Some(error), "{misspelt}");
        }
        assert!(!of("cat").contains_key("cat") && !of("dinflation").contains_key("inflation"));
        assert!(of("").is_empty());
    }
}
