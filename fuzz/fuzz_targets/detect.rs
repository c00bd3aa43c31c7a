//! The format of a file.

#![no_main]

use footnote::internals::formats;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let name = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let content = bytes.get(name.len() + 1..).unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    let _ = formats::format_of(&name, content);
    let _ = formats::format_of("a", bytes);
});
