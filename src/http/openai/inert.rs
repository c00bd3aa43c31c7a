//! Text from documents in a Markdown message, which no renderer makes anything else of.
//!
//! It is display text on one line. Where Markdown, HTML or a front end would make markup of it (an image to fetch, a tag, a link,
//! maths, another footnote, a block that swallows what follows), a backslash or an invisible word joiner keeps it text.

use crate::display::clean;

/// `url` between the parentheses of a link. Parentheses would end it early; code, tables and maths bind tighter than
/// links.
pub(super) fn destination(url: &str) -> String {
    let special = [('(', "%28"), (')', "%29"), ('$', "%24"), ('`', "%60"), ('|', "%7C")];
    special.iter().fold(url.to_owned(), |url, (c, encoded)| url.replace(*c, encoded))
}

/// A title between the brackets of a link. Its own brackets become fullwidth ones, since maths renderers take escaped
/// ones for delimiters.
pub(super) fn title(title: &str) -> String {
    inert(&title.replace('[', "［").replace(']', "］"))
}

/// Invisible, and no markup continues across it.
const WORD_JOINER: char = '\u{2060}';

/// `words` on one line, so that no Markdown renderer makes anything else of them.
pub(super) fn inert(words: &str) -> String {
    let words = clean(words).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut inert = String::with_capacity(words.len());
    let mut chars = words.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let in_word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        // Code, emphasis, strikethrough, tables, maths.
        let escaped = match c {
            '`' | '*' | '|' | '~' | '$' => true,
            '_' => !(in_word(before) && in_word(next)),
            _ => false,
        };
        if escaped {
            inert.push('\\');
        }
        inert.push(c);
        let after_letter = before.is_some_and(|before: char| before.is_ascii_alphabetic());
        // Links, images, footnotes, tags, entities, escapes, and addresses that renderers turn into links: with a scheme
        // (`http:`, `mailto:`), without one (`//host`, `www.host`, `host.com`), and of e-mail.
        let joined = match (c, next) {
            (']', Some('(' | '[' | ':'))
            | ('[', Some('^' | ' ' | 'x' | 'X'))
            | (':' | '/', Some('/'))
            | ('w' | 'W', Some('.'))
            | ('\\' | '@', _) => true,
            ('[', Some(next)) => next.is_ascii_digit(),
            (':', Some(next)) => after_letter && !next.is_whitespace(),
            ('.', Some(next)) => next.is_alphabetic(),
            ('<', Some(next)) => next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'),
            ('&', Some(next)) => next == '#' || next.is_ascii_alphabetic(),
            _ => false,
        };
        if joined {
            inert.push(WORD_JOINER);
        }
        before = Some(c);
    }
    inert
}

