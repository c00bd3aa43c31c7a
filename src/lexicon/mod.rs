//! The bilingual lexicon. It turns a question's words into concepts: groups of synonyms in all known languages, so that an
//! English question finds Chinese passages by their words, and the reverse.
//!
//! Synonyms come from four sources, in this order: the user's glossary, the aliases that documents give in parentheses,
//! Footnote's own list of the names and words of news, and dictionaries that are fetched with the model. Without any of
//! them a question's concepts are its own terms.

mod aliases;
mod bundled;
mod cedict;
mod concepts;
mod inflect;
mod names;
mod synonyms;
mod table;
mod tsv;
mod word_list;
mod words;

use std::collections::BTreeMap;

pub use aliases::aliases;
pub use names::ListedName;
pub use synonyms::Synonyms;
pub use table::Dictionary;
pub use word_list::WordList;
pub(crate) use word_list::compile as compile_word_list;

use crate::error::{Error, Result};
pub use crate::model::manifest::SourceFormat;
use crate::terms::{self, LexicalQuery, Script, runs};

/// Compiles a dictionary's source into the form that [`Dictionary::from_bytes`] reads.
pub fn compile(source: &[u8], format: SourceFormat) -> Result<Vec<u8>> {
    let pairs = match format {
        SourceFormat::CedictGz => {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(source), &mut text)
                .map_err(|error| unreadable(&error))?;
            cedict::pairs(&text)
        }
        SourceFormat::Tsv => tsv::pairs(std::str::from_utf8(source).map_err(|error| unreadable(&error))?),
    };
    Ok(table::compile(pairs))
}

fn unreadable(reason: &dyn std::fmt::Display) -> Error {
    Error::Input { reason: format!("the dictionary cannot be read: {reason}"), hint: String::new() }
}

/// Synonyms and translations of words and phrases.
#[derive(Debug, Default)]
pub struct Lexicon {
    glossary: Synonyms,
    bundled: Option<&'static Synonyms>,
    dictionaries: Vec<Dictionary>,
    /// By language.
    word_lists: Vec<(String, WordList)>,
}

impl Lexicon {
    /// An empty lexicon.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds a user's glossary: terms with their synonyms, in any language.
    #[must_use]
    pub fn with_glossary(mut self, glossary: &BTreeMap<String, Vec<String>>) -> Self {
        for (term, same) in glossary {
            self.glossary.add(std::iter::once(term).chain(same).map(String::as_str));
        }
        self
    }

    /// Adds Footnote's own list of the names and words of news, in English and Chinese.
    #[must_use]
    pub fn with_bundled(mut self) -> Self {
        self.bundled = Some(bundled::bundled());
        self
    }

    /// Adds a dictionary.
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: Dictionary) -> Self {
        self.dictionaries.push(dictionary);
        self
    }

    /// Adds lists of the words of languages, by which misspelt words are corrected.
    #[must_use]
    pub fn with_word_lists(mut self, lists: Vec<(String, WordList)>) -> Self {
        self.word_lists = lists;
        self
    }

    /// How often people write a word of a language, in lower case; `None` if it is not listed.
    pub(crate) fn frequency(&self, language: &str, word: &str) -> Option<u64> {
        let list = self.word_lists.iter().find(|(listed, _)| listed == language);
        list.and_then(|(_, words)| words.frequency(word))
    }

    /// Whether it has the words of a language.
    pub(crate) fn has_words_of(&self, language: &str) -> bool {
        self.word_lists.iter().any(|(listed, _)| listed == language)
    }

    /// Whether a word of an alphabet, in lower case, is known: in a list of any language, by itself and not only by its stem in a
    /// dictionary, in the glossary, or in a name of Footnote's own list.
    pub(crate) fn knows_word(&self, word: &str) -> bool {
        let (folded, key) = (terms::fold(word), key(word));
        self.word_lists.iter().any(|(_, words)| words.frequency(word).is_some())
            || (self.bundled.is_some() && bundled::is_in_name(&folded))
            || (key == folded && self.has_key(&key))
            || self.glossary.has_word(&key)
    }

    /// Whether a word in the form of [`key`] is listed by itself.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        !key.is_empty() && Names { lexicon: self, aliases: &Synonyms::default() }.knows_word(key)
    }

    /// The number of entries in its dictionaries.
    pub fn entries(&self) -> usize {
        self.dictionaries.iter().map(table::Dictionary::len).sum()
    }

    /// The concepts of a question, all different and none empty: its known words and phrases, and its unknown words
    /// literally. `aliases` are the names that documents give for its words.
    pub fn query(&self, question: &str, aliases: &Synonyms) -> LexicalQuery {
        concepts::query(question, &Names { lexicon: self, aliases })
    }

    /// The names in a question that a list has. `aliases` are as in [`Lexicon::query`].
    pub fn names(&self, question: &str, aliases: &Synonyms) -> Vec<ListedName> {
        names::names(question, &Names { lexicon: self, aliases })
    }

    /// Other names of what `name` denotes, in any language, that people chose: those of the glossary, of documents, and of
    /// Footnote's own list. They have the form that [`key`] gives.
    pub fn names_of(&self, name: &str, aliases: &Synonyms) -> Vec<String> {
        let mut keys = vec![key(name), dictionary_key(name)];
        keys.dedup();
        let mut found = Vec::new();
        for key in &keys {
            found.extend(self.glossary.of(key).map(str::to_owned));
            found.extend(aliases.of(key).map(str::to_owned));
            found.extend(self.bundled.iter().flat_map(|bundled| bundled.of(key)).map(str::to_owned));
        }
        found
    }

    /// The other names of what `name` denotes, as Footnote's own list writes them.
    pub fn written_names(&self, name: &str) -> Vec<&'static str> {
        if self.bundled.is_some() { bundled::other_names(&dictionary_key(name)) } else { Vec::new() }
    }

    /// Every key under which a word or phrase of the question could be listed.
    pub fn lookups(&self, question: &str) -> Vec<String> {
        concepts::lookups(question)
    }
}

