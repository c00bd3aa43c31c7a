//! Tests of [`super`].

use proptest::prelude::*;

use super::*;
use crate::ingest::chunk::{Sizer, chunk};
use crate::ingest::plan::headings_of;
use crate::passage::{Heading, Layout, Span};
use crate::terms::is_blank;

fn file(name: &str, text: &str) -> ExtractedFile {
    let format = if name.ends_with("md") { Format::Markdown } else { Format::Plain };
    extracted(name, Extracted { format, text: text.to_owned(), ..Extracted::default() })
}

fn extracted(name: &str, document: Extracted) -> ExtractedFile {
    ExtractedFile { path: PathBuf::from("/notes").join(name), documents: vec![document] }
}

fn documents(name: &str, text: &str) -> Vec<NewDocument> {
    split(file(name, text)).unwrap()
}

const DIGEST: &str = "#AI 市場\n聯準會會降息嗎?\n 市場(多數)認為\u{A0}2026 年會降息。 (某某 週刊)\n\n\
                      #Bonds\nYields\nYields fell (again) on Thursday.（Reuters (US)）\n";

#[test]
fn a_digest_becomes_one_document_for_each_article() {
    let found = documents("a b.txt", DIGEST);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].title.as_deref(), Some("聯準會會降息嗎?"));
    assert_eq!(found[0].text, " 市場(多數)認為\u{A0}2026 年會降息。", "to the byte");
    assert_eq!(found[0].source.as_deref(), Some("某某 週刊"));
    assert_eq!((found[0].tags.as_slice(), found[1].tags.as_slice()), (&["AI 市場".into()][..], &["Bonds".into()][..]));
    assert_eq!(found[1].text, "Yields fell (again) on Thursday.");
    assert_eq!(found[1].source.as_deref(), Some("Reuters (US)"));
    assert_eq!(found[1].origin.as_deref(), Some("/notes/a b.txt"));
    assert!(found[1].uri.as_ref().unwrap().starts_with("file:///notes/a%20b.txt#"));
}

#[test]
fn an_article_keeps_its_uri_when_another_is_put_before_it() {
    let before = documents("a.txt", DIGEST);
    let after = documents("a.txt", &DIGEST.replace("#AI 市場\n", "#AI 市場\nNew\nA longer text. (Someone)\n"));
    assert_eq!(after.len(), 3);
    assert_eq!(before[0].uri, after[1].uri);
    let twice = documents("a.txt", &format!("{DIGEST}{DIGEST}"));
    assert_eq!(twice[2].uri, Some(format!("{}-2", twice[0].uri.as_ref().unwrap())));
}

#[test]
fn an_article_that_does_not_fit_leaves_the_others_of_its_digest_as_they_are() {
    let before = documents("a.txt", DIGEST);
    for (more, text, source) in [
        ("New timetable\nThe ferry sails every forty minutes.\n", "The ferry sails every forty minutes.", None),
        ("A title whose text is still to come", "", None),
        ("A title longer than the text\nText. (Someone)\n", "Text.", Some("Someone")),
    ] {
        let after = documents("a.txt", &format!("{DIGEST}{more}"));
        assert_eq!(after[..2], before[..], "{more}");
        assert_eq!((after[2].text.as_str(), after[2].source.as_deref(), after.len()), (text, source, 3));
    }
}

#[test]
fn a_single_article_is_a_digest_only_below_a_tag() {
    let untagged = "Title\nA text that is signed. (Someone)\n";
    assert_eq!(documents("a.txt", &format!("#tag\n{untagged}"))[0].text, "A text that is signed.");
    let found = documents("a.txt", untagged);
    assert_eq!((found.len(), found[0].text.as_str()), (1, untagged));
}

#[test]
fn a_plain_text_is_titled_by_its_first_line_or_its_name() {
    let title = |text: &str| documents("notes.txt", text)[0].title.clone().unwrap();
    assert_eq!(title("\nAbout Rates\n\nThey fell.\n"), "About Rates");
    assert_eq!(title("They fell.\nThey rose.\n"), "notes");
    assert_eq!(title("It was a bright cold day in April and the\nclocks were striking.\n"), "notes");
    assert_eq!(title(&"long ".repeat(100)), "notes");
    assert_eq!(title("About Rates\rThey fell.\rThey rose.\r"), "About Rates");
    assert_eq!(title("2026-01-31 09:30:00 INFO started\n2026-01-31 09:30:01 INFO ready\n"), "notes");
    assert_eq!(documents("server.log", "Started\n\nIt runs.\n")[0].title.as_deref(), Some("server"));
}

