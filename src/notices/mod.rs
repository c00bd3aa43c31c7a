//! What Footnote itself says to a person when there is no answer, in the language of the question. One table for the command
//! line, chat, MCP and the web page.

mod remarks;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

pub(crate) use remarks::{Remarks, filled};

const TABLE: &str = include_str!("notices.toml");
/// The language of a notice if that of the question is unknown or not in the table.
pub(crate) const DEFAULT_LANGUAGE: &str = "en";

/// What is said in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notices {
    /// The documents do not answer the question.
    pub(crate) unanswered: String,
    /// Introduces the passages that are nearest to such a question.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "not every interface shows passages below a notice"))]
    pub(crate) nearest: String,
    /// The message is an order that is not followed.
    pub(crate) order: String,
    /// The answer consists of quotes, since the language model gave none.
    pub(crate) not_written: String,
    /// The language model broke off.
    pub(crate) cut_short: String,
    purpose: String,
    unnamed: String,
}

impl Notices {
    /// Those in the language with this BCP 47 tag, or else in English.
    ///
    /// # Panics
    ///
    /// Never: a test looks up every language and English.
    pub(crate) fn in_language(tag: &str) -> &'static Self {
        let table = table();
        table.get(tag).or_else(|| table.get(DEFAULT_LANGUAGE)).expect("the compiled-in table has English")
    }

    /// Whether there are notices in the language with this tag.
    pub(crate) fn has(tag: &str) -> bool {
        table().contains_key(tag)
    }

    /// The documents do not answer the question, and no passage that was found has these names. `tag` is that of the language.
    pub(crate) fn unnamed(&self, names: &[String], tag: &str) -> String {
        let is_unspaced = is_unspaced(tag);
        let names = names.join(if is_unspaced { "、" } else { ", " });
        format!("{}{}{}", self.unanswered, if is_unspaced { "" } else { " " }, self.unnamed.replace("{names}", &names))
    }

    /// What Footnote is for, for a message that asks nothing.
    pub(crate) fn purpose(&self, documents: usize) -> String {
        self.purpose.replace("{documents}", &documents.to_string())
    }
}

fn table() -> &'static BTreeMap<String, Notices> {
    static NOTICES: OnceLock<BTreeMap<String, Notices>> = OnceLock::new();
    NOTICES.get_or_init(|| toml::from_str(TABLE).expect("notices.toml, which is compiled in, is valid"))
}

/// Whether the language with this tag is written without spaces between words.
pub(crate) fn is_unspaced(tag: &str) -> bool {
    tag.starts_with("zh") || tag == "ja"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_own_words_and_counts_the_documents() {
        let table = table();
        assert!(table.len() >= 17);
        for (tag, notices) in table {
            let purpose = notices.purpose(1234);
            assert!(purpose.contains("1234") && purpose.contains("Footnote") && !purpose.contains('{'), "{tag}");
            let unnamed = notices.unnamed(&["高盛".into(), "TSMC".into()], tag);
            assert!(
                unnamed.starts_with(&notices.unanswered) && unnamed.contains("TSMC") && !unnamed.contains('{'),
                "{tag}"
            );
            let same = |other: &&Notices| {
                other.unanswered == notices.unanswered
                    || other.purpose == notices.purpose
                    || other.unnamed == notices.unnamed
            };
            assert_eq!(table.values().filter(same).count(), 1, "{tag}");
            assert!(notices.nearest.ends_with([':', '：']), "{tag}");
        }
    }

    #[test]
    fn an_unknown_language_gets_english() {
        for tag in ["en", "sw", "", "zh"] {
            assert_eq!(Notices::in_language(tag).unanswered, "The documents do not answer this.", "{tag}");
        }
        assert!(Notices::in_language("zh-Hans").unanswered.starts_with("文档"));
        assert!(Notices::has("hi") && !Notices::has("zh"));
    }
}
