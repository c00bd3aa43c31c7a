//! What filters and long result lists cost, at ten thousand passages.

use footnote::filter::Filter;
use footnote::{Footnote, Question};
use serde_json::{Value, json};

const RUNS: usize = 40;

/// Asks the same questions with each filter in turn, so that a machine whose speed drifts is fair to all.
pub(crate) fn run(footnote: &Footnote, questions: &[String]) {
    let ids: Vec<String> = footnote
        .documents(None, usize::MAX)
        .expect("they are listed")
        .into_iter()
        .map(|document| document.id)
        .collect();
    let tenth = &ids[..ids.len() / 10];
    let one = format!("{:.1} % of the passages", 100.0 / ids.len() as f64);
    let variants: [(&str, Value, Option<usize>); 5] = [
        ("without a filter", json!({}), None),
        (&one, json!({"id": ids[0]}), None),
        ("10 % of the passages", json!({"id": tenth}), None),
        ("90 % of the passages", json!({"id": {"nin": tenth}}), None),
        ("top_k 100, without a filter", json!({}), Some(100)),
    ];
    let mut times = vec![Vec::new(); variants.len()];
    for text in questions.iter().cycle().take(RUNS) {
        for ((_, fields, top_k), times) in variants.iter().zip(&mut times) {
            let filter = Filter::from_json(fields.as_object().expect("it is an object")).expect("it is a filter");
            let question = Question { text: text.clone(), filter, top_k: *top_k, ..Question::default() };
            let took = footnote.ask(&question).expect("it answers").took;
            times.push(took.total_ms - took.embed_ms);
        }
    }
    let medians: Vec<f64> = times.into_iter().map(crate::median).collect();
    for ((name, ..), median) in variants.iter().zip(&medians) {
        crate::row(&format!("question beyond its embedding, {name}, ms"), &format!("{median:.2}"));
    }
    let slowest = medians[1..4].iter().copied().fold(0.0, f64::max);
    crate::row("  slowest filter, ratio to none", &format!("{:.2}", slowest / medians[0]));
}
