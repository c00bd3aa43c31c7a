//! What a question has between quotation marks.

use std::ops::Range;

/// Opening marks with the marks that close them.
const MARKS: &[(char, &[char])] = &[
    ('"', &['"']),
    ('“', &['”', '“']),
    ('„', &['“', '”', '‟']),
    ('«', &['»']),
    ('»', &['«']),
    ('‹', &['›']),
    ('「', &['」']),
    ('『', &['』']),
    ('《', &['》']),
    ('〈', &['〉']),
    ('＂', &['＂']),
    ('`', &['`']),
];

/// The byte ranges between quotation marks, in order. A mark that nothing closes quotes nothing.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some((offset, open)) = text[at..].char_indices().find(|(_, c)| MARKS.iter().any(|(mark, _)| mark == c)) {
        let start = at + offset + open.len_utf8();
        let closing = MARKS.iter().find(|(mark, _)| *mark == open).map_or(&[][..], |(_, closing)| closing);
        match text[start..].find(closing) {
            Some(length) => {
                spans.push(start..start + length);
                let close = text[start + length..].chars().next().map_or(0, char::len_utf8);
                at = start + length + close;
            }
            None => at = start,
        }
    }
    spans
}

/// Whether a place is quoted.
pub(super) fn is_quoted(spans: &[Range<usize>], at: usize) -> bool {
    spans.iter().any(|span| span.contains(&at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_every_language_quote_and_open_ones_do_not() {
        let of = |text: &'static str| spans(text).into_iter().map(|span| &text[span]).collect::<Vec<_>>();
        assert_eq!(of("who is \"Jon Smyht\" and “ab”?"), ["Jon Smyht", "ab"]);
        assert_eq!(of("wer ist „Müler“ und »Maier«"), ["Müler", "Maier"]);
        assert_eq!(of("「江息」和《書名》"), ["江息", "書名"]);
        assert_eq!(of("a 5\" disk"), Vec::<&str>::new());
    }
}
