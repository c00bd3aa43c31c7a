//! Text with markup.

#![no_main]

footnote_fuzz::fuzz_formats!(Rst, Asciidoc, Org, Latex);
