//! The APIs of other services, used with plain requests like those that their clients send.

mod ollama;
mod responses;
mod stores;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Reply, Server};

const FED: &str = "市場展望\n通膨持續降溫。陸以寧預期聯準會2026年將降息三次。美元因此走弱。";
const TOFU: &str = "老街的豆花每天只賣到中午。";
const QUESTION: &str = "who expects the Fed to cut in 2026";

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Server::start(&[("fed", FED), ("tofu", TOFU)]);
        let linked = json!({"id": "linked", "title": "Ferry [new] (line)", "text": "The ferry to Skerry Point sails at noon.",
            "uri": "https://example.com/ferry", "source": "Porchlight", "published": "2026-01-02", "metadata": {"desk": "travel", "year": 2026}});
        assert_eq!(server.post("/v1/documents", &json!({"documents": [linked]})).status, 200);
        server
    })
}

fn chat(body: &Value) -> Reply {
    server().post("/v1/chat/completions", body)
}

fn asks(text: &str) -> Value {
    json!({"model": "footnote", "messages": [{"role": "user", "content": text}]})
}

/// The data of each event in a body, and its name where it has one.
fn events(body: &str) -> Vec<(String, String)> {
    let line = |block: &str, name: &str| {
        block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
    };
    let blocks = body.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks.map(|block| (line(block, "event:"), line(block, "data:"))).collect()
}

#[test]
fn a_chat_is_answered_with_footnotes_that_link_to_their_documents() {
    let reply = chat(&asks(QUESTION)).json();
    assert_eq!((&reply["object"], &reply["choices"][0]["finish_reason"]), (&json!("chat.completion"), &json!("stop")));
    let message = &reply["choices"][0]["message"];
    let content = message["content"].as_str().unwrap();
    assert!(content.contains("陸以寧預期聯準會2026年將降息三次。[1]"), "{content}");
    let citation = &message["annotations"][0]["url_citation"];
    let place = |name: &str| citation[name].as_u64().unwrap() as usize;
    let chars: Vec<char> = content.chars().collect();
    assert_eq!(chars[place("start_index")..place("end_index")].iter().collect::<String>(), "[1]");
    let url = citation["url"].as_str().unwrap();
    let start = FED.find("陸以寧").unwrap();
    assert!(url.starts_with(&format!("{}/documents/fed?collection=default#bytes={start}-", server().url)), "{url}");
    let usage = &reply["usage"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    assert!(count("prompt_tokens") > 5 && count("completion_tokens") > 10);
    assert_eq!(count("total_tokens"), count("prompt_tokens") + count("completion_tokens"));
}

#[test]
fn text_for_people_and_prompts_has_no_control_or_hidden_characters() {
    let hostile = "The \u{1b}]52;c;eA==\u{7}tram\u{9b}2J to \u{202e}Zwolle\u{e0041}\u{e0042} departs at $9$ or see //evil.example/a.png";
    let document = json!({"id": "tram", "title": format!("Tram {hostile}"), "text": format!("{hostile}."), "source": hostile,
        "uri": "http://127.0.0.1@evil.example/"});
    let server = Server::start(&[]);
    assert_eq!(server.post("/v1/documents", &json!({"documents": [document]})).status, 200);
    let question = "When does the tram to Zwolle depart?";
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": question}}});
    let replies = [
        server.post("/v1/chat/completions", &asks(question)),
        server.post("/v1/search", &json!({"question": question, "format": "anthropic"})),
        server.post("/v1/search", &json!({"question": question, "format": "cohere"})),
        server.post("/v1/vector_stores/default/search", &json!({"query": question})),
        server.post("/retrieval", &json!({"knowledge_id": "default", "query": question, "retrieval_setting": {}})),
        server.post("/query", &json!({"query": question, "file_id": "tram"})),
    ];
    let is_hidden = |c: char| {
        (c.is_control() && !"\n\t".contains(c)) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut texts: Vec<Value> = replies.iter().map(Reply::json).collect();
    texts.push(server.post("/mcp", &call).json()["result"]["content"].clone());
    for text in texts {
        assert!(text.to_string().contains("tram"), "{text}");
        assert!(!strings(&text).any(|text| text.contains(is_hidden)), "{text}");
    }
    let content = replies[0].json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert!(
        !content.contains("@evil") && !content.contains("//evil") && content.contains("](http://127.0.0.1:"),
        "{content}"
    );
}

/// All strings in a value.
fn strings(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(items) => Box::new(items.iter().flat_map(strings)),
        Value::Object(members) => Box::new(members.values().flat_map(strings)),
        _ => Box::new(std::iter::empty()),
    }
}

#[test]
fn a_document_with_an_address_of_its_own_is_linked_there_and_its_title_is_no_markup() {
    let reply = chat(&asks("When does the ferry to Skerry Point sail?")).json();
    let message = &reply["choices"][0]["message"];
    assert_eq!(message["annotations"][0]["url_citation"]["url"], "https://example.com/ferry");
    let content = message["content"].as_str().unwrap();
    assert!(content.contains("[Ferry ［new］ (line)](https://example.com/ferry), Porchlight, 2026-01-02"), "{content}");
}

#[test]
fn a_streamed_chat_says_the_same_in_pieces_with_its_sources_and_its_usage() {
    let mut body = asks(QUESTION);
    let whole = chat(&body).json();
    body["stream"] = true.into();
    body["stream_options"] = json!({"include_usage": true});
    let reply = chat(&body);
    assert!(reply.header("content-type").starts_with("text/event-stream"));
    let events = events(&reply.text);
    assert_eq!(events.last().unwrap().1, "[DONE]");
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|(_, data)| serde_json::from_str(data).unwrap()).collect();
    let delta = |chunk: &Value, name: &str| chunk["choices"][0]["delta"][name].clone();
    let said: String = chunks.iter().filter_map(|chunk| delta(chunk, "content").as_str().map(str::to_owned)).collect();
    let message = &whole["choices"][0]["message"];
    assert_eq!(said, message["content"]);
    assert!(chunks.iter().any(|chunk| delta(chunk, "annotations") == message["annotations"]));
    assert_eq!(delta(&chunks[0], "role"), "assistant");
    let sources: Vec<&Value> = chunks.iter().filter(|chunk| chunk["event"]["type"] == "source").collect();
    let first = &sources[0]["event"]["data"];
    assert!(first["document"][0].as_str().unwrap().contains("陸以寧") && first["source"]["url"].is_string(), "{first}");
    assert!(sources.iter().all(|chunk| chunk["choices"][0]["delta"] == json!({})), "a chunk like any other");
    let metadata = &first["metadata"][0];
    assert!(
        !metadata["source"].as_str().unwrap().starts_with("http") && metadata["source_url"] == first["source"]["url"]
    );
    let agent = [("Content-Type", "application/json"), ("User-Agent", "Python/3.12 aiohttp/3.12.15")];
    let shown = server().send("POST", "/v1/chat/completions", &agent, body.to_string().as_bytes());
    assert!(shown.text.contains("\"event\"") && !shown.text.contains("\"annotations\""), "its sources are not doubled");
    let last = chunks.last().unwrap();
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &whole["usage"]));
}

