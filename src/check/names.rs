//! Names in a sentence, and whether a passage has them under one of their names.

use std::collections::HashSet;

use crate::terms::language::{is_han, is_hangul, is_kana};
use crate::terms::{fold, names_nothing, terms};

/// Other names for a name, in any language.
pub(crate) type OtherNames<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// Further words in capitals that a sentence need not share with its source, folded.
const NOT_NAMES: [&str; 16] =
    ["i'm", "the", "a", "an", "prof", "us", "uk", "eu", "un", "ad", "bc", "ce", "bce", "am", "pm", "st"];

/// A name in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
}

/// The names of a sentence: runs of words in capitals, and transliterated names such as `卡萬·肖特`.
pub(super) fn names(sentence: &str) -> Vec<Name> {
    let mut found = Vec::new();
    found.extend(capitalised(sentence));
    found.extend(dotted(sentence));
    found
}

fn capitalised(sentence: &str) -> Vec<Name> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '&');
    let is_shouted = !sentence.contains(char::is_lowercase);
    if is_shouted {
        return Vec::new();
    }
    let mut found: Vec<Name> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let mut starts_sentence = true;
    let mut run_starts = false;
    let mut end_run = |run: &mut Vec<&str>, starts: bool| {
        // The first word of a sentence is in capitals anyway.
        let words: &[&str] = if starts && run.len() == 1 && !is_acronym(run[0]) { &[] } else { run.as_slice() };
        let text = words.join(" ");
        if words.iter().any(|word| !is_no_name(&fold(word))) && text.chars().count() > 1 {
            found.push(Name { text });
        }
        run.clear();
    };
    for (start, word) in words(sentence, is_word) {
        let gap_before = sentence[..start].trim_end_matches(' ').chars().next_back();
        let breaks = gap_before.is_some_and(|c| !is_word(c) && c != '.');
        if breaks && !run.is_empty() {
            end_run(&mut run, run_starts);
        }
        let is_name = word.starts_with(|c: char| c.is_uppercase())
            && word.chars().any(char::is_alphabetic)
            && !word.contains(is_han);
        let bare = word.trim_end_matches("'s").trim_end_matches("’s");
        if is_name {
            if run.is_empty() {
                run_starts = starts_sentence;
            }
            run.push(bare);
        } else if !run.is_empty() {
            end_run(&mut run, run_starts);
        }
        starts_sentence = false;
    }
    if !run.is_empty() {
        end_run(&mut run, run_starts);
    }
    found
}

fn is_no_name(folded: &str) -> bool {
    names_nothing(folded) || NOT_NAMES.contains(&folded)
}

fn words(text: &str, is_word: impl Fn(char) -> bool + Copy) -> impl Iterator<Item = (usize, &str)> {
    text.split(move |c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn is_acronym(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase)
}

/// `卡萬·肖特`: names of other languages in Chinese and Japanese.
fn dotted(sentence: &str) -> Vec<Name> {
    let is_dot = |c: char| matches!(c, '·' | '・' | '‧' | '•');
    let mut found = Vec::new();
    for (at, dot) in sentence.char_indices().filter(|(_, c)| is_dot(*c)) {
        let behind: String =
            sentence[at + dot.len_utf8()..].chars().take_while(|c| is_han(*c) || is_kana(*c)).take(2).collect();
        let before: String = sentence[..at].chars().rev().take_while(|c| is_han(*c) || is_kana(*c)).take(2).collect();
        let before: String = before.chars().rev().collect();
        if behind.chars().count() == 2 && !before.is_empty() {
            found.push(Name { text: format!("{before}{behind}") });
        }
    }
    found
}

/// Whether a text has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Stands,
    /// It is missing, and would be recognised if it stood there.
    Missing,
    /// The text is in another script, and nothing tells how the name is written in it.
    Unknown,
}

/// The words of a passage, for looking up names.
pub(super) struct NamedIn {
    terms: HashSet<String>,
    folded: String,
    script: Script,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Han,
    Hangul,
    Other,
}

impl NamedIn {
    pub(super) fn new(text: &str) -> Self {
        Self { terms: terms(text).into_iter().collect(), folded: fold(text), script: script(text) }
    }

    /// Whether a name stands in the passage and not inside another word. Words of four letters or more may have an ending.
    fn has_word(&self, name: &str) -> bool {
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c) && !is_kana(c));
        let is_short = name.chars().count() < 5;
        let joins = |edge: Option<char>, beside: Option<char>| is_letter(edge) && is_letter(beside);
        !name.is_empty()
            && self.folded.match_indices(name).any(|(at, found)| {
                let before = self.folded[..at].chars().next_back();
                let behind = self.folded[at + found.len()..].chars().next();
                !(joins(name.chars().next(), before) || is_short && joins(name.chars().next_back(), behind))
            })
    }

    /// Whether the passage has `name` under one of its names.
    pub(super) fn has(&self, name: &Name, other_names: OtherNames<'_>) -> Presence {
        let has = |name: &str| {
            let words = terms(name);
            !words.is_empty() && words.iter().all(|word| self.terms.contains(word)) || self.has_word(&fold(name))
        };
        if has(&name.text) {
            return Presence::Stands;
        }
        let words: Vec<&str> = name.text.split(' ').collect();
        let has_word = |word: &&str| has(word) || other_names(word).iter().any(|other| has(other));
        let others = other_names(&name.text);
        if others.iter().any(|other| has(other)) || words.len() > 1 && words.iter().all(has_word) {
            return Presence::Stands;
        }
        if script(&name.text) == self.script {
            // Who is called by the last part of a name is meant by the whole name, too.
            let own = if words.len() > 1 { &words[1..] } else { &words[..] };
            let is_part = own.iter().filter(|word| word.chars().count() > 2).any(|word| has(word));
            return if is_part { Presence::Unknown } else { Presence::Missing };
        }
        // Two letters stand for many things, of which the list knows one.
        let is_short = name.text.chars().count() <= 2;
        let is_known = others.iter().any(|other| script(other) == self.script);
        if is_known && !is_short { Presence::Missing } else { Presence::Unknown }
    }
}

fn script(text: &str) -> Script {
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    let (han, hangul) = (count(|c| is_han(c) || is_kana(c)), count(is_hangul));
    let other = count(char::is_alphabetic) - han - hangul;
    if han * 3 >= other && han >= hangul && han > 0 {
        Script::Han
    } else if hangul * 3 >= other && hangul > 0 {
        Script::Hangul
    } else {
        Script::Other
    }
}
