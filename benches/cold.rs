//! A cold `footnote ask`: from process start to exit, and its parts.

use std::process::{Command, Stdio};
use std::time::Instant;

use footnote::internals::embed::tokenizer::TextTokenizer;
use footnote::internals::embed::{Embedder, OnnxEmbedder};
use footnote::internals::model_store;
use footnote::{Cancel, Footnote, Question};

const RUNS: usize = 7;

pub(crate) fn run() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = crate::config(dir.path());
    let corpus = crate::project().join("examples/corpus");
    Footnote::open(&config)
        .and_then(|footnote| footnote.ingest_paths(&[corpus], &mut |_| {}).map(drop))
        .expect("the example corpus is ingested");
    let timed = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64() * 1e3
    };
    let runs = |work: &mut dyn FnMut()| crate::median((0..RUNS).map(|_| timed(work)).collect());
    let files = model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
    let compiled = files.compiled_tokenizer.clone().expect("the default model's tokenizer is compiled");

    let process = runs(&mut || {
        let status = Command::new(env!("CARGO_BIN_EXE_footnote"))
            .args(["ask", "--no-server", "who expects the Fed to cut in 2026", "--index"])
            .arg(dir.path())
            .env("FOOTNOTE_MODEL_DIR", &config.model.dir)
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("footnote runs").success());
    });
    let read = runs(&mut || drop(files.read(&files.onnx).expect("it is sound")));
    let tokenizer = runs(&mut || {
        let bytes = files.read(&compiled).expect("it is sound");
        drop(TextTokenizer::from_compiled(bytes).expect("it parses"));
    });
    let json = runs(&mut || drop(tokenizers::Tokenizer::from_file(&files.tokenizer).expect("it parses")));
    let load = runs(&mut || {
        let embedder =
            OnnxEmbedder::start(files.clone(), &config.model, config.ingest.batch_tokens).expect("it starts");
        embedder.embed_question("?", &Cancel::default()).expect("it runs");
    });
    let question = Question { text: "who expects the Fed to cut in 2026".into(), ..Question::default() };
    let warm = Footnote::open_read_only(&config).expect("the collection opens");
    warm.ask(&question).expect("it answers");
    let answer = runs(&mut || drop(warm.ask(&question).expect("it answers")));

    crate::row("cold ask, start to exit, ms", &format!("{process:.0}"));
    crate::row("  model and tokenizer loaded, first forward pass done, ms", &format!("{load:.0}"));
    crate::row("    of that, model.onnx read and its hash checked, ms", &format!("{read:.0}"));
    crate::row("    meanwhile, the compiled tokenizer, ms", &format!("{tokenizer:.0}"));
    crate::row("  a question when all is loaded, ms", &format!("{answer:.1}"));
    crate::row("  tokenizer.json through the library, ms", &format!("{json:.0}"));
    crate::row("  ratio to the compiled tokenizer", &format!("{:.0}", json / tokenizer));
}
