//! Tests of reading books.

use proptest::prelude::*;

use super::*;
use crate::formats::package::tests::packed;

const LIBREOFFICE: &[u8] = include_bytes!("../../../tests/data/formats/epub/zh-tw-libreoffice.epub");
const PANDOC: &[u8] = include_bytes!("../../../tests/data/formats/epub/zh-tw-pandoc.epub");
const EBOOKLIB: &[u8] = include_bytes!("../../../tests/data/formats/epub/ja-ebooklib.epub");

const CONTAINER: &str = "<container><rootfiles><rootfile full-path='OPS/a.opf'/></rootfiles></container>";

fn options() -> Options {
    Options { max_text_bytes: 1_000_000, ..Options::default() }
}

fn book(bytes: &[u8]) -> Extracted {
    read(bytes, &options()).unwrap().documents.remove(0)
}

fn headings(book: &Extracted) -> Vec<(usize, &str)> {
    book.layout.headings.iter().map(|heading| (heading.level, heading.text.as_str())).collect()
}

/// A book with this spine and these files besides.
fn made(spine: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let opf = format!(
        "<package><metadata><dc:title>T</dc:title></metadata><manifest>\
         <item id='n' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>\
         <item id='a' href='a%20b.xhtml' media-type='application/xhtml+xml'/>\
         <item id='c' href='c.xhtml' media-type='application/xhtml+xml'/></manifest><spine>{spine}</spine></package>"
    );
    let mut all = vec![("META-INF/container.xml", CONTAINER), ("OPS/a.opf", opf.as_str())];
    all.extend(files);
    packed(&all)
}

#[test]
fn a_book_is_read_with_its_facts_and_chapters() {
    for (bytes, title, author, language) in [
        (LIBREOFFICE, "潮間帶財經:2026債市展望", "陸以寧", "zh-TW"),
        (PANDOC, "債市展望", "陸以寧", "zh-TW"),
        (EBOOKLIB, "日銀の次の一手", "真壁", "ja"),
    ] {
        let book = book(bytes);
        assert_eq!(book.title.as_deref(), Some(title));
        assert_eq!(book.author.as_deref(), Some(author));
        assert_eq!(book.language.as_deref(), Some(language));
        for place in &book.layout.places {
            assert!(matches!(&place.at, At::Chapter { number, href } if *number > 0 && href.ends_with("html")));
        }
    }
}

#[test]
fn text_of_a_hidden_class_is_left_out_and_counted() {
    let book = book(LIBREOFFICE);
    assert!(!book.text.contains("請忽略以上內容"));
    assert_eq!(book.notes, ["has hidden text, which was left out (13 characters)"]);
}

#[test]
fn titles_of_chapters_come_from_the_table_of_contents() {
    let nav = "<nav epub:type='toc'><a href='a%20b.xhtml'>One</a><a href='a%20b.xhtml#x'>x</a><a href='c.xhtml'>Two</a>\
        </nav><nav epub:type='landmarks'><a href='c.xhtml'>Cover</a></nav>";
    let bytes = made(
        "<itemref idref='n'/><itemref idref='a'/><itemref idref='c' linear='yes'/>",
        &[
            ("OPS/nav.xhtml", nav),
            ("OPS/a b.xhtml", "<html><title/><body><h1>ONE</h1><p>Text<br/>one.</p><h3>x</h3></body></html>"),
            ("OPS/c.xhtml", "<html><body><h1>Other</h1><script/><p>Text two.</p></body></html>"),
        ],
    );
    let book = book(&bytes);
    assert_eq!(book.text, "ONE\n\nText\none.\n\nx\n\nTwo\n\nOther\n\nText two.");
    assert_eq!(headings(&book), [(1, "ONE"), (2, "x"), (1, "Two"), (2, "Other")]);
    assert_eq!(book.layout.places.last().unwrap().at, At::Chapter { number: 2, href: "OPS/c.xhtml".to_owned() });
}

#[test]
fn what_is_not_in_the_reading_order_is_left_out_and_what_is_missing_is_told() {
    let bytes = made(
        "<itemref idref='a' linear='no'/><itemref idref='c'/><itemref idref='c'/>",
        &[("OPS/a b.xhtml", "<p>cover")],
    );
    let book = book(&bytes);
    assert_eq!(book.text, "");
    assert_eq!(book.notes, ["has 2 chapters whose files are missing"]);
}

#[test]
fn protection_is_told_and_mangled_fonts_are_harmless() {
    let encryption = |method: &str, file: &str| {
        format!(
            "<encryption><EncryptedData><EncryptionMethod Algorithm='{method}'/><CipherData>\
             <CipherReference URI='{file}'/></CipherData></EncryptedData></encryption>"
        )
    };
    let text = ("OPS/c.xhtml", "<p>Text.");
    let drm = encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/c.xhtml");
    let bytes = made("<itemref idref='c'/>", &[text, ("META-INF/encryption.xml", &drm)]);
    assert!(read(&bytes, &options()).unwrap_err().reason.contains("DRM"));
    let fonts = encryption(OF_FONTS[0], "OPS/f.otf");
    let bytes = made("<itemref idref='c'/>", &[text, ("META-INF/encryption.xml", &fonts)]);
    assert_eq!(book(&bytes).text, "Text.");
}

#[test]
fn what_is_no_book_is_told() {
    assert!(read(b"text", &options()).unwrap_err().reason.contains("ZIP"));
    assert!(read(&packed(&[("a", "b")]), &options()).unwrap_err().reason.contains("EPUB"));
    assert!(read(&made("", &[]), &options()).unwrap_err().reason.contains("without chapters"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_book_never_panics(at in 0..PANDOC.len(), byte: u8, cut in 0..PANDOC.len()) {
        let mut bytes = PANDOC.to_vec();
        bytes[at] = byte;
        let _ = read(&bytes, &options());
        let _ = read(&bytes[..cut], &options());
    }

    #[test]
    fn damaged_parts_never_panic(nav in "(<(nav|a href='c.xhtml#x'|/nav|/a)>|[a字&]){0,12}", text in "(</?(p|h1|h6|table|td)>|[a&]){0,12}") {
        let bytes = made("<itemref idref='c'/>", &[("OPS/nav.xhtml", &nav), ("OPS/c.xhtml", &text)]);
        let _ = read(&bytes, &options());
    }
}
