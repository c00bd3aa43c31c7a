//! Words of alphabets.

use std::ops::Range;

use super::edits::{Edit, Error, candidates};
use super::{Vocabulary, compound, forms, quoted};
use crate::error::Result;
use crate::passage::{Correction, Span};
use crate::terms::{fold, stem};

/// What begins a word in the vocabulary of the model.
const WORD_START: char = '\u{2581}';
/// The shortest word that is corrected.
const SHORTEST: usize = 4;
/// The longest. What is longer is made up, and has many thousand neighbours.
const LONGEST: usize = 48;
/// A word of at least this many letters is rarely hit by accident: there are few others near it.
const LONG: usize = 8;
/// What the lists give for a word of which they know no frequency.
const UNKNOWN_FREQUENCY: f64 = 50.0;
/// The score of a word that only the documents have.
const ONLY_IN_DOCUMENTS: f64 = 2.0;
/// How much better a word is that the documents have, for the first passage.
const IN_DOCUMENTS: f64 = 3.0;
/// How much the best candidate must be better than the next.
const CLEARLY: f64 = 1.0;
/// What an error at the end of a word costs, where forms of one word differ.
const AT_THE_END: f64 = 2.0;
/// What it costs to take one form of a word for another.
const OTHER_FORM: f64 = 3.0;
/// The score from which a word is corrected that could be formed by the rules of its language.
const FORMED: f64 = 6.5;
/// A German word with a slip may look like a compound (Gesell-schafften). If so many letters are near a listed word, that is
/// meant.
const LONG_COMPOUND: usize = 12;
/// What it costs to take a word of another language.
const BORROWED: f64 = 2.0;
/// The score, without the error, from which a listed word replaces one with a capital letter.
const CAPITALISED: f64 = 3.0;
/// That of a word which people write so often that a name hardly differs from it by one letter.
const COMMON: f64 = 5.0;
/// The shortest words with a capital letter that are corrected, and that may have a replaced letter.
const SHORTEST_NAME: usize = 6;
const LONG_NAME: usize = 8;
/// How much less the least score is for each letter of a word above eight, and how much less at most.
const PER_LETTER: f64 = 1.0;
const MOST_OF_LETTERS: f64 = 3.0;
/// That of a listed word which replaces one that is known by its stem only.
const COMMON_FORM: f64 = 1.0;
/// The score from which a word of four letters is replaced by one of the documents.
const SHORT_IN_DOCUMENTS: f64 = 7.0;

/// What differs between languages.
struct Rules {
    alphabet: &'static str,
    /// The least score of a listed word that replaces one of four, five, six, seven and eight letters. German frequencies are of
    /// a smaller collection than English ones.
    floors: [f64; 5],
    /// Whether nouns begin with a capital letter, too.
    capitalises_nouns: bool,
    /// Letters in which forms of one word differ at its end.
    endings: &'static str,
    /// A language of which words with a capital letter are used, too: "Doctor", "Newcastle".
    borrows: Option<&'static str>,
    /// Whether words are composed that no list has.
    composes: bool,
}

const ENGLISH: Rules = Rules {
    alphabet: "abcdefghijklmnopqrstuvwxyz",
    floors: [9.0, 6.0, 3.0, 2.0, 0.0],
    capitalises_nouns: false,
    endings: "s",
    borrows: None,
    composes: false,
};
const GERMAN: Rules = Rules {
    alphabet: "abcdefghijklmnopqrstuvwxyzäöüß",
    floors: [7.0, 3.0, 0.5, 0.0, 0.0],
    capitalises_nouns: true,
    endings: "aeimnorst",
    borrows: Some("en"),
    composes: true,
};

/// A known word near a misspelt one.
struct Candidate {
    word: String,
    score: f64,
    /// Whether it may replace the word if no other is near.
    is_allowed: bool,
    listed: Listed,
}

/// Which list has a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// None; the documents have it.
    No,
    /// That of the question's language.
    Own,
    /// That of another language only.
    Borrowed,
}

/// Adds the corrections of a question's words, in order.
pub(super) fn corrections(
    question: &str,
    language: &str,
    quoted: &[Range<usize>],
    vocabulary: &dyn Vocabulary,
    corrections: &mut Vec<Correction>,
) -> Result<()> {
    let rules = if language == "de" { &GERMAN } else { &ENGLISH };
    let mut is_first = true;
    for span in words(question) {
        let word = &question[span.clone()];
        let begins = std::mem::replace(&mut is_first, false);
        if quoted::is_quoted(quoted, span.start) {
            continue;
        }
        if let Some(to) = correction(word, begins, language, rules, vocabulary)? {
            corrections.push(Correction { from: word.to_owned(), to, span: Span::new(span.start, span.end) });
        }
    }
    Ok(())
}

