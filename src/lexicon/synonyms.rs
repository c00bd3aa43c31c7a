//! Groups of names for the same thing, in memory: a glossary, or aliases found in documents.

use std::collections::HashMap;

use super::key;

/// Names by their [`key`]s.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synonyms(HashMap<String, Vec<String>>);

impl Synonyms {
    /// Adds names of the same thing: each becomes a synonym of the others.
    pub fn add<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let mut keys: Vec<String> = names.map(key).filter(|key| !key.is_empty()).collect();
        keys.sort();
        keys.dedup();
        for name in &keys {
            for other in keys.iter().filter(|other| *other != name) {
                self.add_pair(name.clone(), other.clone());
            }
        }
    }

    /// Adds a synonym of a key, in this direction only.
    pub(super) fn add_pair(&mut self, key: String, other: String) {
        let known = self.0.entry(key).or_default();
        if !known.contains(&other) {
            known.push(other);
        }
    }

    /// The synonyms of a key.
    pub(super) fn of(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.get(key).into_iter().flatten().map(String::as_str)
    }

    /// Whether a key has synonyms.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Whether a word is part of a key.
    pub(super) fn has_word(&self, word: &str) -> bool {
        let has = |name: &str| name.split(' ').any(|part| part == word);
        !word.is_empty() && self.0.keys().any(|key| has(key))
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Pairs of a name and a synonym, both already in the form of [`key`]; each counts in this direction only.
impl FromIterator<(String, String)> for Synonyms {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut synonyms = Self::default();
        pairs.into_iter().for_each(|(key, other)| synonyms.add_pair(key, other));
        synonyms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_thing_finds_all_the_others() {
        let mut names = Synonyms::default();
        names.add(["Fed", "聯準會", "美联储", "Federal Reserve"].into_iter());
        names.add(["Fed", "美國聯準會"].into_iter());
        assert_eq!(names.of("fed").collect::<Vec<_>>(), ["feder reserv", "美联储", "联准会", "美国联准会"]);
        assert_eq!(names.of("联准会").collect::<Vec<_>>(), ["fed", "feder reserv", "美联储"]);
        assert_eq!(names.of("ecb").count(), 0);
    }
}
