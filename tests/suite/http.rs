//! The HTTP API, over the real program and model.

use std::sync::{Arc, Mutex, Weak};

use serde_json::{Value, json};

use crate::harness::Server;

const FED: &str = "全球市場展望\n通膨持續降溫，勞動市場放緩。高盛預期聯準會將在2026年降息兩次。美元指數因此走弱。\n";
const BREAD: &str =
    "How to bake bread\nMix flour, water, salt and yeast. Let the dough rise for an hour, then bake it at 230 °C.\n";
const CATS: &str = "猫の飼い方\n猫は一日に十五時間ほど眠ります。水はいつも新しいものにしてください。\n";
const CORPUS: &[(&str, &str)] = &[("fed", FED), ("https://example.com/bread?a=1", BREAD), ("cats", CATS)];

const QUESTION: &str = "who expects the Fed to cut in 2026";

/// A server for tests that only read, alive while any of them is.
fn shared() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::start(CORPUS));
        *shared = Arc::downgrade(&server);
        server
    })
}

fn text_of(id: &str) -> &'static str {
    CORPUS.iter().find(|(known, _)| *known == id).unwrap_or_else(|| panic!("no document {id}")).1
}

/// The two numbers of a span in one of its units.
fn ends(span: &Value, unit: &str) -> (usize, usize) {
    let end = |at: usize| span[unit][at].as_u64().unwrap() as usize;
    (end(0), end(1))
}

/// Checks that a passage's quote, text and spans are those of its document.
fn check_passage(passage: &Value) {
    let text = text_of(passage["document"]["id"].as_str().unwrap());
    for (words, span) in
        [(&passage["quote"], &passage["span"]), (&passage["passage"]["text"], &passage["passage"]["span"])]
    {
        let words = words.as_str().unwrap();
        let (start, end) = ends(span, "bytes");
        assert_eq!(&text[start..end], words);
        let (first, last) = ends(span, "chars");
        assert_eq!(text.chars().skip(first).take(last - first).collect::<String>(), words);
        let (line, _) = ends(span, "lines");
        assert_eq!(text[..start].matches('\n').count() + 1, line);
    }
    let (inner, outer) = (ends(&passage["span"], "bytes"), ends(&passage["passage"]["span"], "bytes"));
    assert!(outer.0 <= inner.0 && inner.1 <= outer.1, "the quote lies in its passage: {passage}");
    let scores = passage["scores"].as_object().unwrap();
    for score in ["dense", "sentence", "final"] {
        assert!(scores[score].is_number(), "{passage}");
    }
    assert!(scores["dense_rank"].as_u64().unwrap() >= 1);
    assert_eq!(passage["score"], scores["final"]);
    assert!(passage["passage_id"].is_string());
}

