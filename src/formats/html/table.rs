//! Writes a table as lines that say what each value is.

use std::rc::Rc;

use super::{Block, Kind};

/// A cell that spans more columns or rows than this is taken to span this many.
const MAX_SPAN: usize = 100;
/// Columns beyond are not read.
const MAX_COLUMNS: usize = 1_000;
/// Longer headers and cells are not repeated in the rows that they hold for.
const MAX_REPEATED_BYTES: usize = 240;
/// A table whose cells are longer, in characters, on average, is used for layout.
const MAX_MEAN_CHARS: usize = 250;

/// A table that is being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) is_in_head: bool,
    pub(super) is_for_layout: bool,
    /// Blocks of its captions, and those that stand between its cells.
    pub(super) outside: Vec<Block>,
    pub(super) is_cell_open: bool,
}

#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    is_head: bool,
}

#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) blocks: Vec<Block>,
    is_header: bool,
    columns: usize,
    rows: usize,
}

/// What a row has in a column.
#[derive(Debug, Clone)]
struct Column {
    text: Rc<str>,
    is_header: bool,
    /// Whether it is one of the further columns of a cell.
    is_repeated: bool,
}

/// A cell that hangs over from the rows above.
#[derive(Debug, Clone)]
struct Hanging {
    rows_left: usize,
    column: Column,
}

impl Table {
    pub(super) fn begin_row(&mut self) {
        self.is_cell_open = false;
        self.rows.push(Row { cells: Vec::new(), is_head: self.is_in_head });
    }

    pub(super) fn begin_cell(&mut self, is_header: bool, columns: usize, rows: usize) {
        if self.rows.is_empty() {
            self.begin_row();
        }
        let cell =
            Cell { blocks: Vec::new(), is_header, columns: columns.clamp(1, MAX_SPAN), rows: rows.clamp(1, MAX_SPAN) };
        if let Some(row) = self.rows.last_mut() {
            row.cells.push(cell);
            self.is_cell_open = true;
        }
    }

    /// Where a block goes.
    pub(super) fn blocks(&mut self) -> &mut Vec<Block> {
        match self.rows.last_mut().and_then(|row| row.cells.last_mut()) {
            Some(cell) if self.is_cell_open => &mut cell.blocks,
            _ => &mut self.outside,
        }
    }

    /// Its blocks: one for each row, or those of its cells if it only serves the layout.
    pub(super) fn finish(mut self) -> Vec<Block> {
        let mut blocks = std::mem::take(&mut self.outside);
        if self.is_for_layout || self.looks_like_layout() {
            blocks.extend(self.rows.into_iter().flat_map(|row| row.cells).flat_map(|cell| cell.blocks));
            return blocks;
        }
        let mut all = self.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.blocks);
        let quoted = all.any(|block| block.quoted);
        let head_rows = match self.rows.iter().take_while(|row| row.is_header()).count() {
            all if all == self.rows.len() => 0,
            some => some,
        };
        let (mut heads, mut hanging) = (Vec::new(), Vec::new());
        let mut is_first = true;
        for (number, row) in self.rows.into_iter().enumerate() {
            let columns = fill(&row, &mut hanging);
            let is_title = columns.len() > 1 && row.cells.len() == 1;
            if number < head_rows && !is_title {
                add_heads(&mut heads, &columns);
                continue;
            }
            let text = row_text(&heads, &columns);
            if !text.is_empty() {
                let filled = columns.iter().flatten().filter(|column| !column.is_repeated && !column.text.is_empty());
                let has_cells = filled.count() > 1 || !heads.is_empty() && !is_title;
                let kind = Kind::Row { is_first: std::mem::take(&mut is_first), has_cells };
                blocks.push(Block { kind, text, quoted });
            }
        }
        blocks
    }

    fn looks_like_layout(&self) -> bool {
        let cells = || self.rows.iter().flat_map(|row| &row.cells);
        let filled = cells().filter(|cell| !cell.blocks.is_empty()).count();
        let widest = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        if widest < 2 || self.rows.len() < 2 && !cells().any(|cell| cell.is_header) {
            return true;
        }
        let blocks = || cells().flat_map(|cell| &cell.blocks);
        if blocks().any(|block| matches!(block.kind, Kind::Heading(_) | Kind::Pre | Kind::Row { .. })) {
            return true;
        }
        let chars: usize = blocks().map(|block| block.text.chars().count()).sum();
        !cells().any(|cell| cell.is_header) && chars > MAX_MEAN_CHARS.saturating_mul(filled.max(1))
    }
}

