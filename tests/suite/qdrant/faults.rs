//! What fails: calls, the server, the process. Nothing that was acknowledged is lost, nothing is found half or twice.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use footnote::config::IndexEngine;
use footnote::{Error, Footnote};
use serde_json::json;

use super::cluster::Fault;
use super::{assert_whole, found, ingest, question, run, settings, variables};
use crate::harness::{ANY_PORT, Server, Workspace};
use crate::qdrant::cluster::Cluster;

#[test]
fn whichever_call_fails_in_whatever_way_nothing_is_lost_and_nothing_is_found_twice() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let config = settings(dir.path(), &cluster.url);
    let footnote = Footnote::open(&config).unwrap();
    let mut failed = 0;
    let mut stored = Vec::new();
    for fault in [Fault::Refused, Fault::Done, Fault::Half] {
        for number in 1.. {
            let id = format!("{fault:?}-{number}");
            let text = format!("The {fault:?} warehouse keeps {number} barrels of amber.");
            // One that is new, and one that replaces what every round before has written.
            ingest(&footnote, &[(&id, &text), ("ledger", &format!("The ledger was signed after {id}."))]);
            stored.push((id.clone(), text.clone()));
            cluster.fail(number, fault);
            let ended = footnote.checkpoint();
            let has_failed = cluster.has_failed();
            assert_eq!(ended.is_err(), has_failed, "{fault:?} of call {number}: {ended:?}");
            assert!(found(&footnote, &text).contains(&text), "{fault:?} of call {number}");
            let ledger = found(&footnote, "When was the ledger signed?");
            let signed = ledger.iter().filter(|text| text.starts_with("The ledger was signed")).collect::<Vec<_>>();
            assert_eq!(signed, [&format!("The ledger was signed after {id}.")], "{fault:?} of call {number}");
            if !has_failed {
                break;
            }
            failed += 1;
        }
    }
    assert!(failed > 15, "only {failed} calls were made to fail");
    footnote.checkpoint().unwrap();
    for (_, text) in &stored {
        assert_eq!(found(&footnote, text).iter().filter(|other| *other == text).count(), 1, "{text}");
    }
    assert_whole(&footnote, &cluster);
    drop(footnote);
    let again = Footnote::open_read_only(&config).unwrap();
    assert_eq!(again.status().unwrap().documents, stored.len() + 1);
    assert_whole(&again, &cluster);
}

