//! The words by which a question asks several things, as `words.toml` lists them.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::quantities::{Characters, is_spelt};
use crate::terms::fold;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    joining: String,
    articles: String,
    clause: String,
    together: String,
    comparing: String,
    comparing_filler: String,
    list: List,
    count: Count,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    openings: String,
    before_plural: String,
    anywhere: String,
    singular: String,
    several: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    pattern: Vec<Pattern>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    before: String,
    nouns: String,
    verbs: String,
    behind: String,
}

/// The lists, folded, the longest words first.
pub(super) struct Words {
    pub(super) joining: Vec<String>,
    pub(super) articles: Vec<String>,
    pub(super) clause: Vec<String>,
    pub(super) together: Vec<String>,
    pub(super) comparing: Vec<String>,
    pub(super) comparing_filler: Vec<String>,
    pub(super) openings: Vec<String>,
    pub(super) before_plural: Vec<String>,
    pub(super) anywhere: Vec<String>,
    pub(super) singular: Vec<String>,
    pub(super) several: Vec<String>,
    pub(super) counts: Vec<Counting>,
}

/// What stands before and behind the thing whose documents are counted.
pub(super) struct Counting {
    pub(super) before: Vec<String>,
    pub(super) behind: Vec<String>,
}

/// The lists.
pub(super) fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let listed: Listed =
            toml::from_str(include_str!("words.toml")).expect("words.toml, which is compiled in, is valid");
        Words::from(listed)
    })
}

impl From<Listed> for Words {
    fn from(listed: Listed) -> Self {
        let counts = listed.count.pattern.into_iter().map(Counting::from).collect();
        Self {
            joining: folded(&listed.joining),
            articles: folded(&listed.articles),
            clause: folded(&listed.clause),
            together: folded(&listed.together),
            comparing: folded(&listed.comparing),
            comparing_filler: folded(&listed.comparing_filler),
            openings: folded(&listed.list.openings),
            before_plural: folded(&listed.list.before_plural),
            anywhere: folded(&listed.list.anywhere),
            singular: folded(&listed.list.singular),
            several: folded(&listed.list.several),
            counts,
        }
    }
}

impl From<Pattern> for Counting {
    fn from(pattern: Pattern) -> Self {
        let is_spaced = pattern.before.starts_with(|c: char| c.is_ascii_alphabetic() || c == 'c');
        let space = if is_spaced { " " } else { "" };
        let mut before = Vec::new();
        for opening in pattern.before.split('|') {
            for noun in pattern.nouns.split('|') {
                before.extend(pattern.verbs.split('|').map(|verb| format!("{opening}{space}{noun}{space}{verb}")));
            }
        }
        Self { before: folded(&before.join("|")), behind: folded(&pattern.behind) }
    }
}

fn folded(list: &str) -> Vec<String> {
    let mut words: Vec<String> = list.split('|').filter(|words| !words.trim().is_empty()).map(fold).collect();
    words.sort_by_key(|words| std::cmp::Reverse(words.chars().count()));
    words
}

/// The end of the first of `words` that stands at `at`, as whole words.
pub(super) fn any(text: &Characters, at: usize, words: &[String]) -> Option<usize> {
    let begins = !(text.get(at).is_some_and(is_spelt) && at > 0 && text.get(at - 1).is_some_and(is_spelt));
    if begins { words.iter().find_map(|word| text.word(at, word)) } else { None }
}

/// Where the first of `words` stands in a text.
pub(super) fn find(text: &Characters, words: &[String]) -> Option<(usize, usize)> {
    (0..text.len()).find_map(|at| Some((at, any(text, at, words)?)))
}
