//! Operators in any question.

#![no_main]

use footnote::internals::operators::parse;
use footnote::internals::terms::{Phrase, comparable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    assert!(parsed.text.len() <= text.len(), "the question grew");
    assert!(parsed.filter.check().is_ok(), "the filter is too large");
    if parsed.operators.is_empty() {
        assert_eq!(parsed.text, text);
    }
    for operator in &parsed.operators {
        assert!(text.contains(&operator.written), "an operator does not stand in the question");
    }
    for phrase in &parsed.passages.phrases {
        assert!(Phrase::new(phrase).is_in(&comparable(phrase)), "a phrase does not have itself");
    }
});
