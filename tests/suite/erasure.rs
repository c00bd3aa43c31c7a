//! `rm --erase`: nothing of a document is left under the index; and what may still hold it is named.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::harness::{Server, Workspace, exclusive_address};

/// More words than one page of the database has, each of its own.
fn secret() -> String {
    let sentence = |number: u32| {
        format!("Paragraph {number}: the heliotrope ledger of warehouse {} is countersigned. ", number * 7919 % 1000)
    };
    format!("Heliotrope ledger, strictly private\n\n{}", (0..200).map(sentence).collect::<String>())
}

const BAKERY: &str = "The bakery on Mill Street opens at seven and closes when the last loaf is sold.";

/// All files under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Files under a folder that have any sixteen bytes of the text in them, each with those.
pub(crate) fn traces(folder: &Path, text: &str) -> Vec<(PathBuf, String)> {
    let pieces: HashSet<&[u8]> = text.as_bytes().windows(16).collect();
    let trace = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(16).find(|window| pieces.contains(window))?;
        Some((path, String::from_utf8_lossy(found).into_owned()))
    };
    files(folder).into_iter().filter_map(trace).collect()
}

fn ingest(workspace: &Workspace) {
    workspace.write("ledger.md", secret());
    workspace.write("bakery.txt", BAKERY);
    let ingested = workspace.run(&["ingest", "ledger.md", "bakery.txt"]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
}

#[test]
fn no_sixteen_bytes_of_an_erased_text_are_left_under_the_index_and_backups_that_hold_it_are_named() {
    let workspace = Workspace::new();
    ingest(&workspace);
    let index = workspace.folder().join("index");
    let backup = workspace.folder().join("backup");
    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert!(!traces(&index, &secret()).is_empty());

    let removed = workspace.run(&["rm", "--erase", "ledger.md"]);
    assert!(removed.code == 0 && removed.stdout.starts_with("removed  "), "{removed:?}");
    assert_eq!(traces(&index, &secret()), []);
    let named = format!("{} still holds it", backup.canonicalize().unwrap().display());
    assert!(removed.stderr.contains(&named), "{removed:?}");

    let asked = workspace.run(&["ask", "when does the bakery open?"]);
    assert!(asked.code == 0 && asked.stdout.contains("opens at seven"), "{asked:?}");
    assert_eq!(workspace.run(&["verify"]).code, 0);
    assert_eq!(traces(&index, &secret()), []);

    // A new backup in the same folder does not hold it.
    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert_eq!(traces(&backup, &secret()), []);
    let again = workspace.run(&["rm", "--erase", "ledger.md"]);
    assert!(again.code == 1 && !again.stderr.contains("still holds"), "{again:?}");
}

#[test]
fn what_was_only_removed_before_is_erased_too() {
    let workspace = Workspace::new();
    ingest(&workspace);
    let index = workspace.folder().join("index");
    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert_eq!(workspace.run(&["rm", "ledger.md"]).code, 0);
    assert!(!traces(&index, &secret()).is_empty(), "free parts of the files still hold it");
    let left = index.join(".deleted-default");
    std::fs::create_dir(&left).unwrap();
    let job = index.join("default/jobs/.new-x");
    std::fs::create_dir_all(&job).unwrap();
    std::fs::write(job.join("input"), secret()).unwrap();
    std::fs::remove_file(workspace.folder().join("ledger.md")).unwrap();
    let erased = workspace.run(&["rm", "--erase", "ledger.md"]);
    assert_eq!(traces(&index, &secret()), []);
    assert!(erased.stderr.contains("backup still holds it"), "a backup is looked into by the file's name: {erased:?}");
    assert!(erased.stderr.contains(".deleted-default may still hold it"), "{erased:?}");
}

#[test]
fn a_server_erases_while_it_answers_and_forgets_the_job() {
    let workspace = Workspace::new();
    let server = Server::over(&workspace, &exclusive_address(), &[]);
    let index = workspace.folder().join("index");
    let headers = [("Content-Type", "application/json"), ("Prefer", "respond-async, wait=100")];
    let documents = json!({"documents": [{"id": "ledger", "text": secret()}, {"id": "bakery", "text": BAKERY}]});
    let sent = server.send("POST", "/v1/documents", &headers, documents.to_string().as_bytes());
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert_eq!(server.get("/v1/jobs").json()["jobs"].as_array().unwrap().len(), 1);
    assert!(!traces(&index, &secret()).is_empty());

    let variables = [("FOOTNOTE_SERVER_LISTEN", server.address())];
    let removed = workspace.run_with(&["rm", "--erase", "ledger"], &variables);
    assert_eq!(removed.code, 0, "{removed:?}");
    assert_eq!(traces(&index, &secret()), []);
    assert_eq!(server.get("/v1/jobs").json(), json!({"jobs": []}));
    let found = server.post("/v1/search", &json!({"question": "when does the bakery open?"})).json();
    assert_eq!(found["passages"][0]["document"]["id"], "bakery");
}

#[test]
fn the_last_document_of_a_collection_is_erased_by_the_api() {
    let server = Server::start(&[("ledger", &secret())]);
    let index = server.folder().join("index");
    assert!(!traces(&index, &secret()).is_empty());
    assert_eq!(server.delete("/v1/documents/ledger?erase=true").status, 204);
    assert_eq!(traces(&index, &secret()), []);
    assert_eq!(server.post("/v1/search", &json!({"question": "ledger"})).json()["passages"], json!([]));
    assert_eq!(server.delete("/v1/documents/ledger?erase=true").status, 204, "it can be repeated");
    assert_eq!(server.delete("/v1/documents/ledger").status, 404);
}

#[test]
fn what_was_only_deleted_before_is_erased_by_the_api() {
    let server = Server::start(&[("ledger", &secret()), ("bakery", BAKERY)]);
    let index = server.folder().join("index");
    assert_eq!(server.delete("/v1/documents/ledger").status, 204);
    assert!(!traces(&index, &secret()).is_empty(), "free parts of the files still hold it");
    assert_eq!(server.delete("/v1/documents/ledger?erase=true").status, 204);
    assert_eq!(traces(&index, &secret()), []);
}
