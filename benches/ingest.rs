//! Ingest against the bare session.

use std::process::Command;
use std::time::Instant;

use footnote::Footnote;
use footnote::Progress;
use footnote::internals::embed::tokenizer::TextTokenizer;
use footnote::internals::model_store;
use footnote::passage::NewDocument;

const DOCUMENTS: usize = 24;
const RUNS: usize = 3;
/// As many passages as ingest embeds together.
const GROUP: usize = 64;

/// The example corpus over and over, each time a little different.
pub(crate) fn documents(count: usize, run: usize) -> Vec<NewDocument> {
    let texts = crate::texts();
    let document = |number: usize| NewDocument {
        id: Some(format!("{run}-{number}")),
        text: format!("{number}. {}", texts[number % texts.len()]),
        ..NewDocument::default()
    };
    (0..count).map(document).collect()
}

pub(crate) fn run() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = crate::config(dir.path());
    let footnote = Footnote::open(&config).expect("the collection opens");
    footnote.warm_up().expect("the model loads");
    footnote.ingest(documents(4, 0), &mut |_| {}).expect("it ingests");
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for run in 1..=RUNS {
        let documents = documents(DOCUMENTS, run);
        let mut tokens = 0;
        let started = Instant::now();
        footnote
            .ingest(documents, &mut |progress| {
                if let Progress::Embedded { tokens: more, .. } = progress {
                    tokens += more;
                }
            })
            .expect("it ingests");
        ours.push(tokens as f64 / started.elapsed().as_secs_f64());
        let batches = dir.path().join("batches.json");
        std::fs::write(&batches, serde_json::to_vec(&batches_of(&footnote, run)).expect("numbers")).expect("written");
        let output = Command::new(std::env::current_exe().expect("this program"))
            .env(crate::bare::VARIABLE, &batches)
            .output()
            .expect("this program runs");
        let printed = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>();
        bare.push(printed.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))));
    }
    let ratios = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    crate::row("ingest, tokens per second", &format!("{:.0}", crate::median(ours)));
    crate::row("  the bare ONNX session on the same batches", &format!("{:.0}", crate::median(bare)));
    crate::row("  ratio (aim: at least 0.9)", &format!("{:.2}", crate::median(ratios)));
}

/// The token ids of the passages of one run, in the batches that ingest makes of them.
fn batches_of(footnote: &Footnote, run: usize) -> Vec<Vec<Vec<u32>>> {
    let config = crate::config(std::path::Path::new("unused"));
    let files = model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
    let compiled = files.compiled_tokenizer.as_ref().expect("the default model's tokenizer is compiled");
    let tokenizer = TextTokenizer::from_compiled(std::fs::read(compiled).expect("it is there")).expect("it is sound");
    let mut ids = Vec::new();
    for info in footnote.documents(None, usize::MAX).expect("they are listed") {
        if !info.id.starts_with(&format!("{run}-")) {
            continue;
        }
        let text = footnote.document(&info.id).expect("it is there").text;
        for span in footnote.passages(&info.id).expect("it has passages") {
            let input = format!("{}{}", files.passage_prefix, text[span.range()].trim_end());
            let scope = tokenizer.scope([input.as_str()]).expect("it tokenizes");
            ids.push(scope.encode(&input).expect("it tokenizes").ids);
        }
    }
    let mut batches = Vec::new();
    for group in ids.chunks_mut(GROUP) {
        group.sort_by_key(|row| std::cmp::Reverse(row.len()));
        let mut rest = &*group;
        while let Some(longest) = rest.first() {
            let (batch, after) = rest.split_at((config.ingest.batch_tokens / longest.len()).clamp(1, rest.len()));
            batches.push(batch.to_vec());
            rest = after;
        }
    }
    batches
}
