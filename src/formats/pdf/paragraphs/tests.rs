//! Tests of paragraphs on lines without a PDF.

use super::super::tests::line;
use super::*;

fn texts(lines: Vec<TextLine>) -> Vec<String> {
    let edges = Edges::of([lines.as_slice()].into_iter());
    blocks(lines, &edges, |_| false).iter().map(Block::text).collect()
}

fn at(lines: &[(&str, f32)]) -> Vec<TextLine> {
    lines.iter().enumerate().map(|(n, (text, x))| line(text, *x, 100.0 + 14.0 * n as f32)).collect()
}

#[test]
fn a_short_line_ends_its_paragraph() {
    let lines = at(&[
        ("the first line of a text goes on", 50.0),
        ("and ends here.", 50.0),
        ("Another begins with a full line a", 50.0),
        ("and then goes on to the right edg", 50.0),
        ("and ends.", 50.0),
    ]);
    assert_eq!(texts(lines).len(), 2);
}

#[test]
fn an_indented_line_begins_a_paragraph() {
    let lines = at(&[
        ("the first line of a text goes on.", 50.0),
        ("  another is full to the right edge", 65.0),
        ("and goes on to the right edge too", 50.0),
        ("the last line of it is full as we", 50.0),
    ]);
    assert_eq!(texts(lines).len(), 2);
}

#[test]
fn items_of_a_list_are_paragraphs_and_their_lines_hang() {
    let lines = at(&[
        ("• the first item has more than on", 50.0),
        ("line of text", 60.0),
        ("• the second item has one line on", 50.0),
        ("• the third", 50.0),
    ]);
    assert_eq!(texts(lines).len(), 3);
}

#[test]
fn ideographs_may_leave_room_before_a_mark() {
    let lines = at(&[
        ("天地玄黃宇宙洪荒日月盈昃", 50.0),
        ("辰宿列張寒來暑往秋收冬", 50.0),
        ("藏，閏餘成歲律呂調陽雲騰", 50.0),
        ("致雨露結為霜金生麗水玉出", 50.0),
        ("崑岡。", 50.0),
        ("劍號巨闕珠稱夜光。", 50.0),
    ]);
    assert_eq!(texts(lines).len(), 2);
}

fn column(lines: &[(&str, f32)], page: u32, y: f32) -> Block {
    let mut lines = at(lines);
    for (n, line) in lines.iter_mut().enumerate() {
        line.page = page;
        line.top = y + 14.0 * n as f32;
    }
    Block { edge: 200.0, left: 50.0, lines, ..Block::default() }
}

#[test]
fn a_sentence_goes_on_over_the_end_of_a_page() {
    let first = column(&[("this sentence is not at its end", 50.0)], 1, 700.0);
    let second = column(&[("before the next page. It has mo", 50.0)], 2, 50.0);
    let other = column(&[("Another page begins anew after th", 50.0)], 3, 50.0);
    let joined = joined(vec![first, second, other], |_| false);
    assert_eq!(joined.iter().map(|block| block.lines.len()).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_footnote_between_does_not_part_a_sentence() {
    let first = column(&[("this sentence is not at its end", 50.0)], 1, 600.0);
    let mut note = column(&[("1 a note.", 50.0)], 1, 700.0);
    note.lines[0].size = 7.0;
    let second = column(&[("before the next page.", 50.0)], 2, 50.0);
    let joined = joined(vec![first, note, second], |_| false);
    assert_eq!(joined.iter().map(|block| block.lines.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_sentence_at_its_end_does_not_go_on() {
    let first = column(&[("this sentence is at its end now.", 50.0)], 1, 700.0);
    let second = column(&[("The next page has another sente", 50.0)], 2, 50.0);
    assert_eq!(joined(vec![first, second], |_| false).len(), 2);
}
