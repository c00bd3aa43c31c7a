//! Chinese: a wrong character that sounds like the right one. That is how input by pronunciation goes wrong.
//!
//! A character is suspicious if it is in no known word and the documents have it beside neither of its neighbours that are no
//! function words. Then each character of the same sound competes for its place, by how well the stretch divides into common
//! words.

use std::collections::HashMap;
use std::sync::OnceLock;

use pinyin::{Pinyin, ToPinyinMulti as _};

use super::Vocabulary;
use crate::error::Result;
use crate::passage::{Correction, Span};
use crate::terms::{ChineseScript, fold};

/// What begins a word in the vocabulary of the model.
const WORD_START: char = '\u{2581}';
/// Characters of a word, at most.
const LONGEST: usize = 5;
/// Characters on either side of a suspicious one that are looked at.
const AROUND: usize = 5;
/// The score of a word of two characters that only a dictionary has, and of a longer one: accidents are rarer.
const LISTED: f64 = -12.5;
const LISTED_LONG: f64 = -13.5;
/// The least score of a single character.
const CHARACTER: f64 = -14.5;
/// What a pair of neighbours adds that the documents have.
const PAIR: f64 = 3.0;
/// How much the stretch must become better if the documents have the new pair, and if only dictionaries know it.
const BETTER_IN_DOCUMENTS: f64 = 5.5;
const BETTER: f64 = 9.0;
/// Readings of a character that are usual: they come first.
const USUAL_READINGS: usize = 2;
/// What another tone costs.
const OTHER_TONE: f64 = 1.5;
/// How much the best character must be better than the next.
const CLEARLY: f64 = 1.0;

/// Characters of function words, folded. They stand beside anything, so they are no errors, and none is offered.
const FUNCTION: &str =
    "的是了在不和那里这个们谁哪几什么第得地着过有为与及于由被把让向从到都就而或之其此该每各某多少何吗呢吧啊也";
/// Characters that stand by themselves as well: they are no errors either.
const ALONE: &str = "对会能可要叫做人年月日时上下中大小前后内外间";
/// Frequent words of one character, folded. Beside others they form no word and need be in no document, so they are no errors;
/// but they are offered.
const WORDS: &str = "给拿钱搬搭打写还先完想用说看去来买卖讲住吃送等找";
/// Before a measure word.
const COUNTING: &str = "哪几第一两二三四五六七八九十百千万每这那各某多";

/// The correction of a stretch of Chinese; `None` if nothing in it is wrong, or nothing is surely meant.
pub(super) fn correction(written: &str, vocabulary: &dyn Vocabulary) -> Result<Option<Correction>> {
    let letters: Vec<char> = written.chars().collect();
    let folded: Vec<char> = fold(written).chars().collect();
    // Without frequencies nothing tells what is meant.
    if letters.len() < 2 || folded.len() != letters.len() || vocabulary.piece("的").is_none() {
        return Ok(None);
    }
    let stretch = Stretch { letters, folded };
    let mut best: Option<(f64, usize, char)> = None;
    for at in 0..stretch.folded.len() {
        if !is_suspicious(&stretch, at, vocabulary)? {
            continue;
        }
        if let Some((gain, meant)) = meant(&stretch, at, vocabulary)?
            && best.is_none_or(|(most, ..)| gain > most)
        {
            best = Some((gain, at, meant));
        }
    }
    let Some((_, at, meant)) = best else { return Ok(None) };
    let (first, end) = word_around(&stretch.with(at, meant), at, vocabulary);
    let starts: Vec<usize> = written.char_indices().map(|(start, _)| start).chain([written.len()]).collect();
    let span = Span::new(starts[first], starts[end]);
    let from = written[span.start..span.end].to_owned();
    let to = in_script_of(written, &stretch, first..end, at, meant);
    Ok((from != to).then_some(Correction { from, to, span }))
}

/// Characters as they are written, and folded.
struct Stretch {
    letters: Vec<char>,
    folded: Vec<char>,
}

impl Stretch {
    fn with(&self, at: usize, c: char) -> Self {
        let mut folded = self.folded.clone();
        folded[at] = c;
        // In the other script, too: the vocabulary of the model has either.
        let traditional = ChineseScript::Traditional.convert(&folded.iter().collect::<String>());
        let letters: Vec<char> = traditional.chars().collect();
        let letters = if letters.len() == folded.len() { letters } else { folded.clone() };
        Self { letters, folded }
    }

