//! Questions for the most or the least of something, answered by the row of a table that has it: "Which programme uses the least
//! water?" Every row resembles the question as much, so neither vectors nor words can tell.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde::Deserialize;

use super::asked::Asked;
use crate::index::DocumentKey;
use crate::passage::{Row, Span};
use crate::quantities::{Kind, Measure, quantities};
use crate::tables::{cells, rows_below};
use crate::terms::{fold, terms};

/// Rows of a table that are compared at most.
const MOST_ROWS: usize = 5_000;

/// What a question wants most or least of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Superlative {
    wants_most: bool,
    /// The quantities that its word names by itself: "cheapest".
    named: Vec<Named>,
}

/// The row that a question wants of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extreme {
    pub(super) document: DocumentKey,
    pub(super) row: Span,
    /// From its first row to its last.
    pub(super) table: Span,
}

/// Quantities that a superlative can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Money,
    Mass,
    Extent,
    Speed,
}

impl Named {
    fn is(self, kind: Kind) -> bool {
        match self {
            Self::Money => matches!(kind, Kind::Money(_)),
            Self::Mass => kind == Kind::Mass,
            Self::Extent => matches!(kind, Kind::Duration | Kind::Length),
            Self::Speed => kind == Kind::Speed,
        }
    }
}

/// The words of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Superlatives {
    most: String,
    least: String,
    bounding: String,
    money: String,
    mass: String,
    extent: String,
    speed: String,
}

fn superlatives() -> &'static Superlatives {
    static WORDS: OnceLock<Superlatives> = OnceLock::new();
    WORDS
        .get_or_init(|| toml::from_str(include_str!("words.toml")).expect("words.toml, which is compiled in, is valid"))
}

impl Superlative {
    /// That of a question; `None` if it has none.
    pub(super) fn of(question: &str) -> Option<Self> {
        let file = superlatives();
        let folded = fold(question);
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let spaced = format!(" {} ", words.join(" "));
        let longest = |list: &'static str| {
            list.split('|').filter(|word| has(&folded, &spaced, word)).max_by_key(|word| word.len())
        };
        let wants_most = match (longest(&file.most), longest(&file.least)) {
            // "Le plus petit" wants the least.
            (Some(most), Some(least)) => most.len() > least.len(),
            (most, least) if most.is_some() || least.is_some() => most.is_some(),
            _ => return None,
        };
        let names = |list: &str| list.split('|').any(|word| has(&folded, &spaced, word));
        let all = [
            (&file.money, Named::Money),
            (&file.mass, Named::Mass),
            (&file.extent, Named::Extent),
            (&file.speed, Named::Speed),
        ];
        let named = all.into_iter().filter(|(list, _)| names(list)).map(|(_, named)| named).collect();
        Some(Self { wants_most, named })
    }

    /// The row with the most or the least of what is asked for, of the table of `row` in `text`. `None` unless exactly one column
    /// has it, and one row is first. `marked` are the rows that the document's reader marked.
    pub(super) fn extreme(
        &self,
        asked: &Asked,
        (document, text): (DocumentKey, &str),
        marked: &[Row],
        row: Row,
    ) -> Option<Extreme> {
        let spans = table(text, marked, row)?;
        let table = Span::new(spans.first()?.start, spans.last()?.end);
        Some(Extreme { document, row: self.row(asked, text, row, &spans)?, table })
    }

    /// Whether a sentence says of something that it is this.
    pub(super) fn is_said_in(&self, sentence: &str) -> bool {
        Self::of(sentence).is_some_and(|said| said.wants_most == self.wants_most)
    }

    fn row(&self, asked: &Asked, text: &str, row: Row, spans: &[Span]) -> Option<Span> {
        let slice = |span: &Span| text.get(span.range()).unwrap_or_default();
        let header: Option<Vec<&str>> = row.header.map(|header| cells(slice(&header)).collect());
        let rows: Vec<(Span, Vec<(&str, &str)>)> =
            spans.iter().map(|span| (*span, columns(header.as_deref(), slice(span)))).collect();
        let numeric = Column::numeric_of(&rows);
        let is_meant = |column: &&Column<'_>| {
            let terms: HashSet<String> = terms(column.name).into_iter().collect();
            asked.found_in(&terms).into_iter().any(|found| found)
        };
        let is_named = |column: &&Column<'_>| {
            self.named.iter().any(|named| column.values.iter().all(|(_, kind, _)| named.is(*kind)))
        };
        let mut columns: Vec<&Column<'_>> = numeric.iter().filter(is_meant).collect();
        if columns.is_empty() {
            columns = numeric.iter().filter(is_named).collect();
        }
        let [column] = columns.as_slice() else { return None };
        self.first(&column.values)
    }

    /// The row that comes first by itself.
    fn first(&self, values: &[(Span, Kind, f64)]) -> Option<Span> {
        let value = |(_, _, value): &(Span, Kind, f64)| if self.wants_most { *value } else { -value };
        let best = values.iter().max_by(|a, b| value(a).total_cmp(&value(b)))?;
        let is_single = values.iter().filter(|other| value(other) >= value(best)).count() == 1;
        let is_one_kind = values.iter().all(|(_, kind, _)| kind == &best.1);
        (is_single && is_one_kind).then_some(best.0)
    }
}

