//! The passage that feedback is about, without its words.

use serde::{Deserialize, Serialize};

/// Hexadecimal digits of a hash that are kept.
const DIGITS: usize = 32;

/// A place in a document's text, and a hash of what stands there: enough to find the same words again, also where a new
/// version of the document has them, and no text of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlacedQuote {
    /// First byte, and the byte after the last one.
    pub bytes: [usize; 2],
    /// The hash of the words.
    pub hash: String,
}

impl PlacedQuote {
    /// What stands at `bytes` in `text`; `None` if that is outside of it, blank, or begins or ends within a character.
    pub fn of(text: &str, bytes: [usize; 2]) -> Option<Self> {
        let words = text.get(bytes[0]..bytes[1]).filter(|words| !words.trim().is_empty())?;
        Some(Self { bytes, hash: hash(words) })
    }

    /// The same words in a text: at the same place, or at the first where they stand.
    pub fn find<'t>(&self, text: &'t str) -> Option<([usize; 2], &'t str)> {
        let at = |start: usize| {
            let end = start.checked_add(self.bytes[1].checked_sub(self.bytes[0])?)?;
            let words = text.get(start..end)?;
            (hash(words) == self.hash).then_some(([start, end], words))
        };
        at(self.bytes[0]).or_else(|| text.char_indices().find_map(|(start, _)| at(start)))
    }
}

fn hash(words: &str) -> String {
    blake3::hash(words.as_bytes()).to_hex()[..DIGITS].to_owned()
}
