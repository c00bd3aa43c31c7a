//! Wild input to the steps that need no PDF.

use proptest::prelude::*;

use super::super::assemble::assemble;
use super::super::headings::Outline;
use super::super::lines::{Glyph, Mark, lines};
use super::super::page::ReadPage;
use crate::formats::Options;

fn mark() -> impl Strategy<Value = Mark> {
    let length = || prop_oneof![-50_f32..900.0, Just(0.0), Just(1e6), Just(-1e6)];
    let glyph = (length(), length(), 0_f32..30.0, 0_f32..30.0, "[a-z. \u{AD}\u{FFFE}甲。1•-]", any::<bool>());
    prop_oneof![
        8 => glyph.prop_map(|(x, y, width, size, c, is_bold)| Mark::Glyph(Glyph {
            c: c.chars().next().unwrap_or('x'),
            x0: x,
            y0: y,
            x1: x + width,
            y1: y + size,
            base: y + size,
            size,
            is_bold,
        })),
        1 => Just(Mark::Gap),
        1 => Just(Mark::End),
    ]
}

proptest! {
    #[test]
    fn any_marks_make_a_text_with_places(pages in prop::collection::vec(prop::collection::vec(mark(), 0..120), 1..4)) {
        let pages = pages.iter().enumerate().map(|(n, marks)| {
            let number = n as u32 + 1;
            ReadPage { number, width: 595.0, height: 842.0, lines: lines(marks, number), ..ReadPage::default() }
        });
        let options = Options { max_text_bytes: 1_000_000, ..Options::default() };
        let assembled = assemble(pages.collect(), &Outline::default(), &options).unwrap();
        let mut end = 0;
        for place in &assembled.layout.places {
            prop_assert!(place.span.start >= end && place.span.end > place.span.start);
            prop_assert!(assembled.text.get(place.span.range()).is_some());
            end = place.span.end;
        }
        let has_marks = assembled.text.contains(['\u{AD}', '\u{FFFE}']);
        prop_assert!(!has_marks);
    }
}
