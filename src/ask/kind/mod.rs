//! The kind of answer that a question asks for, and whether a sentence has such a thing.

mod dimension;
mod money;
mod things;
mod units;

use std::collections::HashSet;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::terms::language::is_kana;
use crate::terms::{fold, is_of_small_letters, mentions_one};
use dimension::Dimension;
use things::things;
pub(super) use things::{Things, numbers};

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kind {
    /// What an answer has; nothing if the question's words do not tell.
    wanted: Things,
    /// The numbers of the question.
    known: HashSet<String>,
    /// Whether words such as "how many" tell it, and not only the name of a quantity.
    is_told: bool,
    /// Whether it is how many there are of something that is no unit.
    is_count: bool,
    /// The dimension that it is.
    dimension: Option<&'static Dimension>,
}

/// Logits that the confidence loses if a question asks for a price, and the answer has no money; if it asks for a number, and the
/// answer has none. *Measured on the sentences that answer such questions, in XQuAD-R (English, German, Chinese), DRCD and
/// invented news: 1 to 5 in 100 lose confidence; of other sentences, mostly of the same article, 24 to 40.*
const WITHOUT_MONEY: f32 = 5.0;
const WITHOUT_NUMBER: f32 = 3.0;
/// The same if it asks for a weight or another dimension, and the answer has none of its units.
const WITHOUT_DIMENSION: f32 = 4.0;

/// The words by which a question tells what it asks for, as `cues.toml` holds them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cues {
    quantities: String,
    asking_which: String,
    counting: String,
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
            if is_of_small_letters(cue) { spaced.contains(&format!(" {cue} ")) } else { has_unspaced(&folded, cue) }
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
        let is_price = wanted.meets(Things::NUMBER) && money::asks_for_price(&folded, &words);
        let wanted = if is_price { Things::MONEY } else { wanted };
        let dimension = dimension::asked_for(asks);
        let wanted = if dimension.is_some() { Things::MEASURE } else { wanted };
        Self {
            wanted,
            known: numbers(question),
            is_told: is_price || dimension.is_some() || listed.is_some(),
            is_count: !is_price && dimension.is_none() && asks_for_count(cues, &folded, &spaced),
            dimension,
        }
    }

    /// Whether a time is asked for.
    pub(super) fn asks_when(&self) -> bool {
        self.wanted == Things::TIME
    }

    /// Whether a sentence has what is asked for; `None` if the question does not tell what that is.
    pub(super) fn is_in(&self, sentence: &str) -> Option<bool> {
        (!self.wanted.is_empty()).then(|| {
            if let Some(dimension) = self.dimension {
                return dimension.is_measured_in(sentence);
            }
            let found = things(sentence, &self.known);
            found.meets(self.wanted)
                || self.wanted == Things::MONEY && money::is_price(sentence, found.meets(Things::PLAIN))
        })
    }

    /// Logits that the confidence in an answer loses which quotes this: those of a question for a price or a number if it has
    /// none. `columns` has the names of the columns if it is a row of a table, and with them its units.
    pub(super) fn loss(&self, quote: &str, columns: Option<&str>) -> f32 {
        if !self.is_told || !self.wanted.meets(NUMERIC) {
            return 0.0;
        }
        let found = things(quote, &self.known);
        let is_vague = units::is_vague(&fold(quote));
        let has_number = found.meets(NUMERIC.or(Things::TIME)) || is_vague;
        if let Some(dimension) = self.dimension {
            let is_told = columns.is_some_and(|columns| dimension.is_unit_of(columns))
                || dimension.is_measured_in(quote)
                || dimension.is_described_in(quote);
            return if is_told { 0.0 } else { WITHOUT_DIMENSION };
        }
        match self.wanted == Things::MONEY {
            true if found.meets(Things::MONEY) || (columns.is_some() && has_number) => 0.0,
            true if money::is_price(quote, found.meets(Things::PLAIN) || is_vague) => 0.0,
            true => WITHOUT_MONEY,
            false
                if self.is_count && !is_vague && !found.meets(Things::PLAIN.or(Things::SHARE)) && !says_one(quote) =>
            {
                WITHOUT_NUMBER
            }
            false if has_number => 0.0,
            false => WITHOUT_NUMBER,
        }
    }
}

/// Whether a sentence counts one, which is no number elsewhere: "one person died", 一人.
fn says_one(sentence: &str) -> bool {
    const ONE: [&str; 15] = [
        "one", "single", "ein", "eine", "einen", "einer", "un", "une", "uno", "一人", "一名", "一位", "一家", "한 명",
        "一つ",
    ];
    mentions_one(&fold(sentence), ONE)
}

