//! The parts of an earlier question that a follow-up can replace: whom or what it is about, and when.

use std::ops::Range;

use super::words::{
    ARTICLES, ASKING, ASKING_FOR_A_PERSON, CONNECTORS, GERMAN_NOUN_ENDINGS, PHRASING, TIME_NOUNS, TIME_WORDS, TIMES,
};
use crate::terms::{fold, language_of_question};

/// Parts of a question, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Slots {
    /// Whom or what it is about.
    pub(super) subject: Option<Range<usize>>,
    /// What it asks of its subject, if that has words of its own: "deposit rate".
    pub(super) property: Option<Range<usize>>,
    /// When.
    pub(super) times: Vec<Range<usize>>,
    /// Whether it asks for a person.
    pub(super) asks_for_a_person: bool,
    /// All that names something.
    pub(super) content: Vec<Range<usize>>,
}

/// A word of a question.
#[derive(Debug, Clone)]
pub(super) struct Word<'q> {
    pub(super) range: Range<usize>,
    pub(super) text: &'q str,
    pub(super) folded: String,
    pub(super) is_time: bool,
}

impl Word<'_> {
    pub(super) fn is(&self, list: &[&str]) -> bool {
        list.contains(&self.folded.as_str())
    }

    pub(super) fn is_capital(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    /// TSMC, GB300, eBay.
    fn is_acronym(&self) -> bool {
        self.text.chars().skip(1).any(char::is_uppercase)
            || (self.is_capital() && self.text.contains(|c: char| c.is_ascii_digit()))
    }
}

/// The words of a text in an alphabet, with times marked.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        // Parts of a word: "U.S.", "AT&T", "e-mail".
        let joins = matches!(c, '.' | '&' | '-') && text[at + 1..].starts_with(char::is_alphanumeric);
        if c.is_alphanumeric() || (joins && start.is_some()) || (start.is_some() && crate::terms::is_invisible(c)) {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            let text = &text[from..at];
            words.push(Word { range: from..at, text, folded: fold(text), is_time: false });
        }
    }
    let is_year = |word: &str| {
        word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"))
            && word.bytes().all(|b| b.is_ascii_digit())
    };
    let marks: Vec<bool> = (0..words.len())
        .map(|at| {
            let word = &words[at];
            let beside = |list: &[&str]| {
                [at.checked_sub(1), Some(at + 1)]
                    .into_iter()
                    .flatten()
                    .filter_map(|at| words.get(at))
                    .any(|word| word.is(list))
            };
            let is_noun = word.is(TIME_NOUNS) && beside(TIME_WORDS);
            // "May" and "March" begin sentences, too, but not questions.
            is_year(&word.folded) || word.is(TIMES) || is_noun || (word.is(TIME_WORDS) && beside(TIME_NOUNS))
        })
        .collect();
    words.iter_mut().zip(marks).for_each(|(word, is_time)| word.is_time = is_time);
    words
}

/// The parts of a question in an alphabet.
pub(super) fn slots(question: &str) -> Slots {
    let words = words(question);
    let is_german = language_of_question(question).as_deref() == Some("de");
    let names_nothing = |word: &Word<'_>| word.is(ASKING) || word.is(PHRASING) || word.is(ARTICLES);
    let content: Vec<usize> =
        (0..words.len()).filter(|at| !names_nothing(&words[*at]) || words[*at].is_acronym()).collect();
    let named: Vec<Range<usize>> = names(&words, is_german);
    let score = |name: &Range<usize>| {
        let first = &words[name.start];
        let mut score = 1;
        score += if words[name.clone()].iter().any(Word::is_acronym) { 4 } else { 0 };
        score += i32::from(name.len() > 1) * 2;
        // The first word of a sentence has a capital letter anyway.
        score -= i32::from(name.start == 0 && name.len() == 1) * 2;
        if is_german {
            let before = name.start.checked_sub(1).map(|at| words[at].folded.as_str());
            score += match before {
                Some("der" | "des" | "von" | "vom" | "bei" | "fur" | "beim") => 2,
                Some("ein" | "eine" | "einen" | "welche" | "welcher" | "welches" | "die" | "das" | "den") => -2,
                _ => 0,
            };
            score -= i32::from(GERMAN_NOUN_ENDINGS.iter().any(|ending| first.folded.ends_with(ending))) * 3;
        }
        score
    };
    let mut best: Option<(i32, Range<usize>)> = None;
    for name in named {
        let score = score(&name);
        if score > 0 && best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((score, name));
        }
    }
    let subject = best.map(|(_, name)| name).or_else(|| subject_in_lower_case(&words, &content));
    let in_subject = |at: usize| subject.as_ref().is_some_and(|subject| subject.contains(&at));
    let rest: Vec<usize> = content.iter().copied().filter(|at| !words[*at].is_time && !in_subject(*at)).collect();
    let bytes = |range: &Range<usize>| words[range.start].range.start..words[range.end - 1].range.end;
    // Words that follow one another.
    let run = |places: &[usize]| {
        places.chunk_by(|a, b| a + 1 == *b).next().map(|run| bytes(&(run[0]..run[run.len() - 1] + 1)))
    };
    let times: Vec<usize> = (0..words.len()).filter(|at| words[*at].is_time).collect();
    let times = times.chunk_by(|a, b| a + 1 == *b).map(|run| bytes(&(run[0]..run[run.len() - 1] + 1))).collect();
    Slots {
        subject: subject.as_ref().map(bytes),
        property: run(&rest),
        times,
        asks_for_a_person: words.iter().any(|word| word.is(ASKING_FOR_A_PERSON)),
        content: content.iter().map(|at| words[*at].range.clone()).collect(),
    }
}

