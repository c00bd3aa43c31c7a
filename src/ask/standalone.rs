//! A question of a conversation as one that stands by itself, without a language model: one that leans on what was asked
//! before gets those words in front of it, as a person would say them again.

use super::sentences::NOT_POINTING;
use crate::terms::fold;

/// How many questions back one may lean.
const FARTHEST: usize = 4;
/// More than this is no question that others lean on.
const MOST_BYTES: usize = 1_000;

/// Openings of a question that goes on from the one before, folded.
const GOING_ON: &[&str] = &[
    "and",
    "but",
    "or",
    "also",
    "what about",
    "how about",
    "what else",
    "who else",
    "anyone else",
    "why",
    "why not",
    "when",
    "where",
    "how so",
    "really",
    "since when",
    "und",
    "aber",
    "oder",
    "auch",
    "warum",
    "wann",
    "y",
    "pero",
    "o",
    "por que",
    "cuando",
    "et",
    "mais",
    "ou",
    "pourquoi",
    "quand",
];
const GOING_ON_CHINESE: &[&str] =
    &["那", "还有", "另外", "为什么", "为何", "什么时候", "何时", "哪里", "怎么", "それ", "では", "じゃあ"];
/// Words that stand for something named before, in a question that names nothing itself, folded.
const STANDING_FOR: &[&str] = &[
    "he", "she", "it", "they", "him", "her", "them", "his", "hers", "its", "their", "theirs", "this", "these", "those",
    "former", "latter", "ella", "ellos", "ellas", "eso", "esto", "elle", "ils", "elles", "cela", "leur", "leurs",
];
/// The same in German, which writes any noun as others write names.
const STANDING_FOR_GERMAN: &[&str] = &["er", "ihn", "ihm", "ihr", "dessen", "deren"];
/// What is written like a name and is none, folded.
const NO_NAMES: &[&str] = &[
    "i",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "q1",
    "q2",
    "q3",
    "q4",
];
const STANDING_FOR_CHINESE: &[&str] = &[
    "他", "她", "它", "这", "那个", "那些", "那位", "那家", "该", "此", "其中", "前者", "后者", "上述", "彼", "その",
    "この", "あの",
];
/// What `STANDING_FOR_CHINESE` would find in other words, beside what [`NOT_POINTING`] has.
const NOT_STANDING_FOR: &[&str] = &["应该", "因此", "如此", "吉他"];
/// A longer question says what it is about, whatever pronoun is in it: the one in "Did they say that they would …".
const MOST_WORDS_WITH_PRONOUN: usize = 10;
const MOST_CHINESE_WITH_PRONOUN: usize = 16;
/// A question of so few words says too little by itself: "and Japan?".
const FEW_WORDS: usize = 2;
const FEW_CHINESE_CHARACTERS: usize = 4;

/// `question`, with those of the `earlier` ones (oldest first) that it leans on before it.
pub fn standalone(earlier: &[&str], question: &str) -> String {
    let mut said = vec![question.trim()];
    for before in earlier.iter().rev().take(FARTHEST) {
        if !leans(said[said.len() - 1]) {
            break;
        }
        let before = before.trim();
        if before.len() + said.iter().map(|words| words.len() + 1).sum::<usize>() > MOST_BYTES {
            break;
        }
        if !before.is_empty() {
            said.push(before);
        }
    }
    said.reverse();
    said.join(" ")
}

