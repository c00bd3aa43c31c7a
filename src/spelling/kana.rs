//! Japanese: a wrong or missing kana in a word of katakana. Small kana, long vowels and voicing marks are what people confuse.

use super::Vocabulary;
use crate::error::Result;
use crate::passage::{Correction, Span};
use crate::terms::fold;

/// What begins a word in the vocabulary of the model.
const WORD_START: char = '\u{2581}';
/// The shortest word that is corrected, and the shortest of the documents' that a longer one may be composed of. The model's
/// vocabulary has endings of three kana that are no words.
const SHORTEST: usize = 4;
const SHORTEST_PART: usize = 3;
/// A word with more kana is none: what follows it is looked at by itself.
const LONGEST: usize = 24;
/// The score of a word that the documents have, before the logarithm of the number of passages is added.
const IN_DOCUMENTS: f64 = -6.0;
/// What each further part of a composed word costs.
const FURTHER_PART: f64 = 4.0;
/// How much the best word must be better than the next.
const CLEARLY: f64 = 0.7;
/// What is easily left out or added.
const EASILY_MISSED: [char; 2] = ['ッ', 'ー'];
/// Kana that are confused with one another: small and large ones, and those that a voicing mark tells apart.
const CONFUSED: &[&str] = &[
    "ッツヅ",
    "ャヤ",
    "ュユ",
    "ョヨ",
    "ァア",
    "ィイ",
    "ゥウヴ",
    "ェエ",
    "ォオ",
    "カガ",
    "キギ",
    "クグ",
    "ケゲ",
    "コゴ",
    "サザ",
    "シジ",
    "スズ",
    "セゼ",
    "ソゾ",
    "タダ",
    "チヂ",
    "テデ",
    "トド",
    "ハバパ",
    "ヒビピ",
    "フブプ",
    "ヘベペ",
    "ホボポ",
];

/// The correction of the first misspelt word of katakana in a stretch of Japanese.
pub(super) fn correction(written: &str, vocabulary: &dyn Vocabulary) -> Result<Option<Correction>> {
    let mut start = None;
    for (at, c) in written.char_indices().chain([(written.len(), ' ')]) {
        match (is_katakana(c), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                let word = &written[first..at];
                if let Some(to) = meant(word, vocabulary)? {
                    return Ok(Some(Correction { from: word.to_owned(), to, span: Span::new(first, at) }));
                }
                start = None;
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Full-width katakana and the mark of a long vowel.
fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー')
}

fn meant(word: &str, vocabulary: &dyn Vocabulary) -> Result<Option<String>> {
    let kana: Vec<char> = word.chars().collect();
    if !(SHORTEST..=LONGEST).contains(&kana.len()) || score(&kana, vocabulary)?.is_some() {
        return Ok(None);
    }
    let is_offered = |candidate: &[char]| {
        let word: String = candidate.iter().collect();
        vocabulary.may_offer_words_of_documents() || vocabulary.piece(&word).is_some()
    };
    let mut found: Vec<(f64, Vec<char>)> = Vec::new();
    for candidate in candidates(&kana) {
        if candidate.len() >= SHORTEST
            && is_offered(&candidate)
            && let Some(score) = score(&candidate, vocabulary)?
        {
            found.push((score, candidate));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.dedup_by(|a, b| a.1 == b.1);
    let Some((best, candidate)) = found.first() else { return Ok(None) };
    let is_clear = found.get(1).is_none_or(|(next, _)| best - next >= CLEARLY);
    Ok(is_clear.then(|| candidate.iter().collect()))
}

/// How common a word is, alone or composed of known ones; `None` if it is neither.
fn score(kana: &[char], vocabulary: &dyn Vocabulary) -> Result<Option<f64>> {
    let mut best: Vec<Option<f64>> = vec![None; kana.len() + 1];
    best[0] = Some(FURTHER_PART);
    for first in 0..kana.len() {
        let Some(before) = best[first] else { continue };
        for end in first + SHORTEST_PART..=kana.len() {
            let part: String = kana[first..end].iter().collect();
            if let Some(score) = of_word(&part, end - first < SHORTEST, vocabulary)? {
                let total = before + score - FURTHER_PART;
                best[end] = Some(best[end].map_or(total, |other| other.max(total)));
            }
        }
    }
    Ok(best[kana.len()])
}

/// How common a word is; `None` if nothing knows it. A short one is only known if the documents have it.
fn of_word(word: &str, is_short: bool, vocabulary: &dyn Vocabulary) -> Result<Option<f64>> {
    let folded = fold(word);
    let piece = || vocabulary.piece(word).into_iter().chain(vocabulary.piece(&format!("{WORD_START}{word}")));
    let known = if is_short { None } else { piece().max_by(f64::total_cmp) };
    let passages = vocabulary.passages(&folded)?;
    if passages > 0 {
        let in_documents = IN_DOCUMENTS + (passages as f64).ln();
        return Ok(Some(known.map_or(in_documents, |known| known.max(in_documents))));
    }
    Ok(known.or_else(|| (!is_short && vocabulary.has_key(&folded)).then_some(2.0 * IN_DOCUMENTS)))
}

/// The words that one confusion of kana turns into `kana`.
fn candidates(kana: &[char]) -> Vec<Vec<char>> {
    let mut found = Vec::new();
    for at in 1..=kana.len() {
        let (before, behind) = kana.split_at(at);
        for mark in EASILY_MISSED {
            found.push([before, &[mark], behind].concat());
        }
    }
    for at in 0..kana.len() {
        let (before, behind) = (&kana[..at], &kana[at + 1..]);
        let is_doubled = at > 0 && kana[at] == kana[at - 1];
        if at > 0 && (EASILY_MISSED.contains(&kana[at]) || is_doubled) {
            found.push([before, behind].concat());
        }
        if let Some(next) = kana.get(at + 1).filter(|next| **next != kana[at]) {
            found.push([before, &[*next, kana[at]], &kana[at + 2..]].concat());
        }
        for other in CONFUSED.iter().filter(|group| group.contains(kana[at])).flat_map(|group| group.chars()) {
            if other != kana[at] {
                found.push([before, &[other], behind].concat());
            }
        }
    }
    found
}
