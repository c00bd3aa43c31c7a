//! A part of a document with a quote marked in it, line by line. Pure, like all rendering.

use crate::passage::Span;

use super::term::{Role, Style};
use super::wrap::{Segment, wrap};
use crate::display::clean;

/// The lines of `text` in `part`, with what lies in `quote` marked. A span that does not lie in the text on character
/// boundaries marks, or shows, nothing.
pub(super) fn excerpt(text: &str, part: Span, quote: Span, style: Style) -> String {
    let mut shown = String::new();
    let mut start = part.start;
    for line in text.get(part.range()).unwrap_or_default().split_inclusive('\n') {
        let span = Span::new(start, start + line.len());
        start = span.end;
        shown.push_str(&wrap(&segments(text, span, quote, style), 0, 0, style));
    }
    shown
}

/// One line's text before, in and after the quote. Where colour cannot set it apart, marks do.
fn segments(text: &str, line: Span, quote: Span, style: Style) -> Vec<Segment> {
    let of = |from: usize, to: usize| text.get(from.clamp(line.start, line.end)..to.clamp(line.start, line.end));
    let plain =
        |text: Option<&str>| clean(text.unwrap_or_default().trim_end_matches(['\r', '\n'])).replace('\t', "    ");
    let inside = plain(of(quote.start, quote.end));
    let mark =
        |at: usize, mark: &str| if !style.colour && line.start <= at && at < line.end { mark } else { "" }.to_owned();
    let inside = mark(quote.start, "»") + &inside + &mark(quote.end.saturating_sub(1), "«");
    let (before, after) = (plain(of(line.start, quote.start)), plain(of(quote.end, line.end)));
    vec![Segment::new(Role::Plain, before), Segment::new(Role::Quote, inside), Segment::new(Role::Plain, after)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, quote: &str) -> String {
        let start = text.find(quote).unwrap();
        excerpt(text, Span::new(0, text.len()), Span::new(start, start + quote.len()), Style::PLAIN)
    }

    #[test]
    fn a_quote_is_marked_where_it_stands() {
        assert_eq!(of("通膨降溫。高盛預期。\n市場觀望。\n", "高盛預期。"), "通膨降溫。»高盛預期。«\n市場觀望。\n");
        assert_eq!(of("a\tb\n\nc", "b"), "a    »b«\n\nc\n");
    }

    #[test]
    fn a_quote_over_several_lines_is_marked_at_its_ends() {
        assert_eq!(of("a b\nc\nd e\n", "b\nc\nd"), "a »b\nc\nd« e\n");
    }

    #[test]
    fn a_part_is_shown_alone() {
        assert_eq!(excerpt("ab\ncd\n", Span::new(3, 6), Span::new(4, 5), Style::PLAIN), "c»d«\n");
        let coloured = excerpt("ab", Span::new(0, 2), Span::new(0, 1), Style { colour: true, ..Style::PLAIN });
        assert_eq!(coloured, "\u{1b}[1;32ma\u{1b}[0mb\n");
    }

    proptest! {
        #[test]
        fn no_span_makes_it_panic_and_nothing_drives_the_terminal(text: String, ends in prop::array::uniform4(0_usize..40)) {
            let span = |a: usize, b: usize| Span::new(a.min(b), a.max(b));
            let shown = excerpt(&text, span(ends[0], ends[1]), span(ends[2], ends[3]), Style::PLAIN);
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
