//! What can be told of a sentence or a question from its words alone.

use std::collections::HashSet;

use crate::terms::fold;

/// Words at the start of a sentence that point to one before it, folded. Those of alphabets end where a word does.
const POINTING: &[&str] = &[
    "he",
    "she",
    "it",
    "they",
    "his",
    "her",
    "its",
    "their",
    "this",
    "these",
    "those",
    "such",
    "that",
    "the latter",
    "the former",
    "both",
    "however",
    "but",
    "and",
    "so",
    "therefore",
    "moreover",
    "instead",
    "er",
    "sie",
    "dieser",
    "diese",
    "dieses",
    "il",
    "elle",
    "ils",
    "elles",
    "este",
    "esta",
    "estos",
    "estas",
];
const POINTING_CHINESE: &[&str] = &[
    "他", "她", "它", "牠", "其", "此", "该", "这", "那", "前者", "后者", "两者", "二者", "但", "而", "因此", "所以",
    "不过", "然而", "并", "也", "则", "同时", "另外", "此外",
];
/// Two-character starts that `POINTING_CHINESE` would take for one of its own.
const NOT_POINTING: &[&str] =
    &["其中国", "其他", "其它", "此前", "那么", "他国", "而且", "也许", "也门", "并购", "但丁"];

/// Signs that a question asks for several things, folded.
const LIST: &[&str] = &[
    "哪些",
    "哪几",
    "列出",
    "列举",
    "有什么",
    "分别",
    "各是",
    "list",
    "which of",
    "what are",
    "who are",
    "name all",
    "name the",
    "all the",
    "どの",
    "welche",
    "cuales",
    "quels",
    "quelles",
];

/// Bigrams that two sentences share, as a part of all, from which on they say the same.
const ALIKE_FROM: f32 = 0.8;

/// Whether a sentence says what it says of something that only the sentence before it names.
pub(super) fn leans_on_the_one_before(sentence: &str) -> bool {
    let start = sentence.trim_start();
    if start.starts_with(['…', '⋯']) || start.starts_with("...") {
        return true;
    }
    let start: String =
        fold(start).chars().filter(|c| !matches!(c, '"' | '“' | '”' | '「' | '『' | '(')).take(24).collect();
    if NOT_POINTING.iter().any(|other| start.starts_with(other)) {
        return false;
    }
    POINTING_CHINESE.iter().any(|word| start.starts_with(word))
        || POINTING
            .iter()
            .any(|word| start.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| !c.is_alphanumeric())))
}

/// Whether a sentence is a question.
pub(super) fn asks_something(sentence: &str) -> bool {
    let end = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '?' | '？' | '؟'));
    end.ends_with(['?', '？', '؟'])
}

/// Whether a question asks for several things, so that one document may give many of them.
pub(super) fn asks_for_a_list(question: &str) -> bool {
    let folded = fold(question);
    LIST.iter().any(|sign| folded.contains(sign))
}

/// Whether two sentences differ in nothing but punctuation, white space and case.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    letters(a) == letters(b)
}

/// Whether two sentences say the same in nearly the same words.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let (a, b) = (pairs(a), pairs(b));
    let shared = a.intersection(&b).count();
    let all = a.len() + b.len() - shared;
    all == 0 || shared as f32 / all as f32 >= ALIKE_FROM
}

/// Every pair of neighbouring letters or digits, folded.
fn pairs(text: &str) -> HashSet<(char, char)> {
    let letters: Vec<char> = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    match letters.as_slice() {
        [one] => HashSet::from([(*one, *one)]),
        many => many.windows(2).map(|pair| (pair[0], pair[1])).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_points_back_leans_on_the_one_before() {
        for sentence in
            ["他預期降息三次。", "這是今年首次。", "She sees two cuts.", "……其後又降。", "“It fell.”", "該公司表示"]
        {
            assert!(leans_on_the_one_before(sentence), "{sentence}");
        }
        for sentence in
            ["陸以寧預期降息三次。", "其他銀行並未跟進。", "Items fell.", "Thesis: rates fall.", "", "此前它上漲"]
        {
            assert!(!leans_on_the_one_before(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_question_is_told_by_the_mark_at_its_end() {
        for question in ["誰？", "那你想用什麼來取代它?”", "Why?)", "لماذا؟"] {
            assert!(asks_something(question), "{question}");
        }
        for statement in ["誰?他說。", "It fell.", "", "。"] {
            assert!(!asks_something(statement), "{statement}");
        }
    }

    #[test]
    fn a_question_for_several_things_is_told_from_one_for_a_single_thing() {
        for question in ["有哪些銀行預期降息?", "List the banks", "What are the risks?"] {
            assert!(asks_for_a_list(question), "{question}");
        }
        for question in ["誰預期降息?", "Who expects a cut?"] {
            assert!(!asks_for_a_list(question), "{question}");
        }
    }

    #[test]
    fn sentences_are_alike_but_for_script_punctuation_and_a_word_or_two() {
        assert!(alike("聯準會將降息兩次。", "联准会将降息两次"));
        assert!(alike(
            "The Fed will cut rates twice in 2026, he said.",
            "the fed will cut rates twice in 2026 he said"
        ));
        assert!(!alike("聯準會將降息兩次。", "聯準會將升息兩次。"));
        assert!(!alike("One", "Two"));
    }
}
