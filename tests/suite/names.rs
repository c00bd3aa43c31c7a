//! Questions about a name, a year or a measure: what is refused because no passage has it, and which sentence is quoted.

use std::path::Path;

use footnote::passage::{Answer, NewDocument};
use footnote::{Footnote, Question};
use serde_json::Value;

use crate::harness::{data, examples, temporary};

fn ask(footnote: &Footnote, text: &str) -> Answer {
    footnote.ask(&Question { text: text.into(), ..Question::default() }).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_question_about_a_name_or_a_year_that_no_passage_has_says_which() {
    for (question, missing) in [
        ("高盛預期聯準會2026年降息幾次?", "高盛"),
        ("What does Goldman Sachs expect the Fed to do in 2026?", "Goldman Sachs"),
        ("預期聯準會2031年降息幾次?", "2031"),
    ] {
        let answer = ask(examples(), question);
        assert!(!answer.answerable && answer.text.is_empty() && !answer.citations.is_empty(), "{question}");
        assert_eq!(answer.missing, [missing], "{question}");
        assert!(answer.notice.unwrap().text.contains(missing), "{question}");
    }
}

#[test]
fn a_question_for_a_length_is_answered_by_the_sentence_that_has_it() {
    let answer = ask(examples(), "How long is the Skerry Link?");
    assert!(answer.answerable && answer.sentences[0].text.contains("540 kilometres long"), "{}", answer.text);
}

#[test]
fn of_near_misses_those_about_another_house_are_declined_and_no_answerable_question_lacks_a_name() {
    let (mut named, mut declined) = (0, 0);
    for (set, corpus) in [("news-zh", "corpus.zh-Hant.jsonl"), ("news-en", "corpus.en.jsonl")] {
        for half in ["tune", "test"] {
            let folder = data("near-misses").join(half).join(set);
            let field = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
            let document = |line: &Value| NewDocument {
                id: Some(field(line, "id")),
                title: Some(field(line, "title")),
                text: field(line, "text"),
                language: Some(field(line, "lang")),
                ..NewDocument::default()
            };
            let footnote = temporary(|_| {});
            footnote.ingest_quiet(lines(&folder.join(corpus)).iter().map(document).collect()).unwrap();
            for questions in ["queries.zh-Hant.jsonl", "queries.en.jsonl", "queries.other.jsonl"] {
                for question in lines(&folder.join(questions)) {
                    let is_other_house = question["kind"] == "name";
                    if question["answerable"] != true && !is_other_house {
                        continue;
                    }
                    let answer = ask(&footnote, question["text"].as_str().unwrap());
                    assert!(is_other_house || answer.missing.is_empty(), "{question}: {:?}", answer.missing);
                    named += usize::from(is_other_house);
                    declined += usize::from(is_other_house && !answer.answerable);
                }
            }
        }
    }
    assert_eq!(named, 12);
    assert!(declined >= 10, "{declined} of {named}");
}
