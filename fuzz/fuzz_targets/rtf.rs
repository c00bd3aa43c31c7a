//! Rich Text Format.

#![no_main]

footnote_fuzz::fuzz_formats!(Rtf);