/// The synonyms that apply to one question.
struct Names<'a> {
    lexicon: &'a Lexicon,
    aliases: &'a Synonyms,
}

impl Names<'_> {
    /// Calls `each` with every synonym of a key, which has the form of [`key`] or [`dictionary_key`].
    fn each_name(&self, key: &str, mut each: impl FnMut(&str)) {
        self.lexicon.glossary.of(key).for_each(&mut each);
        self.aliases.of(key).for_each(&mut each);
        self.lexicon.bundled.iter().flat_map(|bundled| bundled.of(key)).for_each(&mut each);
        self.lexicon.dictionaries.iter().flat_map(|dictionary| dictionary.get(key)).for_each(&mut each);
    }

    fn knows(&self, key: &str) -> bool {
        self.is_chosen(key) || self.is_in_dictionary(key)
    }

    /// Whether the key is one of the glossary, of the documents, or of Footnote's own list. They are made by people who
    /// knew what they meant; in a dictionary a phrase can have any of many meanings.
    fn is_chosen(&self, key: &str) -> bool {
        self.is_users(key) || self.lexicon.bundled.is_some_and(|bundled| bundled.has(key))
    }

    /// Whether the glossary or the documents have the key.
    fn is_users(&self, key: &str) -> bool {
        self.lexicon.glossary.has(key) || self.aliases.has(key)
    }

    fn is_in_dictionary(&self, key: &str) -> bool {
        self.lexicon.dictionaries.iter().any(|dictionary| dictionary.get(key).next().is_some())
    }

    /// Whether the glossary, Footnote's own list or a dictionary has the key.
    fn knows_word(&self, key: &str) -> bool {
        self.lexicon.glossary.has(key)
            || self.lexicon.bundled.is_some_and(|bundled| bundled.has(key))
            || self.is_in_dictionary(key)
    }

    fn is_only_alias(&self, key: &str) -> bool {
        self.aliases.has(key) && !self.knows_word(key)
    }
}

/// The form in which dictionaries list a name: that of [`key`], but for an abbreviation in capitals, which keeps them: LED
/// is not "led".
fn dictionary_key(name: &str) -> String {
    let letters: String = name.trim().chars().filter(|c| *c != '.').collect();
    if is_abbreviation(&letters) { letters } else { key(name) }
}

/// Whether `name` is two to six capitals of the English alphabet.
fn is_abbreviation(name: &str) -> bool {
    (2..=6).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The form in which a word or phrase is looked up: folded, with alphabetic words stemmed, function words left out and
/// single spaces between words. Other scripts keep their characters. Empty if nothing is left.
pub fn key(text: &str) -> String {
    let folded = terms::fold(text);
    let mut key = String::new();
    let mut last: Option<Script> = None;
    for run in runs(&folded) {
        let piece = match run.script {
            Script::Alphabetic if terms::is_question_word(run.text) => continue,
            Script::Alphabetic => terms::stem(run.text),
            Script::Number => run.text.replace(',', ""),
            _ => run.text.to_owned(),
        };
        let spaced = |script| matches!(script, Script::Alphabetic | Script::Number);
        if last.is_some_and(|last| spaced(last) && spaced(run.script)) {
            key.push(' ');
        }
        key.push_str(&piece);
        last = Some(run.script);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_for_all_spellings_of_a_phrase() {
        assert_eq!(key("The Federal Reserve"), "feder reserv");
        assert_eq!(key("federal-reserve"), "feder reserv");
        assert_eq!(key("聯準會"), key("联准会"));
        assert_eq!(key("GAIN AI法案"), "gain ai法案");
        assert_eq!(key("  … "), "");
    }
}
