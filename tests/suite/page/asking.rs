//! Asking on the page: with the pointer, with the keyboard, with an API key.

use serde_json::json;

use super::{ANSWERED, MARKED, QUESTION, QUOTE, encoded, examples, focused, nothing_amiss};
use crate::harness::{Browser, ENTER, ESCAPE, Server, TAB};

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
fn a_question_without_an_answer_shows_that_above_the_nearest_passages() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&format!("{}/?q={}", server.url, encoded("What is TSMC's dividend?")));
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

#[test]
fn a_question_to_an_empty_collection_says_that_there_are_no_documents_and_offers_to_add_one() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&format!("{}/?q=rates", server.url));
    browser.wait_for("document.querySelector('#answer a')");
    assert_eq!(browser.text("document.querySelector('.unanswered').textContent"), "There are no documents yet.");
    browser.click("#answer a");
    browser.wait_for("document.querySelector('#files')");
    nothing_amiss(&browser, &server);
}

#[test]
fn a_long_question_is_shown_in_full_and_enter_asks_it() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.resize(390, 844);
    browser.open(&server.url);
    browser.wait_for("document.querySelector('#welcome .aside')");
    let question = format!("{QUESTION}, and who else expects that the rates fall or rise in the year after it?");
    browser.type_into("#question", &question);
    let hidden = "document.querySelector('#question').scrollHeight - document.querySelector('#question').clientHeight";
    assert_eq!(browser.evaluate(hidden), 0);
    browser.press(ENTER);
    browser.wait_for("document.querySelector('.note')");
    assert_eq!(browser.text("new URLSearchParams(location.search).get('q')"), question);
    assert_eq!(browser.text("document.querySelector('#question').value"), question);
}

#[test]
fn headings_never_skip_a_level_with_a_footnote_open_or_closed() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let skips = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
        .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))
        .filter((level, at, all) => level > (all[at - 1] ?? 0) + 1).length";
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for("document.querySelector('.note h3')");
    assert_eq!(browser.evaluate(skips), 0);
    browser.click("a.mark");
    browser.wait_for(MARKED);
    assert_eq!(browser.evaluate(skips), 0);
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
    assert_eq!(browser.text(outline), "solid", "the focus is visible");
    browser.press(ENTER);
    browser.wait_for(MARKED);
    browser.wait_for("document.activeElement.id === 'panel-title'");
    let composing = "dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', isComposing: true}))";
    browser.run(composing, &json!([]));
    assert_eq!(
        browser.evaluate("document.querySelector('#panel').hidden"),
        false,
        "the key belongs to the input method"
    );
    browser.press(ESCAPE);
    browser.wait_for(&format!("document.querySelector('#panel').hidden && {on_mark}"));

    browser.resize(390, 844);
    browser.press(ENTER);
    browser.wait_for(MARKED);
    browser.wait_for("document.activeElement.id === 'panel-title'");
    for _ in 0..6 {
        browser.press(TAB);
        let outside = "document.querySelector('#column').contains(document.activeElement) || document.activeElement.matches('.skip')";
        assert_eq!(browser.evaluate(outside), false, "the focus never reaches what the sheet covers");
    }
    nothing_amiss(&browser, &server);
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
    assert!(browser.text("document.querySelector('dialog').innerText").contains("Enter a key"));
    browser.type_into("dialog input", &format!("s3cret\u{2026}{ENTER}"));
    browser.wait_for("document.querySelector('dialog[open]')?.innerText.includes('not a valid key')");
    assert_eq!(browser.evaluate("sessionStorage.length"), 0);
    browser.type_into("dialog input", &format!("wrong{ENTER}"));
    browser.wait_for(
        "document.querySelector('dialog[open] input') && !document.querySelector('dialog[open] input').value",
    );
    browser.type_into("dialog input", &format!("s3cret{ENTER}"));
    browser.wait_for(ANSWERED);
    assert_eq!(browser.evaluate("[sessionStorage.length, localStorage.length, document.cookie]"), json!([1, 0, ""]));
}
