//! The kind of answer that a question asks for, and whether a sentence has such a thing.

mod things;
mod units;

use std::collections::HashSet;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::terms::fold;
use crate::terms::language::{is_han, is_hangul, is_kana};
pub(super) use things::Things;
use things::{numbers, things};

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kind {
    /// What an answer has; nothing if the question's words do not tell.
    wanted: Things,
    /// The numbers of the question.
    known: HashSet<String>,
}

/// The words by which a question tells what it asks for, as `cues.toml` holds them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cues {
    quantities: String,
    asking_which: String,
    cue: Vec<Cue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cue {
    wanted: Wanted,
    words: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Extent,
    Size,
    Share,
    Time,
    Reason,
    Number,
    Person,
}

impl Wanted {
    fn things(self) -> Things {
        match self {
            Self::Extent => Things::DURATION.or(Things::MEASURE),
            Self::Size => Things::MEASURE,
            Self::Share => Things::SHARE,
            Self::Time => Things::TIME,
            Self::Reason => Things::REASON,
            // "How much" is answered by any number.
            Self::Number => Things::NUMBER.or(Things::MONEY).or(Things::SHARE).or(Things::DURATION).or(Things::MEASURE),
            Self::Person => Things::PERSON,
        }
    }
}

/// Words from which a question with a quantity asks for a number, and not for what the word means.
const QUANTITY_FROM: usize = 4;

fn cues() -> &'static Cues {
    static CUES: OnceLock<Cues> = OnceLock::new();
    CUES.get_or_init(|| toml::from_str(include_str!("cues.toml")).expect("cues.toml, which is compiled in, is valid"))
}

impl Kind {
    /// That of a question.
    pub(super) fn of(question: &str) -> Self {
        let folded = fold(question);
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let spaced = format!(" {} ", words.join(" "));
        let asks = |cue: &str| {
            let is_spaced = cue.starts_with(|c: char| c.is_lowercase() && !is_hangul(c) && !is_han(c) && !is_kana(c));
            if is_spaced { spaced.contains(&format!(" {cue} ")) } else { folded.contains(cue) }
        };
        let cues = cues();
        let listed = cues.cue.iter().find(|cue| cue.words.split('|').any(asks)).map(|cue| cue.wanted);
        let has = |list: &str, word: &str| list.split('|').any(|other| other == word);
        let is_quantity = || {
            let asks_which = words.iter().position(|word| has(&cues.asking_which, word));
            words.len() >= QUANTITY_FROM
                && asks_which.is_some_and(|at| words[at..].iter().any(|word| has(&cues.quantities, word)))
        };
        let wanted = listed.or_else(|| is_quantity().then_some(Wanted::Number));
        let wanted = wanted.map(Wanted::things).unwrap_or_default();
        Self { wanted, known: numbers(question) }
    }

    /// Whether a time is asked for.
    pub(super) fn asks_when(&self) -> bool {
        self.wanted == Things::TIME
    }

    /// Whether a sentence has what is asked for; `None` if the question does not tell what that is.
    pub(super) fn is_in(&self, sentence: &str) -> Option<bool> {
        (!self.wanted.is_empty()).then(|| things(sentence, &self.known).meets(self.wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_tells_what_its_answer_has() {
        for (wanted, questions) in [
            (
                Things::MEASURE,
                vec![
                    "How long is the Skerry Link?",
                    "全長幾公里？多長？",
                    "Wie lang ist das Kabel?",
                    "海底電纜有多長?",
                ],
            ),
            (
                Things::DURATION,
                vec![
                    "How long does it take?",
                    "審查要多久?",
                    "どのくらいの期間ですか",
                    "Combien de temps dure le trajet ?",
                ],
            ),
            (
                Things::TIME,
                vec!["When was it built?", "哪一年成立?", "いつ開業しますか", "언제 시작했나요?", "Wann öffnet es?"],
            ),
            (Things::REASON, vec!["Why was it late?", "為什麼延後?", "Почему?", "なぜ上がったのか"]),
            (
                Things::NUMBER,
                vec!["How many banks?", "有多少人?", "会員は何人ですか", "몇 명인가요?", "Combien de banques ?"],
            ),
            (Things::SHARE, vec!["What deposit rate does it expect?", "Welche Rendite erwartet sie?"]),
            (Things::MONEY, vec!["How much did it cost?", "票價多少?"]),
            (Things::SHARE, vec!["What percentage voted?", "占幾成?", "몇 퍼센트인가요?"]),
            (Things::PERSON, vec!["Who leads it?", "誰接任?", "Wer leitet Siemens?", "誰ですか"]),
        ] {
            for question in questions {
                assert!(Kind::of(question).wanted.meets(wanted), "{question}: {:?}", Kind::of(question).wanted);
            }
        }
        for question in ["What is inflation?", "什麼是通膨?", "Nvidia", "Is it open?"] {
            assert_eq!(Kind::of(question).is_in("540 kilometres"), None, "{question}");
        }
    }

    #[test]
    fn a_sentence_answers_by_kind_in_any_script() {
        let has = |question: &str, sentence: &str| Kind::of(question).is_in(sentence).unwrap();
        assert!(has("How long is the Skerry Link?", "It is 540 kilometres long"));
        assert!(!has("How long is the Skerry Link?", "the Skerry Link ran at 96% of its capacity"));
        assert!(has("How long is the link?", "全長二百一十公里"));
        assert!(has("How many cuts are expected in 2026?", "預期聯準會2026年將降息三次"));
        assert!(!has("How many cuts are expected in 2026?", "2026年將降息"));
        assert!(has("誰接任董事長?", "由副董事長龐建勳接任"));
    }
}
