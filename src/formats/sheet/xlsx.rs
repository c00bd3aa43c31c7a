//! Reads Excel workbooks (XLSX) cell by cell.

use std::rc::Rc;

use super::super::Result;
use super::super::grid::{Merge, one_line};
use super::super::ooxml::{self, Relations};
use super::super::package::Package;
use super::super::xml::{Element, Node, Part, Visit, Xml};
use super::number_format::NumberFormat;
use super::{Sheet, Workbook, column_number};

/// The last column of a sheet, `XFD`.
const MAX_COLUMNS: u32 = 16_384;

/// Reads a workbook.
pub(super) fn read(package: &mut Package) -> Result<Workbook> {
    let main = ooxml::main_part(package, "xl/workbook.xml")?;
    let part = package.required(&main, "an Excel workbook")?;
    let relations = Relations::of(package, &main)?;
    let mut related = |kind: &str| match relations.by_kind(kind) {
        Some(name) => package.part(name),
        None => Ok(None),
    };
    let strings = related("sharedStrings")?.as_ref().map(shared_strings).transpose()?.unwrap_or_default();
    let formats = related("styles")?.as_ref().map(formats).transpose()?.unwrap_or_default();
    let (listed, from_1904) = sheets(&part)?;
    let values = Values { strings, formats, from_1904 };
    let mut workbook = Workbook::default();
    for listed in listed {
        if listed.hidden {
            workbook.hidden_sheets.push(listed.name);
            continue;
        }
        // Sheets that are charts have no cells.
        let Some(name) = relations.by_id(&listed.id) else { continue };
        let name = name.to_owned();
        let Some(part) = package.part(&name)? else { continue };
        let mut sheet = sheet(listed.name, &part, &values)?;
        let comments = Relations::of(package, &name)?.by_kind("comments").map(str::to_owned);
        if let Some(part) = comments.map(|name| package.part(&name)).transpose()?.flatten() {
            sheet.comments = comments_in(&part)?;
        }
        workbook.sheets.push(sheet);
    }
    Ok(workbook)
}

struct Listed {
    name: String,
    id: String,
    hidden: bool,
}

/// What cells refer to.
struct Values {
    strings: Vec<Rc<str>>,
    /// The number format of each style.
    formats: Vec<NumberFormat>,
    from_1904: bool,
}

/// The sheets in order, and whether days are counted from 1904.
fn sheets(part: &Part) -> Result<(Vec<Listed>, bool)> {
    let mut xml = part.xml();
    let mut sheets = Vec::new();
    let mut from_1904 = false;
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "workbookPr" => from_1904 = element.flag("date1904"),
            "sheet" => sheets.push(Listed {
                name: element.attribute("name").unwrap_or_default(),
                // The relation; `sheetId` is another number.
                id: element.attribute("id").unwrap_or_default(),
                hidden: element.attribute("state").is_some_and(|state| state != "visible"),
            }),
            _ => {}
        }
    }
    Ok((sheets, from_1904))
}

fn shared_strings(part: &Part) -> Result<Vec<Rc<str>>> {
    let mut xml = part.xml();
    let mut strings = Vec::new();
    while let Some(node) = xml.next()? {
        if matches!(&node, Node::Start(element) if element.name() == "si") {
            strings.push(one_line(&rich_text(&mut xml)?).into());
        }
    }
    Ok(strings)
}

/// The text of a string, up to the end of the element that started last, without the readings of Japanese words.
fn rich_text(xml: &mut Xml) -> Result<String> {
    let mut text = String::new();
    xml.descendants(|element, xml| match element.name() {
        "t" => {
            text.push_str(&xml.text()?);
            Ok(Visit::Done)
        }
        "rPh" => Ok(Visit::Skip),
        _ => Ok(Visit::Inside),
    })?;
    Ok(text)
}

fn formats(part: &Part) -> Result<Vec<NumberFormat>> {
    let mut xml = part.xml();
    let mut codes = std::collections::HashMap::new();
    let mut formats = Vec::new();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "numFmt" => {
                if let (Some(id), Some(code)) = (element.number::<u32>("numFmtId"), element.attribute("formatCode")) {
                    codes.insert(id, NumberFormat::new(&code));
                }
            }
            "cellXfs" => xml.descendants(|element, _| {
                if element.name() == "xf" {
                    let id = element.number("numFmtId").unwrap_or(0);
                    formats.push(codes.get(&id).cloned().unwrap_or_else(|| NumberFormat::built_in(id)));
                }
                Ok(Visit::Inside)
            })?,
            _ => {}
        }
    }
    Ok(formats)
}

