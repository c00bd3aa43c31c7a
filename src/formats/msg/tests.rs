//! Tests of reading messages of Outlook.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;
use crate::passage::At;

const CHINESE: &[u8] = include_bytes!("../../../tests/data/formats/mail/zh-outlook-tika.msg");

const ASPOSE: &[u8] = include_bytes!("../../../tests/data/formats/mail/en-aspose.msg");

fn options() -> Options {
    Options { max_text_bytes: 1_000_000, ..Options::default() }
}

/// A compound file of these streams. Storages are made as needed.
fn made(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some(parent) = Path::new(path).parent() {
            file.create_storage_all(parent).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A list of values behind a header.
fn values(header: usize, values: &[(u16, u64)]) -> Vec<u8> {
    let mut list = vec![0; header];
    for (number, value) in values {
        list.extend([3, 0]);
        list.extend(number.to_le_bytes());
        list.extend([0; 4]);
        list.extend(value.to_le_bytes());
    }
    list
}

#[test]
fn a_message_in_a_chinese_code_page_is_read() {
    let contents = read(CHINESE, &options()).unwrap();
    let message = &contents.documents[0];
    assert_eq!(message.title.as_deref(), Some("Alfresco MSG format testing ( MSG 格式測試 )"));
    assert_eq!(message.author.as_deref(), Some("Tests Chang@FT (張毓倫)"));
    assert_eq!(message.published.as_deref(), Some("2011-03-29T08:52:48Z"));
    assert!(message.text.contains("恭喜 HQ 保全課 陳奎良 高票當選") && !message.text.contains('\u{fffd}'));
    let quoted = message.layout.places.iter().find(|place| matches!(place.at, At::Part { quoted: true, .. }));
    assert!(message.text[quoted.unwrap().span.range()].starts_with("-----Original Message-----"));
    assert!(matches!(&message.layout.places[0].at, At::Part { path, .. } if path == "1"));
}

#[test]
fn html_attachments_recipients_and_messages_inside_are_read() {
    let time = u64::try_from(116_444_736_000_000_000_i64 + 1_767_916_800 * 10_000_000).unwrap();
    let recipient = |kind| values(PART_HEADER, &[(property::RECIPIENT_TYPE, kind)]);
    let html = "<p>時間落在<b>3月</b>。<p style='display:none'>x<blockquote>old</blockquote>";
    let (html, ..) = encoding_rs::BIG5.encode(html);
    let bytes = made(&[
        (
            "/__properties_version1.0",
            &values(HEADER, &[(property::SUBMITTED, time), (property::INTERNET_CODE_PAGE, 950)]),
        ),
        ("/__substg1.0_0037001F", &utf_16("\u{1}債市")),
        ("/__substg1.0_0C1A001E", &encoding_rs::BIG5.encode("陸以寧").0),
        ("/__substg1.0_5D01001F", &utf_16("lu@example.com")),
        ("/__substg1.0_10130102", &html),
        ("/__substg1.0_1035001F", &utf_16("<1@example.com>")),
        ("/__recip_version1.0_#00000000/__properties_version1.0", &recipient(1)),
        ("/__recip_version1.0_#00000000/__substg1.0_39FE001F", &utf_16("a@b.c")),
        ("/__recip_version1.0_#00000001/__properties_version1.0", &recipient(2)),
        ("/__recip_version1.0_#00000001/__substg1.0_3001001F", &utf_16("B")),
        ("/__attach_version1.0_#00000000/__properties_version1.0", &values(PART_HEADER, &[])),
        ("/__attach_version1.0_#00000000/__substg1.0_3707001F", &utf_16("../報告.txt")),
        ("/__attach_version1.0_#00000000/__substg1.0_37010102", b"text"),
        ("/__attach_version1.0_#00000001/__properties_version1.0", &values(PART_HEADER, &[])),
        ("/__attach_version1.0_#00000001/__substg1.0_3001001F", &utf_16("inner")),
        ("/__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0", &values(INNER_HEADER, &[])),
        ("/__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_1000001F", &utf_16("Inner.\r\n\r\n> old")),
    ]);
    let contents = read(&bytes, &options()).unwrap();
    let [outer, inner] = contents.documents.as_slice() else { panic!("two messages") };
    assert_eq!((outer.title.as_deref(), outer.author.as_deref()), (Some("債市"), Some("陸以寧")));
    assert_eq!(outer.published.as_deref(), Some("2026-01-09T00:00:00Z"));
    assert_eq!(outer.text, "時間落在3月。\n\nold");
    assert_eq!(outer.notes, ["has hidden text, which was left out (1 character)"]);
    let expected = serde_json::json!({
        "from": "陸以寧 <lu@example.com>", "to": ["a@b.c"], "cc": ["B"], "message_id": "1@example.com"
    });
    assert_eq!(Value::Object(outer.metadata.clone()), expected);
    assert_eq!((inner.part.as_str(), inner.text.as_str()), ("inner", "Inner.\n\nold"));
    assert!(matches!(inner.layout.places[1].at, At::Part { quoted: true, .. }));
    assert_eq!(contents.files, [InnerFile { name: ".._報告.txt".to_owned(), bytes: b"text".to_vec() }]);
}

#[test]
fn a_message_of_another_program_is_read() {
    let message = read(ASPOSE, &options()).unwrap().documents.remove(0);
    assert_eq!(message.title.as_deref(), Some("creating an outlook message file"));
    assert_eq!(message.text, "This message is created by Aspose.Email");
    assert_eq!(message.metadata["to"], serde_json::json!(["to@domain.com"]));
}

#[test]
fn addresses_behind_links_are_left_out() {
    let plain = "Read it here <https://example.com/a?b=c> or write to a@b.c <mailto:a@b.c>. 1 < 2 <b> <https://x y>";
    assert_eq!(without_targets(plain), "Read it here or write to a@b.c. 1 < 2 <b> <https://x y>");
    assert_eq!(without_targets("a <https://b"), "a <https://b");
}

#[test]
fn what_is_no_message_or_encrypted_is_told() {
    let failure = |bytes: &[u8]| read(bytes, &options()).unwrap_err().reason;
    assert!(failure(b"text").contains("no compound file"));
    assert!(failure(&made(&[("/WordDocument", b"x")])).contains("no properties"));
    let sealed = made(&[
        ("/__properties_version1.0", &values(HEADER, &[])),
        ("/__substg1.0_001A001F", &utf_16("IPM.Note.SMIME")),
    ]);
    assert_eq!(failure(&sealed), "is encrypted");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_message_never_panics(at in 0..CHINESE.len(), near in 0..1_600_usize, byte: u8, cut in 0..CHINESE.len()) {
        let mut bytes = CHINESE.to_vec();
        bytes[at] = byte;
        let _ = read(&bytes, &options());
        // The header and the first tables.
        bytes[near] = byte;
        let _ = read(&bytes, &options());
        let _ = read(&bytes[..cut], &options());
    }

    #[test]
    fn random_compressed_text_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut packed = b"\0\0\0\0\xff\xff\0\0LZFu\0\0\0\0".to_vec();
        packed.extend(bytes);
        let _ = lzfu::unpack(&packed);
    }
}
