//! A document beside the answer: its text around a citation, and never its markup.

use serde_json::{Value, json};

use super::{MARKED, encoded, nothing_amiss};
use crate::harness::{Browser, Server};

/// A text of about 900 kB: 200 lines of a few words and much space.
fn tides() -> String {
    let line = |n: usize| format!("第{n}行:海面平靜。{}", "\u{3000}".repeat(1500));
    (0..200).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_address_shows_its_bytes_of_a_large_text_and_little_around_them() {
    let Some(browser) = Browser::start() else { return };
    let unbroken = tides().replace('\n', " ");
    let server = Server::start(&[("tides", &tides()), ("unbroken", &unbroken), ("small", "一二三四五")]);
    let (text, quote) = (tides(), "第100行:海面平靜。");
    let start = text.find(quote).unwrap();
    let address = format!("{}/documents/tides#bytes={start}-{}", server.url, start + quote.len());
    browser.open(&address);
    browser.wait_for(MARKED);
    assert_eq!(browser.text(&format!("{MARKED}.textContent")), quote);
    let seen =
        format!("{MARKED}.getBoundingClientRect().top > 0 && {MARKED}.getBoundingClientRect().bottom < innerHeight");
    assert_eq!(browser.evaluate(&seen), true);
    let drawn = || browser.text("document.querySelector('.text').textContent");
    let around = drawn();
    assert!(text.contains(&around) && around.len() < 40_000, "{}", around.len());

    browser.click(".edge:last-child button");
    browser.wait_for(&format!("document.querySelector('.text').textContent.length > {}", around.chars().count()));
    assert!(text.contains(&drawn()) && drawn().starts_with(&around));
    browser.click(".edge:first-child button");
    browser.wait_for("document.querySelector('.text').childElementCount === 3");
    assert!(text.contains(&drawn()) && drawn().contains(&around));
    browser.click(".edge button + button");
    browser.wait_for("!document.querySelector('.edge')");
    assert!(drawn() == text, "the page shows another text than the stored one");
    assert_eq!(browser.text(&format!("{MARKED}.textContent")), quote);

    let start = unbroken.find(quote).unwrap();
    browser.open(&format!("{}/documents/unbroken#bytes={start}-{}", server.url, start + quote.len()));
    browser.wait_for(MARKED);
    browser.click(".edge:last-child button");
    browser.wait_for("document.querySelector('.text').childElementCount === 2");
    browser.click(".edge:first-child button");
    browser.wait_for("document.querySelector('.text').childElementCount === 3");
    assert!(unbroken.contains(&drawn()), "parts of one line are joined without a break");
    assert_eq!(browser.evaluate("document.querySelectorAll('.lines').length"), 0);

    browser.open(&format!("{}/documents/small#bytes=4-8", server.url));
    browser.wait_for(MARKED);
    assert_eq!(browser.text(&format!("{MARKED}.textContent")), "二三", "part of a character selects all of it");
    browser.open(&format!("{}/documents/small#bytes=9-99", server.url));
    browser.wait_for("document.querySelector('.panel [role=note]')");
    assert_eq!(drawn(), "一二三四五");
}

/// Markup and script of the kinds that are known to run where they should not.
const HOSTILE: &str = "</title></textarea><script>window.ran=1</script><img src=x onerror=\"window.ran=1\">\
    <svg onload=\"window.ran=1\"><iframe srcdoc='<script>parent.ran=1</script>'></iframe><base href='https://example.com/'>\
    <a href=\"javascript:window.ran=1\">go</a><style>*{display:none}</style><form action='https://example.com/'>\
    <meta http-equiv=refresh content='0;url=https://example.com/'><link rel=stylesheet href='https://example.com/x.css'>\
    \u{202e}{{ran=1}}${ran=1}";

#[test]
fn markup_and_script_in_a_document_are_shown_as_text_and_never_run() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let text = format!("The lighthouse keeper is {HOSTILE}, they say. The lighthouse is {HOSTILE}.");
    let document = json!({"id": HOSTILE, "title": HOSTILE, "source": HOSTILE, "uri": "javascript:window.ran=1",
        "text": text, "language": "en", "tags": [HOSTILE], "published": "2026-01-31"});
    let other = json!({"id": "...", "text": text, "format": "markdown", "uri": "https://example.com/\"onclick=ran=1"});
    let reply = server.post("/v1/documents", &json!({"documents": [document, other]}));
    assert_eq!(reply.json()["documents"][0]["status"], "added", "{}", reply.text);
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("<img src=x onerror=window.ran=1>.png");
    std::fs::write(&named, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();

    let harmless = || {
        assert_eq!(browser.evaluate("window.ran === undefined"), true);
        let made = "document.querySelectorAll('img, svg, iframe, base, meta[http-equiv], body script, body style, body link, form[action*=example], [onerror], [onload], [onclick], a[href^=\"javascript:\"]').length";
        assert_eq!(browser.evaluate(made), 0);
        assert_eq!(browser.evaluate("getComputedStyle(document.body).display"), "block");
        nothing_amiss(&browser, &server);
    };
    browser.open(&format!("{}/?q={}", server.url, encoded(&format!("lighthouse {HOSTILE}"))));
    browser.wait_for("document.querySelector('.note')");
    let titles = browser.evaluate("[...document.querySelectorAll('.note h3')].map((title) => title.textContent)");
    let shown = |title: &Value| title.as_str().is_some_and(|title| title.starts_with(&HOSTILE[..100]));
    assert!(titles.as_array().unwrap().iter().any(shown), "{titles}");
    harmless();
    browser.open(&format!("{}/documents/{}#bytes=4-40", server.url, encoded(HOSTILE)));
    browser.wait_for(MARKED);
    assert_eq!(browser.text("document.querySelector('.text').textContent"), text);
    assert_eq!(browser.text("document.querySelector('.uri').textContent"), "javascript:window.ran=1");
    assert_eq!(browser.evaluate("document.querySelectorAll('.uri a').length"), 0);
    harmless();
    browser.open(&format!("{}/#documents", server.url));
    browser.wait_for("document.querySelectorAll('.documents li').length === 2");
    browser.type_into("#files", &named.display().to_string());
    browser.wait_for("document.querySelector('.results .failed')");
    assert!(browser.text("document.querySelector('.results .name').textContent").starts_with("<img src=x"));
    harmless();

    // If the page ever made this mistake, the browser would refuse it.
    for careless in [
        "document.body.innerHTML = '<img src=x onerror=window.ran=1>'",
        "document.createElement('script').text = 'window.ran=1'",
    ] {
        let refused = format!("try {{ {careless}; return false }} catch {{ return true }}");
        assert_eq!(browser.run(&refused, &json!([])), true, "{careless}");
    }
}
