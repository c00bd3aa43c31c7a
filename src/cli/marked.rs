//! Marks the words of a text that match the question. Marks survive the cleaning of the text, which changes where words stand.

use super::term::Role;
use super::wrap::Segment;
use crate::display::one_line;
use crate::passage::{FoundPassage, Span};

/// Private characters, which are taken out of the text itself.
const OPEN: char = '\u{F8F0}';
const CLOSE: char = '\u{F8F1}';

/// A text and the words in it that match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marked {
    text: String,
}

impl Marked {
    /// `text` with the words at `spans`, which are in order and disjoint.
    pub(super) fn new(text: &str, spans: &[Span]) -> Self {
        let plain = |part: &str| part.replace([OPEN, CLOSE], "\u{FFFD}");
        let mut marked = String::with_capacity(text.len() + spans.len() * 6);
        let mut copied = 0;
        for span in spans {
            // Only another program could send spans that do not fit.
            let parts =
                if span.start < copied { None } else { text.get(copied..span.start).zip(text.get(span.range())) };
            let Some((before, word)) = parts else { continue };
            marked.push_str(&plain(before));
            marked.push(OPEN);
            marked.push_str(&plain(word));
            marked.push(CLOSE);
            copied = span.end;
        }
        marked.push_str(&plain(text.get(copied..).unwrap_or_default()));
        Self { text: marked }
    }

    /// The quote of a passage.
    pub(super) fn quote(passage: &FoundPassage) -> Self {
        Self::new(&passage.quote.text, &passage.quote_matches)
    }

    /// The text between two bytes of a passage's text.
    pub(super) fn part(passage: &FoundPassage, start: usize, end: usize) -> Self {
        let inside = |span: &&Span| start <= span.start && span.end <= end;
        let spans: Vec<Span> =
            passage.matches.iter().filter(inside).map(|span| Span::new(span.start - start, span.end - start)).collect();
        Self::new(passage.text.get(start..end).unwrap_or_default(), &spans)
    }

    /// On one line, as segments that look as `plain` and `matching` say.
    pub(super) fn segments(&self, plain: Role, matching: Role) -> Vec<Segment> {
        let line = one_line(&self.text);
        let mut segments = Vec::new();
        for (at, part) in line.split(OPEN).enumerate() {
            let (word, rest) = if at == 0 { ("", part) } else { part.split_once(CLOSE).unwrap_or((part, "")) };
            let both = [(matching, word), (plain, rest)].into_iter().filter(|(_, text)| !text.is_empty());
            segments.extend(both.map(|(role, text)| Segment::new(role, text)));
        }
        segments
    }

    /// As `escape` makes it of the text with its marks, with each word between `around`.
    pub(super) fn escaped(&self, escape: impl FnOnce(&str) -> String, around: &str) -> String {
        escape(&self.text).replace([OPEN, CLOSE], around)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matching_words_look_different_on_a_line_that_was_cleaned() {
        let text = "Two\n rate cuts\u{1b} and a \u{F8F0}rate";
        let marked = Marked::new(text, &[Span::new(5, 9), Span::new(25, 29)]);
        let segments = marked.segments(Role::Quote, Role::Match);
        let shown: Vec<(Role, &str)> = segments.iter().map(|segment| (segment.role, segment.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (Role::Quote, "Two "),
                (Role::Match, "rate"),
                (Role::Quote, " cuts\u{fffd} and a \u{fffd}"),
                (Role::Match, "rate"),
            ]
        );
        assert_eq!(Marked::new("a rate", &[Span::new(2, 6)]).escaped(one_line, "**"), "a **rate**");
    }

    proptest! {
        #[test]
        fn whatever_the_spans_all_of_the_text_is_shown(
            // Runs of white space and of characters that are not shown become one each, but for a match between them.
            text in "[a-z降é\u{F8F0}]{0,20}", bounds in proptest::collection::vec((0_usize..40, 0_usize..40), 0..5)
        ) {
            let spans: Vec<Span> = bounds.iter().map(|(a, b)| Span::new(*a.min(b), *a.max(b))).collect();
            let marked = Marked::new(&text, &spans);
            let shown: String =
                marked.segments(Role::Quote, Role::Match).into_iter().map(|segment| segment.text).collect();
            prop_assert_eq!(shown, one_line(&text.replace('\u{F8F0}', "\u{FFFD}")));
        }
    }
}