fn sheet(name: String, part: &Part, values: &Values) -> Result<Sheet> {
    let mut sheet = Sheet { name, ..Sheet::default() };
    let mut hidden_columns = vec![false; MAX_COLUMNS as usize + 1];
    let (mut row, mut column_ranges) = (0_u32, 0_u32);
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "col" if column_ranges < MAX_COLUMNS && element.flag("hidden") => {
                column_ranges += 1;
                let first = element.number::<u32>("min").unwrap_or(1).clamp(1, MAX_COLUMNS);
                let last = element.number::<u32>("max").unwrap_or(first).clamp(first, MAX_COLUMNS);
                hidden_columns[first as usize..=last as usize].fill(true);
            }
            "row" => {
                row = element.number("r").unwrap_or(row.saturating_add(1));
                let hidden = element.flag("hidden");
                self::row(&mut xml, row, hidden, &hidden_columns, values, &mut sheet)?;
            }
            "mergeCell" => {
                if let Some(merge) = element.attribute("ref").as_deref().and_then(range) {
                    sheet.grid.merge(merge);
                }
            }
            _ => {}
        }
    }
    Ok(sheet)
}

fn comments_in(part: &Part) -> Result<usize> {
    let mut xml = part.xml();
    let mut comments = 0;
    while let Some(node) = xml.next()? {
        comments += usize::from(matches!(&node, Node::Start(element) if element.name() == "comment"));
    }
    Ok(comments)
}

fn row(
    xml: &mut Xml,
    row: u32,
    hidden: bool,
    hidden_columns: &[bool],
    values: &Values,
    sheet: &mut Sheet,
) -> Result<()> {
    let mut column = 0_u32;
    xml.descendants(|element, xml| {
        if element.name() != "c" {
            return Ok(Visit::Inside);
        }
        let given = element.attribute("r").and_then(|reference| Some(reference_of(&reference)?.1));
        column = given.unwrap_or(column.saturating_add(1)).clamp(1, MAX_COLUMNS);
        let shown = cell(element, xml, values, &mut sheet.formulas_without_value)?;
        let Some((text, numeric)) = shown.filter(|(text, _)| !text.is_empty()) else { return Ok(Visit::Done) };
        if hidden || hidden_columns.get(column as usize) == Some(&true) {
            sheet.hidden_cells += 1;
        } else {
            sheet.grid.add_shared(row, column, text, numeric);
        }
        Ok(Visit::Done)
    })
}

/// The text of a cell, and whether it is a number.
fn cell(
    element: &Element,
    xml: &mut Xml,
    values: &Values,
    formulas_without_value: &mut usize,
) -> Result<Option<(Rc<str>, bool)>> {
    let kind = element.attribute("t").unwrap_or_default();
    let style: usize = element.number("s").unwrap_or(0);
    let mut value = String::new();
    let mut inline = None;
    let (mut has_formula, mut has_value) = (false, false);
    xml.descendants(|element, xml| {
        match element.name() {
            "f" => {
                has_formula = true;
                return Ok(Visit::Skip);
            }
            "v" => {
                has_value = true;
                value = xml.text()?;
            }
            "is" => inline = Some(rich_text(xml)?),
            _ => return Ok(Visit::Skip),
        }
        Ok(Visit::Done)
    })?;
    *formulas_without_value += usize::from(has_formula && !has_value);
    let text = |text: &str| Some((Rc::from(one_line(text)), false));
    Ok(match kind.as_str() {
        "s" => value.trim().parse::<usize>().ok().and_then(|id| Some((Rc::clone(values.strings.get(id)?), false))),
        "inlineStr" => text(&inline.unwrap_or(value)),
        "str" | "e" => text(&value),
        "b" => text(match value.trim() {
            "" => "",
            "0" => "FALSE",
            _ => "TRUE",
        }),
        "d" => Some((Rc::from(value.trim().trim_end_matches("T00:00:00")), true)),
        _ => value.trim().parse::<f64>().ok().map(|number| {
            let general = NumberFormat::General;
            let format = values.formats.get(style).unwrap_or(&general);
            (Rc::from(format.show(number, values.from_1904)), true)
        }),
    })
}

/// Row and column of `B3`.
fn reference_of(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.trim().replace('$', "");
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let column = column_number(&reference[..digits])?;
    Some((reference[digits..].parse().ok()?, column))
}

/// The cells of `B3:C5`.
fn range(reference: &str) -> Option<Merge> {
    let (first, last) = reference.split_once(':')?;
    let ((first_row, first_column), (last_row, last_column)) = (reference_of(first)?, reference_of(last)?);
    let sound = first_row <= last_row && first_column <= last_column;
    sound.then_some(Merge { rows: (first_row, last_row), columns: (first_column, last_column) })
}
