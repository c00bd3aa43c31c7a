//! Folders that change: unchanged files are not read, files that are gone give up their documents, and a folder can be
//! watched.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::harness::Workspace;

/// A workspace with the folder `notes`, whose files are a minute old.
fn workspace(files: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("notes")).unwrap();
    for (name, text) in files {
        let file = workspace.write(&format!("notes/{name}"), text);
        set_modified(&file, SystemTime::now() - Duration::from_mins(1));
    }
    workspace
}

/// The outcomes of `ingest` with these arguments, as `outcome title`, sorted.
fn ingest(workspace: &Workspace, arguments: &[&str]) -> Vec<String> {
    let output = workspace.run(&[&["ingest", "--json"], arguments].concat());
    let outcome = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let title = line["title"].as_str().filter(|title| !title.is_empty()).or(line["id"].as_str());
        format!("{} {}", line["status"].as_str().unwrap(), title.unwrap())
    };
    let mut outcomes: Vec<String> = output.stdout.lines().map(outcome).collect();
    outcomes.sort();
    outcomes
}

fn titles(workspace: &Workspace) -> Vec<String> {
    let output = workspace.run(&["ls", "--format", "ndjson"]);
    let mut titles: Vec<String> = output
        .stdout
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["title"].as_str().map(str::to_owned)
        })
        .collect();
    titles.sort();
    titles
}

/// Replaces a file's text and keeps its time of modification.
fn write_in_secret(path: &Path, text: &str) {
    let modified = path.metadata().unwrap().modified().unwrap();
    std::fs::write(path, text).unwrap();
    set_modified(path, modified);
}

