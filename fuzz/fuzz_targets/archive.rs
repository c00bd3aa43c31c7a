//! Archives with files of all formats.

#![no_main]

footnote_fuzz::fuzz_packages!(Zip);
