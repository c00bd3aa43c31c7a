//! Ollama's API.

use serde_json::{Value, json};

use super::{QUESTION, server};

fn post(path: &str, body: &Value) -> Value {
    let reply = server().post(path, body);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

#[test]
fn an_ollama_chat_is_streamed_in_lines_that_join_to_the_whole_answer() {
    let body = json!({"model": "footnote:latest", "messages": [{"role": "user", "content": QUESTION}]});
    let reply = server().post("/api/chat", &body);
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = reply.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, pieces) = lines.split_last().unwrap();
    let streamed: String = pieces.iter().map(|piece| piece["message"]["content"].as_str().unwrap()).collect();
    assert!(pieces.iter().all(|piece| piece["done"] == false && piece.get("done_reason").is_none()));
    assert_eq!((&last["done"], &last["done_reason"]), (&json!(true), &json!("stop")));
    assert!(last["eval_count"].as_u64().unwrap() > 10 && last["total_duration"].as_u64().unwrap() > 0, "{last}");
    let mut body = body;
    body["stream"] = json!(false);
    let whole = post("/api/chat", &body);
    assert_eq!((&whole["message"]["content"], &whole["model"]), (&json!(streamed), &json!("footnote:latest")));
    assert!(streamed.contains("降息三次。[1]"), "{streamed}");
    let generated = post("/api/generate", &json!({"model": "footnote", "prompt": QUESTION, "stream": false}));
    assert_eq!(generated["response"], streamed);
    let cut = json!({"model": "footnote", "prompt": QUESTION, "stream": false, "options": {"num_predict": 1}});
    assert_eq!(post("/api/generate", &cut)["done_reason"], "length");
    assert_eq!(post("/api/chat", &json!({"model": "footnote"}))["done_reason"], "load");
}

#[test]
fn ollama_s_models_answer_and_the_embedding_model_is_only_shown_by_its_name() {
    let names: Vec<String> = server().get("/api/tags").json()["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.contains(&"footnote:latest".into()) && names.contains(&"footnote:passages".into()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("e5")), "{names:?}");
    assert_eq!(post("/api/show", &json!({"model": "footnote:latest"}))["capabilities"], json!(["completion"]));
    assert_eq!(post("/api/show", &json!({"name": "footnote-e5-small"}))["capabilities"], json!(["embedding"]));
    assert!(server().get("/api/version").json()["version"].is_string());
}

#[test]
fn ollama_s_embeddings_are_those_of_the_index() {
    let texts = json!({"model": "footnote-e5-small", "input": ["降息", "麵包"]});
    let two = post("/api/embed", &texts)["embeddings"].clone();
    let one = post("/api/embeddings", &json!({"model": "footnote-e5-small:latest", "prompt": "降息"}));
    assert_eq!((two[0].as_array().unwrap().len(), &one["embedding"]), (384, &two[0]));
}

#[test]
fn ollama_s_errors_have_its_form() {
    for (path, body, status, part) in [
        ("/api/chat", json!({"model": "llama3", "messages": []}), 404, "/api/tags"),
        ("/api/show", json!({"model": "footnote/none"}), 404, "/api/tags"),
        (
            "/api/chat",
            json!({"model": "footnote", "format": "json", "messages": [{"role": "user", "content": "?"}]}),
            400,
            "format",
        ),
        (
            "/api/chat",
            json!({"model": "footnote", "messages": [{"role": "user", "content": "?", "images": ["x"]}]}),
            400,
            "images",
        ),
        ("/api/generate", json!({"model": "footnote", "prompt": "?", "suffix": "x"}), 400, "suffix"),
        ("/api/embed", json!({"model": "footnote-e5-small", "input": "word ".repeat(2000)}), 400, "split it"),
        ("/api/pull", json!({"model": "llama3"}), 404, "/api/pull"),
    ] {
        let reply = server().post(path, &body);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(reply.status, status, "{path}: {error}");
        assert!(error.contains(part), "{path}: {error}");
    }
}
