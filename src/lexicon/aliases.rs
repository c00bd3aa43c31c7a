//! Finds names that a text gives in parentheses: `聯準會(Fed)`, `《芯片法案》(CHIPS Act)`, `Federal Reserve (Fed)`.

use super::key;
use crate::terms::language::is_han;

/// Longer text in parentheses is not a name.
const MAX_BYTES: usize = 120;
/// Bytes before a parenthesis in which its name is looked for.
const MAX_BYTES_BEFORE: usize = 256;
/// Half and full width, the latter as escapes since they look alike.
const OPENING: [char; 2] = ['(', '\u{FF08}'];
const CLOSING: [char; 2] = [')', '\u{FF09}'];
const ENDS_INSIDE: [char; 5] = ['(', '\u{FF08}', ')', '\u{FF09}', '\n'];
const SEPARATORS: [char; 6] = [',', '\u{FF0C}', '、', ';', '\u{FF1B}', '/'];
/// Characters of a Chinese name without quotation marks.
const CHINESE_NAME: std::ops::RangeInclusive<usize> = 2..=8;
/// Words that an acronym can stand for.
const MAX_WORDS: usize = 8;

/// Pairs of names for the same thing, in the order of the text. Only unambiguous pairs are returned: a Chinese name with
/// one in the Latin alphabet, or an acronym with the words whose initials it consists of (Schwartz and Hearst 2003).
///
/// A Chinese name is the text in title or quotation marks before the parenthesis. Without such marks it is the run of
/// Chinese characters there, if it is short enough to be nothing but a name.
pub fn aliases(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(open) = text[rest..].find(OPENING).map(|at| rest + at) {
        let inside_start = open + text[open..].chars().next().map_or(1, char::len_utf8);
        rest = inside_start;
        let Some(length) = text[inside_start..].find(ENDS_INSIDE) else { continue };
        let inside = &text[inside_start..inside_start + length];
        if !text[inside_start + length..].starts_with(CLOSING) || inside.len() > MAX_BYTES {
            continue;
        }
        rest = inside_start + length;
        // A name stands near its parenthesis, on the same line.
        let near = &text[text.floor_char_boundary(open.saturating_sub(MAX_BYTES_BEFORE))..open];
        let before = near.rsplit('\n').next().unwrap_or(near);
        for name in inside.split(SEPARATORS).map(str::trim) {
            let name = name.trim_matches(['"', '“', '”', '「', '」', '《', '》', '\'']);
            found.extend(pair(before, name));
        }
    }
    found
}

/// The name before a parenthesis and the one in it, if both name the same thing.
fn pair(before: &str, name: &str) -> Option<(String, String)> {
    let before = before.trim_end_matches([' ', '\u{A0}']);
    let is_latin = |text: &str| text.contains(|c: char| c.is_ascii_alphabetic()) && !text.contains(is_han);
    // "Q3" and "A" are not names.
    let starts_like_a_name =
        |text: &str| text.starts_with(char::is_uppercase) && text.chars().filter(|c| c.is_alphabetic()).count() > 1;
    if let Some(chinese) = chinese_name(before) {
        // "(AI法案)" after 《…法案》 is another name of it.
        let marked = before.ends_with(['》', '」', '”']);
        let mixed = marked && name.contains(|c: char| c.is_ascii_uppercase()) && key(name) != key(chinese);
        return ((is_latin(name) && starts_like_a_name(name)) || mixed).then(|| (chinese.to_owned(), name.to_owned()));
    }
    let is_han_name = (2..=12).contains(&name.chars().count()) && name.chars().all(is_han);
    if is_han_name {
        let latin = latin_name(before)?;
        return Some((latin.to_owned(), name.to_owned()));
    }
    let words = words_of_acronym(before, name)?;
    Some((words.to_owned(), name.to_owned()))
}

/// The Chinese name at the end of `before`.
fn chinese_name(before: &str) -> Option<&str> {
    for (open, close) in [('《', '》'), ('「', '」'), ('“', '”'), ('『', '』')] {
        if let Some(inner) = before.strip_suffix(close) {
            let name = &inner[inner.rfind(open)? + open.len_utf8()..];
            return (name.contains(is_han) && name.chars().count() <= 30).then_some(name);
        }
    }
    let start = before.char_indices().rev().take_while(|(_, c)| is_han(*c)).last()?.0;
    let name = &before[start..];
    CHINESE_NAME.contains(&name.chars().count()).then_some(name)
}

