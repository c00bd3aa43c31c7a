//! A large folder that is ingested again, against the first time: the articles of law in `../shared`, each a file.
//! `BENCH_ARTICLES=10156 cargo bench -- folder` takes all of them, which are embedded for up to an hour.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use footnote::{Footnote, Progress};

const CORPUS: &str = "../shared/eval/mojlaw/corpus.finance.zh-Hant.jsonl";
const CHANGED: usize = 10;

pub(crate) fn run() {
    let Ok(corpus) = std::fs::read_to_string(crate::project().join(CORPUS)) else {
        println!("skipped: {CORPUS} is not there");
        return;
    };
    let count = std::env::var("BENCH_ARTICLES").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("law");
    std::fs::create_dir(&folder).expect("a folder");
    let files: Vec<PathBuf> = corpus.lines().take(count).map(|line| write(&folder, line)).collect();
    let footnote = Footnote::open(&crate::config(&dir.path().join("index"))).expect("the collection opens");
    footnote.warm_up().expect("the model loads");

    let (first, embedded) = ingest(&footnote, &folder);
    crate::row(&format!("first ingest of {} files, s", files.len()), &format!("{:.1}", first.as_secs_f64()));
    crate::row("  passages embedded", &embedded.to_string());
    let again = (0..3).map(|_| ingest(&footnote, &folder));
    let again = again.inspect(|(_, embedded)| assert_eq!(*embedded, 0)).map(|(time, _)| time.as_secs_f64()).collect();
    let again = crate::median(again);
    crate::row("  again, nothing changed, ms", &format!("{:.1}", again * 1000.0));
    crate::row("  part of the first time (aim: below 2 %)", &format!("{:.2} %", 100.0 * again / first.as_secs_f64()));
    let step = (files.len() / CHANGED).max(1);
    let changed = files.iter().step_by(step).take(CHANGED);
    let count = changed.map(|file| write_old(file, "# 修正\n\n本條經修正後，自公布日施行。\n")).count();
    let (time, embedded) = ingest(&footnote, &folder);
    crate::row(&format!("  {count} files changed, passages embedded"), &embedded.to_string());
    crate::row("  ms", &format!("{:.1}", time.as_secs_f64() * 1000.0));
}

/// Ingests the folder, and gives how long that took and how many passages were embedded.
fn ingest(footnote: &Footnote, folder: &Path) -> (Duration, usize) {
    let mut embedded = 0;
    let started = Instant::now();
    footnote
        .ingest_paths(&[folder.to_owned()], &mut |progress| {
            if let Progress::Embedded { passages, .. } = progress {
                embedded += passages;
            }
        })
        .expect("it ingests");
    (started.elapsed(), embedded)
}

/// Writes an article as a file.
fn write(folder: &Path, line: &str) -> PathBuf {
    let article: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
    let part = |key: &str| article[key].as_str().expect("it is text").to_owned();
    let path = folder.join(part("id") + ".md");
    write_old(&path, &format!("# {}\n\n{}\n", part("title"), part("text")));
    path
}

/// Writes a file as if a minute ago, since one that was only just written is read again.
fn write_old(path: &Path, content: &str) {
    std::fs::write(path, content).expect("it is written");
    let file = std::fs::File::options().write(true).open(path).expect("it is there");
    file.set_modified(SystemTime::now() - Duration::from_mins(1)).expect("its time is set");
}
