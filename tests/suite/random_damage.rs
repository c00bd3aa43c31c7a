//! A thousand random damages to the files of an index. Each is seen by `verify` or changes nothing that is stored; no
//! answer quotes what no document says; nothing panics and nothing hangs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use footnote::Cancel;
use footnote::internals::ask::{Context, Question, embed, search};
use footnote::internals::index::{Collection, Snapshots};
use footnote::internals::lexicon::Lexicon;
use footnote::passage::NewDocument;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::harness::{Dice, Workspace, config, embedder, project};

/// Another seed gives a thousand other damages.
const SEED: u64 = 20_261_129;
const TRIALS: usize = 1_000;
/// Far more than a trial takes, on a busy machine too.
const NO_TRIAL_TAKES_LONGER_THAN: Duration = Duration::from_mins(2);

const QUESTIONS: [&str; 3] = ["who expects the Fed to cut in 2026", "日銀の次の利上げはいつ?", "何時開放?"];

/// Files whose content does not matter.
const NOT_DAMAGED: [&str; 2] = ["LOCK", "store.db-shm"];

/// The files of a sound index, and the texts of its documents in all their versions.
struct Sound {
    files: BTreeMap<String, Vec<u8>>,
    content: Content,
    texts: Vec<String>,
}

/// Every row of every table: what is stored.
type Content = BTreeMap<String, Vec<Vec<Value>>>;

/// Copies of two indexes: one that was closed, and one whose writer was killed while its last writes were in the
/// write-ahead log.
fn indexes() -> &'static [Sound; 2] {
    static INDEXES: OnceLock<[Sound; 2]> = OnceLock::new();
    INDEXES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let directory = config.index.collection_dir();
        let mut texts = Vec::new();
        let mut ingest = |footnote: &footnote::Footnote, documents: Vec<NewDocument>| {
            texts.extend(documents.iter().map(|document| document.text.clone()));
            footnote.ingest(documents, &mut |_| {}).unwrap();
        };
        let footnote = footnote::Footnote::open(&config).unwrap();
        ingest(&footnote, documents(0));
        // Replaced and deleted rows leave free pages and gaps behind, as in an index that is in use.
        ingest(&footnote, documents(1).into_iter().take(3).collect());
        let last = documents(0).pop().unwrap().id.unwrap();
        footnote.delete(&last).unwrap();
        footnote.checkpoint().unwrap();
        ingest(&footnote, documents(2).into_iter().take(2).collect());
        let killed = files(&directory);
        drop(footnote);
        let closed = files(&directory);
        assert!(killed.get("store.db-wal").is_some_and(|log| !log.is_empty()) && !closed.contains_key("store.db-wal"));
        for name in ["checkpoint.json", "store.db"] {
            assert!(closed.contains_key(name), "{:?}", closed.keys());
        }
        [closed, killed].map(|files| Sound { content: content_of(&files), files, texts: texts.clone() })
    })
}

/// The example corpus in short documents with all that a document may have; `version` changes their texts.
fn documents(version: usize) -> Vec<NewDocument> {
    let text = std::fs::read_to_string(project().join("examples/corpus/market-digest.txt")).unwrap();
    let bank = std::fs::read_to_string(project().join("examples/corpus/boj-next-step.md")).unwrap();
    let bank = bank.rsplit("---").next().unwrap();
    let paragraphs = text.lines().chain(bank.lines()).filter(|line| line.chars().count() > 60);
    let document = |(number, paragraph): (usize, &str)| NewDocument {
        id: Some(format!("document-{number}")),
        title: Some(format!("Number {number}")),
        text: format!("{paragraph}\n\n{paragraph} ({version})"),
        source: Some("潮間帶財經".into()),
        uri: Some(format!("https://example.org/{number}")),
        published: Some("2026-01-31".into()),
        tags: vec!["rates".into(), "降息".into()],
        metadata: json!({"desk": "north", "n": number}).as_object().unwrap().clone(),
        ..NewDocument::default()
    };
    paragraphs.take(8).enumerate().map(document).collect()
}

/// The files of a directory with their contents.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    named
        .filter(|(name, _)| !NOT_DAMAGED.contains(&name.as_str()))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

fn write(files: &BTreeMap<String, Vec<u8>>, directory: &Path) {
    for (name, bytes) in files {
        std::fs::write(directory.join(name), bytes).unwrap();
    }
}

