//! Citing a document of 15 MB against citing the same sentences in a small one.

use footnote::passage::NewDocument;
use footnote::{Footnote, Question};

const SENTENCES: usize = 300;
const RUNS: usize = 7;

pub(crate) fn run() {
    let medians: Vec<[f64; 2]> = [1, 15_000_000 / SENTENCES / 3].into_iter().map(citing).collect();
    for (at, top_k) in TOP_K.into_iter().enumerate() {
        crate::row(&format!("citing {top_k} passages of a 15 MB document, ms"), &format!("{:.1}", medians[1][at]));
        crate::row("  the same sentences in a small document, ms", &format!("{:.1}", medians[0][at]));
    }
}

const TOP_K: [usize; 2] = [5, 100];

/// Milliseconds that citing takes, for each `top_k`, in a document with this much space after each sentence.
fn citing(spaces: usize) -> [f64; 2] {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let footnote = Footnote::open(&crate::config(dir.path())).expect("the collection opens");
    let space = "\u{3000}".repeat(spaces);
    let line = |number: usize| format!("Keeper {number} of the lighthouse earned {} crowns.{space}\n", number * 7);
    let text = (0..SENTENCES).map(line).collect();
    footnote.ingest(vec![NewDocument { text, ..NewDocument::default() }], &mut |_| {}).expect("it is ingested");
    TOP_K.map(|top_k| {
        let text = "What did keeper 217 of the lighthouse earn?".to_owned();
        let question = Question { text, top_k: Some(top_k), ..Question::default() };
        let cite = || footnote.ask(&question).expect("it answers").took.cite_ms;
        crate::median((0..RUNS).map(|_| cite()).collect())
    })
}
