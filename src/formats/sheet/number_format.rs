//! Shows numbers as the number format of a cell shows them: `0.0375` with `0.00%` is `3.75%`.

use super::date_format::{self, DateFormat};

/// A number format, read from its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum NumberFormat {
    #[default]
    General,
    Date(DateFormat),
    /// For positive numbers, negative ones and zero.
    Numbers(Vec<Section>),
}

/// How numbers of one sign are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Section {
    pieces: Vec<Piece>,
    /// Places after the decimal point: those always shown, and all.
    decimals: (usize, usize),
    grouped: bool,
    /// Each divides by a thousand.
    scale: i32,
    percents: i32,
    scientific: bool,
    /// Shows the number in its general form, or as a fraction, which is shown so.
    general: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// A place of the integer part, which is always shown if `true`.
    Digit(bool),
    /// The decimal point with all places after it.
    Decimals,
}

impl NumberFormat {
    /// The format of a code such as `#,##0.00;[Red]-#,##0.00`.
    pub(super) fn new(code: &str) -> Self {
        if code.trim().is_empty() || code.eq_ignore_ascii_case("general") || code == "@" {
            return Self::General;
        }
        let sections = split(code);
        if let Some(date) = sections.first().and_then(|section| DateFormat::new(section)) {
            return Self::Date(date);
        }
        Self::Numbers(sections.iter().take(3).map(|section| Section::new(section)).collect())
    }

    /// The format of a built-in number. Dates that look different in each country are shown as ISO 8601 has them.
    pub(super) fn built_in(id: u32) -> Self {
        Self::new(match id {
            1 => "0",
            2 => "0.00",
            3 | 37 | 38 | 41 | 42 => "#,##0",
            4 | 39 | 40 | 43 | 44 => "#,##0.00",
            9 => "0%",
            10 => "0.00%",
            11 | 48 => "0.00E+00",
            14 | 27..=31 | 36 | 50..=54 | 57 | 58 => "yyyy-mm-dd",
            15 => "d-mmm-yy",
            16 => "d-mmm",
            17 => "mmm-yy",
            18 => "h:mm AM/PM",
            19 => "h:mm:ss AM/PM",
            20 | 32 | 55 => "h:mm",
            21 | 33 | 34 | 35 | 56 => "h:mm:ss",
            22 => "yyyy-mm-dd h:mm",
            45 | 47 => "mm:ss",
            46 => "[h]:mm:ss",
            _ => "General",
        })
    }

    /// A number as shown.
    pub(super) fn show(&self, value: f64, from_1904: bool) -> String {
        if !value.is_finite() {
            return String::new();
        }
        match self {
            Self::General => general(value),
            Self::Date(format) => format.show(value, from_1904).unwrap_or_else(|| general(value)),
            Self::Numbers(sections) => {
                let own = match sections.len() {
                    3.. if value == 0.0 => sections.get(2),
                    2.. if value < 0.0 => sections.get(1),
                    _ => None,
                };
                match own {
                    Some(section) => section.show(value.abs()),
                    None => sections.first().map_or_else(|| general(value), |section| section.show(value)),
                }
            }
        }
    }
}

/// The sections of a code, which are separated by `;` outside of quotation marks.
fn split(code: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut characters = code.chars();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        if character == ';' && !quoted {
            sections.push(String::new());
            continue;
        }
        quoted ^= character == '"';
        if let Some(section) = sections.last_mut() {
            section.push(character);
            if character == '\\' {
                section.extend(characters.next());
            }
        }
    }
    sections
}

