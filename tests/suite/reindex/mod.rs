//! `footnote reindex` builds beside the old index: it resumes, a server answers throughout, and the swap is all or nothing.

#[cfg(target_os = "linux")]
mod killed;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::erasure::traces;
use crate::harness::{ANY_PORT, Output, Server, Workspace, model_dir};

/// The plain model that the default one was trained from.
const PLAIN: &str = "multilingual-e5-small";
const QUESTION: &str = "How much rain fell at station 21 in week 1?";

fn text(number: usize) -> String {
    let mut text = format!("Report {number}\n\n");
    for line in 0..6 {
        let _ = writeln!(
            text,
            "Station {} measured {} millimetres of rain in week {line}, and the observer of report {number} found no fault.\n",
            number * 7,
            number * 3 + line
        );
    }
    text
}

/// A workspace with this many documents; `None` if the other model is not installed and cannot be fetched.
fn workspace(documents: usize) -> Workspace {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("corpus")).unwrap();
    for number in 0..documents {
        workspace.write(&format!("corpus/{number:03}.txt"), text(number));
    }
    if !model_dir().join(PLAIN).is_dir() {
        let pulled = workspace.run(&["models", "pull", PLAIN]);
        assert_eq!(pulled.code, 0, "{pulled:?}");
    }
    let ingested = workspace.run(&["ingest", "corpus"]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    workspace
}

fn json_of(output: &Output) -> Value {
    assert_eq!(output.code, 0, "{output:?}");
    serde_json::from_str(&output.stdout).unwrap()
}

fn status(workspace: &Workspace) -> Value {
    json_of(&workspace.run(&["status", "--json"]))
}

fn model(workspace: &Workspace) -> String {
    status(workspace)["model"]["name"].as_str().unwrap().to_owned()
}

