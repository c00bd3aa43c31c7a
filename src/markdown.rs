//! Escapes text of a document for Markdown, so that it is shown as text and never becomes markup: not in `CommonMark`, nor
//! in the extensions of GitHub, remark, Obsidian and Pandoc.
//!
//! Most characters are escaped with a backslash. Addresses need more: GitHub and remark look for `www.`, `http://` and
//! `name@host` in the text that remains after backslashes are resolved, and make links of them. A word joiner (U+2060),
//! which is not visible, breaks these up.

use crate::display::{clean, one_line};

/// Invisible, and part of no address.
const WORD_JOINER: char = '\u{2060}';
/// Escaped wherever they stand.
const ALWAYS: &str = "\\`*_[]<>&~|$^#{}@=";
/// Escaped only at the start of a line.
const FIRST: &str = "+-:%!";

/// `text` on one line, escaped so that it can stand at the start of a line.
pub(crate) fn line(text: &str) -> String {
    escaped(&one_line(text))
}

/// `text` with its lines, each escaped. Any number of blank lines separates two paragraphs.
pub(crate) fn paragraphs(text: &str) -> String {
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
        let in_address = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "/-+_".contains(c));
        let ends_www = c == '.' && is_www(&chars[..at]);
        let is_special = match c {
            c if ALWAYS.contains(c) => true,
            c if at == 0 && FIRST.contains(c) => true,
            '.' | ')' if digits > 0 && at == digits => next.is_none_or(|c| c == ' '),
            // The scheme of an address, or the name of an emoji.
            ':' => in_address(next),
            '.' => ends_www,
            // A comment in Obsidian, between two pairs.
            '%' => next == Some('%') || before == Some('%'),
            _ => false,
        };
        if ends_www {
            out.push(WORD_JOINER);
        }
        if is_special {
            out.push('\\');
        }
        out.push(c);
        // Mail addresses and GitHub's mentions; schemes; GitHub's references to issues.
        let breaks_address = match c {
            '@' => next.is_some_and(|c| !c.is_whitespace()),
            ':' => next == Some('/'),
            '#' => next.is_some_and(|c| c.is_ascii_digit()),
            _ => false,
        };
        if breaks_address {
            out.push(WORD_JOINER);
        }
    }
    out
}

/// Whether `chars` end in `www`.
fn is_www(chars: &[char]) -> bool {
    chars.len() >= 3 && chars[chars.len() - 3..].iter().all(|c| c.eq_ignore_ascii_case(&'w'))
}

#[cfg(test)]
mod tests {
    use comrak::nodes::NodeValue;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// `text` without the word joiners that [`line`] puts in, nor those that were in it before.
    fn unjoined(text: &str) -> String {
        text.replace(WORD_JOINER, "")
    }

    /// The text that GitHub's parser shows, with all its extensions and more, if it is paragraphs of text and nothing else.
    fn shown_on_github(markdown: &str) -> Option<String> {
        let mut options = comrak::Options::default();
        let on = &mut options.extension;
        (on.autolink, on.table, on.strikethrough, on.tasklist, on.footnotes) = (true, true, true, true, true);
        (on.superscript, on.description_lists, on.math_dollars) = (true, true, true);
        (on.alerts, on.underline, on.spoiler, on.subscript, on.multiline_block_quotes) = (true, true, true, true, true);
        let arena = comrak::Arena::new();
        let mut text = String::new();
        for node in comrak::parse_document(&arena, markdown, &options).descendants() {
            match &node.data.borrow().value {
                NodeValue::Document => {}
                NodeValue::Paragraph => text.push_str(if text.is_empty() { "" } else { "\n\n" }),
                NodeValue::Text(part) => text.push_str(part),
                NodeValue::SoftBreak => text.push('\n'),
                _ => return None,
            }
        }
        Some(text)
    }

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
            ("see https://e.org and www.e.org", "see https\\:\u{2060}//e.org and www\u{2060}\\.e.org"),
            ("a@e.org @me #12", "a\\@\u{2060}e.org \\@\u{2060}me \\#\u{2060}12"),
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
    const PIECES: &str = "*¦**¦_¦`¦```¦~~¦[¦]¦(¦)¦![¦](¦<¦>¦<b>¦&lt;¦#¦## ¦- ¦+ ¦1. ¦2) ¦> ¦|¦---¦===¦\n¦\n\n¦    ¦\t¦\\¦$¦$$¦^¦~¦[^1]¦[^1]: ¦{#a}¦[ ] ¦: ¦:::¦http://e.org¦www.e.org¦a@e.org¦@me¦#12¦ftp://e.org¦mailto:a@e.org¦xmpp:a@e.org¦//e.org/a.png¦WWW.e.org¦HTTPS://e.org¦<!--¦<https://e.org>¦[[x]]¦+++¦%%¦:smile:¦降息。¦a¦ ¦1¦.¦!¦\u{1b}¦\u{a0}¦\r¦\u{2028}";

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
            let expected = Some(unjoined(&one_line(&text)));
            let within = Some(unjoined(format!("word {}", one_line(&text)).trim_end_matches(' ')));
            for shown in [shown, shown_on_github] {
                let shown = |markdown: &str| shown(markdown).map(|text| unjoined(&text));
                prop_assert_eq!(&shown(&markdown), &expected, "{:?}", markdown);
                prop_assert_eq!(&shown(&format!("word {markdown}")), &within, "{:?}", markdown);
            }
        }

        #[test]
        fn whatever_a_document_holds_its_paragraphs_are_text(text in wild()) {
            let markdown = paragraphs(&text);
            let dense = |text: &str| unjoined(text).split_whitespace().collect::<String>();
            for shown in [shown, shown_on_github] {
                let shown = shown(&markdown).map(|text| dense(&text));
                prop_assert_eq!(shown, Some(dense(&clean(&text))), "{:?}", markdown);
            }
        }

        #[test]
        fn no_reader_finds_an_address_in_the_text_that_is_shown(text in wild()) {
            // As remark looks for them, after backslashes are resolved.
            let shown = shown(&line(&text)).unwrap_or_default().to_lowercase();
            prop_assert!(!shown.contains("://") && !shown.contains("www."), "{:?}", shown);
            let mail = shown.split('@').zip(shown.split('@').skip(1));
            for (_, host) in mail {
                let ends = |c: char| c == WORD_JOINER || c.is_whitespace();
                prop_assert!(host.is_empty() || host.starts_with(ends), "{:?}", shown);
            }
        }
    }
}
