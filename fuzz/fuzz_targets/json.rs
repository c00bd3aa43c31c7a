//! JSON.

#![no_main]

footnote_fuzz::fuzz_formats!(Json, Jsonl);
