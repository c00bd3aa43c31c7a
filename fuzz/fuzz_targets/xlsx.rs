//! Excel since 2007, and OpenDocument spreadsheets.

#![no_main]

footnote_fuzz::fuzz_packages!(Xlsx, Xlsb, Ods);
