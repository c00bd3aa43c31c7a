//! A folded text that knows where each of its parts stands in the original.

use unicode_normalization::char::is_combining_mark;

use super::{fold, is_invisible};
use crate::passage::Span;

/// A text, folded piece by piece. A piece is a character with all that changes how it is folded, such as its accents.
pub(super) struct Located {
    pub(super) folded: String,
    /// For each piece where it ends in `folded`, and where it stands in the original.
    pieces: Vec<(usize, Span)>,
}

impl Located {
    pub(super) fn new(text: &str) -> Self {
        let mut located = Self { folded: String::with_capacity(text.len()), pieces: Vec::with_capacity(text.len()) };
        let mut start = 0;
        for (at, c) in text.char_indices() {
            if at > start && !joins(c) {
                located.add(text, start, at);
                start = at;
            }
        }
        if start < text.len() {
            located.add(text, start, text.len());
        }
        located
    }

    fn add(&mut self, text: &str, start: usize, end: usize) {
        let piece = &text[start..end];
        match piece.as_bytes() {
            [byte] => self.folded.push(char::from(byte.to_ascii_lowercase())),
            _ => self.folded.push_str(&fold(piece)),
        }
        self.pieces.push((self.folded.len(), Span::new(start, end)));
    }

    /// Where the bytes from `start` to `end` of the folded text, which are some, stand in the original.
    pub(super) fn original(&self, start: usize, end: usize) -> Span {
        let piece_at = |byte: usize| self.pieces.partition_point(|(piece_end, _)| *piece_end <= byte);
        let span = |at: usize| self.pieces.get(at.min(self.pieces.len().saturating_sub(1))).map(|(_, span)| *span);
        let first = span(piece_at(start)).unwrap_or(Span::new(0, 0));
        let last = span(piece_at(end.max(start + 1) - 1)).unwrap_or(first);
        Span::new(first.start, last.end.max(first.start))
    }
}

/// Whether a character changes how the one before it is folded.
fn joins(c: char) -> bool {
    !c.is_ascii()
        && (is_combining_mark(c)
            || is_invisible(c)
            || matches!(c, '\u{1160}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{FF9E}' | '\u{FF9F}'
                | '\u{FFA1}'..='\u{FFDC}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_where_they_stand_however_they_are_written() {
        for (text, folded, expected) in [
            ("the Ｆｅｄ said", "fed", "Ｆｅｄ"),
            ("das Zu\u{308}rich-Haus", "zurich", "Zu\u{308}rich"),
            ("今年聯準會降息", "联准会", "聯準會"),
            ("ca\u{AD}fé!", "cafe", "ca\u{AD}fé"),
            ("㌔", "キロ", "㌔"),
            ("Ａ각 X", "각", "각"),
        ] {
            let located = Located::new(text);
            let start = located.folded.find(folded).unwrap();
            assert_eq!(&text[located.original(start, start + folded.len()).range()], expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_part_of_a_folded_text_has_a_place_in_the_original(
            text in "(\\PC|[aeZ한ᅡᆨㄱㅏα聯٣\u{200B}\u{301}\u{345}\u{1160}カ\u{3099} ]){0,40}"
        ) {
            let located = Located::new(&text);
            let starts: Vec<usize> = located.folded.char_indices().map(|(at, _)| at).collect();
            let mut last = 0;
            for (at, &start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(located.folded.len());
                let span = located.original(start, end);
                prop_assert!(text.get(span.range()).is_some_and(|part| !part.is_empty()));
                prop_assert!(span.start >= last);
                last = span.start;
            }
        }

        #[test]
        fn a_text_of_words_is_folded_as_a_whole(text in "[ a-zA-Z0-9éüßÅ聯準會降息カガ한국ａ１.,%\u{301}\u{AD}]{0,40}") {
            prop_assert_eq!(Located::new(&text).folded, fold(&text));
        }
    }
}