impl Row {
    /// Whether it names the columns.
    fn is_header(&self) -> bool {
        let mut filled = self.cells.iter().filter(|cell| !cell.blocks.is_empty()).peekable();
        self.is_head || (filled.peek().is_some() && filled.all(|cell| cell.is_header))
    }
}

/// Adds a row of headers to the headers above it.
fn add_heads(heads: &mut Vec<String>, columns: &[Option<Column>]) {
    if heads.len() < columns.len() {
        heads.resize(columns.len(), String::new());
    }
    for (head, column) in heads.iter_mut().zip(columns) {
        let Some(Column { text, .. }) = column else { continue };
        if !text.is_empty() && **head != **text && head.len() + text.len() < MAX_REPEATED_BYTES {
            if !head.is_empty() {
                head.push(' ');
            }
            head.push_str(text);
        }
    }
}

/// A row by column. Cells that hang over from rows above are repeated, so that each row says it all.
fn fill(row: &Row, hanging: &mut Vec<Option<Hanging>>) -> Vec<Option<Column>> {
    let mut columns: Vec<Option<Column>> = Vec::new();
    let mut cells = row.cells.iter();
    while columns.len() < MAX_COLUMNS {
        let at = columns.len();
        if let Some(above) = hanging.get_mut(at).and_then(Option::as_mut).filter(|above| above.rows_left > 0) {
            above.rows_left -= 1;
            columns.push(Some(above.column.clone()));
            continue;
        }
        let is_waiting = |above: &Option<Hanging>| above.as_ref().is_some_and(|above| above.rows_left > 0);
        let Some(cell) = cells.next() else {
            let Some(gap) = hanging.iter().skip(at).position(is_waiting) else {
                // Nothing hangs over any more from here on.
                hanging.truncate(at);
                break;
            };
            columns.resize(at + gap, None);
            continue;
        };
        let text: Rc<str> = cell_text(cell).into();
        for n in 0..cell.columns {
            let column = Column { text: text.clone(), is_header: cell.is_header, is_repeated: n > 0 };
            if cell.rows > 1 && text.len() <= MAX_REPEATED_BYTES {
                let at = columns.len();
                if hanging.len() <= at {
                    hanging.resize(at + 1, None);
                }
                if let Some(slot) = hanging.get_mut(at) {
                    *slot = Some(Hanging { rows_left: cell.rows - 1, column: column.clone() });
                }
            }
            columns.push(Some(column));
        }
    }
    columns
}

fn cell_text(cell: &Cell) -> String {
    let mut text = String::new();
    for block in &cell.blocks {
        for line in block.text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text
}

/// `header: value; header: value`. Without headers of columns, a header at the start of the row names its values.
fn row_text(heads: &[String], columns: &[Option<Column>]) -> String {
    let mut text = String::new();
    let mut is_named = false;
    for (at, column) in columns.iter().enumerate() {
        let Some(Column { text: value, is_header, is_repeated: false }) = column else { continue };
        if value.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str(if is_named { ": " } else { "; " });
        }
        if let Some(head) = heads.get(at).filter(|head| !head.is_empty() && head.as_str() != &**value) {
            text.push_str(head.trim_end_matches([':', '：']));
            text.push_str(": ");
        }
        is_named = *is_header && heads.is_empty() && at == 0 && columns.len() > 1;
        text.push_str(if is_named { value.trim_end_matches([':', '：']) } else { value });
    }
    text
}
