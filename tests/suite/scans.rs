//! Scans, read by the real models: a page that leans, a page that is upside down, and a page with a text of its own.

use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Server, Workspace, data, scans_can_be_read};

const SCANS: (&str, &str) = ("FOOTNOTE_READER_OCR", "scans");
const QUESTION: &str = "陸以寧預期聯準會2026年降息幾次";
const SENTENCE: &str = "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼,時間落在3月、6月與9月。";
/// On the page that is upside down.
const TURNED: &str =
    "Nine refurbished carriages carry 286 passengers: two of seats, four of couchettes, three of sleepers.";
/// On the page that has a text.
const OWN: &str = "Two days later a gale came in and the flow reversed.";

fn sample() -> PathBuf {
    data("formats/pdf/zh-tw-en-scans-chromium-pillow.pdf")
}

fn text_of(workspace: &Workspace, id: &str) -> String {
    workspace.run(&["get", id]).stdout
}

/// The first passage for a question, as JSON.
fn first(workspace: &Workspace, question: &str) -> Value {
    let output = workspace.run(&["search", "--format", "json", question]);
    let found: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    found["passages"][0].clone()
}

#[test]
fn a_scan_is_read_whole_and_every_citation_of_it_says_that_it_was_recognised() {
    let Some(()) = scans_can_be_read() else { return };
    let workspace = Workspace::new();
    let path = sample();
    let output = workspace.run_with(&["ingest", "--json", path.to_str().unwrap()], &[SCANS]);
    assert_eq!(output.code, 0, "{output:?}");
    let added: Value = serde_json::from_str(output.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(added["notes"][0], "has 2 pages whose text was recognised from a picture (1, 2)", "{added}");
    let text = text_of(&workspace, added["id"].as_str().unwrap());
    for sentence in [SENTENCE, TURNED, OWN] {
        assert!(text.contains(sentence), "{sentence} is not in {text}");
    }

    let passage = first(&workspace, QUESTION);
    let place = &passage["place"];
    assert_eq!(place["page"], 1, "{passage:#}");
    let confidence = place["ocr"]["confidence"].as_f64().unwrap();
    assert!((0.9..=1.0).contains(&confidence), "{place:#}");
    assert!(place["label"].as_str().unwrap().starts_with("p. 1 (OCR, "), "{place:#}");
    let boxes = place["boxes"].as_array().unwrap();
    assert!(!boxes.is_empty());
    for found in boxes {
        let length = |name: &str| found[name].as_f64().unwrap();
        // A line of type of 11 points on a page of A5 that leans by a degree, cut so that its boxes are low.
        assert!((4.0..18.0).contains(&(length("y1") - length("y0"))), "{found}");
        assert!(length("x0") > 30.0 && length("x1") < 400.0 && length("page_width") < 425.0, "{found}");
    }

    for (arguments, mark) in [
        (&["search", QUESTION][..], "p. 1 (OCR, "),
        (&["ask", "--format", "md", QUESTION], "p. 1 \\(OCR, "),
        (&["ask", QUESTION], "p. 1 (OCR, "),
    ] {
        let shown = workspace.run(arguments).stdout;
        let plain = shown.replace('\\', "");
        assert!(plain.contains(&mark.replace('\\', "")), "{arguments:?}: {shown}");
    }
    let own = first(&workspace, "Two days later a gale came in");
    assert_eq!((&own["place"]["page"], own["place"].get("ocr")), (&Value::from(3), None), "{own:#}");
}

#[test]
fn every_api_marks_text_that_was_recognised() {
    let Some(()) = scans_can_be_read() else { return };
    let server = Server::start_with("[reader]\nocr = \"scans\"\n", &[]);
    let bytes = std::fs::read(sample()).unwrap();
    let reply = server.upload("/v1/documents", &[("scan.pdf", &bytes)]).json();
    assert_eq!(reply["documents"][0]["status"], "added", "{reply}");
    let asked = serde_json::json!({"question": QUESTION});
    let answer = server.post("/v1/ask", &asked).json().to_string();
    assert!(answer.contains("\"ocr\":{\"confidence\":0.9") || answer.contains("\"ocr\":{\"confidence\":1"), "{answer}");
    let message = serde_json::json!({"model": "footnote", "messages": [{"role": "user", "content": QUESTION}]});
    let chat = server.post("/v1/chat/completions", &message).json().to_string();
    assert!(chat.contains("OCR, "), "{chat}");
}

#[test]
fn without_the_setting_a_scan_is_reported_with_what_to_do() {
    let Some(()) = scans_can_be_read() else { return };
    let workspace = Workspace::new();
    let scan = data("formats/pdf/scanned-image-only.pdf");
    let output = workspace.run(&["ingest", scan.to_str().unwrap(), sample().to_str().unwrap()]);
    assert_eq!(output.code, 5, "{output:?}");
    assert!(output.stderr.contains("has only pictures of text") || output.stdout.contains("has only pictures of text"));
    let all = format!("{}{}", output.stdout, output.stderr);
    assert!(
        all.contains("[reader] ocr = \"scans\"") && all.contains("has 2 pages that are pictures of text (1, 2)"),
        "{all}"
    );
    // Korean is not recognised, and what is read of it instead is no text.
    let output = workspace.run_with(&["ingest", scan.to_str().unwrap()], &[SCANS]);
    let all = format!("{}{}", output.stdout, output.stderr);
    assert!(output.code == 5 && all.contains("no text could be recognised"), "{all}");
}

#[test]
fn another_setting_reads_scans_again_and_nothing_else() {
    let Some(()) = scans_can_be_read() else { return };
    let workspace = Workspace::new();
    let folder = workspace.folder().join("files");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(sample(), folder.join("scan.pdf")).unwrap();
    std::fs::copy(data("formats/pdf/en-one-column-fpdf2.pdf"), folder.join("text.pdf")).unwrap();
    let statuses = |variables: &[(&str, &str)]| {
        let output = workspace.run_with(&["ingest", "--json", "files"], variables);
        let lines = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| line["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&[]), ["added", "added"]);
    assert_eq!(statuses(&[SCANS]), ["updated", "unchanged"]);
    assert_eq!(statuses(&[SCANS]), ["unchanged", "unchanged"]);
    assert_eq!(statuses(&[]), ["updated", "unchanged"]);
}
