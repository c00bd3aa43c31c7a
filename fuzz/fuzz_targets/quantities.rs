//! Numbers, dates and units in any text.

#![no_main]

use footnote::internals::quantities::{Agreement, compare, quantities};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for quantity in quantities(text) {
        assert!(quantity.span.start >= end, "quantities overlap");
        assert!(text.get(quantity.span.range()).is_some(), "a quantity is not in the text");
        assert_eq!(compare(&quantity, &quantity), Agreement::Same);
        end = quantity.span.end;
    }
});
