//! Tests of [`super`].

use proptest::prelude::*;

use super::*;

const OPTIONS: Options = Options::new(100_000);

fn read_all(format: Format, text: &str) -> Vec<Extracted> {
    read(format, text.as_bytes(), &OPTIONS).unwrap().documents
}

/// The text of each place with its line and pointer.
fn places(document: &Extracted) -> Vec<(&str, u32, &str)> {
    let place = |place: &'_ crate::passage::Place| match &place.at {
        At::Item { line, pointer } => (place.span, *line, pointer.clone()),
        other => panic!("{other:?}"),
    };
    let found = document.layout.places.iter().map(place);
    found.map(|(span, line, pointer)| (&document.text[span.range()], line, &*pointer.leak())).collect()
}

#[test]
fn each_line_is_a_document_and_a_broken_one_stops_no_other() {
    let documents = read_all(Format::Jsonl, include_str!("../../../tests/data/formats/json/articles.jsonl"));
    let parts: Vec<_> = documents.iter().map(|document| document.part.as_str()).collect();
    assert_eq!(parts, ["a1", "a2", "3"]);
    let first = &documents[0];
    assert_eq!(first.title.as_deref(), Some("聯準會2026年降息三次"));
    assert_eq!(first.author.as_deref(), Some("陸以寧"));
    assert_eq!(first.published.as_deref(), Some("2026-01-09"));
    assert_eq!(first.tags, ["債市", "利率"]);
    assert_eq!(places(first), [(first.text.as_str(), 1, "/body")]);
    assert_eq!(first.notes.len(), 1);
    assert!(first.notes[0].starts_with("has a line that is not JSON: line 4 (EOF while parsing a value at column 2"));
    assert_eq!(documents[2].text, "段一\n\n段二");
    assert_eq!(places(&documents[2])[1], ("段二", 3, "/body/1"));
    assert_eq!(documents[2].title, None);
}

#[test]
fn the_items_of_a_list_are_documents() {
    for (text, pointer) in [
        (r#"[{"text": "A."}, {"text": "B.", "url": "https://b.example", "n": 2}, {"x": 1}]"#, "/1/text"),
        (
            r#"{"total": 3, "items": [{"text": "A."}, {"text": "B.", "link": "https://b.example", "n": 2}, {}]}"#,
            "/items/1/text",
        ),
    ] {
        let documents = read_all(Format::Json, text);
        assert_eq!(documents.len(), 2, "{text}");
        assert_eq!((documents[0].part.as_str(), documents[1].part.as_str()), ("1", "2"));
        assert_eq!(places(&documents[1]), [("B.", 0, pointer)]);
        assert_eq!(documents[1].url.as_deref(), Some("https://b.example"));
        assert_eq!(documents[1].metadata["n"], 2);
        assert_eq!(documents[0].notes, ["is in a file with an item without text"]);
    }
}

#[test]
fn one_object_is_one_document() {
    let text = r#"{"title": "T", "content": [{"type": "p", "text": "One."}, {"type": "p", "text": "Two."}],
                   "created": 1767918600, "authors": [{"name": "Ann"}, "Bo"], "lang": "zh_TW", "keywords": "a, b"}"#;
    let documents = read_all(Format::Json, text);
    let document = &documents[0];
    assert_eq!((document.text.as_str(), document.part.as_str()), ("One.\n\nTwo.", ""));
    assert_eq!(places(document)[1], ("Two.", 0, "/content/1/text"));
    assert_eq!(document.published.as_deref(), Some("2026-01-09T00:30:00Z"));
    assert_eq!(document.author.as_deref(), Some("Ann, Bo"));
    assert_eq!((document.language.as_deref(), document.tags.len()), (Some("zh-TW"), 2));
}

