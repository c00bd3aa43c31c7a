//! Tests of putting recognised lines on a page.

use std::f32::consts::{FRAC_PI_2, PI};

use proptest::prelude::*;

use super::super::lines::{Direction, TextLine};
use super::super::page::ReadPage;
use super::super::tests::{page, sized};
use super::{even_out, line};
use crate::formats::{RecognisedLetter, RecognisedLine};

/// A line of type of 10 pixels, each letter 10 wide, at a place on a page that lies straight.
fn recognised(text: &str, x: f32, y: f32) -> RecognisedLine {
    let count = text.chars().count() as f32;
    // The detector leaves room on all sides.
    let length = 10.0 * count + 4.0;
    let letters = (0_u16..).zip(text.chars()).map(|(n, c)| RecognisedLetter { c, at: 7.0 + 10.0 * f32::from(n) });
    RecognisedLine {
        center: (x + 5.0 * count, y + 5.0),
        length,
        thickness: 14.0,
        angle: 0.0,
        confidence: 0.9,
        letters: letters.collect(),
    }
}

/// The same line on a page that was turned about its middle.
fn turned(line: RecognisedLine, angle: f32, (width, height): (f32, f32), on: (f32, f32)) -> RecognisedLine {
    let (sin, cos) = angle.sin_cos();
    let (x, y) = (line.center.0 - width / 2.0, line.center.1 - height / 2.0);
    let center = (x * cos - y * sin + on.0 / 2.0, x * sin + y * cos + on.1 / 2.0);
    RecognisedLine { center, angle: line.angle + angle, ..line }
}

fn empty_page(width: f32, height: f32) -> ReadPage {
    ReadPage { number: 1, width, height, ..ReadPage::default() }
}

fn texts(found: &[RecognisedLine]) -> Vec<String> {
    line::lines(found, &empty_page(600.0, 800.0), 1.0).iter().map(TextLine::text).collect()
}

#[test]
fn lines_are_read_from_the_top_and_columns_one_after_the_other() {
    let prose = "twelve and more ideas";
    let mut found = vec![recognised("A title over both columns of the page", 50.0, 20.0)];
    for n in 0..6_u16 {
        let y = 60.0 + 15.0 * f32::from(n);
        found.push(recognised(&format!("{n} right {prose}"), 310.0, y + 6.0));
        found.push(recognised(&format!("{n} left {prose}"), 20.0, y));
    }
    found.push(recognised("What stands below both of the columns", 50.0, 200.0));
    found.reverse();
    let texts = texts(&found);
    assert_eq!(texts.len(), 14);
    assert!(texts[0].starts_with("A title") && texts[13].starts_with("What stands"));
    assert!((0..6).all(|n| texts[1 + n].starts_with(&format!("{n} left"))), "{texts:#?}");
    assert!((0..6).all(|n| texts[7 + n].starts_with(&format!("{n} right"))), "{texts:#?}");
}

#[test]
fn rows_of_short_cells_stay_rows_and_parts_of_a_line_are_one() {
    let mut found = Vec::new();
    for n in 0..6_u16 {
        let y = 60.0 + 15.0 * f32::from(n);
        found.push(recognised("cell", 50.0, y));
        found.push(recognised("another", 300.0, y + 1.0));
    }
    found.push(recognised("a line that", 50.0, 300.0));
    found.push(recognised("has a gap", 175.0, 301.0));
    let lines = line::lines(&found, &empty_page(600.0, 800.0), 1.0);
    assert_eq!(lines.len(), 7);
    assert!(lines[..6].iter().all(|line| line.pieces.len() == 2), "{lines:#?}");
    assert_eq!((lines[6].text().as_str(), lines[6].pieces.len()), ("a line that has a gap", 1));
}

#[test]
fn spaces_beside_ideographs_go_and_others_stay() {
    assert_eq!(
        texts(&[recognised("聯準會 2026 年 降息 by the Fed -", 20.0, 20.0)]),
        ["聯準會2026年降息by the Fed \u{FFFE}"]
    );
}

