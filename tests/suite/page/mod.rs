//! The web page, in a real browser, with the real program and model.

mod asking;
mod documents;
mod feedback;
mod originals;
mod reading;
mod results;
mod writing;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::json;

use crate::harness::{Browser, Server, project};

const QUESTION: &str = "who expects the Fed to cut in 2026";
const QUOTE: &str = "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼,時間落在3月、6月與9月。";
const ANSWERED: &str = "document.querySelector('.said')";
const MARKED: &str = "document.querySelector('.panel mark')";

/// A server with the example corpus, shared by tests that only read, and stopped after the last of them.
fn examples() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::start(&[]));
        let mut files: Vec<_> =
            std::fs::read_dir(project().join("examples/corpus")).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            assert_eq!(server.upload("/v1/documents", &[(&name, &std::fs::read(&file).unwrap())]).status, 200);
        }
        *shared = Arc::downgrade(&server);
        server
    })
}

/// Percent-encodes text for a query or a path.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Checks that the console is empty and that the page sent requests to `server` only.
#[track_caller]
fn nothing_amiss(browser: &Browser, server: &Server) {
    let log = browser.log();
    assert!(log.is_empty(), "{log:#?}");
    for request in browser.requests() {
        let within = request.strip_prefix("blob:").unwrap_or(&request);
        assert!(within.starts_with(&server.url) || request.starts_with("data:"), "{request}");
    }
}

fn focused(browser: &Browser) -> String {
    browser.text("document.activeElement.id || document.activeElement.className || document.activeElement.tagName")
}

#[test]
fn every_page_has_its_type_and_a_policy_and_is_cached() {
    let server = examples();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/documents/a%2Fb?collection=x", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/page/page.js", "text/javascript; charset=utf-8"),
        ("/page/page.css", "text/css; charset=utf-8"),
        ("/page/icon.svg", "image/svg+xml"),
    ] {
        let reply = server.get(path);
        assert_eq!((reply.status, reply.header("content-type")), (200, kind), "{path}");
        let policy = reply.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(server.get_with(path, &[("If-None-Match", reply.header("etag"))]).status, 304, "{path}");
    }
    server.get("/page/none.js").problem(404);
    server.send("POST", "/", &[], b"").problem(405);
}

#[test]
fn the_page_is_in_the_language_that_the_browser_prefers_or_that_was_chosen() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let (language, ask) = ("document.documentElement.lang", "document.querySelector('#ask button').textContent");
    for (preferred, spoken, word) in [
        ("zh-TW,en", "zh-Hant", "提問"),
        ("zh-HK", "zh-Hant", "提問"),
        ("zh-CN,zh-TW", "zh-Hans", "提问"),
        ("zh-Hans-HK", "zh-Hans", "提问"),
        ("de-DE,de,zh", "zh-Hans", "提问"),
        ("fr", "en", "Ask"),
    ] {
        browser.prefer_languages(preferred);
        browser.open(&server.url);
        browser.wait_for(&format!("{language} === '{spoken}'"));
        assert_eq!(browser.text(ask), word, "{preferred}");
    }
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for(ANSWERED);
    browser.run(
        "const of = document.querySelector('#language'); of.value = 'zh-Hans'; of.dispatchEvent(new Event('change'))",
        &json!([]),
    );
    browser.wait_for("document.querySelector('.certainty').innerText.includes('置信度')");
    assert_eq!(browser.text(&format!("{ANSWERED}.firstChild.data")), QUOTE);
    browser.open(&format!("{}/docs", server.url));
    browser.wait_for(&format!("{language} === 'zh-Hans' && document.querySelector('.operation')"));
    nothing_amiss(&browser, &server);
}

#[test]
fn the_api_reference_shows_every_operation() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let api = server.get("/openapi.json").json();
    let operations: usize =
        api["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    browser.open(&format!("{}/docs", server.url));
    browser.wait_for("document.querySelector('.operation')");
    assert_eq!(browser.evaluate("document.querySelectorAll('.operation .command').length"), operations);
    let ask = browser.text("document.querySelector('#ask').innerText");
    for words in ["/v1/ask", "answerable", "in any language"] {
        assert!(ask.to_lowercase().contains(&words.to_lowercase()), "{words}: {ask}");
    }
    let line = browser.text("document.querySelector('#ask .command pre').textContent");
    assert!(
        line.starts_with(&format!("curl -s {}/v1/ask -H \"Authorization: Bearer $FOOTNOTE_API_KEY\" -H 'Content-Type: application/json' -d '{{", server.url)),
        "{line}"
    );
    browser.open("about:blank");
    browser.open(&format!("{}/docs#100%", server.url));
    browser.wait_for("document.querySelector('.operation')");
    nothing_amiss(&browser, &server);
}

#[test]
fn nothing_scrolls_sideways_on_a_phone() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let id = server.get("/v1/documents").json()["documents"][0]["id"].as_str().unwrap().to_owned();
    let pages = [
        ("/".to_owned(), "document.querySelector('#welcome .aside')"),
        (format!("/?q={}&source=none", encoded("a word of nothing")), "document.querySelector('.unanswered')"),
        (format!("/?q={}", encoded(QUESTION)), ANSWERED),
        (format!("/documents/{id}#bytes=0-0"), "document.querySelector('.text')"),
        ("/#documents".to_owned(), "document.querySelector('.documents li')"),
        ("/docs".to_owned(), "document.querySelector('.operation')"),
    ];
    for width in [320, 390] {
        browser.resize(width, 844);
        for (path, there) in &pages {
            browser.open("about:blank");
            browser.open(&format!("{}{path}", server.url));
            browser.wait_for(there);
            let widest = "Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll('.body')].map((body) => body.scrollWidth))";
            assert_eq!(browser.evaluate(widest), width, "{path}");
        }
    }
}

/// `cargo test --release --test suite -- --ignored screenshots` writes them into examples/screenshots, with the machine's
/// fonts. `pngquant --ext .png --force examples/screenshots/*.png` then makes them small.
#[test]
#[ignore = "writes into the project"]
fn screenshots() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let folder: &Path = &project().join("examples/screenshots");
    std::fs::create_dir_all(folder).unwrap();
    let shoot = |name: &str| std::fs::write(folder.join(name), browser.screenshot()).unwrap();
    for (device, width, height) in [("desk", 1280, 800), ("phone", 390, 844)] {
        browser.resize(width, height);
        browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
        browser.wait_for(ANSWERED);
        browser.run("document.activeElement.blur()", &json!([]));
        browser.wait_for("document.getAnimations().length === 0");
        shoot(&format!("answer-{device}.png"));
        browser.click("a.mark");
        browser.wait_for(MARKED);
        shoot(&format!("document-{device}.png"));
    }
    let server = Server::start(&[]);
    let pdf = std::fs::read(project().join("tests/data/formats/pdf/en-two-columns-chromium.pdf")).unwrap();
    assert_eq!(server.upload("/v1/documents", &[("articles.pdf", &pdf)]).status, 200);
    browser.resize(1280, 800);
    let question = "how far can copper carry the data?";
    browser.open(&format!("{}/?q={}", server.url, encoded(question)));
    browser.wait_for(ANSWERED);
    browser.click("a.mark");
    browser.wait_for("document.querySelector('.sheet .spot')");
    shoot("page-desk.png");
}
