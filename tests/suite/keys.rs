//! API keys: making and revoking them while a server runs, their scopes, their collections, and their limit.

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Reply, Server, Workspace};

const FED: &str = "Anna Lindqvist expects the Fed to cut rates twice in 2026.";
const CATS: &str = "Cats sleep for fifteen hours a day, and more in winter.";

/// A server whose keys are made with the command line.
struct Keyed {
    workspace: Workspace,
    server: Server,
}

impl Keyed {
    fn start(variables: &[(&str, &str)]) -> Self {
        let workspace = Workspace::new();
        let server = Server::over(&workspace, ANY_PORT, variables);
        Self { workspace, server }
    }

    /// Makes a key, and returns the header with it.
    fn make(&self, name: &str, options: &[&str]) -> String {
        let made = self.workspace.run(&[&["keys", "new", name], options].concat());
        assert_eq!(made.code, 0, "{made:?}");
        format!("Bearer {}", made.stdout.trim())
    }

    fn get(&self, key: &str, path: &str) -> Reply {
        self.server.get_with(path, &[("Authorization", key)])
    }

    fn send(&self, key: &str, method: &str, path: &str, body: &Value) -> Reply {
        let headers = [("Authorization", key), ("Content-Type", "application/json")];
        self.server.send(method, path, &headers, body.to_string().as_bytes())
    }

    fn post(&self, key: &str, path: &str, body: &Value) -> Reply {
        self.send(key, "POST", path, body)
    }

    /// Adds a document to a collection.
    fn add(&self, key: &str, collection: &str, id: &str, text: &str) {
        let documents = json!({"collection": collection, "documents": [{"id": id, "text": text}]});
        let added = self.post(key, "/v1/documents", &documents);
        assert_eq!((added.status, &added.json()["documents"][0]["status"]), (200, &json!("added")), "{}", added.text);
    }
}

#[test]
fn a_key_is_accepted_while_a_server_runs_from_when_it_is_made_until_it_is_revoked() {
    let keyed = Keyed::start(&[]);
    assert_eq!(keyed.server.get("/v1/collections").status, 200, "this machine needs no key yet");
    let key = keyed.make("phone", &[]);
    keyed.server.get("/v1/collections").problem(401);
    assert_eq!(keyed.get(&key, "/v1/collections").status, 200);

    let listed = keyed.workspace.run(&["keys", "ls"]);
    assert_eq!(listed.stdout, "phone\task\tall collections\tindex\n", "{listed:?}");
    let stored = std::fs::read_to_string(keyed.workspace.folder().join("index/keys.txt")).unwrap();
    assert!(!stored.contains(key.trim_start_matches("Bearer fn-")), "only a hash is kept");
    let twice = keyed.workspace.run(&["keys", "new", "phone"]);
    assert!(twice.code == 2 && twice.stdout.is_empty() && twice.stderr.contains("`phone`"), "{twice:?}");

    assert_eq!(keyed.workspace.run(&["keys", "revoke", "phone"]).code, 0);
    keyed.get(&key, "/v1/collections").problem(401);
    keyed.server.get("/v1/collections").problem(401);
    assert_eq!(keyed.workspace.run(&["keys", "revoke", "phone"]).code, 1);
}

