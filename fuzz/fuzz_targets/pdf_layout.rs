//! Lines, columns, paragraphs and headings of a PDF, from made-up characters.

#![no_main]

use footnote::internals::formats;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (text, layout) = formats::pdf_layout(bytes);
    footnote_fuzz::check(&text, &layout);
    assert!(!text.contains(['\u{AD}', '\u{FFFE}']), "a mark for a hyphen is left");
});
