//! Feedback on answers and the log of questions: by the API with keys, by the command line, beside an erasure, on a medium
//! that cannot be written to, and as a question set.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Reply, Resource, Server, Workspace, needs};

const FED: &str =
    "The bakery on Mill Street opens at seven. Anna Lindqvist expects the Fed to cut rates twice in 2026.";
const SENTENCE: &str = "Anna Lindqvist expects the Fed to cut rates twice in 2026.";
const ASKED: &str = "who expects the Fed to cut in 2026";
/// A question that nothing in the documents comes near to.
const DECLINED: &str = "How tall is the highest volcano of Iceland?";
const ALL: (&str, &str) = ("FOOTNOTE_ASK_LOG_QUESTIONS", "all");

/// The bytes of [`SENTENCE`] in [`FED`].
fn bytes() -> Value {
    let start = FED.find(SENTENCE).unwrap();
    json!([start, start + SENTENCE.len()])
}

fn right() -> Value {
    json!({"question": ASKED, "verdict": "right", "document": "fed", "bytes": bytes()})
}

/// A workspace with the document `fed`.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    let ingested = workspace.run_with_input(&["ingest", "-", "--id", "fed"], FED.as_bytes());
    assert_eq!(ingested.code, 0, "{ingested:?}");
    workspace
}

