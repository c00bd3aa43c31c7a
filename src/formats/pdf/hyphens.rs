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
        // A slash and a dash between words have no spaces, and lines end behind them.
        if matches!(last, '/' | '—')
            && line.letters.iter().rev().nth(1).is_some_and(|letter| letter.c.is_alphanumeric())
        {
            return Joint::Nothing;
        }
        Joint::Space
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
        let is_compound = is_word(&before) && is_word(&after) && !is_word(&format!("{before}{after}"));
        let keeps = before.contains('-') || !first.is_lowercase() || before.ends_with(|c: char| c.is_ascii_digit());
        if keeps || is_compound || self.hyphenated.contains(&whole) { Joint::Nothing } else { Joint::WithoutHyphen }
    }
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
    fn only_scripts_with_spaces_get_one() {
        assert_eq!(joint("two", "words"), Joint::Space);
        assert_eq!(joint("漢字", "仮名"), Joint::Nothing);
        assert_eq!(joint("使用", "PDF"), Joint::Nothing);
        assert_eq!(joint("한국어", "문서"), Joint::Space);
    }
}
