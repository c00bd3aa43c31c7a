//! OpenDocument text and presentations.

#![no_main]

footnote_fuzz::fuzz_packages!(Odt, Odp);
