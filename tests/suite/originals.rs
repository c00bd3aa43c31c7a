//! The files that documents were read from: kept, given back, drawn, and removed with their documents.

use std::path::Path;

use serde_json::json;

use crate::harness::{Server, project};

/// The sample PDF of two columns, if PDFium is installed beside the model.
fn pdf() -> Option<Vec<u8>> {
    let installed = std::fs::read_dir(project().join("models")).unwrap();
    let has_pdfium = installed.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("pdfium-"));
    if !has_pdfium {
        println!("PDFium is not in models/, so that no PDF is read");
    }
    let path = project().join("tests/data/formats/pdf/en-two-columns-chromium.pdf");
    has_pdfium.then(|| std::fs::read(path).unwrap())
}

/// The copies that are kept in the only collection below `dir`.
fn copies(dir: &Path) -> Vec<String> {
    let folder = dir.join("index/default/originals");
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_file_is_given_back_as_it_was_and_goes_with_its_last_document() {
    let server = Server::start(&[]);
    let page = b"<title>Tides</title><p>The tide turns at noon.</p><script>alert(1)</script>";
    for name in ["tides.html", "again.html"] {
        let reply = server.upload("/v1/documents", &[(name, page)]).json();
        assert_eq!(reply["documents"][0]["status"], "added", "{reply}");
    }
    let reply = server.get("/v1/documents/tides.html/original");
    assert_eq!((reply.status, reply.body.as_slice()), (200, &page[..]));
    assert_eq!(reply.header("content-type"), "text/html");
    assert_eq!(reply.header("content-disposition"), "attachment; filename*=UTF-8''tides%2Ehtml");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(reply.header("content-security-policy").contains("sandbox"));
    let same = [("If-None-Match", reply.header("etag"))];
    assert_eq!(server.get_with("/v1/documents/tides.html/original", &same).status, 304);
    assert_eq!(copies(server.folder()), [blake3::hash(page).to_hex().to_string()], "two documents share a copy");

    assert_eq!(server.delete("/v1/documents/tides.html").status, 204);
    assert_eq!(server.get("/v1/documents/again.html/original").body, page);
    let other = b"<p>The tide turns at one.</p>";
    assert_eq!(server.upload("/v1/documents", &[("again.html", other)]).json()["documents"][0]["status"], "updated");
    assert_eq!(server.get("/v1/documents/again.html/original").body, other);
    assert_eq!(copies(server.folder()).len(), 1, "nothing needs the earlier version");
    assert_eq!(server.delete("/v1/documents/again.html").status, 204);
    assert_eq!(copies(server.folder()), [""; 0]);
    server.get("/v1/documents/again.html/original").problem(404);
    server.get("/v1/documents/again.html/pages/1.png").problem(404);
}

#[test]
fn a_text_is_its_own_original() {
    let server = Server::start(&[]);
    let document = json!({"id": "a", "title": "潮", "text": "The tide turns at noon."});
    assert_eq!(server.post("/v1/documents", &json!({"documents": [document]})).status, 200);
    let reply = server.get("/v1/documents/a/original");
    assert_eq!(reply.body, b"The tide turns at noon.");
    assert_eq!(reply.header("content-disposition"), "attachment; filename*=UTF-8''%E6%BD%AE%2Etxt");
    let about = server.get("/v1/documents/a/place?bytes=0-3").json();
    assert_eq!(about, json!({"place": null, "pages": 0, "original": null}));
    server.get("/v1/documents/a/place?bytes=0-99").problem(416);
    server.get("/v1/documents/a/pages/1.png").problem(404);
    server.get("/v1/documents/a/pages/1").problem(400);
    server.get("/v1/documents/a/pages/1.png?scale=9").problem(400);
    assert_eq!(copies(server.folder()), [""; 0]);
}

#[test]
fn no_copy_is_kept_of_a_file_over_the_limit() {
    let server = Server::start_with("[ingest]\nkeep_originals_bytes = 10\n", &[]);
    let page = b"<p>The tide turns at noon.</p>";
    assert_eq!(server.upload("/v1/documents", &[("tides.html", page)]).status, 200);
    assert_eq!(copies(server.folder()), [""; 0]);
    let problem = server.get("/v1/documents/tides.html/original").problem(404);
    assert!(problem["hint"].as_str().unwrap().contains("keep_originals_bytes"), "{problem}");
    let about = server.get("/v1/documents/tides.html/place").json();
    assert_eq!(about["original"]["name"], "tides.html");
}

#[test]
fn a_page_of_a_pdf_is_drawn_and_a_quote_has_its_boxes_on_it() {
    let Some(pdf) = pdf() else { return };
    let server = Server::start(&[]);
    let reply = server.upload("/v1/documents", &[("outlook.pdf", &pdf)]).json();
    assert_eq!(reply["documents"][0]["status"], "added", "{reply}");
    let picture = server.get("/v1/documents/outlook.pdf/pages/1.png?scale=1");
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert!(picture.body.starts_with(b"\x89PNG"));
    let again = server.get("/v1/documents/outlook.pdf/pages/1.png?scale=1");
    assert_eq!(again.body, picture.body);
    let about = server.get("/v1/documents/outlook.pdf/place?bytes=0-40").json();
    let boxed = &about["place"]["boxes"][0];
    assert_eq!((&boxed["page"], &about["original"]["media_type"]), (&json!(1), &json!("application/pdf")));
    // The picture has as many pixels as the page has points.
    let side = |at: usize| u32::from_be_bytes(picture.body[at..at + 4].try_into().unwrap());
    for (at, key) in [(16, "page_width"), (20, "page_height")] {
        assert!((f64::from(side(at)) - boxed[key].as_f64().unwrap()).abs() <= 1.0, "{key}: {boxed}");
    }
    server.get("/v1/documents/outlook.pdf/pages/99.png").problem(404);
    assert_eq!(server.get("/v1/documents/outlook.pdf/original").body, pdf);
}

#[test]
fn a_sheet_is_read_as_a_table_with_the_place_of_each_cell() {
    let server = Server::start(&[]);
    let sheet = std::fs::read(project().join("tests/data/formats/office/zh-tw-libreoffice.xlsx")).unwrap();
    assert_eq!(server.upload("/v1/documents", &[("rates.xlsx", &sheet)]).status, 200);
    let text = server.get("/v1/documents/rates.xlsx/text").text;
    let read = server.get("/v1/documents/rates.xlsx/sheet").json();
    assert_eq!((&read["sheets"], &read["sheet"]), (&json!(["利率"]), &json!("利率")));
    assert_eq!(read["columns"][1], json!({"number": 2, "header": "利率"}));
    let row = &read["rows"][1];
    assert_eq!((&row["number"], &row["cells"][1]["text"]), (&json!(3), &json!("3.50%")));
    for cell in read["rows"].as_array().unwrap().iter().flat_map(|row| row["cells"].as_array().unwrap()) {
        let (start, end) = (cell["bytes"][0][0].as_u64().unwrap(), cell["bytes"][0][1].as_u64().unwrap());
        assert_eq!(text[start as usize..end as usize], *cell["text"].as_str().unwrap());
    }
    let second = server.get("/v1/documents/rates.xlsx/sheet?skip=1&limit=1").json();
    assert_eq!((&second["rows"], &second["skipped"], &second["total"]), (&json!([row]), &json!(1), &read["total"]));
    let at = text.find("3.50%").unwrap();
    let quoted = server.get(&format!("/v1/documents/rates.xlsx/sheet?bytes={at}-{}", at + 5)).json();
    assert_eq!(quoted["rows"], read["rows"], "it begins a little above the quote");
    server.get("/v1/documents/rates.xlsx/sheet?sheet=none").problem(404);
    server.get("/v1/documents/rates.xlsx/sheet?limit=0").problem(400);
    server.get("/v1/documents/rates.xlsx/sheet?bytes=0-99999").problem(416);
    assert_eq!(server.upload("/v1/documents", &[("a.txt", b"The tide turns at noon.")]).status, 200);
    server.get("/v1/documents/a.txt/sheet").problem(404);
}

#[test]
fn a_single_file_that_fails_is_an_error_and_one_of_several_is_not() {
    let server = Server::start(&[]);
    let problem = server.upload("/v1/documents", &[("a.png", b"\x89PNG\r\n\x1a\n")]).problem(422);
    assert!(problem["detail"].as_str().unwrap().contains("a.png") && problem["hint"].is_string(), "{problem}");
    let files: [(&str, &[u8]); 2] = [("a.png", b"\x89PNG\r\n\x1a\n"), ("a.txt", b"The tide turns at noon.")];
    assert_eq!(server.upload("/v1/documents", &files).status, 200);
}