#[test]
fn a_follow_up_question_in_a_chat_refers_to_the_one_before() {
    let conversation = json!({"model": "footnote", "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": [{"type": "text", "text": "How often does he expect it?"}]}
    ]});
    let content = chat(&conversation).json()["choices"][0]["message"]["content"].to_string();
    assert!(content.contains("降息三次"), "{content}");
}

#[test]
fn a_chat_that_the_documents_do_not_answer_says_so_and_shows_the_nearest_passages() {
    let content =
        chat(&asks("How do I descale an espresso machine?")).json()["choices"][0]["message"]["content"].clone();
    let content = content.as_str().unwrap();
    assert!(content.starts_with("The documents do not answer this. The nearest passages:\n\n- [1] "), "{content}");
    let passages = json!({"model": "footnote:passages", "messages": [{"role": "user", "content": QUESTION}],
        "footnote": {"top_k": 1}, "top_k": -1});
    let content = chat(&passages).json()["choices"][0]["message"]["content"].clone();
    assert!(content.as_str().unwrap().starts_with("- [1] 陸以寧"), "{content}");
}

#[test]
fn there_is_a_model_for_each_collection_and_mode_and_the_embedding_model() {
    assert_eq!(server().post("/v1/collections", &json!({"name": "news"})).status, 200);
    let listed = server().get("/v1/models").json();
    let ids: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    for id in ["footnote", "footnote:passages", "footnote/news"] {
        assert!(ids.contains(&id), "{id} is not in {ids:?}");
    }
    // Chat front ends offer all of them.
    assert!(!ids.iter().any(|id| id.contains("e5")), "{ids:?}");
    let embedding = server().get("/v1/embeddings/models").json()["data"].clone();
    assert_eq!(
        (&embedding[0]["id"], &embedding[1]["id"]),
        (&json!("footnote-e5-small"), &json!("footnote-e5-small:query"))
    );
    assert_eq!(server().get("/v1/models/footnote-e5-small").status, 200);
    assert_eq!(server().get("/v1/models/footnote%2Fnews").json()["object"], "model");
    let missing = server().get("/v1/models/gpt-4o");
    assert_eq!((missing.status, &missing.json()["error"]["code"]), (404, &json!("not_found")));
}