/// Begins a reindex and stops it with this signal once something new was embedded. Its exit status.
fn interrupted(workspace: &Workspace, arguments: &[&str], signal: &str) -> i32 {
    let embedded = |status: &Value| status["reindex"]["documents"].as_u64().unwrap_or_default();
    let before = embedded(&status(workspace));
    let child = workspace.command(arguments).spawn().unwrap();
    let started = Instant::now();
    while embedded(&status(workspace)) <= before {
        assert!(started.elapsed() < Duration::from_mins(5), "nothing is embedded");
        std::thread::sleep(Duration::from_millis(100));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    ended.status.code().unwrap_or(-1)
}

/// The passages that were embedded, and those that were kept from before, as a reindex told.
fn told(output: &Output) -> (usize, usize) {
    assert_eq!(output.code, 0, "{output:?}");
    let number = |text: &str| text.split_whitespace().next().unwrap().parse::<usize>().unwrap();
    let passages = output.stdout.split(" · ").nth(1).unwrap();
    let (now, kept) = passages.split_once(", ").unwrap_or((passages, "0"));
    (number(now), number(kept))
}

#[test]
fn an_interrupted_reindex_keeps_what_it_embedded_and_the_old_index_answers_until_it_is_done() {
    let workspace = workspace(24);
    let answer = |workspace: &Workspace| {
        let asked = workspace.run(&["ask", QUESTION]);
        assert!(asked.code == 0 && asked.stdout.contains("Station 21 measured"), "{asked:?}");
    };
    assert_eq!(interrupted(&workspace, &["reindex", "--model", PLAIN], "-KILL"), -1);
    let unfinished = status(&workspace)["reindex"].clone();
    let embedded = unfinished["passages"].as_u64().unwrap() as usize;
    assert!(embedded > 0 && unfinished["model"]["name"] == PLAIN && unfinished["process"].is_null(), "{unfinished}");
    answer(&workspace);
    let shown = workspace.run(&["status"]);
    assert!(shown.stdout.contains("`footnote reindex` goes on, `footnote reindex --abandon` drops it"), "{shown:?}");
    let doctor = workspace.run(&["doctor"]);
    assert!(doctor.code == 0 && doctor.stdout.contains("goes on"), "{doctor:?}");

    // Another one does not throw that away.
    for (arguments, variables) in [
        (&["reindex", "--model", "footnote-e5-small"][..], &[][..]),
        (&["reindex"], &[("FOOTNOTE_INGEST_PASSAGE_TOKENS", "60")]),
    ] {
        let refused = workspace.run_with(arguments, variables);
        assert!(refused.code == 2 && refused.stderr.contains("--abandon"), "{refused:?}");
    }
    // What is embedded is no part of a backup, and nothing of an erased document stays in it.
    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert!(!workspace.folder().join("backup/default/next").exists());
    let index = workspace.folder().join("index");
    let secret = "The heliotrope ledger of warehouse nine is countersigned by the night watch.";
    std::fs::write(workspace.folder().join("corpus/000.txt"), secret).unwrap();
    assert_eq!(workspace.run(&["ingest", "corpus/000.txt"]).code, 0);
    assert_eq!(interrupted(&workspace, &["reindex"], "-INT"), 130);
    let embedded = embedded.max(status(&workspace)["reindex"]["passages"].as_u64().unwrap() as usize);
    let erased = workspace.run(&["rm", "--erase", "corpus/000.txt"]);
    assert_eq!(erased.code, 0, "{erased:?}");
    assert_eq!(traces(&index, secret), []);
    answer(&workspace);
    let verified = workspace.run(&["verify"]);
    assert!(verified.code == 0 && !verified.stdout.contains("note:"), "{verified:?}");

    let done = workspace.run(&["reindex"]);
    let (now, kept) = told(&done);
    let after = status(&workspace);
    assert_eq!((after["passages"].as_u64().unwrap() as usize, after["documents"].as_u64()), (now + kept, Some(23)));
    assert!(kept + 8 >= embedded && kept > 0 && now > 0, "{now} now, {kept} kept, {embedded} were embedded");
    assert!(after["reindex"].is_null() && after["model"]["name"] == PLAIN, "{after}");
    assert!(done.stderr.contains("name = \"multilingual-e5-small\""), "the settings name another model: {done:?}");
    assert_eq!(traces(&index, secret), []);
    answer(&workspace);
    assert_eq!(workspace.run(&["verify"]).code, 0);
    // Documents that come later get the model of the index.
    workspace.write("later.txt", "The lighthouse was repainted in May.");
    assert_eq!(workspace.run(&["ingest", "later.txt"]).code, 0);
    assert_eq!(workspace.run(&["verify"]).code, 0);
}

#[test]
fn a_server_answers_and_takes_documents_throughout_and_goes_over_to_the_new_model() {
    let workspace = workspace(16);
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    // The settings differ from those of the server, as after an edit of config.toml.
    let variables = [("FOOTNOTE_SERVER_LISTEN", serving.address()), ("FOOTNOTE_MODEL_NAME", PLAIN)];
    let mut child = workspace.command(&["reindex"]).envs(variables).spawn().unwrap();
    let (mut models, mut added) = (Vec::new(), 0);
    let mut ask = || {
        let reply = serving.post("/v1/search", &json!({"question": QUESTION}));
        assert_eq!(reply.status, 200, "{}\n{}", reply.text, serving.log());
        let found = reply.json();
        assert!(!found["passages"].as_array().unwrap().is_empty(), "{found}");
        let name = found["model"]["name"].as_str().unwrap().to_owned();
        if models.last() != Some(&name) {
            models.push(name);
        }
    };
    while child.try_wait().unwrap().is_none() {
        ask();
        if added < 30 {
            added += 1;
            let (id, text) = (format!("added-{added}"), format!("Addition {added}: the ferry number {added} sails."));
            let reply = serving.post("/v1/documents", &json!({"documents": [{"id": id, "text": text}]}));
            assert_eq!(reply.status, 200, "{}", reply.text);
            if added % 3 == 0 {
                let gone = format!("/v1/documents/added-{}{}", added - 1, if added == 6 { "?erase=true" } else { "" });
                let reply = serving.send("DELETE", &gone, &[], b"");
                assert!(reply.status < 300, "{} {}", reply.status, reply.text);
            }
        }
    }
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}\n{}", serving.log());
    assert!(stderr.contains("restart it when convenient"), "{stderr}");
    ask();
    assert_eq!(models, ["footnote-e5-small", PLAIN], "old until the swap, new after it");
    assert!(added > 2);
    let listed = json_of(&workspace.run(&["ls", "--json"]));
    let ids: Vec<&str> = listed["documents"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    for number in 1..=added {
        let is_gone = number % 3 == 2 && number < added;
        assert_eq!(ids.contains(&&*format!("added-{number}")), !is_gone, "{number}");
    }
    let found = serving.post("/v1/search", &json!({"question": "which ferry is the addition of number 1?"}));
    assert!(found.text.contains("added-1"), "{}", found.text);
    let verified = workspace.run(&["verify"]);
    assert!(verified.code == 0 && !verified.stdout.contains("index lacks"), "{verified:?}");
    assert!(!workspace.folder().join("index/default/next").exists());
    let reply = serving.post("/v1/documents", &json!({"documents": [{"id": "last", "text": "The last ferry."}]}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    drop(serving);
    assert_eq!(model(&workspace), PLAIN);
    assert_eq!(workspace.run(&["verify"]).code, 0);
}

#[test]
fn another_passage_size_is_a_reindex_too_and_one_that_is_abandoned_leaves_nothing() {
    let workspace = workspace(16);
    let before = status(&workspace);
    let smaller = [("FOOTNOTE_INGEST_PASSAGE_TOKENS", "60")];
    let again = workspace.run_with(&["reindex"], &smaller);
    assert_eq!(told(&again).1, 0);
    let after = status(&workspace);
    assert!(after["passages"].as_u64() > before["passages"].as_u64(), "{after}");
    assert_eq!(after["model"], before["model"]);
    assert!(!again.stderr.contains("The settings still name"), "{again:?}");
    let nothing = workspace.run(&["reindex", "--abandon"]);
    assert_eq!((nothing.code, &*nothing.stdout), (0, "no reindex was begun\n"));
    interrupted(&workspace, &["reindex"], "-KILL");
    let dropped = workspace.run(&["reindex", "--abandon"]);
    assert!(dropped.code == 0 && dropped.stdout.starts_with("dropped a reindex to footnote-e5-small"), "{dropped:?}");
    assert!(!workspace.folder().join("index/default/next").exists());
    assert_eq!(status(&workspace)["passages"], after["passages"]);
    let unknown = workspace.run(&["reindex", "--model", "no-such-model"]);
    assert!(unknown.code == 3 && unknown.stderr.contains("no-such-model"), "{unknown:?}");
    assert!(!workspace.folder().join("index/default/next").exists());
}

#[test]
fn all_damaged_documents_are_named_before_anything_is_embedded_and_without_them_it_is_done() {
    let workspace = workspace(5);
    let store = workspace.folder().join("index/default/store.db");
    let damage = "UPDATE texts SET text = replace(text, 'observer', 'OBSERVER')
                  WHERE document IN (SELECT key FROM documents ORDER BY key LIMIT 2)";
    rusqlite::Connection::open(&store).unwrap().execute_batch(damage).unwrap();
    let ids: Vec<String> = {
        let connection = rusqlite::Connection::open(&store).unwrap();
        let mut query = connection.prepare("SELECT id FROM documents ORDER BY key LIMIT 2").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let smaller = [("FOOTNOTE_INGEST_PASSAGE_TOKENS", "60")];
    let refused = workspace.run_with(&["reindex"], &smaller);
    let is_told = ids.iter().all(|id| refused.stderr.contains(id)) && refused.stderr.contains("footnote rm");
    assert!(refused.code == 4 && is_told, "{refused:?}");
    for id in &ids {
        assert_eq!(workspace.run(&["rm", id]).code, 0);
    }
    let done = workspace.run_with(&["reindex"], &smaller);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(status(&workspace)["documents"], 3);
}
