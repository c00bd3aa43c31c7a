//! The baseline: ONNX Runtime alone on the same token ids, in a process of its own, with as many threads and sessions as
//! the model has in Footnote.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use footnote::Config;
use ort::environment::GlobalThreadPoolOptions;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::Tensor;

/// Set for the child process; names the file of batches.
pub(crate) const VARIABLE: &str = "BENCH_BARE_BATCHES";
/// How many passes run at once.
const PARALLEL_VARIABLE: &str = "BENCH_BARE_PARALLEL";

/// One forward pass: the token ids of its texts.
pub(crate) type Batch = Vec<Vec<u32>>;

/// What the child process measured.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Measured {
    pub(crate) passes_per_second: f64,
    /// Padding not counted.
    pub(crate) tokens_per_second: f64,
}

/// Runs the batches through bare sessions, `parallel` passes at once.
pub(crate) fn run(batches: &[Batch], parallel: usize) -> Measured {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    serde_json::to_writer(&file, batches).expect("they are written");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .env(VARIABLE, file.path())
        .env(PARALLEL_VARIABLE, parallel.to_string())
        .output()
        .expect("this program runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Runs every batch once to warm up and once for the clock; prints what it measured as JSON.
pub(crate) fn child(batches: &Path) {
    let batches: Vec<Batch> =
        serde_json::from_slice(&std::fs::read(batches).expect("the batches were written")).expect("as JSON");
    let parallel = std::env::var(PARALLEL_VARIABLE).ok().and_then(|count| count.parse().ok()).unwrap_or(1);
    let mut config = Config::default();
    config.model.dir = crate::project().join("models");
    let files = footnote::internals::model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let library = ort::init_from(&files.runtime).expect("the runtime loads");
    let pool = GlobalThreadPoolOptions::default()
        .with_intra_threads(threads)
        .and_then(|options| options.with_spin_control(false))
        .expect("a pool of threads");
    let environment = library.with_global_thread_pool(pool).build().expect("an environment");
    let session = || {
        Session::builder(&environment)
            .and_then(|builder| Ok(builder.with_optimization_level(GraphOptimizationLevel::Level3)?))
            .and_then(|mut builder| builder.commit_from_file(&files.onnx))
            .expect("the session loads")
    };
    let mut sessions: Vec<Session> = (0..parallel).map(|_| session()).collect();
    let mut run = || {
        let started = Instant::now();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for session in &mut sessions {
                let (next, batches) = (&next, &batches);
                scope.spawn(move || {
                    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        forward(session, batch);
                    }
                });
            }
        });
        started.elapsed().as_secs_f64()
    };
    run();
    let seconds = run();
    let tokens: usize = batches.iter().flatten().map(Vec::len).sum();
    let measured =
        Measured { passes_per_second: batches.len() as f64 / seconds, tokens_per_second: tokens as f64 / seconds };
    println!("{}", serde_json::to_string(&measured).expect("numbers"));
}

fn forward(session: &mut Session, rows: &[Vec<u32>]) {
    const PAD: i64 = 1;
    let longest = rows.iter().map(Vec::len).max().unwrap_or_default();
    let shape = [rows.len(), longest];
    let mut ids = vec![PAD; rows.len() * longest];
    let mut mask = vec![0_i64; ids.len()];
    for (row, tokens) in rows.iter().enumerate() {
        for (column, &token) in tokens.iter().enumerate() {
            ids[row * longest + column] = i64::from(token);
        }
        mask[row * longest..][..tokens.len()].fill(1);
    }
    let types = vec![0_i64; ids.len()];
    let tensor = |values: Vec<i64>| Tensor::from_array((shape, values)).expect("the shape fits");
    let inputs = ort::inputs![
        "input_ids" => tensor(ids), "attention_mask" => tensor(mask), "token_type_ids" => tensor(types)
    ];
    let outputs = session.run(inputs).expect("the model runs");
    assert_eq!(outputs.len(), 1);
}