#[test]
fn a_workbook_is_titled_by_its_name_and_an_item_by_its_file_and_number() {
    let heading = Heading { span: Span::new(0, 6), level: 1, text: "Sheet1".into() };
    let layout = Layout { headings: vec![heading], ..Layout::default() };
    let read = |format, part: &str, layout: &Layout| {
        let extracted = Extracted {
            part: part.into(),
            format,
            text: "Sheet1\n\nA: 1".into(),
            layout: layout.clone(),
            ..Extracted::default()
        };
        let file = ExtractedFile { path: "/notes/sales.x".into(), documents: vec![extracted] };
        split(file).unwrap().remove(0).title.unwrap()
    };
    assert_eq!(read(Format::Xlsx, "", &layout), "sales");
    assert_eq!(read(Format::Docx, "", &layout), "Sheet1");
    assert_eq!(read(Format::Jsonl, "3", &Layout::default()), "sales 3");
    assert_eq!(read(Format::Jsonl, "law-7", &Layout::default()), "law-7");
}

#[test]
fn the_id_of_an_uploaded_member_is_written_as_its_names_are() {
    let extracted = Extracted { part: "年報/第一 章.txt".into(), text: "Text.".into(), ..Extracted::default() };
    let file = ExtractedFile { path: "資料 1.zip".into(), documents: vec![extracted] };
    assert_eq!(split_upload(file).unwrap()[0].id.as_deref(), Some("資料 1.zip-年報/第一 章.txt"));
}

#[test]
fn front_matter_becomes_fields_and_metadata() {
    let text = "---\nTitle: T\nauthor: [A, B]\ndate: 2026年1月31日\nkeywords: x, y\ntags: [y, z]\nlang: de\n\
                link: https://a.example/\nrating: 3\npublisher: P\n---\n# H\nText\n";
    let found = &documents("a.md", text)[0];
    assert_eq!(found.text, "# H\nText\n");
    assert_eq!((found.title.as_deref(), found.source.as_deref()), (Some("T"), Some("A, B")));
    assert_eq!((found.published.as_deref(), found.language.as_deref()), (Some("2026-01-31"), Some("de")));
    assert_eq!((found.tags.join(" "), found.uri.as_deref()), ("x y z".to_owned(), Some("https://a.example/")));
    assert_eq!(Value::Object(found.metadata.clone()), serde_json::json!({"rating": 3, "publisher": "P"}));
    assert_eq!(found.origin.as_deref(), Some("/notes/a.md"));
}

#[test]
fn a_heading_between_two_rules_is_text_and_not_front_matter() {
    let text = "---\n# Harvest plan\n---\n\nPears are picked in September.\n";
    assert_eq!(documents("a.md", text)[0].text, text);
}

