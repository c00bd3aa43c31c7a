//! Operators, marked words, facets and pages of a search, over the real program and model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Server, Workspace};

fn documents() -> Value {
    json!([
        {"id": "cut", "title": "Fed outlook", "source": "Goldman Sachs", "tags": ["rates", "us"], "published": "2026-01-20",
            "text": "The Fed will probably make two rate cuts in 2026. Officials said that rates stay\nhigher for longer \
            only if inflation returns."},
        {"id": "降息", "title": "聯準會展望", "source": "潮間帶財經", "tags": ["rates"], "published": "2025-12-01",
            "text": "通膨持續降溫。高盛預期聯準會將在2026年降息兩次。美元指數因此走弱。"},
        {"id": "rumour", "title": "Market rumours", "source": "Harbour Post", "tags": ["Rumour"], "published": "2025-06-03",
            "text": "A rumour says that the Fed cuts rates in June. Nobody at the bank confirmed the rumour."},
        {"id": "bread", "title": "How to bake", "source": "Harbour Post", "tags": ["food"],
            "text": "Mix flour, water, salt and yeast. Let the dough rise for an hour, then bake the bread."},
    ])
}

fn add(server: &Server, documents: &Value) {
    let added = server.post("/v1/documents", &json!({ "documents": documents }));
    assert_eq!(added.status, 200, "{}", added.text);
}

/// A server for tests that only read.
fn shared() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::start(&[]));
        add(&server, &documents());
        *shared = Arc::downgrade(&server);
        server
    })
}

fn search(question: &str) -> Value {
    let reply = shared().post("/v1/search", &json!({"question": question, "top_k": 20}));
    assert_eq!(reply.status, 200, "{question}: {}", reply.text);
    reply.json()
}

