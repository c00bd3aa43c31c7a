//! What a terminal may be sent: how wide, how coloured, and never a control character out of a document.

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