#[test]
fn broken_front_matter_is_an_error_that_names_file_and_line() {
    let error = split(file("a.md", "---\ntitle: a\nb: 'c\n---\n")).unwrap_err();
    assert!(error.to_string().starts_with("/notes/a.md: line "), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_date_that_cannot_be_read_stays_in_the_metadata_and_gives_a_note() {
    for date in ["soon", "03/04/2026", "[2026-01-01]"] {
        let found = &documents("a.md", &format!("---\ndate: {date}\n---\nText"))[0];
        assert_eq!((&found.published, found.metadata.len()), (&None, 1));
        assert!(note_on_date(found).unwrap().contains(date.trim_matches(['[', ']'])));
    }
    for (date, read) in [("2026", "2026"), ("20260210", "2026-02-10"), ("2026-02-10 09:30", "2026-02-10")] {
        let found = &documents("a.md", &format!("---\ndate: {date}\n---\nText"))[0];
        assert_eq!((found.published.as_deref(), note_on_date(found)), (Some(read), None));
    }
    assert_eq!(
        documents("a.md", "+++\ndate = 2026-02-10T09:30:00\n+++\nText")[0].published.as_deref(),
        Some("2026-02-10")
    );
    let undated = &documents("a.md", "---\ndate:\n---\nText")[0];
    assert_eq!(note_on_date(undated), None);
}

#[test]
fn what_a_reader_found_becomes_the_fields_of_its_document() {
    let heading = Heading { span: Span::new(0, 3), level: 1, text: "甲".into() };
    let read = Extracted {
        format: Format::Docx,
        text: "甲\n\n文。".into(),
        layout: Layout { reader: "docx 1".into(), headings: vec![heading], ..Layout::default() },
        author: Some("Desk".into()),
        published: Some("2026-01-31T08:00:00Z".into()),
        language: Some("zh-Hant".into()),
        tags: vec!["rates".into()],
        notes: vec!["has hidden text".into()],
        ..Extracted::default()
    };
    let found = &split(extracted("a.docx", read.clone())).unwrap()[0];
    assert_eq!((found.title.as_deref(), found.source.as_deref()), (Some("甲"), Some("Desk")));
    assert_eq!(found.published.as_deref(), Some("2026-01-31T08:00:00Z"));
    assert_eq!((found.uri.as_deref(), found.format), (Some("file:///notes/a.docx"), Format::Docx));
    assert_eq!((found.layout.clone(), reader_notes(found)), (read.layout.clone(), read.notes.clone()));
    let undated = Extracted { published: Some("soon".into()), ..read };
    let found = &split(extracted("a.docx", undated)).unwrap()[0];
    assert!(found.published.is_none() && note_on_date(found).unwrap().contains("soon"));
}

#[test]
fn a_page_has_its_own_address_and_the_identity_of_its_file() {
    let read = |url: &str| {
        let page = Extracted { format: Format::Html, text: "T.".into(), url: Some(url.into()), ..Extracted::default() };
        split(extracted("a.html", page)).unwrap().remove(0)
    };
    let (first, second) = (read("https://a.example/1"), read("https://a.example/2"));
    assert_eq!(
        (first.uri.as_deref(), second.uri.as_deref()),
        (Some("https://a.example/1"), Some("https://a.example/2"))
    );
    assert!(first.id.is_some() && first.id == second.id);
    assert_eq!(read("javascript:alert(1)").uri.as_deref(), Some("file:///notes/a.html"));
}

#[test]
fn the_parts_of_a_file_have_addresses_and_names_of_their_own() {
    let part = |part: &str, format: Format, text: &str| Extracted {
        part: part.into(),
        format,
        text: text.into(),
        ..Extracted::default()
    };
    let file = ExtractedFile {
        path: "/notes/a.zip".into(),
        documents: vec![
            part("x/甲.txt", Format::Plain, "a b c。"),
            part("y.md", Format::Markdown, "---\ntitle: Y\n---\nText."),
            part("z.txt", Format::Plain, DIGEST),
        ],
    };
    let found = split(file.clone()).unwrap();
    let uris: Vec<_> = found.iter().map(|document| document.uri.as_deref().unwrap()).collect();
    assert_eq!(uris[..2], ["file:///notes/a.zip#x/%E7%94%B2.txt", "file:///notes/a.zip#y.md"]);
    assert!(uris[2].starts_with("file:///notes/a.zip#z.txt-") && uris[2] != uris[3]);
    assert_eq!((found[0].title.as_deref(), found[1].title.as_deref()), (Some("甲"), Some("Y")));
    let uploaded = split_upload(ExtractedFile { path: "a.zip".into(), ..file }).unwrap();
    assert_eq!(uploaded[1].id.as_deref(), Some("a.zip-y.md"));
    assert!(uploaded.iter().all(|document| document.origin.as_deref() == Some("upload:a.zip")));
}

proptest! {
    #[test]
    fn no_text_makes_splitting_or_chunking_panic(
        text in "(\\PC|---\n|\\+\\+\\+\n|#a\n|# b\n|```\n|\\(p\\)\n|（p）\n|k: v\n|k = 1\n|- |\\[|\\{|&a |\\*a|\\| |\n|\r\n){0,60}",
        markdown: bool,
    ) {
        if let Ok(documents) = split(file(if markdown { "a.md" } else { "a.txt" }, &text)) {
            for document in documents {
                let count = |text: &str| Ok(text.chars().count());
                let title = document.title.as_deref().unwrap_or_default();
                let sizer = Sizer { count: &count, target_tokens: 32, max_tokens: 64, title, whole_lines: false };
                let chunks = chunk(&document.text, &headings_of(&document.text, &document.layout, document.format), &sizer).unwrap();
                prop_assert_eq!(chunks.last().map_or(0, |chunk| chunk.span.end), if is_blank(&document.text) { 0 } else { document.text.len() });
            }
        }
    }
}
