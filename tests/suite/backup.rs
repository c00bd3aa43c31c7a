//! `footnote backup` and `footnote restore`, with the real program, while a server writes and after damage.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Output, Server, Workspace};

const QUESTION: &str = "Who expects the Fed to cut rates?";

/// A workspace with a text and a web page, whose file is kept.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("fed.md", "# Rates\n\nAnna Lindqvist expects the Fed to cut rates twice in 2026.\n");
    workspace.write("tides.html", "<title>Tides</title><p>The tide turns at noon in Harbour Bay.</p>");
    succeed(&workspace, &["ingest", "fed.md", "tides.html"]);
    workspace
}

fn succeed(workspace: &Workspace, arguments: &[&str]) -> Output {
    let output = workspace.run(arguments);
    assert_eq!(output.code, 0, "{arguments:?}: {}{}", output.stdout, output.stderr);
    output
}

/// An answer from the index in this folder, without the times that it took.
fn answer(workspace: &Workspace, index: &str, question: &str) -> Value {
    let output = succeed(workspace, &["--index", index, "ask", "--json", question]);
    let mut answer: Value = serde_json::from_str(&output.stdout).unwrap();
    answer["took_ms"].take();
    answer
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn a_backup_restored_elsewhere_gives_the_same_answers_and_files() {
    let workspace = workspace();
    let said = succeed(&workspace, &["backup", "copy"]).stdout;
    assert_eq!(said, "copied default: 2 documents, 2 passages\n");
    let expected = answer(&workspace, "index", QUESTION);
    assert_eq!(answer(&workspace, "copy", QUESTION), expected, "a backup can be asked");
    let said = succeed(&workspace, &["--index", "elsewhere", "restore", "copy"]).stdout;
    assert!(said.starts_with("restored default: 2 documents, 2 passages, as of 20"), "{said}");
    assert_eq!(answer(&workspace, "elsewhere", QUESTION), expected);
    succeed(&workspace, &["--index", "elsewhere", "verify"]);
    let originals = |index: &str| {
        let paths = files(&workspace.folder().join(index).join("default/originals"));
        paths
            .iter()
            .map(|path| (path.file_name().unwrap().to_owned(), std::fs::read(path).unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(originals("elsewhere"), originals("index"));
    assert_eq!(originals("elsewhere").len(), 1);
    succeed(&workspace, &["--index", "elsewhere", "ingest", "fed.md"]);
}

#[test]
fn a_backup_taken_while_a_server_stores_documents_is_whole_and_each_is_newer_than_the_one_before() {
    let workspace = workspace();
    let server = Server::over(&workspace, ANY_PORT, &[]);
    server.wait_until_ready();
    std::thread::scope(|scope| {
        let storing = scope.spawn(|| {
            for number in 0..30 {
                let note = json!({"id": format!("note-{number}"), "text": format!("Note {number} is about tides.")});
                let reply = server.post("/v1/documents", &json!({"documents": [note]}));
                assert!(reply.status < 300, "{}", reply.text);
            }
        });
        let mut last = 0;
        let mut is_last = false;
        while !is_last {
            is_last = storing.is_finished();
            let made = succeed(&workspace, &["backup", "--json", "copy"]).stdout;
            let documents = serde_json::from_str::<Value>(&made).unwrap()["documents"].as_u64().unwrap();
            assert!(documents >= last, "{documents} after {last}");
            last = documents;
            succeed(&workspace, &["--index", "copy", "verify"]);
        }
        assert_eq!(last, 32, "{}", server.log());
    });
}

#[test]
fn a_damaged_index_does_not_replace_a_sound_backup() {
    let workspace = workspace();
    succeed(&workspace, &["backup", "copy"]);
    let store = workspace.folder().join("index/default/store.db");
    let mut bytes = std::fs::read(&store).unwrap();
    let text = b"Anna Lindqvist expects";
    let at = bytes.windows(text.len()).rposition(|window| window == text).unwrap();
    bytes[at] = b'H';
    std::fs::write(&store, bytes).unwrap();
    let refused = workspace.run(&["backup", "copy"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("does not match its checksum"), "{}", refused.stderr);
    succeed(&workspace, &["restore", "--replace", "copy"]);
    assert!(answer(&workspace, "index", QUESTION)["answer"]["text"].as_str().unwrap().contains("Anna"));
}

#[test]
fn a_store_that_cannot_even_be_opened_is_replaced_and_does_not_keep_others_from_being_copied() {
    let workspace = workspace();
    succeed(&workspace, &["-c", "archive", "ingest", "fed.md"]);
    succeed(&workspace, &["backup", "copy"]);
    for folder in ["index/archive/store.db", "copy/default/originals"] {
        let path = workspace.folder().join(folder);
        let path = if path.is_dir() { files(&path).remove(0) } else { path };
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[..16].fill(b'x');
        // Files that both have may be one file with two names.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let refused = workspace.run(&["backup", "copy"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    succeed(&workspace, &["--index", "copy", "verify"]);
    succeed(&workspace, &["-c", "archive", "restore", "--replace", "copy"]);
    succeed(&workspace, &["-c", "archive", "verify"]);
}

#[test]
fn what_is_there_is_not_replaced_unasked_nor_under_a_server() {
    let workspace = workspace();
    succeed(&workspace, &["backup", "copy"]);
    let refused = workspace.run(&["restore", "copy"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("`default` is there already") && refused.stderr.contains("--replace"));

    let server = Server::over(&workspace, ANY_PORT, &[]);
    let refused = workspace.run(&["restore", "--replace", "copy"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("in use by"), "{}", refused.stderr);
    drop(server);
    succeed(&workspace, &["rm", "tides.html"]);
    succeed(&workspace, &["restore", "--replace", "copy"]);
    assert_eq!(succeed(&workspace, &["ls"]).stdout.lines().count(), 2);
}

#[test]
fn one_collection_is_copied_alone_and_folders_that_hold_something_else_are_left_alone() {
    let workspace = workspace();
    succeed(&workspace, &["-c", "news", "ingest", "fed.md"]);
    assert_eq!(succeed(&workspace, &["-c", "news", "backup", "one"]).stdout, "copied news: 1 document, 1 passage\n");
    assert!(!workspace.folder().join("one/default").exists());
    assert_eq!(succeed(&workspace, &["backup", "all"]).stdout.lines().count(), 2);
    assert_eq!(workspace.run(&["-c", "nwes", "backup", "one"]).code, 1);

    std::fs::create_dir_all(workspace.folder().join("photos/default")).unwrap();
    workspace.write("photos/default/cat.jpg", "a cat");
    for (folder, told) in [("photos", "no backup"), ("index", "the index itself")] {
        let refused = workspace.run(&["backup", folder]);
        assert!(refused.code == 2 && refused.stderr.contains(told), "{}", refused.stderr);
    }
    assert!(workspace.folder().join("photos/default/cat.jpg").is_file());
    let refused = workspace.run(&["restore", "photos"]);
    assert!(refused.code == 2 && refused.stderr.contains("no backup in photos"), "{}", refused.stderr);
}

#[test]
fn a_killed_backup_leaves_the_one_before_and_the_next_one_clears_up() {
    let workspace = workspace();
    succeed(&workspace, &["backup", "copy"]);
    for delay in 0..12 {
        let mut child = workspace.command(&["backup", "copy"]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(4 * delay));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        // A kill between two renames leaves it aside, from where the next backup or restore takes it.
        if workspace.folder().join("copy/default").exists() {
            succeed(&workspace, &["--index", "copy", "verify"]);
        }
    }
    succeed(&workspace, &["backup", "copy"]);
    let left: Vec<_> = files(&workspace.folder().join("copy"));
    assert_eq!(left, [workspace.folder().join("copy/default")]);
}