/// Runs of words with capital letters, as indexes of words.
fn names(words: &[Word<'_>], is_german: bool) -> Vec<Range<usize>> {
    let is_name = |at: usize| {
        let word = &words[at];
        let phrases = word.is(ASKING) || word.is(PHRASING) || word.is(ARTICLES);
        // A name can be spelt like a word that asks, but not at the start.
        word.is_capital()
            && !word.is_time
            && (word.is_acronym() || !phrases || (at > 0 && word.text.chars().count() > 2))
    };
    let mut names = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !is_name(at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        loop {
            if end < words.len() && is_name(end) {
                end += 1;
                continue;
            }
            // German nouns all have capital letters: "Umsatz von Siemens".
            let longest = if is_german { 0 } else { 2 };
            let connectors = (end..words.len().min(end + longest)).take_while(|at| words[*at].is(CONNECTORS)).count();
            let behind = end + connectors;
            if connectors > 0
                && behind < words.len()
                && is_name(behind)
                && !words[behind].is_acronym()
                && !words[at].is_acronym()
            {
                end = behind + 1;
            } else {
                break;
            }
        }
        names.push(at..end);
        at = end;
    }
    names
}

/// The subject of a question without capital letters: what stands behind its last preposition, or else between an article
/// and the last noun.
fn subject_in_lower_case(words: &[Word<'_>], content: &[usize]) -> Option<Range<usize>> {
    let nouns: Vec<usize> = content.iter().copied().filter(|at| !words[*at].is_time).collect();
    let is_behind = |at: &&usize, list: &[&str]| {
        let before = at.checked_sub(1).map(|before| &words[before]);
        let second = at.checked_sub(2).map(|before| &words[before]);
        before.is_some_and(|before| {
            before.is(list) || (before.is(ARTICLES) && second.is_some_and(|second| second.is(list)))
        })
    };
    if let Some(at) =
        nouns.iter().rev().find(|at| is_behind(at, &["of", "by", "at", "de", "del", "von", "der", "des", "di"]))
    {
        let run = nouns
            .iter()
            .skip_while(|other| *other < at)
            .zip(*at..)
            .take_while(|(noun, place)| **noun == *place)
            .count();
        return Some(*at..at + run);
    }
    let first = nouns.iter().find(|at| is_behind(at, ARTICLES))?;
    let run = nouns
        .iter()
        .skip_while(|other| *other < first)
        .zip(*first..)
        .take_while(|(noun, place)| **noun == *place)
        .count();
    // "the ecb deposit rate", "the new ferry take": the last word is what is asked, or a verb.
    Some(*first..first + run.saturating_sub(1).clamp(1, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_is_what_the_question_names() {
        for (question, subject) in [
            ("What is the ECB deposit rate?", "ECB"),
            ("Who expects the Fed to cut in 2026?", "Fed"),
            ("When does the Bank of Japan meet?", "Bank of Japan"),
            ("What was TSMC revenue in the third quarter?", "TSMC"),
            ("What is Nvidia's gross margin?", "Nvidia"),
            ("Did Goldman Sachs expect a cut in May?", "Goldman Sachs"),
            ("Wie hoch ist der Einlagensatz der EZB?", "EZB"),
            ("Wie hoch war der Umsatz von Siemens im letzten Jahr?", "Siemens"),
            ("¿Cuál es la tasa de depósito del BCE?", "BCE"),
            ("Quel est le taux de dépôt de la BCE ?", "BCE"),
            ("Qual è il tasso della Banca Centrale Europea?", "Banca Centrale Europea"),
            ("what is the ecb deposit rate", "ecb deposit"),
            ("what is the deposit rate of the ecb?", "ecb"),
            ("How long does the new ferry take?", "new ferry"),
        ] {
            let found = slots(question).subject.map(|range| &question[range]);
            assert_eq!(found, Some(subject), "{question}");
        }
        assert_eq!(slots("How so?").subject, None);
    }

    #[test]
    fn times_and_the_rest_are_apart() {
        let question = "What was TSMC revenue in the third quarter of 2025?";
        let slots = slots(question);
        assert_eq!(
            slots.times.iter().map(|time| &question[time.clone()]).collect::<Vec<_>>(),
            ["third quarter", "2025"]
        );
        assert_eq!(slots.property.map(|range| &question[range]), Some("revenue"));
        assert!(!slots.asks_for_a_person);
    }
}
