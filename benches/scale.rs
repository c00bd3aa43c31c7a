//! What a collection of many passages costs: questions, recall, opening, memory, writing. `BENCH_PASSAGES=10000,100000`
//! sets the sizes; each is compared with the first. `BENCH_FOLDER=DIR` keeps the collections, which take long to fill, and
//! uses those that are there.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use footnote::filter::Filter;
use footnote::internals::embed::{Embedder, OnnxEmbedder, PassageInput};
use footnote::internals::index::Collection;
use footnote::internals::late::Codec;
use footnote::internals::model_store;
use footnote::{Cancel, Config, Footnote, Question};
use serde_json::json;

use crate::beside;
use crate::scattered::{PER_DOCUMENT, Scattered, TAGS};

const QUESTIONS: usize = 60;
const NEAREST: usize = 30;
const DELETED_SHARE: usize = 10;

pub(crate) fn run() {
    let sizes = std::env::var("BENCH_PASSAGES").unwrap_or_else(|_| "10000,100000".into());
    let sizes: Vec<usize> = sizes.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let mut first = None;
    for size in sizes {
        let beyond = of_size(size);
        let ratio = beyond / *first.get_or_insert(beyond);
        crate::row("  question in all, ratio to the first size", &format!("{ratio:.2}"));
        println!();
    }
}

/// Milliseconds that a question takes in all at this size.
fn of_size(size: usize) -> f64 {
    println!("{size} passages");
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = std::env::var_os("BENCH_FOLDER").map(|folder| PathBuf::from(folder).join(size.to_string()));
    let dir = folder.as_deref().unwrap_or(temporary.path());
    let config = crate::config(dir);
    let texts = real_passages();
    let files = model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
    let embedder = OnnxEmbedder::start(files, &config.model, config.ingest.batch_tokens).expect("it starts");
    let real = embedder.embed_passages(&texts).expect("they embed");
    let scattered = Scattered::new(texts, real);
    let queries = queries(&embedder);
    let filled = dir.join("filled");
    if !filled.exists() {
        let collection = Collection::open(&config.index.collection_dir()).expect("the collection opens");
        collection.adopt_model(embedder.identity(), embedder.dimensions()).expect("it has no model yet");
        fill(&collection, &scattered, size, &queries);
        drop(collection);
        std::fs::write(&filled, "").expect("it is noted");
    }
    recall(&config, &scattered, &queries, size, false);
    cold(&config);
    let beyond = questions(&config, "");
    memory(&config);
    // What is kept stays as it is.
    let changed = match folder {
        None => config,
        Some(_) => copy_of(&config, temporary.path()),
    };
    beside::run(&changed, &embedder, &scattered);
    delete(&changed, size);
    recall(&changed, &scattered, &queries, size, true);
    questions(&changed, ", a tenth deleted");
    beyond
}

/// The same collection in another folder.
fn copy_of(config: &Config, dir: &Path) -> Config {
    let copy = crate::config(dir);
    let (from, to) = (config.index.collection_dir(), copy.index.collection_dir());
    std::fs::create_dir_all(&to).expect("the folder can be made");
    for entry in std::fs::read_dir(from).expect("it is there").flatten() {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("it is copied");
        }
    }
    copy
}

/// The example corpus in pieces of about a passage each.
fn real_passages() -> Vec<PassageInput> {
    let mut inputs = Vec::new();
    for text in crate::texts() {
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(130).filter(|piece| piece.len() > 60) {
            let text: String = piece.iter().collect();
            let sentences = footnote::internals::ingest::sentences::sentences(&text);
            inputs.push(PassageInput { text, sentences });
        }
    }
    inputs
}

pub(crate) fn question_texts() -> Vec<String> {
    let questions = std::fs::read_to_string(crate::project().join("examples/questions.jsonl")).expect("it is there");
    let text = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("it is JSON")["question"].clone();
    questions.lines().map(|line| text(line).as_str().unwrap_or_default().to_owned()).collect()
}

