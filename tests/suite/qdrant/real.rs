//! The same against a real server, if `FOOTNOTE_QDRANT_URL` names one.

use footnote::Footnote;
use footnote::config::IndexEngine;

use super::{found, ingest, question, settings};
use crate::harness::{example_questions, examples, project};

#[test]
fn a_real_server_gives_the_same_answers_and_keeps_nothing() {
    let Ok(url) = std::env::var("FOOTNOTE_QDRANT_URL") else {
        eprintln!("left out: FOOTNOTE_QDRANT_URL names no server");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut config = settings(dir.path(), &url);
    config.qdrant.timeout_ms = 20_000;
    config.qdrant.collection_prefix = "footnote-test-".into();
    if std::env::var("FOOTNOTE_QDRANT_TEST_KEY").is_ok() {
        config.qdrant.key_env = "FOOTNOTE_QDRANT_TEST_KEY".into();
    }
    let footnote = Footnote::open(&config).unwrap();
    footnote.ingest_paths(&[project().join("examples/corpus")], &mut |_| {}).unwrap();
    footnote.checkpoint().unwrap();
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
    for line in example_questions() {
        let asked = question(line["question"].as_str().unwrap());
        assert_eq!(examples().ask(&asked).unwrap().text, footnote.ask(&asked).unwrap().text, "{}", asked.text);
        let (here, there) = (examples().rank(&asked).unwrap(), footnote.rank(&asked).unwrap());
        for (a, b) in here.passages.iter().zip(&there.passages) {
            assert!((a.scores.lexical - b.scores.lexical).abs() < 1e-5, "{}: {a:?} and {b:?}", asked.text);
        }
    }
    ingest(&footnote, &[("pier", "The zephyr pier is long.")]);
    footnote.checkpoint().unwrap();
    footnote.delete("pier").unwrap();
    assert!(found(&footnote, "How long is the zephyr pier?").iter().all(|text| !text.contains("zephyr")));
    footnote.move_index(IndexEngine::Embedded).unwrap();
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
}
