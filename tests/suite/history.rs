//! The same documents give the same answers, whatever happened to the index before.

use std::path::Path;

use footnote::Footnote;
use footnote::passage::NewDocument;
use serde_json::Value;

use crate::harness::{Workspace, config, project};

const QUESTIONS: [&str; 4] = [
    "Who expects the Federal Reserve to cut rates twice?",
    "台積電的資本支出是多少?",
    "When was the ferry line to Skerry Point opened?",
    "rates",
];

/// The example corpus in parts, each a document, and some documents with the same text.
fn documents() -> Vec<NewDocument> {
    let mut files: Vec<_> =
        std::fs::read_dir(project().join("examples/corpus")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut documents = Vec::new();
    for path in files.iter().filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        for copy in ["x", "a", "m"] {
            documents.push(NewDocument {
                id: Some(format!("{copy}-{name}")),
                title: Some(name.clone()),
                text: text.clone(),
                ..NewDocument::default()
            });
        }
    }
    documents
}

fn open(index: &Path) -> Footnote {
    Footnote::open(&config(index)).unwrap()
}

/// All answers, each from a process of its own, without what is not of the documents: times and keys.
fn answers(workspace: &Workspace) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !["took_ms", "passage_id", "ingested"].contains(&name.as_str()));
                fields.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let ask = |question: &str, command: &str, count: &str| {
        let output = workspace.run(&[command, "--no-server", "--format", "json", "-k", count, question]);
        assert!(output.code < 2, "{output:?}");
        let mut answer: Value = serde_json::from_str(&output.stdout).unwrap();
        strip(&mut answer);
        answer
    };
    let few = QUESTIONS.iter().map(|question| ask(question, "ask", "5"));
    few.chain(QUESTIONS.iter().map(|question| ask(question, "search", "60"))).collect()
}

#[test]
fn the_same_documents_give_the_same_answers_whatever_was_deleted_or_rebuilt() {
    let (straight, eventful) = (Workspace::new(), Workspace::new());
    let (straight_index, index) = (straight.folder().join("index"), eventful.folder().join("index"));
    open(&straight_index).ingest(documents(), &mut |_| {}).unwrap();

    let footnote = open(&index);
    let question = footnote::Question { text: QUESTIONS[0].into(), ..footnote::Question::default() };
    let text =
        |n: usize| format!("Rates were cut {n} times. {}", "The Federal Reserve expects more of them. ".repeat(n));
    let passing = |n: usize| NewDocument { id: Some(format!("passing-{n}")), text: text(n), ..NewDocument::default() };
    footnote.ingest((0..20).map(passing).collect(), &mut |_| {}).unwrap();
    let mut reversed = documents();
    reversed.reverse();
    let earlier =
        |document: &NewDocument| NewDocument { text: format!("Earlier. {}", document.text), ..document.clone() };
    footnote.ingest(reversed.iter().step_by(2).map(earlier).collect(), &mut |_| {}).unwrap();
    // With the indexes in memory, so that they are changed in place from here on.
    footnote.ask(&question).unwrap();
    footnote.ingest(reversed.split_off(reversed.len() / 2), &mut |_| {}).unwrap();
    (0..20).for_each(|n| footnote.delete(&format!("passing-{n}")).unwrap());
    footnote.ask(&question).unwrap();
    drop(footnote);
    open(&index).ingest(reversed, &mut |_| {}).unwrap();

    let expected = answers(&straight);
    assert!(expected.iter().any(|answer| answer["citations"].as_array().is_some_and(|cited| !cited.is_empty())));
    assert_eq!(answers(&eventful), expected, "after deletions, updates and in another order");
    for entry in std::fs::read_dir(index.join("default")).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("store.db") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(answers(&eventful), expected, "after the derived files were made again");
}
