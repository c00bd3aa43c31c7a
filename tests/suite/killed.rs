//! A writer that is killed before any sync, rename or removal of a file loses nothing that it acknowledged, and what it leaves
//! behind is cleared away by the next.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use footnote::internals::index::Collection;
use footnote::internals::index::store::{EmbeddedPassage, PreparedDocument};
use footnote::internals::late::Codec;
use footnote::internals::model::ModelIdentity;
use footnote::internals::terms::LexicalQuery;
use footnote::passage::{Chunk, DocumentInfo, Format, Layout, Span};

use crate::harness::{Resource, needs};

/// Names the collection that a child of this test writes to.
pub(crate) const VARIABLE: &str = "TESTS_KILLED_COLLECTION";
/// Names of one system call on the processors that there are, which are counted together. A name with a question mark need
/// not be known.
pub(crate) const CALLS: [&str; 4] = ["?fsync", "?fdatasync", "?rename,?renameat,?renameat2", "?unlink,?unlinkat"];
const PUT: &str = "the document is stored";
const DELETED: &str = "the document is deleted";

#[test]
#[ignore = "another test runs it"]
fn a_writer_that_is_killed() {
    let Some(dir) = std::env::var_os(VARIABLE) else { return };
    let collection = Collection::open(Path::new(&dir)).unwrap();
    collection.put(&document("d", &["apple in d. ", "pear in d. "])).unwrap();
    println!("{PUT}");
    collection.delete("a").unwrap();
    println!("{DELETED}");
    // Writes a segment and what was deleted of another, then merges all four.
    collection.checkpoint().unwrap();
}

/// Runs a test as a writer, which is killed before the call number `number` of this kind.
pub(crate) fn killed(test: &str, dir: &Path, calls: &str, number: usize) -> Output {
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(VARIABLE, dir).stderr(Stdio::null()).output().unwrap()
}

pub(crate) fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        std::fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

/// A document whose passages have one sentence each.
pub(crate) fn document(id: &str, passages: &[&str]) -> PreparedDocument {
    let text = passages.concat();
    let mut end = 0;
    let passages = passages.iter().map(|passage| {
        let span = Span::new(end, end + passage.len());
        end = span.end;
        let vector = vec![0.5; 4];
        EmbeddedPassage {
            chunk: Chunk { span, sentences: vec![span], headings: Vec::new() },
            tokens: 3,
            sentences: Codec::new(4).compress_sentences(&vector, [(vector.as_slice(), &[][..])].into_iter()),
            vector,
        }
    });
    let passages: Vec<EmbeddedPassage> = passages.collect();
    let info = DocumentInfo {
        id: id.into(),
        title: "t".into(),
        source: None,
        uri: None,
        published: None,
        language: None,
        tags: Vec::new(),
        metadata: serde_json::Map::new(),
        format: Format::Plain,
        size_bytes: text.len(),
        passages: passages.len(),
        ingested: "2026-01-01T00:00:00Z".into(),
    };
    let hash = *blake3::hash(text.as_bytes()).as_bytes();
    PreparedDocument {
        info,
        text,
        layout: Layout::default(),
        origin: None,
        original: None,
        hash,
        aliases: Vec::new(),
        passages,
    }
}

/// The documents that the index finds.
pub(crate) fn found(collection: &Collection) -> BTreeSet<String> {
    let index = collection.snapshot().unwrap().unwrap();
    let best = index.lexical(&LexicalQuery::literal("apple")).unwrap().best(100, None).unwrap();
    let keys: Vec<u64> = best.into_iter().map(|(key, _)| key).collect();
    index.store().documents_of(&keys).unwrap().into_iter().map(|(_, id)| id).collect()
}

/// The starts of the names of the files of the segments that count.
pub(crate) fn segments(dir: &Path) -> Vec<String> {
    let checkpoint = std::fs::read(dir.join("checkpoint.json")).unwrap();
    let checkpoint: serde_json::Value = serde_json::from_slice(&checkpoint).unwrap();
    let segments = checkpoint["segments"].as_array().unwrap();
    segments.iter().map(|segment| segment["stem"].as_str().unwrap().to_owned()).collect()
}

/// Files of segments that do not count, and files that were not finished.
pub(crate) fn left_behind(dir: &Path) -> Vec<PathBuf> {
    let listed = segments(dir);
    let is_left = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_listed = listed.iter().any(|stem| name.starts_with(stem));
        name.contains(".tmp-") || (name.starts_with("segment-") && !is_listed)
    };
    std::fs::read_dir(dir).unwrap().flatten().map(|entry| entry.path()).filter(is_left).collect()
}

/// Whether processes can be killed before a system call.
pub(crate) fn can_kill() -> Option<()> {
    let works = match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Ok(output) if output.status.success() => Ok(()),
        other => Err(format!("strace does not work here: {other:?}")),
    };
    needs(Resource::Strace, works)
}

#[test]
fn a_writer_killed_before_any_sync_rename_or_removal_loses_nothing_and_leaves_nothing_for_good() {
    let Some(()) = can_kill() else { return };
    let prepared = tempfile::tempdir().unwrap();
    let collection = Collection::open(prepared.path()).unwrap();
    collection.adopt_model(&ModelIdentity { name: "m".into(), fingerprint: "f".into() }, 4).unwrap();
    for id in ["a", "b", "c"] {
        collection.put(&document(id, &[&format!("apple in {id}. "), &format!("pear in {id}. ")])).unwrap();
        collection.checkpoint().unwrap();
    }
    drop(collection);
    assert_eq!(segments(prepared.path()).len(), 3);
    let mut kills = Vec::new();
    for calls in CALLS {
        for number in 1.. {
            let place = format!("before call {number} of {calls}");
            let dir = copied(prepared.path());
            let output = killed("killed::a_writer_that_is_killed", dir.path(), calls, number);
            let acknowledged = String::from_utf8_lossy(&output.stdout).into_owned();
            let stored = Collection::open_read_only(dir.path()).unwrap();
            let documents = stored.store().unwrap().documents(None, 10).unwrap();
            let documents: BTreeSet<String> = documents.into_iter().map(|document| document.id).collect();
            assert!(documents.contains("d") || !acknowledged.contains(PUT), "{place}");
            assert!(!documents.contains("a") || !acknowledged.contains(DELETED), "{place}");
            // None of what counts has to be made again.
            let tables = segments(dir.path()).into_iter().map(|stem| dir.path().join(format!("{stem}.table")));
            assert!(tables.into_iter().all(|table| table.exists()), "{place}");
            assert_eq!(found(&stored), documents, "{place}");
            drop(stored);
            let collection = Collection::open(dir.path()).unwrap();
            assert_eq!(found(&collection), documents, "{place}");
            assert!(collection.verify(None).unwrap().problems.is_empty(), "{place}");
            drop(collection);
            assert_eq!(left_behind(dir.path()), [""; 0].map(PathBuf::from), "{place}");
            if output.status.success() {
                assert!(acknowledged.contains(DELETED), "{acknowledged}");
                assert_eq!(segments(dir.path()).len(), 1, "all were merged");
                kills.push(number - 1);
                break;
            }
        }
    }
    // It was killed within a flush and a merge, each of which syncs and then removes many files.
    assert!(kills[0] + kills[1] > 20 && kills[2] > 2 && kills[3] > 20, "{kills:?}");
}
