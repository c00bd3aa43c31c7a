//! Splits a folded text into runs of one script.

use unicode_normalization::char::is_combining_mark;

use crate::terms::language::{is_han, is_hangul, is_kana};

/// The script of a run, which decides how it is split into terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Chinese characters and kana.
    Han,
    /// Korean.
    Hangul,
    /// Scripts of South-East Asia that write no spaces between words.
    Unspaced,
    /// One word of an alphabet; digits in it are kept: `h20`.
    Alphabetic,
    /// Digits with their inner points and commas.
    Number,
}

/// A part of a folded text: no white space, no punctuation, one script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'t> {
    /// Its characters.
    pub text: &'t str,
    /// Their script.
    pub script: Script,
    /// Where it starts in the folded text, in bytes.
    pub start: usize,
}

/// The runs of a folded text, in order.
pub fn runs(folded: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = folded;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            let start = folded.len() - rest.len();
            let Some(script) = script(first) else {
                rest = &rest[first.len_utf8()..];
                continue;
            };
            let length = match script {
                Script::Alphabetic | Script::Number => word_length(rest),
                _ => rest.find(|c| self::script(c) != Some(script)).unwrap_or(rest.len()),
            };
            let (text, behind) = rest.split_at(length);
            rest = behind;
            // The "s" of a possessive is not a word.
            let possessive = text == "s" && folded[..start].ends_with(['\'', '’']);
            if !possessive {
                let script = if text.chars().any(char::is_alphabetic) && script == Script::Number {
                    Script::Alphabetic
                } else {
                    script
                };
                return Some(Run { text, script, start });
            }
        }
    })
}

/// The length in bytes of the word or number that `text` starts with: letters, digits and, between digits, a decimal
/// point or a thousands separator.
fn word_length(text: &str) -> usize {
    let mut before = '\0';
    for (at, c) in text.char_indices() {
        let goes_on = match script(c) {
            Some(Script::Alphabetic | Script::Number) => true,
            Some(_) => false,
            None if c == '.' => {
                before.is_ascii_digit() && text[at + 1..].starts_with(|next: char| next.is_ascii_digit())
            }
            None if c == ',' => separates_thousands(&text[..at], &text[at + 1..]),
            None => is_combining_mark(c),
        };
        if !goes_on {
            return at;
        }
        before = c;
    }
    text.len()
}

/// Whether a comma between `before` and `after` separates thousands, as in `1,000` but not in `2024,2025`.
fn separates_thousands(before: &str, after: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let head = before.rsplit(',').next().unwrap_or(before);
    let is_group = head.len() == 3 || (head.len() < 3 && !before.contains(','));
    is_group && !head.is_empty() && before.bytes().all(|b| b.is_ascii_digit() || b == b',') && digits(after) == 3
}

fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' => Some(Script::Alphabetic),
        '0'..='9' => Some(Script::Number),
        '\0'..='\u{7F}' => None,
        _ if is_han(c) || is_kana(c) => Some(Script::Han),
        _ if is_hangul(c) => Some(Script::Hangul),
        '\u{E01}'..='\u{E3A}'
        | '\u{E40}'..='\u{E4E}'
        | '\u{E80}'..='\u{EDF}'
        | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17D3}' => Some(Script::Unspaced),
        _ if c.is_alphabetic() => Some(Script::Alphabetic),
        _ if c.is_numeric() => Some(Script::Number),
        _ => None,
    }
}
