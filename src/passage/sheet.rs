//! A sheet of a spreadsheet as a table, made of the text and the places of its cells: what is quoted is what is shown.

use std::collections::BTreeMap;

use super::{At, Layout, Span};

/// Rows of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SheetRows {
    /// The names of all sheets, in order.
    pub sheets: Vec<String>,
    /// The one that the rows are of.
    pub sheet: String,
    /// Columns that hold something in any row of the sheet, from 1, with their headers.
    pub columns: Vec<(u32, Option<String>)>,
    /// The rows that were asked for, as far as they hold something.
    pub rows: Vec<SheetRow>,
    /// How many rows of the sheet hold something.
    pub total: usize,
    /// How many of them are above those that are here.
    pub above: usize,
}

/// A row of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SheetRow {
    /// Its number, from 1.
    pub number: u32,
    /// Its cells that hold something, in order.
    pub cells: Vec<SheetCell>,
}

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SheetCell {
    /// Its column, from 1.
    pub column: u32,
    /// Where its text stands in the document's. A merged cell stands there once for each of its rows.
    pub spans: Vec<Span>,
}

impl SheetRows {
    /// Up to `limit` rows of the sheet `sheet`, or the first, that hold something: those behind the first `above`.
    /// `None` if there is no such sheet.
    pub fn of(layout: &Layout, text: &str, sheet: Option<&str>, above: usize, limit: usize) -> Option<Self> {
        let mut found = Self { above, ..Self::default() };
        for place in &layout.places {
            if let At::Cell { sheet, .. } = &place.at
                && found.sheets.last() != Some(sheet)
                && !found.sheets.contains(sheet)
            {
                found.sheets.push(sheet.clone());
            }
        }
        let wanted = match sheet {
            Some(name) => found.sheets.iter().find(|known| *known == name)?,
            None => found.sheets.first()?,
        };
        found.sheet.clone_from(wanted);
        let mut rows: BTreeMap<u32, BTreeMap<u32, Vec<Span>>> = BTreeMap::new();
        let mut columns: BTreeMap<u32, Option<String>> = BTreeMap::new();
        let mut end = 0;
        for place in &layout.places {
            let before = std::mem::replace(&mut end, place.span.end);
            let At::Cell { sheet, row, column } = &place.at else { continue };
            if *sheet != found.sheet {
                continue;
            }
            rows.entry(*row).or_default().entry(*column).or_default().push(place.span);
            let header = columns.entry(*column).or_default();
            if header.is_none() {
                *header = text.get(before..place.span.start).and_then(header_in).map(str::to_owned);
            }
        }
        found.columns = columns.into_iter().collect();
        found.total = rows.len();
        let row = |(number, cells): (u32, BTreeMap<u32, Vec<Span>>)| SheetRow {
            number,
            cells: cells.into_iter().map(|(column, spans)| SheetCell { column, spans }).collect(),
        };
        found.rows = rows.into_iter().skip(above).take(limit).map(row).collect();
        Some(found)
    }

    /// The sheet in which the part `span` of the text stands, and how many rows that hold something are above it.
    pub fn position(layout: &Layout, span: Span) -> Option<(&str, usize)> {
        let (sheet, row) = layout.places_of(span).iter().find_map(|place| match &place.at {
            At::Cell { sheet, row, .. } => Some((sheet.as_str(), *row)),
            _ => None,
        })?;
        let mut above: Vec<u32> = Vec::new();
        for place in &layout.places {
            if let At::Cell { sheet: of, row: number, .. } = &place.at
                && of == sheet
                && *number < row
            {
                above.push(*number);
            }
        }
        above.sort_unstable();
        above.dedup();
        Some((sheet, above.len()))
    }
}

/// The header in what joins a cell to the one before it: `; Rate: ` or, at the start of a row, `Rate: `.
fn header_in(joint: &str) -> Option<&str> {
    let joint = joint.rsplit('\n').next().unwrap_or(joint);
    let header = joint.strip_suffix(": ")?;
    let header = header.strip_prefix("; ").unwrap_or(header).trim();
    (!header.is_empty()).then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::Place;

    /// Two sheets; the second has a merged cell in B1 and B2.
    fn layout() -> (&'static str, Layout) {
        let text = "Rates\n\nBank: ECB; Rate: 2.15 %\nBank: BOJ; Rate: 0.75 %\n\nNotes\n\na; b\nc; b";
        let mut places = Vec::new();
        let mut from = 0;
        for (value, sheet, row, column) in [
            ("ECB", "Rates", 2, 1),
            ("2.15 %", "Rates", 2, 2),
            ("BOJ", "Rates", 4, 1),
            ("0.75 %", "Rates", 4, 2),
            ("a", "Notes", 1, 1),
            ("b", "Notes", 1, 2),
            ("c", "Notes", 2, 1),
            ("b", "Notes", 1, 2),
        ] {
            let begin = match value.len() {
                1 => text[from..]
                    .find(value)
                    .map(|at| from + at)
                    .filter(|at| *at >= 60)
                    .unwrap_or_else(|| 60 + text[60..].find(value).unwrap()),
                _ => from + text[from..].find(value).unwrap(),
            };
            from = begin + value.len();
            places.push(Place { span: Span::new(begin, from), at: At::Cell { sheet: sheet.into(), row, column } });
        }
        (text, Layout { places, ..Layout::default() })
    }

    fn texts(text: &str, rows: &SheetRows) -> Vec<(u32, Vec<(u32, String)>)> {
        let cell = |cell: &SheetCell| (cell.column, text[cell.spans[0].range()].to_owned());
        rows.rows.iter().map(|row| (row.number, row.cells.iter().map(cell).collect())).collect()
    }

    #[test]
    fn a_sheet_has_its_rows_and_the_headers_that_its_text_names() {
        let (text, layout) = layout();
        let rows = SheetRows::of(&layout, text, None, 0, 10).unwrap();
        assert_eq!((rows.sheets.join(","), rows.sheet.as_str(), rows.total), ("Rates,Notes".into(), "Rates", 2));
        assert_eq!(rows.columns, [(1, Some("Bank".into())), (2, Some("Rate".into()))]);
        let shown = texts(text, &rows);
        assert_eq!(shown[1], (4, vec![(1, "BOJ".into()), (2, "0.75 %".into())]));
        let second = SheetRows::of(&layout, text, Some("Rates"), 1, 10).unwrap();
        assert_eq!((texts(text, &second), second.above), (vec![shown[1].clone()], 1));
        assert_eq!(SheetRows::of(&layout, text, Some("None"), 0, 10), None);
        assert_eq!(SheetRows::of(&Layout::default(), text, None, 0, 10), None);
    }

    #[test]
    fn a_merged_cell_stands_in_its_first_row_with_all_its_spans() {
        let (text, layout) = layout();
        let rows = SheetRows::of(&layout, text, Some("Notes"), 0, 10).unwrap();
        assert_eq!(rows.rows.iter().map(|row| row.cells.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(rows.rows[0].cells[1].spans.len(), 2);
        assert_eq!(rows.columns, [(1, None), (2, None)]);
    }

    #[test]
    fn a_quote_is_found_in_its_sheet() {
        let (text, layout) = layout();
        let at = text.find("0.75").unwrap();
        assert_eq!(SheetRows::position(&layout, Span::new(at, at + 4)), Some(("Rates", 1)));
        assert_eq!(SheetRows::position(&Layout::default(), Span::new(0, 4)), None);
    }
}
