//! Finds what may be an operator in a question.

use crate::terms::fold;
use crate::terms::language::{is_han, is_hangul, is_kana};

/// Letters of a name of an operator, at most.
const MAX_NAME_LETTERS: usize = 12;
/// Letters of an excluded word, at least: `-r` is an option of a program.
const MIN_WORD_CHARS: usize = 2;

/// A part of a question that may be an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'q> {
    /// Its first byte, and one past its last.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether a minus sign stands before it.
    pub(super) excludes: bool,
    /// The name before the colon; `None` for words and phrases.
    pub(super) name: Option<&'q str>,
    /// The value, the word or the phrase, without quotation marks. It has a letter or a digit.
    pub(super) value: &'q str,
    pub(super) is_quoted: bool,
}

/// What may be operators in a question, in order and disjoint.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut at, mut before) = (0, None);
    while let Some(c) = text[at..].chars().next() {
        if let Some(piece) = piece(text, at, before) {
            at = piece.end;
            before = text[..at].chars().next_back();
            pieces.push(piece);
        } else {
            at += c.len_utf8();
            before = Some(c);
        }
    }
    pieces
}

/// What may be an operator at `at`, behind the character `before`.
fn piece(text: &str, at: usize, before: Option<char>) -> Option<Piece<'_>> {
    let starts_word = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '（' | '\u{FEFF}'));
    let rest = &text[at..];
    if let Some(end) = rest.strip_prefix('"').filter(|_| !before.is_some_and(is_spelt)).and_then(closing) {
        let end = at + 1 + end;
        return made(at, end + 1, false, None, &text[at + 1..end], true);
    }
    if !starts_word {
        return None;
    }
    let excludes = rest.starts_with('-');
    let body = at + usize::from(excludes);
    if excludes && let Some(end) = text[body..].strip_prefix('"').and_then(closing) {
        let end = body + 1 + end;
        return made(at, end + 1, true, None, &text[body + 1..end], true);
    }
    let letters = text[body..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let colon = body + letters;
    if (1..=MAX_NAME_LETTERS).contains(&letters) && text[colon..].starts_with(':') {
        let (name, behind) = (&text[body..colon], colon + 1);
        if let Some(end) = text[behind..].strip_prefix('"').and_then(closing) {
            let end = behind + 1 + end;
            return made(at, end + 1, excludes, Some(name), &text[behind + 1..end], true);
        }
        // An address, or a word with a space behind the colon, is none.
        let end = behind + word_length(&text[behind..]);
        let value = text[behind..end].trim_end_matches(is_end_of_sentence);
        if value.starts_with(['/', ':', '"']) {
            return None;
        }
        return made(at, behind + value.len(), excludes, Some(name), value, false);
    }
    let first = text[body..].chars().next()?;
    if !excludes || !first.is_alphabetic() {
        return None;
    }
    let end = body + word_length(&text[body..]);
    let word = text[body..end].trim_end_matches(is_end_of_sentence);
    // "-word-", "-a/b" and "-x=1" are no words.
    let is_word = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’' | '.' | '&' | '_'));
    if !is_word || word.ends_with(['-', '_']) || is_option(word) {
        return None;
    }
    made(at, body + word.len(), true, None, word, false)
}

/// Whether a word is a single letter, as options of programs are.
fn is_option(word: &str) -> bool {
    word.chars().count() < MIN_WORD_CHARS && word.is_ascii()
}

fn made<'q>(
    start: usize,
    end: usize,
    excludes: bool,
    name: Option<&'q str>,
    value: &'q str,
    is_quoted: bool,
) -> Option<Piece<'q>> {
    let value = value.trim();
    // What folding leaves nothing of cannot be compared.
    let has_words = fold(value).chars().any(char::is_alphanumeric);
    has_words.then_some(Piece { start, end, excludes, name, value, is_quoted })
}

/// Where the quotation closes that `text` is the rest of: at the next mark, if it encloses words and ends a word.
fn closing(text: &str) -> Option<usize> {
    let end = text.find('"')?;
    let inside = &text[..end];
    let is_tight = inside.starts_with(|c: char| !c.is_whitespace()) && inside.ends_with(|c: char| !c.is_whitespace());
    let goes_on = text[end + 1..].starts_with(is_spelt);
    (is_tight && !goes_on).then_some(end)
}

/// The bytes up to the next white space, bracket or quotation mark.
fn word_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | '（' | '）')).unwrap_or(text.len())
}

fn is_end_of_sentence(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '。' | '，' | '、' | '；' | '：' | '！' | '？' | '…')
}

/// Whether a character belongs to writing with spaces between words, so that a mark beside it is inside a word.
fn is_spelt(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c) && !is_kana(c) && !is_hangul(c)
}
