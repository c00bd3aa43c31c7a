//! Folding: one spelling for texts that read the same, whatever their width, case, accents, digits or Chinese script.

use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::characters::{ascii_digit, is_invisible};

/// The blocks with the Han characters that have a simplified form.
const HAN: std::ops::RangeInclusive<char> = '\u{3400}'..='\u{9FFF}';

/// Folds `text`: NFKC, lower case, Latin letters without marks, digits of every script as ASCII digits, Chinese in
/// Simplified characters, and no invisible characters.
///
/// Chinese is converted character by character. A conversion by phrases would fold the same word differently in
/// different contexts.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let ahead = &rest[c.len_utf8()..];
        let stands_alone = ahead.chars().next().is_none_or(|next| plain(next).is_some());
        if let Some(c) = plain(c).filter(|_| stands_alone) {
            folded.push(c);
            rest = ahead;
        } else {
            let end = ahead.find(|c| plain(c).is_some()).map_or(rest.len(), |at| c.len_utf8() + at);
            fold_any(&rest[..end], &mut folded);
            rest = &rest[end..];
        }
    }
    folded
}

/// What a plain character becomes: nothing before it and no other plain character behind it changes that. `None` for others.
/// Nearly all text is plain, and this is several times as fast.
fn plain(c: char) -> Option<char> {
    match c {
        '\0'..='\u{7F}' => Some(c.to_ascii_lowercase()),
        _ if HAN.contains(&c) => Some(simplified(c)),
        // Punctuation, kana and Hangul syllables.
        '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}' => {
            Some(c)
        }
        '\u{AC00}'..='\u{D7A3}' => Some(c),
        // ASCII of full width.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).map(|c| c.to_ascii_lowercase()),
        _ => None,
    }
}

/// Folds any text.
fn fold_any(text: &str, folded: &mut String) {
    // Invisible characters go first: one between a letter and its accent would keep NFKC from composing them.
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let mut is_after_latin = false;
    for c in visible.nfkc().flat_map(char::to_lowercase) {
        if !is_combining_mark(c) {
            is_after_latin = c.is_ascii_alphabetic() || matches!(c, '\u{80}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
        }
        match c {
            '\0'..='\u{7F}' => folded.push(c),
            '\u{300}'..='\u{36F}' if is_after_latin => {}
            '\u{80}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => decompose_canonical(c, |part| {
                if !is_combining_mark(part) {
                    folded.push(part);
                }
            }),
            _ if HAN.contains(&c) => folded.push(simplified(c)),
            // The decimal and thousands separators of Arabic script.
            '٫' => folded.push('.'),
            '٬' => folded.push(','),
            _ => folded.push(ascii_digit(c).unwrap_or(c)),
        }
    }
}

fn simplified(c: char) -> char {
    static TABLE: OnceLock<Vec<char>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let Ok(opencc) = OpenCC::from_config(BuiltinConfig::T2s) else { return HAN.collect() };
        // One character a line, so that OpenCC finds no phrases.
        let lines: String = HAN.flat_map(|c| [c, '\n']).collect();
        let converted = opencc.convert(&lines);
        HAN.zip(converted.lines()).map(|(c, line)| line.chars().next().unwrap_or(c)).collect()
    });
    table.get(c as usize - *HAN.start() as usize).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_characters_fold_alone_as_among_others(
            text in "\\PC{0,30}|([a-eA-EéÅßİıſ聯准か。，Ａ１ \u{304C}\u{30AC}\u{FF9E}\u{1100}\u{AC01}\u{11A8}\u{301}\u{308}\u{3099}\u{1161}\u{200B}\u{FE00}\u{344}٣٫]){0,20}"
        ) {
            let mut whole = String::new();
            fold_any(&text, &mut whole);
            prop_assert_eq!(fold(&text), whole);
        }
    }

    #[test]
    fn every_character_folds_alone_as_among_others() {
        for c in '\0'..=char::MAX {
            for text in [format!("{c}"), format!("a{c}"), format!("{c}\u{301}"), format!("か{c}聯")] {
                let mut whole = String::new();
                fold_any(&text, &mut whole);
                assert_eq!(fold(&text), whole, "{text:?}");
            }
        }
    }

    #[test]
    fn texts_that_read_the_same_are_spelt_the_same() {
        assert_eq!(fold("聯準會"), "联准会");
        assert_eq!(fold("聯准會"), "联准会");
        assert_eq!(fold("ＡＩ\u{A0}Ｃafé Ångström"), "ai cafe angstrom");
        assert_eq!(fold("ガ ㌔"), "ガ キロ");
    }

    #[test]
    fn a_number_is_the_same_in_the_digits_of_every_script() {
        for number in ["350", "３５０", "٣٥٠", "۳۵۰", "३५०", "๓๕๐", "𝟛𝟝𝟘"] {
            assert_eq!(fold(number), "350", "{number}");
        }
        assert_eq!(fold("٣٫٥ ١٬٠٠٠"), "3.5 1,000");
    }

    #[test]
    fn decomposed_letters_and_invisible_characters_do_not_change_a_word() {
        for word in ["Zürich", "Zu\u{308}rich", "Zü\u{AD}rich", "\u{FEFF}Zu\u{200B}\u{308}rich\u{200F}"] {
            assert_eq!(fold(word), "zurich", "{word:?}");
        }
        assert_eq!(fold("ガ"), fold("カ\u{3099}"));
        assert_eq!(fold("각"), fold("\u{1100}\u{1161}\u{11A8}"));
        assert_eq!(fold("聯\u{200B}準\u{FE00}會"), "联准会");
    }
}
