//! Compressed RTF.

#![no_main]

use footnote::internals::formats;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = formats::compressed_rtf(bytes);
    // Most bytes are not compressed RTF at all.
    let mut header = Vec::from(&b"\0\0\0\0\0\0\x10\0LZFu\0\0\0\0"[..]);
    header.extend(bytes);
    let _ = formats::compressed_rtf(&header);
});
