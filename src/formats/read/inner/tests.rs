//! Tests of [`super`].

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::*;

const OPTIONS: Options = Options::new(1_000_000);

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Part, text and notes of each document.
fn read_all(bytes: &[u8]) -> Vec<(String, String, Vec<String>)> {
    let documents = read(Format::Zip, bytes, &OPTIONS, &mut |_| Ok(Vec::new())).unwrap();
    documents.into_iter().map(|document| (document.part, document.text, document.notes)).collect()
}

#[test]
fn an_archive_gives_its_files_as_documents() {
    let inner = archive(&[("b.md", b"# B"), ("c.txt", b"C")]);
    let bytes = archive(&[("notes/a.txt", "甲".as_bytes()), ("more/in.zip", &inner), (".hidden.txt", b"H")]);
    let found = read_all(&bytes);
    let parts: Vec<_> = found.iter().map(|(part, text, _)| (part.as_str(), text.as_str())).collect();
    assert_eq!(parts, [("notes/a.txt", "甲"), ("more/in.zip/b.md", "# B"), ("more/in.zip/c.txt", "C")]);
    assert!(found.iter().all(|(.., notes)| notes.is_empty()));
}

#[test]
fn archives_of_other_programs_are_read() {
    let found = read_all(include_bytes!("../../../../tests/data/formats/archive/infozip.zip"));
    let parts: Vec<_> = found.iter().map(|(part, text, _)| (part.as_str(), text.trim_end())).collect();
    let notes = ("notes.md", "# Notes\n\nThe crane arrives in May.");
    assert_eq!(parts, [("會議/三月.txt", "三月的會議決定興建第二碼頭。"), notes]);
    assert_eq!(found[0].2, ["is in an archive with a file that cannot be read (.png)"]);

    let found = read_all(include_bytes!("../../../../tests/data/formats/archive/big5-names.zip"));
    let parts: Vec<_> = found.iter().map(|(part, text, _)| (part.as_str(), text.trim_end())).collect();
    let budget = "四月的會議決定預算,並且選出新的主席。";
    assert_eq!(parts, [("會議紀錄/三月份.txt", "三月的會議決定興建第二碼頭。"), ("會議紀錄/四月份.txt", budget)]);
}

#[test]
fn files_that_cannot_be_read_do_not_stop_the_others_and_are_told() {
    let bytes = archive(&[
        ("a.txt", b"A"),
        ("b.txt", b"\0\0\0"),
        ("c.zip", b"PK\x03\x04 damaged"),
        ("d.png", b""),
        ("e.exe", b""),
        ("f.doc", b""),
    ]);
    let found = read_all(&bytes);
    assert_eq!(found.len(), 1);
    let notes = &found[0].2;
    assert_eq!(notes.len(), 4, "{notes:?}");
    let failed = "is in an archive with a file that could not be read: ";
    assert_eq!(notes[0], format!("{failed}b.txt is not text (NUL at byte 0)"));
    assert!(notes[1].starts_with(&format!("{failed}c.zip is a damaged ZIP archive (")), "{notes:?}");
    assert_eq!(notes[2], format!("{failed}f.doc is a Word 97 file"));
    assert_eq!(notes[3], "is in an archive with 2 files that cannot be read (.exe, .png)");
}

#[test]
fn an_archive_without_documents_fails_with_the_reason() {
    let reason = |entries: &[(&str, &[u8])]| {
        read(Format::Zip, &archive(entries), &OPTIONS, &mut |_| Ok(Vec::new())).unwrap_err().reason
    };
    assert_eq!(reason(&[]), "is an empty archive");
    assert_eq!(reason(&[("a.png", b"")]), "is an archive without a file that can be read (.png)");
    let nul = reason(&[("a.txt", b"\0")]);
    assert_eq!(nul, "is an archive without a file that could be read; a.txt is not text (NUL at byte 0)");
    assert!(
        read(Format::Zip, b"text", &OPTIONS, &mut |_| Ok(Vec::new()))
            .unwrap_err()
            .reason
            .starts_with("is a damaged ZIP archive")
    );
}

