//! Rows of tables in a text.

use serde::{Deserialize, Serialize};

use super::Span;

/// A row of a table in a text: one line, which is quoted as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The row without surrounding white space.
    pub span: Span,
    /// The header row of its table, likewise, if the text has one above it. Both have their cells between bars, `a | b`.
    /// Without one, the row says all by itself: `Bank: ECB; Rate: 2.15 %`.
    pub header: Option<Span>,
}

/// The row that has the byte at `at`, of `rows` in order.
pub(crate) fn row_at(rows: &[Row], at: usize) -> Option<Row> {
    let first = rows.partition_point(|row| row.span.end <= at);
    rows.get(first).filter(|row| row.span.start <= at).copied()
}

/// Whether they can be the rows of `text`: in order, disjoint, on character boundaries, each below its header.
pub(super) fn fit(rows: &[Row], text: &str) -> bool {
    let mut end = 0;
    rows.iter().all(|row| {
        let Row { span, header } = *row;
        let is_in_order = end <= span.start && span.start <= span.end && text.get(span.range()).is_some();
        end = span.end;
        is_in_order
            && header.is_none_or(|header| {
                header.start <= header.end && header.end <= span.start && text.get(header.range()).is_some()
            })
    })
}

/// The rows that were told by the form of their lines, before readers marked them.
pub(super) fn by_form(text: &str) -> Vec<Row> {
    let is_row = |line: &str| {
        let cells: Vec<&str> = line.split("; ").collect();
        let is_named =
            |cell: &&str| cell.split_once(": ").is_some_and(|(name, value)| !name.is_empty() && !value.is_empty());
        let named = cells.iter().filter(|cell| is_named(cell)).count();
        cells.len() > 1 && cells.first().is_some_and(is_named) && 2 * named >= cells.len() || line.contains(" | ")
    };
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if is_row(content) {
            let from = start + (line.len() - line.trim_start().len());
            rows.push(Row { span: Span::new(from, from + content.len()), header: None });
        }
        start += line.len();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(start: usize, end: usize, header: Option<(usize, usize)>) -> Row {
        Row { span: Span { start, end }, header: header.map(|(start, end)| Span { start, end }) }
    }

    #[test]
    fn the_row_of_a_byte_is_the_one_around_it() {
        let rows = [row(4, 9, Some((0, 3))), row(10, 12, None)];
        let found: Vec<_> = (0..13).map(|at| row_at(&rows, at).map(|row| row.span.start)).collect();
        let expected = |at| if (4..9).contains(&at) { Some(4) } else { (10..12).contains(&at).then_some(10) };
        assert_eq!(found, (0..13).map(expected).collect::<Vec<_>>());
    }

    #[test]
    fn rows_fit_a_text_only_in_order_on_characters_and_below_their_headers() {
        let text = "甲乙丙丁";
        assert!(fit(&[row(3, 6, Some((0, 3))), row(6, 9, Some((0, 3)))], text));
        for wrong in [
            vec![row(3, 6, None), row(0, 3, None)],
            vec![row(1, 3, None)],
            vec![row(9, 15, None)],
            vec![row(3, 6, Some((6, 9)))],
            vec![row(3, 6, Some((0, 1)))],
            vec![row(3, 6, Some((3, 0)))],
            vec![row(6, 3, None)],
        ] {
            assert!(!fit(&wrong, text), "{wrong:?}");
        }
    }

    #[test]
    fn an_earlier_version_told_rows_by_names_and_bars() {
        let text = "It fell; it rose.\n 站名: 台南車站; 電話: 06-226-1314 \n3月 | 62%\nNote: it fell.\n甲;乙";
        let rows: Vec<_> = by_form(text).into_iter().map(|row| &text[row.span.range()]).collect();
        assert_eq!(rows, ["站名: 台南車站; 電話: 06-226-1314", "3月 | 62%"]);
    }
}
