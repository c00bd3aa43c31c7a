//! Messages of Outlook.

#![no_main]

footnote_fuzz::fuzz_formats!(Msg);
