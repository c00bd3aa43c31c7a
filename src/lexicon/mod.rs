//! The bilingual lexicon: a question's words become concepts, each a pool of what it may be called in any language, so
//! that an English question finds Chinese passages literally, and the reverse.
//!
//! Three sources, in this order: the user's glossary, the aliases that the documents themselves give in parentheses,
//! and a dictionary that is fetched with the model. Without any of them a question's concepts are its own terms.

mod aliases;
mod cedict;
mod concepts;
mod synonyms;
mod table;
mod tsv;

use std::collections::BTreeMap;

pub use aliases::aliases;
pub use synonyms::Synonyms;
pub use table::Dictionary;

use crate::error::{Error, Result};
use crate::terms::{self, LexicalQuery, Script, runs};

/// What a dictionary's source file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceFormat {
    /// CC-CEDICT's own, compressed with gzip: Chinese to English.
    CedictGz,
    /// A term, a tab, what it means, on each line: any pair of languages, both ways.
    Tsv,
}

/// Turns a dictionary's source into what [`Dictionary::from_bytes`] reads.
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

/// What a word or phrase is also called.
#[derive(Debug, Default)]
pub struct Lexicon {
    glossary: Synonyms,
    dictionaries: Vec<Dictionary>,
}

impl Lexicon {
    /// One that knows nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// With a user's glossary: a term and what means the same, in any language.
    #[must_use]
    pub fn with_glossary(mut self, glossary: &BTreeMap<String, Vec<String>>) -> Self {
        for (term, same) in glossary {
            self.glossary.add(std::iter::once(term).chain(same).map(String::as_str));
        }
        self
    }

    /// With a dictionary beside those it has.
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: Dictionary) -> Self {
        self.dictionaries.push(dictionary);
        self
    }

    /// How many entries its dictionaries have.
    pub fn entries(&self) -> usize {
        self.dictionaries.iter().map(table::Dictionary::len).sum()
    }

    /// What a question asks for, in every language that its words are known in: no two concepts alike, none empty. The
    /// longest known phrase comes first, and what is not known is asked for as it is. `aliases` are what the documents call
    /// its words.
    pub fn query(&self, question: &str, aliases: &Synonyms) -> LexicalQuery {
        concepts::query(question, &Names { lexicon: self, aliases })
    }

    /// Every key under which a question's words and phrases could be known.
    pub fn lookups(&self, question: &str) -> Vec<String> {
        concepts::lookups(question)
    }
}

/// All that is known of names while one question is read.
struct Names<'a> {
    lexicon: &'a Lexicon,
    aliases: &'a Synonyms,
}

impl Names<'_> {
    /// Calls `each` with everything that a key, in the form that [`key`] gives, is also called.
    fn each_name(&self, key: &str, mut each: impl FnMut(&str)) {
        self.lexicon.glossary.of(key).for_each(&mut each);
        self.aliases.of(key).for_each(&mut each);
        self.lexicon.dictionaries.iter().flat_map(|dictionary| dictionary.get(key)).for_each(&mut each);
    }

    fn knows(&self, key: &str) -> bool {
        self.knows_word(key) || self.aliases.of(key).next().is_some()
    }

    /// Whether it is a word of the glossary or of a dictionary.
    fn knows_word(&self, key: &str) -> bool {
        self.lexicon.glossary.of(key).next().is_some()
            || self.lexicon.dictionaries.iter().any(|dictionary| dictionary.get(key).next().is_some())
    }

    fn is_only_alias(&self, key: &str) -> bool {
        self.aliases.of(key).next().is_some() && !self.knows_word(key)
    }
}

/// The form under which a word or phrase is looked up: folded; of alphabets the stems, without the words that only join
/// others, with single spaces; of other scripts the characters as they are. Empty if nothing is left.
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
