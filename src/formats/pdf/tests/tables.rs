//! Tables in sample files: each row with its cells, under the names of its columns.

use super::samples::{read_sample, sample};
use crate::formats::Extracted;
use crate::passage::Row;

/// Header and cells of each row, as the text has them.
fn rows(document: &Extracted) -> Vec<(&str, &str)> {
    let slice = |row: &Row| {
        let header = row.header.map_or("", |header| &document.text[header.range()]);
        (header, &document.text[row.span.range()])
    };
    document.layout.rows.iter().map(slice).collect()
}

#[test]
fn columns_without_rules_are_told_by_their_white_space() {
    let Some(document) = read_sample(sample!("en-table-without-rules-chromium.pdf")) else { return };
    let rows = rows(&document);
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[3], ("Farm | Litres | Rate | Inspector", "Farm 41 | 2417 | 14.3 % | Tom Wu"));
    let row = document.layout.rows[3].span;
    let boxes = document.layout.boxes(&document.text, row);
    assert_eq!(boxes.len(), 4, "a box for each cell");
    assert!(boxes.windows(2).all(|pair| pair[0].x1 <= pair[1].x0 && (pair[0].y0 - pair[1].y0).abs() < 1.0));
    let Some(document) = read_sample(sample!("zh-tw-table-reportlab.pdf")) else { return };
    assert!(document.text.contains("機構 | 政策利率 | 下次會議 | 備註\n"), "{}", document.text);
    assert!(document.text.contains("\n日本銀行 | 0.50% | 6月17日 | 考慮升息\n"), "{}", document.text);
}

#[test]
fn a_cell_of_several_lines_is_one_cell() {
    let Some(document) = read_sample(sample!("en-table-cells-of-lines-chromium.pdf")) else { return };
    let header = "Instrument | Description | Owner";
    let expected = [
        "Repo facility | Overnight loans against government bonds, offered every working day until four in the afternoon | Markets desk",
        "Standing swap line with partner banks | Foreign currency for up to 84 days | Treasury operations and reserve management unit",
        "Reserve rate | Paid on balances that banks hold above the minimum, fixed by the board each quarter | Board",
        "Deposit window | Unsecured | Markets desk",
        "Gold account | Custody of bars in the vault under the main building, checked twice a year by outside auditors | Vault office",
    ];
    assert_eq!(rows(&document), expected.map(|row| (header, row)));
}

#[test]
fn a_header_that_is_repeated_on_each_page_is_no_row() {
    let Some(document) = read_sample(sample!("en-table-over-pages-reportlab.pdf")) else { return };
    let rows = rows(&document);
    assert!(document.layout.pages.len() > 1);
    assert_eq!(rows.len(), 70);
    assert!(rows.iter().all(|(header, _)| *header == "Station | Code | Passengers | Opened"));
    assert_eq!(rows[69].1, "Station 70 | S070 | 13,110 | 1970");
}

#[test]
fn names_over_several_columns_belong_to_each_of_them() {
    let Some(document) = read_sample(sample!("en-table-merged-header-chromium.pdf")) else { return };
    let header = "City | 2025 Q1 | 2025 Q2 | 2026 Q1 | 2026 Q2";
    assert_eq!(rows(&document)[1], (header, "Tainan | 7 | 8 | 9 | 12"));
}

#[test]
fn an_empty_cell_keeps_its_column() {
    let Some(document) = read_sample(sample!("en-table-empty-cells-reportlab.pdf")) else { return };
    let header = "Berth | Depth | Crane | Remark";
    let rows = rows(&document);
    assert_eq!(rows[1], (header, "North | | no | silted"));
    assert_eq!(rows[2], (header, "East | 9"));
}

#[test]
fn forms_and_tables_of_contents_have_no_rows() {
    let samples: [&[u8]; 6] = [
        sample!("en-form-chromium.pdf"),
        sample!("en-contents-chromium.pdf"),
        sample!("en-two-columns-chromium.pdf"),
        sample!("en-two-columns-hyphens-typst.pdf"),
        sample!("en-running-heads-weasyprint.pdf"),
        sample!("en-one-column-fpdf2.pdf"),
    ];
    for (n, bytes) in samples.into_iter().enumerate() {
        let Some(document) = read_sample(bytes) else { return };
        assert_eq!(rows(&document), [], "sample {n}");
    }
}
