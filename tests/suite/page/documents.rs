//! Adding and removing documents on the page.

use serde_json::json;

use super::nothing_amiss;
use crate::harness::{Browser, ENTER, ESCAPE, Server};

#[test]
fn a_file_is_uploaded_then_found_then_deleted() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let files =
        [file("bread.txt", b"Bread\n\nBake the loaf at 230 degrees for 40 minutes."), file("bad.md", b"abc \xff")];
    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside a')");
    browser.click("#welcome .aside a");
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &files.join("\n"));
    browser.wait_for("document.querySelector('.results .failed') && document.querySelector('.documents li')");
    assert!(browser.text("document.querySelector('.results .added').innerText").contains("Bread"));
    let failed = browser.text("document.querySelector('.results .failed').innerText");
    assert!(failed.contains("bad.md") && failed.contains("UTF-8"), "{failed}");
    assert_eq!(browser.evaluate("Boolean(document.querySelector('.results .failed .hint'))"), true);
    assert_eq!(server.get("/v1/documents").json()["documents"].as_array().unwrap().len(), 1);

    browser.type_into("#question", &format!("how hot is the oven for the loaf?{ENTER}"));
    browser.wait_for("document.querySelector('.note .quote')");
    assert!(browser.text("document.querySelector('.note .quote').textContent").contains("230 degrees"));

    browser.click("#to-documents");
    browser.wait_for("document.querySelector('.documents li button')");
    browser.click(".documents li button");
    browser.wait_for("document.querySelector('dialog[open] .danger')");
    browser.press(ESCAPE);
    browser.wait_for("!document.querySelector('dialog')");
    assert_eq!(
        server.get("/v1/documents").json()["documents"].as_array().unwrap().len(),
        1,
        "nothing went unconfirmed"
    );
    browser.click(".documents li button");
    browser.wait_for("document.querySelector('dialog[open] .danger')");
    browser.click("dialog .danger");
    browser.wait_for("!document.querySelector('.documents li')");
    assert_eq!(server.get("/v1/documents").json()["documents"], json!([]));
    nothing_amiss(&browser, &server);
}

#[test]
fn a_file_that_is_too_large_does_not_keep_out_those_that_were_sent_with_it() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start_with("[server]\nmax_body_bytes = 100000\n", &[]);
    let folder = tempfile::tempdir().unwrap();
    let files =
        [("large.txt", "sand ".repeat(40_000)), ("small.txt", "A grain of sand.".to_owned())].map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        });
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &files.join("\n"));
    browser.wait_for("document.querySelector('.results .failed') && document.querySelector('.results .added')");
    assert_eq!(browser.text("document.querySelector('.results .failed .name').textContent"), "large.txt");
    let added = browser.text("document.querySelector('.results .added').innerText");
    assert!(added.contains("small"), "{added}");
}

#[test]
fn the_outcomes_of_many_files_are_counted_and_folded() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = |n: usize| {
        let path = folder.path().join(format!("{n}.txt"));
        let bytes = if n == 5 { b"\xff".to_vec() } else { format!("Note {n} is about the sea.").into_bytes() };
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let files: Vec<_> = (0..12).map(file).collect();
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &files.join("\n"));
    browser.wait_for("document.querySelector('.outcomes details')");
    assert_eq!(browser.text("document.querySelector('.outcomes summary').textContent"), "Added: 11 · Failed: 1");
    assert_eq!(browser.text("document.querySelector('.outcomes > .results .name').textContent"), "5.txt");
    assert_eq!(browser.evaluate("document.querySelector('.outcomes details').open"), false);
}