fn json_of(workspace: &Workspace, arguments: &[&str]) -> Value {
    let output = workspace.run(arguments);
    assert_eq!(output.code, 0, "{output:?}");
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// A server with keys, and its index.
struct Keyed {
    workspace: Workspace,
    server: Server,
}

impl Keyed {
    fn start() -> Self {
        let workspace = workspace();
        let server = Server::over(&workspace, ANY_PORT, &[ALL]);
        Self { workspace, server }
    }

    fn key(&self, name: &str, options: &[&str]) -> String {
        let made = self.workspace.run(&[&["keys", "new", name], options].concat());
        assert_eq!(made.code, 0, "{made:?}");
        format!("Bearer {}", made.stdout.trim())
    }

    fn send(&self, key: &str, method: &str, path: &str, body: &Value) -> Reply {
        let headers = [("Authorization", key), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.send(method, path, &headers, body.as_bytes())
    }

    fn get(&self, key: &str, path: &str) -> Value {
        let reply = self.send(key, "GET", path, &Value::Null);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }
}

#[test]
fn feedback_is_kept_as_it_was_given_and_has_none_of_the_words_of_the_document() {
    let server = Server::start(&[("fed", FED)]);
    let given = json!({"question": ASKED, "verdict": "wrong_sentence", "document": "fed", "bytes": bytes(), "comment": "see p. 3"});
    let kept = server.post("/v1/feedback", &given).json();
    assert_eq!(
        (&kept["verdict"], &kept["answerable"], &kept["bytes"], &kept["comment"], &kept["key"]),
        (&given["verdict"], &json!(true), &bytes(), &given["comment"], &Value::Null)
    );
    let listed = server.get("/v1/feedback").json();
    assert_eq!(listed, json!({"feedback": [kept], "total": 1, "next": null}));
    let path = server.folder().join("index/default/feedback/feedback.jsonl");
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(stored.contains(ASKED) && !stored.contains("Lindqvist"), "{stored}");

    let id = kept["id"].as_str().unwrap();
    assert_eq!(server.delete(&format!("/v1/feedback/{id}")).status, 204);
    server.delete(&format!("/v1/feedback/{id}")).problem(404);
    assert_eq!(server.get("/v1/feedback").json()["total"], 0);
}

#[test]
fn feedback_that_is_wrong_in_itself_is_refused_and_says_why() {
    let server = Server::start(&[("fed", FED), ("zh", "聯準會會降息。")]);
    let refused = |status: u16, change: Value, word: &str| {
        let mut sent = json!({"question": ASKED, "verdict": "right"});
        sent.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = server.post("/v1/feedback", &sent).problem(status);
        assert!(problem["detail"].as_str().unwrap().contains(word), "{problem}");
    };
    refused(404, json!({"document": "ledger"}), "no document `ledger`");
    refused(404, json!({"collection": "none"}), "no collection `none`");
    refused(400, json!({"question": " \n"}), "question");
    refused(400, json!({"question": "字".repeat(8_193)}), "8192");
    refused(400, json!({"comment": "字".repeat(2_001)}), "2000");
    refused(400, json!({"verdict": "perhaps"}), "perhaps");
    refused(400, json!({"bytes": [0, 3]}), "without `document`");
    refused(400, json!({"document": "fed", "bytes": [0, 9_999]}), "bytes");
    refused(400, json!({"document": "fed", "bytes": [100, 101, 102]}), "3 numbers");
    refused(400, json!({"document": "fed", "bytes": [FED.len() - 3, FED.len() + 1]}), "`fed`");
    refused(400, json!({"document": "fed", "bytes": [7, 3]}), "`fed`");
    refused(400, json!({"document": "zh", "bytes": [1, 6]}), "`zh`");
    refused(400, json!({"verdict": "has_answer", "answerable": true}), "has_answer");
    refused(400, json!({"verdict": "wrong_sentence", "answerable": false}), "wrong_sentence");
    refused(400, json!({"verdict": "no_answer", "document": "fed"}), "no_answer");
    refused(400, json!({"answerable": false, "document": "fed"}), "right");
    refused(400, json!({"colour": "red"}), "colour");
    assert_eq!(server.get("/v1/feedback").json()["total"], 0, "nothing of it is kept");
    server.get("/v1/feedback?limit=0").problem(400);
    server.get("/v1/feedback?after=none").problem(404);
    server.delete("/v1/feedback?before=yesterday").problem(400);
}

#[test]
fn feedback_comes_in_pages_the_latest_first_and_goes_by_its_time() {
    let server = Server::start(&[("fed", FED)]);
    for number in 0..5 {
        let given = json!({"question": format!("question {number}"), "verdict": "no_answer"});
        assert_eq!(server.post("/v1/feedback", &given).status, 200);
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/feedback?limit=2{after}")).json();
        assert_eq!(page["total"], 5);
        seen.extend(
            page["feedback"].as_array().unwrap().iter().map(|one| one["question"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, ["question 4", "question 3", "question 2", "question 1", "question 0"]);
    assert_eq!(server.delete("/v1/feedback?before=2026-01-01").json(), json!({"removed": 0}));
    assert_eq!(server.delete("/v1/feedback?before=2999-01-01").json(), json!({"removed": 5}));
}

#[test]
fn a_key_sees_and_removes_only_its_own_feedback_and_questions_and_reaches_only_its_collections() {
    let keyed = Keyed::start();
    let [one, other] = ["one", "other"].map(|name| keyed.key(name, &[]));
    let admin = keyed.key("admin", &["--scope", "admin"]);
    let writer = keyed.key("writer", &["--scope", "write"]);
    let elsewhere = keyed.key("elsewhere", &["--scope", "admin", "--only", "pets"]);
    for (key, question) in [(&one, ASKED), (&other, DECLINED)] {
        assert_eq!(keyed.send(key, "POST", "/v1/ask", &json!({"question": question})).status, 200);
        let given = json!({"question": question, "verdict": "right", "answerable": question == ASKED});
        assert_eq!(keyed.send(key, "POST", "/v1/feedback", &given).status, 200);
    }
    let total = |key: &str, path: &str| keyed.get(key, path)["total"].as_u64().unwrap();
    for path in ["/v1/feedback", "/v1/questions"] {
        assert_eq!((total(&one, path), total(&other, path), total(&admin, path)), (1, 1, 2), "{path}");
        assert!(!keyed.get(&one, path).to_string().contains("volcano"), "{path}");
        keyed.send(&writer, "GET", path, &Value::Null).problem(403);
        keyed.send(&elsewhere, "GET", &format!("{path}?collection=default"), &Value::Null).problem(404);
    }
    keyed
        .send(
            &elsewhere,
            "POST",
            "/v1/feedback",
            &json!({"question": "q", "verdict": "right", "collection": "default"}),
        )
        .problem(404);
    let id = keyed.get(&one, "/v1/feedback")["feedback"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(keyed.get(&one, "/v1/feedback")["feedback"][0]["key"], "one");
    keyed.send(&other, "DELETE", &format!("/v1/feedback/{id}"), &Value::Null).problem(404);
    keyed.send(&other, "GET", &format!("/v1/feedback?after={id}"), &Value::Null).problem(404);
    // Another person gets a key of the name of a former one.
    assert_eq!(keyed.workspace.run(&["keys", "revoke", "one"]).code, 0);
    let successor = keyed.key("one", &[]);
    for path in ["/v1/feedback", "/v1/questions"] {
        assert_eq!(total(&successor, path), 0, "{path}");
        assert_eq!(keyed.send(&successor, "DELETE", path, &Value::Null).json(), json!({"removed": 0}), "{path}");
    }
    keyed.send(&successor, "DELETE", &format!("/v1/feedback/{id}"), &Value::Null).problem(404);
    for path in ["/v1/feedback", "/v1/questions"] {
        assert_eq!(keyed.send(&other, "DELETE", path, &Value::Null).json(), json!({"removed": 1}), "{path}");
        assert_eq!((total(&other, path), total(&admin, path)), (0, 1), "{path}");
        assert_eq!(keyed.send(&admin, "DELETE", path, &Value::Null).json(), json!({"removed": 1}), "{path}");
    }
}

#[test]
fn questions_are_logged_whoever_asks_and_none_are_by_default() {
    let keyed = Keyed::start();
    let key = keyed.key("phone", &[]);
    let ask = |path: &str, body: Value| {
        let reply = keyed.send(&key, "POST", path, &body);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    };
    ask("/v1/ask", json!({"question": "who expects the Fed to cut by HTTP"}));
    ask("/v1/ask", json!({"question": "who expects the Fed to cut by a stream", "stream": true}));
    let chat = |text: &str| json!([{"role": "user", "content": text}]);
    ask("/v1/chat/completions", json!({"model": "footnote", "messages": chat("who expects the Fed to cut by chat")}));
    ask("/v1/responses", json!({"model": "footnote", "input": "who expects the Fed to cut by responses"}));
    ask(
        "/api/chat",
        json!({"model": "footnote", "stream": false, "messages": chat("who expects the Fed to cut by Ollama")}),
    );
    let call = json!({"name": "ask", "arguments": {"question": "who expects the Fed to cut by MCP"}});
    ask("/mcp", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}));
    ask("/v1/ask", json!({"question": "hello!"}));
    ask("/v1/search", json!({"question": "a search is not a question"}));
    let variables = [ALL, ("FOOTNOTE_ASK_USE_SERVER", "false")];
    assert_eq!(keyed.workspace.run_with(&["ask", "who expects the Fed to cut by command"], &variables).code, 0);
    assert_eq!(keyed.workspace.run(&["ask", "--no-server", "who expects the Fed to cut unseen"]).code, 0);

    let path = keyed.workspace.folder().join("index/default/feedback/questions.jsonl");
    let logged = std::fs::read_to_string(path).unwrap();
    let logged: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ways: Vec<&str> =
        logged.iter().map(|line| line["question"].as_str().unwrap().rsplit(' ').next().unwrap()).collect();
    assert_eq!(ways, ["HTTP", "stream", "chat", "responses", "Ollama", "MCP", "command"]);
    let keys: Vec<&Value> = logged.iter().map(|line| &line["key"]).collect();
    assert!(keys[..6].iter().all(|key| *key == "phone") && keys[6].is_null(), "{keys:?}");
}

#[test]
fn declined_keeps_what_was_not_answered_and_the_command_line_groups_lists_and_clears_it() {
    let workspace = workspace();
    let declined = [("FOOTNOTE_ASK_LOG_QUESTIONS", "declined")];
    assert_eq!(workspace.run_with(&["ask", ASKED], &declined).code, 0);
    for question in [DECLINED, "how tall is Iceland's highest volcano", "Does Goldman Sachs expect a cut?"] {
        assert_eq!(workspace.run_with(&["ask", question], &declined).code, 1, "{question}");
    }
    let listed = json_of(&workspace, &["questions", "--json"]);
    assert_eq!((&listed["total"], &listed["asked"], &listed["next"]), (&json!(2), &json!(3), &Value::Null), "{listed}");
    let [volcano, bank] = &listed["questions"].as_array().unwrap()[..] else { panic!("{listed}") };
    assert_eq!((&volcano["count"], &volcano["declined"]), (&json!(2), &json!(2)));
    assert_eq!(volcano["wordings"].as_array().unwrap().len(), 2);
    assert_eq!(bank["missing"], json!(["Goldman Sachs"]), "{bank}");
    let table = workspace.run(&["questions", "--declined"]).stdout;
    let first: Vec<&str> = table.lines().next().unwrap().split('\t').collect();
    assert_eq!((first[0], first[1], first[5]), ("2", "2", "how tall is Iceland's highest volcano"), "{table}");
    let lines = workspace.run(&["questions", "--format", "ndjson"]).stdout;
    assert!(lines.lines().count() == 2 && lines.contains("\"type\":\"question\""), "{lines}");

    let early = workspace.run(&["questions", "clear", "--before", "2026-01-01"]);
    assert!(early.code == 0 && early.stderr.contains("0 questions"), "{early:?}");
    assert!(workspace.run(&["questions", "clear"]).stderr.contains("3 questions"));
    let nothing = workspace.run(&["questions"]);
    assert!(nothing.code == 0 && nothing.stderr.contains("log_questions"), "{nothing:?}");
    assert_eq!(workspace.run(&["questions", "clear", "--before", "soon"]).code, 2);
}

#[test]
fn the_command_line_reads_and_clears_while_a_server_logs() {
    let workspace = workspace();
    let server = Server::over(&workspace, ANY_PORT, &[ALL]);
    server.post("/v1/ask", &json!({"question": DECLINED}));
    assert_eq!(json_of(&workspace, &["questions", "--json"])["total"], 1);
    assert_eq!(workspace.run(&["questions", "clear"]).code, 0);
    assert_eq!(
        server.get("/v1/questions").json(),
        json!({"questions": [], "total": 0, "asked": 0, "earliest": null, "next": null})
    );
    server.post("/v1/ask", &json!({"question": ASKED}));
    assert_eq!(server.get("/v1/questions?declined=true").json()["total"], 0);
    assert_eq!(server.get("/v1/questions").json()["total"], 1);
    assert_eq!(server.delete("/v1/questions").json(), json!({"removed": 1}));
}

#[test]
fn questions_come_in_pages_the_most_frequent_first() {
    let workspace = workspace();
    let server = Server::over(&workspace, ANY_PORT, &[ALL]);
    let questions = [DECLINED, ASKED, DECLINED, "When does the bakery open?", "does the bakery open when", DECLINED];
    for question in questions {
        assert_eq!(server.post("/v1/ask", &json!({"question": question})).status, 200);
    }
    let (mut counts, mut after) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/questions?limit=1{after}")).json();
        assert_eq!((&page["total"], &page["asked"]), (&json!(3), &json!(6)), "{page}");
        counts.extend(page["questions"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(counts, [3, 2, 1]);
    server.get("/v1/questions?limit=1001").problem(400);
    server.get("/v1/questions?after=none").problem(404);
}

#[test]
fn two_processes_log_at_once_and_no_question_is_lost() {
    let workspace = workspace();
    let second = second(&workspace);
    let (one, other) = (Server::over(&workspace, ANY_PORT, &[ALL]), Server::over(&second, ANY_PORT, &[ALL]));
    std::thread::scope(|scope| {
        for server in [&one, &other] {
            for client in 0..4 {
                scope.spawn(move || {
                    for number in 0..5 {
                        let question = format!("who expects cut number {client}{number} of the Fed");
                        assert_eq!(
                            server.post("/v1/ask", &json!({"question": question, "collection": "shared"})).status,
                            200
                        );
                        let given = json!({"question": question, "verdict": "no_answer", "collection": "shared"});
                        assert_eq!(server.post("/v1/feedback", &given).status, 200);
                    }
                });
            }
        }
    });
    for server in [&one, &other] {
        assert_eq!(server.get("/v1/questions?collection=shared").json()["asked"], 40);
        assert_eq!(server.get("/v1/feedback?collection=shared").json()["total"], 40);
    }
}

/// Another index with the same collection `shared` in it, which two servers can then read at once.
fn second(workspace: &Workspace) -> Workspace {
    let ingested = workspace.run_with_input(&["-c", "shared", "ingest", "-", "--id", "fed"], FED.as_bytes());
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let second = Workspace::new();
    std::fs::create_dir(second.folder().join("index")).unwrap();
    let shared = |workspace: &Workspace| workspace.folder().join("index/shared");
    std::os::unix::fs::symlink(shared(workspace), shared(&second)).unwrap();
    second
}

/// Files below a folder that hold this text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if std::fs::read(&path).unwrap().windows(text.len()).any(|window| window == text.as_bytes()) {
            found.push(path);
        }
    }
    found
}

#[test]
fn an_erased_document_leaves_nothing_in_feedback_and_a_backup_that_names_it_is_named() {
    let workspace = workspace();
    let bakery =
        workspace.run_with_input(&["ingest", "-", "--id", "bakery"], b"The bakery on Pond Lane opens at nine.");
    assert_eq!(bakery.code, 0, "{bakery:?}");
    let index = workspace.folder().join("index");
    let server = Server::over(&workspace, ANY_PORT, &[ALL]);
    for (verdict, document, comment) in [
        ("wrong_sentence", Some("fed"), "it says Lindqvist, fed-comment"),
        ("right", Some("bakery"), "bakery-comment"),
        ("wrong_document", Some("bakery"), "not what Lindqvist says, wrong-comment"),
        ("has_answer", None, "stray-comment"),
    ] {
        let given = json!({"question": ASKED, "verdict": verdict, "document": document, "comment": comment});
        assert_eq!(server.post("/v1/feedback", &given).status, 200);
    }
    assert_eq!(server.post("/v1/feedback", &right()).status, 200);
    assert_eq!(server.post("/v1/ask", &json!({"question": ASKED})).status, 200);
    drop(server);
    // A backup of when the document was deleted but feedback still named it.
    assert_eq!(workspace.run(&["rm", "fed"]).code, 0);
    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert_eq!(holding(&index, "fed-comment").len(), 1);

    let erased = workspace.run(&["rm", "--erase", "fed"]);
    assert!(erased.stderr.contains("backup still holds it"), "{erased:?}");
    for text in ["Lindqvist", "fed-comment", "wrong-comment", "stray-comment"] {
        assert_eq!(holding(&index, text), [] as [PathBuf; 0], "{text}");
    }
    assert_eq!(holding(&index, "bakery-comment").len(), 1);
    let exported = workspace.run(&["questions", "export"]).stdout;
    assert!(exported.lines().count() == 3 && !exported.contains("\"fed\""), "{exported}");
    assert_eq!(json_of(&workspace, &["questions", "--json"])["total"], 1, "questions are not text of the document");

    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert_eq!(holding(&workspace.folder().join("backup"), "fed-comment"), [] as [PathBuf; 0]);
}

#[test]
fn a_server_erases_what_feedback_has_of_a_document() {
    let server = Server::start(&[("fed", FED), ("bakery", "The bakery on Pond Lane opens at nine.")]);
    let given = json!({"question": ASKED, "verdict": "right", "document": "fed", "comment": "fed-comment"});
    assert_eq!(server.post("/v1/feedback", &given).status, 200);
    assert_eq!(server.delete("/v1/documents/fed?erase=true").status, 204);
    assert_eq!(holding(&server.folder().join("index"), "fed-comment"), [] as [PathBuf; 0]);
    assert_eq!(server.get("/v1/feedback").json()["total"], 0);
}

#[test]
fn a_backup_has_the_feedback_and_leaves_the_questions() {
    let workspace = workspace();
    let server = Server::over(&workspace, ANY_PORT, &[ALL]);
    server.post("/v1/ask", &json!({"question": ASKED}));
    assert_eq!(server.post("/v1/feedback", &right()).status, 200);
    drop(server);
    assert_eq!(workspace.run(&["backup", "backup"]).code, 0);
    assert_eq!(workspace.run(&["--index", "elsewhere", "restore", "backup"]).code, 0);
    for index in ["backup", "elsewhere"] {
        assert_eq!(workspace.run(&["--index", index, "questions", "export"]).stdout.lines().count(), 1, "{index}");
        assert_eq!(json_of(&workspace, &["--index", index, "questions", "--json"])["total"], 0, "{index}");
    }
    // A backup that is opened as an index stays as it was made.
    for (index, logged) in [("backup", 0), ("elsewhere", 1)] {
        assert_eq!(workspace.run_with(&["--index", index, "ask", ASKED], &[ALL]).code, 0, "{index}");
        assert_eq!(json_of(&workspace, &["--index", index, "questions", "--json"])["asked"], logged, "{index}");
    }
}

#[test]
fn a_question_to_an_index_that_cannot_be_written_to_is_answered_and_one_line_says_that_it_is_not_logged() {
    let mounted = tempfile::tempdir().unwrap();
    let mount = |arguments: &[&str]| {
        let output = Command::new("mount").args(arguments).arg(mounted.path()).output();
        output.map_err(|error| error.to_string()).and_then(|output| {
            if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
        })
    };
    let Some(()) = needs(Resource::Mount, mount(&["-t", "tmpfs", "-o", "size=20m", "tmpfs"])) else { return };
    let workspace = workspace();
    let index = mounted.path().join("index");
    let copied = Command::new("cp").arg("-r").arg(workspace.folder().join("index")).arg(&index).status().unwrap();
    assert!(copied.success());
    mount(&["-o", "remount,ro"]).unwrap();
    let variables = [ALL, ("FOOTNOTE_INDEX_DIR", index.to_str().unwrap())];
    let asked = workspace.run_with(&["ask", ASKED], &variables);
    let listed = workspace.run_with(&["questions"], &variables);
    let unmounted = Command::new("umount").arg(mounted.path()).status().unwrap();
    assert!(unmounted.success());
    assert!(asked.code == 0 && asked.stdout.contains("Lindqvist"), "{asked:?}");
    assert_eq!(asked.stderr.matches("are not logged").count(), 1, "{asked:?}");
    assert_eq!(listed.code, 0, "{listed:?}");
}

#[test]
fn feedback_becomes_a_question_set_and_what_cannot_be_used_is_counted() {
    let workspace = workspace();
    let tides = workspace.run_with_input(&["ingest", "-", "--id", "tides"], b"The tide turns at noon in Harbour Bay.");
    assert_eq!(tides.code, 0, "{tides:?}");
    let server = Server::over(&workspace, ANY_PORT, &[]);
    let give = |given: Value| assert_eq!(server.post("/v1/feedback", &given).status, 200, "{given}");
    give(right());
    give(json!({"question": "When does the tide turn?", "verdict": "has_answer", "document": "tides"}));
    give(json!({"question": DECLINED, "verdict": "right", "answerable": false}));
    // The first says something else than the second.
    give(json!({"question": "Who was the first emperor of Rome?", "verdict": "right", "document": "tides"}));
    give(json!({"question": "who was the first emperor of Rome?", "verdict": "no_answer"}));
    give(json!({"question": "Where is the bakery?", "verdict": "wrong_sentence"}));
    let ferry = json!({"documents": [{"id": "ferry", "text": "The ferry sails at six. It never waits."}]});
    assert_eq!(server.post("/v1/documents", &ferry).status, 200);
    give(
        json!({"question": "When does the ferry sail?", "verdict": "wrong_document", "document": "ferry", "bytes": [0, 23]}),
    );
    assert_eq!(server.delete("/v1/documents/ferry").status, 204);
    // The sentence has moved.
    let moved = json!({"documents": [{"id": "fed", "text": format!("Good morning. {FED}")}]});
    assert_eq!(server.post("/v1/documents", &moved).status, 200);
    drop(server);

    let exported = workspace.run(&["questions", "export"]);
    assert_eq!(exported.code, 0, "{exported:?}");
    let lines: Vec<Value> = exported.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["quote"]), (7, &json!(SENTENCE)), "{lines:#?}");
    assert_eq!(lines[0]["bytes"][0], bytes()[0].as_u64().unwrap() + 14);
    assert!(lines[6]["quote"].is_null() && exported.stderr.contains("1 record"), "{exported:?}");
    workspace.write("feedback.jsonl", &exported.stdout);

    let measured = workspace.run_with(&["eval", "--from", "feedback.jsonl", "--json"], &[ALL]);
    assert_eq!(measured.code, 0, "{measured:?}");
    let report: Value = serde_json::from_str(&measured.stdout).unwrap();
    let unused = json!({
        "it does not say which document is right": 1,
        "its document is not in the collection": 1,
        "later feedback says the contrary": 1,
    });
    assert_eq!(report["feedback"], json!({"records": 7, "used": 4, "questions": 4, "unused": unused}));
    let row = &report["rows"][0];
    assert_eq!((&row["leg"], &row["set"], &row["questions"]), (&json!("footnote"), &json!("default"), &json!(2)));
    assert_eq!((&row["recall_at_1"], &row["quote_at_1"]), (&json!(1.0), &json!(1.0)), "{row}");
    assert_eq!(row["abstention_auroc"], 1.0, "{row}");
    assert_eq!(json_of(&workspace, &["questions", "--json"])["total"], 0, "an evaluation asks nothing");
    let table = workspace.run(&["eval", "--from", "feedback.jsonl"]);
    assert!(table.stderr.contains("4 of 7 records of feedback could be used, as 4 questions"), "{table:?}");
    assert!(table.stderr.contains("1 not: later feedback says the contrary"), "{table:?}");

    let elsewhere = workspace.run_with_input(&["-c", "other", "ingest", "-", "--id", "x"], b"Cats sleep all day.");
    assert_eq!(elsewhere.code, 0, "{elsewhere:?}");
    workspace.write("feedback.jsonl", exported.stdout.lines().next().unwrap());
    let none = workspace.run(&["-c", "other", "eval", "--from", "feedback.jsonl"]);
    assert!(none.code == 2 && none.stderr.contains("1: its document is not in the collection"), "{none:?}");
    assert_eq!(workspace.run(&["eval"]).code, 2);
}
