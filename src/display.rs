//! Makes text from documents safe to show: no character in it can control a terminal, reorder the text around it, or
//! carry words that a person does not see.
//!
//! Display text (the terminal, chat messages, MCP text, Markdown) passes through [`clean`] or [`one_line`]. JSON fields
//! that carry a document's bytes for programs (`quote`, `text`) do not: there `text[start..end] == quote` must hold.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces each run of unsafe characters with one U+FFFD, so that a reader sees that something was there. CRLF becomes
/// a newline.
///
/// Unsafe are:
/// - control characters (C0 except newline and tab, DEL, C1), which terminals obey;
/// - bidirectional embeddings, overrides and isolates, which reorder what is around them;
/// - tag characters, variation selectors without a base, and other invisible characters in a row, which can spell out
///   text that only a machine reads.
///
/// A single joiner, direction mark or variation selector is part of ordinary writing and stays.
pub fn clean(text: &str) -> Cow<'_, str> {
    // Nearly all text is ordinary: look before copying.
    if !may_be_unsafe(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = Before::Nothing;
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        before = match kind(c) {
            Kind::Plain => {
                clean.push(c);
                // A selector at the start of a line has no base.
                if matches!(c, '\n' | '\u{2028}' | '\u{2029}') { Before::Nothing } else { Before::Visible }
            }
            // Emoji are joined behind the selector of their form.
            Kind::Invisible
                if matches!(before, Before::Nothing | Before::Visible)
                    || (before == Before::Selector && c == ZERO_WIDTH_JOINER) =>
            {
                clean.push(c);
                Before::Invisible
            }
            Kind::Selector if before == Before::Visible => {
                clean.push(c);
                Before::Selector
            }
            _ => {
                if before != Before::Replaced {
                    clean.push(char::REPLACEMENT_CHARACTER);
                }
                Before::Replaced
            }
        };
    }
    Cow::Owned(clean)
}

/// [`clean`] on one line: each run of newlines and tabs, with the spaces around it, becomes one space.
pub fn one_line(text: &str) -> String {
    let clean = clean(text);
    let is_break = |c: char| matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}');
    let parts = clean.split(is_break).map(|part| part.trim_matches(' ')).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// JSON that is safe to print: every unsafe or invisible character is written as an escape, so that the value stays the
/// same.
pub fn clean_json(json: &str) -> Cow<'_, str> {
    // Outside of strings JSON has only ASCII and newlines, so whatever is escaped here is inside a string.
    let is_escaped = |c: char| kind(c) != Kind::Plain;
    if !json.chars().any(is_escaped) {
        return Cow::Borrowed(json);
    }
    let mut clean = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(clean, "\\u{unit:04x}");
            }
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// Whether `text` has a character that cannot be in an address that a person is shown: one that [`clean`] may replace,
/// an invisible one, or white space.
pub fn has_hidden(text: &str) -> bool {
    text.chars().any(|c| kind(c) != Kind::Plain || c.is_whitespace())
}

/// What came before, for characters that are only safe in some places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Visible,
    Invisible,
    Selector,
    Replaced,
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Never safe.
    Unsafe,
    /// Safe if no other invisible character comes before it.
    Invisible,
    /// Safe after a visible character, whose form it selects.
    Selector,
}

fn kind(c: char) -> Kind {
    match c {
        '\n' | '\t' | ' '..='~' => Kind::Plain,
        c if c.is_control() => Kind::Unsafe,
        // Embeddings, overrides, isolates.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Deprecated format characters, interlinear annotations, invisible operators.
        | '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{2061}'..='\u{2065}'
        // Tags, and other default-ignorable code points of plane 14.
        | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}'
        // Musical and shorthand format controls.
        | '\u{1d173}'..='\u{1d17a}' | '\u{1bca0}'..='\u{1bca3}' => Kind::Unsafe,
        // Mongolian, standard and ideographic variation selectors.
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Kind::Selector,
        // Soft hyphen, grapheme joiner, Arabic letter mark, Hangul fillers, zero-width space, joiners and direction
        // marks, word joiner, byte order mark.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{200b}'..='\u{200f}'
        | '\u{2060}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' => Kind::Invisible,
        _ => Kind::Plain,
    }
}

