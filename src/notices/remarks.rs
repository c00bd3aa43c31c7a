//! What Footnote says of how it understood a question: its time, what was counted, what was corrected.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// The language of a remark if that of the question is unknown or not in the table.
const DEFAULT_LANGUAGE: &str = "en";

/// What is said in one language. Words in braces are replaced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remarks {
    pub(crate) newest: String,
    pub(crate) since: String,
    pub(crate) until: String,
    pub(crate) between: String,
    pub(crate) day: String,
    pub(crate) preferred: String,
    pub(crate) preferred_since: String,
    pub(crate) elsewhere: String,
    pub(crate) outside: String,
    pub(crate) better_outside: String,
    pub(crate) undated: String,
    pub(crate) no_dates: String,
    pub(crate) parts: String,
    pub(crate) count: String,
    pub(crate) count_names: String,
    pub(crate) spelling: String,
    pub(crate) operators: String,
    pub(crate) operators_none: String,
    pub(crate) operator_as_words: String,
    pub(crate) phrase_absent: String,
    pub(crate) phrase_bounded: String,
    /// Introduces what several sources say of the same.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "only chats and MCP say it"))]
    pub(crate) differ: String,
    /// Marks what an older document says.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "only chats and MCP say it"))]
    pub(crate) older: String,
}

impl Remarks {
    /// Those in the language with this BCP 47 tag and the tag, or else those in English.
    ///
    /// # Panics
    ///
    /// Never: a test looks up every language and English.
    pub(crate) fn in_language(tag: Option<&str>) -> (&'static Self, &'static str) {
        let table = table();
        let listed = tag.and_then(|tag| table.get_key_value(tag)).or_else(|| table.get_key_value(DEFAULT_LANGUAGE));
        let (tag, remarks) = listed.expect("the compiled-in table has English");
        (remarks, tag)
    }
}

/// `text` with each name in braces replaced by its value.
pub(crate) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

fn table() -> &'static BTreeMap<String, Remarks> {
    static REMARKS: OnceLock<BTreeMap<String, Remarks>> = OnceLock::new();
    REMARKS.get_or_init(|| {
        toml::from_str(include_str!("remarks.toml")).expect("remarks.toml, which is compiled in, is valid")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_own_words_and_notices() {
        let table = table();
        assert_eq!(table.len(), 8);
        for (tag, remarks) in table {
            assert!(super::super::Notices::has(tag), "{tag}");
            assert!(remarks.since.contains("{since}") && remarks.since.contains("{words}"), "{tag}");
            let same = table.values().filter(|other| other.outside == remarks.outside).count();
            assert_eq!(same, 1, "{tag}");
            assert_eq!(Remarks::in_language(Some(tag)).1, tag);
        }
        assert_eq!(Remarks::in_language(Some("th")).1, "en");
    }

    #[test]
    fn values_take_the_places_of_their_names() {
        assert_eq!(filled("{a} to {b}, {c}.", &[("a", "{b}"), ("b", "2")]), "{b} to 2, .");
        assert_eq!(filled("a } {", &[]), "a } ");
    }
}
