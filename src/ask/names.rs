//! The names in a question: what it is about, which an answer must be about, too.
//!
//! Names that a list has are certain, and known under all their names. Others show by how they are written: titles in
//! quotation marks, codes, words with a capital in languages that write only names so.

use std::collections::HashSet;

use crate::lexicon::{Lexicon, Synonyms};
use crate::terms::language::{is_han, is_hangul, is_kana};
use crate::terms::{fold, is_question_word, language_of_question, names_nothing, terms};

/// Names of one question, at most.
const MOST: usize = 12;
/// Characters of a title in quotation marks.
const TITLE_CHARS: std::ops::RangeInclusive<usize> = 2..=30;
const QUOTES: [(char, char); 8] =
    [('「', '」'), ('『', '』'), ('《', '》'), ('〈', '〉'), ('“', '”'), ('«', '»'), ('„', '“'), ('"', '"')];
/// Words that stand between the words of a name.
const INSIDE: [&str; 15] =
    ["of", "the", "and", "de", "du", "des", "la", "del", "di", "da", "von", "van", "der", "und", "y"];

/// Where a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Footnote's own list, which has its names in English and Chinese.
    Listed,
    /// The documents give it in parentheses.
    Alias,
    /// It is in quotation marks.
    Title,
    /// It has letters and digits.
    Code,
    /// It is written with a capital.
    Capital,
    /// It is a period: a year, a quarter.
    Period,
}

/// A name in a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    /// As the question writes it.
    pub(super) text: String,
    /// All its names, each a conjunction of index terms.
    pub(super) alternatives: Vec<Vec<String>>,
    pub(super) origin: Origin,
    /// What a passage about another period has, each a conjunction of index terms.
    pub(super) rivals: Vec<Vec<String>>,
}

impl Name {
    /// Whether a passage in the language `of_passage` would have the name, if it were about it. `of_question` is the language
    /// of the question, if that is known. Both are BCP 47 tags.
    ///
    /// A listed name has all its names in English and Chinese. A title or a code is the same in all texts of one language. A
    /// name that only has a capital is often paraphrased: "the empire" for "the Mongol Empire".
    pub(super) fn is_certain_in(&self, of_passage: &str, of_question: Option<&str>) -> bool {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
        match self.origin {
            Origin::Listed => matches!(primary(of_passage).as_str(), "en" | "zh"),
            Origin::Title | Origin::Code => of_question.is_some_and(|tag| primary(tag) == primary(of_passage)),
            Origin::Alias | Origin::Capital | Origin::Period => false,
        }
    }

    /// Whether a text has the words of which the name is an abbreviation: "UMC" for "United Methodist Church".
    pub(super) fn abbreviates(&self, text: &str) -> bool {
        let letters: Vec<char> = self.text.chars().collect();
        if !(2..=6).contains(&letters.len()) || !letters.iter().all(char::is_ascii_uppercase) {
            return false;
        }
        let words = text.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
        // Small words between them are not counted: "Bank of Japan".
        let initials: Vec<char> = words.filter(|initial| initial.is_uppercase()).collect();
        initials.windows(letters.len()).any(|window| window == letters)
    }

    /// Whether a text with these terms has the name.
    pub(super) fn is_in(&self, terms: &HashSet<String>) -> bool {
        self.alternatives.iter().any(|all| all.iter().all(|term| terms.contains(term)))
    }

    /// Whether a text with these terms is about another period.
    pub(super) fn has_rival_in(&self, terms: &HashSet<String>) -> bool {
        self.rivals.iter().any(|all| all.iter().all(|term| terms.contains(term)))
    }
}

/// The names of a question. `aliases` are those that the documents give for its words.
pub(super) fn names(question: &str, lexicon: &Lexicon, aliases: &Synonyms) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut add = |name: Name| {
        let is_new = !name.alternatives.is_empty()
            && names.iter().all(|other| {
                other.alternatives[0].iter().any(|term| !name.alternatives[0].contains(term))
                    && name.alternatives[0].iter().any(|term| !other.alternatives[0].contains(term))
            });
        if is_new && names.len() < MOST {
            names.push(name);
        }
    };
    let words = words(question);
    for listed in lexicon.names(question, aliases) {
        let origin = if listed.is_bundled { Origin::Listed } else { Origin::Alias };
        let Some(text) = as_written(question, &words, &listed.words) else { continue };
        // "apple" with a small letter is the fruit.
        let is_spaced = text.starts_with(|c: char| c.is_alphabetic() && !is_unspaced(c));
        if is_spaced && !text.contains(char::is_uppercase) {
            continue;
        }
        add(Name { text: text.to_owned(), alternatives: listed.alternatives, origin, rivals: Vec::new() });
    }
    for title in titles(question) {
        add(written(title, Origin::Title));
    }
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &words[before]);
        if is_code(word.text) {
            add(code(word.text));
        } else if is_version(question, before, word) {
            add(written(word.text, Origin::Code));
        }
    }
    for text in capitals(question, &words) {
        add(written(text, Origin::Capital));
    }
    names
}