/// The words of a question that may be misspelt. What stands in one piece with digits or signs is no word: a code, an address,
/// a path.
fn words(question: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    for chunk in question.split_inclusive(char::is_whitespace) {
        let start = at;
        at += chunk.len();
        let chunk = chunk.trim_end();
        let inner = chunk.trim_matches(|c: char| c.is_ascii_punctuation() || !c.is_alphanumeric());
        let is_plain =
            |c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '-' | '\'' | '’' | ',' | '‐' | '–' | '—');
        if inner.is_empty() || !inner.chars().all(is_plain) || chunk.starts_with(['@', '#', '$', '/', '\\', '-']) {
            continue;
        }
        let mut word_start = None;
        for (offset, c) in chunk.char_indices().chain([(chunk.len(), ' ')]) {
            match (c.is_alphabetic(), word_start) {
                (true, None) => word_start = Some(offset),
                (false, Some(first)) => {
                    // "Doesn't": not a word of its own.
                    let rest = chunk[offset..].trim_start_matches(['\'', '’']);
                    let is_cut = rest.len() < chunk.len() - offset && rest.starts_with(['t', 'T']);
                    if !is_cut {
                        words.push(start + first..start + offset);
                    }
                    word_start = None;
                }
                _ => {}
            }
        }
    }
    words
}

fn correction(
    word: &str,
    begins: bool,
    language: &str,
    rules: &Rules,
    vocabulary: &dyn Vocabulary,
) -> Result<Option<String>> {
    let lower = word.to_lowercase();
    let letters: Vec<char> = lower.chars().collect();
    let is_capitalised = word.starts_with(char::is_uppercase);
    let is_of_case = letters.len() == word.chars().count() && !word.chars().skip(1).any(char::is_uppercase);
    if !(SHORTEST..=LONGEST).contains(&letters.len()) || !is_of_case {
        return Ok(None);
    }
    let known = known(&lower, vocabulary)?;
    if known == Known::Surely {
        return Ok(None);
    }
    let may_be_name = is_capitalised && !begins && !rules.capitalises_nouns;
    let is_formed = known == Known::ByStem || forms::is_formed(&lower, language, vocabulary);
    let own_stem = stem(&fold(&lower));
    let borrows = is_capitalised && letters.len() >= SHORTEST_NAME;
    let mut found = Vec::new();
    for (candidate, edit) in candidates(&letters, rules.alphabet) {
        let Some(weighed) = weigh(&letters, &candidate, edit, (language, rules), borrows, vocabulary)? else {
            continue;
        };
        let other: Vec<char> = candidate.chars().collect();
        if forms::are_variants(&letters, &other, edit, language) {
            return Ok(None);
        }
        let Weighed { score, commonness, listed, is_in_documents, is_at_end } = weighed;
        // Of words with one stem nobody is misled.
        let has_error_within = !is_at_end || edit.error == Error::Doubled;
        let is_other_form = known == Known::ByStem
            && has_error_within
            && commonness >= COMMON_FORM
            && stem(&fold(&candidate)) == own_stem;
        let is_long_word = rules.composes
            && listed == Listed::Own
            && letters.len() >= LONG_COMPOUND
            && !is_at_end
            && edit.error.is_slip();
        let mut is_allowed = !is_formed || is_other_form || is_long_word || (score >= FORMED && !is_at_end);
        let count = letters.len();
        let is_replaced = edit.error == Error::Replaced;
        if is_in_documents {
            is_allowed &= !may_be_name || count >= if is_replaced { LONG_NAME } else { SHORTEST_NAME };
            is_allowed &= count > SHORTEST || (!is_replaced && score >= SHORT_IN_DOCUMENTS);
            is_allowed &= count > SHORTEST + 1 || !is_at_end;
        } else {
            is_allowed &= score >= floor(count, rules) + if is_at_end { 1.0 } else { 0.0 };
            // A name that no list has differs from a common word as often by a letter more as by another one.
            let is_misspelt_name = match edit.error {
                Error::Replaced => false,
                Error::Added => count >= LONG_NAME || (count > SHORTEST_NAME && commonness >= COMMON),
                _ => count >= SHORTEST_NAME || (count >= SHORTEST_NAME - 1 && commonness >= COMMON),
            };
            // Nobody is called "Robertssson".
            let is_long_slip = count > LONG_NAME && edit.error.is_slip() && !is_at_end;
            let is_short_name = is_capitalised && !begins && count < SHORTEST_NAME;
            is_allowed &= !is_short_name || !matches!(edit.error, Error::Replaced | Error::Added);
            is_allowed &= !may_be_name || is_long_slip || (is_misspelt_name && commonness >= CAPITALISED && !is_at_end);
        }
        found.push(Candidate { word: candidate, score, is_allowed, listed });
    }
    if found.iter().any(|candidate| candidate.listed != Listed::Borrowed) {
        found.retain(|candidate| candidate.listed != Listed::Borrowed);
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.word.cmp(&b.word)));
    if found.is_empty() && rules.composes && !is_formed {
        let compound = compound::correction(&letters, rules.alphabet, vocabulary);
        return Ok(compound.map(|word| if is_capitalised { capitalised(&word) } else { word }));
    }
    let Some(best) = found.first().filter(|best| best.is_allowed) else { return Ok(None) };
    let stem_of = |candidate: &Candidate| stem(&fold(&candidate.word));
    let meant = stem_of(best);
    // Of a word the documents tell the stem, and a list how it is written.
    let listed =
        || found.iter().find(|other| other.listed != Listed::No && other.is_allowed && stem_of(other) == meant);
    let best = if best.listed == Listed::No { listed().unwrap_or(best) } else { best };
    let next = found.iter().skip(1).find(|other| stem_of(other) != meant);
    if next.is_some_and(|next| best.score - next.score < CLEARLY) {
        return Ok(None);
    }
    Ok(Some(if is_capitalised { capitalised(&best.word) } else { best.word.clone() }))
}

