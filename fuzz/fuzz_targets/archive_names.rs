//! Names of the files in an archive.

#![no_main]

use footnote::internals::formats;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    for name in formats::archive_names(&names) {
        let parts = || name.split('/');
        assert!(!name.is_empty() && parts().all(|part| !matches!(part, "" | "." | "..")), "{name:?} leads elsewhere");
        assert!(parts().all(|part| !part.starts_with('.')), "{name:?} is hidden");
    }
});
