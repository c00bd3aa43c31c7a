//! What things cost, as ratios against a baseline in the same run. `cargo bench` prints one table; it never fails on
//! time. Runs alternate, and medians are shown, since a machine's speed drifts.

mod bare;
mod beside;
mod busy;
mod cold;
mod filters;
mod folder;
mod ingest;
mod large;
mod memory;
mod question;
mod read;
mod scale;
mod scattered;
mod served;
mod side_by_side;
mod throughput;

use std::path::{Path, PathBuf};

use footnote::Config;

fn main() {
    // The reader of PDF is this program once more.
    footnote::reader_main();
    // A process may hold one ONNX Runtime environment, so the bare session runs in a process of its own.
    if let Some(batches) = std::env::var_os(bare::VARIABLE) {
        return bare::child(Path::new(&batches));
    }
    if std::env::var_os(busy::VARIABLE).is_some() {
        return busy::child();
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores, {} on {}\n", std::env::consts::OS, std::env::consts::ARCH);
    let parts: [(&str, fn()); 9] = [
        ("ingest", ingest::run),
        ("folder", folder::run),
        ("read", read::run),
        ("question", question::run),
        ("large", large::run),
        ("cold", cold::run),
        ("served", served::run),
        ("memory", memory::run),
        ("scale", scale::run),
    ];
    // `cargo bench -- ingest memory` runs these alone. Cargo adds arguments of its own, which begin with a dash.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, run) in parts {
        if named.is_empty() || named.iter().any(|argument| argument == name) {
            run();
        }
    }
}

/// Default settings with the project's models and an index in `dir`.
fn config(dir: &Path) -> Config {
    let mut config = Config::default();
    dir.clone_into(&mut config.index.dir);
    config.model.dir = project().join("models");
    config
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The example corpus's files, one text each.
fn texts() -> Vec<String> {
    let folder = std::fs::read_dir(project().join("examples/corpus")).expect("the example corpus is there");
    let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("it is UTF-8")).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn row(name: &str, value: &str) {
    println!("{name:<58} {value:>18}");
}
