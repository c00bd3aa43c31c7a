//! The characters that end sentences, in all scripts.

/// Whether `c` ends a sentence whatever follows.
pub(super) fn is_strong(c: char) -> bool {
    matches!(
        c,
        '。' | '！'
            | '？'
            | '；'
            | '｡'
            | '．'
            | '।'
            | '॥'
            | '؟'
            | '۔'
            | '։'
            | '።'
            | '፧'
            | '។'
            | '៕'
            | '။'
            | '\u{37E}'
            | '‼'
            | '⁇'
            | '⁈'
            | '⁉'
    )
}

/// Whether `c` may end a sentence.
pub(super) fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | ';' | '…') || is_strong(c)
}

/// The end of the run of terminators at `at`: `！？`, `...`, `……`.
pub(super) fn end_of_run(stretch: &str, at: usize) -> usize {
    stretch[at..].find(|c| !is_terminator(c)).map_or(stretch.len(), |length| at + length)
}
