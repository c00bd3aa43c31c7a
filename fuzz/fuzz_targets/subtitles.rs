//! Subtitles.

#![no_main]

footnote_fuzz::fuzz_formats!(Srt, Vtt);