/// The vectors of real questions.
fn queries(embedder: &OnnxEmbedder) -> Vec<Vec<f32>> {
    let embed = |text: &String| embedder.embed_question(text, &Cancel::default()).expect("it embeds").question;
    question_texts().iter().take(QUESTIONS).map(embed).collect()
}

/// Stores the passages while questions are searched for, and reports what that takes.
fn fill(collection: &Collection, scattered: &Scattered, size: usize, queries: &[Vec<f32>]) {
    let (written, started) = (bytes_written(), Instant::now());
    let (done, mut adds, mut searches, mut waits, mut own) =
        (AtomicBool::new(false), Vec::new(), Vec::new(), Vec::new(), 0.0_f64);
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let (mut took, mut waits, mut own) = (Vec::new(), Vec::new(), 0.0_f64);
            for query in queries.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let started = Instant::now();
                if let Some(index) = collection.snapshot().expect("the index loads") {
                    waits.push(started.elapsed().as_secs_f64() * 1e3);
                    index.nearest(query, NEAREST, None).expect("it is searched");
                }
                took.push(started.elapsed().as_secs_f64() * 1e3);
                own = own.max(memory_of("self", "RssAnon:"));
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            (took, waits, own)
        });
        for number in 0..size / PER_DOCUMENT {
            if number % (50_000 / PER_DOCUMENT) == 0 && number > 0 {
                eprintln!("    {} stored after {:.0} s", number * PER_DOCUMENT, started.elapsed().as_secs_f64());
            }
            let document = scattered.document(number);
            let started = Instant::now();
            collection.put(&document).expect("it is stored");
            adds.push(started.elapsed().as_secs_f64() * 1e3);
        }
        done.store(true, Ordering::Relaxed);
        (searches, waits, own) = searching.join().expect("the searches end");
    });
    let stored = started.elapsed().as_secs_f64();
    let at_end = Instant::now();
    collection.checkpoint().expect("the index is written");
    crate::row("  writing what was in memory at the end, ms", &format!("{:.0}", at_end.elapsed().as_secs_f64() * 1e3));
    let merging = Instant::now();
    collection.merge().expect("the segments are merged");
    crate::row("  merges left at the end, s", &format!("{:.1}", merging.elapsed().as_secs_f64()));
    crate::row("  passages stored a second, beside searches", &format!("{:.0}", size as f64 / stored));
    crate::row(&format!("  adding a document of {PER_DOCUMENT} passages, median, ms"), &percentile(&adds, 0.5));
    crate::row("    99th percentile, ms", &percentile(&adds, 0.99));
    crate::row("    longest, ms", &percentile(&adds, 1.0));
    crate::row("  a search meanwhile, median, ms", &percentile(&searches, 0.5));
    crate::row("    longest, ms", &percentile(&searches, 1.0));
    crate::row("    longest wait for the index, ms", &percentile(&waits, 1.0));
    crate::row("  memory of the process at most, without files, MiB", &format!("{own:.0}"));
    let usage = collection.disk_usage().expect("it is measured");
    let index = usage.vector_bytes + usage.lexical_bytes;
    let each = |bytes: u64| format!("{}", bytes / size as u64);
    crate::row("  bytes a passage: the store", &each(usage.store_bytes));
    crate::row("    vectors of the index", &each(usage.vector_bytes));
    crate::row("    terms of the index", &each(usage.lexical_bytes));
    crate::row("  bytes written for a passage, all in all", &each(bytes_written() - written));
    crate::row("  index, MB", &format!("{}", index / 1_000_000));
}