fn set_modified(path: &Path, time: SystemTime) {
    std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_file_that_did_not_change_is_not_read_again() {
    let workspace = workspace(&[("a.txt", "Pears are ripe."), ("b.txt", "Plums are ripe.")]);
    assert_eq!(ingest(&workspace, &["notes"]), ["added a", "added b"]);
    assert_eq!(ingest(&workspace, &["notes"]), ["unchanged a", "unchanged b"]);
    let file = workspace.folder().join("notes/a.txt");
    // Only reading it could tell.
    write_in_secret(&file, "Figs! are ripe.");
    assert_eq!(ingest(&workspace, &["notes"]), ["unchanged a", "unchanged b"]);
    set_modified(&file, SystemTime::now() - Duration::from_secs(30));
    assert_eq!(ingest(&workspace, &["notes"]), ["unchanged b", "updated a"]);
}

#[test]
fn a_file_whose_document_was_removed_or_replaced_by_other_means_is_read_again() {
    let workspace = workspace(&[("a.md", "---\nid: a\n---\nPears are ripe.")]);
    assert_eq!(ingest(&workspace, &["notes"]), ["added a"]);
    assert_eq!(workspace.run(&["rm", "a"]).code, 0);
    assert_eq!(ingest(&workspace, &["notes"]), ["added a"]);
    assert_eq!(workspace.run_with_input(&["ingest", "-", "--id", "a"], b"Figs are ripe.").code, 0);
    assert_eq!(ingest(&workspace, &["notes"]), ["updated a"]);
}

#[test]
fn a_touched_file_is_read_but_not_embedded_again() {
    let workspace = workspace(&[("a.txt", "Pears are ripe.")]);
    ingest(&workspace, &["notes"]);
    let file = workspace.folder().join("notes/a.txt");
    set_modified(&file, SystemTime::now() - Duration::from_secs(30));
    assert_eq!(ingest(&workspace, &["notes"]), ["unchanged a"]);
    write_in_secret(&file, "Figs! are ripe.");
    assert_eq!(ingest(&workspace, &["notes"]), ["unchanged a"], "its new time was recorded");
}

#[test]
fn pruning_removes_what_is_gone_and_nothing_else() {
    let workspace =
        workspace(&[("a.txt", "Pears are ripe."), ("b.txt", "Plums are ripe."), ("c.txt", "Figs are ripe.")]);
    workspace.write("elsewhere.txt", "Nuts are ripe.");
    ingest(&workspace, &["notes", "elsewhere.txt"]);
    std::fs::remove_file(workspace.folder().join("notes/a.txt")).unwrap();
    std::fs::remove_file(workspace.folder().join("elsewhere.txt")).unwrap();
    std::fs::rename(workspace.folder().join("notes/b.txt"), workspace.folder().join("notes/moved.txt")).unwrap();
    assert_eq!(ingest(&workspace, &["notes"]), ["added moved", "unchanged c"]);
    assert_eq!(titles(&workspace), ["a", "b", "c", "elsewhere", "moved"]);
    assert_eq!(ingest(&workspace, &["--prune", "notes"]), ["removed a", "removed b", "unchanged c", "unchanged moved"]);
    assert_eq!(titles(&workspace), ["c", "elsewhere", "moved"]);
    let search = workspace.run(&["search", "--format", "json", "Are pears ripe?"]).stdout;
    assert!(!search.contains("Pears are ripe"), "{search}");
}

#[test]
fn an_empty_folder_keeps_its_documents_since_it_may_be_a_disk_that_is_not_mounted() {
    let workspace = workspace(&[("a.txt", "Pears are ripe.")]);
    ingest(&workspace, &["notes"]);
    std::fs::remove_file(workspace.folder().join("notes/a.txt")).unwrap();
    let output = workspace.run(&["ingest", "--prune", "notes"]);
    assert_eq!(output.code, 5, "{output:?}");
    assert!(output.stdout.contains("has no files any more; the documents of 1 files"), "{output:?}");
    assert_eq!(titles(&workspace), ["a"]);
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let workspace =
        workspace(&[("a.txt", "Pears are ripe."), ("b.txt", "Plums are ripe."), ("c.txt", "Figs are ripe.")]);
    assert_eq!(ingest(&workspace, &["--dry-run", "notes"]), ["added a", "added b", "added c"]);
    assert_eq!(titles(&workspace), [""; 0]);
    ingest(&workspace, &["notes"]);
    workspace.write("notes/b.txt", "Plums are sour.");
    workspace.write("notes/d.txt", "Nuts are ripe.");
    std::fs::remove_file(workspace.folder().join("notes/c.txt")).unwrap();
    let planned = ingest(&workspace, &["--prune", "--dry-run", "notes"]);
    assert_eq!(planned.len(), 4, "{planned:?}");
    assert_eq!(planned[..1], ["added d"]);
    assert!(planned[1].starts_with("removed ") && planned[2..] == ["unchanged a", "updated b"], "{planned:?}");
    assert_eq!(titles(&workspace), ["a", "b", "c"]);
    assert_eq!(ingest(&workspace, &["--prune", "notes"]), ["added d", "removed c", "unchanged a", "updated b"]);
}

#[test]
fn a_watched_folder_is_followed_until_the_watch_is_interrupted() {
    let workspace = workspace(&[("a.txt", "Pears are ripe.")]);
    let mut watch = workspace
        .command(&["ingest", "--json", "--prune", "--watch", "notes"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = || {
        let line: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        format!("{} {}", line["status"].as_str().unwrap(), line["title"].as_str().unwrap())
    };
    assert_eq!(next(), "added a");
    workspace.write("notes/b.txt", "Plums are ripe.");
    assert_eq!(next(), "added b");
    std::fs::rename(workspace.folder().join("notes/b.txt"), workspace.folder().join("notes/c.txt")).unwrap();
    assert_eq!((next().as_str(), next().as_str()), ("added c", "removed b"));
    let interrupted = Command::new("kill").arg("-INT").arg(watch.id().to_string()).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(watch.wait().unwrap().code(), Some(0));
    assert_eq!(titles(&workspace), ["a", "c"]);
}

#[test]
fn a_file_that_was_only_just_written_is_read_again() {
    let workspace = workspace(&[]);
    let file = workspace.write("notes/a.txt", "Pears are ripe.");
    assert_eq!(ingest(&workspace, &["notes"]), ["added a"]);
    // Within one tick of some file systems' clocks.
    write_in_secret(&file, "Figs! are ripe.");
    assert_eq!(ingest(&workspace, &["notes"]), ["updated a"]);
}

#[test]
fn a_copy_keeps_the_document_when_the_first_file_is_gone() {
    let text = "---\nid: x\n---\nPears are ripe.";
    let workspace = workspace(&[("a.md", text), ("b.md", text)]);
    ingest(&workspace, &["notes"]);
    std::fs::remove_file(workspace.folder().join("notes/a.md")).unwrap();
    ingest(&workspace, &["--prune", "notes"]);
    ingest(&workspace, &["--prune", "notes"]);
    assert_eq!(titles(&workspace).len(), 1);
}

#[test]
fn a_part_that_cannot_be_read_any_more_keeps_its_document() {
    let line = |fruit: &str| format!("{{\"id\": \"{fruit}\", \"text\": \"{fruit} are ripe.\"}}\n");
    let (pears, figs, nuts) = (line("Pears"), line("Figs"), line("Nuts"));
    let workspace = workspace(&[("a.jsonl", &format!("{pears}{figs}{nuts}"))]);
    assert_eq!(ingest(&workspace, &["notes"]).len(), 3);
    workspace.write("notes/a.jsonl", format!("{pears}{}{nuts}", figs.replace('}', "")));
    ingest(&workspace, &["notes"]);
    assert_eq!(titles(&workspace).len(), 3, "a slip in a line removes nothing");
    workspace.write("notes/a.jsonl", format!("{pears}{nuts}"));
    ingest(&workspace, &["notes"]);
    assert_eq!(titles(&workspace).len(), 2);
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_not_utf_8_is_refused_by_name_and_dependencies_are_left_out() {
    use std::os::unix::ffi::OsStrExt as _;
    let workspace = workspace(&[("a.txt", "Pears are ripe.")]);
    let notes = workspace.folder().join("notes");
    std::fs::write(notes.join(std::ffi::OsStr::from_bytes(b"\xA4\xA4.txt")), "Figs are ripe.").unwrap();
    std::fs::create_dir(notes.join("node_modules")).unwrap();
    std::fs::write(notes.join("node_modules/b.md"), "Nuts are ripe.").unwrap();
    let output = workspace.run(&["ingest", "--prune", "notes"]);
    assert!(output.stdout.contains("has a name that is not UTF-8"), "{output:?}");
    assert_eq!(titles(&workspace), ["a"]);
}
