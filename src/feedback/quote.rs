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
    /// The sum of their bytes. Where it differs, the hash need not be computed.
    sum: u32,
}

impl PlacedQuote {
    /// What stands at `bytes` in `text`; `None` if that is outside of it, blank, or begins or ends within a character.
    pub fn of(text: &str, bytes: [usize; 2]) -> Option<Self> {
        let words = text.get(bytes[0]..bytes[1]).filter(|words| !words.trim().is_empty())?;
        Some(Self { bytes, hash: hash(words), sum: sum(words.as_bytes()) })
    }

    /// The same words in a text: at the same place, or at the first where they stand.
    pub fn find<'t>(&self, text: &'t str) -> Option<([usize; 2], &'t str)> {
        let length = self.bytes[1].checked_sub(self.bytes[0]).filter(|length| *length > 0)?;
        let at = |start: usize| {
            let end = start.checked_add(length)?;
            let words = text.get(start..end)?;
            (hash(words) == self.hash).then_some(([start, end], words))
        };
        at(self.bytes[0]).or_else(|| {
            let text = text.as_bytes();
            let mut here = sum(text.get(..length)?);
            let (out, next) = (text.iter(), text[length..].iter().map(Some).chain([None]));
            for (start, (out, next)) in out.zip(next).enumerate() {
                if here == self.sum
                    && let Some(found) = at(start)
                {
                    return Some(found);
                }
                here = here.wrapping_sub(u32::from(*out)).wrapping_add(u32::from(*next?));
            }
            None
        })
    }
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(u32::from(*byte)))
}

fn hash(words: &str) -> String {
    blake3::hash(words.as_bytes()).to_hex()[..DIGITS].to_owned()
}