/// Whether a question cannot be understood without the one before.
fn leans(question: &str) -> bool {
    // "That year" does point to something.
    let others = NOT_POINTING.iter().filter(|other| !other.ends_with('年')).chain(NOT_STANDING_FOR);
    let folded = others.fold(fold(question), |text, other| text.replace(other, "名"));
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let chinese = folded.chars().filter(|c| ('\u{3040}'..='\u{9fff}').contains(c)).count();
    let few = if chinese > 0 { chinese <= FEW_CHINESE_CHARACTERS && words.len() < 2 } else { words.len() <= FEW_WORDS };
    let spaced = format!("{} ", words.join(" "));
    let goes_on = GOING_ON.iter().any(|opening| {
        // "why" alone goes on; "why did the Fed cut?" does not.
        let rest = spaced.strip_prefix(&format!("{opening} "));
        rest.is_some_and(|rest| opening.contains("what") || is_joining(opening) || rest.split(' ').count() <= FEW_WORDS)
    });
    let start = folded.trim_start();
    let goes_on_chinese = GOING_ON_CHINESE.iter().any(|opening| {
        start.strip_prefix(opening).is_some_and(|rest| is_joining(opening) || rest.chars().count() <= 2)
    });
    let stands_for = words.len() <= MOST_WORDS_WITH_PRONOUN
        && words.iter().any(|word| {
            STANDING_FOR_GERMAN.contains(word) || (STANDING_FOR.contains(word) && !names_something(question))
        });
    let stands_for_chinese =
        chinese <= MOST_CHINESE_WITH_PRONOUN && STANDING_FOR_CHINESE.iter().any(|word| folded.contains(word));
    few || goes_on || goes_on_chinese || stands_for || stands_for_chinese
}

/// Whether a word behind the first begins with a capital letter, as names do.
fn names_something(question: &str) -> bool {
    let words = question.split_whitespace().skip(1).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| word.starts_with(char::is_uppercase))
        .any(|word| !NO_NAMES.contains(&word.to_lowercase().as_str()))
}

/// Whether a question that opens so goes on from another one whatever follows.
fn is_joining(opening: &str) -> bool {
    matches!(
        opening,
        "and"
            | "but"
            | "or"
            | "also"
            | "how about"
            | "who else"
            | "anyone else"
            | "und"
            | "aber"
            | "oder"
            | "auch"
            | "y"
            | "pero"
            | "o"
            | "et"
            | "mais"
            | "ou"
            | "那"
            | "还有"
            | "另外"
            | "それ"
            | "では"
            | "じゃあ"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FED: &str = "Who expects the Fed to cut in 2026?";

    #[test]
    fn a_question_that_leans_on_the_one_before_takes_it_along() {
        for question in [
            "And the ECB?",
            "What about the Bank of Japan?",
            "Why?",
            "How often does he expect it?",
            "那歐洲央行呢？",
            "他預期降幾次？",
            "為什麼？",
            "日本呢？",
            "Und die EZB?",
            "¿Y el BCE?",
            "What did it say in March?",
            "How much did it earn in Q3?",
            "Wann erscheint ihr Bericht?",
            "那年發生了什麼？",
        ] {
            assert_eq!(standalone(&[FED], question), format!("{FED} {question}"));
        }
    }

    #[test]
    fn a_question_that_stands_by_itself_is_left_alone() {
        for question in [
            "Why did the Bank of Japan raise rates in December?",
            "誰預期聯準會2026年降息？",
            "When was the ferry line to Skerry Point opened?",
            "哪些公司應該受惠於其他國家的關稅？",
            "Welche Bank erwartet eine Zinssenkung?",
            "那斯達克為何下跌？",
            "Which banks said that Nvidia is overvalued?",
            "When did Apple publish its report?",
            "Können Sie die Zinsentscheidung erklären?",
            "Quel temps fait-il demain à Paris?",
            "去哪裡學吉他比較好？",
        ] {
            assert_eq!(standalone(&[FED], question), question);
        }
        assert_eq!(standalone(&[], "And the ECB?"), "And the ECB?");
    }

    #[test]
    fn a_chain_of_questions_is_followed_to_the_one_that_stands() {
        let earlier = ["When does the ferry sail?", FED, "And the ECB?"];
        assert_eq!(standalone(&earlier, "Why?"), format!("{FED} And the ECB? Why?"));
    }

    #[test]
    fn words_without_end_are_not_taken_along() {
        let long = "a long story ".repeat(200);
        assert_eq!(standalone(&[&long], "Why?"), "Why?");
    }

    proptest! {
        #[test]
        fn the_question_itself_always_comes_last(earlier: Vec<String>, question: String) {
            let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
            prop_assert!(standalone(&earlier, &question).ends_with(question.trim()));
        }
    }
}