#[test]
fn an_entry_for_the_settings_keeps_nothing_and_says_what_the_key_allows() {
    let workspace = Workspace::new();
    let made = workspace.run(&["keys", "new", "ci", "--entry", "--scope", "ask,write", "--only", "news"]);
    let entry = made.stderr.split('"').nth(1).unwrap();
    assert!(entry.starts_with("ci:") && entry.ends_with(":ask+write:news"), "{made:?}");
    assert!(!workspace.folder().join("index").exists());
    let listed = workspace.run_with(&["keys", "ls", "--json"], &[("FOOTNOTE_SERVER_KEYS", entry)]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let shown = json!({"name": "ci", "scopes": ["ask", "write"], "collections": ["news"], "kept_in": "settings"});
    assert_eq!(listed["keys"], json!([shown]));
}

#[test]
fn a_key_does_what_its_scopes_say_and_nothing_else() {
    let keyed = Keyed::start(&[]);
    let [ask, write, admin] = ["ask", "write", "admin"].map(|scope| keyed.make(scope, &["--scope", scope]));
    let refused = |reply: &Reply, scope: &str| {
        let problem = reply.problem(403);
        assert!(problem["detail"].as_str().unwrap().contains(&format!("`{scope}`")), "{problem}");
        assert!(problem["hint"].as_str().unwrap().contains(&format!("--scope {scope}")), "{problem}");
    };
    let documents = json!({"documents": [{"id": "fed", "text": FED}]});
    refused(&keyed.post(&ask, "/v1/documents", &documents), "write");
    assert_eq!(keyed.post(&write, "/v1/documents", &documents).status, 200);
    refused(&keyed.get(&write, "/v1/documents"), "ask");
    let question = json!({"question": "who expects the Fed to cut?"});
    refused(&keyed.post(&write, "/v1/ask", &question), "ask");
    for key in [&ask, &admin] {
        assert_eq!(keyed.post(key, "/v1/ask", &question).json()["citations"][0]["document"]["id"], "fed");
        assert_eq!(keyed.get(key, "/v1/documents/fed/text").text, FED);
    }
    for (method, path) in [("POST", "/v1/collections"), ("DELETE", "/v1/collections/news")] {
        for key in [&ask, &write] {
            refused(&keyed.send(key, method, path, &json!({"name": "news"})), "admin");
        }
        assert!(keyed.send(&admin, method, path, &json!({"name": "news"})).status < 300, "{method}");
    }
    let chat = json!({"model": "footnote", "messages": [{"role": "user", "content": "who?"}]});
    let error = keyed.post(&write, "/v1/chat/completions", &chat);
    assert_eq!((error.status, &error.json()["error"]["type"]), (403, &json!("permission_error")));
}

#[test]
fn a_key_for_some_collections_finds_no_others_by_any_interface() {
    let keyed = Keyed::start(&[]);
    let admin = keyed.make("admin", &["--scope", "admin"]);
    assert_eq!(keyed.post(&admin, "/v1/collections", &json!({"name": "pets"})).status, 200);
    keyed.add(&admin, "default", "fed", FED);
    keyed.add(&admin, "pets", "cats", CATS);
    let key = keyed.make("pets", &["--scope", "admin", "--only", "pets"]);

    // Without a name, a key asks its own collection.
    let found = keyed.post(&key, "/v1/search", &json!({"question": "sleep"})).json();
    assert_eq!(found["passages"][0]["document"]["id"], "cats");
    for (path, body) in [
        ("/v1/ask", json!({"question": "who?", "collection": "default"})),
        ("/v1/ask", json!({"question": "who?", "collection": "default", "stream": true})),
        ("/v1/search", json!({"question": "who?", "collection": "default"})),
        ("/v1/check", json!({"text": FED, "collection": "default"})),
        ("/v1/documents", json!({"documents": [{"text": "x"}], "collection": "default"})),
        (
            "/v1/chat/completions",
            json!({"model": "footnote/default", "messages": [{"role": "user", "content": "who?"}]}),
        ),
        ("/v1/responses", json!({"model": "footnote/default", "input": "who?"})),
        ("/v1/vector_stores/default/search", json!({"query": "who?"})),
        ("/api/chat", json!({"model": "footnote/default", "messages": [{"role": "user", "content": "who?"}]})),
        ("/api/generate", json!({"model": "footnote/default", "prompt": "who?"})),
        (
            "/retrieval",
            json!({"knowledge_id": "default", "query": "who?", "retrieval_setting": {"top_k": 3, "score_threshold": 0}}),
        ),
    ] {
        let reply = keyed.post(&key, path, &body);
        assert!(reply.status == 404 && !reply.text.contains("Lindqvist"), "{path}: {} {}", reply.status, reply.text);
    }
    for path in [
        "/v1/documents?collection=default",
        "/v1/documents/fed?collection=default",
        "/v1/documents/fed/text?collection=default",
        "/v1/vector_stores/default",
        "/v1/vector_stores/default/files",
        "/v1/vector_stores/default/files/fed/content",
        "/documents/fed/context",
        "/documents?ids=fed",
    ] {
        assert_eq!(keyed.get(&key, path).status, 404, "{path}");
    }
    for path in ["/v1/collections", "/v1/models", "/v1/vector_stores", "/api/tags", "/ids", "/v1/jobs"] {
        let listed = keyed.get(&key, path);
        assert!(listed.status == 200 && !listed.text.contains("default"), "{path}: {}", listed.text);
        assert!(!listed.text.contains("fed"), "{path}: {}", listed.text);
    }
    assert_eq!(keyed.post(&key, "/v1/collections", &json!({"name": "other"})).status, 400);
    assert_eq!(keyed.send(&key, "DELETE", "/v1/collections/default", &json!({})).status, 404);
    assert_eq!(keyed.send(&admin, "DELETE", "/v1/collections/default", &json!({})).status, 409);

    let call = |method: &str, parameters: Value| {
        keyed.post(&key, "/mcp", &json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})).text
    };
    let tool = |name: &str, arguments: Value| call("tools/call", json!({"name": name, "arguments": arguments}));
    assert!(tool("list_documents", json!({})).contains("cats"));
    for answer in [
        tool("list_documents", json!({"collection": "default"})),
        tool("ask", json!({"question": "who expects a cut?", "collection": "default"})),
        tool("fetch", json!({"id": "footnote://default/fed"})),
        call("resources/read", json!({"uri": "footnote://default/fed"})),
        call("resources/list", json!({})),
    ] {
        assert!(!answer.contains("Lindqvist") && !answer.contains("\"fed\""), "{answer}");
    }
}

