//! Reads OpenDocument spreadsheets (ODS), whose cells hold their text as shown.

use std::collections::HashSet;

use super::super::grid::{Merge, is_numeric, one_line};
use super::super::package::Package;
use super::super::xml::{Element, Node, Part, Visit, Xml};
use super::super::{Extracted, Result, odf};
use super::{Sheet, Workbook};

/// The most rows that a repeated row with content stands for, and the most columns of a repeated cell.
const MAX_REPEATED: u32 = 1_000;

/// The most cells of a sheet that are repetitions of others.
const MAX_COPIES: usize = 200_000;

/// Reads a workbook, and its properties into `document`.
pub(super) fn read(package: &mut Package, document: &mut Extracted) -> Result<Workbook> {
    let part = odf::content(package, "an OpenDocument spreadsheet", document)?;
    let hidden = hidden_styles(&part)?;
    let mut workbook = Workbook::default();
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "table" => {
                let name = element.attribute("name").unwrap_or_default();
                if element.attribute("style-name").is_some_and(|style| hidden.contains(&style)) {
                    workbook.hidden_sheets.push(name);
                    xml.skip()?;
                } else {
                    let mut reader =
                        SheetReader { sheet: Sheet { name, ..Sheet::default() }, ..SheetReader::default() };
                    reader.read(&mut xml)?;
                    workbook.sheets.push(reader.sheet);
                }
            }
            // Copies of the cells of other files, and old versions of this one's.
            "tracked-changes" | "dde-links" => xml.skip()?,
            _ => {}
        }
    }
    Ok(workbook)
}

/// The styles of sheets that are not shown.
fn hidden_styles(part: &Part) -> Result<HashSet<String>> {
    let mut hidden = HashSet::new();
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "style" => {
                let name = element.attribute("name").unwrap_or_default();
                let mut shown = true;
                xml.descendants(|element, _| {
                    if element.name() == "table-properties" {
                        shown = element.attribute("display").is_none_or(|display| display != "false");
                    }
                    Ok(Visit::Inside)
                })?;
                if !shown {
                    hidden.insert(name);
                }
            }
            "body" => break,
            _ => {}
        }
    }
    Ok(hidden)
}

#[derive(Default)]
struct SheetReader {
    sheet: Sheet,
    row: u32,
    /// The first and last column of each range that is hidden.
    hidden_columns: Vec<(u32, u32)>,
    columns: u32,
    /// How many cells are repetitions.
    copies: usize,
}

/// How often an element stands for itself.
fn repeated(element: &Element, attribute: &str) -> u32 {
    element.number(attribute).unwrap_or(1).max(1)
}

fn is_hidden(element: &Element) -> bool {
    element.attribute("visibility").is_some_and(|visibility| visibility != "visible")
}

impl SheetReader {
    fn read(&mut self, xml: &mut Xml) -> Result<()> {
        xml.descendants(|element, xml| {
            match element.name() {
                "table-column" => {
                    let last = self.columns.saturating_add(repeated(element, "number-columns-repeated"));
                    if is_hidden(element) && self.hidden_columns.len() < 1_000 {
                        self.hidden_columns.push((self.columns.saturating_add(1), last));
                    }
                    self.columns = last;
                    Ok(Visit::Skip)
                }
                "table-header-rows" => {
                    self.sheet.grid.header_expected = true;
                    Ok(Visit::Inside)
                }
                "table-row" => {
                    self.row(element, xml)?;
                    Ok(Visit::Done)
                }
                // Drawings above the cells, and what a form consists of.
                "shapes" | "forms" | "table-source" | "named-expressions" => Ok(Visit::Skip),
                _ => Ok(Visit::Inside),
            }
        })
    }

    fn row(&mut self, element: &Element, xml: &mut Xml) -> Result<()> {
        let times = repeated(element, "number-rows-repeated");
        let hidden = is_hidden(element);
        let mut cells: Vec<(u32, String, bool)> = Vec::new();
        let mut column = 1_u32;
        let row = self.row.saturating_add(1);
        xml.descendants(|element, xml| {
            if !matches!(element.name(), "table-cell" | "covered-table-cell") {
                return Ok(Visit::Inside);
            }
            let first = column;
            let count = repeated(element, "number-columns-repeated");
            column = column.saturating_add(count);
            let covered = element.name() == "covered-table-cell";
            let kind = element.attribute("value-type").unwrap_or_default();
            let span = |attribute| element.number::<u32>(attribute).unwrap_or(1).max(1);
            let (rows, columns) = (span("number-rows-spanned"), span("number-columns-spanned"));
            if rows > 1 || columns > 1 {
                let last = |first: u32, count: u32| first.saturating_add(count - 1);
                self.sheet.grid.merge(Merge { rows: (row, last(row, rows)), columns: (first, last(first, columns)) });
            }
            let text = one_line(&cell_text(xml)?);
            if !text.is_empty() && !covered {
                let numeric = match kind.as_str() {
                    "" => is_numeric(&text),
                    kind => !matches!(kind, "string" | "boolean"),
                };
                for column in first..column.min(first.saturating_add(MAX_REPEATED)) {
                    self.copies += usize::from(column > first);
                    if self.copies < MAX_COPIES || column == first {
                        cells.push((column, text.clone(), numeric));
                    }
                }
            }
            Ok(Visit::Done)
        })?;
        let last = self.row.saturating_add(times);
        for row in row..=last.min(row.saturating_add(MAX_REPEATED)) {
            self.copies += if row > self.row + 1 { cells.len() } else { 0 };
            if cells.is_empty() || (self.copies >= MAX_COPIES && row > self.row + 1) {
                break;
            }
            for (column, text, numeric) in &cells {
                let column_hidden = self.hidden_columns.iter().any(|(first, last)| (first..=last).contains(&column));
                if hidden || column_hidden {
                    self.sheet.hidden_cells += 1;
                } else {
                    self.sheet.grid.add(row, *column, text, *numeric);
                }
            }
        }
        self.row = last;
        Ok(())
    }
}

/// The text of a cell, without its comment and drawings.
fn cell_text(xml: &mut Xml) -> Result<String> {
    let mut paragraphs = Vec::new();
    xml.descendants(|element, xml| match element.name() {
        "p" => {
            paragraphs.push(odf::inline_text(xml)?);
            Ok(Visit::Done)
        }
        "annotation" | "frame" | "custom-shape" | "line" | "g" | "detective" => Ok(Visit::Skip),
        _ => Ok(Visit::Inside),
    })?;
    Ok(paragraphs.join("\n"))
}
