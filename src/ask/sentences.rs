//! Whether two sentences say the same.

use std::collections::HashSet;

use crate::terms::fold;

/// Share of the longer sentence's bigrams that a near-duplicate has, at least.
const NEAR_DUPLICATE_FROM: f32 = 0.9;

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