/// A name that is searched for by its own terms alone.
fn written(text: &str, origin: Origin) -> Name {
    let mut own = terms(text);
    own.retain(|term| !INSIDE.contains(&term.as_str()) && !is_question_word(term));
    own.sort();
    own.dedup();
    let alternatives = if own.is_empty() { Vec::new() } else { vec![own] };
    Name { text: text.to_owned(), alternatives, origin, rivals: Vec::new() }
}

/// A code is written together or apart: `CQ-30`, `CQ30`, `CQ 30`.
fn code(text: &str) -> Name {
    let folded = fold(text);
    let together: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut apart = String::new();
    for c in folded.chars() {
        let changes = apart.chars().last().is_some_and(|last: char| last.is_ascii_digit() != c.is_ascii_digit());
        if changes || !c.is_alphanumeric() {
            apart.push(' ');
        }
        apart.push(c);
    }
    let mut alternatives = vec![terms(text), terms(&together), terms(&apart)];
    alternatives.retain(|all| !all.is_empty());
    alternatives.dedup();
    Name { text: text.to_owned(), alternatives, origin: Origin::Code, rivals: Vec::new() }
}

/// A word of an alphabet in a question, with the hyphens and points inside it.
struct Word<'q> {
    text: &'q str,
    start: usize,
    folded: String,
}

fn words(question: &str) -> Vec<Word<'_>> {
    let is_letter = |c: char| c.is_alphanumeric() && !is_unspaced(c);
    let mut words = Vec::new();
    let mut start = None;
    let mut chars = question.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = matches!(c, '-' | '.' | '&' | '/' | '\'' | '’')
            && start.is_some()
            && chars.peek().is_some_and(|(_, next)| is_letter(*next));
        if is_letter(c) {
            start.get_or_insert(at);
        }
        let goes_on = (is_letter(c) || joins)
            && chars
                .peek()
                .is_some_and(|(_, next)| is_letter(*next) || matches!(next, '-' | '.' | '&' | '/' | '\'' | '’'));
        if goes_on {
            continue;
        }
        if let Some(start) = start.take() {
            let end = if is_letter(c) { at + c.len_utf8() } else { at };
            let text = &question[start..end];
            let text = text.strip_suffix("'s").or_else(|| text.strip_suffix("’s")).unwrap_or(text);
            words.push(Word { text, start, folded: fold(text) });
        }
    }
    words
}

fn is_unspaced(c: char) -> bool {
    is_han(c) || is_kana(c) || is_hangul(c)
}

/// The part of the question whose folded words these are.
fn as_written<'q>(question: &'q str, words: &[Word<'q>], folded: &[String]) -> Option<&'q str> {
    let [first, .., last] = folded else {
        let wanted = folded.first()?;
        return words
            .iter()
            .find(|word| part_of(&word.folded, wanted))
            .map(|word| word.text)
            .or_else(|| unspaced(question, wanted));
    };
    let start = words.iter().find(|word| part_of(&word.folded, first))?;
    let end = words.iter().find(|word| word.start >= start.start && part_of(&word.folded, last))?;
    question.get(start.start..end.start + end.text.len())
}

/// Whether a word is `wanted`, or one of its parts between hyphens is.
fn part_of(word: &str, wanted: &str) -> bool {
    word.split(|c: char| !c.is_alphanumeric()).any(|part| part == wanted) || word.replace('.', "") == wanted
}

/// The part of the question that folds to `wanted`, a word without spaces.
fn unspaced<'q>(question: &'q str, wanted: &str) -> Option<&'q str> {
    let count = wanted.chars().count();
    let bounds: Vec<usize> = question.char_indices().map(|(at, _)| at).chain([question.len()]).collect();
    let parts = bounds.windows(count + 1).map(|part| &question[part[0]..part[count]]);
    parts.into_iter().find(|part| part.starts_with(is_unspaced) && fold(part) == wanted)
}