/// The capitalised words at the end of `before`.
fn latin_name(before: &str) -> Option<&str> {
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '&' | '.'))
        .last()?
        .0;
    let mut name = before[start..].trim();
    while name.split(' ').next().is_some_and(|word| !word.starts_with(|c: char| c.is_ascii_uppercase())) {
        name = name.split_once(' ')?.1.trim_start();
    }
    (!name.is_empty() && name.split(' ').count() <= MAX_WORDS).then_some(name)
}

/// The words at the end of `before` whose initials form the acronym.
fn words_of_acronym<'t>(before: &'t str, acronym: &str) -> Option<&'t str> {
    let letters: Vec<char> = acronym.chars().collect();
    if !(2..=8).contains(&letters.len()) || !letters.iter().all(char::is_ascii_alphabetic) || !letters[0].is_uppercase()
    {
        return None;
    }
    let mut wanted = letters.len();
    let mut end = before.len();
    for word in before.rsplit([' ', '-']).take(MAX_WORDS) {
        let start = end - word.len();
        end = start.saturating_sub(1);
        let initial = word.chars().next()?;
        if initial.eq_ignore_ascii_case(&letters[wanted - 1]) {
            wanted -= 1;
            if wanted == 0 {
                let name = &before[start..];
                return (key(name) != key(acronym)).then_some(name);
            }
        } else if !initial.is_lowercase() {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<(String, String)> {
        aliases(text)
    }

    fn pair(a: &str, b: &str) -> (String, String) {
        (a.to_owned(), b.to_owned())
    }

    #[test]
    fn a_title_in_marks_has_all_the_names_in_the_parenthesis() {
        assert_eq!(
            of("參議院通過《國家創新法案》(National Innovation Act,NIA法案)後"),
            [pair("國家創新法案", "National Innovation Act"), pair("國家創新法案", "NIA法案")]
        );
    }

    #[test]
    fn a_short_name_before_a_parenthesis_is_taken_and_a_sentence_is_not() {
        assert_eq!(of("昨日,輝達(NVIDIA)發布財報"), [pair("輝達", "NVIDIA")]);
        assert_eq!(of("市場普遍認為今年稍後將會公布的數據(CPI)"), []);
        assert_eq!(of("營收成長(年增)"), []);
        assert_eq!(of("今年(about 5%)"), []);
        assert_eq!(of("今年(Q3)"), []);
    }

    #[test]
    fn full_width_signs_count_as_half_width() {
        let text = "\u{806F}\u{6E96}\u{6703}\u{FF08}Fed\u{FF0C}Federal Reserve\u{FF09}";
        assert_eq!(of(text), [pair("聯準會", "Fed"), pair("聯準會", "Federal Reserve")]);
    }

    #[test]
    fn a_name_does_not_reach_over_a_line_and_marks_without_a_beginning_cost_nothing() {
        assert_eq!(of("ends here\nBank of Japan (BOJ)"), [pair("Bank of Japan", "BOJ")]);
        assert_eq!(of(&"」(Aa)".repeat(200_000)), []);
    }

    #[test]
    fn an_acronym_is_taken_if_it_consists_of_the_initials_of_the_words_before_it() {
        assert_eq!(of("the International Monetary Fund (IMF) said"), [pair("International Monetary Fund", "IMF")]);
        assert_eq!(of("the Bank of Japan (BOJ)"), [pair("Bank of Japan", "BOJ")]);
        assert_eq!(of("prices rose (CPI)"), []);
        assert_eq!(of("Micron (美光)"), [pair("Micron", "美光")]);
    }

    proptest! {
        #[test]
        fn no_text_is_refused(text: String, open in 0_usize..20) {
            let _ = aliases(&text);
            let at = text.floor_char_boundary(open.min(text.len()));
            let _ = aliases(&format!("{}(Ab){}", &text[..at], &text[at..]));
        }
    }
}