#[test]
fn while_the_cluster_is_away_documents_are_taken_questions_say_so_and_all_is_pushed_when_it_is_back() {
    let cluster = Cluster::start();
    let workspace = Workspace::new();
    let variables = variables(&cluster);
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    {
        let footnote = Footnote::open(&settings(&workspace.folder().join("index"), &cluster.url)).unwrap();
        ingest(&footnote, &[("memo", "The zephyr ledger is green.")]);
    }
    assert_eq!(cluster.names().len(), 1);
    let server = Server::over(&workspace, ANY_PORT, &variables);
    let ask = || server.post("/v1/search", &json!({"question": "What colour is the zephyr ledger?"}));
    assert!(ask().text.contains("green"), "{}", ask().text);

    cluster.set_down(true);
    let away = ask();
    assert_eq!(away.status, 503, "{}", away.text);
    assert!(away.text.contains("cluster-unavailable"), "{}", away.text);
    assert!(!away.text.contains(&cluster.url), "the address is for the log: {}", away.text);
    let asked = run(&workspace, &cluster, &["ask", "What colour is the zephyr ledger?"]);
    assert!(asked.code == 10 && asked.stderr.contains(&cluster.url), "{asked:?}");
    let replaced = json!({"documents": [{"id": "memo", "text": "The zephyr ledger is crimson."}]});
    let taken = server.post("/v1/documents", &replaced);
    assert_eq!(
        (taken.status, taken.json()["documents"][0]["status"].as_str()),
        (200, Some("updated")),
        "{}",
        taken.text
    );

    cluster.set_down(false);
    let back = ask();
    assert!(back.text.contains("crimson") && !back.text.contains("green"), "{}", back.text);
    drop(server);
    let verified = run(&workspace, &cluster, &["verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    workspace.write("other.txt", "The pier is long.");
    assert_eq!(run(&workspace, &cluster, &["ingest", "other.txt"]).code, 0);
    assert!(cluster.keys(&cluster.names()[0]).len() >= 2);
    let status = run(&workspace, &cluster, &["status"]);
    assert!(status.stdout.contains("in the Qdrant cluster") && !status.stdout.contains("wait for it"), "{status:?}");
}

/// Waits for an erase that must end.
fn erase(footnote: &Arc<Footnote>) -> Result<(), Error> {
    let (sender, receiver) = mpsc::channel();
    let erasing = Arc::clone(footnote);
    std::thread::spawn(move || sender.send(erasing.erase_traces()));
    receiver.recv_timeout(Duration::from_mins(1)).expect("the erase does not end")
}

#[test]
fn an_erase_while_the_cluster_is_away_fails_and_writes_go_on_and_all_is_pushed_when_it_is_back() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let mut config = settings(dir.path(), &cluster.url);
    config.index.engine = IndexEngine::Embedded;
    let footnote = Arc::new(Footnote::open(&config).unwrap());
    ingest(&footnote, &[("a", "The zephyr ledger is green."), ("b", "The bakery opens at nine.")]);
    footnote.checkpoint().unwrap();
    // Segments on disk then wait for the cluster, and what is begun in the background tries to push them.
    cluster.fail(2, Fault::Refused);
    footnote.move_index(IndexEngine::Qdrant).unwrap_err();
    assert!(cluster.has_failed());
    cluster.set_down(true);
    let before = cluster.calls().len();
    assert_eq!(found(&footnote, "When does the bakery open?")[0], "The bakery opens at nine.");
    ingest(&footnote, &[("c", "The pier is long.")]);
    let since = Instant::now();
    while cluster.calls().len() == before && since.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(cluster.calls().len() > before, "nothing is tried in the background");
    footnote.delete("a").unwrap();
    let erased = erase(&footnote);
    assert!(matches!(erased, Err(Error::Cluster { .. })), "{erased:?}");
    ingest(&footnote, &[("d", "The museum is closed on Mondays.")]);

    cluster.set_down(false);
    footnote.checkpoint().unwrap();
    assert_whole(&footnote, &cluster);
    assert_eq!(cluster.keys(&cluster.names()[0]).len(), 3);
    assert_eq!(found(&footnote, "When is the museum closed?")[0], "The museum is closed on Mondays.");
}

#[test]
fn an_erase_after_a_move_that_left_the_collection_behind_removes_it_or_fails() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let footnote = Arc::new(Footnote::open(&settings(dir.path(), &cluster.url)).unwrap());
    ingest(&footnote, &[("a", "The zephyr ledger is green."), ("b", "The bakery opens at nine.")]);
    footnote.checkpoint().unwrap();
    cluster.set_down(true);
    footnote.move_index(IndexEngine::Embedded).unwrap_err();
    assert_eq!(found(&footnote, "When does the bakery open?")[0], "The bakery opens at nine.");
    footnote.delete("a").unwrap();
    let erased = erase(&footnote);
    assert!(matches!(erased, Err(Error::Cluster { .. })), "{erased:?}");
    cluster.set_down(false);
    erase(&footnote).unwrap();
    assert_eq!(cluster.names(), Vec::<String>::new());
}

#[test]
fn an_outage_leaves_one_name_to_be_cleared_away_however_often_it_is_tried() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let footnote = Footnote::open(&settings(dir.path(), &cluster.url)).unwrap();
    ingest(&footnote, &[("a", "The pier is long.")]);
    cluster.fail(2, Fault::Refused);
    footnote.checkpoint().unwrap_err();
    cluster.set_down(true);
    for _ in 0..3 {
        footnote.checkpoint().unwrap_err();
    }
    let ledger = std::fs::read(dir.path().join("default/cluster.json")).unwrap();
    let ledger: serde_json::Value = serde_json::from_slice(&ledger).unwrap();
    assert_eq!(ledger["made"].as_array().unwrap().len(), 1, "{ledger}");
    cluster.set_down(false);
    footnote.checkpoint().unwrap();
    assert_whole(&footnote, &cluster);
}

