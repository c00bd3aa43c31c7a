//! Web pages.

#![no_main]

footnote_fuzz::fuzz_formats!(Html);
