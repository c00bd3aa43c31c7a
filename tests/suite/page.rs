//! The web page, in a real browser over the real program and model. Without Chromium and chromedriver on the PATH each
//! test that needs them says that it was skipped.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};

use crate::harness::{Browser, ENTER, ESCAPE, Server, TAB, project};

const QUESTION: &str = "who expects the Fed to cut in 2026";
const QUOTE: &str = "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼,時間落在3月、6月與9月。";
const ANSWERED: &str = "document.querySelector('.said')";
const MARKED: &str = "document.querySelector('mark')";

/// A server with the example corpus, for tests that only read, alive while any of them is.
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

/// Percent-encodes for a query or a path.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Checks that nothing went wrong in the page and that it asked nobody but `server`.
#[track_caller]
fn nothing_amiss(browser: &Browser, server: &Server) {
    let log = browser.log();
    assert!(log.is_empty(), "{log:#?}");
    for request in browser.requests() {
        assert!(request.starts_with(&server.url) || request.starts_with("data:"), "{request}");
    }
}

fn focused(browser: &Browser) -> String {
    browser.text("document.activeElement.id || document.activeElement.className || document.activeElement.tagName")
}

#[test]
fn every_page_comes_with_its_type_and_a_policy_and_is_not_sent_twice() {
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
fn a_question_is_answered_and_its_footnote_opens_the_document_at_the_quote() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside')");
    assert_eq!(focused(&browser), "question");
    browser.type_into("#question", &format!("{QUESTION}{ENTER}"));
    browser.wait_for(ANSWERED);
    assert_eq!(browser.text("location.search"), "?q=who+expects+the+Fed+to+cut+in+2026");
    assert_eq!(browser.text(&format!("{ANSWERED}.firstChild.data")), QUOTE);
    assert_eq!(browser.text(&format!("{ANSWERED}.lang")), "zh-Hant");
    assert_eq!(browser.text("document.querySelector('.note .quote').textContent"), QUOTE);
    assert!(browser.text("document.querySelector('.certainty').innerText").contains('%'));

    browser.click("a.mark");
    browser.wait_for(MARKED);
    let asked = server.post("/v1/ask", &json!({"question": QUESTION})).json();
    let cited = &asked["citations"][0];
    assert_eq!(browser.text(&format!("{MARKED}.textContent")), cited["quote"].as_str().unwrap());
    let (id, span) = (cited["document"]["id"].as_str().unwrap(), &cited["span"]["bytes"]);
    let address = format!("/documents/{id}?collection=default#bytes={}-{}", span[0], span[1]);
    assert_eq!(browser.text("location.pathname + location.search + location.hash"), address);
    assert_eq!(
        browser.text("document.querySelector('.panel h2').textContent"),
        cited["document"]["title"].as_str().unwrap()
    );
    assert!(browser.text("document.querySelector('.panel .facts').innerText").contains("潮間帶財經"));
    let stored = server.get(&format!("/v1/documents/{id}/text")).text;
    assert_eq!(browser.text("document.querySelector('.text').textContent"), stored);

    browser.run("history.back()", &json!([]));
    browser.wait_for("document.querySelector('#panel').hidden");
    assert_eq!(browser.text(&format!("{ANSWERED}.firstChild.data")), QUOTE, "the answer is still there");
    nothing_amiss(&browser, &server);
}

#[test]
fn what_the_documents_do_not_answer_is_said_plainly_over_the_nearest_passages() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&format!("{}/?q={}", server.url, encoded("What is TSMC's revenue forecast for 2026?")));
    browser.wait_for("document.querySelector('.unanswered') && document.querySelector('.note')");
    assert_eq!(browser.evaluate("document.querySelectorAll('.said, a.mark').length"), 0);
    browser.open(&format!("{}/?q=rates&source={}", server.url, encoded("朝凪経済")));
    browser.wait_for("document.querySelector('.note')");
    let sources =
        browser.evaluate("[...document.querySelectorAll('.note .fact:first-child')].map((fact) => fact.textContent)");
    assert!(sources.as_array().unwrap().iter().all(|source| source == "朝凪経済"), "{sources}");
    browser.open(&format!("{}/?q=rates&collection=none", server.url));
    browser.wait_for("document.querySelector('#answer .problem .hint')");
    assert_eq!(browser.text("document.querySelector('.problem .detail').textContent"), "no collection `none`");
}

