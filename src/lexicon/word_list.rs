//! The words of one language and how often people write them, as a finite-state transducer: a tenth of the text's size, and a
//! look-up walks one arc for each byte.

use std::collections::BTreeMap;

use fst::Map;

use super::unreadable;
use crate::error::Result;

/// The words of a language. Without a word, it knows none.
#[derive(Debug)]
pub struct WordList(Map<Vec<u8>>);

/// Compiles a JSON object from words to frequencies, compressed with gzip.
pub(crate) fn compile(source: &[u8]) -> Result<Vec<u8>> {
    let reader = flate2::read::GzDecoder::new(source);
    let words: BTreeMap<String, u64> = serde_json::from_reader(reader).map_err(|error| unreadable(&error))?;
    compiled(words.into_iter().filter(|(word, _)| word.chars().all(char::is_alphabetic)))
}

/// `words` ascend by their bytes.
fn compiled(words: impl Iterator<Item = (String, u64)>) -> Result<Vec<u8>> {
    let map = Map::from_iter(words).map_err(|error| unreadable(&error))?;
    Ok(map.into_fst().into_inner())
}

impl WordList {
    /// Reads what [`compile`] wrote.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Map::new(bytes).map(Self).map_err(|error| unreadable(&error))
    }

    /// How often people write a word, which is in lower case; `None` if it is not listed.
    pub(crate) fn frequency(&self, word: &str) -> Option<u64> {
        self.0.get(word)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_list_is_compiled_and_gives_the_frequencies_of_its_words() {
        let mut source = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        source.write_all("{\"inflation\": 1897, \"über\": 9, \"don't\": 5}".as_bytes()).unwrap();
        let words = WordList::from_bytes(compile(&source.finish().unwrap()).unwrap()).unwrap();
        assert_eq!((words.frequency("inflation"), words.frequency("über")), (Some(1897), Some(9)));
        assert_eq!((words.frequency("infaltion"), words.frequency("don't"), words.frequency("")), (None, None, None));
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        assert!(compile(b"no gzip").is_err());
        assert!(WordList::from_bytes(b"short".to_vec()).is_err());
    }
}
