use std::cell::Cell;
use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::error::Error;

/// A vocabulary of a few words.
#[derive(Default)]
struct Few {
    english: HashMap<&'static str, u64>,
    german: HashMap<&'static str, u64>,
    terms: HashMap<&'static str, usize>,
    keys: Vec<&'static str>,
    pieces: HashMap<&'static str, f64>,
    is_filtered: bool,
    /// How often passages were asked for, and after how many times nobody waits any more.
    lookups: Cell<usize>,
    ends_after: Option<usize>,
}

impl Vocabulary for Few {
    fn passages(&self, term: &str) -> Result<usize> {
        if self.ends_after == Some(self.lookups.get()) {
            return Err(Error::Cancelled);
        }
        self.lookups.set(self.lookups.get() + 1);
        Ok(self.terms.get(term).copied().unwrap_or_default())
    }

    fn may_offer_words_of_documents(&self) -> bool {
        !self.is_filtered
    }

    fn frequency(&self, language: &str, word: &str) -> Option<u64> {
        match language {
            "en" => self.english.get(word).copied(),
            "de" => self.german.get(word).copied(),
            _ => None,
        }
    }

    fn has_words_of(&self, language: &str) -> bool {
        matches!(language, "en" | "de")
    }

    fn knows_word(&self, word: &str) -> bool {
        self.english.contains_key(word) || self.german.contains_key(word)
    }

    fn has_key(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }

    fn piece(&self, piece: &str) -> Option<f64> {
        self.pieces.get(piece).copied()
    }
}

fn few() -> Few {
    Few {
        english: HashMap::from([
            ("the", 70_000_000),
            ("what", 9_000_000),
            ("is", 9_000_000),
            ("expected", 40_000),
            ("inflation", 1_897),
            ("organization", 9_000),
            ("sanity", 400),
            ("plan", 90_000),
            ("table", 80_000),
            ("tables", 8_000),
            ("called", 500_000),
            ("travelled", 900),
            ("managed", 60_000),
            ("doctor", 170_000),
            ("rainforest", 80),
            ("church", 90_000),
        ]),
        german: HashMap::from([
            ("was", 90_000),
            ("sauerstoff", 90),
            ("gehalt", 200),
            ("britischen", 9_000),
            ("indien", 50),
            ("wachstum", 70),
            ("elastizität", 50),
            ("seite", 900),
            ("team", 9_000),
            ("vieler", 3_000),
            ("kamen", 3_000),
            ("wand", 2_000),
        ]),
        terms: HashMap::from([("widgetron", 3), ("利率", 9), ("降息", 4), ("インフレーション", 3)]),
        keys: vec!["利率", "降息", "通货膨胀"],
        pieces: HashMap::from([
            ("的", -6.0),
            ("降", -9.0),
            ("利", -8.0),
            ("率", -9.0),
            ("息", -10.0),
            ("江", -9.5),
            ("何", -8.0),
            ("时", -8.0),
        ]),
        ..Few::default()
    }
}

fn text_of(question: &str, vocabulary: &Few) -> String {
    corrected(question, vocabulary).unwrap().map_or_else(|| question.to_owned(), |(text, _)| text)
}

#[test]
fn a_misspelt_word_becomes_the_common_one_near_it_and_its_place_is_told() {
    let question = "What is the expected Infaltion?";
    let (text, corrections) = corrected(question, &few()).unwrap().unwrap();
    assert_eq!(text, "What is the expected Inflation?");
    let [correction] = &corrections[..] else { panic!("{corrections:?}") };
    assert_eq!((correction.from.as_str(), correction.to.as_str()), ("Infaltion", "Inflation"));
    assert_eq!(&question[correction.span.start..correction.span.end], "Infaltion");
    for (misspelt, right) in
        [("waht is the plan", "what is the plan"), ("what is the widgertron", "what is the widgetron")]
    {
        assert_eq!(text_of(misspelt, &few()), right);
    }
}

#[test]
fn what_is_known_formed_quoted_or_a_code_stays() {
    for question in [
        "what is the inflation",
        "what is the organisation",
        "what are the replanned tables",
        "what is the \"infaltion\"",
        "what is the tbl-2 infaltion2 x/infaltion infaltion.md @infaltion",
        "what is the INFALTION and the iNfaltion",
        "what is the sanitys",
        "what is the Infaltia",
    ] {
        assert_eq!(text_of(question, &few()), question);
    }
}

#[test]
fn a_word_that_is_known_by_its_stem_only_becomes_the_form_that_people_write() {
    // A dictionary with "manage" has the stem of "managged".
    let vocabulary = Few { keys: vec!["manag"], ..few() };
    assert_eq!(text_of("what is the managged plan", &vocabulary), "what is the managed plan");
    let vocabulary = Few { keys: vec!["plastom"], ..few() };
    assert_eq!(text_of("what is the plastome", &vocabulary), "what is the plastome");
}

#[test]
fn three_letters_in_a_row_are_no_other_spelling() {
    assert_eq!(text_of("what is it callled", &few()), "what is it called");
    assert_eq!(text_of("what is traveled", &few()), "what is traveled");
}

