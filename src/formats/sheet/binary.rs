//! Reads binary Excel workbooks (XLS, XLSB).

use std::io::Cursor;

use calamine::{CellErrorType, Data, DataRef, Reader, SheetType, SheetVisible, WorkbookProperties, Xls, Xlsb};

use super::super::grid::{Grid, Merge};
use super::super::ooxml::property;
use super::super::{Extracted, Failure, Result, package};
use super::date_format::DateFormat;
use super::number_format::general;
use super::{Sheet, Workbook};
use crate::passage::Format;

/// Reads a workbook, and its properties into `document`.
pub(super) fn read(format: Format, bytes: &[u8], document: &mut Extracted) -> Result<Workbook> {
    if format == Format::Xlsb {
        // Names an encrypted or damaged package, and keeps the parts within limits.
        let mut checked = package::Package::open(bytes)?;
        let names: Vec<String> = checked.names().map(str::to_owned).collect();
        for name in names {
            checked.bytes(&name)?;
        }
        let mut workbook = Xlsb::new(Cursor::new(bytes)).map_err(|error| failure(&error))?;
        if let Ok(found) = workbook.workbook_properties() {
            properties(document, found);
        }
        return sheets(&mut workbook, |workbook, name| {
            let mut grid = Grid::default();
            let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| failure(&error))?;
            while let Some(cell) = cells.next_cell().map_err(|error| failure(&error))? {
                add(&mut grid, cell.get_position(), &owned(cell.get_value()));
            }
            Ok(grid)
        });
    }
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(|error| failure(&error))?;
    if let Ok(found) = workbook.workbook_properties() {
        properties(document, found);
    }
    sheets(&mut workbook, |workbook, name| {
        let mut grid = Grid::default();
        let range = workbook.worksheet_range(name).map_err(|error| failure(&error))?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            add(&mut grid, (first_row + row as u32, first_column + column as u32), value);
        }
        for merge in workbook.merge_cells_by_sheet_name(name).unwrap_or_default() {
            let next = |(row, column): (u32, u32)| (row.saturating_add(1), column.saturating_add(1));
            let (first, last) = (next(merge.start), next(merge.end));
            grid.merge(Merge { rows: (first.0, last.0), columns: (first.1, last.1) });
        }
        Ok(grid)
    })
}

fn sheets<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(
    workbook: &mut R,
    mut cells: impl FnMut(&mut R, &str) -> Result<Grid>,
) -> Result<Workbook> {
    let mut found = Workbook::default();
    for sheet in workbook.sheets_metadata().to_vec() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            found.hidden_sheets.push(sheet.name);
            continue;
        }
        let grid = cells(workbook, &sheet.name)?;
        found.sheets.push(Sheet { name: sheet.name, grid, ..Sheet::default() });
    }
    Ok(found)
}

fn add(grid: &mut Grid, (row, column): (u32, u32), value: &Data) {
    let (text, numeric) = match value {
        Data::Empty => return,
        Data::String(text) => (text.clone(), false),
        Data::Bool(value) => (if *value { "TRUE" } else { "FALSE" }.to_owned(), false),
        Data::Error(error) => (error_sign(error).to_owned(), false),
        Data::Int(number) => (number.to_string(), true),
        Data::Float(number) => (general(*number), true),
        Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), true),
        Data::DateTime(date) => {
            // The library has taken the days from 1904 into account only for its own conversion; formats are not known.
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let text = if date.is_duration() {
                DateFormat::new("[h]:mm:ss").and_then(|format| format.show(date.as_f64(), false))
            } else if date.as_f64() < 1.0 {
                Some(format!("{hour:02}:{minute:02}:{second:02}"))
            } else if date.as_f64().fract() == 0.0 {
                Some(format!("{year:04}-{month:02}-{day:02}"))
            } else {
                Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
            };
            (text.unwrap_or_default(), true)
        }
    };
    grid.add(row.saturating_add(1), column.saturating_add(1), &text, numeric);
}

fn owned(value: &DataRef) -> Data {
    value.clone().into()
}

fn error_sign(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}

fn properties(document: &mut Extracted, found: WorkbookProperties) {
    let fields = [
        ("title", found.title),
        ("creator", found.creator),
        ("modified", found.modified),
        ("created", found.created),
        ("keywords", found.keywords),
        ("subject", found.subject),
        ("description", found.description),
        ("category", found.category),
    ];
    for (name, value) in fields {
        property(document, name, value.as_deref().unwrap_or_default());
    }
}

fn failure(error: &dyn std::fmt::Display) -> Failure {
    let why = error.to_string();
    if why.to_lowercase().contains("password") || why.to_lowercase().contains("encrypt") {
        return package::encrypted();
    }
    Failure::new(format!("is not an Excel workbook that can be read ({why})"), "save it as XLSX and ingest it again")
}