/// Whether a question asks how many there are of what the next word names, and that is no unit.
fn asks_for_count(cues: &Cues, folded: &str, spaced: &str) -> bool {
    let behind = |text: &str, cue: &str| text.find(cue).map(|at| text[at + cue.len()..].trim_start().to_owned());
    cues.counting.split('|').any(|cue| {
        let is_spaced = is_of_small_letters(cue);
        // 第幾名 and 前幾名 ask for a place in an order.
        let is_place = |at: usize| folded[..at].ends_with(['第', '前']);
        if !is_spaced && folded.find(cue).is_some_and(is_place) {
            return false;
        }
        let counted = if is_spaced { behind(spaced, &format!(" {cue} ")) } else { behind(folded, cue) };
        // "How many home office days?"
        let names_unit = |counted: String| counted.split(' ').take(3).any(units::starts_with_unit);
        counted.is_some_and(|counted| !is_spaced || !names_unit(counted))
    })
}

/// All kinds of numbers that are no point in time.
const NUMERIC: Things = Things::NUMBER.or(Things::MONEY).or(Things::SHARE).or(Things::DURATION).or(Things::MEASURE);

/// Whether a folded text in a script without spaces has a word by which a question asks: not 多高 in 许多高校, 多少年 in 多少年轻人,
/// or the Chinese 何人 (who) as the Japanese one (how many).
fn has_unspaced(folded: &str, cue: &str) -> bool {
    if cue == HOW_MANY_OR_WHO {
        return folded.contains(cue) && folded.contains(is_kana);
    }
    folded.match_indices(cue).any(|(at, _)| {
        let (before, behind) = (&folded[..at], &folded[at + cue.len()..]);
        let is_quantifier = cue.starts_with('多') && before.ends_with(['许', '很', '更', '最', '不', '众']);
        let is_other_word = cue.ends_with('年') && behind.starts_with(['轻', '龄', '级']);
        !is_quantifier && !is_other_word
    })
}

const HOW_MANY_OR_WHO: &str = "何人";

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
    fn an_answer_without_the_number_that_is_asked_for_loses_confidence() {
        let loss = |question: &str, quote: &str| Kind::of(question).loss(quote, None);
        for (question, quote) in [
            ("What does Stonechat Hut cost?", "Stonechat Hut is small and has only 18 beds."),
            ("How much is the internet in the flat?", "concerning flat 3 on the second floor"),
            ("How loud is it in the Quick programme?", "The Quick programme does not dry."),
            ("How loud is the Aquilo?", "The Quick programme takes 29 min and 8 l."),
            ("How much does Larkfield pay into the pension?", "Larkfield pays full salary for the first twelve weeks."),
            ("How many customers were affected by INC-1874?", "INC-1874 on 2 September 2024 lasted 55 minutes."),
            ("有多少人受影響?", "事故於2024年9月2日發生,持續55分鐘。"),
            ("票價是多少?", "車票可在車站購買。"),
            ("Wie viele Menschen kamen?", "Das Fest war gut besucht."),
        ] {
            assert!(loss(question, quote) > 0.0, "{question}");
        }
        for (question, quote) in [
            ("What does Stonechat Hut cost?", "A night is £14."),
            ("What does Stonechat Hut cost?", "The fare is 14 a night."),
            ("What does parking cost?", "Parking is free of charge."),
            ("How many treaties protected rights?", "None of the treaties mentions them."),
            ("How many customers were affected?", "1,126 customers were affected."),
            ("How many customers were affected?", "In total 1,126 customers were affected."),
            ("How many people came?", "About 2000 people came."),
            ("Wie viele Menschen kamen?", "Rund 2000 Menschen kamen."),
            ("몇 명이 왔나요?", "약 2000명이 왔다."),
            ("How many people died?", "On 2 September one person died."),
            ("How many reporters were killed?", "12 journalists were killed."),
            ("How many countries signed?", "12 European countries signed."),
            ("How many people died?", "It killed 30 to 60 % of the population."),
            ("How many minutes did it last?", "It lasted 55 minutes."),
            ("How many million euros did it cost?", "It cost 3 million euros."),
            ("有多少人受影響?", "受影響的客戶有兩千人。"),
            ("How loud is it?", "It is nearly silent."),
            ("How often does he travel alone?", "神秘博士很少獨自旅行。"),
            ("How long did it run?", "It ran from 1870 to 1939."),
            ("許多高校因哪一個革命而遷出北京?", "因文化大革命而遷出。"),
            ("北角的貿易中心由何人建設?", "由郭春秧建設。"),
            ("What is the policy rate?", "The bank left it unchanged."),
            ("Who leads it?", "It is led by a board."),
        ] {
            assert!(loss(question, quote) <= 0.0, "{question} {quote}");
        }
        assert!(
            Kind::of("What does the Ridge cost?").loss("| Ridge | 3,490 |", Some("| bike | price |")) <= 0.0,
            "its header has the currency"
        );
        let heavy = Kind::of("How heavy is the Ridge?");
        assert!(heavy.loss("| Ridge | 24.1 |", Some("| bike | weight (kg) |")) <= 0.0);
        assert!(heavy.loss("| Ridge | 750 Wh | 24 h |", Some("| bike | battery | charging |")) > 0.0);
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