#[test]
fn embeddings_come_as_numbers_or_as_base64_and_never_cut() {
    let embed = |body: &Value| server().post("/v1/embeddings", body);
    let floats = embed(&json!({"model": "footnote-e5-small", "input": ["降息", "cut"]})).json();
    let vector = |reply: &Value, at: usize| -> Vec<f64> {
        reply["data"][at]["embedding"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let first = vector(&floats, 0);
    assert!(first.len() == 384 && (first.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-3);
    let alone = embed(&json!({"model": "footnote-e5-small", "input": "降息"})).json();
    assert_eq!(vector(&alone, 0), first, "a vector depends on its text alone");
    let asked = embed(&json!({"model": "footnote-e5-small:query", "input": "降息"})).json();
    assert_ne!(vector(&asked, 0), first);
    let encoded = embed(&json!({"model": "footnote-e5-small", "input": "降息", "encoding_format": "base64"})).json();
    let text = encoded["data"][0]["embedding"].as_str().unwrap();
    assert_eq!(text.len(), 384 * 4 / 3 * 4, "384 floats of four bytes");
    for (body, part) in [
        (json!({"model": "gpt", "input": "x"}), "GET /v1/models"),
        (json!({"model": "footnote-e5-small", "input": [[1, 2]]}), "check_embedding_ctx_length"),
        (json!({"model": "footnote-e5-small", "input": []}), "send 1 to"),
        (json!({"model": "footnote-e5-small", "input": ["x", " "]}), "text 2 is blank"),
        (json!({"model": "footnote-e5-small", "input": "word ".repeat(2000)}), "split it"),
        (json!({"model": "footnote-e5-small", "input": "x", "dimensions": 64}), "384"),
    ] {
        let refused = embed(&body);
        let message = refused.json()["error"]["message"].to_string();
        assert!(refused.status >= 400 && refused.status < 500 && message.contains(part), "{message}");
    }
}

#[test]
fn a_vector_store_is_searched_with_filters() {
    let search = |body: &Value| server().post("/v1/vector_stores/default/search", body);
    let found = search(&json!({"query": QUESTION, "max_num_results": 2})).json();
    assert_eq!(found["object"], "vector_store.search_results.page");
    let best = &found["data"][0];
    assert_eq!((&best["file_id"], &found["search_query"]), (&json!("fed"), &json!([QUESTION])));
    assert!(best["content"][0]["text"].as_str().unwrap().contains("降息三次"));
    assert!(best["attributes"]["quote"].as_str().unwrap().contains("陸以寧"));
    let scores: Vec<f64> =
        found["data"].as_array().unwrap().iter().map(|result| result["score"].as_f64().unwrap()).collect();
    assert!(scores[0] > 0.5 && scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    let filters = json!({"type": "and", "filters": [
        {"key": "desk", "type": "eq", "value": "travel"}, {"key": "year", "type": "gte", "value": 2026}
    ]});
    let found = search(&json!({"query": [QUESTION, "ferry"], "filters": filters})).json();
    let ids: Vec<&Value> = found["data"].as_array().unwrap().iter().map(|result| &result["file_id"]).collect();
    assert_eq!(ids, [&json!("linked")]);
    let none = search(&json!({"query": QUESTION, "ranking_options": {"score_threshold": 1.0}})).json();
    assert_eq!(none["data"], json!([]));
    assert_eq!(server().post("/v1/vector_stores/none/search", &json!({"query": "q"})).status, 404);
}

#[test]
fn dify_retrieves_records_above_its_threshold_that_meet_its_conditions() {
    let retrieve = |more: Value| {
        let mut body = json!({"knowledge_id": "default", "query": QUESTION, "retrieval_setting": {"top_k": 2}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server().post("/retrieval", &body)
    };
    let records = retrieve(json!({})).json()["records"].clone();
    assert!(records[0]["content"].as_str().unwrap().contains("降息三次"), "{records}");
    assert!(records[0]["score"].as_f64().unwrap() > 0.5 && records[0]["metadata"]["url"].is_string(), "{records}");
    let travel = json!({"metadata_condition": {"logic": "and", "conditions": [
        {"name": "desk", "comparison_operator": "start with", "value": "TRA"},
        {"name": "published", "comparison_operator": "after", "value": "2026-01-01"}
    ]}});
    let records = retrieve(travel).json()["records"].clone();
    assert_eq!((records.as_array().unwrap().len(), &records[0]["title"]), (1, &json!("Ferry [new] (line)")));
    let high = retrieve(json!({"retrieval_setting": {"top_k": 2, "score_threshold": 1.0}})).json();
    assert_eq!(high, json!({"records": []}));
    let unknown = retrieve(json!({"knowledge_id": "none"}));
    assert_eq!((unknown.status, &unknown.json()["error_code"]), (404, &json!(2001)));
}

#[test]
fn librechat_queries_documents_by_their_ids() {
    let reply = server().post("/query", &json!({"query": "降息", "file_id": "fed", "k": 2, "entity_id": "x"})).json();
    let (content, distance) = (&reply[0][0], &reply[0][1]);
    assert!(content["page_content"].as_str().unwrap().contains("降息三次"), "{reply}");
    assert_eq!(content["metadata"]["file_id"], "fed");
    assert!((0.0..=1.0).contains(&distance.as_f64().unwrap()));
    let several = server().post("/query_multiple", &json!({"query": "降息", "file_ids": ["tofu", "linked"]})).json();
    let ids: Vec<&Value> = several.as_array().unwrap().iter().map(|pair| &pair[0]["metadata"]["file_id"]).collect();
    assert!(ids.len() == 2 && !ids.contains(&&json!("fed")), "{ids:?}");
    assert_eq!(server().post("/query_multiple", &json!({"query": "降息", "file_ids": []})).json(), json!([]));
}

#[test]
fn passages_come_in_the_formats_of_other_assistants() {
    let search = |format: &str| server().post("/v1/search", &json!({"question": QUESTION, "format": format}));
    let block = &search("anthropic").json()["content"][0];
    assert_eq!((&block["type"], &block["citations"]["enabled"]), (&json!("search_result"), &json!(true)));
    let texts: Vec<&Value> = block["content"].as_array().unwrap().iter().map(|block| &block["text"]).collect();
    assert!(texts.contains(&&json!("陸以寧預期聯準會2026年將降息三次。")), "a sentence is a block: {texts:?}");
    assert!(block["source"].as_str().unwrap().contains("/documents/fed?"), "{block}");
    let document = &search("cohere").json()["documents"][0];
    assert_eq!(document["id"], format!("fed#0-{}", FED.len()));
    assert_eq!((&document["data"]["text"], &document["data"]["source"]), (&json!(FED), &Value::Null));
    search("other").problem(400);
}

#[test]
fn an_answer_streams_what_was_found_then_its_pieces_with_their_citations_then_the_whole() {
    let plain = server().post("/v1/ask", &json!({"question": QUESTION})).json();
    let reply = server().post("/v1/ask", &json!({"question": QUESTION, "stream": true}));
    assert!(reply.header("content-type").starts_with("text/event-stream"));
    let events = events(&reply.text);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..3], ["passages", "answer.delta", "citation"]);
    assert_eq!(*names.last().unwrap(), "answer.done");
    let data: Vec<Value> = events.iter().map(|(_, data)| serde_json::from_str(data).unwrap()).collect();
    let of = |wanted: &str| {
        names.iter().zip(&data).filter(|(name, _)| **name == wanted).map(|(_, data)| data).collect::<Vec<_>>()
    };
    let text: String = of("answer.delta").iter().map(|delta| delta["text"].as_str().unwrap()).collect();
    assert_eq!(text, plain["answer"]["text"]);
    assert_eq!(data[0]["passages"][0]["passage_id"], plain["citations"][0]["passage_id"]);
    assert_eq!(data[2], plain["citations"][0]);
    let done = of("answer.done")[0];
    assert_eq!((&done["answer"], &done["citations"]), (&plain["answer"], &plain["citations"]));
    let refused = server().post("/v1/ask", &json!({"question": QUESTION, "stream": true, "collection": "none"}));
    assert_eq!((refused.status, &refused.json()["status"]), (404, &json!(404)), "refused before it streams");
}

#[test]
fn the_first_event_of_a_stream_comes_while_the_connection_is_open() {
    let address = server().url.strip_prefix("http://").unwrap();
    let body = json!({"question": QUESTION, "stream": true}).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(
        stream,
        "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "event: passages"));
}
