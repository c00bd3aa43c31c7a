//! Excel up to 2003.

#![no_main]

footnote_fuzz::fuzz_formats!(Xls);
