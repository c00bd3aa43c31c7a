//! Whether a text has a word of a list, in any script.

/// Whether a folded text has one of these folded words: one of an alphabet with small letters as a whole word, any other anywhere.
/// Other scripts write no spaces between words, or join words with particles.
pub(crate) fn mentions_one<'w>(folded: &str, words: impl IntoIterator<Item = &'w str>) -> bool {
    words.into_iter().any(|word| match is_of_small_letters(word) {
        true => whole(folded, word).next().is_some(),
        false => !word.is_empty() && folded.contains(word),
    })
}

/// Whether a word is one of an alphabet with small letters, folded.
pub(crate) fn is_of_small_letters(word: &str) -> bool {
    word.starts_with(char::is_lowercase)
}

/// Where a text has a word, or several with spaces between them, that are not part of longer ones.
pub(crate) fn whole(text: &str, word: &str) -> impl Iterator<Item = usize> {
    text.match_indices(word).filter_map(|(at, found)| {
        let (before, behind) = (&text[..at], &text[at + found.len()..]);
        let is_whole = !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric);
        (is_whole && !found.is_empty()).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_alphabet_are_whole_ones_and_others_stand_anywhere() {
        for (text, word) in [
            ("it is free.", "free"),
            ("free-standing", "free"),
            ("停车免费。", "免费"),
            ("nur zwei oder drei", "zwei oder drei"),
            ("요금은", "요금"),
            ("50%", "%"),
            ("freedom is free", "free"),
            ("стоит много", "много"),
        ] {
            assert!(mentions_one(text, [word]), "{word} in {text}");
        }
        for (text, word) in [
            ("freedom", "free"),
            ("carefree", "free"),
            ("free1", "free"),
            ("收费", "免费"),
            ("намного", "много"),
            ("", "free"),
            ("a", ""),
        ] {
            assert!(!mentions_one(text, [word]), "{word} in {text}");
        }
        assert!(mentions_one("an einem tag", ["zwei", "einem"]) && !mentions_one("an einem tag", []));
    }

    #[test]
    fn every_place_of_a_whole_word_is_told() {
        assert_eq!(whole("one stone, one bone; one", "one").collect::<Vec<_>>(), [0, 11, 21]);
        assert_eq!(whole("one", "").count(), 0);
    }
}
