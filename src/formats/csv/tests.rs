use proptest::prelude::*;

use super::*;

fn read_text(format: Format, bytes: &[u8]) -> Extracted {
    read(format, bytes, &Options::new(100_000)).unwrap().documents.remove(0)
}

#[test]
fn a_row_is_a_line_of_headers_and_values_with_its_line_in_the_file() {
    let document =
        read_text(Format::Csv, "\u{feff}name,\"a, b\"\r\n王小明,\"x\ny \"\"z\"\"\"\r\n\r\nLi,2\r\n".as_bytes());
    assert_eq!(document.text, "name: 王小明; a, b: x y \"z\"\n\nname: Li; a, b: 2");
    let lines: Vec<_> = document.layout.places.iter().map(|place| place.at.clone()).collect();
    assert_eq!(lines, [At::Row(2), At::Row(2), At::Row(5), At::Row(5)]);
}

#[test]
fn a_file_as_excel_writes_it_is_read() {
    let document = read_text(Format::Csv, include_bytes!("../../../tests/data/formats/office/stations.csv"));
    let expected = "站名: 台北車站; 地址: 台北市中正區 北平西路3號; 電話: 02-2371-3558\n\
        站名: 台南車站; 地址: 台南市東區北門路二段4號; 電話: 06-226-1314";
    assert_eq!(document.text, expected);
    assert_eq!(document.layout.places.last().unwrap().at, At::Row(4));
}

#[test]
fn the_separator_is_found() {
    let text = |format, bytes: &str| read_text(format, bytes.as_bytes()).text;
    let expected = "a: 1,5; b: 2,5\na: 3; b: 4";
    assert_eq!(text(Format::Csv, "a;b\n1,5;2,5\n3;4\n"), expected);
    assert_eq!(text(Format::Csv, "a\tb\n1,5\t2,5\n3\t4\n"), expected);
    assert_eq!(text(Format::Tsv, "a\tb\n1,5\t2,5\n3\t4\n"), expected);
    assert_eq!(text(Format::Csv, "sep=|\r\na|b\n1,5|2,5\n3|4\n"), expected);
    assert_eq!(text(Format::Csv, "just\none\ncolumn\n"), "just\none\ncolumn");
    assert_eq!(text(Format::Csv, ""), "");
}

#[test]
fn rows_may_be_ragged_and_a_lone_quotation_mark_does_not_eat_the_file() {
    assert_eq!(read_text(Format::Csv, b"a,b,c\n1\n1,2,3,4\n").text, "a: 1\na: 1; b: 2; c: 3; 4");
    let many = format!("a,b\n\"x,1\n{}", "y,2\n".repeat(300));
    let text = read_text(Format::Csv, many.as_bytes()).text;
    assert!(text.starts_with("a: \"x; b: 1\na: y; b: 2"), "{}", &text[..60]);
}

#[test]
fn a_file_in_big5_is_read() {
    let (bytes, _, _) = encoding_rs::BIG5
        .encode("縣市,人口總數,說明\n臺北市,2480681,這個城市的人口比去年少了一點\n臺南市,1859946,南部的古都\n");
    let document = read_text(Format::Csv, &bytes);
    assert!(document.text.starts_with("縣市: 臺北市; 人口總數: 2480681"), "{}", document.text);
    assert_eq!(document.notes.len(), 1);
}

#[test]
fn too_much_text_is_refused() {
    let long = format!("{}\n{}", "header,other", "1,2\n".repeat(20_000));
    assert!(read(Format::Csv, long.as_bytes(), &Options::new(100_000)).is_err());
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "[ab1,;\"\t\r\n字]{0,60}") {
        let document = read_text(Format::Csv, text.as_bytes());
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        for place in document.layout.places {
            prop_assert!(matches!(place.at, At::Row(line) if (1..=lines).contains(&line)));
        }
    }
}
