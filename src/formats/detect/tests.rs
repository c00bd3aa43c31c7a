//! Tests of [`super`].

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::*;

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The start of an OLE file with these streams in its directory.
fn ole(streams: &[&str]) -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(512, 0xFF);
    for stream in streams {
        bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
        bytes.resize(bytes.len().next_multiple_of(128), 0);
    }
    bytes
}

#[test]
fn a_folder_is_walked_for_documents_and_code_but_not_for_configuration_and_generated_files() {
    for (name, format) in [
        ("a/b.TXT", Some(Format::Plain)),
        ("README", Some(Format::Plain)),
        ("報告.Docx", Some(Format::Docx)),
        ("macro.xlsm", Some(Format::Xlsx)),
        ("main.rs", Some(Format::Code)),
        ("a.b.json", Some(Format::Json)),
        ("package.json", None),
        ("jquery.min.js", None),
        ("Cargo.lock", None),
        ("config.yaml", None),
        ("style.css", None),
        (".txt", None),
        ("a.", None),
        ("Makefile", None),
        ("folder.md/file", None),
        ("old.doc", None),
    ] {
        assert_eq!(by_name(name), format, "{name}");
    }
}

#[test]
fn what_is_named_is_read_though_a_walk_leaves_it_out() {
    for (name, format) in [
        ("config.yaml", Format::Code),
        ("package.json", Format::Json),
        ("requirements.txt", Format::Plain),
        ("Makefile", Format::Plain),
    ] {
        assert_eq!(of(name, b"a: b"), Ok(format), "{name}");
    }
}

#[test]
fn a_wrong_extension_is_read_by_its_content() {
    let epub = archive(&[("mimetype", "application/epub+zip"), ("META-INF/container.xml", "")]);
    let odt = archive(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "")]);
    let docx = archive(&[("[Content_Types].xml", ""), ("word\\document.xml", "")]);
    let xlsb = archive(&[("xl/styles.bin", ""), ("xl/workbook.bin", ""), ("[Content_Types].xml", "")]);
    let files = archive(&[("word/a.txt", ""), ("b.txt", "")]);
    for (name, bytes, format) in [
        ("a.docx", b"%PDF-1.7".to_vec(), Format::Pdf),
        ("a.txt", b"\r\n%PDF-1.7".to_vec(), Format::Pdf),
        ("a.pdf", b"junk\n%PDF-1.7".to_vec(), Format::Pdf),
        ("a.md", b"The mark is %PDF-1.7".to_vec(), Format::Markdown),
        ("a.pdf", docx.clone(), Format::Docx),
        ("a", docx.clone(), Format::Docx),
        ("a.zip", epub, Format::Epub),
        ("a.docx", odt, Format::Odt),
        ("a.xlsx", xlsb, Format::Xlsb),
        ("a.docx", files, Format::Zip),
        ("a.docx", docx[..docx.len() / 2].to_vec(), Format::Docx),
        ("a.txt", b"{\\rtf1 a}".to_vec(), Format::Rtf),
        ("a.xls", b"<html><table>".to_vec(), Format::Html),
        ("a.md", b"<html>".to_vec(), Format::Markdown),
        ("a.xls", ole(&["Root Entry", "Workbook"]), Format::Xls),
        ("a.xls", ole(&["Root Entry", "Workbook", "WordDocument"]), Format::Xls),
        ("a.doc", ole(&["Root Entry", "__properties_version1.0"]), Format::Msg),
        ("a.mbox", b"From a@b Thu".to_vec(), Format::Mbox),
        ("a.txt", b"From a@b Thu".to_vec(), Format::Plain),
        ("a.txt", b"From: A <a@b.example>\r\nTo: c\r\nSubject: Lunch\r\n\r\nAt one?".to_vec(), Format::Eml),
        ("a.txt", b"From: the chair\nSubject: Lunch\n\nAt one?".to_vec(), Format::Plain),
        ("a.md", b"From: a@b.example\nSubject: Lunch\n\nAt one?".to_vec(), Format::Markdown),
    ] {
        assert_eq!(of(name, &bytes), Ok(format), "{name} {:?}", bytes.get(..20));
    }
}

#[test]
fn what_cannot_be_read_says_what_it_is() {
    for (name, bytes, reason) in [
        ("a.doc", ole(&["Root Entry", "WordDocument"]), "is a Word 97 file"),
        ("a.docx", ole(&["Root Entry", "WordDocument", "Workbook"]), "is a Word 97 file"),
        ("a.ppt", ole(&["PowerPoint Document"]), "is a PowerPoint 97 file"),
        ("a.docx", ole(&["Root Entry", "EncryptedPackage"]), "is encrypted"),
        ("a.doc", b"text".to_vec(), "is a Word 97 file"),
        ("a.pages", archive(&[("Index/Document.iwa", "")]), "is a file of Pages, Numbers or Keynote"),
        ("a.txt", b"\x89PNG\r\n\x1A\n".to_vec(), "is a picture (PNG)"),
        ("a.xyz", b"text".to_vec(), "has an extension that is not known (.xyz)"),
        ("a", vec![0, 1], "has no extension and is not UTF-8 text"),
    ] {
        assert_eq!(of(name, &bytes).unwrap_err().reason, reason, "{name}");
    }
    assert_eq!(unreadable("x/OLD.DOC").unwrap().hint, "save it as .docx");
}

#[test]
fn no_extension_stands_for_two_formats() {
    let mut seen = std::collections::HashSet::new();
    for name in names::all_extensions() {
        assert!(seen.insert(name), "{name}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        start in prop::sample::select(vec![&b"PK\x03\x04"[..], b"PK\x05\x06", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b""]),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        name in ".{0,20}",
    ) {
        let bytes = [start, &bytes].concat();
        let _ = (of(&name, &bytes), by_name(&name), unreadable(&name), of("a.docx", &bytes));
    }

    #[test]
    fn a_damaged_archive_does_not_make_it_panic(at in 0_usize..300, byte in any::<u8>()) {
        let mut bytes = archive(&[("[Content_Types].xml", ""), ("word/document.xml", "")]);
        if let Some(target) = bytes.get_mut(at) {
            *target = byte;
        }
        let _ = of("a.docx", &bytes);
    }
}
