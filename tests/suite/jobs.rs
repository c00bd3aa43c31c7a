//! Writes in the background: what was accepted is done, whatever happens to the server, and each file's outcome is told.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Server, Workspace};

const ASYNC: &[(&str, &str)] = &[("Prefer", "respond-async")];
const OFFLINE: &[(&str, &str)] = &[("FOOTNOTE_MODEL_OFFLINE", "true")];
/// More than any of these jobs takes, even on a busy machine.
const WITHIN: Duration = Duration::from_mins(5);

/// A text of so many paragraphs, like that of no other name.
fn text(name: &str, paragraphs: usize) -> String {
    let mut text = format!("Report {name}\n\n");
    for week in 0..paragraphs {
        let _ = writeln!(
            text,
            "In week {week} the gauge of {name} measured {} millimetres of rain. The river rose by {} centimetres, and the \
             lower meadows were under water for {week} hours. The bridge stayed open to carts, though not to lorries.\n",
            week * 7 + name.len(),
            week * 3 + 1
        );
    }
    text
}

/// Files with texts of so many paragraphs.
fn files(count: usize, paragraphs: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|number| format!("report-{number:03}.txt"))
        .map(|name| (name.clone(), text(&name, paragraphs)))
        .collect()
}

/// Uploads files for a job.
fn submit(server: &Server, headers: &[(&str, &str)], files: &[(String, String)]) -> Value {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let reply = server.upload_with("/v1/documents", headers, &files);
    assert_eq!(reply.status, 202, "{}", reply.text);
    let job = reply.json();
    assert_eq!(reply.header("location"), path(&job));
    job
}

/// Sends documents of one collection for a job.
fn submit_to(server: &Server, collection: &str, documents: &Value) -> Value {
    let body = json!({"collection": collection, "documents": documents}).to_string();
    let headers = [("Content-Type", "application/json"), ASYNC[0]];
    let reply = server.send("POST", "/v1/documents", &headers, body.as_bytes());
    assert_eq!(reply.status, 202, "{}", reply.text);
    reply.json()
}

fn path(job: &Value) -> String {
    format!("/v1/jobs/{}", job["id"].as_str().unwrap())
}

/// The job with its items, once `reached` is true of it.
#[track_caller]
fn until(server: &Server, job: &Value, reached: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let reply = server.get(&path(job));
        assert_eq!(reply.status, 200, "{}", reply.text);
        let now = reply.json();
        if reached(&now) {
            return now;
        }
        assert!(started.elapsed() < WITHIN, "{now}\n{}", server.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn has_ended(job: &Value) -> bool {
    !matches!(job["state"].as_str().unwrap(), "queued" | "running")
}

fn items(job: &Value) -> &[Value] {
    job["items"].as_array().unwrap()
}

fn count(job: &Value, status: &str) -> usize {
    items(job).iter().filter(|item| item["status"] == status).count()
}

/// What is stored: ids and numbers of passages.
fn stored(server: &Server) -> Vec<(String, u64)> {
    let listed = server.get("/v1/documents?limit=1000").json();
    let mut stored: Vec<_> = listed["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| (document["id"].as_str().unwrap().to_owned(), document["passages"].as_u64().unwrap()))
        .collect();
    stored.sort();
    stored
}

/// The events of a job: name, id and data.
fn events(server: &Server, job: &Value, last: &str) -> Vec<(String, String, Value)> {
    let reply = server.get_with(&format!("{}/events", path(job)), &[("Last-Event-ID", last)]);
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/event-stream"), "{}", reply.text);
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default().to_owned()
    };
    let events = reply.text.split("\n\n").filter(|event| event.contains("data:"));
    let read = |event: &str| serde_json::from_str(&field(event, "data")).unwrap_or_else(|why| panic!("{why}: {event}"));
    events.map(|event| (field(event, "event"), field(event, "id"), read(event))).collect()
}

#[test]
fn many_files_become_a_job_that_tells_the_outcome_of_each() {
    let server = Server::start(&[]);
    let mut files = files(110, 1);
    files[7] = ("odd.xyz".into(), "what is this".into());
    files[9].1 = " ".into();
    files[11] = ("notes.md".into(), "---\ndate: 03/04/2026\n---\nThe pier is closed.".into());
    let job = submit(&server, &[], &files);
    assert_eq!((&job["collection"], &job["progress"]["items"]), (&json!("default"), &json!(110)));
    let done = until(&server, &job, has_ended);
    assert_eq!((&done["state"], &done["error"]), (&json!("done"), &Value::Null), "{done}");
    assert!(done["started"].as_str().unwrap() <= done["finished"].as_str().unwrap(), "{done}");
    let names: Vec<_> = items(&done).iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), "in the order of the request");
    let item = |number: usize| &items(&done)[number];
    assert_eq!(
        (&item(0)["status"], &item(0)["passages"], &item(0)["error"]),
        (&json!("added"), &json!(1), &Value::Null)
    );
    assert_eq!(item(0)["documents"][0]["id"], "report-000.txt");
    assert_eq!((&item(7)["status"], &item(7)["passages"]), (&json!("failed"), &Value::Null));
    assert!(item(7)["error"]["hint"].is_string(), "{}", item(7));
    assert_eq!(item(9)["status"], "skipped");
    assert!(item(11)["notes"][0].as_str().unwrap().contains("03/04/2026"), "{}", item(11));
    let counts = json!({"added": 108, "updated": 0, "unchanged": 0, "removed": 0, "skipped": 1, "failed": 1});
    assert_eq!(done["counts"], counts);
    let progress = &done["progress"];
    assert_eq!((&progress["items_done"], &progress["documents"]), (&json!(110), &json!(110)));
    assert_eq!((&progress["passages_planned"], &progress["passages_embedded"]), (&json!(108), &json!(108)));
    assert!(progress["tokens"].as_u64().unwrap() > 108);
    assert_eq!(stored(&server).len(), 108);
    let listed = server.get("/v1/jobs").json();
    assert_eq!(listed["jobs"][0]["state"], "done");
    assert!(listed["jobs"][0].get("items").is_none());
    let kept = server.delete(&path(&job));
    assert_eq!((kept.status, &kept.json()["state"]), (200, &json!("done")), "what has ended is not cancelled");

    // A client that waits gets what it always got; so does one with little to write.
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    for (wait, files) in [(&[("Prefer", "wait=600")][..], &files[..]), (&[], &files[..7])] {
        let reply = server.upload_with("/v1/documents", wait, files);
        assert_eq!((reply.status, reply.header("location")), (200, ""), "{}", reply.text);
        let documents = reply.json()["documents"].as_array().unwrap().clone();
        assert_eq!((documents.len(), &documents[0]["status"]), (files.len(), &json!("unchanged")));
    }
    let large = "word ".repeat(900_000);
    let body = json!({"documents": [{"id": "large", "text": large}]});
    let job = server.post("/v1/documents", &body);
    assert_eq!((job.status, &job.json()["progress"]["items"]), (202, &json!(1)), "a large text is a job as well");
    assert_eq!(server.delete(&path(&job.json())).status, 200);
}

