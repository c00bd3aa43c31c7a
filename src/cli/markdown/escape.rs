//! Text of a document in Markdown, so that it reads as it is and can never become markup: not in `CommonMark`, nor in what
//! GitHub, Obsidian and Pandoc add to it.

use crate::cli::term::{clean, one_line};

/// What means something wherever it stands.
const ALWAYS: &str = "\\`*_[]<>&~|$^#{}@=";
/// What means something only where a line starts.
const FIRST: &str = "+-:%!";

/// `text` on one line, escaped as if it stood at the start of one.
pub(super) fn line(text: &str) -> String {
    escaped(&one_line(text))
}

/// `text` with its lines, each escaped; lines that are blank part paragraphs, however many there are.
pub(super) fn paragraphs(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in clean(text).lines().map(|line| escaped(&one_line(line))) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    let mut text = lines.join("\n");
    text.truncate(text.trim_end_matches('\n').len());
    text
}

fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let chars: Vec<char> = line.chars().collect();
    // `1.` or `1)` at the start of a line would begin a list.
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let next = chars.get(at + 1).copied();
        let of_address = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "/-+_".contains(c));
        let means_something = match c {
            c if ALWAYS.contains(c) => true,
            c if at == 0 && FIRST.contains(c) => true,
            '.' | ')' if digits > 0 && at == digits => next.is_none_or(|c| c == ' '),
            // An address that a reader makes a link by itself, or the name of a picture.
            ':' => of_address(next),
            '.' => is_www(&chars, at),
            // A comment between pairs of them.
            '%' => next == Some('%') || before == Some('%'),
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether `www` stands before the point at `at`.
fn is_www(chars: &[char], at: usize) -> bool {
    at >= 3 && chars[at - 3..at].iter().all(|c| c.eq_ignore_ascii_case(&'w'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// The text that `markdown` shows, if it is paragraphs of text and nothing else.
    fn shown(markdown: &str) -> Option<String> {
        let mut options = Options::all();
        // Straight quotation marks may be shown as curled ones: that is no markup.
        options.remove(Options::ENABLE_SMART_PUNCTUATION);
        let mut text = String::new();
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::SoftBreak => text.push('\n'),
                Event::Start(Tag::Paragraph) => {}
                Event::End(TagEnd::Paragraph) => text.push_str("\n\n"),
                _ => return None,
            }
        }
        text.truncate(text.trim_end_matches('\n').len());
        Some(text)
    }

    #[test]
    fn ordinary_sentences_are_left_alone() {
        for text in [
            "The Fed will cut rates by 0.25% in 2026 (or not), says A. Lindqvist: \"wait\"!",
            "0.25% is 1/4 of a point, 2026.",
            "高盛預期聯準會將於2026年降息兩次，美元走弱。",
            "Rates - and yields + spreads; that's all.",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn what_would_be_markup_is_escaped() {
        for (text, escaped) in [
            ("# Title", "\\# Title"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("1) item", "1\\) item"),
            ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript\\:alert(1))"),
            ("![x](y)", "\\!\\[x\\](y)"),
            ("<script>", "\\<script\\>"),
            ("see https://e.org and www.e.org", "see https\\://e.org and www\\.e.org"),
            ("a@e.org", "a\\@e.org"),
            ("a | b", "a \\| b"),
            ("[^1]: forged", "\\[\\^1\\]: forged"),
            ("%%hidden%% 3%", "\\%\\%hidden\\%\\% 3%"),
            ("&amp; ==x== #tag $y$", "\\&amp; \\=\\=x\\=\\= \\#tag \\$y\\$"),
        ] {
            assert_eq!(line(text), escaped);
        }
    }

    #[test]
    fn lines_and_paragraphs_stay_apart() {
        assert_eq!(paragraphs("\n\na\n    b\n\n\n---\nc\n\n"), "a\nb\n\n\\---\nc");
    }

    /// What Markdown is made of, with `¦` between the pieces.
    const PIECES: &str = "*¦**¦_¦`¦```¦~~¦[¦]¦(¦)¦![¦](¦<¦>¦<b>¦&lt;¦#¦## ¦- ¦+ ¦1. ¦2) ¦> ¦|¦---¦===¦\n¦\n\n¦    ¦\t¦\\¦$¦$$¦^¦~¦[^1]¦[^1]: ¦{#a}¦[ ] ¦: ¦:::¦http://e.org¦www.e.org¦a@e.org¦<!--¦<https://e.org>¦[[x]]¦+++¦%%¦:smile:¦降息。¦a¦ ¦1¦.¦!¦\u{1b}¦\u{a0}¦\r¦\u{2028}";

    /// Text out of what Markdown is made of, which chance alone would hardly hit upon.
    fn wild() -> impl Strategy<Value = String> {
        let piece = prop_oneof![4 => prop::sample::select(PIECES.split('¦').collect::<Vec<_>>()).prop_map(str::to_owned), 1 => any::<String>()];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_a_document_holds_a_line_shows_it_and_nothing_is_markup(text in wild()) {
            let markdown = line(&text);
            prop_assert_eq!(shown(&markdown), Some(one_line(&text)), "{:?}", markdown);
            let within = format!("word {}", one_line(&text)).trim_end_matches(' ').to_owned();
            prop_assert_eq!(shown(&format!("word {markdown}")), Some(within), "{:?}", markdown);
        }

        #[test]
        fn whatever_a_document_holds_its_paragraphs_are_text(text in wild()) {
            let markdown = paragraphs(&text);
            let dense = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(shown(&markdown).map(|text| dense(&text)), Some(dense(&clean(&text))), "{:?}", markdown);
        }

        #[test]
        fn no_reader_finds_an_address_in_it(text in wild()) {
            let markdown = line(&text);
            let unescaped = markdown.replace("\\:", "").replace("\\.", "");
            prop_assert!(!unescaped.contains("://") && !unescaped.contains("www."), "{:?}", markdown);
        }
    }
}
