//! Joins the lines of a paragraph: with a space, without one, with or without the hyphen at a line's end.

use std::collections::HashSet;

use super::chars::{LINE_HYPHEN, SOFT_HYPHEN, is_unspaced};
use super::lines::TextLine;

/// What stands between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    Space,
    Nothing,
    /// Nothing, and the hyphen at the line's end goes.
    WithoutHyphen,
}

/// More words than this are not kept.
const MAX_WORDS: usize = 200_000;

/// The words of a document, which tell whether a hyphen at a line's end is part of the word.
#[derive(Debug, Default)]
pub(super) struct Hyphens {
    /// Words with a hyphen within a line.
    hyphenated: HashSet<String>,
    /// Words without one.
    plain: HashSet<String>,
    /// The beginnings of Korean words, three to eight syllables long.
    beginnings: HashSet<String>,
}

impl Hyphens {
    pub(super) fn add(&mut self, line: &TextLine) {
        let text = line.text();
        // The first word and the last may be parts of words.
        let whole = text.trim_matches(|c: char| !c.is_whitespace());
        for word in whole.split(|c: char| !c.is_alphanumeric() && c != '-').map(|word| word.trim_matches('-')) {
            let is_latin = word.len() >= 3 && !word.contains(is_unspaced);
            if is_latin && self.plain.len() + self.hyphenated.len() < MAX_WORDS {
                let words = if word.contains('-') { &mut self.hyphenated } else { &mut self.plain };
                words.insert(word.to_lowercase());
                if word.chars().all(is_hangul) {
                    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8()).skip(2).take(6);
                    self.beginnings.extend(ends.filter_map(|end| word.get(..end)).map(str::to_owned));
                }
            }
        }
    }

    /// How `line` goes on in `next`.
    pub(super) fn joint(&self, line: &TextLine, next: &TextLine) -> Joint {
        let (Some(last), Some(first)) = (line.last(), next.first()) else { return Joint::Space };
        if last == SOFT_HYPHEN {
            return Joint::WithoutHyphen;
        }
        if last == LINE_HYPHEN || matches!(last, '-' | '\u{2010}') {
            return self.hyphen(line, next, first);
        }
        if is_unspaced(last) || is_unspaced(first) {
            return Joint::Nothing;
        }
        if is_hangul(last) && is_hangul(first) && self.is_one_word(line, next) {
            return Joint::Nothing;
        }
        // A slash and a dash between words have no spaces, and lines end behind them.
        if matches!(last, '/' | '—')
            && line.letters.iter().rev().nth(1).is_some_and(|letter| letter.c.is_alphanumeric())
        {
            return Joint::Nothing;
        }
        Joint::Space
    }

    /// Whether a Korean word goes on over the end of the line, where some programs break it at any syllable: another word
    /// of the document begins like both parts together, and the first part is no word of its own.
    fn is_one_word(&self, line: &TextLine, next: &TextLine) -> bool {
        let is_part = |c: &char| is_hangul(*c);
        let before: Vec<char> = line.letters.iter().rev().map(|letter| letter.c).take_while(is_part).take(8).collect();
        let before: String = before.iter().rev().collect();
        let after: Vec<char> = next.letters.iter().map(|letter| letter.c).take_while(is_part).take(8).collect();
        let begins_like = |count: usize| {
            let both: String = before.chars().chain(after.iter().copied().take(count)).collect();
            self.beginnings.contains(&both)
        };
        !self.plain.contains(&before)
            && (begins_like(2)
                || (after.len() == 1 && begins_like(1))
                || (before.chars().count() > 2 && begins_like(1)))
    }

    fn hyphen(&self, line: &TextLine, next: &TextLine, first: char) -> Joint {
        let is_part = |c: &char| c.is_alphanumeric() || *c == '-';
        let before: Vec<char> = line.letters.iter().rev().skip(1).map(|letter| letter.c).take_while(is_part).collect();
        if before.is_empty() {
            // A dash between spaces.
            return Joint::Space;
        }
        let before: String = before.iter().rev().collect();
        let after: String = next.letters.iter().map(|letter| letter.c).take_while(is_part).collect();
        let whole = format!("{before}-{after}").to_lowercase();
        let is_word = |word: &str| self.plain.contains(&word.to_lowercase());
        // Both parts are words and together they are none: `home-equity`.
        let is_whole = is_word(&format!("{before}{after}"));
        let is_compound = is_word(&before) && is_word(&after) && !is_whole;
        let keeps = before.contains('-') || !first.is_lowercase() || before.ends_with(|c: char| c.is_ascii_digit());
        if !is_whole && (keeps || is_compound || self.hyphenated.contains(&whole)) {
            Joint::Nothing
        } else {
            Joint::WithoutHyphen
        }
    }
}

fn is_hangul(c: char) -> bool {
    ('\u{AC00}'..='\u{D7A3}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::super::tests::line;
    use super::*;

    fn joint(a: &str, b: &str) -> Joint {
        let mut hyphens = Hyphens::default();
        hyphens.add(&line("and a well-known thing of home equity or docu", 0.0, 0.0));
        hyphens.joint(&line(a, 0.0, 0.0), &line(b, 0.0, 15.0))
    }

    #[test]
    fn a_word_that_was_broken_is_whole_again() {
        assert_eq!(joint("the docu\u{FFFE}", "ment is"), Joint::WithoutHyphen);
        assert_eq!(joint("the docu-", "ment is"), Joint::WithoutHyphen);
        assert_eq!(joint("the docu\u{AD}", "Ment is"), Joint::WithoutHyphen);
    }

    #[test]
    fn hyphens_of_names_numbers_and_known_words_stay() {
        assert_eq!(joint("from MS\u{FFFE}", "DOS to"), Joint::Nothing);
        assert_eq!(joint("a well\u{FFFE}", "known thing"), Joint::Nothing);
        assert_eq!(joint("a state-of-the\u{FFFE}", "art thing"), Joint::Nothing);
        assert_eq!(joint("has home\u{FFFE}", "equity loans"), Joint::Nothing);
        assert_eq!(joint("a dash -", "with spaces"), Joint::Space);
    }

    #[test]
    fn a_korean_word_that_is_known_is_whole_again() {
        let mut hyphens = Hyphens::default();
        hyphens.add(&line("또 한국남해철도가 야간 열차를 또", 0.0, 0.0));
        let joint = |a: &str, b: &str| hyphens.joint(&line(a, 0.0, 0.0), &line(b, 0.0, 15.0));
        assert_eq!(joint("다시 한국남해철", "도는 새로"), Joint::Nothing);
        assert_eq!(joint("다시 야간", "열차를 탄다"), Joint::Space);
        assert_eq!(joint("매주 금요일", "밤에"), Joint::Space);
    }

    #[test]
    fn only_scripts_with_spaces_get_one() {
        assert_eq!(joint("two", "words"), Joint::Space);
        assert_eq!(joint("漢字", "仮名"), Joint::Nothing);
        assert_eq!(joint("使用", "PDF"), Joint::Nothing);
        assert_eq!(joint("한국어", "문서"), Joint::Space);
    }
}
