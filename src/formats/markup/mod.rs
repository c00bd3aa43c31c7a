//! Texts with light markup (reStructuredText, AsciiDoc, Org, LaTeX).
//!
//! The text is kept as it is, line for line, so that lines are those of the file. Only what no reader sees is emptied: the
//! preamble and comments of LaTeX, drawers of Org.

mod asciidoc;
mod latex;
mod org;
mod rst;

use super::{Contents, Extracted, Options, Result, text, versions};
use crate::lines::{TextLine, lines};
use crate::passage::{Format, Heading, Layout, Span};

/// What the markup says.
#[derive(Debug, Default)]
struct Markup {
    /// The text, if it is not that of the file.
    text: Option<String>,
    headings: Vec<Heading>,
    title: Option<String>,
    author: Option<String>,
    published: Option<String>,
    language: Option<String>,
    tags: Vec<String>,
}

/// Reads a file of one of these formats.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = text::decode(bytes, options)?;
    let notes = decoded.notes();
    let markup = match format {
        Format::Asciidoc => asciidoc::read(&decoded.text),
        Format::Org => org::read(&decoded.text),
        Format::Latex => latex::read(&decoded.text),
        _ => rst::read(&decoded.text),
    };
    let layout = Layout { reader: versions::MARKUP.to_owned(), headings: markup.headings, ..Layout::default() };
    Ok(Contents::one(Extracted {
        format,
        text: markup.text.unwrap_or(decoded.text),
        layout,
        title: markup.title,
        author: markup.author,
        published: markup.published,
        language: markup.language,
        tags: markup.tags,
        notes,
        ..Extracted::default()
    }))
}

/// The lines of a text with what they hold.
fn numbered(text: &str) -> Vec<(TextLine, &str)> {
    lines(text).map(|line| (line, text.get(line.start..line.end).unwrap_or_default())).collect()
}

/// A heading from `start` to `end`, if it has a text.
fn heading(start: usize, end: usize, level: usize, text: &str) -> Option<Heading> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| Heading { span: Span::new(start, end), level: level.clamp(1, 6), text })
}

/// The value, if it is not blank.
fn some(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests;