#[test]
fn a_long_word_needs_not_be_common_and_a_name_that_is_near_a_common_word_stays() {
    assert_eq!(text_of("what is the rainfoxest", &few()), "what is the rainforest");
    assert_eq!(text_of("what is the Chuarch", &few()), "what is the Church");
    assert_eq!(text_of("what is the Chorch", &few()), "what is the Chorch");
    let with_name = Few { english: HashMap::from([("robertson", 50), ("what", 9_000)]), ..few() };
    assert_eq!(text_of("who is Robertsen and why", &with_name), "who is Robertsen and why");
    assert_eq!(text_of("who is Robertsosn and why", &with_name), "who is Robertsosn and why");
    assert_eq!(text_of("who is Robretson and why", &with_name), "who is Robertson and why");
}

#[test]
fn an_error_in_a_part_of_a_german_compound_is_corrected() {
    let german = |question: &str| text_of(&format!("Was zeigt die Seite über {question}"), &few());
    assert_eq!(german("Sauerstocfgehalt"), "Was zeigt die Seite über Sauerstoffgehalt");
    assert_eq!(german("Sauerstofgehalt"), "Was zeigt die Seite über Sauerstoffgehalt");
    assert_eq!(german("Sauerstoffgehxlt"), "Was zeigt die Seite über Sauerstoffgehalt");
    assert_eq!(german("Sauerstoffmengen"), "Was zeigt die Seite über Sauerstoffmengen");
    // 50 is what lists give for words of which they know no frequency.
    assert_eq!(german("Wachsutmselastizität"), "Was zeigt die Seite über Wachstumselastizität");
    assert_eq!(german("Wachsiumselastizität"), "Was zeigt die Seite über Wachsiumselastizität");
    for name in ["Teamviewer", "Kampenwand"] {
        assert_eq!(german(name), format!("Was zeigt die Seite über {name}"));
    }
    assert_eq!(german(&"Sauerstoff".repeat(40)), format!("Was zeigt die Seite über {}", "Sauerstoff".repeat(40)));
    assert_eq!(german("britischenn"), "Was zeigt die Seite über britischen");
}

#[test]
fn german_questions_have_english_words_with_a_capital_letter_unless_a_german_one_is_near() {
    let german = |question: &str| text_of(&format!("Was zeigt die Seite über {question}"), &few());
    assert_eq!(german("Docotr"), "Was zeigt die Seite über Doctor");
    assert_eq!(german("Docjor"), "Was zeigt die Seite über Docjor", "names differ so from words: Amthor");
    assert_eq!(german("docjor"), "Was zeigt die Seite über docjor");
    let with_indian = Few { english: HashMap::from([("indian", 90_000)]), ..few() };
    assert!(!text_of("Was zeigt die Seite über Indikn", &with_indian).contains("Indian"));
}

#[test]
fn words_that_only_the_documents_have_are_not_told_to_who_may_not_read_them_all() {
    let filtered = Few { is_filtered: true, ..few() };
    assert_eq!(text_of("what is the widgertron", &filtered), "what is the widgertron");
    assert_eq!(text_of("what is the infaltion", &filtered), "what is the inflation");
}

#[test]
fn a_character_of_the_same_sound_is_corrected_in_the_script_of_the_question() {
    for (misspelt, right, from) in [("何時江息的", "何時降息的", "江息"), ("利律的江", "利率的江", "利律")]
    {
        let (text, corrections) = corrected(misspelt, &few()).unwrap().unwrap();
        assert_eq!((text.as_str(), corrections[0].from.as_str()), (right, from));
        assert_eq!(&misspelt[corrections[0].span.start..corrections[0].span.end], from);
    }
    assert_eq!(text_of("何時「江息」的", &few()), "何時「江息」的");
}

#[test]
fn nothing_more_is_looked_up_once_nobody_waits_for_the_correction() {
    for question in ["what is the infaltion", "聯準會何時江息", "インフレションの理由"] {
        let all = few();
        corrected(question, &all).unwrap();
        let lookups = all.lookups.get();
        assert!(lookups > 0, "{question}");
        for ends_after in 0..lookups {
            let vocabulary = Few { ends_after: Some(ends_after), ..few() };
            assert!(matches!(corrected(question, &vocabulary), Err(Error::Cancelled)), "{question} {ends_after}");
            assert_eq!(vocabulary.lookups.get(), ends_after, "{question}");
        }
    }
}

#[test]
fn confused_kana_are_corrected() {
    for misspelt in ["インフレーシヨンとは", "インフレシーョンとは", "インブレーションとは", "インフレションとは"]
    {
        let expected = "インフレーションとは";
        if misspelt != "インフレシーョンとは" {
            assert_eq!(text_of(misspelt, &few()), expected, "{misspelt}");
        }
    }
    assert_eq!(text_of("「インフレション」とは", &few()), "「インフレション」とは");
    assert_eq!(text_of("コンピュータとは", &few()), "コンピュータとは");
}

proptest! {
    #[test]
    fn any_text_is_corrected_without_a_panic_and_each_place_has_the_word(
        question in "\\PC{0,60}|[a-zäß'’\"“”「」 江息利律何時インフレショッツーブ的]{0,40}|(what|is|the|infaltion|İnflation|ǅ| |é|e\u{301}){0,12}"
    ) {
        if let Some((text, corrections)) = corrected(&question, &few()).unwrap() {
            prop_assert_ne!(&text, &question);
            let mut end = 0;
            for Correction { from, span, .. } in &corrections {
                prop_assert!(span.start >= end);
                prop_assert_eq!(&question[span.start..span.end], from);
                end = span.end;
            }
        }
    }
}
