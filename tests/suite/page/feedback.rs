//! Feedback on the page: with the pointer, by keyboard, and in the page's languages.

use serde_json::{Value, json};

use super::{ANSWERED, QUESTION, encoded, nothing_amiss};
use crate::harness::{Browser, ENTER, ESCAPE, Server, TAB, project};

/// A server of its own with the example corpus, since feedback is kept.
fn server() -> Server {
    let server = Server::start(&[]);
    for file in std::fs::read_dir(project().join("examples/corpus")).unwrap().flatten() {
        let name = file.file_name().to_str().unwrap().to_owned();
        assert_eq!(server.upload("/v1/documents", &[(&name, &std::fs::read(file.path()).unwrap())]).status, 200);
    }
    server
}

fn kept(server: &Server) -> Vec<Value> {
    server.get("/v1/feedback").json()["feedback"].as_array().unwrap().clone()
}

const BUTTONS: &str = "[...document.querySelectorAll('#feedback [data-verdict]')]";
const UNDO: &str = "document.querySelector('#feedback [data-choice=undo]')";

#[test]
fn an_answer_is_called_right_and_taken_back() {
    let Some(browser) = Browser::start() else { return };
    let server = server();
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for(ANSWERED);
    browser.wait_for(&format!("{BUTTONS}.length"));
    assert_eq!(
        browser.evaluate(&format!("{BUTTONS}.map((button) => button.textContent)")),
        json!(["Right", "Wrong sentence"])
    );
    let names = browser.evaluate(&format!("{BUTTONS}.map((button) => button.getAttribute('aria-label'))"));
    assert_eq!(names[0], "Right: this answers the question");
    browser.click("#feedback [data-verdict=right]");
    browser.wait_for(UNDO);
    assert!(browser.text("document.querySelector('#feedback').innerText").contains("Kept: Right."));
    browser.wait_for("document.querySelector('#status').textContent === 'Kept: Right.'");
    let [feedback] = &kept(&server)[..] else { panic!("one is kept") };
    let asked = server.post("/v1/ask", &json!({"question": QUESTION})).json();
    let cited = &asked["citations"][0];
    assert_eq!(
        (&feedback["question"], &feedback["verdict"], &feedback["document"], &feedback["bytes"]),
        (&json!(QUESTION), &json!("right"), &cited["document"]["id"], &cited["span"]["bytes"])
    );
    browser.run(
        "const of = document.querySelector('#language'); of.value = 'zh-Hant'; of.dispatchEvent(new Event('change'))",
        &json!([]),
    );
    browser.wait_for("document.querySelector('#feedback').innerText.includes('已記錄：正確')");
    browser.click("#feedback [data-choice=undo]");
    browser.wait_for(&format!("{BUTTONS}.length"));
    assert_eq!(kept(&server), [] as [Value; 0]);
    nothing_amiss(&browser, &server);
}

#[test]
fn a_wrong_sentence_is_replaced_by_another_passage_with_the_keyboard_alone() {
    let Some(browser) = Browser::start() else { return };
    let server = server();
    browser.open(&format!("{}/?q={}", server.url, encoded(QUESTION)));
    browser.wait_for(&format!("{BUTTONS}.length"));
    let reach = |selector: &str| {
        let there = format!("document.activeElement.matches('{selector}')");
        let found = (0..30).any(|_| {
            browser.press(TAB);
            browser.evaluate(&there) == json!(true)
        });
        assert!(found, "{selector} is not reached");
    };
    reach("[data-verdict=wrong_sentence]");
    browser.press(ENTER);
    let on_first = "document.activeElement.matches('#feedback li:first-child button')";
    browser.wait_for(on_first);
    browser.press(ESCAPE);
    browser.wait_for("document.activeElement.matches('[data-verdict=wrong_sentence]')");
    browser.press(ENTER);
    browser.wait_for(on_first);
    let asked = server.post("/v1/ask", &json!({"question": QUESTION})).json();
    let wrong = &asked["answer"]["sentences"][0]["citations"];
    let others: Vec<&Value> = asked["citations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|citation| !wrong.as_array().unwrap().contains(&citation["id"]))
        .collect();
    let shown =
        browser.evaluate("[...document.querySelectorAll('#feedback li .reading')].map((quote) => quote.textContent)");
    assert_eq!(shown, json!(others.iter().map(|citation| citation["quote"].clone()).collect::<Vec<_>>()));
    browser.press(ENTER);
    browser.wait_for(UNDO);
    browser.wait_for("document.activeElement.matches('[data-choice=undo]')");
    let [feedback] = &kept(&server)[..] else { panic!("one is kept") };
    assert_eq!(
        (&feedback["verdict"], &feedback["document"], &feedback["bytes"]),
        (&json!("wrong_sentence"), &others[0]["document"]["id"], &others[0]["span"]["bytes"])
    );
    nothing_amiss(&browser, &server);
}

#[test]
fn below_a_question_that_is_not_answered_one_can_say_that_there_is_an_answer() {
    let Some(browser) = Browser::start() else { return };
    let server = server();
    let question = "What is TSMC's dividend?";
    browser.resize(320, 844);
    browser.open(&format!("{}/?q={}", server.url, encoded(question)));
    browser.wait_for(&format!("{BUTTONS}.length"));
    assert_eq!(
        browser.evaluate(&format!("{BUTTONS}.map((button) => button.textContent)")),
        json!(["Right", "There is an answer"])
    );
    browser.click("#feedback [data-verdict=has_answer]");
    browser.wait_for("document.querySelector('#feedback fieldset li')");
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), 320);
    browser.click("#feedback [data-choice=none]");
    browser.wait_for(UNDO);
    browser.click("#feedback [data-choice=undo]");
    browser.wait_for(&format!("{BUTTONS}.length"));
    browser.click("#feedback [data-verdict=right]");
    browser.wait_for(UNDO);
    let [feedback] = &kept(&server)[..] else { panic!("one is kept") };
    assert_eq!(
        (&feedback["verdict"], &feedback["answerable"], &feedback["document"]),
        (&json!("right"), &json!(false), &Value::Null)
    );
    // Feedback is not about a part of the documents.
    let asked = server.post("/v1/ask", &json!({"question": QUESTION})).json();
    let language = asked["citations"][0]["document"]["language"].as_str().unwrap();
    browser.open(&format!("{}/?q={}&language={language}", server.url, encoded(QUESTION)));
    browser.wait_for(ANSWERED);
    assert_eq!(browser.evaluate("document.querySelector('#feedback').childElementCount"), 0);
    // Another question has no feedback yet, and a greeting asks for none.
    browser.open(&format!("{}/?q={}", server.url, encoded("hello")));
    browser.wait_for("document.querySelector('.unanswered')");
    assert_eq!(browser.evaluate("document.querySelector('#feedback').childElementCount"), 0);
    nothing_amiss(&browser, &server);
}
