//! Real documents on the page: a quote marked on the picture of its page, many kinds of files at once.

use std::path::{Path, PathBuf};

use super::{ANSWERED, encoded, nothing_amiss};
use crate::harness::{Browser, Server, project};

/// Whether PDFium is installed beside the model.
fn has_pdfium() -> bool {
    let installed = std::fs::read_dir(project().join("models")).unwrap();
    installed.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("pdfium-"))
}

fn samples() -> PathBuf {
    project().join("tests/data/formats")
}

#[test]
fn a_quote_is_marked_on_the_picture_of_its_page() {
    let Some(browser) = Browser::start() else { return };
    if !has_pdfium() {
        return println!("PDFium is not in models/, so that no PDF is read");
    }
    let server = Server::start(&[]);
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &samples().join("pdf/en-two-columns-chromium.pdf").display().to_string());
    browser.wait_for("document.querySelector('.outcomes li.added')");
    let text = server.get("/v1/documents/en-two-columns-chromium.pdf/text").text;
    let sentence =
        text.split(". ").find(|sentence| (60..200).contains(&sentence.len()) && !sentence.contains('\n')).unwrap();
    browser.open("about:blank");
    browser.open(&format!("{}/?q={}", server.url, encoded(sentence)));
    browser.wait_for(ANSWERED);
    assert!(browser.text("document.querySelector('.note .facts').innerText").contains("page 1"));
    browser.click("a.mark");
    browser
        .wait_for("document.querySelector('.sheet img')?.naturalWidth > 500 && document.querySelector('.sheet .spot')");
    // Each box lies on the picture, and under each there is ink.
    let outside = browser.evaluate(
        "(() => { const sheet = document.querySelector('.sheet img').getBoundingClientRect();
            return [...document.querySelectorAll('.spot')].map((box) => box.getBoundingClientRect()).filter((box) =>
                box.left < sheet.left || box.right > sheet.right || box.top < sheet.top || box.bottom > sheet.bottom ||
                box.width < 5 || box.height < 4).map((box) => JSON.stringify([box, sheet])).join(); })()",
    );
    assert_eq!(outside, "");
    let dark = browser.evaluate(
        "(() => { const image = document.querySelector('.sheet img');
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const pen = canvas.getContext('2d', { willReadFrequently: true });
            pen.drawImage(image, 0, 0);
            return [...document.querySelectorAll('.spot')].every(({ style }) => {
                const part = (of, whole) => Math.round(parseFloat(of) / 100 * whole);
                const { data } = pen.getImageData(part(style.left, canvas.width), part(style.top, canvas.height),
                    part(style.width, canvas.width), part(style.height, canvas.height));
                return data.some((value, at) => at % 4 === 0 && value < 100);
            }); })()",
    );
    assert_eq!(dark, true);
    browser.click(".tools [aria-pressed=false]");
    browser.wait_for("document.querySelector('mark')");
    let marked = browser.text("document.querySelector('mark').textContent");
    assert!(text.contains(&marked) && marked.len() > 20, "{marked}");
    browser.click(".tools [aria-pressed=false]");
    browser.wait_for("document.querySelector('.sheet .spot')");
    nothing_amiss(&browser, &server);
}

#[test]
fn files_of_many_kinds_are_added_together() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let kinds =
        ["html", "eml", "mbox", "epub", "json", "jsonl", "srt", "vtt", "rst", "org", "tex", "adoc", "txt", "md", "zip"];
    let mut files: Vec<String> = Vec::new();
    for folder in std::fs::read_dir(samples()).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        files.extend(kinds.iter().filter_map(|kind| first_of(&folder.path(), kind)));
    }
    assert!(files.len() >= 8, "{files:?}");
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelector('#files')");
    browser.type_into("#files", &files.join("\n"));
    browser.wait_for("document.querySelector('.outcomes .progress progress[hidden]')");
    let failed =
        browser.text("[...document.querySelectorAll('.outcomes li.failed')].map((row) => row.innerText).join()");
    assert_eq!(failed, "");
    assert!(browser.evaluate("document.querySelectorAll('.outcomes li.added').length").as_u64().unwrap() >= 8);
    browser.wait_for("document.querySelectorAll('.documents > li').length >= 8");
    nothing_amiss(&browser, &server);
}

/// The first file of this kind in a folder, but for those that are explanations.
fn first_of(folder: &Path, kind: &str) -> Option<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let is_wanted =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == kind) && !path.ends_with("SOURCES.md");
    files.into_iter().find(is_wanted).map(|path| path.display().to_string())
}
