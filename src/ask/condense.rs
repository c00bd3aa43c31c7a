//! Rewrites a follow-up question so that it can be searched by itself: the earlier questions that it depends on are put in
//! front of it. Rules decide, no language model.

use super::sentences::NOT_REFERRING;
use crate::terms::fold;

/// Earlier questions that are looked at, at most.
const MAX_EARLIER: usize = 4;
/// Bytes of a rewritten question, at most. Longer ones describe their subject themselves and are not rewritten.
const MAX_BYTES: usize = 1_000;

/// Openings of a question that continues the one before, folded.
const CONTINUING: &[&str] = &[
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
const CONTINUING_CHINESE: &[&str] =
    &["那", "还有", "另外", "为什么", "为何", "什么时候", "何时", "哪里", "怎么", "それ", "では", "じゃあ"];
/// Pronouns, folded. In a question that names nothing itself they refer to the one before.
const PRONOUNS: &[&str] = &[
    "he", "she", "it", "they", "him", "her", "them", "his", "hers", "its", "their", "theirs", "this", "these", "those",
    "former", "latter", "ella", "ellos", "ellas", "eso", "esto", "elle", "ils", "elles", "cela", "leur", "leurs",
];
/// German pronouns. German capitalises every noun, so a capital letter there marks no name.
const PRONOUNS_GERMAN: &[&str] = &["er", "ihn", "ihm", "ihr", "dessen", "deren"];
/// Words that have a capital letter but name nothing that a pronoun could refer to, folded.
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
const PRONOUNS_CHINESE: &[&str] = &[
    "他", "她", "它", "这", "那个", "那些", "那位", "那家", "该", "此", "其中", "前者", "后者", "上述", "彼", "その",
    "この", "あの",
];
/// Words that contain one of `PRONOUNS_CHINESE` but are not pronouns, in addition to [`NOT_REFERRING`].
const NO_PRONOUNS: &[&str] = &["应该", "因此", "如此", "吉他"];
/// A longer question names its subject, and its pronouns refer to that: "Did the banks say that they would …".
const MAX_WORDS_WITH_PRONOUN: usize = 10;
const MAX_CHINESE_WITH_PRONOUN: usize = 16;
/// A question of so few words is incomplete: "and Japan?".
const MAX_INCOMPLETE_WORDS: usize = 2;
const MAX_INCOMPLETE_CHINESE: usize = 4;

/// Rewrites a follow-up question: `question` with those of the `earlier` ones, oldest first, that it depends on in front
/// of it.
pub fn condense_question(earlier: &[&str], question: &str) -> String {
    let mut parts = vec![question.trim()];
    for before in earlier.iter().rev().take(MAX_EARLIER) {
        // Lengths first: the rest reads every character several times.
        let before = before.trim();
        if before.len() + parts.iter().map(|part| part.len() + 1).sum::<usize>() > MAX_BYTES
            || !depends_on_earlier(parts[parts.len() - 1])
        {
            break;
        }
        if !before.is_empty() {
            parts.push(before);
        }
    }
    parts.reverse();
    parts.join(" ")
}

/// Whether a question cannot be understood without the one before it.
fn depends_on_earlier(question: &str) -> bool {
    // "That year" refers to something.
    let others = NOT_REFERRING.iter().filter(|other| !other.ends_with('年')).chain(NO_PRONOUNS);
    let folded = others.fold(fold(question), |text, other| text.replace(other, "名"));
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let chinese = folded.chars().filter(|c| ('\u{3040}'..='\u{9fff}').contains(c)).count();
    let incomplete = if chinese > 0 {
        chinese <= MAX_INCOMPLETE_CHINESE && words.len() < 2
    } else {
        words.len() <= MAX_INCOMPLETE_WORDS
    };
    let spaced = format!("{} ", words.join(" "));
    let continues = CONTINUING.iter().any(|opening| {
        // "why" alone continues; "why did the Fed cut?" does not.
        let rest = spaced.strip_prefix(&format!("{opening} "));
        rest.is_some_and(|rest| {
            opening.contains("what") || is_joining(opening) || rest.split(' ').count() <= MAX_INCOMPLETE_WORDS
        })
    });
    let start = folded.trim_start();
    let continues_chinese = CONTINUING_CHINESE.iter().any(|opening| {
        start.strip_prefix(opening).is_some_and(|rest| is_joining(opening) || rest.chars().count() <= 2)
    });
    let refers = words.len() <= MAX_WORDS_WITH_PRONOUN
        && words
            .iter()
            .any(|word| PRONOUNS_GERMAN.contains(word) || (PRONOUNS.contains(word) && !names_something(question)));
    let refers_chinese =
        chinese <= MAX_CHINESE_WITH_PRONOUN && PRONOUNS_CHINESE.iter().any(|word| folded.contains(word));
    incomplete || continues || continues_chinese || refers || refers_chinese
}

/// Whether a word behind the first begins with a capital letter, as names do.
fn names_something(question: &str) -> bool {
    let words = question.split_whitespace().skip(1).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| word.starts_with(char::is_uppercase))
        .any(|word| !NO_NAMES.contains(&word.to_lowercase().as_str()))
}

/// Whether a question with this opening continues another one, whatever follows it.
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
    fn a_question_that_refers_to_the_one_before_takes_it_along() {
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
            assert_eq!(condense_question(&[FED], question), format!("{FED} {question}"));
        }
    }

    #[test]
    fn a_complete_question_is_not_changed() {
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
            assert_eq!(condense_question(&[FED], question), question);
        }
        assert_eq!(condense_question(&[], "And the ECB?"), "And the ECB?");
    }

    #[test]
    fn a_chain_of_follow_ups_is_followed_to_a_complete_question() {
        let earlier = ["When does the ferry sail?", FED, "And the ECB?"];
        assert_eq!(condense_question(&earlier, "Why?"), format!("{FED} And the ECB? Why?"));
    }

    #[test]
    fn long_questions_are_not_put_in_front() {
        let long = "a long story ".repeat(200);
        assert_eq!(condense_question(&[&long], "Why?"), "Why?");
    }

    proptest! {
        #[test]
        fn the_question_itself_always_comes_last(earlier: Vec<String>, question: String) {
            let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
            prop_assert!(condense_question(&earlier, &question).ends_with(question.trim()));
        }
    }
}