#[test]
fn values_without_text_are_read_as_a_table() {
    let rows = r#"[{"city": "Yilan", "depth": 7.5, "crane": true}, {"city": "Suao", "depth": 9, "crane": null}]"#;
    let documents = read_all(Format::Json, rows);
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].text, "city: Yilan; crane: true; depth: 7.5\ncity: Suao; depth: 9");
    assert_eq!(places(&documents[0])[1].2, "/1");
    let object = r#"{"name": "Port", "berths": {"south": 7.5, "a/b": [1, 2]}, "list": [{"x": "y"}]}"#;
    let documents = read_all(Format::Json, object);
    assert_eq!(documents[0].text, "berths.a/b: 1, 2\nberths.south: 7.5\nlist.1.x: y\nname: Port");
    assert_eq!(places(&documents[0])[0].2, "/berths/a~1b");
    assert_eq!(documents[0].title.as_deref(), Some("Port"));
    assert_eq!(read_all(Format::Json, r#"["one", "two"]"#)[0].text, "one\ntwo");
}

#[test]
fn the_settings_name_the_fields() {
    let text = r#"{"body": "no", "t": {"de/f": "yes"}, "nr": 7, "n": 1}"#;
    let lines = format!("{text}\n{text}");
    let json = super::super::JsonFields {
        text: vec!["missing".into(), "/t/de~1f".into()],
        id: vec!["nr".into()],
        ..Default::default()
    };
    let options = Options { json, ..OPTIONS };
    let documents = read(Format::Jsonl, lines.as_bytes(), &options).unwrap().documents;
    assert_eq!((documents[0].text.as_str(), documents[0].part.as_str()), ("yes", "7"));
}

#[test]
fn each_format_is_read_under_the_name_of_the_other() {
    let lines = "{\"text\": \"A.\"}\n{\"text\": \"B.\"}\n";
    assert_eq!(read_all(Format::Json, lines).len(), 2);
    let written_out = "{\n  \"text\": \"A.\"\n}\n";
    assert_eq!(read_all(Format::Jsonl, written_out)[0].text, "A.");
    assert!(read_all(Format::Jsonl, written_out)[0].notes.is_empty());
    assert_eq!(read_all(Format::Jsonl, "{\"text\": \"a\u{2028}b\u{85}c\"}")[0].text, "a\u{2028}b\u{85}c");
}

#[test]
fn what_is_not_json_is_refused_with_the_reason() {
    let reason = |format, text: &str| read(format, text.as_bytes(), &OPTIONS).unwrap_err().reason;
    assert!(reason(Format::Json, "{\"a\": }").starts_with("is not JSON (expected value at line 1"));
    assert!(reason(Format::Jsonl, "a\nb").starts_with("is not JSON (expected value"));
    assert!(reason(Format::Json, &"[".repeat(100_000)).contains("recursion limit"));
    assert_eq!(reason(Format::Json, "{}"), "has no values");
    let many = format!("[{}0]", "0,".repeat(2_000_000));
    let failure = read(Format::Json, many.as_bytes(), &Options::new(10_000_000)).unwrap_err();
    assert_eq!(failure.reason, "has more than 2000000 values");
}

#[test]
fn many_values_under_a_long_name_do_not_outgrow_the_file() {
    let long = "k".repeat(10_000);
    let text = format!("{{\"{long}\": [{}{{}}]}}", "{\"x\": 1},".repeat(2_000));
    let document = &read_all(Format::Json, &text)[0];
    assert!(document.text.len() < 40_000 && document.text.ends_with("2000.x: 1"), "{}", document.text.len());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([\\[\\]{}:,\"0-9-]|\"(text|body|id|date|items|meta)\"|true|null|\n|字){0,30}") {
        let _ = read(Format::Json, text.as_bytes(), &OPTIONS);
        let _ = read(Format::Jsonl, text.as_bytes(), &OPTIONS);
    }
}

#[test]
fn beside_a_description_the_other_values_are_read() {
    let item = r#"{"name": "Pump X2", "price": {"amount": 19.5, "currency": "EUR"}, "warranty_years": 3,
        "description": "The pump weighs 340 grams."}"#;
    let documents = read_all(Format::Json, item);
    let text = "The pump weighs 340 grams.\nprice.amount: 19.5\nprice.currency: EUR\nwarranty_years: 3";
    assert_eq!(documents[0].text.trim_end(), text);
    assert_eq!(documents[0].title.as_deref(), Some("Pump X2"));
    assert_eq!(places(&documents[0])[2], ("price.currency: EUR", 0, "/price/currency"));
    let article = r#"{"title": "T", "body": "It rose.", "views": 3}"#;
    assert_eq!(read_all(Format::Json, article)[0].text.trim_end(), "It rose.", "an article says all in its body");
}