/// A column of figures.
struct Column<'t> {
    name: &'t str,
    /// For each row that has a figure in it where that row is, and the figure.
    values: Vec<(Span, Kind, f64)>,
}

impl<'t> Column<'t> {
    /// The columns in which most of the rows have a figure.
    fn numeric_of(rows: &[(Span, Vec<(&'t str, &'t str)>)]) -> Vec<Self> {
        let mut columns: Vec<Self> = Vec::new();
        for (span, (name, cell)) in rows.iter().flat_map(|(span, cells)| cells.iter().map(move |cell| (span, cell))) {
            let Some((kind, value)) = amount(cell) else { continue };
            match columns.iter_mut().find(|column| column.name == *name) {
                Some(column) => column.values.push((*span, kind, value)),
                None => columns.push(Self { name, values: vec![(*span, kind, value)] }),
            }
        }
        columns.retain(|column| column.values.len() > 1 && 2 * column.values.len() > rows.len());
        columns
    }
}

/// Whether a question has a word, and it is no bound: "at least two".
fn has(folded: &str, spaced: &str, word: &str) -> bool {
    if !word.is_ascii() && !word.chars().next().is_some_and(char::is_lowercase) {
        return folded.contains(word);
    }
    let wanted = format!(" {word} ");
    spaced.match_indices(&wanted).any(|(at, _)| {
        let before = spaced[..at].rsplit(' ').next().unwrap_or_default();
        !superlatives().bounding.split('|').any(|bound| bound == before)
    })
}

/// All rows of the table of a row.
fn table(text: &str, marked: &[Row], row: Row) -> Option<Vec<Span>> {
    let is_marked = marked.iter().any(|other| other.span == row.span);
    let spans: Vec<Span> = match row.header {
        Some(header) if !is_marked => rows_below(text, header),
        header => marked.iter().filter(|other| other.header == header).map(|other| other.span).collect(),
    };
    (spans.len() <= MOST_ROWS).then_some(spans)
}

/// The cells of a row with the names of their columns.
fn columns<'t>(header: Option<&[&'t str]>, row: &'t str) -> Vec<(&'t str, &'t str)> {
    match header {
        Some(header) => header.iter().copied().zip(cells(row)).collect(),
        None => row.split("; ").filter_map(|cell| cell.split_once(": ")).map(|(a, b)| (a.trim(), b.trim())).collect(),
    }
}

/// What a cell says in figures: the middle of "7–13 l", the sum of "1 h 50 min".
fn amount(cell: &str) -> Option<(Kind, f64)> {
    let found = quantities(cell);
    let amounts: Vec<(Kind, f64)> = found
        .iter()
        .filter_map(|quantity| {
            quantity.readings.iter().find_map(|measure| match measure {
                Measure::Amount(amount) if amount.kind != Kind::Ordinal => Some((amount.kind, amount.value)),
                _ => None,
            })
        })
        .collect();
    match amounts.as_slice() {
        [one] => Some(*one),
        [(first, a), (second, b)] => {
            let between = cell.get(found[0].span.end..found[1].span.start).unwrap_or_default();
            let is_range = between.contains(['-', '–', '—', '~', '～', '至']) || matches!(between.trim(), "to" | "bis");
            match first == second || *first == Kind::Count {
                true if is_range => Some((*second, f64::midpoint(*a, *b))),
                true if *second == Kind::Duration && first == second => Some((*second, a + b)),
                _ => None,
            }
        }
        _ => None,
    }
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
            Superlative::of(question)?.extreme(&asked, (DocumentKey { member: 0, key: 1 }, text), marked, first);
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
            "Which is the lowest temperature?",
        ] {
            let found = of_pipes(question);
            assert!(found.is_none() || question.contains("lowest"), "{question}: {found:?}");
        }
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

    #[test]
    fn a_superlative_is_told_in_many_languages() {
        for (question, wants_most) in [
            ("Welches Programm braucht am wenigsten Wasser?", false),
            ("哪一個方案保費最便宜?", false),
            ("哪家銀行利率最高?", true),
            ("一番安いプランはどれですか", false),
            ("Quel est le plus petit bateau ?", false),
            ("Quel bateau est le plus long ?", true),
            ("¿Cuál es el más barato?", false),
        ] {
            assert_eq!(Superlative::of(question).map(|found| found.wants_most), Some(wants_most), "{question}");
        }
        assert_eq!(Superlative::of("How many people came at least twice?"), None);
    }

    #[test]
    fn every_word_is_folded() {
        let file = superlatives();
        for list in [&file.most, &file.least, &file.money, &file.mass, &file.extent, &file.speed] {
            let changed: Vec<&str> = list.split('|').filter(|word| word.is_empty() || fold(word) != **word).collect();
            assert!(changed.is_empty(), "{changed:?}");
        }
    }
}
