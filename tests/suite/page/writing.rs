//! Answers that a language model writes or translates, on the page.

use super::{encoded, nothing_amiss};
use crate::harness::chat_server::{ChatServer, stream};
use crate::harness::{Browser, Server};

const FED: &str = "# 市場展望\n\n通膨持續降溫。陸以寧預期聯準會2026年將降息三次,每次一碼。美元因此走弱。\n";
const QUESTION: &str = "Who expects the Fed to cut in 2026?";
const TRANSLATION: &str = "Lu Yi-ning expects the Fed to cut rates three times in 2026, by 25 basis points each time.";

#[test]
fn a_reader_chooses_the_mode_and_sees_the_translation_beside_the_original() {
    let Some(browser) = Browser::start() else { return };
    let model = ChatServer::start();
    let settings = format!("[writer]\nurl = \"{}\"\nmodel = \"tiny\"\n", model.url);
    let server = Server::start_with(&settings, &[("fed", FED)]);
    model.play(|_, connection| stream(connection, &[TRANSLATION]));
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for("document.querySelector('.said') && !document.querySelector('#modes').hidden");
    assert!(browser.text("document.querySelector('.said').textContent").contains("陸以寧"));
    assert!(model.received().is_empty(), "quoting sends nothing");
    browser.run(
        "const mode = document.querySelector('#mode'); mode.value = 'translate'; mode.dispatchEvent(new Event('change'));",
        &serde_json::json!([]),
    );
    browser.wait_for("document.querySelector('.original') && document.querySelector('.certainty')");
    assert!(browser.text("location.search").ends_with("&mode=translate"));
    assert!(browser.text("document.querySelector('.said').textContent").starts_with(TRANSLATION));
    assert!(browser.text("document.querySelector('.original').textContent").contains("陸以寧"));
    assert_eq!(browser.text("document.querySelector('.original').lang"), "zh-Hant");
    assert!(browser.text("document.querySelector('.certainty').innerText").contains("translated by tiny"));
    model.play(|_, connection| stream(connection, &["Someone else expects nine cuts in 2031."]));
    browser.open(&format!("{}/?q={}&mode=translate", server.url, encoded(QUESTION)));
    browser.wait_for("document.querySelector('#answer .aside')");
    assert!(browser.text("document.querySelector('.said').textContent").contains("陸以寧"), "the quote stands alone");
    assert_eq!(browser.evaluate("document.querySelectorAll('.original').length"), 0);
    nothing_amiss(&browser, &server);
}