/// All that the store in a directory holds, as SQLite reads it; `None` if it cannot.
fn content(directory: &Path) -> Option<Content> {
    let path = directory.join("store.db");
    if !path.is_file() {
        return None;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = |path: PathBuf| -> rusqlite::Result<Content> {
        let store = Connection::open_with_flags(path, flags)?;
        // Indexes are compared with their tables by `integrity_check`; here only tables are read.
        let mut names = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut content = Content::new();
        for name in names {
            let mut select = store.prepare(&format!("SELECT * FROM \"{name}\" NOT INDEXED"))?;
            let columns = select.column_count();
            let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect();
            let rows = select.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
            content.insert(name, rows);
        }
        Ok(content)
    };
    read(path).ok()
}

/// What an index with these files holds.
fn content_of(files: &BTreeMap<String, Vec<u8>>) -> Content {
    let copy = tempfile::tempdir().unwrap();
    write(files, copy.path());
    content(copy.path()).unwrap()
}

/// Damages one file; returns which and how.
fn damage(files: &mut BTreeMap<String, Vec<u8>>, dice: &mut Dice) -> String {
    const PAGE: usize = 4096;
    // The store is most of an index, and gets most of the damage.
    let log = "store.db-wal".to_owned();
    let name = match dice.below(10) {
        0..5 if files.contains_key(&log) => log,
        0..7 => "store.db".to_owned(),
        _ => dice.pick(&files.keys().cloned().collect::<Vec<_>>()).clone(),
    };
    let bytes = files.get_mut(&name).unwrap();
    let (before, length) = (bytes.clone(), bytes.len());
    let page = |dice: &mut Dice| {
        let start = dice.below(length.div_ceil(PAGE)) * PAGE;
        start..(start + PAGE).min(length)
    };
    let how = loop {
        let how = match dice.below(12) {
            0..10 if length == 0 => continue,
            0..4 => {
                let at = dice.below(length);
                bytes[at] ^= 1 << dice.below(8);
                format!("bit at {at}")
            }
            4..6 => {
                let at = dice.below(length);
                bytes[at..length.min(at + 8)].iter_mut().for_each(|byte| *byte = dice.byte());
                format!("eight bytes at {at}")
            }
            6 => {
                let page = page(dice);
                bytes[page.clone()].fill(0);
                format!("zeros at {page:?}")
            }
            7 => {
                let page = page(dice);
                bytes[page.clone()].iter_mut().for_each(|byte| *byte = dice.byte());
                format!("noise at {page:?}")
            }
            8 => {
                let (one, other) = (page(dice), page(dice));
                let (first, second) = (bytes[one.clone()].to_vec(), bytes[other.clone()].to_vec());
                if first.len() == second.len() {
                    bytes[one.clone()].copy_from_slice(&second);
                    bytes[other.clone()].copy_from_slice(&first);
                }
                format!("{one:?} and {other:?} swapped")
            }
            9 => {
                let length = dice.below(length);
                bytes.truncate(length);
                format!("cut to {length} bytes")
            }
            10 => {
                let more = 1 + dice.below(2 * PAGE);
                bytes.extend((0..more).map(|_| dice.byte()));
                format!("{more} bytes appended")
            }
            _ => {
                files.remove(&name);
                return format!("{name}: removed");
            }
        };
        if *bytes != before {
            break how;
        }
    };
    format!("{name}: {how}")
}

/// What a trial found, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// `verify` found something, or the index could not be opened.
    Seen,
    /// Everything that is stored reads back as it was.
    Harmless,
    /// What is stored has changed, and `verify` found nothing.
    Unseen,
    /// An answer quotes what no document says.
    Misquoted,
}

/// A way to check an index: whether it sees that something is wrong.
type Check = fn(&Path) -> bool;

fn verify_sees(directory: &Path) -> bool {
    let verified = Collection::open_read_only(directory).and_then(|collection| collection.verify(None));
    verified.map_or(true, |found| !found.problems.is_empty() || !found.notes.is_empty())
}

/// What SQLite's own check sees, which is all that an index without checksums would have.
fn sqlite_alone_sees(directory: &Path) -> bool {
    let check = |store: Connection| store.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    !directory.join("store.db").is_file()
        || Connection::open(directory.join("store.db")).and_then(check).map_or(true, |found| found != "ok")
}

/// Damages a copy of an index, reads it in every way, and judges the outcome.
fn trial(sound: &Sound, seed: u64, check: Check) -> (String, Outcome) {
    let mut files = sound.files.clone();
    let how = damage(&mut files, &mut Dice::new(seed));
    // Reading moves a write-ahead log into the store, so that each way of reading gets a copy of its own.
    let [used, read] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    write(&files, used.path());
    write(&files, read.path());
    let seen = check(used.path());
    let question = QUESTIONS[seed as usize % QUESTIONS.len()];
    let unreal = unreal_quotes(used.path(), question, &sound.texts);
    let outcome = match content(read.path()) {
        _ if !unreal.is_empty() => Outcome::Misquoted,
        _ if seen => Outcome::Seen,
        Some(content) if content == sound.content => Outcome::Harmless,
        _ => Outcome::Unseen,
    };
    (how, outcome)
}