#[test]
fn a_page_that_leans_or_lies_on_its_side_is_read_as_if_it_lay_straight() {
    let (width, height) = (600.0, 800.0);
    for angle in [0.02, -0.03, FRAC_PI_2, PI, -FRAC_PI_2, FRAC_PI_2 + 0.02] {
        let on = if angle.sin().abs() > 0.7 { (height, width) } else { (width, height) };
        let found: Vec<_> = (0..8_u16)
            .map(|n| recognised(&format!("line {n} of a page that leans"), 60.0, 100.0 + 14.0 * f32::from(n)))
            .map(|line| turned(line, angle, (width, height), on))
            .collect();
        let lines = line::lines(&found, &empty_page(on.0, on.1), 1.0);
        for (n, line) in lines.iter().enumerate() {
            assert!(line.text().starts_with(&format!("line {n}")), "{angle}: {}", line.text());
            assert!((line.start - 60.0).abs() < 1.0 && (line.top - (100.0 + 14.0 * n as f32)).abs() < 1.0, "{line:?}");
            // Its box is where it was found.
            let (x0, y0, x1, y1) = line.area(line.start, line.end);
            let center = found[n].center;
            assert!((f32::midpoint(x0, x1) - center.0).abs() < 1.0 && (f32::midpoint(y0, y1) - center.1).abs() < 1.0);
        }
    }
}

#[test]
fn columns_of_chinese_that_run_down_stay_as_they_are() {
    let down = |text: &str, x: f32| {
        let line = recognised(text, 0.0, 0.0);
        let center = (x, 100.0 + line.length / 2.0);
        RecognisedLine { center, angle: FRAC_PI_2, ..line }
    };
    let lines = line::lines(&[down("第二行的字", 300.0), down("第一行的字", 330.0)], &empty_page(600.0, 800.0), 1.0);
    assert!(lines.iter().all(|line| line.direction == Direction::Down));
    let (x0, y0, x1, y1) = lines[0].area(lines[0].start, lines[0].end);
    assert!((x0 - 295.0).abs() < 1.0 && (x1 - 305.0).abs() < 1.0, "{x0} {x1}");
    assert!((y0 - 102.0).abs() < 1.0 && (y1 - 152.0).abs() < 1.0, "{y0} {y1}");
}

#[test]
fn type_of_nearly_one_size_is_of_one_size_and_titles_stay_larger() {
    let mut lines: Vec<_> = [10.0, 9.3, 10.6, 10.1, 9.8, 15.0, 15.8]
        .into_iter()
        .map(|size| sized("letters of a line", 50.0, 50.0, size))
        .collect();
    let recognised = line::lines(&[recognised("a", 1.0, 1.0)], &empty_page(600.0, 800.0), 1.0)[0].recognised;
    lines.iter_mut().for_each(|line| line.recognised = recognised);
    lines.push(sized("text of its own", 50.0, 90.0, 9.3));
    let mut pages = [page(1, lines)];
    even_out(&mut pages);
    let sizes: Vec<f32> = pages[0].lines.iter().map(|line| line.size).collect();
    assert_eq!(sizes, [10.0, 10.0, 10.0, 10.0, 10.0, 15.0, 15.0, 9.3]);
}

fn any_line() -> impl Strategy<Value = RecognisedLine> {
    let place = (-100.0_f32..900.0, -100.0_f32..900.0);
    (place, 0.0_f32..600.0, 0.0_f32..60.0, -7.0_f32..7.0, "[a-c甲 -]{0,6}").prop_map(
        |(center, length, thickness, angle, text)| {
            let letters = (0_u16..).zip(text.chars()).map(|(n, c)| RecognisedLetter { c, at: f32::from(n) * 5.0 });
            RecognisedLine { center, length, thickness, angle, confidence: 0.9, letters: letters.collect() }
        },
    )
}

proptest! {
    #[test]
    fn any_lines_are_put_in_an_order_and_none_is_lost(found in proptest::collection::vec(any_line(), 0..40)) {
        let lines = line::lines(&found, &empty_page(600.0, 800.0), 1.0);
        let count = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
        let letters: usize = lines.iter().map(|line| count(&line.text())).sum();
        prop_assert_eq!(letters, found.iter().map(|line| count(&line.text())).sum::<usize>());
        for line in &lines {
            let (x0, y0, x1, y1) = line.area(line.start, line.end);
            prop_assert!([x0, y0, x1, y1].iter().all(|length| length.is_finite()) && x0 <= x1 && y0 <= y1);
            prop_assert!(line.letters.iter().all(|letter| letter.at.is_finite()));
        }
        let mut pages = [page(1, lines)];
        even_out(&mut pages);
    }
}
