//! The row of a table that has the most or the least of what a question wants most or least of. In doubt there is none.

use std::collections::HashSet;

use super::asked::Asked;
use super::superlative::{Figure, Superlative, Table};
use crate::index::DocumentKey;
use crate::passage::{Row, Span};
use crate::terms::{fold, mentions_one, terms};

/// The row that a question wants of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extreme {
    pub(super) document: DocumentKey,
    pub(super) row: Span,
    /// From its first row to its last.
    pub(super) table: Span,
}

/// The row with the most or the least of what is asked for, of the table of `row` in `text`. `None` unless exactly one column
/// has it, and one row is first. `marked` are the rows that the document's reader marked.
pub(super) fn extreme(
    superlative: &Superlative,
    asked: &Asked,
    (document, text): (DocumentKey, &str),
    marked: &[Row],
    row: Row,
) -> Option<Extreme> {
    let table = Table::of(text, marked, row)?;
    let column = column(superlative, asked, &table)?;
    // "The highest fare of the night train" is none of all rows.
    let found = found_in_name(asked, table.names[column]);
    let others: Vec<usize> = (0..found.len()).filter(|word| !found[*word]).collect();
    if table.tells_apart(&others, |terms| asked.found_in(terms)) {
        return None;
    }
    let first = first(superlative, &table.figures(column)?)?;
    Some(Extreme { document, row: first, table: table.span })
}

/// The only column of a table that can be meant. The first one names the rows.
fn column(superlative: &Superlative, asked: &Asked, table: &Table<'_>) -> Option<usize> {
    let is_called = |column: &usize| {
        let name = table.names[*column];
        let object = superlative.object.as_deref();
        let has_object = object.is_none_or(|object| terms(object).iter().all(|term| terms(name).contains(term)));
        has_object && found_in_name(asked, name).into_iter().any(|found| found)
    };
    let has_quantity = |column: &usize| {
        superlative.named.iter().any(|named| {
            mentions_one(&fold(table.names[*column]), named.columns().split('|'))
                || table.is_of(*column, |kind| named.is(kind))
        })
    };
    let columns = 1..table.names.len();
    let mut meant: Vec<usize> = match superlative.named.is_empty() {
        true => columns.filter(is_called).collect(),
        false => columns.filter(has_quantity).collect(),
    };
    if meant.len() > 1 {
        meant.retain(is_called);
    }
    let [column] = meant.as_slice() else { return None };
    // A column of maxima has no row that is meant: "What is the maximum load of the Ridge?"
    Superlative::of(table.names[*column]).is_none().then_some(*column)
}

/// The row that comes first by itself.
fn first(superlative: &Superlative, figures: &[Figure]) -> Option<Span> {
    let value = |figure: &Figure| if superlative.wants_most { figure.value } else { -figure.value };
    let best = figures.iter().max_by(|a, b| value(a).total_cmp(&value(b)))?;
    let is_single = figures.iter().filter(|other| value(other) >= value(best)).count() == 1;
    let is_one_kind = figures.iter().all(|figure| figure.kind == best.kind);
    (is_single && is_one_kind).then_some(best.row)
}