#[test]
fn a_process_that_is_killed_in_a_push_leaves_all_to_be_found_once() {
    let cluster = Cluster::start();
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("docs")).unwrap();
    for number in 0..6 {
        workspace.write(&format!("docs/{number}.txt"), format!("Warehouse {number} keeps {} barrels.", number + 40));
    }
    // The calls before the first points: version, what an earlier round left, collection, three indexes, what it is for.
    for (round, call) in [2, 4, 7, 8].into_iter().enumerate() {
        workspace.write("docs/memo.txt", format!("The zephyr ledger is number {round}."));
        cluster.fail(call, Fault::Hang);
        let variables = variables(&cluster);
        let mut command = workspace.command(&["ingest", "docs"]);
        let mut child = command.envs(variables.iter().map(|(name, value)| (*name, value))).spawn().unwrap();
        let since = Instant::now();
        let reached = cluster.calls().len() + call;
        while cluster.calls().len() < reached && since.elapsed() < Duration::from_mins(1) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        cluster.has_failed();
    }
    let ingested = run(&workspace, &cluster, &["ingest", "docs"]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let footnote = Footnote::open(&settings(&workspace.folder().join("index"), &cluster.url)).unwrap();
    footnote.checkpoint().unwrap();
    for number in 0..6 {
        let text = format!("Warehouse {number} keeps {} barrels.", number + 40);
        assert_eq!(found(&footnote, &text).iter().filter(|other| **other == text).count(), 1);
    }
    assert_eq!(footnote.status().unwrap().documents, 7);
    assert_whole(&footnote, &cluster);
}

#[test]
fn a_server_that_is_too_old_or_wants_another_key_is_told_with_what_to_do() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let config = settings(dir.path(), &cluster.url);
    let footnote = Footnote::open(&config).unwrap();
    ingest(&footnote, &[("a", "The pier is long.")]);
    cluster.set_version("1.9.2");
    let error = footnote.checkpoint().unwrap_err();
    assert!(matches!(error, Error::Cluster { .. }), "{error:?}");
    assert!(error.to_string().contains("1.9.2") && error.to_string().contains("1.16.0"), "{error}");
    // Nothing was pushed yet, so all of it is searched here.
    assert_eq!(found(&footnote, "How long is the pier?"), ["The pier is long."]);
    cluster.set_version("1.16.0");
    cluster.set_key("s3cret");
    let error = footnote.checkpoint().unwrap_err();
    assert!(error.to_string().contains("refuses the API key"), "{error}");
    assert!(error.hint().unwrap().contains("key_env"), "{error:?}");
    assert_eq!(cluster.names(), Vec::<String>::new());
    drop(footnote);

    let workspace = Workspace::new();
    let mut variables = variables(&cluster).to_vec();
    variables.push(("FOOTNOTE_QDRANT_KEY_ENV", "CLUSTER_KEY".into()));
    let run = |key: &str, arguments: &[&str]| {
        let mut command = workspace.command(arguments);
        command.envs(variables.iter().map(|(name, value)| (*name, value))).env("CLUSTER_KEY", key);
        command.output().unwrap()
    };
    workspace.write("memo.txt", "The pier is long.");
    let wrong = run("wr0ng", &["ingest", "memo.txt"]);
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.status.success() && told.contains("refuses the API key") && !told.contains("wr0ng"), "{told}");
    let right = run("s3cret", &["index", "move", "--to", "qdrant"]);
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stderr));
    assert_eq!(cluster.names().len(), 1);
}

#[test]
fn a_removed_collection_leaves_the_cluster() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let mut config = settings(dir.path(), &cluster.url);
    let library = footnote::Library::open(&config, Box::new(|_| {})).unwrap();
    let news = library.create("news").unwrap();
    ingest(&news, &[("a", "The pier is long.")]);
    news.checkpoint().unwrap();
    assert!(cluster.names()[0].starts_with("footnote-news-"), "{:?}", cluster.names());
    drop(news);
    library.delete("news").unwrap();
    assert_eq!(cluster.names(), Vec::<String>::new());

    // A collection that has no engine yet takes the one of the settings, and keeps it.
    config.index.collection = "kept".into();
    let kept = Footnote::open(&config).unwrap();
    ingest(&kept, &[("a", "The pier is long.")]);
    drop(kept);
    config.index.engine = IndexEngine::Embedded;
    let kept = Footnote::open(&config).unwrap();
    assert!(kept.status().unwrap().index.cluster_collection.is_some());
    assert_eq!(
        found(&kept, "How long is the pier?").len(),
        kept.rank(&question("How long is the pier?")).unwrap().passages.len()
    );
}