    fn part(&self, range: std::ops::Range<usize>) -> Self {
        Self { letters: self.letters[range.clone()].to_vec(), folded: self.folded[range].to_vec() }
    }
}

fn is_suspicious(stretch: &Stretch, at: usize, vocabulary: &dyn Vocabulary) -> Result<bool> {
    let c = stretch.folded[at];
    let is_after_number = at > 0 && COUNTING.contains(stretch.folded[at - 1]);
    if [FUNCTION, ALONE, WORDS].iter().any(|known| known.contains(c)) || is_after_number || !is_chinese(c) {
        return Ok(false);
    }
    // 響有 is in 影響有, and no word.
    let is_content = |c: char| !FUNCTION.contains(c);
    Ok(pairs(&stretch.folded, at, vocabulary, is_content)? == 0 && !is_in_word(stretch, at, vocabulary))
}

/// In how many passages the pairs are that a character forms with those of its neighbours that count.
fn pairs(folded: &[char], at: usize, vocabulary: &dyn Vocabulary, counts: impl Fn(char) -> bool) -> Result<usize> {
    let mut passages = 0;
    for first in [at.checked_sub(1), Some(at)].into_iter().flatten() {
        let Some(pair) = folded.get(first..first + 2) else { continue };
        if counts(pair[usize::from(first == at)]) {
            passages += vocabulary.passages(&pair.iter().collect::<String>())?;
        }
    }
    Ok(passages)
}

/// The character that is probably meant, and how much better the stretch becomes.
fn meant(stretch: &Stretch, at: usize, vocabulary: &dyn Vocabulary) -> Result<Option<(f64, char)>> {
    let near = at.saturating_sub(AROUND)..stretch.folded.len().min(at + AROUND + 1);
    let before = score(&stretch.part(near.clone()), vocabulary)?;
    let sounds = [sounds(stretch.letters[at]), sounds(stretch.folded[at])].concat();
    let mut found: Vec<(f64, char, bool)> = Vec::new();
    for &candidate in candidates(&sounds).iter().filter(|c| **c != stretch.folded[at] && !FUNCTION.contains(**c)) {
        if vocabulary.piece(candidate.encode_utf8(&mut [0; 4])).is_none() {
            continue;
        }
        let mut folded = stretch.folded.clone();
        folded[at] = candidate;
        let is_content = |c: char| !FUNCTION.contains(c) && !ALONE.contains(c);
        let is_in_documents =
            vocabulary.may_offer_words_of_documents() && pairs(&folded, at, vocabulary, is_content)? > 0;
        let local = stretch.part(near.clone()).with(at - near.start, candidate);
        if !is_in_documents && !is_in_common_word(&local, at - near.start, vocabulary) {
            continue;
        }
        let tone = if has_tone(candidate, &sounds) { 0.0 } else { OTHER_TONE };
        found.push((score(&local, vocabulary)? - before - tone, candidate, is_in_documents));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let Some(&(gain, candidate, is_in_documents)) = found.first() else { return Ok(None) };
    let needed = if is_in_documents { BETTER_IN_DOCUMENTS } else { BETTER };
    let is_clear = found.get(1).is_none_or(|next| gain - next.0 >= CLEARLY);
    Ok((gain >= needed && is_clear).then_some((gain, candidate)))
}

/// How well a stretch divides into common words, and how many of its pairs the documents have.
fn score(stretch: &Stretch, vocabulary: &dyn Vocabulary) -> Result<f64> {
    let count = stretch.folded.len();
    let mut best = vec![f64::NEG_INFINITY; count + 1];
    best[0] = 0.0;
    for first in 0..count {
        for end in first + 1..=count.min(first + LONGEST) {
            if let Some(word) = word(stretch, first..end, vocabulary) {
                best[end] = best[end].max(best[first] + word);
            }
        }
    }
    let mut total = best[count];
    for pair in stretch.folded.windows(2) {
        let passages = vocabulary.passages(&pair.iter().collect::<String>())?;
        if passages > 0 {
            total += PAIR + 0.5 * (passages as f64).ln();
        }
    }
    Ok(total)
}

/// The logarithm of the frequency of a word; `None` if nothing knows it. Any single character is one.
fn word(stretch: &Stretch, range: std::ops::Range<usize>, vocabulary: &dyn Vocabulary) -> Option<f64> {
    let folded: String = stretch.folded[range.clone()].iter().collect();
    let letters: String = stretch.letters[range.clone()].iter().collect();
    let piece = |text: &str| vocabulary.piece(text).into_iter().chain(vocabulary.piece(&format!("{WORD_START}{text}")));
    let pieces = piece(&folded).chain(piece(&letters).filter(|_| letters != folded));
    let frequency = pieces.max_by(f64::total_cmp);
    match range.len() {
        1 => Some(frequency.unwrap_or(CHARACTER).max(CHARACTER)),
        length if vocabulary.has_key(&folded) => {
            let listed = if length == 2 { LISTED } else { LISTED_LONG };
            Some(frequency.map_or(listed, |frequency| frequency.max(listed)))
        }
        _ => frequency,
    }
}

/// Whether a character is part of a known word of two or more.
fn is_in_word(stretch: &Stretch, at: usize, vocabulary: &dyn Vocabulary) -> bool {
    words_around(stretch, at).any(|range| word(stretch, range, vocabulary).is_some())
}

/// Whether a character is part of a word that the model's vocabulary has, or of a longer one of a dictionary. A dictionary has a
/// word of two characters for nearly any two sounds, so foreign names would become such words.
fn is_in_common_word(stretch: &Stretch, at: usize, vocabulary: &dyn Vocabulary) -> bool {
    words_around(stretch, at).any(|range| {
        let folded: String = stretch.folded[range.clone()].iter().collect();
        let letters: String = stretch.letters[range.clone()].iter().collect();
        let is_piece =
            |text: &str| vocabulary.piece(text).is_some() || vocabulary.piece(&format!("{WORD_START}{text}")).is_some();
        is_piece(&folded) || is_piece(&letters) || (range.len() > 2 && vocabulary.has_key(&folded))
    })
}

/// The shortest known word with a character, or the pair with its neighbour if nothing but the documents knows it.
fn word_around(stretch: &Stretch, at: usize, vocabulary: &dyn Vocabulary) -> (usize, usize) {
    let known = words_around(stretch, at).filter(|range| word(stretch, range.clone(), vocabulary).is_some());
    let shortest = known.min_by_key(std::ops::Range::len);
    let pair = || at.saturating_sub(1)..(at.max(1) + 1).min(stretch.folded.len());
    let range = shortest.unwrap_or_else(pair);
    (range.start, range.end)
}

fn words_around(stretch: &Stretch, at: usize) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
    let count = stretch.folded.len();
    (at.saturating_sub(LONGEST - 1)..=at).flat_map(move |first| {
        let shortest = (at + 1).max(first + 2);
        (shortest..=count.min(first + LONGEST)).map(move |end| first..end)
    })
}

