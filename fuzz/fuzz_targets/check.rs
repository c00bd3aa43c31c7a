//! The statements of any text, with its citations.

#![no_main]

use footnote::internals::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for span in check::spans(text) {
        assert!(span.start >= end, "statements overlap");
        assert!(text.get(span.range()).is_some(), "a statement is not in the text");
        end = span.end;
    }
});
