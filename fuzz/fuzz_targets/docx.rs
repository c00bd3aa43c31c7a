//! Word.

#![no_main]

footnote_fuzz::fuzz_packages!(Docx);
