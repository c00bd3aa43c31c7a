//! The terms of a text, which lexical search compares: the text is folded, then split by script.
//!
//! Folding is for matching only. Quotes are never folded.

mod capitals;
mod characters;
mod directions;
mod fold;
pub mod language;
mod located;
mod matcher;
mod mention;
mod phrase;
mod query;
mod question_language;
mod runs;
mod script;
mod writing;

pub(crate) use capitals::names_nothing;
pub(crate) use characters::{ascii_digit, is_blank, is_invisible};
pub(crate) use directions::opposites;
pub use fold::fold;
pub use matcher::Matcher;
pub(crate) use mention::{is_of_small_letters, mentions_one, whole};
pub use phrase::{Phrase, comparable};
pub use query::{Concept, LexicalQuery, question_terms};
pub(crate) use query::{is_question_word, without_question_words};
pub(crate) use question_language::language_of_question;
pub use runs::{Run, Script, runs};
pub use script::ChineseScript;
pub(crate) use writing::same_script;

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use rust_stemmers::{Algorithm, Stemmer};

/// The version of the rules by which a text becomes terms. Raise it with every change of them, so that indexes which hold
/// terms by the earlier rules are made again.
pub const RULES: u32 = 2;
/// The shortest Chinese or Japanese dictionary word that is a term of its own. A shorter one is a bigram already.
const MIN_WORD_CHARS: usize = 3;

/// The index terms of a text, in order, repeats included.
///
/// Chinese, Japanese and Korean give every pair of neighbouring characters, so that names missing from every
/// dictionary are found; Chinese and Japanese also give the words of three characters and more. Thai, Lao, Khmer and
/// Burmese give the words of a dictionary. Words of alphabets are stemmed ([`stem`]); numbers have one spelling
/// ([`Script::Number`]).
pub fn terms(text: &str) -> Vec<String> {
    terms_of_folded(&fold(text))
}

/// [`terms`] of a text that is already folded.
pub(crate) fn terms_of_folded(folded: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for run in runs(folded) {
        match run.script {
            Script::Han => {
                bigrams(run.text, &mut terms);
                let long = |word: &&str| word.chars().count() >= MIN_WORD_CHARS;
                terms.extend(words(run.text).filter(long).map(str::to_owned));
            }
            Script::Hangul => bigrams(run.text, &mut terms),
            Script::Unspaced => terms.extend(words(run.text).map(str::to_owned)),
            Script::Alphabetic => terms.push(stem(run.text)),
            Script::Number => terms.push(run.text.replace(',', "")),
        }
    }
    terms
}

/// The stem of a folded word. Words of ASCII letters go through Snowball's English stemmer (Porter 2001), whatever
/// their language: questions and passages need the same treatment, not a linguistically correct one. Other words are
/// returned unchanged.
pub fn stem(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Stemmer::create(Algorithm::English).stem(word).into_owned()
    } else {
        word.to_owned()
    }
}

/// Adds every pair of neighbouring characters of `run`, or its only character.
pub(crate) fn bigrams(run: &str, terms: &mut Vec<String>) {
    let starts: Vec<usize> = run.char_indices().map(|(start, _)| start).chain([run.len()]).collect();
    match starts.len() {
        0 | 1 => {}
        2 => terms.push(run.to_owned()),
        _ => terms.extend(starts.windows(3).map(|bounds| run[bounds[0]..bounds[2]].to_owned())),
    }
}

/// The words of a run without spaces: by dictionary or, for the scripts of South-East Asia, by a trained model.
pub(crate) fn words(run: &str) -> impl Iterator<Item = &str> {
    let segmenter = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
    let mut start = 0;
    segmenter.segment_str(run).filter_map(move |end| {
        let word = &run[start..end];
        start = end;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<String> {
        terms(text)
    }

    #[test]
    fn chinese_gives_its_pairs_of_characters_and_its_long_words() {
        assert_eq!(of("降息"), ["降息"]);
        assert_eq!(of("聯準會降息")[..4], ["联准", "准会", "会降", "降息"]);
        assert!(of("國際貨幣基金組織").contains(&"国际".to_owned()));
        assert_eq!(of("年"), ["年"]);
    }

    #[test]
    fn traditional_and_simplified_spellings_give_the_same_terms() {
        for (traditional, simplified) in
            [("聯準會2026年降息", "联准会2026年降息"), ("臺灣積體電路", "台湾积体电路"), ("國會預算", "国会预算")]
        {
            assert_eq!(of(traditional), of(simplified));
        }
    }

    #[test]
    fn words_of_alphabets_are_stemmed_and_lose_case_and_accents() {
        assert_eq!(of("The Fed's cuts, ÉTATS-UNIS"), ["the", "fed", "cut", "etat", "uni"]);
        assert_eq!(of("Ｆｕｌｌ－ｗｉｄｔｈ"), ["full", "width"]);
        assert_eq!(of("Прогнозы банка"), ["прогнозы", "банка"]);
    }

    #[test]
    fn numbers_have_one_spelling_and_keep_their_decimals() {
        assert_eq!(of("1,000 3.5% ３．５ 2026年"), ["1000", "3.5", "3.5", "2026", "年"]);
        assert_eq!(of("H20晶片 Q3 5G"), ["h20", "晶片", "q3", "5g"]);
        assert_eq!(of("1. 2,"), ["1", "2"]);
        assert_eq!(
            of("2024,2025年 12,345,678 1,2 Q1,2026"),
            ["2024", "2025", "年", "12345678", "1", "2", "q1", "2026"]
        );
        assert_eq!(of("غرفة ٣٥٠"), ["غرفة", "350"]);
        assert_eq!(of("ห้อง๓๕๐").last().unwrap(), "350");
        assert_eq!(of("कमरा ३५०, १,०००.५"), ["कमरा", "350", "1000.5"]);
    }

    #[test]
    fn a_word_is_found_whatever_invisible_characters_and_decompositions_it_is_stored_with() {
        for text in ["Zürich cafés", "Zu\u{308}rich cafe\u{301}s", "Zü\u{AD}rich\u{200E} ca\u{200B}fés\u{FEFF}"] {
            assert_eq!(of(text), of("zurich cafes"), "{text:?}");
        }
        assert_eq!(of("聯\u{200D}準會"), of("聯準會"));
    }

    #[test]
    fn korean_gives_pairs_and_thai_gives_words() {
        assert_eq!(of("연준의 금리"), ["연준", "준의", "금리"]);
        let thai = of("ธนาคารกลางสหรัฐ");
        assert!(thai.len() > 1 && thai.contains(&"กลาง".to_owned()), "{thai:?}");
    }

    proptest! {
        #[test]
        fn every_text_has_terms_without_white_space_and_folding_twice_changes_nothing(
            text in "\\PC{0,60}|[aeZ한ᅡᆨㄱㅏα聯٣\u{200B}\u{301}\u{345}\u{1160}\u{3164}\u{AD}\u{FE0F}カ\u{3099} ]{0,30}"
        ) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert_eq!(terms(&folded), terms(&text));
            prop_assert!(terms(&text).iter().all(|term| !term.is_empty() && !term.contains(char::is_whitespace)));
        }
    }
}
