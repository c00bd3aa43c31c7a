//! Reads OpenDocument presentations (ODP).

use super::super::Result;
use super::super::builder::Builder;
use super::super::slide::{Slide, SlideBlock};
use super::super::xml::{Node, Part, Visit, Xml};
use super::inline::{Inline, Seen};
use super::styles::Styles;
use super::text::read_table;

/// Reads the slides; gives what was seen and how many slides are hidden.
pub(super) fn read(part: &Part, styles: &Styles, builder: &mut Builder) -> Result<(Seen, usize)> {
    let mut inline = Inline { styles, seen: Seen::default() };
    let (mut number, mut hidden) = (0_u32, 0);
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "page" => {
                number = number.saturating_add(1);
                if styles.hides_page(element.attribute("style-name").as_deref()) {
                    hidden += 1;
                    xml.skip()?;
                } else {
                    page(&mut xml, &mut inline)?.write(number, builder)?;
                }
            }
            "automatic-styles" | "font-face-decls" => xml.skip()?,
            _ => {}
        }
    }
    Ok((inline.seen, hidden))
}

fn page(xml: &mut Xml, inline: &mut Inline) -> Result<Slide> {
    let mut slide = Slide::default();
    xml.descendants(|element, xml| {
        match element.name() {
            "notes" => {
                notes(xml, inline, &mut slide)?;
                return Ok(Visit::Done);
            }
            "frame" | "custom-shape" | "rect" | "ellipse" | "polygon" | "path" | "line" | "connector" | "caption" => {
                let class = element.attribute("presentation:class").unwrap_or_default();
                if is_furniture(&class) || element.flag("placeholder") {
                    return Ok(Visit::Skip);
                }
                shape(xml, inline, &class, &mut slide)?;
                return Ok(Visit::Done);
            }
            "annotation" | "forms" | "header-decl" | "par" => return Ok(Visit::Skip),
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(slide)
}

/// What stands on every slide.
fn is_furniture(class: &str) -> bool {
    matches!(class, "date-time" | "footer" | "header" | "page-number" | "page")
}

fn shape(xml: &mut Xml, inline: &mut Inline, class: &str, slide: &mut Slide) -> Result<()> {
    let mut paragraphs = Vec::new();
    xml.descendants(|element, xml| {
        match element.name() {
            "p" | "h" => {
                let hidden = inline.styles.hides(element.attribute("style-name").as_deref());
                paragraphs.push(inline.paragraph(xml, hidden)?);
            }
            "table" => slide.blocks.push(SlideBlock::Table(read_table(inline, xml)?)),
            "title" | "desc" | "object" => return Ok(Visit::Skip),
            _ => return Ok(Visit::Inside),
        }
        Ok(Visit::Done)
    })?;
    paragraphs.append(&mut inline.seen.boxes);
    if class == "title" && slide.title.is_none() {
        slide.title = Some(paragraphs.join(" "));
    } else {
        slide.blocks.push(SlideBlock::Shape(paragraphs));
    }
    Ok(())
}

fn notes(xml: &mut Xml, inline: &mut Inline, slide: &mut Slide) -> Result<()> {
    xml.descendants(|element, xml| {
        if element.name() != "frame" {
            return Ok(Visit::Inside);
        }
        if is_furniture(&element.attribute("presentation:class").unwrap_or_default()) || element.flag("placeholder") {
            return Ok(Visit::Skip);
        }
        let paragraphs = inline.paragraphs(xml)?;
        slide.notes.extend(paragraphs);
        Ok(Visit::Done)
    })
}
