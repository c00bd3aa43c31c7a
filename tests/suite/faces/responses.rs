//! `OpenAI`'s Responses API, and what requests for answers are refused.

use serde_json::{Value, json};

use super::{QUESTION, asks, chat, events, server};

fn respond(body: &Value) -> Value {
    let reply = server().post("/v1/responses", body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

#[test]
fn a_response_says_what_a_chat_says_and_names_documents_and_addresses_at_each_mark() {
    let chatted = chat(&asks(QUESTION)).json()["choices"][0]["message"]["content"].clone();
    let response = respond(&json!({"model": "footnote", "input": QUESTION}));
    assert_eq!((&response["object"], &response["status"]), (&json!("response"), &json!("completed")));
    let content = &response["output"][0]["content"][0];
    assert_eq!(content["text"], chatted);
    let text: Vec<char> = content["text"].as_str().unwrap().chars().collect();
    let (file, url) = (&content["annotations"][0], &content["annotations"][1]);
    assert_eq!((&file["type"], &file["file_id"]), (&json!("file_citation"), &json!("fed")));
    assert_eq!(url["type"], "url_citation");
    let at = |value: &Value| value.as_u64().unwrap() as usize;
    assert_eq!(text[at(&url["start_index"])..at(&url["end_index"])].iter().collect::<String>(), "[1]");
    assert_eq!(file["index"], url["start_index"]);
    assert!(response["usage"]["total_tokens"].as_u64().unwrap() > 10);
    assert_eq!((&response["store"], &response["previous_response_id"]), (&json!(false), &Value::Null));
}

#[test]
fn a_response_follows_the_messages_of_its_input() {
    let input = json!([
        {"role": "user", "content": "Where does the ferry sail?"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "To Skerry Point."}]},
        {"type": "reasoning", "id": "r", "summary": []},
        {"role": "user", "content": [{"type": "input_text", "text": "And when?"}]}
    ]);
    let tools = json!([{"type": "file_search", "vector_store_ids": ["default"], "max_num_results": 2,
        "filters": {"type": "eq", "key": "desk", "value": "travel"}}, {"type": "function", "name": "f", "parameters": {}}]);
    let response = respond(&json!({"model": "footnote", "input": input, "instructions": "Be brief.", "tools": tools,
        "include": ["file_search_call.results"], "metadata": {"a": "b"}, "tool_choice": {"type": "file_search"}}));
    let (search, message) = (&response["output"][0], &response["output"][1]);
    assert_eq!((&search["type"], &search["results"][0]["file_id"]), (&json!("file_search_call"), &json!("linked")));
    assert!(search["queries"][0].as_str().unwrap().contains("ferry"), "{search}");
    assert!(message["content"][0]["text"].as_str().unwrap().contains("noon"), "{message}");
    assert_eq!((&response["instructions"], &response["metadata"]), (&json!("Be brief."), &json!({"a": "b"})));
}

#[test]
fn a_streamed_response_has_the_events_of_the_official_client_in_order() {
    let body = json!({"model": "footnote", "input": QUESTION, "stream": true, "tools": [{"type": "file_search"}]});
    let reply = server().post("/v1/responses", &body);
    assert!(reply.header("content-type").starts_with("text/event-stream"));
    let events: Vec<(String, Value)> =
        events(&reply.text).into_iter().map(|(name, data)| (name, serde_json::from_str(&data).unwrap())).collect();
    for (number, (name, data)) in events.iter().enumerate() {
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
    }
    let mut names: Vec<&str> = events.iter().map(|(name, _)| name.trim_start_matches("response.")).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "created",
            "in_progress",
            "output_item.added",
            "file_search_call.in_progress",
            "file_search_call.searching",
            "file_search_call.completed",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.annotation.added",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed"
        ]
    );
    let deltas: String = events.iter().filter_map(|(_, data)| data["delta"].as_str()).collect();
    let whole = &events.last().unwrap().1["response"]["output"][1]["content"][0]["text"];
    assert_eq!(json!(deltas), *whole);
}

#[test]
fn an_answer_ends_where_the_client_wants_it_to() {
    let mut body = asks(QUESTION);
    body["stop"] = json!(["\n\n"]);
    let choice = chat(&body).json()["choices"][0].clone();
    let content = choice["message"]["content"].as_str().unwrap();
    assert!(content.ends_with("[1]") && !content.contains('\n'), "{content}");
    assert_eq!(choice["finish_reason"], "stop");
    for name in ["max_tokens", "max_completion_tokens"] {
        let mut body = asks(QUESTION);
        body[name] = json!(1);
        let reply = chat(&body).json();
        assert_eq!(reply["choices"][0]["finish_reason"], "length");
        assert_eq!(reply["usage"]["completion_tokens"], 0, "a sentence has more than one token");
        body["stream"] = json!(true);
        assert!(chat(&body).text.contains("\"finish_reason\":\"length\""));
    }
    let cut = respond(&json!({"model": "footnote", "input": QUESTION, "max_output_tokens": 1}));
    assert_eq!(
        (&cut["status"], &cut["incomplete_details"]["reason"]),
        (&json!("incomplete"), &json!("max_output_tokens"))
    );
}

