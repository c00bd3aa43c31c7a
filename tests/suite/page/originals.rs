//! Real documents on the page: a quote marked on the picture of its page, many kinds of files at once.

use std::path::{Path, PathBuf};

use super::{ANSWERED, encoded, nothing_amiss};
use crate::harness::{Browser, ENTER, Server, project};

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
    browser.wait_for("document.querySelector('.panel mark')");
    let marked = browser.text("document.querySelector('.panel mark').textContent");
    assert!(text.contains(&marked) && marked.len() > 20, "{marked}");
    browser.click(".tools [aria-pressed=false]");
    browser.wait_for("document.querySelector('.sheet .spot')");
    nothing_amiss(&browser, &server);
}

/// A file of each kind, below a folder.
const KINDS: [&str; 14] = [
    "pdf/en-two-columns-chromium.pdf",
    "office/zh-tw-libreoffice.docx",
    "office/training-python-pptx.pptx",
    "office/sales-xlsxwriter.xlsx",
    "office/rules-odfpy.odt",
    "office/zh-tw-libreoffice.rtf",
    "office/stations.csv",
    "web/en-mkdocs.html",
    "epub/zh-tw-pandoc.epub",
    "mail/ko-euc-kr-quoted-printable.eml",
    "json/articles.jsonl",
    "subtitles/harbour.srt",
    "markup/ecb.rst",
    "text/zh-tw.big5.txt",
];

#[test]
fn a_folder_of_many_kinds_is_dropped_watched_asked_and_quoted_on_a_page() {
    let Some(browser) = Browser::start() else { return };
    if !has_pdfium() {
        return println!("PDFium is not in models/, so that no PDF is read");
    }
    let server = Server::start(&[]);
    let dropped = tempfile::tempdir().unwrap();
    let folder = dropped.path().join("desk");
    let mut names = Vec::new();
    for kind in KINDS {
        let below = Path::new("desk").join(kind);
        std::fs::create_dir_all(dropped.path().join(&below).parent().unwrap()).unwrap();
        std::fs::copy(samples().join(kind), dropped.path().join(&below)).unwrap();
        names.push(below.display().to_string());
    }
    // Not documents: left out, as in a folder on the command line.
    std::fs::write(folder.join("photo.jpg"), b"\xff\xd8\xff").unwrap();
    std::fs::write(folder.join(".hidden.txt"), "hidden").unwrap();
    names.sort();

    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside a')");
    browser.drop_files(&[&folder]);
    browser.wait_for("document.querySelector('.outcomes .progress progress[hidden]')");
    let shown = "[...document.querySelectorAll('.outcomes .name')].map((name) => name.textContent).sort()";
    assert_eq!(browser.evaluate(shown), serde_json::json!(names));
    let ends = "[...document.querySelectorAll('.outcomes li')].filter((row) => !row.classList.contains('added'))";
    assert_eq!(browser.text(&format!("{ends}.map((row) => row.innerText).join()")), "");
    let counted = browser.text("document.querySelector('.outcomes > details > summary').textContent");
    assert_eq!(counted, format!("Added: {}", names.len()));

    // A sentence that only the PDF has.
    browser.type_into("#question", &format!("over what distance can copper carry the data?{ENTER}"));
    browser.wait_for("document.querySelector('.note .quote')");
    assert!(browser.text("document.querySelector('.note .quote').textContent").contains("opper"));
    assert!(browser.text("document.querySelector('.note .facts').innerText").contains("page 1"));
    browser.click("a.mark");
    browser
        .wait_for("document.querySelector('.sheet img')?.naturalWidth > 500 && document.querySelector('.sheet .spot')");
    nothing_amiss(&browser, &server);
}

#[test]
fn a_quoted_cell_is_marked_in_its_sheet() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let sheet = std::fs::read(samples().join("office/sales-xlsxwriter.xlsx")).unwrap();
    assert_eq!(server.upload("/v1/documents", &[("sales.xlsx", &sheet)]).status, 200);
    browser.open(&format!("{}/?q={}", server.url, encoded("who pays for the return shipment?")));
    browser.wait_for(ANSWERED);
    browser.click("a.mark");
    browser.wait_for("document.querySelector('.cells td.quoted mark')");
    let marked =
        browser.text("[...document.querySelectorAll('.cells mark')].map((mark) => mark.textContent).join(' ')");
    assert!(marked.contains("The seller, if the pump fails within thirty days."), "{marked}");
    let row = browser.text("document.querySelector('.cells td.quoted').parentElement.querySelector('th').textContent");
    assert_eq!(row, "3");
    assert_eq!(browser.evaluate("document.documentElement.scrollTop"), 0, "only the panel is scrolled");
    // Another sheet, then the text.
    browser.run(
        "const of = document.querySelector('.turning select'); of.selectedIndex = 0; of.dispatchEvent(new Event('change'))",
        &serde_json::json!([]),
    );
    browser.wait_for("!document.querySelector('.cells td.quoted') && document.querySelector('.cells td')");
    browser.click(".tools [aria-pressed=false]");
    browser.wait_for("document.querySelector('.text mark')");
    nothing_amiss(&browser, &server);
}
