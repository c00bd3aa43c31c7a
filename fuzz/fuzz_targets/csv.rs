//! CSV.

#![no_main]

footnote_fuzz::fuzz_formats!(Csv, Tsv);