#[test]
fn archives_inside_one_another_are_read_to_a_depth() {
    let nested = |depth: usize| (0..depth).fold(archive(&[("a.txt", b"A")]), |inner, _| archive(&[("z.zip", &inner)]));
    assert_eq!(read_all(&nested(4))[0].0, "z.zip/z.zip/z.zip/z.zip/a.txt");
    let failure = read(Format::Zip, &nested(6), &OPTIONS, &mut |_| Ok(Vec::new())).unwrap_err();
    let path = "z.zip/z.zip/z.zip/z.zip/z.zip/z.zip";
    let expected = format!("is an archive without a file that could be read; {path} is inside more than 5 files");
    assert_eq!(failure.reason, expected);
    assert_eq!(failure.hint, "unpack them");
}

#[test]
fn a_file_of_an_archive_in_an_archive_is_named_with_its_path() {
    let inner = archive(&[("b.txt", b"\0")]);
    let alone = read(Format::Zip, &archive(&[("in.zip", &inner)]), &OPTIONS, &mut |_| Ok(Vec::new())).unwrap_err();
    let reason = "in.zip/b.txt is not text (NUL at byte 0)";
    assert_eq!(alone.reason, format!("is an archive without a file that could be read; {reason}"));
    let found = read_all(&archive(&[("a.txt", b"A"), ("in.zip", &inner)]));
    assert_eq!(found[0].2, [format!("is in an archive with a file that could not be read: {reason}")]);
}

#[test]
fn an_archive_that_unpacks_without_end_is_refused_while_it_is_read() {
    let block = vec![b'a'; 50 * 1024 * 1024];
    let names = ["a.png", "a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"];
    let bytes = archive(&names.map(|name| (name, &block[..])));
    assert!(bytes.len() < 1_000_000);
    let failure = read(Format::Zip, &bytes, &OPTIONS, &mut |_| Ok(Vec::new())).unwrap_err();
    assert_eq!(failure.reason, "unpacks to more than 256 MB");
}

#[test]
fn files_of_one_name_have_parts_of_their_own() {
    let recognise: &mut Recognise<'_> = &mut |_| Ok(Vec::new());
    let mut reading = Reading {
        recognise,
        options: &OPTIONS,
        documents: Vec::new(),
        parts: HashMap::new(),
        files_left: 10,
        bytes_left: 0,
        text_left: 100,
    };
    for _ in 0..3 {
        let file = InnerFile { name: "a.txt".into(), bytes: b"A".to_vec() };
        reading.inner(&file, "1", 0, &mut LeftOut::default());
    }
    let parts: Vec<_> = reading.documents.iter().map(|document| document.part.as_str()).collect();
    assert_eq!(parts, ["1/a.txt", "1/a.txt (2)", "1/a.txt (3)"]);
}

#[test]
fn the_message_of_a_mailbox_tells_of_its_attachment() {
    let message = |id: &str, file: &str| {
        format!(
            "From a@b.example Thu Jan  1 00:00:00 2026\nMessage-ID: <{id}>\nSubject: S\n\
             Content-Type: multipart/mixed; boundary=x\n\n--x\n\nText of {id}.\n--x\n\
             Content-Type: application/octet-stream\nContent-Disposition: attachment; filename={file}\n\nA\n--x--\n\n"
        )
    };
    let mailbox = message("1@b", "a.txt") + &message("2@b", "b.exe");
    let found = read(Format::Mbox, mailbox.as_bytes(), &OPTIONS, &mut |_| Ok(Vec::new())).unwrap();
    let told: Vec<_> = found.iter().map(|document| (document.part.as_str(), document.notes.join(""))).collect();
    let exe = "has an attachment that cannot be read (.exe)".to_owned();
    assert_eq!(told, [("1@b", String::new()), ("2@b", exe), ("1@b/a.txt", String::new())]);
}

proptest! {
    #[test]
    fn a_damaged_archive_does_not_make_it_panic(at in 0_usize..500, byte in any::<u8>(), cut in 0_usize..500) {
        let inner = archive(&[("b.md", b"# B")]);
        let mut bytes = archive(&[("a.txt", b"A"), ("c.zip", &inner)]);
        if let Some(target) = bytes.get_mut(at) {
            *target = byte;
        }
        let _ = read(Format::Zip, &bytes, &OPTIONS, &mut |_| Ok(Vec::new()));
        let _ = read(Format::Zip, bytes.get(..cut).unwrap_or(&bytes), &OPTIONS, &mut |_| Ok(Vec::new()));
    }
}
