//! Builds paragraphs, lists and tables out of an RTF file's text.

use super::super::Result;
use super::super::flow::{Flow, Table, TableCell};

/// What a paragraph is.
#[derive(Debug, Default, Clone)]
pub(super) struct Role {
    /// 1 to 9.
    pub(super) heading: Option<usize>,
    /// An entry of a table of contents.
    pub(super) contents: bool,
    pub(super) in_table: bool,
}

/// The blocks so far, and the table that is being read.
pub(super) struct Blocks<'a> {
    flow: &'a mut Flow,
    table: Table,
    /// The cells of the current row, and the paragraphs of the current cell.
    row: Vec<Vec<String>>,
    cell: Vec<String>,
    /// Whether each cell of the current row continues the one above, as defined so far.
    continues: Vec<bool>,
    next_continues: bool,
    pub(super) header_row: bool,
    pub(super) contents_entries: usize,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(flow: &'a mut Flow) -> Self {
        Self {
            flow,
            table: Table::default(),
            row: Vec::new(),
            cell: Vec::new(),
            continues: Vec::new(),
            next_continues: false,
            header_row: false,
            contents_entries: 0,
        }
    }

    /// Ends a paragraph. `label` is what stands before an item of a list.
    pub(super) fn paragraph(&mut self, text: &str, label: &str, role: &Role) -> Result<()> {
        let text = text.trim();
        let label = label.trim();
        let label = match label.chars().any(char::is_alphanumeric) {
            true => format!("{label} "),
            // The bullets of symbol fonts are other letters in text.
            false => if label.is_empty() { "" } else { "- " }.to_owned(),
        };
        if role.in_table {
            self.cell.extend((!text.is_empty()).then(|| text.to_owned()));
            return Ok(());
        }
        self.end_table()?;
        if text.is_empty() {
            return Ok(());
        }
        if role.contents {
            self.contents_entries += 1;
            return Ok(());
        }
        match role.heading {
            Some(level) => self.flow.heading(level, &(label + text)),
            None if label.is_empty() => self.flow.paragraph(text),
            None => self.flow.item(&(label + text)),
        }
    }

    /// Begins the definition of a row's cells.
    pub(super) fn begin_definition(&mut self) {
        self.continues.clear();
        self.next_continues = false;
        self.header_row = false;
    }

    /// The cell that is being defined continues the one above.
    pub(super) fn continue_cell(&mut self) {
        self.next_continues = true;
    }

    /// Ends the definition of a cell.
    pub(super) fn end_definition(&mut self) {
        self.continues.push(std::mem::take(&mut self.next_continues));
    }

    /// Ends a cell.
    pub(super) fn end_cell(&mut self) {
        self.row.push(std::mem::take(&mut self.cell));
    }

    /// Ends a row.
    pub(super) fn end_row(&mut self) {
        let row = self.table.rows.saturating_add(1);
        self.table.rows = row;
        if self.header_row && self.table.header_rows + 1 == row {
            self.table.header_rows = row;
        }
        for (position, paragraphs) in std::mem::take(&mut self.row).into_iter().enumerate() {
            let column = position as u32 + 1;
            if self.continues.get(position) == Some(&true)
                && let Some(above) = self.table.cell_above(row, column)
            {
                above.rows = row - above.row + 1;
            } else if !paragraphs.is_empty() {
                self.table.push(TableCell { row, column, columns: 1, rows: 1, paragraphs });
            }
        }
    }

    /// Adds the table that was read, if there is one.
    pub(super) fn end_table(&mut self) -> Result<()> {
        if !self.row.is_empty() || !self.cell.is_empty() {
            self.end_cell();
            self.end_row();
        }
        if self.table.rows > 0 {
            self.flow.table(std::mem::take(&mut self.table))?;
        }
        Ok(())
    }

    /// Adds a note at the end.
    pub(super) fn note(&mut self, mark: &str, text: &str) -> Result<()> {
        self.flow.note(mark, text)
    }
}