/// How many of the exact nearest passages are found, for each filter, and the time of a search.
fn recall(config: &Config, scattered: &Scattered, queries: &[Vec<f32>], size: usize, is_deleted: bool) {
    let mut exact: Vec<[Vec<(f32, u64)>; FILTERS]> = vec![Default::default(); queries.len()];
    let codec = Codec::new(queries[0].len());
    for passage in 0..size / PER_DOCUMENT * PER_DOCUMENT {
        let document = passage / PER_DOCUMENT;
        if is_deleted && document.is_multiple_of(DELETED_SHARE) {
            continue;
        }
        let vector = codec.decode_passage(&codec.compress_passage(&scattered.vector(passage))).expect("it is whole");
        for (query, exact) in queries.iter().zip(&mut exact) {
            let cosine = crate::scattered::dot(query, &vector);
            for (best, _) in exact.iter_mut().zip(0..FILTERS).filter(|(_, filter)| is_let_through(*filter, document)) {
                if best.len() < NEAREST || cosine > best[NEAREST - 1].0 {
                    let at = best.partition_point(|(other, _)| *other > cosine);
                    best.insert(at, (cosine, passage as u64 + 1));
                    best.truncate(NEAREST);
                }
            }
        }
    }
    let state = if is_deleted { ", a tenth deleted" } else { "" };
    let collection = Collection::open_read_only(&config.index.collection_dir()).expect("the collection opens");
    let index = collection.snapshot().expect("the index loads").expect("there is one");
    for filter in 0..FILTERS {
        let allowed = index.allowed(&filter_of(filter)).expect("it is a filter");
        let (mut hits, mut wanted, mut took) = (0, 0, Vec::new());
        for _ in 0..2 {
            (hits, wanted, took) = (0, 0, Vec::new());
            for (query, exact) in queries.iter().zip(&exact) {
                let before = cpu_ms();
                let found = index.nearest(query, NEAREST, allowed.as_ref()).expect("it is searched");
                took.push(cpu_ms() - before);
                let exact = &exact[filter];
                wanted += exact.len();
                hits += exact.iter().filter(|(_, key)| found.iter().any(|(found, _)| found == key)).count();
            }
        }
        let share = hits as f64 / wanted.max(1) as f64;
        let name = name_of(filter);
        crate::row(&format!("  recall@{NEAREST} of the vectors{state}{name}"), &format!("{share:.3}"));
        crate::row("    processor time of a search, mean, ms", &mean(&took));
    }
}

/// No filter, and one for each tag.
const FILTERS: usize = 1 + TAGS.len();

fn is_let_through(filter: usize, document: usize) -> bool {
    filter == 0 || (TAGS[filter - 1].1)(document)
}

fn filter_of(filter: usize) -> Filter {
    let fields = if filter == 0 { json!({}) } else { json!({ "tags": TAGS[filter - 1].0 }) };
    Filter::from_json(fields.as_object().expect("it is an object")).expect("it is a filter")
}

fn name_of(filter: usize) -> String {
    if filter == 0 { String::new() } else { format!(", a filter of {}", TAGS[filter - 1].2) }
}

