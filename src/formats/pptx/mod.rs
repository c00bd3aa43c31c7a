//! Presentations of PowerPoint (PPTX).

mod slide;

use super::builder::Builder;
use super::language::is_believable;
use super::ooxml::{self, Relations};
use super::package::Package;
use super::slide::SlideBlock;
use super::xml::Node;
use super::{Contents, Extracted, Options, Result, versions};
use crate::passage::Format;

/// Reads a file: its slides in order, each with its notes.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let mut package = Package::open(bytes)?;
    let main = ooxml::main_part(&mut package, "ppt/presentation.xml")?;
    let presentation = package.required(&main, "a PowerPoint presentation")?;
    let relations = Relations::of(&mut package, &main)?;
    let mut ids = Vec::new();
    let mut xml = presentation.xml();
    while let Some(node) = xml.next()? {
        if let Node::Start(element) = node
            && element.name() == "sldId"
        {
            // `id` without a prefix is a number of the slide's own.
            ids.extend(element.prefixed_attribute("id"));
        }
    }
    let mut builder = Builder::new(versions::PPTX, options.max_text_bytes);
    let mut seen = slide::Seen::default();
    let mut commented = 0;
    for (number, id) in (1_u32..).zip(&ids) {
        let Some(name) = relations.by_id(id).map(str::to_owned) else { continue };
        let Some(part) = package.part(&name)? else { continue };
        let Some(mut read) = slide::slide(&part, &mut seen)? else { continue };
        let related = Relations::of(&mut package, &name)?;
        commented += related.of_kind("comments").count();
        for (position, id) in read.diagrams.into_iter().rev() {
            let Some(part) = related.by_id(&id).map(|name| package.part(name)).transpose()?.flatten() else { continue };
            let paragraphs = slide::diagram(&part, &mut seen)?;
            read.slide.blocks.insert(position, SlideBlock::Shape(paragraphs));
        }
        if let Some(name) = related.by_kind("notesSlide")
            && let Some(part) = package.part(name)?
        {
            read.slide.notes = slide::notes(&part, &mut seen)?;
        }
        read.slide.write(number, &mut builder)?;
    }
    let (text, layout) = builder.finish();
    let mut document = Extracted { format: Format::Pptx, text, layout, ..Extracted::default() };
    ooxml::properties(&mut package, &mut document);
    let marked = seen.languages.iter().max_by_key(|(tag, count)| (**count, *tag)).map(|(tag, _)| tag.clone());
    let languages = [document.language.take(), marked];
    document.language = languages.into_iter().flatten().find(|tag| is_believable(tag, &document.text));
    document.notes = notes(&seen, commented);
    Ok(Contents::one(document))
}

fn notes(seen: &slide::Seen, commented: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |count: usize, text: String| {
        if count > 0 {
            notes.push(text);
        }
    };
    note(seen.hidden_slides, format!("has hidden slides, which were left out ({})", seen.hidden_slides));
    let hidden = seen.hidden_characters;
    note(hidden, format!("has hidden text, which was left out ({hidden} characters)"));
    note(seen.charts, format!("has charts, whose figures were not read ({})", seen.charts));
    note(commented, "has comments, which were not read".to_owned());
    notes
}

#[cfg(test)]
mod tests;