/// A text of some 900 kB, 200 lines of few words and much space.
fn tides() -> String {
    let line = |n: usize| format!("第{n}行:海面平靜。{}", "\u{3000}".repeat(1500));
    (0..200).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_address_shows_its_bytes_of_a_large_text_and_little_else() {
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
    assert!(drawn() == text, "the whole text is not the stored one");
    assert_eq!(browser.text(&format!("{MARKED}.textContent")), quote);

    let start = unbroken.find(quote).unwrap();
    browser.open(&format!("{}/documents/unbroken#bytes={start}-{}", server.url, start + quote.len()));
    browser.wait_for(MARKED);
    browser.click(".edge:last-child button");
    browser.wait_for("document.querySelector('.text').childElementCount === 2");
    browser.click(".edge:first-child button");
    browser.wait_for("document.querySelector('.text').childElementCount === 3");
    assert!(unbroken.contains(&drawn()), "parts of one line run on");
    assert_eq!(browser.evaluate("document.querySelectorAll('.lines').length"), 0);

    browser.open(&format!("{}/documents/small#bytes=4-8", server.url));
    browser.wait_for(MARKED);
    assert_eq!(browser.text(&format!("{MARKED}.textContent")), "二三", "a part of a character means the whole of it");
    browser.open(&format!("{}/documents/small#bytes=9-99", server.url));
    browser.wait_for("document.querySelector('.panel [role=note]')");
    assert_eq!(drawn(), "一二三四五");
}

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

/// Markup and script of every kind that has ever run where it should not.
const HOSTILE: &str = "</title></textarea><script>window.ran=1</script><img src=x onerror=\"window.ran=1\">\
    <svg onload=\"window.ran=1\"><iframe srcdoc='<script>parent.ran=1</script>'></iframe><base href='https://example.com/'>\
    <a href=\"javascript:window.ran=1\">go</a><style>*{display:none}</style><form action='https://example.com/'>\
    <meta http-equiv=refresh content='0;url=https://example.com/'><link rel=stylesheet href='https://example.com/x.css'>\
    \u{202e}{{ran=1}}${ran=1}";

#[test]
fn what_a_document_says_is_shown_as_text_and_nothing_of_it_runs() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let text = format!("The lighthouse keeper is {HOSTILE}, they say. The lighthouse is {HOSTILE}.");
    let document = json!({"id": HOSTILE, "title": HOSTILE, "source": HOSTILE, "uri": "javascript:window.ran=1",
        "text": text, "language": "en", "tags": [HOSTILE], "published": "2026-01-31"});
    let other = json!({"id": "..", "text": text, "format": "markdown", "uri": "https://example.com/\"onclick=ran=1"});
    let reply = server.post("/v1/documents", &json!({"documents": [document, other]}));
    assert_eq!(reply.json()["documents"][0]["status"], "added", "{}", reply.text);
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("<img src=x onerror=window.ran=1>.txt");
    std::fs::write(&named, b"\xff").unwrap();

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

    // Were the page ever to err, the browser would refuse.
    for careless in [
        "document.body.innerHTML = '<img src=x onerror=window.ran=1>'",
        "document.createElement('script').text = 'window.ran=1'",
    ] {
        let refused = format!("try {{ {careless}; return false }} catch {{ return true }}");
        assert_eq!(browser.run(&refused, &json!([])), true, "{careless}");
    }
}