#[test]
fn a_client_follows_a_job_and_goes_on_where_it_was() {
    let server = Server::start(&[]);
    let job = submit(&server, ASYNC, &files(40, 4));
    assert!(!has_ended(&job), "{job}");
    let all = events(&server, &job, "");
    let ids: Vec<_> = all.iter().filter(|(name, ..)| name == "item").map(|(_, id, _)| id.clone()).collect();
    assert_eq!(ids, (1..=40).map(|number| number.to_string()).collect::<Vec<_>>());
    let item = &all.iter().find(|(_, id, _)| id == "40").unwrap().2;
    assert_eq!((&item["item"]["name"], &item["item"]["status"]), (&json!("report-039.txt"), &json!("added")));
    assert_eq!(item["progress"]["items_done"], 40);
    let progress: Vec<_> = all.iter().filter(|(name, ..)| name == "progress").map(|(_, _, data)| data).collect();
    let embedded: Vec<_> = progress.iter().map(|job| job["progress"]["passages_embedded"].as_u64().unwrap()).collect();
    assert!(embedded.len() > 1 && embedded.is_sorted(), "{embedded:?}");
    let (name, id, ended) = all.last().unwrap();
    assert_eq!((name.as_str(), id.as_str(), &ended["state"]), ("end", "end", &json!("done")));

    let rest: Vec<_> = events(&server, &job, "38").into_iter().map(|(name, id, _)| (name, id)).collect();
    assert_eq!(rest, [("item", "39"), ("item", "40"), ("end", "end")].map(|(name, id)| (name.into(), id.into())));
    let over = server.get_with(&format!("{}/events", path(&job)), &[("Last-Event-ID", "end")]);
    assert_eq!((over.status, over.text.as_str()), (204, ""), "a browser does not connect again");
}

#[test]
fn a_job_that_is_cancelled_keeps_what_it_stored_and_says_what_it_did_not_do() {
    let server = Server::start(&[]);
    let long = submit(&server, ASYNC, &files(60, 40));
    let behind = submit(&server, ASYNC, &files(1, 1));
    let begun = until(&server, &long, |job| job["progress"]["items_done"].as_u64().unwrap() > 0);
    assert_eq!(begun["state"], "running", "{begun}");
    let waiting = server.delete(&path(&behind));
    assert_eq!((waiting.status, &waiting.json()["state"]), (200, &json!("cancelled")));
    let reply = server.delete(&path(&long));
    assert_eq!(reply.status, 200, "{}", reply.text);
    let ended = until(&server, &long, has_ended);
    assert_eq!((&ended["state"], &ended["error"]), (&json!("cancelled"), &Value::Null));
    let (added, not_done) = (count(&ended, "added"), count(&ended, "not_done"));
    assert!(added > 0 && not_done > 0 && added + not_done == 60, "{ended}");
    assert_eq!(stored(&server).len(), added);
    assert_eq!(until(&server, &behind, has_ended)["items"][0]["status"], "not_done");
    let next = until(&server, &submit(&server, ASYNC, &files(2, 1)), has_ended);
    assert_eq!((&next["state"], count(&next, "updated")), (&json!("done"), 2));
}

