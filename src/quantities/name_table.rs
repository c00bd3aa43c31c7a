//! A table of names that is looked up at a place of a text.

use std::collections::HashMap;

use super::characters::Characters;

/// Names with what they stand for, by their first character, the longest first.
pub(super) struct Table<T>(HashMap<char, Vec<(String, T)>>);

impl<T: Copy> Table<T> {
    /// `rows` are names separated by white space, with `_` for the spaces in them.
    pub(super) fn new(rows: impl Iterator<Item = (&'static str, T)>) -> Self {
        let mut table: HashMap<char, Vec<(String, T)>> = HashMap::new();
        for (names, value) in rows {
            for name in names.split_whitespace() {
                let name = Characters::new(&name.replace('_', " ")).all();
                if let Some(first) = name.chars().next() {
                    table.entry(first).or_default().push((name, value));
                }
            }
        }
        table.values_mut().for_each(|names| names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len())));
        Self(table)
    }

    /// The values of the longest name at `at`, and its end.
    pub(super) fn at(&self, text: &Characters, at: usize) -> Option<(T, usize)> {
        let names = self.0.get(&text.get(at)?)?;
        names.iter().find_map(|(name, value)| Some((*value, text.word(at, name)?)))
    }
}