/// A part of the corrected stretch, in the script of the question.
fn in_script_of(written: &str, stretch: &Stretch, part: std::ops::Range<usize>, at: usize, meant: char) -> String {
    let mut letters = stretch.letters.clone();
    letters[at] = if fold(written) == written { meant } else { stretch.with(at, meant).letters[at] };
    letters[part].iter().collect()
}

fn is_chinese(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// The usual readings of a character, without those of old texts and of names.
fn sounds(c: char) -> Vec<Pinyin> {
    c.to_pinyin_multi().into_iter().flatten().take(USUAL_READINGS).collect()
}

fn has_tone(candidate: char, readings: &[Pinyin]) -> bool {
    sounds(candidate).iter().any(|own| readings.iter().any(|reading| own.with_tone() == reading.with_tone()))
}

/// The folded characters with one of these syllables, in any tone.
fn candidates(readings: &[Pinyin]) -> Vec<char> {
    static BY_SYLLABLE: OnceLock<HashMap<&'static str, Vec<char>>> = OnceLock::new();
    let by_syllable = BY_SYLLABLE.get_or_init(|| {
        let all: String = ('\u{4E00}'..='\u{9FFF}').collect();
        let mut by_syllable: HashMap<&'static str, Vec<char>> = HashMap::new();
        for (c, folded) in all.chars().zip(fold(&all).chars()).filter(|(c, folded)| c == folded) {
            for syllable in sounds(c).iter().map(|reading| reading.plain()) {
                let same = by_syllable.entry(syllable).or_default();
                if same.last() != Some(&folded) {
                    same.push(folded);
                }
            }
        }
        by_syllable
    });
    let mut found: Vec<char> =
        readings.iter().filter_map(|reading| by_syllable.get(reading.plain())).flatten().copied().collect();
    found.sort_unstable();
    found.dedup();
    found
}