#[test]
fn a_job_goes_on_after_a_kill_and_ends_as_if_nothing_had_happened() {
    let files = files(40, 12);
    let workspace = Workspace::new();
    let mut server = Server::over(&workspace, ANY_PORT, OFFLINE);
    let first = until(&server, &submit(&server, ASYNC, &files[..1]), has_ended);
    let job = submit(&server, ASYNC, &files);
    let behind = submit(&server, ASYNC, &[(files[0].0.clone(), text("the last version", 1))]);
    let begun = until(&server, &job, |job| job["progress"]["items_done"].as_u64().unwrap() >= 3);
    server.kill_and_restart();
    let ended = until(&server, &job, has_ended);
    assert_eq!((&ended["state"], items(&ended).len()), (&json!("done"), 40), "{ended}");
    for (before, after) in items(&begun).iter().zip(items(&ended)).filter(|(before, _)| before["status"] != "waiting") {
        assert_eq!(before, after, "what was told before stays");
    }
    assert_eq!(count(&ended, "added") + count(&ended, "unchanged"), 40, "{ended}");
    assert_eq!((&ended["started"], &ended["created"]), (&ended["started"], &begun["created"]));
    assert_eq!(until(&server, &behind, has_ended)["items"][0]["status"], "updated", "jobs run in their order");

    let quiet = Server::start(&[]);
    until(&quiet, &submit(&quiet, ASYNC, &files), has_ended);
    until(&quiet, &submit(&quiet, ASYNC, &[(files[0].0.clone(), text("the last version", 1))]), has_ended);
    assert_eq!(stored(&server), stored(&quiet));

    // Jobs that have ended are there after a restart, without what was sent for them.
    let listed = server.get("/v1/jobs").json();
    server.kill_and_restart();
    assert_eq!(server.get("/v1/jobs").json(), listed);
    for job in [&first, &ended] {
        assert_eq!(server.get(&path(job)).json(), *job);
    }
    let folder = workspace.folder().join("index/default").join(path(&ended).trim_start_matches("/v1/"));
    assert!(folder.join("end.json").exists() && !folder.join("input").exists(), "{}", folder.display());
    let verified = workspace.run(&["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[cfg(unix)]
#[test]
fn a_stop_does_not_wait_for_jobs_or_their_followers_and_they_go_on_at_the_next_start() {
    let workspace = Workspace::new();
    let mut server = Server::over(&workspace, ANY_PORT, OFFLINE);
    let job = submit(&server, ASYNC, &files(60, 40));
    until(&server, &job, |job| job["progress"]["items_done"].as_u64().unwrap() > 0);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let following = agent.get(format!("{}{}/events", server.url, path(&job))).call().unwrap();
    let started = Instant::now();
    assert!(server.terminate().success(), "{}", server.log());
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    drop(following);
    let server = Server::over(&workspace, ANY_PORT, OFFLINE);
    let again = server.get(&path(&job)).json();
    assert!(!has_ended(&again) && count(&again, "added") > 0, "{again}");
    assert_eq!(server.delete(&path(&job)).status, 200);
    until(&server, &job, has_ended);
}

#[test]
fn a_job_of_a_collection_that_was_removed_fails_and_those_of_others_go_on() {
    let server = Server::start(&[]);
    let long = |name: &str| json!([{"id": "long", "text": text(name, 1500)}]);
    for name in ["one", "two", "gone"] {
        assert_eq!(server.post("/v1/collections", &json!({"name": name})).status, 200);
    }
    let running: Vec<_> = ["one", "two"].iter().map(|name| submit_to(&server, name, &long(name))).collect();
    let job =
        submit_to(&server, "gone", &json!([{"id": "a", "text": "A."}, {"title": "B", "text": "B."}, {"text": "C."}]));
    assert_eq!(server.delete("/v1/collections/gone").status, 204);
    for running in &running {
        assert_eq!(server.delete(&path(running)).status, 200);
    }
    let failed = until(&server, &job, has_ended);
    assert_eq!((&failed["state"], &failed["error"]["detail"]), (&json!("failed"), &json!("no collection `gone`")));
    let names: Vec<_> = items(&failed).iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!((names.as_slice(), count(&failed, "not_done")), (&["a", "B", "document 3"][..], 3));
    for running in &running {
        assert_eq!(until(&server, running, has_ended)["state"], "cancelled");
    }
    let job = submit_to(&server, "one", &json!([{"id": "a", "text": "A quay."}, {"id": "a", "text": "A pier."}]));
    let done = until(&server, &job, has_ended);
    assert_eq!((&items(&done)[0]["status"], &items(&done)[1]["status"]), (&json!("added"), &json!("failed")), "{done}");
}
