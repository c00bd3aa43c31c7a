//! Spreadsheets (XLSX, XLS, XLSB, ODS).

mod binary;
mod date_format;
mod number_format;
mod ods;
mod xlsx;

use super::builder::Builder;
use super::grid::Grid;
use super::language::is_believable;
use super::ooxml;
use super::package::Package;
use super::{Contents, Extracted, Options, Result, versions};
use crate::passage::{At, Format};

/// A sheet, as far as it is shown.
#[derive(Debug, Default)]
struct Sheet {
    name: String,
    grid: Grid,
    /// How many cells with content stand in hidden rows and columns, which are left out.
    hidden_cells: usize,
    /// How many formulas have no value that was stored with them.
    formulas_without_value: usize,
    /// How many comments its cells have.
    comments: usize,
}

/// The sheets that are shown, and the names of those that are not.
#[derive(Debug, Default)]
struct Workbook {
    sheets: Vec<Sheet>,
    hidden_sheets: Vec<String>,
}

/// Reads a file of one of these formats: each sheet under its name, each row as a line.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let mut document = Extracted { format, ..Extracted::default() };
    let workbook = match format {
        Format::Xls | Format::Xlsb => binary::read(format, bytes, &mut document)?,
        Format::Ods => ods::read(&mut Package::open(bytes)?, &mut document)?,
        _ => {
            let mut package = Package::open(bytes)?;
            ooxml::properties(&mut package, &mut document);
            xlsx::read(&mut package)?
        }
    };
    document.notes.extend(workbook.notes());
    let mut builder = Builder::new(versions::SHEET, options.max_text_bytes);
    for sheet in workbook.sheets.into_iter().filter(|sheet| !sheet.grid.is_empty()) {
        let name = sheet.name;
        builder.heading(1, &name, None)?;
        sheet.grid.write(&mut builder, |row, column| At::Cell { sheet: name.clone(), row, column })?;
    }
    (document.text, document.layout) = builder.finish();
    document.language = document.language.filter(|tag| is_believable(tag, &document.text));
    Ok(Contents::one(document))
}

impl Workbook {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.hidden_sheets.is_empty() {
            let names = self.hidden_sheets.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
            notes.push(format!("has hidden sheets, which were left out ({}: {names})", self.hidden_sheets.len()));
        }
        let hidden: usize = self.sheets.iter().map(|sheet| sheet.hidden_cells).sum();
        if hidden > 0 {
            notes.push(format!("has hidden rows or columns, which were left out ({hidden} cells)"));
        }
        let without_value: usize = self.sheets.iter().map(|sheet| sheet.formulas_without_value).sum();
        if without_value > 0 {
            notes.push(format!(
                "has formulas whose values were not stored, which were left out ({without_value} cells); the program that \
                 calculates them stores them when it saves the file"
            ));
        }
        let comments: usize = self.sheets.iter().map(|sheet| sheet.comments).sum();
        if comments > 0 {
            notes.push(format!("has comments on cells, which were left out ({comments})"));
        }
        let wide: usize = self.sheets.iter().map(|sheet| sheet.grid.cells_left_out).sum();
        if wide > 0 {
            notes.push(format!("has rows that are too wide: {wide} cells were left out"));
        }
        notes
    }
}

/// The number of a column, from 1, by its letters.
fn column_number(letters: &str) -> Option<u32> {
    letters.bytes().try_fold(0_u32, |number, letter| {
        let digit = letter.to_ascii_uppercase().checked_sub(b'A').filter(|digit| *digit < 26)?;
        number.checked_mul(26)?.checked_add(u32::from(digit) + 1)
    })
}

#[cfg(test)]
mod tests;