/// A number without a format, to fifteen significant digits.
pub(super) fn general(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-10.0..16.0).contains(&magnitude) {
        return format!("{value:E}");
    }
    let decimals = (14.0 - magnitude).clamp(0.0, 20.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

impl Section {
    fn new(code: &str) -> Self {
        let mut section = Self::default();
        let mut characters = code.chars().peekable();
        let mut in_decimals = false;
        while let Some(character) = characters.next() {
            match character {
                '"' => section.literal(&characters.by_ref().take_while(|&c| c != '"').collect::<String>()),
                '\\' => section.literal(&characters.next().into_iter().collect::<String>()),
                // A space as wide as the next character; the next character, repeated.
                '_' => {
                    characters.next();
                    section.literal(" ");
                }
                '*' => drop(characters.next()),
                '[' => {
                    let inside: String = characters.by_ref().take_while(|&c| c != ']').collect();
                    section.literal(date_format::currency(&inside));
                }
                '0' | '#' | '?' if in_decimals => {
                    section.decimals.1 += 1;
                    if character == '0' {
                        section.decimals.0 = section.decimals.1;
                    }
                }
                '0' | '#' | '?' => section.pieces.push(Piece::Digit(character == '0')),
                '.' => {
                    in_decimals = true;
                    section.pieces.push(Piece::Decimals);
                }
                ',' => match characters.peek() {
                    Some('0' | '#' | '?') => section.grouped = true,
                    _ if section.has_digits() => section.scale += 1,
                    _ => {}
                },
                '%' => {
                    section.percents += 1;
                    section.literal("%");
                }
                'E' | 'e' if matches!(characters.peek(), Some('+' | '-')) => {
                    section.scientific = true;
                    while characters.next_if(|c| matches!(c, '+' | '-' | '0' | '#' | '?')).is_some() {}
                }
                '/' if section.has_digits() => section.general = true,
                '@' => section.general = true,
                'G' if characters.clone().take(6).eq("eneral".chars()) => {
                    characters.by_ref().take(6).for_each(drop);
                    section.general = true;
                    section.pieces.push(Piece::Digit(false));
                }
                other => section.literal(other.encode_utf8(&mut [0; 4])),
            }
        }
        section
    }

    fn has_digits(&self) -> bool {
        self.pieces.iter().any(|piece| !matches!(piece, Piece::Literal(_)))
    }

    fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    fn show(&self, value: f64) -> String {
        if self.general && !self.pieces.iter().any(|piece| matches!(piece, Piece::Literal(_))) {
            return general(value);
        }
        let value = value * 100_f64.powi(self.percents.min(4)) / 1000_f64.powi(self.scale.min(8));
        let number = if self.general {
            general(value.abs())
        } else if self.scientific {
            scientific(value.abs(), self.decimals.1)
        } else {
            trimmed(format!("{:.*}", self.decimals.1.min(30), value.abs()), self.decimals.0)
        };
        let (integer, fraction) = match number.split_once(['.', 'E']) {
            Some((integer, _)) => number.split_at(integer.len()),
            None => (number.as_str(), ""),
        };
        let negative = value < 0.0 && number.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        let mut text = String::from(if negative { "-" } else { "" });
        let mut digits = self.digits(integer).into_iter();
        let mut fraction = Some(fraction);
        for (position, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Digit(_) => text.extend(digits.next()),
                Piece::Decimals => text.extend(fraction.take()),
            }
            let last = !self.pieces[position + 1..].iter().any(|piece| !matches!(piece, Piece::Literal(_)));
            if last && !matches!(piece, Piece::Literal(_)) {
                text.extend(digits.by_ref());
                text.extend(fraction.take());
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The digits of the integer part for each of its places; the first place takes what is left over.
    fn digits(&self, integer: &str) -> Vec<String> {
        let places: Vec<bool> = self
            .pieces
            .iter()
            .filter_map(|piece| if let Piece::Digit(shown) = piece { Some(*shown) } else { None })
            .collect();
        let integer = if integer == "0" && !self.general { "" } else { integer };
        let required = places.iter().position(|&shown| shown).map_or(0, |first| places.len() - first);
        let mut digits: Vec<char> = integer.chars().collect();
        while digits.len() < required.min(64) {
            digits.insert(0, '0');
        }
        let mut marked: Vec<String> = Vec::with_capacity(digits.len());
        for (position, digit) in digits.iter().enumerate() {
            let left = digits.len() - position - 1;
            let comma = self.grouped && left > 0 && left.is_multiple_of(3) && digit.is_ascii_digit();
            marked.push(if comma { format!("{digit},") } else { digit.to_string() });
        }
        let over = marked.len().saturating_sub(places.len());
        let mut placed: Vec<String> = vec![String::new(); places.len().saturating_sub(marked.len())];
        let mut rest = marked.split_off(over.min(marked.len()));
        if over > 0
            && let Some(first) = rest.first_mut()
        {
            first.insert_str(0, &marked.concat());
        }
        placed.append(&mut rest);
        if placed.is_empty() && over > 0 {
            placed.push(marked.concat());
        }
        placed
    }
}

/// Drops zeros at the end, but for the places that are always shown.
fn trimmed(mut number: String, shown: usize) -> String {
    if let Some(point) = number.find('.') {
        while number.len() > point + 1 + shown && number.ends_with('0') {
            number.pop();
        }
        if number.ends_with('.') {
            number.pop();
        }
    }
    number
}

/// `1.50E+03`.
fn scientific(value: f64, decimals: usize) -> String {
    let text = format!("{value:.*E}", decimals.min(30));
    match text.split_once('E') {
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            format!("{digits}E{sign}{exponent:0>2}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_shown_as_their_format_says() {
        let cases = [
            (0.0375, "0.00%", "3.75%"),
            (0.5, "0%", "50%"),
            (1_234_567.891, "#,##0.00", "1,234,567.89"),
            (1_234.0, "#,##0", "1,234"),
            (123.0, "#,##0", "123"),
            (-1_234.5, "#,##0.0;(#,##0.0)", "(1,234.5)"),
            (-5.0, "#,##0_);[Red]-#,##0", "-5"),
            (-5.0, "0.0", "-5.0"),
            (-0.001, "0.0", "0.0"),
            (0.0, "0;-0;\"none\"", "none"),
            (1_500.0, "[$NT$-404]#,##0", "NT$1,500"),
            (1_500.0, "\"NT$\"#,##0\\ \"元\"", "NT$1,500 元"),
            (1_500_000.0, "#,##0,\"K\"", "1,500K"),
            (7.0, "000", "007"),
            (912_345_678.0, "0000-000-000", "0912-345-678"),
            (1.5, "0.0##", "1.5"),
            (0.25, "#.00", ".25"),
            (12_345.0, "0.00E+00", "1.23E+04"),
            (3.0, "General\"台\"", "3台"),
            (2.5, "# ?/?", "2.5"),
            (0.1 + 0.2, "General", "0.3"),
            (1_234_567_890_123.0, "General", "1234567890123"),
            (1e300, "General", "1E300"),
            (1.0, "_-* #,##0.00_-", "1.00"),
        ];
        for (value, code, expected) in cases {
            assert_eq!(NumberFormat::new(code).show(value, false), expected, "{value} as {code}");
        }
        assert_eq!(NumberFormat::built_in(10).show(0.0375, false), "3.75%");
        assert_eq!(NumberFormat::built_in(14).show(46_031.0, false), "2026-01-09");
        assert_eq!(NumberFormat::default().show(f64::NAN, false), "");
    }

    proptest! {
        #[test]
        fn no_format_makes_it_panic(code in "[0#?.,%E+\\-/;\"\\\\\\[\\]ymdhse@_* $年G]{0,16}", value: f64) {
            let _ = NumberFormat::new(&code).show(value, true);
            let _ = NumberFormat::new(&code).show(value % 100_000.0, false);
        }
    }
}