/// [`inert`] at the start of a line, where Markdown finds headings, lists, quotes and rules.
pub(super) fn at_line_start(words: &str) -> String {
    let inert = inert(words);
    let number = inert.trim_start_matches(|c: char| c.is_ascii_digit());
    let starts_block = inert.starts_with(|c: char| c.is_ascii_punctuation() && c != '\\')
        || (number.len() < inert.len() && number.starts_with(['.', ')']));
    if starts_block { format!("{WORD_JOINER}{inert}") } else { inert }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// What a reader sees of Markdown, if it is one paragraph of nothing but words.
    fn seen(markdown: &str) -> Option<String> {
        let extensions = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM
            | Options::ENABLE_MATH
            | Options::ENABLE_HEADING_ATTRIBUTES;
        let mut seen = String::new();
        for event in Parser::new_ext(markdown, extensions) {
            match event {
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                Event::Text(text) => seen.push_str(&text),
                _ => return None,
            }
        }
        Some(seen.replace(WORD_JOINER, ""))
    }

    #[test]
    fn a_quote_forges_no_footnote_and_swallows_none() {
        assert_eq!(inert("as shown [2] before"), format!("as shown [{WORD_JOINER}2] before"));
        for words in
            ["```", "~~~ x", "# heading", "- item", "1. item", "> quoted", "***", "a | b", "`code", "[1]: http://x"]
        {
            let text = format!("{}[1]\n\n- [1] x", at_line_start(words));
            let starts: Vec<_> = Parser::new(&text).filter(|event| matches!(event, Event::Start(_))).collect();
            assert!(
                matches!(starts[..2], [Event::Start(Tag::Paragraph), Event::Start(Tag::List(None))]),
                "{text}: {starts:?}"
            );
        }
        assert_eq!(title("Ferry [new] (line)"), "Ferry ［new］ (line)");
        // These are found by front ends, and not by the parser here.
        for address in ["https://a.example/b", "www.a.example", "someone@a.example"] {
            assert!(inert(address).contains(WORD_JOINER), "{address}");
        }
    }

    /// Whether GitHub's dialect makes anything but text of `markdown`: it also finds addresses without markup.
    fn is_text_in_gfm(markdown: &str) -> bool {
        let mut options = comrak::Options::default();
        options.extension.autolink = true;
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.math_dollars = true;
        options.extension.footnotes = true;
        let html = comrak::markdown_to_html(markdown, &options);
        let text = html.trim().strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
        text.is_some_and(|text| !text.contains('<'))
    }

    /// Whether markdown-it's linkifier finds an address that begins in `words`: a scheme that it knows, a
    /// protocol-relative address, or a host with a top-level domain. Its hosts may contain word joiners.
    fn is_linkified(words: &str) -> bool {
        let begins = ["http://", "https://", "ftp://", "mailto:", "//"].iter().any(|scheme| {
            let mut found = words.match_indices(scheme);
            found.any(|(at, _)| words[at + scheme.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
        let has_host = words.split_whitespace().any(|word| {
            let mut labels = word.split('.');
            labels.next().is_some_and(|first| !first.is_empty())
                && labels
                    .any(|label| ["com", "org", "net", "tw"].contains(&label.split('/').next().unwrap_or_default()))
        });
        begins || has_host
    }

    #[test]
    fn addresses_and_maths_in_a_quote_stay_text() {
        for words in [
            "https://evil.example/a",
            "see http://evil.example",
            "www.evil.example",
            "//evil.example/a.png",
            "evil.com/a",
            "someone@evil.com",
            "mailto:someone@evil.com",
            "xmpp:someone@evil.com/a",
            "ftp://evil.example",
            "$x^2$ and $$y$$",
            r"\(x\) and \[y\]",
            "costs $5 or $6",
        ] {
            let words = at_line_start(words);
            assert!(
                is_text_in_gfm(&words),
                "{words}: {}",
                comrak::markdown_to_html(&words, &comrak::Options::default())
            );
            assert!(!is_linkified(&words), "{words}");
            assert!(!words.replace("\\$", "").contains('$'), "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_words_of_a_document_become_markup_in_gfm(
            words in r"([a-z@./:$*_~|<>\[\]()\\`!#&; -]|https?://|www\.|mailto:|//|\.com|&#64;|\$\$){0,16}"
        ) {
            let words = at_line_start(&words);
            prop_assert!(words.is_empty() || is_text_in_gfm(&words), "{words}");
            prop_assert!(!is_linkified(&words), "{words}");
        }

        #[test]
        fn what_is_seen_of_a_quote_are_its_words(
            words in r"([\[\]()!<>:\\`a-z0-9/ \n*_~|#&;.+=^$@-]|<img src=x>|!\[x\]\(y\)|https:|&#91;|```|~~~|\$\$){0,24}"
        ) {
            let plain = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let marked = at_line_start(&words) + "[1]";
            prop_assert_eq!(seen(&marked), Some(format!("{plain}[1]")), "{}", marked);
            let named = format!("[{}](http://localhost/x)", title(&words));
            let links = Parser::new(&named).filter(|event| matches!(event, Event::Start(Tag::Link { .. })));
            prop_assert!(plain.is_empty() || links.count() == 1, "{}", named);
            let behind = seen(&format!("x {}", inert(&words)));
            prop_assert_eq!(behind, Some(format!("x {plain}").trim().to_owned()), "{}", inert(&words));
        }
    }
}
