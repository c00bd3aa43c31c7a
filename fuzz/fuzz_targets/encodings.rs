//! Text of any encoding.

#![no_main]

use footnote::internals::formats;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let labels =
        ["utf-8", "big5", "gb18030", "shift_jis", "euc-kr", "iso-2022-jp", "utf-16", "windows-1251", "utf-7", "cp"];
    let label = bytes.first().and_then(|byte| labels.get(usize::from(*byte)));
    for declared in [None, label.copied()] {
        if let Some(text) = formats::decode(bytes, declared) {
            assert!(!text.contains('\0'), "a NUL is left");
        }
    }
});
