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
    "不过", "然而", "并且", "也", "则", "同时", "另外", "此外",
];
/// Starts that `POINTING_CHINESE` would take for one of its own.
pub(super) const NOT_POINTING: &[&str] = &[
    "其他",
    "其它",
    "其实",
    "其余",
    "其中国",
    "此前",
    "他国",
    "他信",
    "也许",
    "也门",
    "但丁",
    "那斯达克",
    "那不勒斯",
    "那年",
    "这年",
    "则天",
];

/// Words that tell that a question asks for several things, folded.
const LIST: &[&str] = &[
    "list", "which of", "what are", "who are", "name all", "name the", "all the", "welche", "cuales", "quels",
    "quelles",
];
const LIST_CHINESE: &[&str] = &["哪些", "哪几", "列出", "列举", "有什么", "分别", "各是"];

/// Bigrams that two sentences share, as a part of all, from which on they say nearly the same.
const ALIKE_FROM: f32 = 0.9;

/// Whether a sentence says what it says of something that only the sentence before it names.
pub(super) fn leans_on_the_one_before(sentence: &str) -> bool {
    let start = sentence.trim_start();
    if start.starts_with(['…', '⋯']) || start.starts_with("...") {
        return true;
    }
    // A first word in capitals is a name: "IT spending", not "it".
    let first_word = start.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if first_word.chars().count() > 1 && first_word.chars().all(|c| c.is_ascii_uppercase()) {
        return false;
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
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let spaced = format!(" {} ", words.join(" "));
    let has = |words: &&str| spaced.contains(&format!(" {words} "));
    LIST.iter().any(has) || LIST_CHINESE.iter().any(|sign| folded.contains(sign))
}

/// Whether two sentences differ in nothing but punctuation, white space, script and case.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    let letters = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    letters(a) == letters(b) && numbers(a) == numbers(b)
}

/// Whether one sentence says what another says, with some words more at most. Sentences that differ in a number, in who
/// says so, or in a "not", differ in what they say however alike they look.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let (longer, shorter) = (pairs(a), pairs(b));
    let (shorter, longer) = if longer.len() < shorter.len() { (longer, shorter) } else { (shorter, longer) };
    let all_there = shorter.is_subset(&longer);
    all_there && shorter.len() as f32 >= ALIKE_FROM * longer.len() as f32 && numbers(a) == numbers(b)
}

/// The numbers in a text with their signs, points and units of a hundred.
fn numbers(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '−' | '%');
    let folded = fold(text).replace(',', "");
    let parts = folded.split(|c| !is_part(c)).map(|part| part.trim_end_matches(['.', '-', '−']));
    parts.filter(|part| part.contains(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
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
        for sentence in [
            "他預期降息三次。",
            "這是今年首次。",
            "She sees two cuts.",
            "……其後又降。",
            "“It fell.”",
            "該公司表示",
            "並且又降。",
        ] {
            assert!(leans_on_the_one_before(sentence), "{sentence}");
        }
        for sentence in [
            "陸以寧預期降息三次。",
            "其他銀行並未跟進。",
            "Items fell.",
            "Thesis: rates fall.",
            "",
            "此前它上漲",
            "那斯達克指數收高。",
            "其實不然。",
            "IT spending rose.",
        ] {
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
        for question in ["誰預期降息?", "Who expects a cut?", "Which specialist called theirs?"] {
            assert!(!asks_for_a_list(question), "{question}");
        }
    }

    #[test]
    fn sentences_are_alike_where_one_only_adds_a_word_or_two() {
        let long = "The Fed will cut rates twice in 2026, said the bank's chief economist on Monday";
        assert!(alike(long, &format!("{long} morning.")));
        assert!(alike("聯準會將降息兩次。", "联准会将降息两次"));
        for (one, other) in [
            (
                "高盛認為聯準會今年將會降息三次,每次一碼,時間在春天",
                "高盛認為聯準會今年將會降息兩次,每次一碼,時間在春天",
            ),
            ("市場認為聯準會在今年將會升息一碼", "市場認為聯準會在今年將會降息一碼"),
            ("The Fed will cut rates twice in 2026, said he", "The Fed will not cut rates twice in 2026, said he"),
            ("Deutsche expects the Fed to cut in March 2026", "Barclays expects the Fed to cut in March 2026"),
            (long, &long.replace("2026", "2027")),
        ] {
            assert!(!alike(one, other), "{one} | {other}");
        }
    }

    #[test]
    fn the_same_words_with_other_numbers_are_not_the_same() {
        assert!(same_words("The Fed cuts.", "the fed cuts") && same_words("聯準會降息", "联准会降息。"));
        assert!(same_words("up 1,000 points", "Up 1000 points."));
        for (one, other) in [("rose 1.5%", "rose 15%"), ("it was -5%", "it was 5%"), ("One", "Two")] {
            assert!(!same_words(one, other), "{one} | {other}");
        }
    }
}
