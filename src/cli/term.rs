//! The layout of text for a terminal: width, colours and links.

/// The widest line that is comfortable to read.
const READABLE_COLUMNS: usize = 100;
/// The width of a terminal that does not report it.
const USUAL_COLUMNS: usize = 80;

/// The layout of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether to write escape sequences for colour and weight.
    pub(crate) colour: bool,
    /// Whether to write titles as links.
    pub(crate) links: bool,
    /// Columns to wrap at; `None` if the output is not a terminal, and lines are not wrapped.
    pub(crate) width: Option<usize>,
}

/// The kind of a piece of text, which determines its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Ordinary text.
    Plain,
    /// A title or a table's header.
    Title,
    /// A footnote mark.
    Mark,
    /// The quote.
    Quote,
    /// The context of a quote.
    Context,
    /// A word of the quote that matches the question.
    Match,
    /// A word of the context that matches the question.
    ContextMatch,
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
            Self::Match => "1;4;32",
            Self::ContextMatch => "4",
        }
    }
}

impl Style {
    /// For another program: no colours, links or wrapping.
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

/// The columns to wrap at: the terminal's width, up to what is comfortable to read.
pub(crate) fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(USUAL_COLUMNS)
        .min(READABLE_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_painted_without_colour_nor_where_there_is_nothing() {
        let plain = Style::PLAIN;
        let coloured = Style { colour: true, ..Style::PLAIN };
        assert_eq!(plain.paint(Role::Quote, "a"), "a");
        assert_eq!(coloured.paint(Role::Mark, "[1]"), "\u{1b}[36m[1]\u{1b}[0m");
        assert_eq!(coloured.paint(Role::Mark, ""), "");
        assert_eq!(coloured.paint(Role::Plain, "a"), "a");
    }
}