/// Opening, and a process from start to end.
fn cold(config: &Config) {
    let runs = |work: &mut dyn FnMut()| {
        let mut took = Vec::new();
        for _ in 0..5 {
            let started = Instant::now();
            work();
            took.push(started.elapsed().as_secs_f64() * 1e3);
        }
        crate::median(took)
    };
    let open = runs(&mut || {
        let collection = Collection::open_read_only(&config.index.collection_dir()).expect("the collection opens");
        assert!(collection.snapshot().expect("the index loads").is_some());
    });
    crate::row("  opening the index, ms", &format!("{open:.1}"));
    let ask = runs(&mut || {
        let status = Command::new(env!("CARGO_BIN_EXE_footnote"))
            .args(["ask", "--no-server", "who expects the Fed to cut in 2026", "--index"])
            .arg(&config.index.dir)
            .env("FOOTNOTE_MODEL_DIR", &config.model.dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.expect("footnote runs");
    });
    crate::row("  cold ask, start to exit, ms", &format!("{ask:.0}"));
}

/// Whole questions, with filters too.
fn questions(config: &Config, state: &str) -> f64 {
    let footnote = Footnote::open_read_only(config).expect("the collection opens");
    let (mut total, mut beyond, mut works) = (Vec::new(), vec![Vec::new(); FILTERS], vec![Vec::new(); FILTERS]);
    for (number, text) in question_texts().iter().cycle().take(QUESTIONS + 10).enumerate() {
        for (filter, (beyond, works)) in beyond.iter_mut().zip(&mut works).enumerate() {
            let question = Question { text: text.clone(), filter: filter_of(filter), ..Question::default() };
            let before = cpu_ms();
            let took = footnote.ask(&question).expect("it answers").took;
            if number >= 10 {
                works.push(cpu_ms() - before);
                beyond.push(took.total_ms - took.embed_ms);
                if filter == 0 {
                    total.push(took.total_ms);
                }
            }
        }
    }
    for (filter, (beyond, works)) in beyond.iter().zip(&works).enumerate() {
        let name = name_of(filter);
        crate::row(&format!("  question beyond its embedding{state}{name}, ms"), &percentile(beyond, 0.5));
        crate::row("    processor time of it, mean, ms", &mean(works));
    }
    let total = crate::median(total);
    crate::row(&format!("  question in all{state}, ms"), &format!("{total:.2}"));
    total
}

/// Resident memory of a server after questions.
fn memory(config: &Config) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut server = Command::new(env!("CARGO_BIN_EXE_footnote"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("FOOTNOTE_MODEL_DIR", &config.model.dir)
        .env("FOOTNOTE_INDEX_DIR", &config.index.dir)
        .stderr(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("footnote runs");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("it says where it listens");
    let url = format!("{}/v1/ask", line.trim().trim_start_matches("listening on "));
    let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    for text in question_texts().iter().take(QUESTIONS) {
        let response = agent.post(&url).send_json(json!({ "question": text }));
        response.and_then(|mut response| response.body_mut().read_to_vec()).expect("it answers");
    }
    let mebibytes = |name: &str| memory_of(&server.id().to_string(), name);
    let (own, files) = (mebibytes("RssAnon:"), mebibytes("RssFile:"));
    crate::row("  memory of serve: its own + pages of files, MiB", &format!("{own:.0} + {files:.0}"));
    crate::row("    at most, MiB", &format!("{:.0}", mebibytes("VmHWM:")));
    server.kill().expect("it can be stopped");
    server.wait().expect("it ends");
}

/// A figure of a process in MiB; 0 where the system does not have it.
fn memory_of(process: &str, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

fn delete(config: &Config, size: usize) {
    let collection = Collection::open(&config.index.collection_dir()).expect("the collection opens");
    let (mut took, written) = (Vec::new(), bytes_written());
    for number in (0..size / PER_DOCUMENT).step_by(DELETED_SHARE) {
        let started = Instant::now();
        assert!(collection.delete(&number.to_string()).expect("it is deleted"));
        took.push(started.elapsed().as_secs_f64() * 1e3);
    }
    crate::row(&format!("  deleting a document of {PER_DOCUMENT} passages, median, ms"), &percentile(&took, 0.5));
    crate::row("    99th percentile, ms", &percentile(&took, 0.99));
    collection.checkpoint().expect("the index is written");
    collection.merge().expect("the segments are merged");
    let passages = (took.len() * PER_DOCUMENT) as u64;
    crate::row("    bytes written for a passage, with merges", &format!("{}", (bytes_written() - written) / passages));
}

/// Milliseconds of processor time that this thread has taken, which other programs hardly change; the model has threads of its
/// own. The system counts it every few milliseconds, so only the mean of many says something. 0 where it is not counted.
fn cpu_ms() -> f64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    schedule.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

/// Bytes that this process has had written to disk; 0 where the system does not count them.
pub(crate) fn bytes_written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|line| line.trim().parse().ok()).unwrap_or_default()
}

fn mean(values: &[f64]) -> String {
    format!("{:.2}", values.iter().sum::<f64>() / values.len().max(1) as f64)
}

pub(crate) fn percentile(values: &[f64], share: f64) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    format!("{:.2}", sorted.get(at).copied().unwrap_or_default())
}
