//! A dictionary as one sorted table in bytes: nothing is parsed when it is loaded, and a look-up is a binary search.
//!
//! ```text
//! magic, number of keys n, n + 1 ends of keys, n + 1 ends of values (u32, little-endian), keys, values
//! ```
//!
//! A key's values are joined by line breaks. An offset out of range makes a look-up find nothing; nothing panics.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

const MAGIC: &[u8; 8] = b"FNlexic2";
/// Values of a key; the most specific are kept. Nearly no word has more. Fewer values find less: with eight, English
/// questions about Chinese documents lose a tenth of their lexical recall.
const MAX_VALUES: usize = 100;

/// One direction of a translation. The lower the rank, the more likely the key has this meaning.
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) rank: u32,
}

/// Compiles pairs into a table.
pub(super) fn compile(pairs: impl IntoIterator<Item = Pair>) -> Vec<u8> {
    let mut table: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    for Pair { key, value, rank } in pairs {
        if !key.is_empty() && !value.is_empty() && key != value && !value.contains('\n') {
            table.entry(key).or_default().push((rank, value));
        }
    }
    let (mut keys, mut values) = (String::new(), String::new());
    let (mut key_ends, mut value_ends) = (vec![0_u32], vec![0_u32]);
    for (key, mut translations) in table {
        translations.sort();
        let mut kept: Vec<&str> = Vec::new();
        for (_, value) in &translations {
            if kept.len() < MAX_VALUES && !kept.contains(&value.as_str()) {
                kept.push(value);
            }
        }
        keys.push_str(&key);
        values.push_str(&kept.join("\n"));
        key_ends.push(keys.len() as u32);
        value_ends.push(values.len() as u32);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend((key_ends.len() as u32 - 1).to_le_bytes());
    key_ends.iter().chain(&value_ends).for_each(|end| bytes.extend(end.to_le_bytes()));
    bytes.extend(keys.as_bytes());
    bytes.extend(values.as_bytes());
    bytes
}

/// A compiled dictionary.
#[derive(Debug)]
pub struct Dictionary {
    bytes: Vec<u8>,
    count: usize,
}

impl Dictionary {
    /// Reads a table that [`compile`](super::compile) made.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        let head = bytes.strip_prefix(MAGIC).and_then(|rest| rest.first_chunk::<4>());
        let count = head.map(|count| u32::from_le_bytes(*count) as usize);
        let room = |count: &usize| bytes.len() >= MAGIC.len() + 4 + 8 * (count + 1);
        let Some(count) = count.filter(room) else {
            return Err(Error::Input {
                reason: "the file is not a compiled dictionary".into(),
                hint: "run `footnote models pull --force`".into(),
            });
        };
        Ok(Self { bytes, count })
    }

    /// How many words and phrases it has.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The meanings of a key, most likely first.
    pub fn get(&self, key: &str) -> impl Iterator<Item = &str> {
        let found = self.find(key.as_bytes()).and_then(|index| self.slice(1, index));
        let values = found.and_then(|values| std::str::from_utf8(values).ok()).unwrap_or_default();
        values.split('\n').filter(|value| !value.is_empty())
    }

    fn find(&self, key: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.slice(0, middle)?.cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The bytes of a key (column 0) or its values (column 1).
    fn slice(&self, column: usize, index: usize) -> Option<&[u8]> {
        let ends = self.count + 1;
        let start_of_ends = MAGIC.len() + 4;
        let end = |column: usize, index: usize| {
            let at = start_of_ends + 4 * (column * ends + index);
            let bytes = self.bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
        };
        let start_of_keys = start_of_ends + 8 * ends;
        let start = if column == 0 { start_of_keys } else { start_of_keys + end(0, self.count)? };
        self.bytes.get(start + end(column, index)?..start + end(column, index + 1)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pair(key: &str, value: &str, rank: u32) -> Pair {
        Pair { key: key.into(), value: value.into(), rank }
    }

    #[test]
    fn the_meanings_of_a_key_come_most_likely_first_and_once() {
        let table = compile([pair("cut", "割", 9), pair("cut", "削减", 1), pair("cut", "削减", 5), pair("b", "c", 0)]);
        let dictionary = Dictionary::from_bytes(table).unwrap();
        assert_eq!(dictionary.len(), 2);
        assert_eq!(dictionary.get("cut").collect::<Vec<_>>(), ["削减", "割"]);
        assert_eq!(dictionary.get("cu").count() + dictionary.get("cuts").count() + dictionary.get("").count(), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_searched_without_a_panic(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..200),
            key: String,
        ) {
            let _ = Dictionary::from_bytes(bytes.clone());
            let mut whole = MAGIC.to_vec();
            whole.append(&mut bytes);
            if let Ok(dictionary) = Dictionary::from_bytes(whole) {
                let _ = dictionary.get(&key).count();
            }
        }

        #[test]
        fn every_key_of_a_table_is_found(keys in proptest::collection::btree_set("[a-z]{1,4}", 1..50)) {
            let table = compile(keys.iter().map(|key| pair(key, &format!("{key}!"), 0)));
            let dictionary = Dictionary::from_bytes(table).unwrap();
            for key in &keys {
                prop_assert_eq!(dictionary.get(key).collect::<Vec<_>>(), [format!("{key}!")]);
            }
        }
    }
}