#[test]
fn a_key_sees_its_own_jobs_and_an_admin_sees_all() {
    let keyed = Keyed::start(&[]);
    let admin = keyed.make("admin", &["--scope", "admin"]);
    let [one, other] = ["one", "other"].map(|name| keyed.make(name, &["--scope", "write"]));
    let headers = [("Authorization", &*one), ("Content-Type", "application/json"), ("Prefer", "respond-async")];
    let documents = json!({"documents": [{"id": "fed", "text": FED}]}).to_string();
    let job = keyed.server.send("POST", "/v1/documents", &headers, documents.as_bytes());
    assert_eq!((job.status, &job.json()["key"]), (202, &json!("one")), "{}", job.text);
    let path = format!("/v1/jobs/{}", job.json()["id"].as_str().unwrap());
    for key in [&one, &admin] {
        assert_eq!(keyed.get(key, "/v1/jobs").json()["jobs"].as_array().unwrap().len(), 1);
        assert_eq!(keyed.get(key, &path).status, 200);
    }
    assert_eq!(keyed.get(&other, "/v1/jobs").json(), json!({"jobs": []}));
    keyed.get(&other, &path).problem(404);
    keyed.get(&other, &format!("{path}/events")).problem(404);
    keyed.send(&other, "DELETE", &path, &json!({})).problem(404);

    // Another key of the same name is another key.
    assert_eq!(keyed.workspace.run(&["keys", "revoke", "one"]).code, 0);
    let again = keyed.make("one", &["--scope", "write"]);
    assert_eq!(keyed.get(&again, "/v1/jobs").json(), json!({"jobs": []}));
    keyed.get(&again, &path).problem(404);
    assert_eq!(keyed.get(&admin, &path).status, 200);
}

#[test]
fn a_key_that_sends_too_much_is_told_when_to_come_back() {
    let keyed = Keyed::start(&[("FOOTNOTE_SERVER_REQUESTS_PER_MINUTE", "2")]);
    let [one, other] = ["one", "other"].map(|name| keyed.make(name, &[]));
    assert_eq!(keyed.get(&one, "/v1/collections").status, 200);
    assert_eq!(keyed.get(&one, "/v1/collections").status, 200);
    let refused = keyed.get(&one, "/v1/collections");
    assert_eq!(refused.problem(429)["type"], "/problems/too-many-requests");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    let refused = keyed.get(&one, "/v1/models");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (429, &json!("rate_limit_exceeded")));
    assert_eq!(keyed.get(&other, "/v1/collections").status, 200, "each key has its own limit");
    assert_eq!(keyed.server.get("/healthz").status, 200);
}

#[test]
fn the_command_line_of_the_server_s_own_user_needs_no_key() {
    let workspace = Workspace::with(FED);
    let listen = crate::harness::exclusive_address();
    let server = Server::over(&workspace, &listen, &[]);
    assert_eq!(workspace.run(&["keys", "new", "phone"]).code, 0);
    server.get("/v1/collections").problem(401);
    let address = server.address();
    let variables = [("FOOTNOTE_SERVER_LISTEN", address), ("FOOTNOTE_LOG_LEVEL", "footnote=info")];
    let asked = workspace.run_with(&["ask", "who expects the Fed to cut?"], &variables);
    assert!(asked.code == 0 && asked.stdout.contains("Lindqvist"), "{asked:?}");
    assert!(asked.stderr.contains("asking the server") && !asked.stderr.contains("doing it here"), "{asked:?}");
}
