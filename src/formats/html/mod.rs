//! Web pages.

mod article;
mod attributes;
mod charset;
mod element;
mod flow;
mod links;
mod metadata;
mod nesting;
#[cfg(feature = "server")]
mod outline;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod walk;

use super::builder::Builder;
use super::{Contents, Extracted, Failure, Options, Result};
use crate::passage::{At, Format, Span};

pub(super) use charset::decode;
pub(super) use flow::is_unspaced;
pub(super) use links::links_in_contents;
#[cfg(feature = "server")]
pub(crate) use outline::outline;
pub(super) use style::{HiddenClasses, add_hidden_classes};
use token::Token;
pub(super) use tokens::{is_xhtml, tokenize};
pub(super) use walk::walk;

const READER: &str = super::versions::HTML;

/// Main content that has less than this part of the page's text is not all of its content.
const MIN_MAIN: f64 = 0.5;

/// A piece of text that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Whether it is quoted from somewhere else.
    pub(super) quoted: bool,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Heading(usize),
    Paragraph,
    /// An item of a list, with what stands before it: `- `, `3. `.
    Item {
        marker: String,
        is_first: bool,
    },
    /// A row of a table, or a line that stands alone in it.
    Row {
        is_first: bool,
        /// Whether it has more than one cell, or one with the name of its column.
        has_cells: bool,
    },
    /// Text whose white space counts.
    Pre,
}

/// Reads a file.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = charset::decode(bytes, None)?;
    let tokens = tokenize(&decoded.text, is_xhtml(&decoded.text))?;
    let facts = metadata::of(&tokens);
    let has_script = tokens.iter().any(|token| matches!(token, Token::Start(tag) if &*tag.name == "script"));
    let mut walked = walk(&tokens, false, &HiddenClasses::new());
    drop(tokens);
    let article = article::extract(&decoded.text, &walked, &facts);
    let (mut article_title, mut byline) = (None, None);
    if let Some(article) = article {
        (article_title, byline) = (Some(article.title), article.byline);
        walked.blocks = article.blocks;
    } else if let Some(main) = walked.main.clone() {
        let main = walked.blocks.get(main).unwrap_or_default();
        if chars(main) as f64 >= MIN_MAIN * chars(&walked.blocks) as f64 {
            walked.blocks = main.to_vec();
        }
    }
    let title = facts.title.or_else(|| only_heading(&walked.blocks));
    let title = title.or(article_title.filter(|title| !title.is_empty())).or(facts.window_title);
    if walked.blocks.is_empty() && has_script {
        return Err(Failure::new(
            "has no text of its own: scripts fill it when it is shown",
            "open it in a browser, save the complete page, and ingest that",
        ));
    }
    let mut notes = decoded.notes();
    notes.extend(hidden_note(walked.hidden_chars));
    let mut builder = Builder::new(READER, options.max_text_bytes);
    for (number, block) in (1..).zip(&walked.blocks) {
        add(&mut builder, block, || At::Paragraph(number))?;
    }
    let (text, layout) = builder.finish();
    Ok(Contents::one(Extracted {
        format: Format::Html,
        text,
        layout,
        title,
        author: facts.author.or(byline),
        published: facts.published,
        language: facts.language,
        url: facts.url,
        tags: facts.tags,
        metadata: facts.other,
        notes,
        ..Extracted::default()
    }))
}

/// The heading of a page, if it has one of the first level.
fn only_heading(blocks: &[Block]) -> Option<String> {
    let mut headings = blocks.iter().filter(|block| block.kind == Kind::Heading(1));
    let heading = headings.next()?.text.clone();
    headings.next().is_none().then_some(heading)
}

/// Adds a block to a text.
pub(super) fn add(builder: &mut Builder, block: &Block, at: impl FnOnce() -> At) -> Result<Option<Span>> {
    match &block.kind {
        Kind::Heading(level) => builder.heading(*level, &block.text, Some(at())),
        Kind::Paragraph => builder.paragraph(&block.text, Some(at())),
        Kind::Item { marker, is_first } => {
            builder.begin(if *is_first { "\n\n" } else { "\n" });
            builder.push(marker, None)?;
            builder.push(&block.text, Some(at()))
        }
        Kind::Row { is_first, has_cells } => {
            builder.begin(if *is_first { "\n\n" } else { "\n" });
            let span = builder.push(&block.text, Some(at()))?;
            if let Some(span) = span.filter(|_| *has_cells) {
                builder.row(span.start, None);
            }
            Ok(span)
        }
        Kind::Pre => {
            builder.begin("\n\n");
            builder.push(&block.text, Some(at()))
        }
    }
}

/// Characters that are not white space.
pub(super) fn chars(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.text.chars().filter(|character| !character.is_whitespace()).count()).sum()
}

/// Tells of text that is not shown.
pub(super) fn hidden_note(chars: usize) -> Option<String> {
    match chars {
        0 => None,
        1 => Some("has hidden text, which was left out (1 character)".to_owned()),
        _ => Some(format!("has hidden text, which was left out ({chars} characters)")),
    }
}