fn may_be_unsafe(text: &str) -> bool {
    text.chars().any(|c| kind(c) != Kind::Plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_selector_at_the_start_of_a_line_has_no_base() {
        assert_eq!(clean("a\u{fe00}\n\u{fe00}b"), "a\u{fe00}\n\u{fffd}b");
        assert_eq!(one_line("a\n\u{fe00}b"), "a \u{fffd}b");
    }

    #[test]
    fn escape_sequences_become_visible_and_harmless() {
        assert_eq!(clean("\u{1b}[2Jgone\u{9b}31m\u{7f}"), "\u{fffd}[2Jgone\u{fffd}31m\u{fffd}");
        assert_eq!(clean("a\u{202e}b\u{2066}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "聯準會\u{a0}2026：\n\t« 3.5% » שלום";
        assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
        assert_eq!(clean("a\r\nb\rc"), "a\nb\u{fffd}c");
        let texts = [
            "שלום\u{200f} (1)",
            "می\u{200c}خواهم",
            "👩\u{200d}🚀",
            "葛\u{e0100}城",
            "❤\u{fe0f}",
            "❤\u{fe0f}\u{200d}🔥",
            "co\u{ad}operate",
            "a\u{200b}b",
        ];
        for text in texts {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn text_that_only_a_machine_reads_is_replaced() {
        let tags: String = "ignore".chars().filter_map(|c| char::from_u32(0xe0000 + u32::from(c))).collect();
        assert_eq!(clean(&format!("a{tags}b")), "a\u{fffd}b");
        assert_eq!(clean("a\u{200b}\u{200c}\u{200b}\u{200b}b"), "a\u{200b}\u{fffd}b");
        assert_eq!(clean("😀\u{e0101}\u{e0102}\u{e0103}"), "😀\u{e0101}\u{fffd}");
        assert_eq!(clean("\u{fe0f}"), "\u{fffd}");
    }

    #[test]
    fn one_line_has_no_line_break() {
        assert_eq!(one_line("  a \n\n\t b\r\nc  d "), "a b c  d");
        assert_eq!(one_line("a\u{2028}b"), "a b");
        assert_eq!(one_line("\n"), "");
    }

    #[test]
    fn an_address_with_a_hidden_character_is_found() {
        for text in ["https://e.example/\u{202e}", "https://e.example/\u{200b}", "https://e.example/ a", "\u{e0041}"] {
            assert!(has_hidden(text), "{text:?}");
        }
        assert!(!has_hidden("https://例.example/降息?a=1"));
    }

    proptest! {
        #[test]
        fn whatever_a_document_holds_no_unsafe_character_comes_through(text in any::<String>()) {
            let clean = clean(&text);
            prop_assert!(!clean.chars().any(|c| kind(c) == Kind::Unsafe));
            prop_assert!(!one_line(&text).chars().any(char::is_control));
            let hidden = |c: char| matches!(kind(c), Kind::Invisible | Kind::Selector);
            let pairs = clean.chars().zip(clean.chars().skip(1));
            prop_assert!(!pairs.into_iter().any(|(a, b)| hidden(a) && hidden(b) && b != ZERO_WIDTH_JOINER), "{clean:?}");
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(text in "[a\\r\\n\u{200b}\u{1b}\u{e0041}\u{fe0f}葛]{0,12}") {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
        }

        #[test]
        fn cleaned_json_means_the_same(text in any::<String>()) {
            let json = serde_json::json!({ "text": text });
            let shown = serde_json::to_string_pretty(&json).unwrap();
            let shown = clean_json(&shown);
            prop_assert!(shown.chars().all(|c| kind(c) == Kind::Plain));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
        }
    }
}
