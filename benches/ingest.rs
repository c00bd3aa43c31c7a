//! Ingest against the bare session.

use std::time::Instant;

use footnote::Footnote;
use footnote::Progress;
use footnote::internals::embed::tokenizer::TextTokenizer;
use footnote::internals::model_store;
use footnote::passage::NewDocument;

use crate::busy::BusyCore;

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
    footnote.ingest(documents(8, 0), &mut |_| {}).expect("it ingests");
    measure(&footnote, 1, "");
    let _busy = BusyCore::start();
    measure(&footnote, 1 + RUNS, ", beside a busy core");
}

fn measure(footnote: &Footnote, first_run: usize, beside: &str) {
    let parallel = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for run in first_run..first_run + RUNS {
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
        bare.push(crate::bare::run(&batches_of(footnote, run), parallel).tokens_per_second);
    }
    let ratios = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    crate::row(&format!("ingest, tokens per second{beside}"), &format!("{:.0}", crate::median(ours)));
    crate::row("  bare ONNX sessions on the same batches", &format!("{:.0}", crate::median(bare)));
    crate::row("  ratio (aim: at least 0.95)", &format!("{:.2}", crate::median(ratios)));
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
