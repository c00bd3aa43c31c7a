//! Tables: aligned by columns for a terminal, separated by tabs for another program.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::term::{Role, Style};
use crate::display::one_line;

/// A column's header and on which side its cells are flush.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Shown on a terminal only.
    pub(crate) header: &'static str,
    /// Whether cells are flush right, as numbers want to be.
    pub(crate) flush_right: bool,
}

/// A column of words.
pub(crate) const fn words(header: &'static str) -> Column {
    Column { header, flush_right: false }
}

/// A column of numbers.
pub(crate) const fn numbers(header: &'static str) -> Column {
    Column { header, flush_right: true }
}

/// `rows` under `columns`. The last column is cut to the terminal's width; the others, which one may want to copy,
/// never are. Without a width: no header, a tab between cells, nothing cut.
pub(crate) fn table(columns: &[Column], rows: &[Vec<String>], style: Style) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let Some(limit) = style.width else {
        return rows.iter().map(|row| row.join("\t") + "\n").collect();
    };
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(n, column)| rows.iter().map(|row| row[n].width()).fold(column.header.width(), usize::max))
        .collect();
    let headers: Vec<String> = columns.iter().map(|column| column.header.to_owned()).collect();
    let header = style.paint(Role::Title, &aligned(&headers, columns, &widths, limit));
    let lines = rows.iter().map(|row| aligned(row, columns, &widths, limit));
    std::iter::once(header).chain(lines).map(|line| line + "\n").collect()
}

fn aligned(cells: &[String], columns: &[Column], widths: &[usize], limit: usize) -> String {
    let mut line = String::new();
    for (n, cell) in cells.iter().enumerate() {
        let padding = widths[n].saturating_sub(cell.width());
        let padding = " ".repeat(padding);
        match (columns[n].flush_right, n + 1 == cells.len()) {
            (true, _) => line.extend([padding.as_str(), cell]),
            (false, true) => line.push_str(&cut(cell, limit.saturating_sub(line.width()))),
            (false, false) => line.extend([cell.as_str(), &padding]),
        }
        if n + 1 < cells.len() {
            line.push_str("  ");
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// As much of `text` as fits `limit` columns, with an ellipsis where something is left out.
fn cut(text: &str, limit: usize) -> String {
    const LEAST: usize = 10;
    let limit = limit.max(LEAST);
    if text.width() <= limit {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken < limit
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [words("ID"), numbers("PASSAGES"), words("TITLE")];

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        vec![row(["聯準會", "12", "降息\t預期\n下"]), row(["ab", "3", "Rates"])]
    }

    #[test]
    fn columns_line_up_whatever_the_script() {
        let text = table(&COLUMNS, &rows(), Style { width: Some(80), ..Style::PLAIN });
        assert_eq!(text, "ID      PASSAGES  TITLE\n聯準會        12  降息 預期 下\nab             3  Rates\n");
    }

    #[test]
    fn another_program_gets_tabs_and_no_header() {
        let text = table(&COLUMNS, &rows(), Style::PLAIN);
        assert_eq!(text, "聯準會\t12\t降息 預期 下\nab\t3\tRates\n");
    }

    #[test]
    fn the_last_column_is_cut_to_the_terminal() {
        let long = vec![vec!["id".to_owned(), "1".to_owned(), "降".repeat(60)]];
        let text = table(&COLUMNS, &long, Style { width: Some(40), ..Style::PLAIN });
        for line in text.lines() {
            assert!(line.width() <= 40, "{line}");
        }
        assert!(text.trim_end().ends_with("降…"), "{text}");
    }

    #[test]
    fn a_table_of_nothing_is_its_header() {
        assert_eq!(table(&COLUMNS, &[], Style { width: Some(40), ..Style::PLAIN }), "ID  PASSAGES  TITLE\n");
        assert_eq!(table(&COLUMNS, &[], Style::PLAIN), "");
    }
}
