//! The baseline of ingest: ONNX Runtime alone on the same token ids in the same batches.

use std::path::Path;
use std::time::Instant;

use footnote::config::Config;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::Tensor;

/// Set for the child process; names the file of batches.
pub(crate) const VARIABLE: &str = "BENCH_BARE_BATCHES";

/// Runs every batch once to warm up and once for the clock; prints tokens per second, padding not counted.
pub(crate) fn child(batches: &Path) {
    let batches: Vec<Vec<Vec<i64>>> =
        serde_json::from_slice(&std::fs::read(batches).expect("the batches were written")).expect("as JSON");
    let mut config = Config::default();
    config.model.dir = crate::project().join("models");
    let files = footnote::internals::model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
    let environment = ort::init_from(&files.runtime).expect("the runtime loads").build().expect("an environment");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut session = Session::builder(&environment)
        .and_then(|builder| Ok(builder.with_optimization_level(GraphOptimizationLevel::Level3)?))
        .and_then(|builder| Ok(builder.with_intra_threads(threads)?))
        .and_then(|mut builder| builder.commit_from_file(&files.onnx))
        .expect("the session loads");
    let mut run = || {
        let started = Instant::now();
        let mut tokens = 0;
        for batch in &batches {
            tokens += forward(&mut session, batch);
        }
        tokens as f64 / started.elapsed().as_secs_f64()
    };
    run();
    println!("{}", run());
}

fn forward(session: &mut Session, rows: &[Vec<i64>]) -> usize {
    const PAD: i64 = 1;
    let longest = rows.iter().map(Vec::len).max().unwrap_or_default();
    let shape = [rows.len(), longest];
    let mut ids = vec![PAD; rows.len() * longest];
    let mut mask = vec![0_i64; ids.len()];
    for (row, tokens) in rows.iter().enumerate() {
        ids[row * longest..][..tokens.len()].copy_from_slice(tokens);
        mask[row * longest..][..tokens.len()].fill(1);
    }
    let types = vec![0_i64; ids.len()];
    let tensor = |values: Vec<i64>| Tensor::from_array((shape, values)).expect("the shape fits");
    let inputs = ort::inputs![
        "input_ids" => tensor(ids), "attention_mask" => tensor(mask), "token_type_ids" => tensor(types)
    ];
    let outputs = session.run(inputs).expect("the model runs");
    assert_eq!(outputs.len(), 1);
    rows.iter().map(Vec::len).sum()
}