#[test]
fn an_answer_is_quoted_from_its_documents_to_the_byte() {
    let server = shared();
    let reply = server.post("/v1/ask", &json!({"question": QUESTION, "collection": "default", "mode": "extract"}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    let reply = reply.json();

    let answer = &reply["answer"];
    assert_eq!((&answer["mode"], &answer["answerable"]), (&json!("extract"), &json!(true)));
    let confidence = answer["confidence"].as_f64().unwrap();
    assert!((0.5..=1.0).contains(&confidence), "{confidence}");
    let citations = reply["citations"].as_array().unwrap();
    assert_eq!(citations[0]["document"]["id"], "fed");
    for citation in citations {
        check_passage(citation);
        let (start, end) = ends(&citation["span"], "bytes");
        let id = citation["document"]["id"].as_str().unwrap().replace('/', "%2F").replace('?', "%3F");
        let part = server.get(&format!("/v1/documents/{id}/text?bytes={start}-{end}"));
        assert_eq!(part.text, citation["quote"].as_str().unwrap());
    }

    let text = answer["text"].as_str().unwrap();
    let sentences = answer["sentences"].as_array().unwrap();
    assert!(!sentences.is_empty());
    for sentence in sentences {
        let at = |name: &str| sentence[name].as_u64().unwrap() as usize;
        assert_eq!(&text[at("start")..at("end")], sentence["text"].as_str().unwrap());
        assert_eq!(sentence["supported"], true);
        for id in sentence["citations"].as_array().unwrap() {
            let cited = citations.iter().find(|citation| citation["id"] == *id).unwrap();
            assert_eq!(cited["quote"], sentence["text"]);
        }
    }

    assert_eq!(reply["model"]["name"], "footnote-e5-small");
    assert!(!reply["model"]["fingerprint"].as_str().unwrap().is_empty());
    for step in ["embed", "search", "cite", "total"] {
        assert!(reply["took_ms"][step].as_f64().unwrap() >= 0.0);
    }
}

#[test]
fn passages_mode_returns_passages_without_an_answer() {
    let reply = shared().post("/v1/ask", &json!({"question": QUESTION, "mode": "passages", "top_k": 2})).json();
    assert_eq!(reply["answer"]["mode"], "passages");
    assert_eq!(reply["answer"]["text"], "");
    let citations = reply["citations"].as_array().unwrap();
    assert!((1..=2).contains(&citations.len()));
}

#[test]
fn a_search_gives_passages_best_first_and_no_more_than_asked() {
    let server = shared();
    let reply = server.post("/v1/search", &json!({"question": "猫は何時間眠りますか", "context_sentences": 1})).json();
    let passages = reply["passages"].as_array().unwrap();
    assert_eq!(passages[0]["document"]["id"], "cats");
    passages.iter().for_each(check_passage);
    let scores: Vec<f64> = passages.iter().map(|passage| passage["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert!(reply["model"].is_object() && reply["took_ms"].is_object());

    let one = server.post("/v1/search", &json!({"question": QUESTION, "top_k": 1})).json();
    assert_eq!(one["passages"].as_array().unwrap().len(), 1);
}

#[test]
fn an_empty_index_answers_that_it_has_no_answer() {
    let server = Server::start(&[]);
    let reply = server.post("/v1/ask", &json!({"question": QUESTION}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.json()["answer"]["answerable"], false);
    assert_eq!(reply.json()["citations"], json!([]));
    assert_eq!(server.get("/v1/documents").json(), json!({"documents": [], "next": null, "total": 0}));
}

#[test]
fn documents_are_listed_page_by_page_in_the_order_they_came() {
    let server = shared();
    let mut ids = Vec::new();
    let mut path = "/v1/documents?limit=2".to_owned();
    loop {
        let page = server.get(&path).json();
        ids.extend(page["documents"].as_array().unwrap().iter().map(|document| document["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/documents?limit=2&after={}", next.replace('?', "%3F").replace('=', "%3D"));
    }
    assert_eq!(ids, CORPUS.iter().map(|(id, _)| json!(id)).collect::<Vec<_>>());
}

#[test]
fn a_document_is_shown_by_its_percent_encoded_id() {
    let document = shared().get("/v1/documents/https%3A%2F%2Fexample.com%2Fbread%3Fa%3D1").json();
    assert_eq!(document["id"], "https://example.com/bread?a=1");
    assert_eq!(document["size_bytes"], BREAD.len());
    assert_eq!(document["language"], "en");
    assert_eq!(document["format"], "plain");
    assert!(document.get("text").is_none());
}

#[test]
fn a_text_is_given_as_it_was_stored_whole_or_in_part() {
    let server = shared();
    let whole = server.get("/v1/documents/fed/text");
    assert_eq!((whole.status, whole.text.as_str()), (200, FED));
    assert_eq!(whole.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(whole.header("x-content-type-options"), "nosniff");

    let tag = whole.header("etag");
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let known = server.get_with("/v1/documents/fed/text", &[("If-None-Match", tag)]);
    assert_eq!((known.status, known.text.as_str()), (304, ""));

    let part = server.get("/v1/documents/fed/text?bytes=0-18");
    assert_eq!(part.text, "全球市場展望");
    assert_ne!(part.header("etag"), tag);
    assert_eq!(server.get("/v1/documents/fed/text?bytes=7-7").problem(416)["instance"], "/v1/documents/fed/text");
    server.get("/v1/documents/fed/text?bytes=0-17").problem(416);
    server.get("/v1/documents/fed/text?bytes=3-0").problem(416);
    server.get(&format!("/v1/documents/fed/text?bytes=0-{}", FED.len() + 1)).problem(416);
    server.get("/v1/documents/fed/text?bytes=all").problem(400);
}

#[test]
fn a_document_is_added_once_then_unchanged_then_updated_then_gone() {
    let server = Server::start(&[]);
    let put = |text: &str| {
        let document = json!({"id": "note", "title": "Note", "text": text, "source": "me", "uri": "note:1",
            "published": "2026-01-31", "language": "en", "tags": ["a"], "metadata": {"k": [1]}});
        let reply = server.post("/v1/documents", &json!({"collection": "default", "documents": [document]}));
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["documents"][0].clone()
    };
    let added = put("The meeting is on Monday.");
    assert_eq!((&added["id"], &added["status"], &added["passages"]), (&json!("note"), &json!("added"), &json!(1)));
    assert_eq!(put("The meeting is on Monday.")["status"], "unchanged");
    assert_eq!(put("The meeting is on Friday.")["status"], "updated");

    let shown = server.get("/v1/documents/note").json();
    let expected = json!({"id": "note", "title": "Note", "source": "me", "uri": "note:1", "published": "2026-01-31",
        "language": "en", "tags": ["a"], "metadata": {"k": [1]}, "format": "plain", "size_bytes": 25, "passages": 1,
        "ingested": shown["ingested"]});
    assert_eq!(shown, expected);
    let found = server.post("/v1/search", &json!({"question": "when is the meeting?"})).json();
    assert_eq!(found["passages"][0]["quote"], "The meeting is on Friday.");

    let gone = server.delete("/v1/documents/note");
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    server.get("/v1/documents/note").problem(404);
    server.get("/v1/documents/note/text").problem(404);
    assert_eq!(server.delete("/v1/documents/note").problem(404)["detail"], "no document `note`");
    let found = server.post("/v1/search", &json!({"question": "when is the meeting?"})).json();
    assert_eq!(found["passages"], json!([]));
}

#[test]
fn a_file_that_cannot_be_read_is_reported_by_name_without_affecting_others() {
    let server = Server::start(&[]);
    let reply = server.upload("/v1/documents", &[("good.txt", BREAD.as_bytes()), ("bad.txt", b"abc \0\xff")]);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let reply = reply.json();
    let documents = reply["documents"].as_array().unwrap();
    let of = |status: &str| documents.iter().find(|document| document["status"] == status).unwrap();
    assert_eq!(of("added")["error"], json!(null));
    let failed = of("failed");
    assert!(failed.to_string().contains("bad.txt"), "{failed}");
    assert!(failed["error"]["detail"].is_string() && failed["error"]["hint"].is_string(), "{failed}");
    let found = server.post("/v1/search", &json!({"question": "how hot is the oven for bread?"})).json();
    assert!(found["passages"][0]["quote"].as_str().unwrap().contains("230 °C"), "{found}");
}

#[test]
fn a_document_that_was_acknowledged_survives_a_kill() {
    let mut server = Server::start(CORPUS);
    server.kill_and_restart();
    assert_eq!(server.get("/v1/documents").json()["documents"].as_array().unwrap().len(), CORPUS.len());
    let found = server.post("/v1/search", &json!({"question": QUESTION})).json();
    assert_eq!(found["passages"][0]["document"]["id"], "fed");
}

#[test]
fn a_server_that_is_up_is_alive_ready_and_described() {
    let server = shared();
    for (path, status) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let version = env!("CARGO_PKG_VERSION");
        let mut expected = json!({"status": status, "version": version, "collection": "default"});
        assert_eq!(server.get(path).json(), expected);
        let proof = |nonce: &str| server.get(&format!("{path}?nonce={nonce}")).json()["proof"].clone();
        let (one, other) = (proof("00"), proof("01"));
        assert!(one.as_str().is_some_and(|hash| hash.len() == 64) && one != other, "{one}");
        assert_eq!(proof("00"), one);
        expected["proof"] = one;
        assert_eq!(server.get(&format!("{path}?nonce=00&anything=else")).json(), expected);
        for wrong in ["", "x", &"0".repeat(65)] {
            server.get(&format!("{path}?nonce={wrong}")).problem(400);
        }
    }
    let api = server.get("/openapi.json").json();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(api["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_examples_of_the_description_have_the_shape_of_real_responses() {
    fn keys(value: &Value) -> Value {
        match value {
            Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), keys(value))).collect(),
            Value::Array(items) => items.iter().take(1).map(keys).collect(),
            _ => Value::Null,
        }
    }
    let server = shared();
    let api = server.get("/openapi.json").json();
    let example = |path: &str, method: &str| {
        let pointer =
            format!("/paths/{}/{method}/responses/200/content/application~1json/example", path.replace('/', "~1"));
        api.pointer(&pointer).unwrap_or_else(|| panic!("no example at {pointer}")).clone()
    };
    for path in ["/v1/ask", "/v1/search"] {
        let real = server.post(path, &json!({"question": QUESTION})).json();
        assert_eq!(keys(&real), keys(&example(path, "post")), "{path}");
    }
    assert_eq!(keys(&server.get("/v1/documents/fed").json()), {
        // Tags and metadata are the caller's.
        let mut example = example("/v1/documents/{id}", "get");
        example["tags"] = json!([]);
        keys(&example)
    });
}

#[test]
fn every_refusal_is_a_problem_with_its_status() {
    let server = shared();
    let json_kind = ("Content-Type", "application/json");
    let problem = |status: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let problem = server.send(method, path, headers, body.as_bytes()).problem(status);
        assert_eq!(problem["instance"], path.split('?').next().unwrap());
    };
    problem(400, "POST", "/v1/ask", &[json_kind], "{");
    problem(400, "POST", "/v1/ask", &[json_kind], r#"{"question": "q", "answer": "a"}"#);
    problem(400, "POST", "/v1/search", &[json_kind], r#"{"question": "q", "top_k": 101}"#);
    problem(400, "POST", "/v1/documents", &[json_kind], r#"{"documents": [{"id": "x"}]}"#);
    problem(400, "GET", "/v1/documents?limit=0", &[], "");
    problem(403, "POST", "/v1/documents", &[json_kind, ("Origin", "https://example.com")], "{}");
    problem(404, "GET", "/v1/documents/none", &[], "");
    problem(404, "GET", "/v1/documents/none/text", &[], "");
    problem(404, "DELETE", "/v1/documents/none", &[], "");
    problem(404, "GET", "/nothing", &[], "");
    problem(404, "POST", "/v1/ask", &[json_kind], r#"{"question": "q", "collection": "none"}"#);
    problem(405, "DELETE", "/v1/ask", &[], "");
    for length in [133_000, 4_000_000] {
        problem(413, "POST", "/v1/ask", &[json_kind], &format!(r#"{{"question": "{}"}}"#, "x".repeat(length)));
    }
    problem(415, "POST", "/v1/ask", &[("Content-Type", "text/plain")], "q");
    problem(421, "GET", "/healthz", &[("Host", "example.com")], "");
    assert_eq!(server.send("DELETE", "/v1/ask", &[], b"").header("allow"), "POST");
}

#[test]
fn uploads_and_embeddings_that_come_at_once_all_succeed() {
    let server = Server::start(&[]);
    std::thread::scope(|scope| {
        let upload = |n: usize| {
            let document = json!({"id": format!("d{n}"), "text": format!("Document {n} is about ferries.")});
            server.post("/v1/documents", &json!({"documents": [document]}))
        };
        let embed = |n: usize| {
            server.post("/v1/embeddings", &json!({"model": "footnote-e5-small", "input": format!("text {n}")}))
        };
        let uploads: Vec<_> = (0..10).map(|n| scope.spawn(move || upload(n))).collect();
        let embeds: Vec<_> = (0..40).map(|n| scope.spawn(move || embed(n))).collect();
        for reply in uploads.into_iter().chain(embeds).map(|task| task.join().unwrap()) {
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
    });
    assert_eq!(server.get("/v1/documents").json()["documents"].as_array().unwrap().len(), 10);
}

#[test]
fn a_write_that_takes_longer_than_the_time_limit_is_acknowledged() {
    let server = Server::start_with("[server]\nrequest_timeout_seconds = 1\n", &[]);
    let sentences: Vec<_> = (0..400).map(|n| format!("Sentence {n} of the report is about ferry {n}.")).collect();
    let sentences = sentences.join(" ");
    let documents: Vec<_> = (0..4).map(|n| json!({"id": format!("d{n}"), "text": sentences})).collect();
    let reply = server.post("/v1/documents", &json!({"documents": documents}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(server.get("/v1/documents").json()["documents"].as_array().unwrap().len(), 4);
}

#[test]
fn a_page_of_another_site_can_neither_embed_a_response_nor_open_a_collection() {
    let server = shared();
    let embedded = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")];
    server.get_with("/v1/documents?collection=default", &embedded).problem(403);
    server.send("POST", "/v1/ask", &embedded, b"{}").problem(403);
    let link = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];
    assert_eq!(server.get_with("/", &link).status, 200);
    server.get_with("/v1/documents", &link).problem(403);
}

#[test]
fn a_quote_with_control_characters_is_verbatim_in_json() {
    let text = "The \u{1b}[31mferry\u{202e} leaves\u{e0041} the harbour at noon on Mondays.";
    let server = Server::start(&[("ferry", text)]);
    let reply = server.post("/v1/search", &json!({"question": "When does the ferry leave the harbour?"})).json();
    let passage = &reply["passages"][0];
    let (start, end) = ends(&passage["span"], "bytes");
    assert_eq!(passage["quote"], text[start..end]);
}

#[test]
fn the_log_has_a_line_for_each_request_and_no_words_of_anyone() {
    let server = Server::start(&[("fed", FED)]);
    server.post("/v1/ask", &json!({"question": QUESTION}));
    server.post("/v1/ask", &json!({"question": QUESTION, "top_k": "unheard-of"})).problem(400);
    let log = server.log();
    assert!(log.contains("/v1/ask") && log.contains("/v1/documents"), "{log}");
    for words in [QUESTION, "高盛", "unheard-of"] {
        assert!(!log.contains(words), "{words} is in the log:\n{log}");
    }
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_with_success() {
    let mut server = Server::start(&[]);
    assert!(server.terminate().success(), "{}", server.log());
}
