//! Tests of tables on lines without a PDF.

use super::super::rules::Rule;
use super::super::tests::{line, row};
use super::*;

/// The cells of the tables among lines, row by row.
fn cells(lines: Vec<TextLine>, rules: &Rules) -> Vec<Vec<String>> {
    let mut tables = Vec::new();
    take(lines, rules, &mut tables);
    let of = |table: &Table| (0..table.rows).map(|n| table.row(n).iter().map(Cell::text).collect()).collect::<Vec<_>>();
    tables.iter().flat_map(of).collect()
}

/// Rows at a distance from each other.
fn stacked(rows: &[&[&str]], xs: &[f32], pitch: f32) -> Vec<TextLine> {
    (0..).zip(rows).map(|(n, cells)| row(cells, xs, 100.0 + pitch * n as f32)).collect()
}

#[test]
fn lines_with_aligned_cells_are_a_table() {
    let lines = stacked(&[&["Farm", "Litres"], &["Farm 40", "98"], &["Farm 41", "120"]], &[50.0, 150.0], 16.0);
    assert_eq!(cells(lines, &Rules::default()), [["Farm", "Litres"], ["Farm 40", "98"], ["Farm 41", "120"]]);
}

#[test]
fn columns_of_prose_are_no_table() {
    let left = (0..6).map(|n| line("the left column has a line like this", 50.0, 100.0 + 12.0 * n as f32));
    let right = (0..6).map(|n| line("and the right one goes on like that", 320.0, 100.0 + 12.0 * n as f32));
    assert_eq!(cells(left.chain(right).collect(), &Rules::default()), [[""; 0]; 0]);
}

#[test]
fn items_of_a_list_are_no_table() {
    let rows: &[&[&str]] = &[&["1.", "Check the oil"], &["2.", "Start the pump"], &["3.", "Open the valve"]];
    assert_eq!(cells(stacked(rows, &[50.0, 80.0], 16.0), &Rules::default()), [[""; 0]; 0]);
}

#[test]
fn rules_around_cells_make_a_table_of_two_rows() {
    let lines = stacked(&[&["Berth", "Depth"], &["South", "11"]], &[55.0, 155.0], 20.0);
    let level = |at| Rule { at, from: 50.0, to: 250.0 };
    let upright = |at| Rule { at, from: 95.0, to: 135.0 };
    let rules = Rules {
        level: [95.0, 115.0, 135.0].map(level).into(),
        upright: [50.0, 150.0, 250.0].map(upright).into(),
        fills: Vec::new(),
    };
    assert_eq!(cells(lines.clone(), &rules), [["Berth", "Depth"], ["South", "11"]]);
    let open = Rules { upright: vec![upright(150.0)], ..rules };
    assert_eq!(cells(lines, &open), [["Berth", "Depth"], ["South", "11"]], "its sides may be open");
}

#[test]
fn a_table_goes_on_on_the_next_page_without_its_header() {
    let table = |page: u32, rows: &[&[&str]]| {
        let mut lines = stacked(rows, &[50.0, 150.0], 16.0);
        lines.iter_mut().for_each(|line| line.page = page);
        let mut tables = Vec::new();
        take(lines, &Rules::default(), &mut tables);
        tables.remove(0)
    };
    let mut first = table(1, &[&["City", "Note"], &["Taipei", "north"], &["Tainan", "south"]]);
    let second = table(2, &[&["City", "Note"], &["Keelung", "port"], &["Hualien", "east"]]);
    assert_eq!(continued(&mut first, second.clone()), None);
    assert_eq!((first.rows, first.header_rows), (5, 1));
    let other = table(4, &[&["City", "Note"], &["Keelung", "port"], &["Hualien", "east"]]);
    assert!(continued(&mut first, other).is_some(), "a page lies between");
}
