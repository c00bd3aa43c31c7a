//! Several collections in one question: one ranking, each citation with its collection.

mod damage;
mod faces;
mod like_one;

use footnote::passage::NewDocument;
use footnote::{Error, Library, Question};
use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Server, Workspace};

const FED: &str = "Anna Lindqvist expects the Fed to cut rates twice in 2026.";
const FERRY: &str = "The ferry to Gotland sails at noon. Bo Ek expects a storm on Friday.";
const CATS: &str = "Cats sleep for fifteen hours a day, and more in winter.";

/// A server with a document in each of the collections `default`, `sea` and `pets`, and an empty collection.
fn server() -> Server {
    let server = Server::start(&[("fed", FED)]);
    for (collection, id, text) in [("sea", "ferry", FERRY), ("pets", "cats", CATS)] {
        assert_eq!(server.post("/v1/collections", &json!({"name": collection})).status, 200);
        let documents = json!({"collection": collection, "documents": [{"id": id, "text": text}]});
        assert_eq!(server.post("/v1/documents", &documents).status, 200);
    }
    assert_eq!(server.post("/v1/collections", &json!({"name": "empty"})).status, 200);
    server
}

/// The collection and the document of each citation.
fn cited(answer: &Value) -> Vec<(String, String)> {
    let citations = answer["citations"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    citations.iter().map(|cited| (text(&cited["collection"]), text(&cited["document"]["id"]))).collect()
}

#[test]
fn several_collections_are_asked_together_and_each_citation_names_its_own() {
    let server = server();
    let ask = |body: Value| server.post("/v1/ask", &body).json();
    for collections in [json!(["default", "sea"]), json!(["sea", "default", "sea"]), json!(["*"])] {
        for (question, found) in
            [("Who expects the Fed to cut rates?", ("default", "fed")), ("When does the ferry sail?", ("sea", "ferry"))]
        {
            let answer = ask(json!({"question": question, "collections": collections}));
            assert_eq!(answer["answer"]["answerable"], true, "{answer}");
            assert_eq!(cited(&answer)[0], (found.0.to_owned(), found.1.to_owned()), "{collections}");
        }
    }
    let both = ask(json!({"question": "What does Anna Lindqvist expect, and what does Bo Ek expect?",
        "collections": ["default", "sea"]}));
    let collections: Vec<String> = cited(&both).into_iter().map(|(collection, _)| collection).collect();
    assert!(collections.contains(&"default".to_owned()) && collections.contains(&"sea".to_owned()), "{both}");

    // One alone is as before.
    let alone = ask(json!({"question": "When does the ferry sail?", "collection": "sea"}));
    assert_eq!(cited(&alone)[0], ("none".to_owned(), "ferry".to_owned()));
    let alone = ask(json!({"question": "When does the ferry sail?", "collections": ["sea"]}));
    assert_eq!(cited(&alone)[0].0, "sea");

    // An empty collection counts as nothing found.
    let empty = ask(json!({"question": "When does the ferry sail?", "collections": ["empty"]}));
    assert_eq!((cited(&empty).len(), &empty["answer"]["answerable"]), (0, &json!(false)));
    let beside = ask(json!({"question": "When does the ferry sail?", "collections": ["empty", "sea"]}));
    assert_eq!(cited(&beside)[0].0, "sea");

    // What is cited can be opened by its collection.
    let document = server.get("/v1/documents/ferry/text?collection=sea");
    assert_eq!(document.text, FERRY);
}

#[test]
fn what_cannot_be_asked_together_is_refused_with_the_name_that_is_wrong() {
    let server = server();
    for path in ["/v1/ask", "/v1/search"] {
        let refused = |body: Value, status: u16| server.post(path, &body).problem(status);
        let both = refused(json!({"question": "who?", "collection": "sea", "collections": ["default"]}), 400);
        assert!(both["detail"].as_str().unwrap().contains("`collection` and `collections`"), "{both}");
        refused(json!({"question": "who?", "collections": []}), 400);
        refused(json!({"question": "who?", "collections": ["*", "sea"]}), 400);
        let many: Vec<String> = (0..33).map(|number| format!("c{number}")).collect();
        let many = refused(json!({"question": "who?", "collections": many}), 400);
        assert!(many["detail"].as_str().unwrap().contains("32"), "{many}");
        let unknown = refused(json!({"question": "who?", "collections": ["sea", "see"]}), 404);
        assert_eq!(unknown["detail"], "no collection `see`");
    }
    // A check is of one collection.
    let check = server.post("/v1/check", &json!({"text": FED, "collections": ["sea"]})).problem(400);
    assert!(check["detail"].as_str().unwrap().contains("collections"), "{check}");
}

#[test]
fn all_collections_are_those_that_the_key_may_read() {
    let workspace = Workspace::new();
    let server = Server::over(&workspace, ANY_PORT, &[]);
    let key = |name: &str, options: &[&str]| {
        let made = workspace.run(&[&["keys", "new", name], options].concat());
        format!("Bearer {}", made.stdout.trim())
    };
    let post = |key: &str, path: &str, body: &Value| {
        let headers = [("Authorization", key), ("Content-Type", "application/json")];
        server.send("POST", path, &headers, body.to_string().as_bytes())
    };
    let admin = key("admin", &["--scope", "admin"]);
    for (collection, text) in [("sea", FERRY), ("pets", CATS), ("secret", FED)] {
        assert_eq!(post(&admin, "/v1/collections", &json!({"name": collection})).status, 200);
        let documents = json!({"collection": collection, "documents": [{"id": collection, "text": text}]});
        assert_eq!(post(&admin, "/v1/documents", &documents).status, 200);
    }
    let some = key("some", &["--only", "sea", "--only", "pets"]);
    let question = "Who expects the Fed to cut rates?";
    let all = post(&some, "/v1/search", &json!({"question": question, "collections": ["*"]}));
    assert!(all.status == 200 && !all.text.contains("Lindqvist") && !all.text.contains("secret"), "{}", all.text);
    let all = post(&admin, "/v1/search", &json!({"question": question, "collections": ["*"]}));
    assert!(all.text.contains("Lindqvist"), "{}", all.text);
    // One out of reach is refused as one that does not exist is.
    let named = |name: &str| post(&some, "/v1/ask", &json!({"question": question, "collections": ["sea", name]}));
    let (hidden, missing) = (named("secret").problem(404), named("missing").problem(404));
    assert_eq!(hidden["detail"], "no collection `secret`");
    assert_eq!(hidden["hint"], missing["hint"]);
    let chat = json!({"model": "footnote/sea+secret", "messages": [{"role": "user", "content": question}]});
    assert_eq!(post(&some, "/v1/chat/completions", &chat).status, 404);
}

#[test]
fn a_large_collection_crowds_a_small_one_out_neither_of_passages_nor_of_copies_and_counts() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = crate::harness::config(dir.path());
    config.ask.log_questions = footnote::config::LogQuestions::All;
    let library = Library::open(&config, Box::new(|_| {})).unwrap();
    let note = |id: String, text: String| NewDocument { id: Some(id), text, ..NewDocument::default() };
    let large = library.create("large").unwrap();
    let about = |n: usize| {
        note(format!("n{n}"), format!("The harbour office counted {} boats in the spring of 19{}.", n + 40, n + 10))
    };
    large.ingest_quiet((0..80).map(about).chain([note("ferry".into(), FERRY.into())]).collect()).unwrap();
    let small = library.create("small").unwrap();
    let pilot = "The harbour pilot is Signe Holm; she has no boat of her own.";
    small.ingest_quiet(vec![note("ferry".into(), FERRY.into()), note("n1".into(), pilot.into())]).unwrap();

    let question = |text: &str| Question { text: text.into(), ..Question::default() };
    let found = library.ask(&["large", "small"], &question("Who is the harbour pilot?")).unwrap();
    let first = &found.citations[0].passage;
    assert_eq!((first.collection.as_deref(), first.document.id.as_str()), (Some("small"), "n1"), "{:?}", found.text);

    // The same document in both is cited once, with its copy in the other.
    let found = library.search(&["large", "small"], &question("When does the ferry to Gotland sail?")).unwrap();
    let ferries: Vec<_> = found.passages.iter().filter(|passage| passage.document.id == "ferry").collect();
    assert_eq!(ferries.len(), 1);
    assert_eq!(ferries[0].copies.len(), 1);
    assert_ne!(ferries[0].copies[0].collection, ferries[0].collection);

    let count = library.ask(&["large", "small"], &question("How many documents mention the harbour?")).unwrap();
    let counted = count.count.clone().unwrap();
    assert_eq!((counted.documents, counted.of), (81, 83), "{counted:?}");
    let each: Vec<_> =
        counted.by_collection.iter().map(|one| (one.collection.as_str(), one.documents, one.of)).collect();
    assert_eq!(each, [("large", 80, 81), ("small", 1, 2)]);
    assert!(count.notes.iter().any(|note| note.text.contains("large 80/81, small 1/2")), "{:?}", count.notes);

    // Each question is kept once, in the first collection.
    assert_eq!(large.logged_questions().unwrap().len(), 2);
    assert_eq!(small.logged_questions().unwrap().len(), 0);

    let error = library.ask(&["large", "gone"], &question("why")).unwrap_err();
    assert!(matches!(&error, Error::NotFound { id, .. } if id == "gone"), "{error}");
}
