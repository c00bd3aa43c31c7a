//! A process that is killed at any moment loses nothing that it acknowledged, and derived files may be lost at any time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Dice, Workspace};

const KILLS: usize = 50;

/// Writes small documents, no two of which are equal.
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

/// The ids of the documents that a line-by-line report of ingest acknowledges.
fn acknowledged(report: impl BufRead) -> Vec<String> {
    let ids = report.lines().map_while(Result::ok).filter_map(|line| {
        let value: Value = serde_json::from_str(&line).ok()?;
        matches!(value["status"].as_str()?, "added" | "updated").then(|| value["id"].as_str().unwrap().to_owned())
    });
    ids.collect()
}

fn stored(workspace: &Workspace) -> BTreeSet<String> {
    let listed = workspace.run(&["ls", "--json"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let value: Value = serde_json::from_str(&listed.stdout).unwrap();
    value["documents"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect()
}

fn check(workspace: &Workspace, expected: &BTreeSet<String>) {
    let verified = workspace.run(&["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    let missing: Vec<_> = expected.difference(&stored(workspace)).cloned().collect();
    assert!(missing.is_empty(), "acknowledged, but not there: {missing:?}");
}

/// The files of the index that can be made again from the store, in order.
fn derived_files(workspace: &Workspace) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(workspace.folder().join("index/default")) else { return Vec::new() };
    let derived = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("segment-") || name == "checkpoint.json"
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(derived).collect();
    files.sort();
    files
}

fn damage(path: &Path, dice: &mut Dice) {
    let mut bytes = std::fs::read(path).unwrap();
    match dice.below(3) {
        0 => return std::fs::remove_file(path).unwrap(),
        1 => bytes.truncate(dice.below(bytes.len())),
        _ => {
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn fifty_kills_of_ingest_lose_nothing_that_was_acknowledged() {
    let workspace = Workspace::new();
    let mut dice = Dice::new(1);
    let mut expected = BTreeSet::new();
    let (mut written, mut kills) = (0, 0);
    // The shortest whole run so far, so that the kills fall all over a run whatever the machine is doing.
    let mut whole_run = Duration::from_secs(10);
    for round in 0.. {
        assert!(round < 10 * KILLS, "only {kills} of {round} runs could be killed before they ended");
        if kills == KILLS {
            break;
        }
        write_documents(&workspace, written, written + 6);
        written += 6;
        let started = Instant::now();
        let mut child = workspace.command(&["ingest", "--json", "corpus"]).spawn().unwrap();
        let report = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || acknowledged(report));
        if round > 0 {
            // From before the model is loaded to after everything is stored. The first run shows how long that is.
            let moment = whole_run * dice.below(1_000) as u32 / 1_000;
            while started.elapsed() < moment && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
            // It may have ended by itself.
            let _ = child.kill();
        }
        if child.wait().unwrap().success() {
            whole_run = whole_run.min(started.elapsed());
        } else {
            kills += 1;
        }
        expected.extend(reader.join().unwrap());
        let files = derived_files(&workspace);
        if round % 2 == 1 && !files.is_empty() {
            let file = dice.pick(&files).clone();
            damage(&file, &mut dice);
        }
        check(&workspace, &expected);
    }
    let last = workspace.run(&["ingest", "corpus"]);
    assert_eq!(last.code, 0, "{}", last.stderr);
    assert_eq!(stored(&workspace).len(), written);
    check(&workspace, &expected);
}

#[test]
fn a_damaged_derived_file_is_made_again_without_embedding_and_answers_stay_the_same() {
    let workspace = Workspace::new();
    write_documents(&workspace, 0, 40);
    assert_eq!(workspace.run(&["ingest", "corpus"]).code, 0);
    let search = || {
        let found = workspace.run(&["search", "--json", "--top-k", "20", "How much rain fell at station 17?"]);
        assert_eq!(found.code, 0, "{}", found.stderr);
        let mut value: Value = serde_json::from_str(&found.stdout).unwrap();
        value["took_ms"].take();
        value
    };
    let before = search();
    let files = derived_files(&workspace);
    let kinds = |files: &[PathBuf]| -> Vec<String> {
        files.iter().map(|path| path.extension().unwrap().to_string_lossy().into_owned()).collect()
    };
    let of_one_segment = ["json", "fast", "fieldnorm", "idx", "passages", "pos", "store", "table", "term", "vectors"];
    assert_eq!(kinds(&files), of_one_segment);
    for path in &files {
        let intact = std::fs::read(path).unwrap();
        let mut flipped = intact.clone();
        flipped[intact.len() / 2] ^= 0x10;
        for bytes in [Some(&intact[..intact.len() / 3]), Some(&flipped[..]), Some(b"".as_slice()), None] {
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
            let verified = workspace.run(&["verify"]);
            let what = format!("{}, {:?} bytes: {}", path.display(), bytes.map(<[u8]>::len), verified.stdout);
            assert_eq!(verified.code, 0, "{what}");
            assert!(verified.stdout.contains("note:"), "{what}");
            assert_eq!(search(), before, "{what}");
        }
        std::fs::write(path, intact).unwrap();
        let verified = workspace.run(&["verify"]);
        assert!(verified.code == 0 && !verified.stdout.contains("note:"), "{}", verified.stdout);
    }
    // A writer puts sound files in the place of lost ones, with no model to embed anything with.
    for path in &files {
        std::fs::remove_file(path).unwrap();
    }
    let nothing = workspace.folder().join("no-models");
    let mut removal = workspace.command(&["rm", &stored(&workspace).pop_first().unwrap(), "--offline"]);
    let removed = removal.env("FOOTNOTE_MODEL_DIR", &nothing).output().unwrap();
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    let verified = workspace.run(&["verify"]);
    assert!(verified.code == 0 && !verified.stdout.contains("note:"), "{}", verified.stdout);
    assert_eq!(kinds(&derived_files(&workspace)), of_one_segment);
}
