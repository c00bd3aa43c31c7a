//! The reader on sample files. These tests need PDFium: `TESTS_PDFIUM`, or an installed one in `models`; without either
//! they are skipped, or fail where `TESTS_REQUIRE` names the network.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use proptest::prelude::*;

use super::super::render::render;
use super::super::{bind, read};
use crate::formats::{Extracted, Failure, Options};
use crate::passage::{At, Span};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/data/formats/pdf/", $name))
    };
}
pub(super) use sample;

/// PDFium is not safe for threads, and tests run on many.
static PDFIUM: Mutex<()> = Mutex::new(());

fn library() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("TESTS_PDFIUM") {
        return Some(path.into());
    }
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let folders = std::fs::read_dir(models).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let mut libraries = folders.flat_map(|folder| ["libpdfium.so", "libpdfium.dylib"].map(|name| folder.join(name)));
    libraries.find(|path| path.is_file())
}

/// Reads a sample; `None` if there is no PDFium.
fn try_read(bytes: &[u8]) -> Option<Result<Extracted, Failure>> {
    let Some(library) = library() else {
        // Where nothing may be skipped, it has been fetched.
        let is_required = std::env::var("TESTS_REQUIRE").is_ok_and(|names| names.contains("network"));
        assert!(!is_required, "no PDFium in TESTS_PDFIUM or models; `footnote models pull` fetches it");
        println!("skipped: no PDFium in TESTS_PDFIUM or models");
        return None;
    };
    let _one_at_a_time = PDFIUM.lock().unwrap_or_else(PoisonError::into_inner);
    bind(&library).unwrap();
    let options = Options { max_text_bytes: 1_000_000, ..Options::default() };
    Some(read(bytes, &options, &mut |_| Ok(Vec::new())).map(|mut contents| contents.documents.remove(0)))
}

pub(super) fn read_sample(bytes: &[u8]) -> Option<Extracted> {
    try_read(bytes).map(Result::unwrap)
}

const ENGLISH: [&str; 4] = [
    include_str!("../../../../examples/corpus/lumen-quay-optical-order.md"),
    include_str!("../../../../examples/corpus/skerry-link-cable.txt"),
    include_str!("../../../../examples/corpus/trieste-night-train.md"),
    include_str!("../../../../examples/corpus/us-refinancing-lull.txt"),
];

/// The sentences of the articles that the English samples were made of.
fn sentences() -> Vec<&'static str> {
    let lines = ENGLISH.iter().flat_map(|article| article.rsplit("---\n").next().unwrap_or_default().lines());
    let prose = lines.filter(|line| line.ends_with('.') && !line.starts_with("- "));
    prose.flat_map(|line| line.split_inclusive(". ").map(str::trim)).collect()
}

/// The sentences that do not stand whole in the text.
fn broken(text: &str) -> Vec<&'static str> {
    sentences().into_iter().filter(|sentence| !text.contains(sentence)).collect()
}

#[test]
fn sentences_stand_whole_over_lines_columns_and_pages() {
    assert!(sentences().len() > 40);
    let samples: [&[u8]; 4] = [
        sample!("en-running-heads-weasyprint.pdf"),
        sample!("en-two-columns-hyphens-typst.pdf"),
        sample!("en-two-columns-chromium.pdf"),
        sample!("en-one-column-fpdf2.pdf"),
    ];
    for (n, bytes) in samples.into_iter().enumerate() {
        let Some(document) = read_sample(bytes) else { return };
        let broken = broken(&document.text);
        // A word with a hyphen of its own at a line's end cannot be told from a broken one.
        let known = usize::from(n == 0);
        assert!(broken.len() <= known, "sample {n}: {broken:#?}");
    }
}

#[test]
fn running_heads_and_page_numbers_are_left_out() {
    let Some(document) = read_sample(sample!("en-running-heads-weasyprint.pdf")) else { return };
    assert!(document.layout.pages.len() > 3);
    assert!(!document.text.contains("Collected Articles"));
    assert!(document.text.lines().all(|line| line.parse::<u32>().is_err()));
}

#[test]
fn headings_come_from_the_outline_and_rows_have_cells() {
    let Some(document) = read_sample(sample!("zh-tw-headings-table-libreoffice.pdf")) else { return };
    let headings: Vec<_> = document.layout.headings.iter().map(|h| (h.level, h.text.as_str())).collect();
    assert_eq!(headings, [(1, "2026債市展望"), (1, "一、利率"), (2, "1.1 時間表"), (1, "二、風險")]);
    for heading in &document.layout.headings {
        assert_eq!(document.text[heading.span.range()], heading.text);
    }
    assert!(document.text.contains("月份 | 幅度 | 機率\n3月 | 25個基點 | 62%\n"), "{}", document.text);
    assert_eq!(document.title.as_deref(), Some("潮間帶財經:2026債市展望"));
    assert_eq!(document.author.as_deref(), Some("陸以寧"));
    assert_eq!(document.published.as_deref(), Some("2026-11-26T06:40:27Z"));
    // The file says English.
    assert_eq!(document.language, None);
}