#[test]
fn a_footnote_is_reached_and_opened_by_keyboard_alone() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&server.url);
    browser.wait_for("document.activeElement.id === 'question'");
    for key in QUESTION.chars().chain([ENTER]) {
        browser.press(key);
    }
    browser.wait_for(ANSWERED);
    let on_mark = "document.activeElement.matches('a.mark')";
    let steps = (1..=8).find(|_| {
        browser.press(TAB);
        browser.evaluate(on_mark) == json!(true)
    });
    assert!(steps.is_some(), "the focus is on {}", focused(&browser));
    let outline = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.text(outline), "solid", "the focus is seen");
    browser.press(ENTER);
    browser.wait_for(MARKED);
    browser.wait_for("document.activeElement.id === 'panel-title'");
    browser.press(ESCAPE);
    browser.wait_for(&format!("document.querySelector('#panel').hidden && {on_mark}"));

    browser.resize(390, 844);
    browser.press(ENTER);
    browser.wait_for(MARKED);
    browser.wait_for("document.activeElement.id === 'panel-title'");
    for _ in 0..6 {
        browser.press(TAB);
        let outside = "document.querySelector('#column').contains(document.activeElement)";
        assert_eq!(browser.evaluate(outside), false, "what the sheet covers is not reached");
    }
    nothing_amiss(&browser, &server);
}

#[test]
fn the_page_speaks_the_language_that_the_browser_prefers_or_that_was_chosen() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let (language, ask) = ("document.documentElement.lang", "document.querySelector('#ask button').textContent");
    for (preferred, spoken, word) in [
        ("zh-TW,en", "zh-Hant", "提問"),
        ("zh-HK", "zh-Hant", "提問"),
        ("zh-CN,zh-TW", "zh-Hans", "提问"),
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
fn the_description_of_the_api_is_there_to_read() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let api = server.get("/openapi.json").json();
    let operations: usize =
        api["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    browser.open(&format!("{}/docs", server.url));
    browser.wait_for("document.querySelector('.operation')");
    assert_eq!(browser.evaluate("document.querySelectorAll('.operation .command').length"), operations);
    let ask = browser.text("document.querySelector('#ask').innerText");
    for words in ["/v1/ask", "answerable", "At most 8192 bytes of UTF-8"] {
        assert!(ask.to_lowercase().contains(&words.to_lowercase()), "{words}: {ask}");
    }
    let line = browser.text("document.querySelector('#ask .command pre').textContent");
    assert!(
        line.starts_with(&format!("curl -s {}/v1/ask -H 'Content-Type: application/json' -d '{{", server.url)),
        "{line}"
    );
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

#[test]
fn a_server_that_asks_for_a_key_gets_the_one_that_was_typed() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside')");
    // The server as it would be with a key.
    let guarded = "const unguarded = window.fetch;
        const refusal = {title: 'Unauthorized', status: 401, detail: 'no key was sent', hint: 'send one'};
        window.fetch = (path, options = {}) => options.headers?.Authorization === 'Bearer s3cret' ? unguarded(path, options)
            : Promise.resolve(new Response(JSON.stringify(refusal), {status: 401}));";
    browser.run(guarded, &json!([]));
    browser.type_into("#question", &format!("{QUESTION}{ENTER}"));
    browser.wait_for("document.querySelector('dialog[open] input')");
    assert!(browser.text("document.querySelector('dialog').innerText").contains("no key was sent"));
    browser.type_into("dialog input", &format!("wrong{ENTER}"));
    browser.wait_for(
        "document.querySelector('dialog[open] input') && !document.querySelector('dialog[open] input').value",
    );
    browser.type_into("dialog input", &format!("s3cret{ENTER}"));
    browser.wait_for(ANSWERED);
    assert_eq!(browser.evaluate("[sessionStorage.length, localStorage.length, document.cookie]"), json!([1, 0, ""]));
}

/// `cargo test --release --test suite -- --ignored screenshots` writes them anew into examples/screenshots; `pngquant
/// --ext .png --force examples/screenshots/*.png` then makes them small. The fonts are those of the machine.
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
}
