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
    let files = [
        file("bread.txt", b"Bread\n\nBake the loaf at 230 degrees for 40 minutes."),
        file("bad.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ];
    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside a')");
    browser.click("#welcome .aside a");
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &files.join("\n"));
    browser.wait_for("document.querySelector('.results .failed') && document.querySelector('.documents li')");
    assert!(browser.text("document.querySelector('.results .added').innerText").contains("Bread"));
    let failed = browser.text("document.querySelector('.results .failed').innerText");
    assert!(failed.contains("bad.png") && failed.contains("picture"), "{failed}");
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
        let path = folder.path().join(if n == 5 { "5.png".to_owned() } else { format!("{n}.txt") });
        let bytes = format!("Note {n} is about the sea.");
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let files: Vec<_> = (0..12).map(file).collect();
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &files.join("\n"));
    browser.wait_for("document.querySelector('.outcomes .progress progress[hidden]')");
    assert_eq!(browser.text("document.querySelector('.outcomes summary').textContent"), "Added: 11 · Failed: 1");
    assert_eq!(browser.text("document.querySelector('.outcomes > .results .name').textContent"), "5.png");
    assert_eq!(browser.evaluate("document.querySelector('.outcomes details').open"), false);
}

/// Drops files and a folder on the page. The browser gives a page folders only for real drops, so these stand in for them.
const DROP: &str = "
    const bytes = (text) => new Blob([text]);
    const file = (name, text) => new File([bytes(text)], name);
    const entry = (name, text) => ({ name, isDirectory: false, file: (done) => done(file(name, text)) });
    const folder = (name, ...inside) => ({ name, isDirectory: true, createReader: () => {
        const portions = [inside, []];
        return { readEntries: (done) => done(portions.shift()) };
    } });
    const item = (entry, file) => ({ kind: 'file', webkitGetAsEntry: () => entry, getAsFile: () => file });
    const items = [
        item(folder('desk', folder('2026', entry('a.txt', 'The desk expects rain.'), entry('photo.xyz', 'x')),
            entry('.hidden.txt', 'no'), entry('b.html', '<h1>Tides</h1><p>The tide turns at noon.</p>'))),
        item(entry('c.md', ''), file('c.md', '# Wind\\n\\nThe wind comes from the west.')),
    ];
    const event = new Event('drop', { cancelable: true, bubbles: true });
    event.dataTransfer = { types: ['Files'], items };
    document.body.dispatchEvent(event);
";

#[test]
fn a_dropped_folder_is_walked_and_each_file_of_it_watched() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside a')");
    browser.run(DROP, &json!([]));
    browser.wait_for("document.querySelectorAll('.outcomes li.added').length === 3");
    let names = browser.evaluate("[...document.querySelectorAll('.outcomes .name')].map((name) => name.textContent)");
    assert_eq!(names, json!(["desk/2026/a.txt", "desk/b.html", "c.md"]));
    browser.wait_for("document.querySelectorAll('.documents > li').length === 3");
    nothing_amiss(&browser, &server);
}

#[test]
fn what_was_not_sent_is_cancelled() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..60)
        .map(|n| {
            let path = folder.path().join(format!("{n}.txt"));
            std::fs::write(&path, format!("Note {n} is about the sea.")).unwrap();
            path.display().to_string()
        })
        .collect();
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &paths.join("\n"));
    browser.click(".outcomes .progress button");
    browser.wait_for("document.querySelector('.outcomes .progress progress[hidden]')");
    let count =
        |end: &str| browser.evaluate(&format!("document.querySelectorAll('.outcomes li.{end}').length")).as_u64();
    let (added, cancelled) = (count("added").unwrap(), count("cancelled").unwrap());
    assert_eq!(added + cancelled, 60);
    assert!(cancelled > 0);
    let stored = server.get("/v1/documents").json()["total"].as_u64().unwrap();
    assert!((added..=added + 2).contains(&stored), "the server finishes what it has received, and no more: {stored}");
}

