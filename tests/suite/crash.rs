//! Being killed at any moment loses nothing that was acknowledged, and derived files may be lost at any time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::harness::Workspace;

/// Pseudo-random numbers, the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Small documents, no two alike.
fn write_documents(workspace: &Workspace, from: usize, to: usize) {
    std::fs::create_dir_all(workspace.folder().join("corpus")).unwrap();
    for number in from..to {
        let mut text = format!("Report {number}\n\n");
        for line in 0..2 {
            let _ =
                writeln!(text, "Station {number} measured {} millimetres of rain in week {line}.\n", number * 7 + line);
        }
        workspace.write(&format!("corpus/{number:04}.txt"), text);
    }
}

/// Ids that a line-by-line report of ingest acknowledges.
fn acknowledged(report: impl BufRead) -> Vec<String> {
    let ids = report.lines().map_while(Result::ok).filter_map(|line| {
        let value: serde_json::Value = serde_json::from_str(&line).ok()?;
        matches!(value["status"].as_str()?, "added" | "updated").then(|| value["id"].as_str().unwrap().to_owned())
    });
    ids.collect()
}

fn stored(workspace: &Workspace) -> BTreeSet<String> {
    let listed = workspace.run(&["ls", "--json"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let value: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    value["documents"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect()
}

fn check(workspace: &Workspace, expected: &BTreeSet<String>) {
    let verified = workspace.run(&["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    let missing: Vec<_> = expected.difference(&stored(workspace)).cloned().collect();
    assert!(missing.is_empty(), "acknowledged, but not there: {missing:?}");
}

fn vector_file(workspace: &Workspace) -> Option<PathBuf> {
    let entries = std::fs::read_dir(workspace.folder().join("index/default")).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "usearch"))
}

fn damage(path: &Path, dice: &mut Dice) {
    let mut bytes = std::fs::read(path).unwrap();
    match dice.below(3) {
        0 => return std::fs::remove_file(path).unwrap(),
        1 => bytes.truncate(dice.below(bytes.len() as u64) as usize),
        _ => {
            let at = dice.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << dice.below(8);
        }
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn fifty_kills_of_ingest_lose_nothing_that_was_acknowledged() {
    let workspace = Workspace::new();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut expected = BTreeSet::new();
    let (mut written, mut cut_short) = (6, 0);
    // How long a whole run takes on this machine, so that the kills fall all over it.
    write_documents(&workspace, 0, written);
    let started = Instant::now();
    assert_eq!(workspace.run(&["ingest", "corpus"]).code, 0);
    let whole_run = u64::try_from(started.elapsed().as_micros()).unwrap();
    for round in 0..50 {
        write_documents(&workspace, written, written + 6);
        written += 6;
        let mut child = workspace.command(&["ingest", "--json", "corpus"]).spawn().unwrap();
        let report = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || acknowledged(report));
        // From before the model is loaded to after all is stored.
        std::thread::sleep(Duration::from_micros(dice.below(whole_run * 5 / 4)));
        child.kill().unwrap();
        cut_short += usize::from(!child.wait().unwrap().success());
        expected.extend(reader.join().unwrap());
        if round % 2 == 1
            && let Some(file) = vector_file(&workspace)
        {
            damage(&file, &mut dice);
        }
        check(&workspace, &expected);
    }
    assert!(cut_short >= 10, "only {cut_short} of 50 kills came before the end");
    let last = workspace.run(&["ingest", "corpus"]);
    assert_eq!(last.code, 0, "{}", last.stderr);
    assert_eq!(stored(&workspace).len(), written);
    check(&workspace, &expected);
}

#[test]
fn a_damaged_vector_index_is_made_again_without_embedding() {
    let workspace = Workspace::new();
    write_documents(&workspace, 0, 40);
    assert_eq!(workspace.run(&["ingest", "corpus"]).code, 0);
    let search = |workspace: &Workspace| {
        let found = workspace.run(&["search", "--json", "--top-k", "20", "How much rain fell at station 17?"]);
        assert_eq!(found.code, 0, "{}", found.stderr);
        let mut value: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
        value["took_ms"].take();
        value
    };
    let before = search(&workspace);
    let intact = std::fs::read(vector_file(&workspace).unwrap()).unwrap();
    let path = vector_file(&workspace).unwrap();
    let mut flipped = intact.clone();
    flipped[intact.len() / 2] ^= 0x10;
    for bytes in [Some(&intact[..intact.len() / 3]), Some(&flipped[..]), Some(b"".as_slice()), None] {
        match bytes {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let verified = workspace.run(&["verify"]);
        assert_eq!(verified.code, 0, "{}", verified.stdout);
        assert!(verified.stdout.contains("made again from the store"), "{}", verified.stdout);
        assert_eq!(search(&workspace), before);
    }
    // A writer puts a sound file in its place; no model is there to embed anything with.
    let nothing = workspace.folder().join("no-models");
    let mut removal = workspace.command(&["rm", &stored(&workspace).pop_first().unwrap(), "--offline"]);
    let removed = removal.env("FOOTNOTE_MODEL_DIR", &nothing).output().unwrap();
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    let verified = workspace.run(&["verify"]);
    assert!(verified.code == 0 && !verified.stdout.contains("note:"), "{}", verified.stdout);
}
