//! Reads a slide of a PowerPoint file, or the notes to one.

use std::collections::HashMap;

use super::super::Result;
use super::super::flow::{Table, TableCell};
use super::super::slide::{Slide, SlideBlock};
use super::super::xml::{Element, Node, Part, Visit, Xml};

/// The most columns that a cell may cover.
const MAX_SPAN: u32 = 100;

/// What was seen on slides.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) hidden_slides: usize,
    pub(super) hidden_characters: usize,
    pub(super) charts: usize,
    /// How many characters are marked as being in each language.
    pub(super) languages: HashMap<String, usize>,
}

/// A slide, and the relations of the diagrams on it with where they stand among its blocks.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) slide: Slide,
    pub(super) diagrams: Vec<(usize, String)>,
}

/// A shape that is being read.
#[derive(Default)]
struct Shape {
    hidden: bool,
    /// The type of its placeholder.
    placeholder: Option<String>,
    paragraphs: Vec<String>,
}

/// Reads a slide; `None` if it is hidden.
pub(super) fn slide(part: &Part, seen: &mut Seen) -> Result<Option<Read>> {
    let mut read = Read::default();
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "sld" if element.attribute("show").is_some_and(|show| show == "0" || show == "false") => {
                seen.hidden_slides += 1;
                return Ok(None);
            }
            "sp" => {
                let shape = shape(&mut xml, seen)?;
                add(shape, &mut read.slide, seen);
            }
            "graphicFrame" => frame(&mut xml, &mut read, seen)?,
            "Fallback" | "timing" | "transition" | "extLst" => xml.skip()?,
            _ => {}
        }
    }
    Ok(Some(read))
}

/// The paragraphs of the notes to a slide.
pub(super) fn notes(part: &Part, seen: &mut Seen) -> Result<Vec<String>> {
    let mut paragraphs = Vec::new();
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        if matches!(&node, Node::Start(element) if element.name() == "sp") {
            let shape = shape(&mut xml, seen)?;
            if shape.placeholder.as_deref() == Some("body") {
                paragraphs.extend(shape.paragraphs);
            }
        }
    }
    Ok(paragraphs)
}

/// The paragraphs of a diagram.
pub(super) fn diagram(part: &Part, seen: &mut Seen) -> Result<Vec<String>> {
    let mut paragraphs = Vec::new();
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            // Points that only say how others are drawn.
            "pt" if element
                .attribute("type")
                .is_some_and(|kind| matches!(&*kind, "pres" | "parTrans" | "sibTrans")) =>
            {
                xml.skip()?;
            }
            "p" => {
                let text = paragraph(&mut xml, seen)?;
                paragraphs.extend(Some(text).filter(|text| !text.trim().is_empty()));
            }
            _ => {}
        }
    }
    Ok(paragraphs)
}

fn add(shape: Shape, slide: &mut Slide, seen: &mut Seen) {
    if shape.hidden {
        seen.hidden_characters += shape.paragraphs.iter().map(|text| text.chars().count()).sum::<usize>();
        return;
    }
    match shape.placeholder.as_deref() {
        // What stands on every slide.
        Some("sldNum" | "dt" | "ftr" | "hdr") => {}
        Some("title" | "ctrTitle") if slide.title.is_none() => {
            let title = shape.paragraphs.join(" ");
            slide.title = Some(title).filter(|title| !title.trim().is_empty());
        }
        _ => slide.blocks.push(SlideBlock::Shape(shape.paragraphs)),
    }
}

fn shape(xml: &mut Xml, seen: &mut Seen) -> Result<Shape> {
    let mut shape = Shape::default();
    xml.descendants(|element, xml| {
        match element.name() {
            "cNvPr" => shape.hidden = element.flag("hidden"),
            // A placeholder without a type is one of the body.
            "ph" => shape.placeholder = Some(element.attribute("type").unwrap_or_else(|| "obj".to_owned())),
            "p" => {
                shape.paragraphs.push(paragraph(xml, seen)?);
                return Ok(Visit::Done);
            }
            "extLst" | "Fallback" => return Ok(Visit::Skip),
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(shape)
}

/// The text of `a:p`, up to its end.
fn paragraph(xml: &mut Xml, seen: &mut Seen) -> Result<String> {
    let mut text = String::new();
    let mut language = None;
    xml.descendants(|element, xml| {
        match element.name() {
            "rPr" => language = element.attribute("lang"),
            "t" => {
                let piece = xml.text()?;
                if let Some(language) = &language {
                    *seen.languages.entry(language.clone()).or_default() += piece.chars().count();
                }
                // A line break is written as a vertical tab in titles.
                text.push_str(&piece.replace('\u{b}', "\n"));
                return Ok(Visit::Done);
            }
            "br" => text.push('\n'),
            "fld" if is_furniture(element) => return Ok(Visit::Skip),
            "pPr" | "endParaRPr" | "Fallback" => return Ok(Visit::Skip),
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(text)
}

fn is_furniture(field: &Element) -> bool {
    field.attribute("type").is_some_and(|kind| kind == "slidenum" || kind.starts_with("datetime"))
}

/// Reads a table, a diagram or a chart.
fn frame(xml: &mut Xml, read: &mut Read, seen: &mut Seen) -> Result<()> {
    let mut hidden = false;
    xml.descendants(|element, xml| {
        match element.name() {
            "cNvPr" => hidden = element.flag("hidden"),
            "tbl" => {
                let table = table(xml, seen)?;
                if hidden {
                    let paragraphs = table.into_paragraphs();
                    seen.hidden_characters += paragraphs.iter().map(|text| text.chars().count()).sum::<usize>();
                } else {
                    read.slide.blocks.push(SlideBlock::Table(table));
                }
                return Ok(Visit::Done);
            }
            "relIds" if !hidden => {
                let position = read.slide.blocks.len();
                read.diagrams.extend(element.attribute("dm").map(|id| (position, id)));
            }
            "chart" => seen.charts += 1,
            "Fallback" => return Ok(Visit::Skip),
            _ => {}
        }
        Ok(Visit::Inside)
    })
}

fn table(xml: &mut Xml, seen: &mut Seen) -> Result<Table> {
    let mut table = Table::default();
    let mut column = 0_u32;
    xml.descendants(|element, xml| {
        match element.name() {
            "tblPr" => table.header_rows = u32::from(element.flag("firstRow")),
            "tr" => {
                table.rows = table.rows.saturating_add(1);
                column = 0;
            }
            "tc" => {
                column = column.saturating_add(1);
                let span = |name| element.number(name).unwrap_or(1_u32).clamp(1, MAX_SPAN);
                let (columns, rows) = (span("gridSpan"), span("rowSpan"));
                let covered = element.flag("hMerge") || element.flag("vMerge");
                let paragraphs = shape(xml, seen)?.paragraphs;
                let filled = paragraphs.iter().any(|text| !text.trim().is_empty());
                if filled && !covered {
                    table.push(TableCell { row: table.rows, column, columns, rows, paragraphs });
                }
                return Ok(Visit::Done);
            }
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(table)
}
