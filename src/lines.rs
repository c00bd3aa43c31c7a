//! Splits a text into lines, which end where [`line_end`] finds a line break.

use crate::passage::{is_line_end, line_end};

/// A line as byte offsets into its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextLine {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte before the line break.
    pub(crate) end: usize,
    /// First byte of the next line.
    pub(crate) next: usize,
}

/// The line that starts at `start`.
pub(crate) fn line_at(text: &str, start: usize) -> TextLine {
    let rest = &text[start..];
    let length = rest.find(is_line_end).unwrap_or(rest.len());
    let width = line_end(&rest[length..]);
    TextLine { start, end: start + length, next: start + length + width }
}

/// The lines of `text`. A line break at the end of the text does not start another line.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = TextLine> {
    let mut at = 0;
    std::iter::from_fn(move || {
        (at < text.len()).then(|| {
            let line = line_at(text, at);
            at = line.next;
            line
        })
    })
}

/// The lines of `text` without their line breaks.
pub(crate) fn contents(text: &str) -> impl Iterator<Item = &str> {
    lines(text).map(|line| &text[line.start..line.end])
}

/// How many line breaks `text` has.
pub(crate) fn count_breaks(text: &str) -> usize {
    lines(text).filter(|line| line.next > line.end).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_line_break_ends_a_line_and_cr_lf_is_one() {
        let text = "a\nb\rc\r\nd\u{85}e\u{2028}f\u{2029}g";
        assert_eq!(contents(text).collect::<String>(), "abcdefg");
        assert_eq!(contents(text).count(), 7);
        assert_eq!(count_breaks(text), 6);
    }

    #[test]
    fn a_last_line_break_starts_no_line_and_an_empty_line_is_one() {
        assert_eq!(contents("a\n\nb\n").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(contents("").count(), 0);
        assert_eq!(count_breaks("a\n"), 1);
    }

    proptest! {
        #[test]
        fn lines_with_their_breaks_tile_the_text(text in "[ab\\r\\n\u{85}\u{2028}字]{0,40}") {
            let mut at = 0;
            for line in lines(&text) {
                prop_assert_eq!(line.start, at);
                prop_assert!(line.start <= line.end && line.end <= line.next && line.next > line.start);
                at = line.next;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
