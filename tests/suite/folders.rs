//! Folders that change: unchanged files are not read, files that are gone give up their documents, and a folder can be
//! watched.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::harness::{Resource, Workspace, needs};

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
    assert_eq!(watch.wait().unwrap().code(), Some(130));
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

#[test]
fn a_file_that_failed_is_reported_again_but_not_read_until_it_changes() {
    let workspace = workspace(&[("a.txt", "Pears are ripe."), ("b.json", "{\"text\": "), ("c.txt", " \n")]);
    let run = || {
        let output = workspace.run(&["ingest", "--json", "notes"]);
        assert_eq!(output.code, 5, "{output:?}");
        let line = |name: &str| output.stdout.lines().find(|line| line.contains(name)).unwrap().to_owned();
        (line("b.json"), line("c.txt"))
    };
    let again = "was not read again";
    let first = run();
    assert!(first.0.contains("\"failed\"") && first.1.contains("\"skipped\""), "{first:?}");
    assert!(!first.0.contains(again) && !first.1.contains(again), "{first:?}");
    let reason = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["error"].clone();
    let second = run();
    assert!(second.0.contains("\"failed\"") && second.1.contains("\"skipped\""), "{second:?}");
    assert!(second.0.contains(again) && second.1.contains(again), "{second:?}");
    assert_eq!(reason(&first.0), reason(&second.0), "the reason and the hint are the same");
    // Only reading it could tell.
    write_in_secret(&workspace.folder().join("notes/b.json"), "{\"a\": 12}");
    assert!(run().0.contains(again));
    let output = workspace.run(&["ingest", "--json", "--reread", "notes"]);
    assert!(!output.stdout.contains(again), "{}", output.stdout);
    let file = workspace.write("notes/b.json", "{\"text\": \"Plums are ripe.\"}");
    set_modified(&file, SystemTime::now() - Duration::from_secs(30));
    assert!(workspace.run(&["ingest", "notes"]).stdout.contains("updated"));
    assert_eq!(titles(&workspace).len(), 2);
    let mended = ingest(&workspace, &["notes"]);
    assert!(mended.iter().filter(|line| line.starts_with("unchanged")).count() == 2, "{mended:?}");
}

#[test]
fn a_damaged_document_is_found_by_name_or_by_reading_all_and_replaced() {
    for arguments in [&["notes/a.txt"][..], &["--reread", "notes"]] {
        let workspace = workspace(&[("a.txt", "Pears are ripe."), ("b.txt", "Plums are ripe.")]);
        ingest(&workspace, &["notes"]);
        let store = rusqlite::Connection::open(workspace.folder().join("index/default/store.db")).unwrap();
        store.execute("UPDATE texts SET text = 'Pears are rope.' WHERE text = 'Pears are ripe.'", []).unwrap();
        drop(store);
        assert_eq!(workspace.run(&["verify"]).code, 4);
        assert!(ingest(&workspace, arguments).contains(&"updated a".to_owned()), "{arguments:?}");
        let verified = workspace.run(&["verify"]);
        assert_eq!(verified.code, 0, "{}", verified.stdout);
    }
}

#[test]
fn what_a_folder_holds_besides_documents_is_counted_and_listed_when_asked() {
    let workspace = workspace(&[("a.txt", "Pears are ripe."), ("b.jpg", ""), ("c.JPG", ""), ("d.xyz", "")]);
    let output = workspace.run(&["ingest", "notes"]);
    assert_eq!(output.code, 0);
    assert!(
        output.stderr.contains("3 files in the folders are no documents and left out: 2 .jpg, 1 .xyz"),
        "{output:?}"
    );
    assert!(!output.stderr.contains("d.xyz"), "{output:?}");
    assert!(workspace.run(&["ingest", "-v", "notes"]).stderr.contains("d.xyz"));
    assert_eq!(workspace.run(&["ingest", "-q", "notes"]).stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn the_documents_of_a_disk_that_is_not_mounted_stay_until_they_are_removed_on_purpose() {
    let workspace = workspace(&[("a.txt", "Pears are ripe."), ("b.txt", "Plums are ripe.")]);
    let disk = workspace.folder().join("notes/disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(&disk).output();
    let mounted = match mounted {
        Ok(output) if output.status.success() => Ok(()),
        other => Err(format!("nothing can be mounted here: {other:?}")),
    };
    let Some(()) = needs(Resource::Mount, mounted) else { return };
    std::fs::write(disk.join("c.txt"), "Figs are ripe.").unwrap();
    ingest(&workspace, &["notes"]);
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());
    std::fs::remove_file(workspace.folder().join("notes/a.txt")).unwrap();
    let output = workspace.run(&["ingest", "--prune", "notes"]);
    assert_eq!(output.code, 5, "{output:?}");
    assert!(
        output.stdout.contains("was another disk, which is not mounted; the documents of 1 files stay"),
        "{output:?}"
    );
    assert_eq!(titles(&workspace), ["b", "c"], "what is gone elsewhere goes");
    std::fs::remove_dir(&disk).unwrap();
    assert_eq!(workspace.run(&["ingest", "--prune", "notes"]).code, 5, "some disks take their folder with them");
    assert_eq!(workspace.run(&["ingest", "--prune", "--prune-all", "notes"]).code, 0);
    assert_eq!(titles(&workspace), ["b"]);
}
