//! Facts about single characters that the standard library does not have: decimal values and invisibility.

/// The zeros of all scripts: Unicode 16 assigns general category Nd in runs of ten, from 0 to 9.
#[rustfmt::skip]
const ZEROS: [u32; 76] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
    0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0,
    0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// The ASCII digit with the value of `c`, if `c` is a decimal digit of any script.
pub(crate) fn ascii_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = u32::from(c);
    let run = ZEROS.partition_point(|zero| *zero <= code);
    let value = code - ZEROS[run.checked_sub(1)?];
    char::from_digit(value, 10)
}

/// Whether `c` is drawn as nothing and is no white space: zero-width spaces and joiners, soft hyphens, byte order marks,
/// bidirectional controls, variation selectors and Hangul fillers (Unicode's `Default_Ignorable_Code_Point`).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether `text` shows nothing: it has only white space and [invisible](is_invisible) characters.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_of_any_script_has_its_decimal_value() {
        for digits in [
            "0123456789",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
            "๐๑๒๓๔๕๖๗๘๙",
            "০১২৩৪৫৬৭৮৯",
            "０１２３４５６７８９",
            "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
        ] {
            assert_eq!(digits.chars().filter_map(ascii_digit).collect::<String>(), "0123456789", "{digits}");
        }
        for other in "a一五²½Ⅳ①٪/:\u{10FFFF}".chars() {
            assert_eq!(ascii_digit(other), None, "{other}");
        }
    }

    #[test]
    fn every_run_of_digits_in_the_table_is_numeric_and_the_table_is_sorted() {
        assert!(ZEROS.is_sorted());
        for (zero, next) in ZEROS.iter().zip(&ZEROS[1..]) {
            assert!(zero + 10 <= *next, "{zero:X}");
        }
        // The standard library knows which characters are numeric, though not their values.
        for zero in ZEROS.into_iter().filter(|zero| char::from_u32(*zero).is_some_and(char::is_numeric)) {
            assert!((zero..zero + 10).all(|code| char::from_u32(code).is_some_and(char::is_numeric)), "{zero:X}");
        }
    }

    #[test]
    fn a_text_of_invisible_characters_is_blank() {
        assert!(is_blank("") && is_blank(" \n\u{FEFF}\u{200B}\u{AD}\u{200F}"));
        assert!(!is_blank("\u{200B}.") && !is_blank("👩\u{200D}👩"));
    }
}