#[test]
fn text_of_fonts_that_are_not_embedded_is_read() {
    let Some(document) = read_sample(sample!("zh-tw-cid-not-embedded-reportlab.pdf")) else { return };
    assert!(document.text.contains("她的理由是小型企業的徵才廣告已連續五個月減少。主持人當場追問:如果通膨重新抬頭呢?"));
}

#[test]
fn hidden_text_is_left_out_and_counted() {
    let Some(document) = read_sample(sample!("en-hidden-text-reportlab.pdf")) else { return };
    assert_eq!(document.text, "Visible: the bridge opened in 1931.");
    assert_eq!(document.notes, ["has hidden text, which was left out (195 characters)"]);
}

#[test]
fn a_turned_page_is_read_whole() {
    let Some(document) = read_sample(sample!("en-rotated-page-tika.pdf")) else { return };
    assert!(document.text.contains("Incubation is required of all newly accepted projects until a further review"));
    // As shown it lies on its side: its lines run from top to bottom.
    let page = &document.layout.pages[0];
    assert!(page.width > page.height);
    assert!(document.layout.places.iter().all(|place| {
        let At::Line(line) = &place.at else { return false };
        line.vertical && line.x0 >= 0.0 && line.x1 <= page.width && line.y0 >= 0.0 && line.y1 <= page.height
    }));
}

#[test]
fn lines_from_top_to_bottom_are_read_from_right_to_left() {
    let Some(document) = read_sample(sample!("ja-vertical-cmap-pdfjs.pdf")) else { return };
    assert_eq!(document.text, "あいうえお日本語");
    assert!(document.layout.places.iter().all(|place| matches!(&place.at, At::Line(line) if line.vertical)));
}

#[test]
fn a_quote_has_the_boxes_of_its_words() {
    let Some(document) = read_sample(sample!("en-two-columns-chromium.pdf")) else { return };
    let (text, layout) = (&document.text, &document.layout);
    // Words of one line stand side by side, in the order of the text and inside the line.
    let mut seen = 0;
    for place in &layout.places {
        let At::Line(line) = &place.at else { continue };
        let mut last = line.x0;
        let mut at = place.span.start;
        for word in text[place.span.range()].split_inclusive(' ') {
            let boxes = layout.boxes(text, Span::new(at, at + word.trim_end().len()));
            assert_eq!(boxes.len(), 1);
            assert!(boxes[0].x0 >= last - 0.5 && boxes[0].x1 <= line.x1 + 0.01 && boxes[0].x1 > boxes[0].x0, "{word}");
            last = boxes[0].x1;
            at += word.len();
            seen += 1;
        }
    }
    assert!(seen > 500);
}

#[test]
fn files_without_readable_text_say_why() {
    let cases: [(&[u8], &str); 4] = [
        (sample!("no-tounicode.pdf"), "Unicode"),
        (sample!("password-needed.pdf"), "is encrypted and needs a password"),
        (sample!("scanned-image-only.pdf"), "pictures of text"),
        (b"PK\x03\x04", "is not a PDF"),
    ];
    for (bytes, reason) in cases {
        let Some(read) = try_read(bytes) else { return };
        let failure = read.unwrap_err();
        assert!(failure.reason.contains(reason), "{failure:?}");
    }
    let sample = sample!("zh-tw-headings-table-libreoffice.pdf");
    let Some(read) = try_read(&sample[..sample.len() * 6 / 10]) else { return };
    assert!(read.unwrap_err().reason.contains("damaged"));
}

#[test]
fn a_page_is_drawn() {
    let sample = sample!("en-rotated-page-tika.pdf");
    // Loads PDFium, if there is one.
    if try_read(sample).is_none() {
        return;
    }
    let _one_at_a_time = PDFIUM.lock().unwrap_or_else(PoisonError::into_inner);
    let png = render(sample, 1, 1.5).unwrap();
    let length = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((length(16), length(20)), (1263, 893));
    assert!(render(sample, 2, 1.0).unwrap_err().reason.contains("has no page 2"));
    assert!(render(sample, 0, 1.0).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn damage_never_panics(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let mut bytes = sample!("zh-tw-cid-not-embedded-reportlab.pdf").to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = try_read(&bytes);
    }
}
