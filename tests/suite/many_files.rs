//! A large folder of law articles as files: what did not change costs next to nothing, what changed is embedded and
//! nothing else, and what is gone leaves nothing behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::{Workspace, optional_data};

/// As many of the 10,156 articles as are embedded within a minute or two. `cargo bench -- folder` takes any number.
const ARTICLES: usize = 400;
const CHANGED: usize = 10;
const REMOVED: usize = 100;

/// Writes the articles as files that are a minute old, every fifth as a web page, and gives their paths and texts.
fn write_articles(folder: &Path, corpus: &Path) -> Vec<(PathBuf, String)> {
    std::fs::create_dir(folder).unwrap();
    let lines = std::fs::read_to_string(corpus).unwrap();
    let articles = lines.lines().take(ARTICLES).enumerate().map(|(number, line)| {
        let article: Value = serde_json::from_str(line).unwrap();
        let (id, text) = (article["id"].as_str().unwrap(), article["text"].as_str().unwrap());
        let title = article["title"].as_str().unwrap();
        let (path, content) = match number % 5 {
            4 => (folder.join(format!("{id}.html")), format!("<title>{title}</title><p>{text}</p>")),
            _ => (folder.join(format!("{id}.md")), format!("# {title}\n\n{text}\n")),
        };
        write_old(&path, &content);
        (path, text.to_owned())
    });
    articles.collect()
}

/// Writes a file as if a minute ago, since one that was only just written is read again.
fn write_old(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_mins(1)).unwrap();
}

/// How many documents had each outcome, and the ids of those that were neither unchanged nor skipped.
fn ingest(workspace: &Workspace, arguments: &[&str]) -> (usize, Vec<(String, String)>) {
    let output = workspace.run(&[&["ingest", "--json", "law"], arguments].concat());
    assert_eq!(output.code, 0, "{}", output.stderr);
    let lines: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let (same, other): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line["status"] == "unchanged");
    (same.len(), other.iter().map(|line| (text(line, "status"), text(line, "id"))).collect())
}

fn count(store: &Connection, query: &str) -> usize {
    store.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap_or_else(|error| panic!("{query}: {error}")) as usize
}

#[test]
fn of_a_large_folder_only_what_changed_is_embedded_and_what_is_gone_leaves_no_trace() {
    let Some(corpus) = optional_data("eval/mojlaw/corpus.finance.zh-Hant.jsonl") else { return };
    let workspace = Workspace::new();
    let articles = write_articles(&workspace.folder().join("law"), &corpus);
    let (same, added) = ingest(&workspace, &[]);
    assert_eq!((same, added.len()), (0, ARTICLES));
    assert!(added.iter().all(|(status, _)| status == "added"));
    assert_eq!(ingest(&workspace, &[]), (ARTICLES, vec![]));

    // Ten get another sentence.
    for (path, _) in articles.iter().skip(3).step_by(ARTICLES / CHANGED).take(CHANGED) {
        let content = std::fs::read_to_string(path).unwrap();
        write_old(path, &content.replacen('。', "。本條經修正。", 1));
    }
    let (same, other) = ingest(&workspace, &[]);
    assert_eq!((same, other.len()), (ARTICLES - CHANGED, CHANGED), "{other:?}");
    assert!(other.iter().all(|(status, _)| status == "updated"), "{other:?}");
    assert_eq!(ingest(&workspace, &[]), (ARTICLES, vec![]));

    // A hundred go, one after the other and web pages among them.
    let store = || Connection::open(workspace.folder().join("index/default/store.db")).unwrap();
    let copies = || std::fs::read_dir(workspace.folder().join("index/default/originals")).unwrap().count();
    let (aliases, kept) = (count(&store(), "SELECT count(*) FROM aliases"), copies());
    assert!(aliases > 0, "some of these articles name abbreviations");
    let gone = &articles[50..50 + REMOVED];
    gone.iter().for_each(|(path, _)| std::fs::remove_file(path).unwrap());
    let (same, other) = ingest(&workspace, &["--prune"]);
    assert_eq!((same, other.len()), (ARTICLES - REMOVED, REMOVED), "{other:?}");
    assert!(other.iter().all(|(status, _)| status == "removed"), "{other:?}");
    let removed: BTreeSet<String> = other.into_iter().map(|(_, id)| id).collect();

    // No row of any table is left of them, and no copy of their files.
    let store = store();
    assert_eq!(count(&store, "SELECT count(*) FROM documents"), ARTICLES - REMOVED);
    assert_eq!(count(&store, "SELECT count(*) FROM files"), ARTICLES - REMOVED);
    assert_eq!(count(&store, "SELECT count(*) FROM texts"), ARTICLES - REMOVED);
    for table in ["texts", "passages", "aliases", "layouts", "originals"] {
        let ghosts = format!("SELECT count(*) FROM {table} WHERE document NOT IN (SELECT key FROM documents)");
        assert_eq!(count(&store, &ghosts), 0, "{table}");
    }
    for table in ["layouts", "originals"] {
        assert_eq!(count(&store, &format!("SELECT count(*) FROM {table}")), (ARTICLES - REMOVED) / 5, "{table}");
    }
    assert_eq!(count(&store, "SELECT count(DISTINCT hash) FROM originals"), copies());
    assert!(copies() < kept);
    // Nor does any retriever find them, by their meaning or by their words.
    let verified = workspace.run(&["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    for (_, text) in gone.iter().step_by(10) {
        let question: String = text.chars().take(60).collect();
        let found = workspace.run(&["search", "--format", "json", "--top-k", "50", &question]);
        assert_eq!(found.code, 0, "{}", found.stderr);
        assert!(!removed.iter().any(|id| found.stdout.contains(id.as_str())), "{question}: {}", found.stdout);
    }
}
