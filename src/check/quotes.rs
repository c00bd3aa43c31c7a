//! Words in quotation marks: a literal quote stands in its source character by character.

use unicode_normalization::UnicodeNormalization;

use crate::terms::is_invisible;
use crate::terms::language::is_unspaced;

/// Quotation marks that open with their counterparts.
const MARKS: [(char, char); 8] =
    [('“', '”'), ('「', '」'), ('『', '』'), ('«', '»'), ('„', '“'), ('»', '«'), ('"', '"'), ('＂', '＂')];
/// From how many words or characters of unspaced writing quoted words are a quote and no name or term.
const FEWEST_WORDS: usize = 3;
const FEWEST_CHARS: usize = 6;

/// Quotes of one sentence that are looked up, at most.
const MAX_QUOTES: usize = 64;

/// The literal quotes of a sentence.
pub(super) fn literal(sentence: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while found.len() < MAX_QUOTES
        && let Some((start, c)) = sentence[at..].char_indices().find(|(_, c)| MARKS.iter().any(|(open, _)| open == c))
    {
        let inside = at + start + c.len_utf8();
        let closing = MARKS.iter().filter(|(open, _)| *open == c).map(|(_, close)| *close);
        let end = closing.filter_map(|close| sentence[inside..].find(close)).min();
        let Some(end) = end else {
            at = inside;
            continue;
        };
        let quote = sentence[inside..inside + end].trim();
        if is_long(quote) {
            found.push(quote);
        }
        at = inside + end + sentence[inside + end..].chars().next().map_or(1, char::len_utf8);
    }
    found
}

/// Whether a text has words in quotation marks.
pub(super) fn has_any(text: &str) -> bool {
    MARKS.iter().any(|(open, close)| {
        let inside = text.split_once(*open).and_then(|(_, rest)| rest.split_once(*close));
        inside.is_some_and(|(quote, _)| quote.contains(char::is_alphanumeric))
    })
}

fn is_long(quote: &str) -> bool {
    let unspaced = quote.chars().filter(|c| is_unspaced(*c) && c.is_alphanumeric()).count();
    unspaced >= FEWEST_CHARS || quote.split_whitespace().count() >= FEWEST_WORDS && unspaced == 0
}

/// Whether a quote stands in a text, of which this is [`normal`]. White space, width and composition do not count, nor do
/// marks at its ends; an ellipsis stands for left out words.
pub(super) fn stands(quote: &str, normal_text: &str) -> bool {
    let mut rest = normal_text;
    let parts = quote.split(['…', '⋯']).flat_map(|part| part.split("..."));
    for part in parts.map(|part| part.trim_matches(['[', ']', ' '])) {
        let part = normal(part.trim_matches(is_edge));
        match rest.find(&part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Whether the words of a sentence stand in `text` as a sentence or a clause, in their order.
pub(super) fn has_words(sentence: &str, text: &str) -> bool {
    let words = normal(sentence.trim_matches(is_edge));
    let text = normal(text);
    words.chars().count() >= FEWEST_CHARS
        && text.match_indices(&words).any(|(at, found)| {
            let is_free = |c: Option<char>| c.is_none_or(|c| is_edge(c) || matches!(c, '"' | '\'' | '(' | ')'));
            let before = text[..at].chars().next_back();
            let mut behind = text[at + found.len()..].chars();
            let next = behind.next();
            // `3.` is not the end of `3.5`.
            let starts_in_number = words.starts_with(char::is_numeric) && matches!(before, Some('.' | ',' | ':'));
            let ends_in_number = words.ends_with(char::is_numeric) && behind.next().is_some_and(char::is_numeric);
            is_free(before) && is_free(next) && !starts_in_number && !ends_in_number
        })
}

fn is_edge(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '。' | '，' | '；' | '：' | '！' | '？' | '、')
}

/// The characters of a text without white space, in one width, case and composition.
pub(super) fn normal(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !matches!(c, '*' | '_' | '`'))
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' => '"',
            '‘' | '’' => '\'',
            '–' | '—' | '−' => '-',
            c => c,
        })
        .collect()
}