/// What stands in quotation marks.
fn titles(question: &str) -> Vec<&str> {
    let mut titles = Vec::new();
    for (open, close) in QUOTES {
        let mut rest = question;
        while let Some(at) = rest.find(open) {
            let inner = &rest[at + open.len_utf8()..];
            let Some(end) = inner.find(close) else { break };
            if TITLE_CHARS.contains(&inner[..end].chars().count()) {
                titles.push(inner[..end].trim());
            }
            rest = &inner[end + close.len_utf8()..];
        }
    }
    titles
}

/// Whether a word is a code: it has digits and capitals, and is no ordinal, decade, quarter or number with a unit.
fn is_code(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    let is_period = is_quarter(word) || word.starts_with("FY");
    let is_code = !starts_with_digit || digits < word.len() / 2 + 1;
    digits > 0 && capitals > 0 && !is_period && is_code && !is_amount(word)
}

/// Whether a word is the number of a version: it has a point, and stands directly behind a name or the word.
fn is_version(question: &str, before: Option<&Word<'_>>, word: &Word<'_>) -> bool {
    let Some(before) = before else { return false };
    let is_number = word.text.contains('.') && word.text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let stands_behind = question.get(before.start + before.text.len()..word.start) == Some(" ");
    let is_introduced = matches!(before.folded.as_str(), "version" | "release" | "v");
    let is_name = before.text.starts_with(char::is_uppercase)
        && !before.text.contains(|c: char| c.is_ascii_digit())
        && !names_nothing(&before.folded)
        && !is_question_word(&before.folded)
        && before.start > 0;
    // "GDP 3.3%", "Lumen 2.5 million": an amount.
    let behind = question[word.start + word.text.len()..].trim_start();
    let is_amount = behind.starts_with(['%', '％', '°', '$', '€', '£'])
        || behind.split(|c: char| !c.is_alphanumeric()).next().is_some_and(|next| {
            matches!(
                fold(next).as_str(),
                "percent" | "per" | "percentage" | "million" | "billion" | "trillion" | "points"
            ) || is_amount(&format!("1{next}"))
        });
    is_number && stands_behind && (is_introduced || is_name) && !is_amount
}

/// Whether a word is a number with a unit: 2B, 1.9M, 5PM, 10MW.
fn is_amount(word: &str) -> bool {
    const UNITS: [&str; 30] = [
        "k", "m", "b", "t", "bn", "mn", "tn", "am", "pm", "kb", "mb", "gb", "tb", "w", "kw", "mw", "gw", "tw", "kwh",
        "mwh", "gwh", "twh", "hz", "khz", "mhz", "ghz", "v", "kv", "c", "f",
    ];
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    unit.len() < word.len() && UNITS.contains(&unit.to_ascii_lowercase().as_str())
}

/// Whether a word is a quarter or a half of a year: Q3, H1.
fn is_quarter(word: &str) -> bool {
    matches!(word.as_bytes(), [b'Q' | b'H', b'1'..=b'4'])
}

/// Runs of words with capitals that only names have.
fn capitals<'q>(question: &'q str, words: &[Word<'q>]) -> Vec<&'q str> {
    let has_capital = |word: &Word<'_>| word.text.starts_with(char::is_uppercase);
    let letters = words.iter().filter(|word| word.text.chars().any(char::is_alphabetic)).count();
    let capital = words.iter().filter(|word| has_capital(word)).count();
    // A question in capitals throughout, or with a capital on every word.
    if letters > 3 && capital * 5 > letters * 4 {
        return Vec::new();
    }
    let is_german = language_of_question(question).as_deref() == Some("de");
    let mut runs: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !has_capital(&words[at]) {
            at += 1;
            continue;
        }
        let first = at;
        let mut last = at;
        while let Some(next) = words.get(last + 1) {
            let between = question.get(words[last].start + words[last].text.len()..next.start).unwrap_or(",");
            if !between.trim().is_empty() && !matches!(between.trim(), "&" | "-") {
                break;
            }
            if has_capital(next) {
                last += 1;
            } else if INSIDE.contains(&next.folded.as_str()) && words.get(last + 2).is_some_and(has_capital) {
                last += 2;
            } else {
                break;
            }
        }
        at = last + 1;
        let starts_sentence = {
            let before = question[..words[first].start].trim_end();
            before.is_empty() || before.ends_with(['.', '?', '!', ':', '¿', '¡', '"', '“', '(', '，', '。'])
        };
        // The first word of a sentence has a capital by its place.
        let first = if starts_sentence && !is_always_capital(words[first].text) { first + 1 } else { first };
        if first > last || names_nothing(&words[first].folded) || is_quarter(words[first].text) {
            continue;
        }
        let is_name = !is_german || last > first || is_always_capital(words[first].text);
        if is_name && let Some(text) = question.get(words[first].start..words[last].start + words[last].text.len()) {
            runs.push(text);
        }
    }
    runs
}

