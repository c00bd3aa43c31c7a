//! Layouts as the index stores them.

#![no_main]

use footnote::internals::formats;
use footnote::passage::Span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut stored = vec![1];
    stored.extend(bytes);
    let Some(layout) = formats::stored_layout(&stored) else { return };
    let text = "A text with 漢字. ".repeat(20);
    for span in [Span::new(0, 5), Span::new(3, 100), Span::new(100, 101)] {
        let _ = layout.boxes(&text, span);
    }
    let again = formats::stored_layout(&formats::layout_bytes(&layout)).expect("what is written can be read");
    assert_eq!(format!("{again:?}"), format!("{layout:?}"));
});
