//! Writes a table as lines: its header, then its rows, `a | b | c`.

use super::super::assemble::push_piece;
use super::super::hyphens::{Hyphens, Joint};
use super::super::lines::TextLine;
use super::{Cell, Table};
use crate::formats::Result;
use crate::formats::builder::Builder;
use crate::passage::Span;

/// A longer cell over several rows is not repeated in each of them, in characters.
const MAX_REPEATED: usize = 200;

impl Table {
    /// Adds the table to a text.
    pub(in super::super) fn write(&self, hyphens: &Hyphens, builder: &mut Builder) -> Result<()> {
        builder.begin("\n\n");
        let mut lines = Lines { hyphens, builder };
        let names: Vec<Vec<&Cell>> =
            (0..self.columns.len()).map(|column| self.names(column, self.header_rows)).collect();
        let header = lines.add(&names)?;
        // The last cell of each column that reaches down.
        let mut tall: Vec<Option<&Cell>> = vec![None; self.columns.len()];
        for row in self.header_rows..self.rows {
            let mut cells: Vec<Vec<&Cell>> = vec![Vec::new(); self.columns.len()];
            for cell in self.row(row) {
                if let Some(place) = cells.get_mut(cell.column) {
                    place.push(cell);
                }
            }
            for (column, cell) in cells.iter_mut().enumerate() {
                match cell.first() {
                    Some(own) => tall[column] = Some(*own).filter(|own| own.rows > 1 && is_short(own)),
                    None => cell.extend(tall[column].filter(|above| above.covers(row, column))),
                }
            }
            // A name for the rows below, or a remark: no value of a column.
            let is_alone = cells.iter().skip(1).all(Vec::is_empty);
            let from = lines.builder.text().len();
            if lines.add(&cells)?.is_some() && !is_alone {
                lines.builder.row(from, header);
            }
        }
        Ok(())
    }

    /// The cells of the first `depth` rows that name a column.
    pub(super) fn names(&self, column: usize, depth: usize) -> Vec<&Cell> {
        let mut names: Vec<&Cell> = Vec::new();
        for row in 0..depth {
            let name = self.cells.iter().take_while(|cell| cell.row <= row).find(|cell| cell.covers(row, column));
            if let Some(name) = name
                && !names.iter().any(|other| std::ptr::eq(*other, name) || other.text() == name.text())
            {
                names.push(name);
            }
        }
        names
    }
}

fn is_short(cell: &Cell) -> bool {
    cell.lines.iter().map(|line| line.letters.len()).sum::<usize>() <= MAX_REPEATED
}

struct Lines<'a> {
    hyphens: &'a Hyphens,
    builder: &'a mut Builder,
}

impl Lines<'_> {
    /// Adds a line of cells, each made of these; `None` if all are empty.
    fn add(&mut self, cells: &[Vec<&Cell>]) -> Result<Option<Span>> {
        let Some(last) = cells.iter().rposition(|cell| !cell.is_empty()) else { return Ok(None) };
        self.builder.begin("\n");
        let start = self.builder.text().len();
        for (column, parts) in cells.iter().enumerate().take(last + 1) {
            if column > 0 {
                self.builder.push(" |", None)?;
            } else if parts.is_empty() {
                self.builder.push("|", None)?;
            }
            for (n, part) in parts.iter().enumerate() {
                if column > 0 || n > 0 {
                    self.builder.push(" ", None)?;
                }
                self.add_cell(&part.lines)?;
            }
        }
        Ok(Some(Span::new(start, self.builder.text().len())))
    }

    fn add_cell(&mut self, lines: &[TextLine]) -> Result<()> {
        for (n, line) in lines.iter().enumerate() {
            let joint = lines.get(n + 1).map(|next| {
                // A wide gap on one line.
                if (next.base - line.base).abs() < 0.3 * line.size {
                    Joint::Space
                } else {
                    self.hyphens.joint(line, next)
                }
            });
            for piece in &line.pieces {
                push_piece(line, piece, joint != Some(Joint::WithoutHyphen), self.builder)?;
            }
            if joint == Some(Joint::Space) {
                self.builder.push(" ", None)?;
            }
        }
        Ok(())
    }
}
