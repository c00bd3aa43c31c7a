//! Writes the numbers of list items and notes in the numerals of many scripts.

/// A way to write a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Numerals {
    #[default]
    Decimal,
    /// `01`, `02`.
    DecimalZero,
    DecimalFullWidth,
    /// `①`, up to 20.
    Circled,
    LowerRoman,
    UpperRoman,
    LowerLetter,
    UpperLetter,
    /// `一`, `十二`, `一百零五`.
    Han,
    /// `壹`, `拾貳`: as on cheques.
    HanFormal,
    /// Digit by digit: `一二`.
    HanDigits,
    /// `甲`, `乙`.
    Stems,
    /// `子`, `丑`.
    Branches,
    /// `가`, `나`.
    Ganada,
    /// `ア`, `イ`.
    Aiueo,
    /// `イ`, `ロ`.
    Iroha,
}

impl Numerals {
    /// A number, which is written in decimal where these numerals end.
    pub(super) fn write(self, number: u32) -> String {
        let written = match self {
            Self::Decimal => None,
            Self::DecimalZero => Some(format!("{number:02}")),
            Self::DecimalFullWidth => Some(number.to_string().chars().map(full_width).collect()),
            Self::Circled => (1..=20).contains(&number).then(|| char::from_u32(0x245F + number).into_iter().collect()),
            Self::LowerRoman => roman(number).map(|text| text.to_lowercase()),
            Self::UpperRoman => roman(number),
            Self::LowerLetter => letters(number, b'a'),
            Self::UpperLetter => letters(number, b'A'),
            Self::Han => han(number, "〇一二三四五六七八九", ["", "十", "百", "千"], "零"),
            Self::HanFormal => han(number, "零壹貳參肆伍陸柒捌玖", ["", "拾", "佰", "仟"], "零"),
            Self::HanDigits => {
                Some(number.to_string().chars().map(|digit| han_digit(digit, "〇一二三四五六七八九")).collect())
            }
            Self::Stems => nth(number, "甲乙丙丁戊己庚辛壬癸"),
            Self::Branches => nth(number, "子丑寅卯辰巳午未申酉戌亥"),
            Self::Ganada => nth(number, "가나다라마바사아자차카타파하"),
            Self::Aiueo => nth(
                number,
                "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
            ),
            Self::Iroha => nth(
                number,
                "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス",
            ),
        };
        written.unwrap_or_else(|| number.to_string())
    }
}

fn full_width(digit: char) -> char {
    char::from_u32(digit as u32 - u32::from(b'0') + 0xFF10).unwrap_or(digit)
}

fn nth(number: u32, signs: &str) -> Option<String> {
    signs.chars().nth(number.checked_sub(1)? as usize).map(String::from)
}

fn han_digit(digit: char, digits: &str) -> char {
    digit.to_digit(10).and_then(|value| digits.chars().nth(value as usize)).unwrap_or(digit)
}

fn roman(mut number: u32) -> Option<String> {
    const VALUES: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4000).contains(&number) {
        return None;
    }
    let mut text = String::new();
    for (value, sign) in VALUES {
        while number >= value {
            number -= value;
            text.push_str(sign);
        }
    }
    Some(text)
}

/// `a` to `z`, then `aa`, `bb`.
fn letters(number: u32, first: u8) -> Option<String> {
    let position = number.checked_sub(1)?;
    let letter = char::from(first + (position % 26) as u8);
    (position < 26 * 20).then(|| std::iter::repeat_n(letter, position as usize / 26 + 1).collect())
}

/// Chinese numerals below ten thousand.
fn han(number: u32, digits: &str, units: [&str; 4], zero: &str) -> Option<String> {
    if !(1..10_000).contains(&number) {
        return None;
    }
    let decimal = number.to_string();
    let mut text = String::new();
    let mut skipped = false;
    for (place, digit) in (0..decimal.len()).rev().zip(decimal.chars()) {
        if digit == '0' {
            skipped = true;
            continue;
        }
        if skipped {
            text.push_str(zero);
            skipped = false;
        }
        // Twelve is ten-two, not one-ten-two.
        if !(digit == '1' && place == 1 && text.is_empty()) {
            text.push(han_digit(digit, digits));
        }
        text.push_str(units[place]);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_script_writes_them() {
        let cases = [
            (Numerals::Decimal, 12, "12"),
            (Numerals::DecimalZero, 3, "03"),
            (Numerals::DecimalFullWidth, 12, "１２"),
            (Numerals::Circled, 3, "③"),
            (Numerals::Circled, 21, "21"),
            (Numerals::LowerRoman, 1994, "mcmxciv"),
            (Numerals::UpperLetter, 27, "AA"),
            (Numerals::Han, 3, "三"),
            (Numerals::Han, 10, "十"),
            (Numerals::Han, 12, "十二"),
            (Numerals::Han, 20, "二十"),
            (Numerals::Han, 105, "一百零五"),
            (Numerals::Han, 2026, "二千零二十六"),
            (Numerals::HanDigits, 105, "一〇五"),
            (Numerals::HanFormal, 3, "參"),
            (Numerals::Stems, 2, "乙"),
            (Numerals::Ganada, 3, "다"),
            (Numerals::Iroha, 2, "ロ"),
            (Numerals::Stems, 0, "0"),
            (Numerals::UpperRoman, u32::MAX, "4294967295"),
        ];
        for (numerals, number, expected) in cases {
            assert_eq!(numerals.write(number), expected, "{numerals:?}");
        }
    }
}