/// For each concept of the question whether the name of a column has it.
fn found_in_name(asked: &Asked, name: &str) -> Vec<bool> {
    let terms: HashSet<String> = terms(name).into_iter().collect();
    asked.found_in(&terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::LexicalQuery;

    const DISHES: &str = "| programme | temperature | duration | water |\n|---|---|---|---|\n\
        | Auto | 45–65 °C | 1 h 50 min | 7–13 l |\n| Eco | 50 °C | 3 h 40 min | 9.5 l |\n| Quick | 45 °C | 29 min | 8 l |\n";

    fn row(question: &str, text: &str, marked: &[Row], first: Row) -> Option<String> {
        let query = LexicalQuery::literal(question);
        let asked = Asked::new(question, &query, &vec![1.0; query.concepts.len()], Vec::new());
        let found =
            extreme(&Superlative::of(question)?, &asked, (DocumentKey { member: 0, key: 1 }, text), marked, first);
        found.map(|found| text[found.row.range()].to_owned())
    }

    fn of_pipes(question: &str) -> Option<String> {
        let header = Span::new(0, DISHES.find('\n').unwrap());
        let start = DISHES.find("| Auto").unwrap();
        row(question, DISHES, &[], Row { span: Span::new(start, start + 20), header: Some(header) })
    }

    #[test]
    fn the_row_with_the_most_or_the_least_of_a_column_is_found() {
        for (question, programme) in [
            ("Which programme uses the least water?", "Quick"),
            ("Which programme uses the most water?", "Auto"),
            ("Which programme has the highest temperature?", "Auto"),
            ("What is the longest programme?", "Eco"),
            ("Which programme is the shortest?", "Quick"),
        ] {
            assert!(
                of_pipes(question).is_some_and(|row| row.contains(programme)),
                "{question}: {:?}",
                of_pipes(question)
            );
        }
        for question in [
            "Which programme needs at least 8 l of water?",
            "Which programme is the quietest?",
            "Which programme uses water?",
            "Which two programmes use the least water?",
            "What are the highest and the lowest temperature?",
            "What is the most recent programme with water?",
            "What is the highest temperature of the Eco programme?",
        ] {
            assert_eq!(of_pipes(question), None, "{question}");
        }
    }

    /// The row that a question wants of a pipe table.
    fn of_table(question: &str, table: &str) -> Option<String> {
        let header = Span::new(0, table.find('\n').unwrap());
        let start = table.match_indices('\n').nth(1).unwrap().0 + 1;
        row(question, table, &[], Row { span: Span::new(start, start + 3), header: Some(header) })
    }

    #[test]
    fn what_names_or_sums_up_the_rows_is_no_figure_of_them() {
        let rooms = "| room | area |\n|---|---|\n| 101 | 24 m² |\n| 305 | 18 m² |\n| 207 | 31 m² |\n";
        assert_eq!(of_table("Which room is the largest?", rooms), None, "nothing says that an area is meant");
        let rooms_by_area = of_table("Which room has the largest area?", rooms);
        assert!(rooms_by_area.is_some_and(|row| row.contains("207")));
        let sales = "| region | revenue |\n|---|---|\n| North | 12 |\n| South | 20 |\n| Total | 32 |\n";
        assert!(of_table("Which region has the highest revenue?", sales).is_some_and(|row| row.contains("South")));
        let huts = "| hut | price |\n|---|---|\n| A | free |\n| B | £12 |\n| C | £9 |\n";
        assert_eq!(of_table("Which hut is the cheapest?", huts), None, "one has no figure");
        let loads = "| bike | maximum load |\n|---|---|\n| Ridge | 120 kg |\n| Cargo | 200 kg |\n";
        assert_eq!(of_table("What is the maximum load of the Ridge?", loads), None);
        let articles = "| article | price (EUR) |\n|---|---|\n| 4711 | 9.40 |\n| 4712 | 3.25 |\n";
        assert!(of_table("Which article is the cheapest?", articles).is_some_and(|row| row.contains("4712")));
    }

    #[test]
    fn only_rows_that_stand_together_are_one_table() {
        let text = "Region: North; Revenue: 12\nRegion: South; Revenue: 20\n\n2024\n\nRegion: North; Revenue: 31\nRegion: South; Revenue: 14";
        let starts: Vec<usize> = text.match_indices("Region").map(|(at, _)| at).collect();
        let end = |start: usize| start + text[start..].find('\n').unwrap_or(text.len() - start);
        let rows: Vec<Row> =
            starts.iter().map(|&start| Row { span: Span::new(start, end(start)), header: None }).collect();
        let of = |at: usize| row("Which region has the highest revenue?", text, &rows, rows[at]).unwrap();
        assert!(of(0).ends_with("Revenue: 20") && of(3).ends_with("Revenue: 31"));
    }

    #[test]
    fn rows_that_name_their_columns_are_compared_by_them() {
        let text = "article: A1; price_eur: 9.40\narticle: B2; price_eur: 3.25\narticle: C3; price_eur: 39.50";
        let spans = [(0, 28), (29, 57), (58, 87)]
            .map(|(start, end)| Row { span: Span::new(start, end.min(text.len())), header: None });
        let found = row("Which article has the lowest price_eur?", text, &spans, spans[0]);
        assert!(found.is_some_and(|row| row.contains("B2")));
    }

    #[test]
    fn rows_that_tie_are_no_answer() {
        let text = "| hut | beds |\n|---|---|\n| A | 12 |\n| B | 12 |\n| C | 9 |\n";
        let row_of =
            |question: &str| row(question, text, &[], Row { span: Span::new(25, 35), header: Some(Span::new(0, 14)) });
        assert_eq!(row_of("Which hut has the most beds?"), None);
        assert!(row_of("Which hut has the fewest beds?").is_some_and(|row| row.contains('C')));
    }
}
