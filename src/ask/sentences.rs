//! Properties of a sentence or a question that its words alone show.

use std::collections::HashSet;

use crate::terms::fold;
use crate::terms::language::{is_han, is_kana};

/// Words at the start of a sentence that refer to one before it, folded; here of languages with spaces between words.
const REFERRING: &[&str] = &[
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
const REFERRING_CHINESE: &[&str] = &[
    "他", "她", "它", "牠", "其", "此", "该", "这", "那", "前者", "后者", "两者", "二者", "但", "而", "因此", "所以",
    "不过", "然而", "并且", "也", "则", "同时", "另外", "此外",
];
/// Words that begin like one of `REFERRING_CHINESE` and refer to nothing.
pub(super) const NOT_REFERRING: &[&str] = &[
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

/// Share of the longer sentence's bigrams that a near-duplicate has, at least.
const NEAR_DUPLICATE_FROM: f32 = 0.9;

/// Whether a sentence is about something that only the sentence before it names: "She sees two cuts."
pub(super) fn refers_to_the_one_before(sentence: &str) -> bool {
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
    if NOT_REFERRING.iter().any(|other| start.starts_with(other)) {
        return false;
    }
    REFERRING_CHINESE.iter().any(|word| start.starts_with(word))
        || REFERRING
            .iter()
            .any(|word| start.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| !c.is_alphanumeric())))
}

/// Whether a sentence is a question.
pub(super) fn asks_something(sentence: &str) -> bool {
    let end = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '?' | '？' | '؟'));
    end.ends_with(['?', '？', '؟'])
}

/// The most words of a label besides its number.
const LABEL_WORDS: usize = 3;
/// The same in writing without spaces, in characters.
const LABEL_CHARS: usize = 6;
/// Words that number what follows them, folded.
const NUMBERING: &[&str] =
    &["article", "art", "section", "sec", "clause", "paragraph", "artikel", "absatz", "no", "nr", "step"];

/// Whether a sentence only names what the next one says: "§ 4 Deposit.", "Article 12.", "第四條 押金。"
pub(super) fn is_label(sentence: &str) -> bool {
    let sentence = sentence.trim();
    let ends = sentence.ends_with(['.', ':', '。', '：']);
    let folded = fold(sentence);
    let is_unspaced = |c: char| is_han(c) || is_kana(c);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let numbers = |word: &&&str| is_number(word) || NUMBERING.contains(word);
    let numbering = words.iter().take_while(numbers).count();
    if folded.contains(is_unspaced) {
        let text = numbered_behind(&folded);
        let chars = text.unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).count();
        return ends && text.is_some() && chars <= LABEL_CHARS;
    }
    let first = sentence.split_whitespace().next().unwrap_or_default();
    // "12 people" is a number of them.
    let is_numbered = first.starts_with('§')
        || first.starts_with(|c: char| c.is_ascii_digit()) && first.contains(['.', ')'])
        || words.first().is_some_and(|word| NUMBERING.contains(word)) && numbering > 1;
    let rest = &words[numbering..];
    ends && is_numbered && rest.len() <= LABEL_WORDS && !rest.iter().any(|word| is_number(word))
}

/// What stands behind 第…條, 第…章 and their like, folded; `None` if a text does not begin with one.
fn numbered_behind(folded: &str) -> Option<&str> {
    let rest = folded.trim_start().strip_prefix('第')?;
    let number = rest.find(|c: char| !(c.is_ascii_digit() || "一二三四五六七八九十百零〇 ".contains(c)))?;
    rest[number..].strip_prefix(['条', '章', '节', '项', '款', '点']).filter(|_| number > 0)
}

/// Whether two sentences differ only in punctuation, white space, script or case.
pub(super) fn is_duplicate(a: &str, b: &str) -> bool {
    words_of(a) == words_of(b)
}

/// What two texts have in common that differ in nothing but white space, punctuation, case and script: their letters, and
/// their numbers.
pub(super) fn words_of(text: &str) -> String {
    let letters: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    letters + "\n" + &numbers(text).join(" ")
}

/// Whether one sentence is the other with a few more words. Sentences that differ in a number, a name or a "not" are no
/// duplicates, however many words they share.
pub(super) fn is_near_duplicate(a: &str, b: &str) -> bool {
    let (longer, shorter) = (pairs(a), pairs(b));
    let (shorter, longer) = if longer.len() < shorter.len() { (longer, shorter) } else { (shorter, longer) };
    let contained = shorter.is_subset(&longer);
    contained && shorter.len() as f32 >= NEAR_DUPLICATE_FROM * longer.len() as f32 && numbers(a) == numbers(b)
}

/// The numbers in a text with their signs, decimal points and percent signs.
fn numbers(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '−' | '%');
    let folded = fold(text).replace(',', "");
    let parts = folded.split(|c| !is_part(c)).map(|part| part.trim_end_matches(['.', '-', '−']));
    parts.filter(|part| part.contains(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// All pairs of neighbouring letters or digits, folded.
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
    fn a_label_names_what_the_next_sentence_says() {
        for label in ["§ 4 Deposit.", "Article 12.", "Art. 5 Use of rooms:", "2.1 Scope.", "第四條 押金。", "第12条："]
        {
            assert!(is_label(label), "{label}");
        }
        for sentence in [
            "12 people came.",
            "It rose.",
            "§ 4 The tenants pay a deposit of 2,940 euros.",
            "Deposit",
            "第四條規定押金不得超過兩個月。",
            "第一次開會。",
            "",
        ] {
            assert!(!is_label(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_sentence_that_points_back_refers_to_the_one_before() {
        for sentence in [
            "他預期降息三次。",
            "這是今年首次。",
            "She sees two cuts.",
            "……其後又降。",
            "“It fell.”",
            "該公司表示",
            "並且又降。",
        ] {
            assert!(refers_to_the_one_before(sentence), "{sentence}");
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
            assert!(!refers_to_the_one_before(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_question_ends_with_a_question_mark() {
        for question in ["誰？", "那你想用什麼來取代它?”", "Why?)", "لماذا؟"] {
            assert!(asks_something(question), "{question}");
        }
        for statement in ["誰?他說。", "It fell.", "", "。"] {
            assert!(!asks_something(statement), "{statement}");
        }
    }

    #[test]
    fn a_sentence_with_a_word_or_two_more_is_a_near_duplicate() {
        let long = "The Fed will cut rates twice in 2026, said the bank's chief economist on Monday";
        assert!(is_near_duplicate(long, &format!("{long} morning.")));
        assert!(is_near_duplicate("聯準會將降息兩次。", "联准会将降息两次"));
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
            assert!(!is_near_duplicate(one, other), "{one} | {other}");
        }
    }

    #[test]
    fn the_same_words_with_other_numbers_are_not_the_same() {
        assert!(is_duplicate("The Fed cuts.", "the fed cuts") && is_duplicate("聯準會降息", "联准会降息。"));
        assert!(is_duplicate("up 1,000 points", "Up 1000 points."));
        for (one, other) in [("rose 1.5%", "rose 15%"), ("it was -5%", "it was 5%"), ("One", "Two")] {
            assert!(!is_duplicate(one, other), "{one} | {other}");
        }
    }
}
