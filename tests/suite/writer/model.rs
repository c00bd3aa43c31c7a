//! A real language model: whatever it writes, what leaves is checked, and an answer always comes.

use serde_json::{Value, json};

use super::CORPUS;
use crate::harness::{Resource, Server, needs};

const URL: &str = "TESTS_WRITER_URL";
const MODEL: &str = "TESTS_WRITER_MODEL";

#[test]
fn whatever_a_model_writes_only_supported_sentences_leave() {
    let url = std::env::var(URL).map_err(|_| format!("{URL} names no server of a language model"));
    let Some(url) = needs(Resource::Writer, url) else { return };
    let model = std::env::var(MODEL).unwrap_or_else(|_| "test".into());
    let settings = format!("[writer]\nurl = \"{url}\"\nmodel = \"{model}\"\ntimeout_seconds = 240\nmax_tokens = 200\n");
    let server = Server::start_with(&settings, CORPUS);
    let mut written = 0;
    for (mode, question) in [
        ("write", "How many containers did the port of Skerry handle in 2025?"),
        ("write", "Who opened the new quay, and when?"),
        ("write", "How long does the ferry to Gannet Island take?"),
        ("write", "When was the lighthouse of Skerry built?"),
        ("write", "Who expects the Fed to cut in 2026?"),
        ("translate", "Who expects the Fed to cut in 2026?"),
    ] {
        let reply = server.post("/v1/ask", &json!({"question": question, "mode": mode})).json();
        let answer = &reply["answer"];
        eprintln!("{mode}: {question}\n{}\n{}\n", answer["text"], answer["writer"]);
        assert_eq!(answer["answerable"], true, "{answer}");
        for sentence in answer["sentences"].as_array().unwrap() {
            let is_quote = CORPUS.iter().any(|(_, text)| text.contains(sentence["text"].as_str().unwrap()));
            assert!(is_quote || sentence["verdict"] == "supported", "{answer}");
        }
        let state = answer["writer"]["state"].as_str().unwrap();
        assert!(["written", "cut_short", "unsupported", "declined"].contains(&state), "{answer}");
        assert_eq!(answer.get("notice").is_none(), state == "written", "{answer}");
        let holds = |sentence: &Value| sentence["verdict"] == "supported";
        written += answer["sentences"].as_array().unwrap().iter().filter(|sentence| holds(sentence)).count();
    }
    assert!(written > 0, "it wrote nothing that holds");
}
