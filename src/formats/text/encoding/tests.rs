//! Tests of [`super`].

use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> Decoded {
    decode(bytes, Hint::default()).unwrap()
}

const SAMPLES: [(&[u8], &str, &str); 7] = [
    (include_bytes!("../../../../tests/data/formats/text/zh-tw.big5.txt"), "Big5", "的"),
    (include_bytes!("../../../../tests/data/formats/text/zh-cn.gb18030.txt"), "GBK", "的"),
    (include_bytes!("../../../../tests/data/formats/text/ja.shift_jis.txt"), "Shift_JIS", "日銀"),
    (include_bytes!("../../../../tests/data/formats/text/ja.euc-jp.txt"), "EUC-JP", "日銀"),
    (include_bytes!("../../../../tests/data/formats/text/ko.euc-kr.txt"), "EUC-KR", "다."),
    (include_bytes!("../../../../tests/data/formats/text/ru.windows-1251.txt"), "windows-1251", "поезд"),
    (include_bytes!("../../../../tests/data/formats/text/zh-tw.utf-16le-no-bom.txt"), "UTF-16LE", "的"),
];

#[test]
fn texts_in_old_encodings_are_read_and_the_guess_is_told() {
    for (bytes, encoding, word) in SAMPLES {
        let decoded = read(bytes);
        assert_eq!((decoded.encoding, decoded.guessed, decoded.undecodable), (encoding, true, 0));
        assert!(decoded.text.contains(word), "{encoding}: {}", decoded.text);
        assert_eq!(decoded.notes(), [format!("was read as {encoding}: its encoding was guessed")]);
    }
}

#[test]
fn no_old_encoding_is_taken_for_utf_16() {
    for (bytes, encoding, _) in SAMPLES {
        for start in 0..40 {
            for length in [2, 10, 30, 60, 200] {
                let found = bytes.get(start..start + length).and_then(wide::without_mark);
                assert!(found.is_none() || encoding == "UTF-16LE", "{encoding} {start} {length}: {found:?}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_decides_and_is_no_part_of_the_text() {
    let text = "A 甲\r\n😀";
    let wide = |mark: char, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(unit).collect()
    };
    let wider = |unit: fn(u32) -> [u8; 4]| -> Vec<u8> {
        "\u{FEFF}".chars().chain(text.chars()).flat_map(|c| unit(u32::from(c))).collect()
    };
    for (bytes, encoding) in [
        ("\u{FEFF}A 甲\r\n😀".as_bytes().to_vec(), "UTF-8"),
        (wide('\u{FEFF}', u16::to_le_bytes), "UTF-16LE"),
        (wide('\u{FEFF}', u16::to_be_bytes), "UTF-16BE"),
        (wider(u32::to_le_bytes), "UTF-32LE"),
        (wider(u32::to_be_bytes), "UTF-32BE"),
    ] {
        let decoded = read(&bytes);
        assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.guessed), (text, encoding, false));
    }
}

#[test]
fn utf_16_without_a_mark_is_known_by_its_letters() {
    for text in [
        "The cat sat on the mat.",
        "會議在三月的第一天。",
        "회의는 삼월에 있다.",
        "Совещание в марте.",
        "会議は三月です。",
    ] {
        for (unit, encoding) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], "UTF-16LE"), (u16::to_be_bytes, "UTF-16BE")] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(unit).collect();
            let decoded = read(&bytes);
            assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.guessed), (text, encoding, true));
        }
    }
}

#[test]
fn a_declaration_is_followed_if_it_fits() {
    let (big5, _, _) = BIG5.encode("中文");
    for label in ["big5", " Big5 ", "cp950", "x-x-big5"] {
        let decoded = decode(&big5, Hint::declared(Some(label))).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.guessed), ("中文", false), "{label}");
    }
    let wrong = decode("中文的字".as_bytes(), Hint::declared(Some("ascii"))).unwrap();
    assert_eq!((wrong.text.as_str(), wrong.encoding), ("中文的字", "UTF-8"));
    assert_eq!(decode("中文".as_bytes(), Hint::declared(Some("no-such"))).unwrap().text, "中文");
    let latin = decode(b"caf\xE9", Hint::declared(Some("ISO-8859-1"))).unwrap();
    assert_eq!((latin.text.as_str(), latin.guessed), ("café", false));
}

#[test]
fn the_language_decides_between_encodings_that_both_fit() {
    let (bytes, _, _) = GB18030.encode("会议在三月");
    let decoded = decode(&bytes, Hint { declared: None, language: Some("zh-CN") }).unwrap();
    assert_eq!(decoded.text, "会议在三月");
    let (bytes, _, _) = BIG5.encode("會議在三月");
    let decoded = decode(&bytes, Hint { declared: None, language: Some("zh-Hant") }).unwrap();
    assert_eq!(decoded.text, "會議在三月");
}

#[test]
fn escape_sequences_tell_iso_2022_jp_from_utf_8() {
    let decoded = read(b"\x1B$B2q5D\x1B(B 3");
    assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.guessed), ("会議 3", "ISO-2022-JP", false));
    assert_eq!(read(b"\x1B[31mred\x1B[0m").encoding, "UTF-8");
    assert!(decode(b"\x1B$)C\x0E!!\x0F", Hint::default()).unwrap_err().reason.contains("ISO-2022-KR"));
}

#[test]
fn few_broken_bytes_in_utf_8_are_replaced_and_counted() {
    let mut bytes = "會議在三月。".repeat(50).into_bytes();
    bytes.push(0xE4);
    let decoded = read(&bytes);
    assert_eq!((decoded.encoding, decoded.undecodable, decoded.guessed), ("UTF-8", 1, false));
    assert_eq!(decoded.notes(), ["has 1 character that is not UTF-8"]);
}

#[test]
fn what_is_not_text_is_refused_with_its_byte() {
    assert_eq!(decode(b"ab\0c", Hint::default()).unwrap_err().reason, "is not text (NUL at byte 2)");
    let noise: Vec<u8> = (0..2_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
    assert!(decode(&noise, Hint::default()).unwrap_err().reason.starts_with("is not text (control character"));
    assert!(decode(b"\xFF\xFEa\0\0\0", Hint::default()).unwrap_err().reason.contains("NUL"));
}

#[test]
fn an_empty_file_is_an_empty_text() {
    for bytes in [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFF\xFE\0\0"] {
        assert_eq!(read(bytes).text, "");
    }
}

proptest! {
    #[test]
    fn valid_utf_8_stays_as_it_is(text in "[^\u{0}\u{1B}\u{FEFF}]{0,60}") {
        prop_assert_eq!(read(text.as_bytes()).text, text);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), label in "[a-z0-9-]{0,8}") {
        let _ = decode(&bytes, Hint { declared: Some(&label), language: Some(&label) });
    }
}