#[test]
fn what_cannot_be_honoured_is_refused_by_name_and_what_steers_sampling_is_accepted() {
    let harmless = json!({"temperature": 0.2, "top_p": 0.9, "seed": 7, "presence_penalty": 0.1, "frequency_penalty": 0.1,
        "logit_bias": {"1": 1}, "user": "u", "store": false, "service_tier": "auto", "reasoning_effort": "low",
        "parallel_tool_calls": true, "tool_choice": "auto", "response_format": {"type": "text"}, "logprobs": false,
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]});
    let with = |mut body: Value, more: &Value| {
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    assert_eq!(chat(&with(asks(QUESTION), &harmless)).status, 200);
    let image =
        json!([{"type": "text", "text": "what is this?"}, {"type": "image_url", "image_url": {"url": "data:,"}}]);
    let refused = |path: &str, body: &Value, part: &str| {
        let reply = server().post(path, body);
        let error = reply.json()["error"].clone();
        assert_eq!((reply.status, &error["type"]), (400, &json!("invalid_request_error")), "{}", reply.text);
        assert!(error["message"].as_str().unwrap().contains(part), "{part}: {error}");
    };
    for (more, part) in [
        (json!({"response_format": {"type": "json_object"}}), "response_format"),
        (json!({"response_format": {"type": "json_schema", "json_schema": {}}}), "response_format"),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"n": 2}), "`n`"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"modalities": ["audio"]}), "audio"),
        (json!({"web_search_options": {}}), "web_search_options"),
        (json!({"messages": [{"role": "user", "content": image}]}), "image_url"),
    ] {
        refused("/v1/chat/completions", &with(asks(QUESTION), &more), part);
    }
    let image = json!([{"role": "user", "content": [{"type": "input_image", "image_url": "data:,"}]}]);
    for (more, part) in [
        (json!({"previous_response_id": "resp_1"}), "previous_response_id"),
        (json!({"conversation": "conv_1"}), "conversation"),
        (json!({"background": true}), "background"),
        (json!({"text": {"format": {"type": "json_schema", "name": "x", "schema": {}}}}), "text.format"),
        (json!({"tools": [{"type": "web_search"}]}), "web_search"),
        (json!({"tools": [{"type": "file_search", "vector_store_ids": ["a", "*"]}]}), "`*`"),
        (
            json!({"model": "footnote/c", "tools": [{"type": "file_search", "vector_store_ids": ["a", "b"]}]}),
            "vector_store_ids",
        ),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"top_logprobs": 2}), "logprobs"),
        (json!({"input": []}), "`input`"),
        (json!({"input": [{"type": "item_reference", "id": "x"}]}), "not stored"),
        (json!({"input": image}), "input_image"),
    ] {
        refused("/v1/responses", &with(json!({"model": "footnote", "input": QUESTION}), &more), part);
    }
}

#[test]
fn every_other_path_below_v1_answers_in_the_form_of_openai_s_errors() {
    for (method, path, status) in [
        ("GET", "/v1/responses/resp_1", 404),
        ("POST", "/v1/audio/speech", 404),
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/completions", 404),
        ("DELETE", "/v1/chat/completions", 405),
        ("GET", "/v1/responses", 405),
    ] {
        let reply = server().send(method, path, &[], b"");
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.json()["error"]["message"].as_str().unwrap().contains(path), "{}", reply.text);
    }
    server().get("/v1/documents/none").problem(404);
}

#[test]
fn prompts_that_front_ends_write_themselves_are_not_answered_from_the_documents() {
    let history =
        format!("### Chat History:\n<chat_history>\nUSER: {QUESTION}?\nASSISTANT: 三次。[1]\n</chat_history>");
    let prompt = |output: &str| format!("### Task:\nGenerate it.\n### Output:\nJSON format: {output}\n{history}");
    for (output, expected) in [
        ("{ \"title\": \"your concise title here\" }", format!("{{\"title\":\"{QUESTION}\"}}")),
        ("{ \"tags\": [\"tag1\"] }", "{\"tags\":[]}".into()),
        ("{ \"follow_ups\": [\"Question 1?\"] }", "{\"follow_ups\":[]}".into()),
        ("{ \"queries\": [\"query1\"] }", format!("{{\"queries\":[\"{QUESTION}?\"]}}")),
    ] {
        // Some front ends ask for JSON, and for few tokens.
        let mut body = asks(&prompt(output));
        body["response_format"] = json!({"type": "json_object"});
        body["max_tokens"] = json!(1000);
        let message = chat(&body).json()["choices"][0]["message"].clone();
        assert_eq!((&message["content"], &message["annotations"]), (&json!(expected), &json!([])));
    }
    let passages = "x ".repeat(9000);
    let wrapped = format!(
        "### Task:\nRespond to the user query using the provided context.\n<context>\n<source id=\"1\">{passages}</source>\n\
         </context>\n\n{QUESTION}"
    );
    let content = chat(&asks(&wrapped)).json()["choices"][0]["message"]["content"].clone();
    assert!(content.as_str().unwrap().contains("降息三次"), "{content}");
}
