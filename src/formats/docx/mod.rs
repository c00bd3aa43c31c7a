//! Word documents (DOCX).

mod body;
mod numbering;
mod styles;

use body::{Body, Seen};
use numbering::Numbering;
use styles::Styles;

use super::flow::Flow;
use super::language::is_believable;
use super::numerals::Numerals;
use super::ooxml::{self, Relations};
use super::package::Package;
use super::xml::{Node, Part};
use super::{Contents, Extracted, InnerFile, Options, Result, versions};
use crate::passage::Format;

/// Reads a file. Headers and footers are left out; footnotes, endnotes and comments follow the text.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let mut package = Package::open(bytes)?;
    let main = ooxml::main_part(&mut package, "word/document.xml")?;
    let part = package.required(&main, "a Word document")?;
    let relations = Relations::of(&mut package, &main)?;
    let mut related = |kind: &str| match relations.by_kind(kind) {
        Some(name) => package.part(name),
        None => Ok(None),
    };
    let styles = related("styles")?.as_ref().map(Styles::read).transpose()?.unwrap_or_default();
    let mut numbering = related("numbering")?.as_ref().map(Numbering::read).transpose()?.unwrap_or_default();
    let notes_parts = (related("footnotes")?, related("endnotes")?, related("comments")?);

    let mut flow = Flow::new(versions::DOCX, options);
    let mut body = Body { styles: &styles, numbering: &mut numbering, seen: Seen::default() };
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        if matches!(node, Node::Start(element) if element.name() == "body") {
            for block in body.blocks(&mut xml)? {
                block.write(&mut flow)?;
            }
        }
    }
    let (footnotes, endnotes, comments) = notes_parts;
    let order = std::mem::take(&mut body.seen.footnotes);
    write_notes(footnotes.as_ref(), "footnote", &order, Numerals::Decimal, &mut body, &mut flow)?;
    let order = std::mem::take(&mut body.seen.endnotes);
    write_notes(endnotes.as_ref(), "endnote", &order, Numerals::LowerRoman, &mut body, &mut flow)?;
    let commented = write_comments(comments.as_ref(), &mut body, &mut flow)?;

    let seen = body.seen;
    let (text, layout) = flow.finish();
    let mut document = Extracted { format: Format::Docx, text, layout, ..Extracted::default() };
    ooxml::properties(&mut package, &mut document);
    document.title = document.title.or_else(|| seen.title.clone());
    let languages = [document.language.take(), styles.east_asian.clone()];
    document.language = languages.into_iter().flatten().find(|tag| is_believable(tag, &document.text));
    let embedded = package.names().filter(|name| name.contains("/embeddings/") && !name.ends_with('/')).count();
    document.notes = notes(&seen, commented, embedded);
    let mut contents = Contents::one(document);
    for id in &seen.chunks {
        if let Some(name) = relations.by_id(id)
            && let Some(bytes) = package.bytes(name)?
        {
            contents.files.push(InnerFile { name: name.to_owned(), bytes });
        }
    }
    Ok(contents)
}

/// Writes footnotes or endnotes in the order of their marks.
fn write_notes(
    part: Option<&Part>,
    kind: &str,
    order: &[String],
    numerals: Numerals,
    body: &mut Body,
    flow: &mut Flow,
) -> Result<()> {
    let Some(part) = part else { return Ok(()) };
    let mut found = std::collections::HashMap::new();
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        // Separators have a type.
        if element.name() == kind && element.attribute("type").is_none_or(|kind| kind == "normal") {
            let id = element.attribute("id").unwrap_or_default();
            let text = one_paragraph(body, &mut xml)?;
            found.insert(id, text);
        }
    }
    for (number, id) in (1..).zip(order) {
        if let Some(text) = found.remove(id) {
            flow.note(&numerals.write(number), &text)?;
        }
    }
    Ok(())
}

/// Writes comments with the names of their authors, and counts them.
fn write_comments(part: Option<&Part>, body: &mut Body, flow: &mut Flow) -> Result<usize> {
    let Some(part) = part else { return Ok(0) };
    let mut count = 0;
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        if element.name() == "comment" {
            let author = element.attribute("author").filter(|author| !author.is_empty());
            let text = one_paragraph(body, &mut xml)?;
            let mark = author.map_or_else(|| "comment".to_owned(), |author| format!("comment by {author}"));
            flow.note(&mark, &text)?;
            count += usize::from(!text.is_empty());
        }
    }
    Ok(count)
}

fn one_paragraph(body: &mut Body, xml: &mut super::xml::Xml) -> Result<String> {
    let blocks = body.blocks(xml)?;
    let paragraphs: Vec<String> = blocks.into_iter().flat_map(body::Block::into_paragraphs).collect();
    Ok(paragraphs.join("\n"))
}

fn notes(seen: &Seen, comments: usize, embedded: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |count: usize, text: String| {
        if count > 0 {
            notes.push(text);
        }
    };
    let hidden = seen.hidden_characters;
    note(hidden, format!("has hidden text, which was left out ({hidden} characters)"));
    let deleted = seen.deleted_characters;
    note(deleted, format!("has tracked changes: deleted text was left out ({deleted} characters)"));
    note(seen.contents_entries, "has a table of contents, which was left out".to_owned());
    note(comments, format!("has comments, which stand at the end of its text ({comments})"));
    note(
        seen.chunks.len(),
        format!("has whole documents inside it, which are read by themselves ({})", seen.chunks.len()),
    );
    note(embedded, format!("has embedded files, which were not read ({embedded})"));
    notes
}

#[cfg(test)]
mod tests;