#[test]
fn documents_are_searched_sorted_selected_and_deleted_together() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    for (name, text) in
        [("tides.txt", "Tides turn."), ("wind.md", "# Wind\n\nIt blows."), ("page.html", "<p>A page.</p>")]
    {
        assert_eq!(server.upload("/v1/documents", &[(name, text.as_bytes())]).status, 200);
    }
    browser.open(&format!("{}/#documents", server.url));
    let rows = "[...document.querySelectorAll('.documents h3')].map((row) => row.textContent).join()";
    let titles = |expected: &str| browser.wait_for(&format!("{rows} === '{expected}'"));
    browser.wait_for("document.querySelectorAll('.documents > li').length === 3");
    browser.run("const sort = document.querySelector('.finding [name=sort]'); sort.value = 'title'; sort.dispatchEvent(new Event('change'))", &json!([]));
    browser.wait_for(&format!("{rows}.startsWith('page')"));
    browser.type_into(".finding [name=q]", "WIND");
    titles("Wind");
    browser.run(
        "const q = document.querySelector('.finding [name=q]'); q.value = ''; q.dispatchEvent(new Event('input'))",
        &json!([]),
    );
    browser.wait_for("document.querySelectorAll('.documents > li').length === 3");
    browser.click(".finding summary");
    browser.run("const type = document.querySelector('.finding [name=format]'); type.value = 'html'; type.dispatchEvent(new Event('change'))", &json!([]));
    browser.wait_for("document.querySelectorAll('.documents > li').length === 1");
    browser.run("const type = document.querySelector('.finding [name=format]'); type.value = ''; type.dispatchEvent(new Event('change'))", &json!([]));
    browser.wait_for("document.querySelectorAll('.documents > li').length === 3");
    browser.click(".documents > li:nth-child(1) input");
    browser.click(".documents > li:nth-child(2) input");
    browser.click(".selecting button");
    browser.wait_for("document.querySelector('dialog[open] .danger')");
    browser.click("dialog .danger");
    browser.wait_for("document.querySelectorAll('.documents > li').length === 1");
    assert_eq!(server.get("/v1/documents").json()["total"], 1);
    nothing_amiss(&browser, &server);
}

#[test]
fn a_collection_is_made_filled_and_deleted() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('.kept button')");
    browser.click(".kept button");
    browser.wait_for("document.querySelector('dialog[open] input')");
    browser.type_into("dialog input", &format!("news{ENTER}"));
    browser.wait_for("document.querySelector('#collection').value === 'news'");
    browser.wait_for("document.querySelector('.kept .danger')");
    assert_eq!(server.get("/v1/collections").json()["collections"].as_array().unwrap().len(), 2);
    browser.click(".kept .danger");
    browser.wait_for("document.querySelector('dialog[open] .danger')");
    browser.click("dialog .danger");
    browser.wait_for("document.querySelector('#picker').hidden && !document.querySelector('.kept .danger')");
    assert_eq!(server.get("/v1/collections").json()["collections"].as_array().unwrap().len(), 1);
}

#[test]
fn what_another_tab_has_sent_is_shown_until_it_is_added() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let documents: Vec<_> = (0..900)
        .map(|n| json!({"id": n.to_string(), "text": format!("Note {n} is about the sea, its tides and its ships. ").repeat(8)}))
        .collect();
    let body = json!({"documents": documents}).to_string();
    let headers = [("Content-Type", "application/json"), ("Prefer", "respond-async")];
    assert_eq!(server.send("POST", "/v1/documents", &headers, body.as_bytes()).status, 202);
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('.jobs progress')");
    assert!(browser.text("document.querySelector('.jobs').innerText").contains("of 900 files"));
    browser.click(".jobs button");
    browser.wait_for("!document.querySelector('.jobs progress')");
    let stored = server.get("/v1/documents").json()["total"].as_u64().unwrap();
    assert!(stored < 900, "the rest was cancelled: {stored}");
    nothing_amiss(&browser, &server);
}
