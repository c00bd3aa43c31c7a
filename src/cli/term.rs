//! What a terminal may be sent: how wide, how coloured, and never a control character out of a document.

use std::borrow::Cow;

/// The widest line that is comfortable to read.
const READABLE_COLUMNS: usize = 100;
/// The width of a terminal that does not tell.
const USUAL_COLUMNS: usize = 80;

/// How text for people is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether escape sequences for colour and weight are written.
    pub(crate) colour: bool,
    /// Whether titles are links that the terminal opens.
    pub(crate) links: bool,
    /// Columns to wrap at; `None` where the output is no terminal, and lines are left as they are.
    pub(crate) width: Option<usize>,
}

/// What a piece of text is, which decides its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Text as such.
    Plain,
    /// A title or a table's header.
    Title,
    /// A footnote mark.
    Mark,
    /// The words that answer.
    Quote,
    /// What stands around them.
    Context,
}

impl Role {
    /// Its parameters of the Select Graphic Rendition sequence (ECMA-48); empty for none.
    pub(crate) fn sgr(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => "1",
            Self::Mark => "36",
            Self::Quote => "1;32",
            Self::Context => "2",
        }
    }
}

impl Style {
    /// What another program reads: text alone, a line for each line.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { colour: false, links: false, width: None };

    /// `text` in the look of `role`.
    pub(crate) fn paint(self, role: Role, text: &str) -> String {
        match role.sgr() {
            sgr if self.colour && !sgr.is_empty() && !text.is_empty() => format!("\u{1b}[{sgr}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }
}

/// The columns to wrap at on a terminal: its own width, but no more than is comfortable to read.
pub(crate) fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(USUAL_COLUMNS)
        .min(READABLE_COLUMNS)
}

/// `text` without anything that a terminal would obey: a control character (C0 but for newline and tab, DEL, C1) or
/// one that turns the writing direction becomes U+FFFD, so that it is seen to be there. CRLF becomes a newline.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let unified = text.replace("\r\n", "\n");
    Cow::Owned(unified.chars().map(|c| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
}

/// [`clean`] on one line: every run of newlines, tabs and the spaces around them becomes one space.
pub(crate) fn one_line(text: &str) -> String {
    let clean = clean(text);
    let parts = clean.split(['\n', '\t']).map(|part| part.trim_matches(' ')).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// JSON that is safe to show: what [`clean`] would replace is escaped instead, so that its value stays the same.
pub(crate) fn clean_json(json: &str) -> Cow<'_, str> {
    // Newlines stand between tokens; all else that is obeyed can only stand inside a string.
    if !json.chars().any(is_obeyed) {
        return Cow::Borrowed(json);
    }
    let escape = |c: char| if is_obeyed(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    Cow::Owned(json.chars().map(escape).collect())
}

fn is_obeyed(c: char) -> bool {
    let turns_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns_direction || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_made_visible_and_harmless() {
        assert_eq!(clean("\u{1b}[2Jgone\u{9b}31m\u{7f}"), "\u{fffd}[2Jgone\u{fffd}31m\u{fffd}");
        assert_eq!(clean("a\u{202e}b\u{2066}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "聯準會\u{a0}2026：\n\t« 3.5% » שלום\u{200f}";
        assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
        assert_eq!(clean("a\r\nb\rc"), "a\nb\u{fffd}c");
    }

    #[test]
    fn one_line_has_no_line_break() {
        assert_eq!(one_line("  a \n\n\t b\r\nc  d "), "a b c  d");
        assert_eq!(one_line("\n"), "");
    }

    #[test]
    fn nothing_is_painted_without_colour_nor_where_there_is_nothing() {
        let plain = Style::PLAIN;
        let coloured = Style { colour: true, ..Style::PLAIN };
        assert_eq!(plain.paint(Role::Quote, "a"), "a");
        assert_eq!(coloured.paint(Role::Mark, "[1]"), "\u{1b}[36m[1]\u{1b}[0m");
        assert_eq!(coloured.paint(Role::Mark, ""), "");
        assert_eq!(coloured.paint(Role::Plain, "a"), "a");
    }

    proptest! {
        #[test]
        fn whatever_a_document_holds_no_control_character_comes_through(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(is_obeyed));
            prop_assert!(!one_line(&text).chars().any(char::is_control));
        }

        #[test]
        fn cleaned_json_means_the_same(text in any::<String>()) {
            let json = serde_json::json!({ "text": text });
            let shown = serde_json::to_string_pretty(&json).unwrap();
            let shown = clean_json(&shown);
            prop_assert!(!shown.chars().any(is_obeyed));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
        }
    }
}
