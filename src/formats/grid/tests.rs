use proptest::prelude::*;

use super::*;

fn grid(rows: &[&[&str]]) -> Grid {
    let mut grid = Grid::default();
    for (row, cells) in (1..).zip(rows) {
        for (column, text) in (1..).zip(*cells) {
            grid.add(row, column, text, is_numeric(text));
        }
    }
    grid
}

fn written(grid: Grid) -> String {
    let mut builder = Builder::new("test 1", 10_000);
    grid.write(&mut builder, |row, column| At::Cell { sheet: String::new(), row, column }).unwrap();
    builder.finish().0
}

#[test]
fn each_value_carries_its_header_and_has_its_place() {
    let mut builder = Builder::new("test 1", 10_000);
    let grid = grid(&[&["City", "Population", "Note"], &["Taipei", "2,480,681"], &["Tainan", "1,859,946", "south"]]);
    grid.write(&mut builder, |row, column| At::Cell { sheet: "S".into(), row, column }).unwrap();
    let (text, layout) = builder.finish();
    assert_eq!(text, "City: Taipei; Population: 2,480,681\nCity: Tainan; Population: 1,859,946; Note: south");
    let rows: Vec<&str> = layout.rows.iter().map(|row| &text[row.span.range()]).collect();
    assert_eq!(rows, text.lines().collect::<Vec<_>>());
    let place = layout.places.iter().find(|place| &text[place.span.range()] == "1,859,946").unwrap();
    assert_eq!(place.at, At::Cell { sheet: "S".into(), row: 3, column: 2 });
}

#[test]
fn titles_stand_above_the_header() {
    let rows: &[&[&str]] =
        &[&["2025 年營收"], &["單位：千元", "製表：會計部"], &["月份", "營收", "成長"], &["一月", "12", "3%"]];
    assert_eq!(written(grid(rows)), "2025 年營收\n\n單位：千元; 製表：會計部\n\n月份: 一月; 營收: 12; 成長: 3%");
}

#[test]
fn a_line_that_stands_alone_in_a_table_is_no_row() {
    let mut builder = Builder::new("test 1", 10_000);
    let rows: &[&[&str]] = &[&["Sales. In thousands."], &["Month", "Sales", "Growth"], &["May", "12", "3%"]];
    grid(rows).write(&mut builder, |row, column| At::Cell { sheet: String::new(), row, column }).unwrap();
    let (text, layout) = builder.finish();
    let rows: Vec<&str> = layout.rows.iter().map(|row| &text[row.span.range()]).collect();
    assert_eq!(rows, ["Month: May; Sales: 12; Growth: 3%"]);
}

#[test]
fn two_columns_without_numbers_are_names_and_values() {
    let rows: &[&[&str]] = &[&["姓名", "王小明"], &["職稱：", "工程師"]];
    assert_eq!(written(grid(rows)), "姓名: 王小明\n職稱： 工程師");
    assert_eq!(written(grid(&[&["Item", "Price"], &["Tea", "30"]])), "Item: Tea; Price: 30");
}

#[test]
fn longer_texts_below_make_a_header() {
    let rows: &[&[&str]] =
        &[&["Question", "Answer"], &["What does the warranty of a pump cover?", "Parts and labour for 2 years."]];
    let expected = "Question: What does the warranty of a pump cover?; Answer: Parts and labour for 2 years.";
    assert_eq!(written(grid(rows)), expected);
}

#[test]
fn years_are_headers() {
    let rows: &[&[&str]] = &[&["", "2024", "2025"], &["Sales", "10", "12"]];
    assert_eq!(written(grid(rows)), "Sales; 2024: 10; 2025: 12");
}

#[test]
fn merged_cells_count_for_the_rows_and_columns_they_cover() {
    let mut grid =
        grid(&[&["Region", "2025", "", "Total"], &["", "Q1", "Q2"], &["North", "1", "2", "3"], &["", "4", "5", "9"]]);
    grid.merge(Merge { rows: (1, 2), columns: (1, 1) });
    grid.merge(Merge { rows: (1, 1), columns: (2, 3) });
    grid.merge(Merge { rows: (1, 2), columns: (4, 4) });
    grid.merge(Merge { rows: (3, 4), columns: (1, 1) });
    assert_eq!(
        written(grid),
        "Region: North; 2025 Q1: 1; 2025 Q2: 2; Total: 3\nRegion: North; 2025 Q1: 4; 2025 Q2: 5; Total: 9"
    );
}

#[test]
fn the_names_below_merged_headers_may_repeat() {
    let mut grid =
        grid(&[&["Region", "2025", "", "2026"], &["", "Sales", "Margin", "Sales"], &["North", "1", "2", "3"]]);
    grid.merge(Merge { rows: (1, 1), columns: (2, 3) });
    assert_eq!(written(grid), "Region: North; 2025 Sales: 1; 2025 Margin: 2; 2026 Sales: 3");
}

#[test]
fn a_blank_row_ends_a_table() {
    let mut grid = grid(&[&["Item", "Price", "Stock"], &["Tea", "30", "5"]]);
    for (row, cells) in [(4, ["Name", "Age", "Town"]), (5, ["Mei", "30", "Tainan"]), (7, ["Jun", "x", "Taipei"])] {
        (1..).zip(cells).for_each(|(column, text)| grid.add(row, column, text, is_numeric(text)));
    }
    let expected =
        "Item: Tea; Price: 30; Stock: 5\n\nName: Mei; Age: 30; Town: Tainan\n\nName: Jun; Age: x; Town: Taipei";
    assert_eq!(written(grid), expected);
}

#[test]
fn the_header_that_the_file_declares_is_believed() {
    let mut grid = grid(&[&["a", "b"], &["c", "d"]]);
    grid.header_rows = 1;
    assert_eq!(written(grid), "a: c; b: d");
}

proptest! {
    #[test]
    fn the_places_of_any_table_are_those_of_its_cells(
        cells in prop::collection::vec((1u32..6, 1u32..5, "[a-c1-3]{1,2}"), 0..20),
        merges in prop::collection::vec((1u32..6, 0u32..3, 1u32..5, 0u32..3), 0..4),
    ) {
        let mut grid = Grid::default();
        let mut expected = std::collections::HashMap::new();
        for (row, column, text) in cells {
            let text = expected.entry((row, column)).or_insert(text);
            grid.add(row, column, text, is_numeric(text));
        }
        for (row, height, column, width) in merges {
            grid.merge(Merge { rows: (row, row + height), columns: (column, column + width) });
        }
        let mut builder = Builder::new("test 1", 10_000);
        grid.write(&mut builder, |row, column| At::Cell { sheet: String::new(), row, column }).unwrap();
        let (text, layout) = builder.finish();
        for place in layout.places {
            let At::Cell { row, column, .. } = place.at else { panic!("not a cell") };
            prop_assert_eq!(&text[place.span.range()], &expected[&(row, column)]);
        }
    }
}