/// Whether a word has a capital that is not its first letter, or digits.
fn is_always_capital(word: &str) -> bool {
    word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(question: &str) -> Vec<String> {
        let names = names(question, &Lexicon::empty().with_bundled(), &Synonyms::default());
        names.into_iter().map(|name| name.text).collect()
    }

    #[test]
    fn the_number_of_a_version_is_a_name_and_an_amount_is_none() {
        let has_code = |question: &str| {
            names(question, &Lexicon::empty(), &Synonyms::default())
                .iter()
                .any(|name| name.origin == Origin::Code && name.alternatives.iter().all(|terms| terms.len() == 1))
        };
        for question in ["When was Orrery 3.3 released?", "What is new in version 3.4.1?"] {
            assert!(has_code(question), "{question}");
        }
        for question in
            ["Why did Lumen 3.3% rise?", "Did Lumen lose 2.5 million?", "Is it 3.3 km long?", "When did it reach 1.5?"]
        {
            assert!(!has_code(question), "{question}");
        }
    }

    #[test]
    fn names_are_told_by_lists_capitals_codes_and_marks() {
        for (question, names) in [
            ("What does Goldman Sachs expect of TSMC?", vec!["Goldman Sachs", "TSMC"]),
            ("高盛對台積電的看法", vec!["高盛", "台積電"]),
            ("How long is the Skerry Link?", vec!["Skerry Link"]),
            ("Who leads the Bank of England?", vec!["Bank of England"]),
            ("What does the U.S.\u{2019}s Federal Reserve plan?", vec!["Federal Reserve", "U.S"]),
            ("CQ-30的濾心多久要換一次?", vec!["CQ-30"]),
            ("颱風「瑪瑙」的雨量是多少?", vec!["瑪瑙"]),
            ("Wie hoch ist die Bank am See?", vec![]),
            ("Wie viele Turbinen bekommt Norrland Wind?", vec!["Norrland Wind"]),
            ("What apple do you like?", vec![]),
            ("WHO LED THE BANK OF ENGLAND", vec!["BANK OF ENGLAND"]),
            ("Is it in March or in Q3 2026?", vec![]),
            ("Quel est le taux de la Banque de France ?", vec!["Banque de France"]),
            ("", vec![]),
        ] {
            assert_eq!(of(question), names, "{question}");
        }
    }

    #[test]
    fn an_abbreviation_stands_for_its_words() {
        let names = names("Where does the UMC meet?", &Lexicon::empty().with_bundled(), &Synonyms::default());
        assert!(names[0].abbreviates("In the United Methodist Church, it is allowed."));
        assert!(!names[0].abbreviates("The United States Congress met."));
    }

    #[test]
    fn a_passage_is_known_to_lack_a_name_only_where_its_spelling_there_is_known() {
        let of = |question: &str| names(question, &Lexicon::empty().with_bundled(), &Synonyms::default()).remove(0);
        let listed = of("What does Goldman Sachs expect?");
        assert!(listed.is_certain_in("zh-Hant", Some("en")) && listed.is_certain_in("en", None));
        assert!(!listed.is_certain_in("ja", Some("en")) && !listed.is_certain_in("", None));
        let title = of("颱風「瑪瑙」的雨量是多少?");
        assert!(title.is_certain_in("zh-Hans", Some("zh-Hant")) && !title.is_certain_in("en", Some("zh-Hant")));
        assert!(!of("How long is the Skerry Link?").is_certain_in("en", Some("en")));
    }

    #[test]
    fn a_code_is_the_same_with_and_without_its_hyphen() {
        let names = names("What is the CQ-30?", &Lexicon::empty(), &Synonyms::default());
        for text in ["the CQ-30 filter", "a CQ30", "CQ 30"] {
            assert!(names[0].is_in(&terms(text).into_iter().collect()), "{text}");
        }
        assert!(!names[0].is_in(&terms("the CQ-50").into_iter().collect()));
    }

    proptest! {
        #[test]
        fn any_question_has_names_that_stand_in_it(question in "\\PC{0,60}|([A-Z][a-z]{1,4} |of |「|」|聯準會|K2-|U\\.S\\.|’s| ){0,14}") {
            for name in names(&question, &Lexicon::empty().with_bundled(), &Synonyms::default()) {
                prop_assert!(question.contains(&name.text) && name.alternatives.iter().all(|all| !all.is_empty()));
            }
        }
    }
}
