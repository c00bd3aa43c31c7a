//! One spelling for what reads the same: width, case, accents, Traditional and Simplified Chinese.

use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// The Han characters that have a simplified form lie in these blocks.
const HAN: std::ops::RangeInclusive<char> = '\u{3400}'..='\u{9FFF}';

/// The text in NFKC, in lower case, Latin letters without their marks, Chinese in Simplified characters.
///
/// Chinese is converted character by character: a conversion that looks at phrases would fold the same word
/// differently in different company.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase) {
        match c {
            '\0'..='\u{7F}' => folded.push(c),
            '\u{300}'..='\u{36F}' if folded.ends_with(|last: char| last.is_ascii_alphabetic()) => {}
            '\u{80}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => decompose_canonical(c, |part| {
                if !is_combining_mark(part) {
                    folded.push(part);
                }
            }),
            _ if HAN.contains(&c) => folded.push(simplified(c)),
            _ => folded.push(c),
        }
    }
    folded
}

fn simplified(c: char) -> char {
    static TABLE: OnceLock<Vec<char>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let Ok(opencc) = OpenCC::from_config(BuiltinConfig::T2s) else { return HAN.collect() };
        // Line breaks keep the characters from being read as phrases.
        let lines: String = HAN.flat_map(|c| [c, '\n']).collect();
        let converted = opencc.convert(&lines);
        HAN.zip(converted.lines()).map(|(c, line)| line.chars().next().unwrap_or(c)).collect()
    });
    table.get(c as usize - *HAN.start() as usize).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_is_spelt_the_same() {
        assert_eq!(fold("聯準會"), "联准会");
        assert_eq!(fold("聯准會"), "联准会");
        assert_eq!(fold("ＡＩ\u{A0}Ｃafé Ångström"), "ai cafe angstrom");
        assert_eq!(fold("ガ ㌔"), "ガ キロ");
    }
}