/// The least score of a listed word that replaces one of so many letters. Hardly any word is near a long one by accident.
fn floor(count: usize, rules: &Rules) -> f64 {
    let above = count.saturating_sub(LONG) as f64;
    rules.floors[count.clamp(SHORTEST, LONG) - SHORTEST] - (PER_LETTER * above).min(MOST_OF_LETTERS)
}

struct Weighed {
    score: f64,
    /// The logarithm of how often people write it.
    commonness: f64,
    listed: Listed,
    is_in_documents: bool,
    is_at_end: bool,
}

/// The score of a candidate; `None` if nothing knows it.
fn weigh(
    letters: &[char],
    candidate: &str,
    edit: Edit,
    (language, rules): (&str, &Rules),
    borrows: bool,
    vocabulary: &dyn Vocabulary,
) -> Result<Option<Weighed>> {
    if candidate.chars().nth(SHORTEST - 1).is_none() {
        return Ok(None);
    }
    let own = vocabulary.frequency(language, candidate);
    let borrowed = rules.borrows.filter(|_| own.is_none() && borrows);
    let frequency = own.or_else(|| borrowed.and_then(|other| vocabulary.frequency(other, candidate)));
    let folded = fold(candidate);
    let term = stem(&folded);
    // Of a word that only the documents have, the index has the stem. So only a word is taken that is its own stem.
    let is_sure = || {
        let is_own = term == folded || folded.strip_suffix('s') == Some(term.as_str());
        let has_new_mark = candidate.chars().any(|c| !c.is_ascii() && !letters.contains(&c));
        is_own && !has_new_mark && vocabulary.may_offer_words_of_documents()
    };
    let passages = if frequency.is_some() || is_sure() { vocabulary.passages(&term)? } else { 0 };
    if frequency.is_none() && passages == 0 {
        return Ok(None);
    }
    let is_at_end = edit.at + 1 >= letters.len() && edit.error != Error::Swapped;
    let commonness = frequency.map_or(-1.0, |frequency| (frequency as f64 / UNKNOWN_FREQUENCY).ln());
    let is_borrowed = own.is_none() && frequency.is_some();
    // "Servitoris" is no wrong "servitors", and Amthor no wrong "author".
    let is_other_letter = matches!(edit.error, Error::Replaced | Error::Added);
    if is_borrowed && (is_other_letter && passages == 0 || commonness < COMMON && letters.len() <= LONG) {
        return Ok(None);
    }
    let mut score = commonness - if is_borrowed { BORROWED } else { 0.0 };
    if passages > 0 {
        score = score.max(ONLY_IN_DOCUMENTS) + IN_DOCUMENTS + 0.5 * (1.0 + passages as f64).ln();
    }
    score += edit.error.score();
    if is_at_end {
        score -= AT_THE_END;
        let ends = |letter: Option<char>| letter.is_none_or(|letter| rules.endings.contains(letter));
        let is_other_form = match edit.error {
            Error::Replaced => ends(letters.last().copied()) && ends(candidate.chars().last()),
            Error::Missing | Error::Halved => ends(candidate.chars().last()),
            Error::Added | Error::Doubled => ends(letters.last().copied()),
            Error::Swapped => false,
        };
        score -= if is_other_form { OTHER_FORM } else { 0.0 };
    }
    let listed = match (own, frequency) {
        (Some(_), _) => Listed::Own,
        (None, Some(_)) => Listed::Borrowed,
        (None, None) => Listed::No,
    };
    Ok(Some(Weighed { score, commonness, listed, is_in_documents: passages > 0, is_at_end }))
}

/// What is known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Nothing.
    Not,
    /// A dictionary or the documents have a word with its stem: one with "managed" knows "managged".
    ByStem,
    Surely,
}

/// Whether anything knows a word in lower case: a list, a dictionary, the documents, or the model, which knows words of a hundred
/// languages.
fn known(lower: &str, vocabulary: &dyn Vocabulary) -> Result<Known> {
    if vocabulary.knows_word(lower) {
        return Ok(Known::Surely);
    }
    let is_piece = |word: &str| vocabulary.piece(&format!("{WORD_START}{word}")).is_some();
    if is_piece(lower) || is_piece(&capitalised(lower)) || is_piece(&lower.to_uppercase()) {
        return Ok(Known::Surely);
    }
    let folded = fold(lower);
    let stem = stem(&folded);
    if !vocabulary.has_key(&stem) && vocabulary.passages(&stem)? == 0 {
        return Ok(Known::Not);
    }
    Ok(if stem == folded { Known::Surely } else { Known::ByStem })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
