//! A running text that is being built: headings, paragraphs, lists, tables and notes, numbered as they follow one another.

use super::builder::Builder;
use super::grid::{Grid, Merge, is_numeric, one_line};
use super::{Options, Result};
use crate::passage::{At, Layout};

/// Cells that are longer on average hold running text: the table is there for its looks.
const LONG_CELL_CHARS: usize = 160;

/// A running text.
#[derive(Debug)]
pub(super) struct Flow {
    builder: Builder,
    number: u32,
    in_list: bool,
}

/// A table in a running text.
#[derive(Debug, Default)]
pub(super) struct Table {
    cells: Vec<TableCell>,
    /// How many rows it has so far.
    pub(super) rows: u32,
    /// How many rows at its start are its header.
    pub(super) header_rows: u32,
}

/// A cell of a table in a running text.
#[derive(Debug)]
pub(super) struct TableCell {
    /// From 1.
    pub(super) row: u32,
    /// From 1.
    pub(super) column: u32,
    /// How many columns it covers.
    pub(super) columns: u32,
    /// How many rows it covers.
    pub(super) rows: u32,
    pub(super) paragraphs: Vec<String>,
}

impl Table {
    /// Adds a cell behind the last one.
    pub(super) fn push(&mut self, cell: TableCell) {
        self.rows = self.rows.max(cell.row);
        self.cells.push(cell);
    }

    /// The last cell in a column above a row.
    pub(super) fn cell_above(&mut self, row: u32, column: u32) -> Option<&mut TableCell> {
        self.cells.iter_mut().rev().take(2_000).find(|cell| cell.row < row && cell.column == column)
    }

    /// Its text as paragraphs, for a table within a table.
    pub(super) fn into_paragraphs(self) -> Vec<String> {
        self.cells.into_iter().flat_map(|cell| cell.paragraphs).collect()
    }

    fn holds_running_text(&self) -> bool {
        let filled = self.cells.iter().filter(|cell| !cell.paragraphs.is_empty()).count();
        let chars: usize = self.cells.iter().flat_map(|cell| &cell.paragraphs).map(|text| text.chars().count()).sum();
        self.cells.iter().all(|cell| cell.column == 1) || chars > filled.saturating_mul(LONG_CELL_CHARS)
    }

    /// Adds it to a text; `at` gives the place of a row.
    pub(super) fn write(self, builder: &mut Builder, at: impl Fn(u32) -> At) -> Result<()> {
        if self.holds_running_text() {
            for cell in self.cells {
                for text in cell.paragraphs {
                    builder.paragraph(&text, Some(at(cell.row)))?;
                }
            }
            return Ok(());
        }
        self.into_grid().write(builder, |row, _| at(row))
    }

    fn into_grid(self) -> Grid {
        let mut grid = Grid::default();
        grid.header_rows = self.header_rows;
        for cell in self.cells {
            let text = one_line(&cell.paragraphs.join(" "));
            grid.add(cell.row, cell.column, &text, is_numeric(&text));
            if cell.columns > 1 || cell.rows > 1 {
                let last = |first: u32, count: u32| first.saturating_add(count.saturating_sub(1));
                grid.merge(Merge {
                    rows: (cell.row, last(cell.row, cell.rows)),
                    columns: (cell.column, last(cell.column, cell.columns)),
                });
            }
        }
        grid
    }
}

impl Flow {
    /// An empty text, made by `reader`.
    pub(super) fn new(reader: &str, options: &Options) -> Self {
        Self { builder: Builder::new(reader, options.max_text_bytes), number: 0, in_list: false }
    }

    /// Adds a heading.
    pub(super) fn heading(&mut self, level: usize, text: &str) -> Result<()> {
        self.in_list = false;
        let at = self.next_place(text);
        self.builder.heading(level, text, at)?;
        Ok(())
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, text: &str) -> Result<()> {
        self.in_list = false;
        let at = self.next_place(text);
        self.builder.paragraph(text, at)?;
        Ok(())
    }

    /// Adds an item of a list; items that follow one another stand on lines of one paragraph.
    pub(super) fn item(&mut self, text: &str) -> Result<()> {
        let at = self.next_place(text);
        if at.is_some() {
            self.builder.begin(if self.in_list { "\n" } else { "\n\n" });
            self.builder.push(text.trim(), at)?;
            self.in_list = true;
        }
        Ok(())
    }

    /// Adds a table.
    pub(super) fn table(&mut self, table: Table) -> Result<()> {
        self.in_list = false;
        let (before, rows) = (self.number, table.rows);
        table.write(&mut self.builder, |row| At::Paragraph(before.saturating_add(row)))?;
        self.number = before.saturating_add(rows);
        Ok(())
    }

    /// Adds a note at the end, `[1] text`: the mark has no place of its own.
    pub(super) fn note(&mut self, mark: &str, text: &str) -> Result<()> {
        self.in_list = false;
        let at = self.next_place(text);
        if at.is_some() {
            self.builder.begin("\n\n");
            self.builder.push(&format!("[{mark}] "), None)?;
            self.builder.push(text.trim(), at)?;
        }
        Ok(())
    }

    /// The text and its layout.
    pub(super) fn finish(self) -> (String, Layout) {
        self.builder.finish()
    }

    /// The place of the next block. Blank text is none.
    fn next_place(&mut self, text: &str) -> Option<At> {
        if text.trim().is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        Some(At::Paragraph(self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: u32, column: u32, text: &str) -> TableCell {
        TableCell { row, column, columns: 1, rows: 1, paragraphs: vec![text.to_owned()] }
    }

    fn table(rows: &[[&str; 2]]) -> Table {
        let mut table = Table::default();
        for (row, texts) in (1..).zip(rows) {
            (1..).zip(texts).for_each(|(column, text)| table.push(cell(row, column, text)));
        }
        table
    }

    #[test]
    fn blocks_are_numbered_and_lists_stay_together() {
        let mut flow = Flow::new("test 1", &Options::new(10_000));
        flow.heading(1, "Title").unwrap();
        flow.item("- a").unwrap();
        flow.item(" ").unwrap();
        flow.item("- b").unwrap();
        flow.table(table(&[["Item", "Price"], ["Tea", "30"]])).unwrap();
        flow.paragraph("End.").unwrap();
        flow.note("1", "A note.").unwrap();
        let (text, layout) = flow.finish();
        assert_eq!(text, "Title\n\n- a\n- b\n\nItem: Tea; Price: 30\n\nEnd.\n\n[1] A note.");
        let places: Vec<_> = layout.places.iter().map(|place| (&text[place.span.range()], place.at.clone())).collect();
        assert_eq!(places[3], ("Tea", At::Paragraph(5)));
        assert_eq!(places[5], ("End.", At::Paragraph(6)));
        assert_eq!(places[6], ("A note.", At::Paragraph(7)));
    }

    #[test]
    fn a_table_of_running_text_becomes_paragraphs() {
        let mut flow = Flow::new("test 1", &Options::new(10_000));
        let long = "A sentence of some length. ".repeat(8);
        flow.table(table(&[[&long, &long]])).unwrap();
        assert_eq!(flow.finish().0, format!("{0}\n\n{0}", long.trim()));
    }
}
