//! Texts and presentations of OpenDocument (ODT, ODP).

mod document;
mod inline;
mod slides;
mod styles;
mod text;

pub(super) use document::content;
pub(super) use inline::inline_text;
use styles::Styles;
use text::Text;

use super::builder::Builder;
use super::flow::Flow;
use super::language::is_believable;
use super::package::Package;
use super::xml::Node;
use super::{Contents, Extracted, Options, Result, versions};
use crate::passage::Format;

/// Reads a file of one of these formats.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let mut package = Package::open(bytes)?;
    let mut document = Extracted { format, ..Extracted::default() };
    let name = if format == Format::Odp { "an OpenDocument presentation" } else { "an OpenDocument text" };
    let content = content(&mut package, name, &mut document)?;
    let mut styles = Styles::default();
    if let Some(part) = package.part("styles.xml")? {
        styles.add(&part)?;
    }
    styles.add(&content)?;
    let seen = if format == Format::Odp {
        let mut builder = Builder::new(versions::ODF, options.max_text_bytes);
        let (seen, hidden) = slides::read(&content, &styles, &mut builder)?;
        (document.text, document.layout) = builder.finish();
        if hidden > 0 {
            document.notes.push(format!("has hidden slides, which were left out ({hidden})"));
        }
        seen
    } else {
        let mut flow = Flow::new(versions::ODF, options);
        let mut xml = content.xml();
        let mut found = Default::default();
        while let Some(node) = xml.next()? {
            if matches!(node, Node::Start(element) if element.name() == "body") {
                found = Text::new(&styles, &mut flow).read(&mut xml)?;
            }
        }
        let (seen, indexes, title) = found;
        document.title = document.title.or(title);
        (document.text, document.layout) = flow.finish();
        if indexes > 0 {
            document.notes.push("has a table of contents or an index, which was left out".to_owned());
        }
        if !seen.comments.is_empty() {
            let count = seen.comments.len();
            document.notes.push(format!("has comments, which stand at the end of its text ({count})"));
        }
        seen
    };
    if seen.hidden_characters > 0 {
        let count = seen.hidden_characters;
        document.notes.push(format!("has hidden text, which was left out ({count} characters)"));
    }
    let languages = [document.language.take(), styles.east_asian];
    document.language = languages.into_iter().flatten().find(|tag| is_believable(tag, &document.text));
    Ok(Contents::one(document))
}

#[cfg(test)]
mod tests;