/// Asks the index in a directory, and returns the quotes that are in none of `texts`.
fn unreal_quotes(directory: &Path, question: &str, texts: &[String]) -> BTreeSet<String> {
    let mut unreal = BTreeSet::new();
    let Ok(collection) = Collection::open_read_only(directory) else { return unreal };
    let config = config(directory);
    let Ok(Some(index)) = collection.snapshot() else { return unreal };
    let context = Context {
        embedder: embedder(),
        lexicon: &Lexicon::empty(),
        use_aliases: true,
        reranker: None,
        config: &config.ask,
        cancel: &Cancel::default(),
    };
    let question = Question { text: question.into(), context_sentences: Some(1), ..Question::default() };
    // A damaged index may answer with an error.
    let today = "2026-11-27".parse().expect("it is a day");
    let found = embed(context, &question, today, || Ok(false), || index.chinese_documents().map(|_| None))
        .and_then(|embedded| search(context, &Snapshots::new(vec![(None, index)]), &question, &embedded));
    let Ok(found) = found else { return unreal };
    let passages = found.passages.into_iter();
    let quotes = passages.flat_map(|passage| [passage.quote.text, passage.text, passage.before, passage.after]);
    unreal.extend(quotes.filter(|quote| !texts.iter().any(|text| text.contains(quote.as_str()))));
    unreal
}

/// Runs the trials with these numbers, each on a thread of its own so that neither a panic nor a hang is missed; counts
/// their outcomes, and lists the damages whose outcome is bad.
fn run(numbers: std::ops::Range<usize>, check: Check) -> ([usize; 4], Vec<String>) {
    let (mut counts, mut bad) = ([0; 4], Vec::new());
    for number in numbers {
        let seed = SEED + number as u64;
        let sound = &indexes()[number % 2];
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || sender.send(trial(sound, seed, check)));
        match receiver.recv_timeout(NO_TRIAL_TAKES_LONGER_THAN) {
            Ok((how, outcome)) => {
                counts[outcome as usize] += 1;
                if matches!(outcome, Outcome::Unseen | Outcome::Misquoted) {
                    bad.push(format!("{outcome:?} after {how} (index {}, seed {seed})", number % 2));
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("the damage of seed {seed} makes it hang"),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let panic = thread.join().expect_err("it ended without an outcome");
                let message = panic.downcast::<String>().map_or_else(|_| "it panicked".to_owned(), |message| *message);
                panic!("seed {seed}: {message}");
            }
        }
    }
    (counts, bad)
}

#[test]
fn a_sound_index_is_found_sound() {
    for sound in indexes() {
        let copy = tempfile::tempdir().unwrap();
        write(&sound.files, copy.path());
        let found = Collection::open_read_only(copy.path()).unwrap().verify(None).unwrap();
        assert_eq!((found.problems, found.notes), (Vec::new(), Vec::new()));
        assert!(found.documents >= 5);
        for question in QUESTIONS {
            assert_eq!(unreal_quotes(copy.path(), question, &sound.texts), BTreeSet::new());
            assert!(!unreal_quotes(copy.path(), question, &[]).is_empty(), "{question} is answered with quotes");
        }
    }
}

#[test]
fn a_thousand_random_damages_of_an_index_are_seen_or_harmless() {
    let half = TRIALS / 2;
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(half..TRIALS, verify_sees));
        (run(0..half, verify_sees), other.join().unwrap())
    });
    let counts: Vec<usize> = first.0.iter().zip(second.0).map(|(one, other)| one + other).collect();
    println!("of {TRIALS} from seed {SEED}: seen, harmless, unseen, misquoted: {counts:?}");
    let bad = [first.1, second.1].concat();
    assert!(bad.is_empty(), "{} of {TRIALS}: {bad:#?}", bad.len());
    assert!(counts[0] > TRIALS / 2, "most damages hit something: {counts:?}");
}

/// Shows that the test above can fail: the same damages change what is stored, and a check without checksums misses many.
#[test]
fn without_checksums_many_of_these_damages_would_go_unseen() {
    let (counts, _) = run(0..200, sqlite_alone_sees);
    assert!(counts[2] + counts[3] >= 20, "{counts:?}");
}

#[test]
fn the_program_neither_panics_nor_crashes_on_a_damaged_index() {
    for number in 0..16 {
        let seed = SEED + 10_000 + number as u64;
        let workspace = Workspace::new();
        let directory = workspace.folder().join("index/default");
        std::fs::create_dir_all(&directory).unwrap();
        let mut files = indexes()[number % 2].files.clone();
        let how = damage(&mut files, &mut Dice::new(seed));
        write(&files, &directory);
        for arguments in [&["verify"][..], &["ask", QUESTIONS[0]], &["ls"], &["ingest", "-", "--id", "more"]] {
            let output = workspace.run_with_input(arguments, b"The lighthouse was repainted in May.");
            let ended = output.code < 100 && !output.stderr.contains("panicked");
            assert!(ended, "{arguments:?} after {how} (seed {seed}): {output:?}");
        }
    }
}