/// The ids of the documents that are found, each once.
fn ids(found: &Value) -> BTreeSet<String> {
    let passages = found["passages"].as_array().unwrap().iter();
    passages.map(|passage| passage["document"]["id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn finds(question: &str, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(ids(&search(question)), expected, "{question}");
}

fn notes(found: &Value) -> String {
    let notes = found["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
    notes.iter().map(|note| note["text"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_operator_limits_what_is_found() {
    finds("rates source:goldman", &["cut"]);
    finds("rates source:\"harbour post\" -rumour", &["bread"]);
    finds("rates tag:RUMOUR", &["rumour"]);
    finds("rates title:联准会", &["降息"]);
    finds("rates lang:zh", &["降息"]);
    finds("rates -lang:en", &["降息"]);
    finds("rates before:2026", &["降息", "rumour"]);
    finds("rates since:2025-12 before:2026-02", &["cut", "降息"]);
    finds("rates format:pdf", &[]);
    finds("rates \"higher for longer\"", &["cut"]);
    finds("rates \"联准会将\"", &["降息"]);
    finds("rates -\"two rate cuts\" -降息 -bread", &["rumour"]);
    finds("\"rate cut\" \"fed outlook\"", &["cut"]);
    finds("\"two rate cuts\" \"降息兩次\"", &["cut", "降息", "rumour", "bread"]);
}

#[test]
fn conditions_alone_list_documents_and_are_no_question() {
    let found = search("tag:rates");
    let order: Vec<&str> = found["passages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|passage| passage["document"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["cut", "降息"], "the newest first");
    finds("source:harbour -rumour", &["bread"]);
    finds("\"the dough rise\"", &["bread"]);
    let asked = shared().post("/v1/ask", &json!({"question": "source:goldman"})).problem(400);
    assert!(asked["detail"].as_str().unwrap().contains("only conditions"), "{asked}");
    let asked = shared().post("/v1/ask", &json!({"question": "source:goldman how many cuts in 2026?"})).json();
    assert_eq!(asked["citations"].as_array().unwrap().len(), 1, "{asked}");
    assert_eq!(asked["answer"]["operators"][0]["value"], "goldman");
}

#[test]
fn what_was_understood_is_told() {
    let found = search("fed source:\"Goldman Sachs\" -rumour");
    assert_eq!(
        found["operators"],
        json!([
            {"written": "source:\"Goldman Sachs\"", "kind": "source", "value": "Goldman Sachs", "excludes": false,
                "outcome": "applied"},
            {"written": "-rumour", "kind": "word", "value": "rumour", "excludes": true, "outcome": "applied"},
        ])
    );
    assert_eq!(notes(&found), "Understood as conditions: source:\"Goldman Sachs\", -rumour.");
    assert!(notes(&search("聯準會 source:高盛")).starts_with("沒有文件符合"));
}

#[test]
fn a_phrase_that_no_passage_has_and_what_is_nearly_an_operator_are_searched_for_and_told() {
    let found = search("will there be \"interest rate reductions\"?");
    assert_eq!(ids(&found).len(), 4);
    assert_eq!(found["operators"][0]["outcome"], "not_found");
    assert!(notes(&found).contains("No passage has \"interest rate reductions\" word for word"), "{}", notes(&found));
    let apart = search("\"two rate cuts\" \"降息兩次\"");
    assert!(
        apart["operators"].as_array().unwrap().iter().all(|operator| operator["outcome"] == "not_found"),
        "{apart}"
    );
    for (question, example) in [("sorce:goldman rates", "source:"), ("rates before:yesterday", "before:2026-01-31")] {
        let found = search(question);
        assert_eq!((ids(&found).len(), &found["operators"][0]["outcome"]), (4, &json!("as_words")), "{question}");
        assert!(notes(&found).contains(example), "{}", notes(&found));
    }
}

#[test]
fn plain_questions_and_switched_off_operators_are_searched_for_as_they_are() {
    for question in ["What does “higher for longer” mean?", "at -40 degrees - really", "Note: rates at 10:30"] {
        assert!(search(question)["operators"].is_null(), "{question}");
    }
    let question = json!({"question": "rates source:goldman", "operators": false, "top_k": 20});
    assert_eq!(ids(&shared().post("/v1/search", &question).json()).len(), 4);
    let server = Server::start_with("[ask]\ninterpret = false\n", &[]);
    add(&server, &documents());
    let found = server.post("/v1/search", &json!({"question": "rates source:goldman"})).json();
    assert_eq!((ids(&found).len(), &found["operators"]), (4, &Value::Null));
    let chat =
        json!({"model": "footnote", "messages": [{"role": "user", "content": "source:nobody How is bread baked?"}]});
    let said = shared().post("/v1/chat/completions", &chat).text;
    assert!(said.contains("dough"), "{said}");
}

#[test]
fn words_that_match_are_marked_in_any_script_and_language() {
    let found = search("Will the Fed make rate cuts?");
    let mut marked: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for passage in found["passages"].as_array().unwrap() {
        let check = |text: &str, matches: &Value| {
            let mut words = Vec::new();
            for found in matches.as_array().map(Vec::as_slice).unwrap_or_default() {
                let end = |unit: &str, at: usize| found[unit][at].as_u64().unwrap() as usize;
                let word = &text[end("bytes", 0)..end("bytes", 1)];
                let (first, last) = (end("chars", 0), end("chars", 1));
                assert_eq!(text.chars().skip(first).take(last - first).collect::<String>(), word);
                words.push(word.to_owned());
            }
            words
        };
        let words = check(passage["passage"]["text"].as_str().unwrap(), &passage["passage"]["matches"]);
        check(passage["quote"].as_str().unwrap(), &passage["matches"]);
        marked.insert(passage["document"]["id"].as_str().unwrap(), words);
    }
    for (id, words) in [("cut", &["Fed", "rate", "cuts", "rates"][..]), ("降息", &["聯準會", "降息"])] {
        assert!(words.iter().all(|word| marked[id].iter().any(|found| found.contains(word))), "{id}: {:?}", marked[id]);
    }
    assert_eq!(marked["bread"], Vec::<String>::new());
}

#[test]
fn facets_count_the_documents_that_are_found() {
    let facets = |body: Value| shared().post("/v1/search", &body).json()["facets"].clone();
    let all = facets(json!({"question": "rates", "facets": true}));
    assert_eq!(all["documents"], 4);
    assert_eq!(all["source"][0], json!({"value": "Harbour Post", "count": 2}));
    assert_eq!(all["year"], json!([{"value": "2026", "count": 1}, {"value": "2025", "count": 2}]));
    assert_eq!(all["tag"][0], json!({"value": "rates", "count": 2}));
    assert_eq!(all["format"], json!([{"value": "plain", "count": 4}]));
    let limited = facets(json!({"question": "rates -rumour before:2026", "facets": ["source", "source"]}));
    assert_eq!(limited, json!({"documents": 1, "source": [{"value": "潮間帶財經", "count": 1}]}));
    let listed = facets(json!({"question": "tag:rates", "facets": ["tag"]}));
    assert_eq!(listed["tag"], json!([{"value": "rates", "count": 2}, {"value": "us", "count": 1}]));
    assert_eq!(facets(json!({"question": "rates"})), Value::Null);
    for wrong in [json!("source"), json!(["colour"]), json!(1)] {
        shared().post("/v1/search", &json!({"question": "rates", "facets": wrong})).problem(400);
    }
}

/// Documents about the same thing, each in its own words.
fn numbered(prefix: &str, count: usize) -> Value {
    let one = |n: usize| {
        json!({"id": format!("{prefix}{n}"), "text": format!("Ferry number {prefix}{n} sails to island {} at {} o'clock, \
            with room for {} bicycles.", n * 7 % 31, n % 12 + 1, n * 13 % 97)})
    };
    (0..count).map(one).collect()
}

#[test]
fn the_pages_of_a_search_are_parts_of_one_result_while_documents_come_and_go() {
    let server = Server::start(&[]);
    add(&server, &numbered("a", 30));
    let body = |cursor: Option<&str>| json!({"question": "when does the ferry sail?", "top_k": 7, "cursor": cursor});
    let first = server.post("/v1/search", &body(None)).json();
    let mut seen: Vec<String> = Vec::new();
    let mut take = |page: &Value| {
        for id in ids(page) {
            assert!(!seen.contains(&id), "{id} appears twice");
            seen.push(id);
        }
        seen.len()
    };
    assert_eq!(take(&first), 7);
    let gone = (0..30).map(|n| format!("a{n}")).find(|id| !ids(&first).contains(id)).unwrap();
    add(&server, &numbered("b", 12));
    assert_eq!(server.delete(&format!("/v1/documents/{gone}")).status, 204);
    let second = server.post("/v1/search", &body(first["next"].as_str())).json();
    assert_eq!(
        ids(&second),
        ids(&server.post("/v1/search", &body(first["next"].as_str())).json()),
        "it can be repeated"
    );
    take(&second);
    let mut next = second["next"].clone();
    while let Some(cursor) = next.as_str() {
        let page = server.post("/v1/search", &body(Some(cursor))).json();
        take(&page);
        next = page["next"].clone();
    }
    let expected: BTreeSet<String> = (0..30).map(|n| format!("a{n}")).filter(|id| *id != gone).collect();
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);

    let cursor = first["next"].as_str().unwrap();
    let other = json!({"question": "who bakes?", "cursor": cursor});
    assert!(server.post("/v1/search", &other).problem(400)["detail"].as_str().unwrap().contains("another search"));
    for unknown in ["", "x", "0123456789abcdef0123456789abcdef"] {
        let problem = server.post("/v1/search", &body(Some(unknown))).problem(410);
        assert!(problem["hint"].as_str().unwrap().contains("without `cursor`"), "{problem}");
    }
    server.post("/v1/search", &json!({"question": "ferry", "cursor": cursor, "skip": 1})).problem(400);
}

#[test]
fn a_cursor_is_not_there_for_another_key_nor_after_its_collection_was_deleted() {
    let workspace = Workspace::new();
    let server = Server::over(&workspace, ANY_PORT, &[]);
    let key = |name: &str| {
        let made = workspace.run(&["keys", "new", name, "--scope", "admin"]);
        assert_eq!(made.code, 0, "{made:?}");
        format!("Bearer {}", made.stdout.trim())
    };
    let (own, other) = (key("own"), key("other"));
    let post = |key: &str, path: &str, body: &Value| {
        let headers = [("Authorization", key), ("Content-Type", "application/json")];
        server.send("POST", path, &headers, body.to_string().as_bytes())
    };
    let fill = || {
        assert_eq!(post(&own, "/v1/collections", &json!({"name": "ferries"})).status, 200);
        let added = post(&own, "/v1/documents", &json!({"collection": "ferries", "documents": numbered("a", 6)}));
        assert_eq!(added.status, 200, "{}", added.text);
    };
    fill();
    let body = |cursor: &Value| json!({"question": "ferry", "collection": "ferries", "top_k": 2, "cursor": cursor});
    let next = post(&own, "/v1/search", &body(&Value::Null)).json()["next"].clone();
    assert!(next.is_string());
    assert_eq!(post(&own, "/v1/search", &body(&next)).status, 200);
    post(&other, "/v1/search", &body(&next)).problem(410);
    let deleted = server.send("DELETE", "/v1/collections/ferries", &[("Authorization", own.as_str())], b"");
    assert_eq!(deleted.status, 204);
    post(&own, "/v1/search", &body(&next)).problem(404);
    fill();
    post(&own, "/v1/search", &body(&next)).problem(410);
}

#[test]
fn the_command_line_understands_operators_skips_and_counts_alone_and_through_a_server() {
    let workspace = Workspace::new();
    for document in documents().as_array().unwrap() {
        let field = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        let text = format!("---\ntitle: {}\nsource: {}\n---\n{}", field("title"), field("source"), field("text"));
        workspace.write(&format!("{}.md", field("id")), text);
    }
    assert_eq!(workspace.run(&["ingest", "cut.md", "降息.md", "rumour.md", "bread.md"]).code, 0);
    let all = |variables: &[(&str, &str)]| {
        let run = |arguments: &[&str]| {
            let ran = workspace.run_with(&[&["search"], arguments].concat(), variables);
            assert_eq!(ran.code, 0, "{ran:?}");
            ran
        };
        let phrase = run(&["rates \"higher for longer\" source:goldman"]);
        assert!(phrase.stdout.contains("Fed outlook") && !phrase.stdout.contains("How to bake"), "{phrase:?}");
        assert!(
            phrase.stderr.contains("Understood as conditions: \"higher for longer\", source:goldman."),
            "{phrase:?}"
        );
        let second = run(&["rates", "--top-k", "2", "--skip", "2"]);
        assert!(second.stdout.starts_with("3. ") && second.stdout.contains("\n4. "), "{second:?}");
        let counted = run(&["rates", "--facets"]);
        assert!(counted.stdout.contains("Counted over 4 of the documents found:"), "{counted:?}");
        assert!(counted.stdout.contains("Harbour Post 2"), "{counted:?}");
        let markdown = run(&["Fed cuts", "--format", "md", "--top-k", "1", "source:goldman"]);
        assert!(markdown.stdout.contains("**Fed**"), "{markdown:?}");
        [phrase.stdout, second.stdout, counted.stdout, markdown.stdout]
    };
    let alone = all(&[]);
    let server = Server::over(&workspace, ANY_PORT, &[]);
    assert_eq!(all(&[("FOOTNOTE_SERVER_LISTEN", server.address())]), alone);
    let asked = workspace.run(&["ask", "source:goldman"]);
    assert!(asked.code != 0 && asked.stderr.contains("only conditions"), "{asked:?}");
}

#[test]
fn hostile_operators_are_answered() {
    for question in [
        format!("{} rates", "source:\"x\" ".repeat(300)),
        format!("{} rates", "-x1 \"a b\" ".repeat(500)),
        format!("title:{} \"{}\"", "%_'\"; DROP TABLE documents; --".repeat(20), "(".repeat(100)),
        "source:\u{0}\u{1b}[2J lang:\u{202e}zh \"\u{200b}\" tag:☃ rates".to_owned(),
        "\"\"\"\"\"\" -- -\" : :: \" rates".to_owned(),
        "\"ก\" \"年\" -ก rates".to_owned(),
    ] {
        let reply = shared().post("/v1/search", &json!({ "question": question }));
        assert_eq!(reply.status, 200, "{question}: {}", reply.text);
    }
}
