//! Words that look like letters typed at random. They are judged by the keyboard and by pairs of letters, so a name in no
//! dictionary is not among them.

use crate::terms::fold;

/// How common each pair of letters is in words of seven languages that use the Latin alphabet, from 0 (never) to 9: the
/// logarithm of a count over 67,574 words. Rows are first letters from a to z, columns second letters; the last row is the
/// start of a word, the last column its end.
#[rustfmt::skip]
const PAIRS: [&[u8; 27]; 27] = [
    b"578756767568795748887654658",
    b"743373337327327307546220425",
    b"836372287066338336477111526",
    b"733583448425447326646441528",
    b"767876767468796759987656659",
    b"623176327126226206466121325",
    b"733383467346466317656132538",
    b"732383337135557226566240527",
    b"868786744468798667885734567",
    b"611150105110125101215000003",
    b"732272256135346205566230426",
    b"855685538158547523667532637",
    b"864483327134647703546230537",
    b"857886858465577444896543559",
    b"567656756467796748777665558",
    b"723274267127337617566120416",
    b"310010003000110010007010003",
    b"866795658266768546777652658",
    b"757485478256647744787350549",
    b"845394479246548408777351658",
    b"666675656457785638773535556",
    b"712280117013016104224100225",
    b"622263246123245104424020305",
    b"414051136002103511054203306",
    b"645562325035555504545222137",
    b"622361356024325212245140345",
    b"888888878677877858887775660",
];
/// The mean of its pairs below which a word looks random: 7 of 10,000 words of those languages and 40 to 60 % of random
/// strings are below it.
const RANDOM_BELOW: f32 = 5.0;
/// Shorter words have too few pairs.
const MIN_JUDGED: usize = 5;

const KEYS: &[&str] =
    &["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"];
/// A word of neighbouring keys that means something.
const NO_WALK: &[&str] = &["wert"];

/// How a word looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Word,
    /// Random beside a word that is.
    Unclear,
    Random,
}

/// Whether all words of a text look random.
pub(super) fn looks_random(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut any = false;
    for word in words {
        match look(word) {
            Look::Word => return false,
            Look::Unclear => {}
            Look::Random => any = true,
        }
    }
    any
}

fn look(word: &str) -> Look {
    let letters = fold(word);
    // Digits make a code of it, other alphabets have other pairs.
    if !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Look::Word;
    }
    let unit = unit_of(&letters);
    let walks = is_walk(&letters, 4) || (unit.len() < letters.len() && is_walk(unit, 2));
    if (walks && !NO_WALK.contains(&letters.as_str())) || (unit.len() == 1 && letters.len() > 3) {
        return Look::Random;
    }
    // A ticker or an abbreviation.
    if word.chars().all(char::is_uppercase) {
        return Look::Word;
    }
    if letters.len() >= MIN_JUDGED {
        return if mean_of_pairs(&letters) < RANDOM_BELOW { Look::Random } else { Look::Word };
    }
    let has_vowel = letters.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if is_walk(&letters, 3) || !has_vowel { Look::Unclear } else { Look::Word }
}

/// The shortest string of which `word` is a repetition.
fn unit_of(word: &str) -> &str {
    let lengths = (1..=word.len()).filter(|length| word.len().is_multiple_of(*length));
    let mut units = lengths.map(|length| &word[..length]);
    units.find(|unit| word.replace(unit, "").is_empty()).unwrap_or(word)
}

/// Whether `word` is `least` or more neighbouring keys of a row, in order.
fn is_walk(word: &str, least: usize) -> bool {
    let backwards: String = word.chars().rev().collect();
    word.len() >= least && KEYS.iter().any(|row| row.contains(word) || row.contains(&backwards))
}

fn mean_of_pairs(word: &str) -> f32 {
    let edge = PAIRS.len() - 1;
    let places = word.bytes().map(|byte| usize::from(byte - b'a')).chain([edge]);
    let (mut sum, mut before) = (0, edge);
    for place in places {
        sum += u32::from(PAIRS[before][place] - b'0');
        before = place;
    }
    sum as f32 / (word.len() + 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyboard_rows_and_impossible_pairs_look_random() {
        for text in
            ["asdf", "lkjhg", "asdasd", "sdfsdfsdf", "QWERTY", "qwertz", "zzzzz", "dfg asdf", "xkqjz", "bxvq jqzkw"]
        {
            assert!(looks_random(text), "{text}");
        }
    }

    #[test]
    fn names_and_words_of_many_languages_do_not() {
        for text in [
            "Wert",
            "papa",
            "Angstschweiss",
            "Kosciuszko",
            "Khrushchev",
            "Newsweek",
            "XKQJZ",
            "fghj2",
            "hmm",
            "dfg",
            "",
            "asdf budget",
            "Nguyễn",
            "日銀",
            "Zürich",
            "кцнг",
            "mama",
            "Bora Bora",
            "tsk",
        ] {
            assert!(!looks_random(text), "{text}");
        }
    }
}
