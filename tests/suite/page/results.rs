//! What stands beside an answer: operators as chips, marked words, counts that narrow the search, and more results.

use super::{ANSWERED, QUESTION, encoded, examples, nothing_amiss};
use crate::harness::Browser;

const CHIPS: &str = "[...document.querySelectorAll('.chip span')].map((chip) => chip.textContent)";
const SOURCES: &str =
    "[...new Set([...document.querySelectorAll('.note .fact:first-child')].map((fact) => fact.textContent))]";

#[test]
fn operators_become_chips_and_a_chip_can_be_taken_out() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    let question = format!("{QUESTION} source:潮間帶 -\"no such words\"");
    browser.open(&format!("{}/?q={}", server.url, encoded(&question)));
    browser.wait_for("document.querySelectorAll('.chip').length === 2");
    assert_eq!(browser.evaluate(CHIPS), serde_json::json!(["source:潮間帶", "-\"no such words\""]));
    browser.wait_for(ANSWERED);
    assert_eq!(browser.evaluate(SOURCES), serde_json::json!(["潮間帶財經"]));
    browser.click(".chip:last-child button");
    browser.wait_for("document.querySelectorAll('.chip').length === 1");
    assert_eq!(browser.text("document.querySelector('#question').value"), format!("{QUESTION} source:潮間帶"));
    browser.click(".chip button");
    browser.wait_for("!document.querySelector('.chip') && document.querySelector('.said')");
    assert_eq!(browser.text("new URLSearchParams(location.search).get('q')"), QUESTION);
    nothing_amiss(&browser, &server);
}

#[test]
fn words_that_match_are_marked_in_the_quotes() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for("document.querySelector('.note mark.match')");
    let marked = browser.text("[...document.querySelectorAll('.note mark')].map((mark) => mark.textContent).join(' ')");
    for word in ["聯準會", "降息", "2026"] {
        assert!(marked.contains(word), "{word}: {marked}");
    }
    nothing_amiss(&browser, &server);
}

#[test]
fn a_count_narrows_the_search_and_more_results_are_added_behind_the_others() {
    let Some(browser) = Browser::start() else { return };
    let server = examples();
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for("document.querySelector('.facets li button')");
    let shown = "document.querySelectorAll('.note').length";
    let before = browser.evaluate(shown).as_u64().unwrap();
    browser.click("#more > button");
    browser.wait_for(&format!("{shown} > {before} && !document.querySelector('#more > button')?.disabled"));
    let titles = browser.evaluate(
        "[...document.querySelectorAll('.note')].map((note) => note.querySelector('blockquote').textContent)",
    );
    let titles: Vec<&str> = titles.as_array().unwrap().iter().map(|title| title.as_str().unwrap()).collect();
    assert_eq!(titles.iter().collect::<std::collections::BTreeSet<_>>().len(), titles.len(), "none appears twice");
    browser.click(".facets summary");
    let source = browser.text("document.querySelector('.facets li button span').textContent");
    browser.click(".facets li button");
    browser.wait_for(&format!("new URLSearchParams(location.search).get('source') === '{source}'"));
    browser.wait_for(&format!("JSON.stringify({SOURCES}) === '[\"{source}\"]'"));
    nothing_amiss(&browser, &server);
}
