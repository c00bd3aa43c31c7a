//! Questions as people ask them: figures of each kind over dated documents, of the questions that were looked at while the
//! rules were made (`tune`) and of those that were only measured (`test`). None may fall below what was reached.

mod several;
mod time;

use std::path::Path;
use std::sync::OnceLock;

use footnote::passage::Answer;
use footnote::{Footnote, Question};
use serde_json::Value;

use crate::harness::{data, project, temporary};

/// The day on which the questions are asked.
const NOW: &str = "2026-11-27";

/// The dated documents and the example corpus.
fn collection() -> &'static Footnote {
    static COLLECTION: OnceLock<Footnote> = OnceLock::new();
    COLLECTION.get_or_init(|| {
        let footnote = temporary(|_| {});
        let paths = [data("questions/documents"), project().join("examples/corpus")];
        footnote.ingest_paths(&paths, &mut |_| {}).unwrap();
        footnote
    })
}

fn ask(text: &str) -> Answer {
    let question = Question { text: text.into(), now: Some(NOW.parse().unwrap()), ..Question::default() };
    collection().ask(&question).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Right answers among the questions of a kind, for each half.
struct Figures {
    kind: &'static str,
    tune: (usize, usize),
    test: (usize, usize),
}

impl Figures {
    /// Asks all questions of a kind. `wrong` says what is wrong with an answer.
    fn of(kind: &'static str, wrong: impl Fn(&Value, &Answer) -> Option<String>) -> Self {
        let mut figures = Self { kind, tune: (0, 0), test: (0, 0) };
        for question in lines(&data("questions").join(format!("{kind}.jsonl"))) {
            let answer = ask(question["question"].as_str().unwrap());
            let problem = wrong(&question, &answer);
            let is_tune = question["half"] == "tune";
            if let Some(problem) = &problem
                && (is_tune || std::env::var_os("SHOW_TEST_HALF").is_some())
            {
                println!("{} {}: {problem}", question["id"].as_str().unwrap(), question["question"]);
            }
            let half = if is_tune { &mut figures.tune } else { &mut figures.test };
            half.0 += usize::from(problem.is_none());
            half.1 += 1;
        }
        figures
    }

    /// Prints the figures and fails if one is below what was reached.
    fn hold(&self, tune_from: usize, test_from: usize) {
        let Self { kind, tune, test } = self;
        println!("{kind}: {} of {} (tune), {} of {} (test)", tune.0, tune.1, test.0, test.1);
        assert!(tune.0 >= tune_from && test.0 >= test_from, "{kind}: {tune:?} and {test:?}");
    }
}

/// Whether any sentence of an answer has one of the texts.
fn says(answer: &Answer, texts: &Value) -> bool {
    let texts: Vec<&str> = match texts {
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        text => text.as_str().into_iter().collect(),
    };
    answer.sentences.iter().any(|sentence| texts.iter().any(|text| sentence.text.contains(text)))
}
