//! Messages and mailboxes.

#![no_main]

footnote_fuzz::fuzz_formats!(Eml, Mbox);
