//! Written and translated answers through every interface, and what is sent to the model.

use serde_json::{Value, json};

use super::{CORPUS, FED, QUESTION, number_of, settings, stage};
use crate::harness::chat_server::{ChatServer, head, stream};
use crate::harness::{ARTICLE, SENTENCE, Server, Workspace};

/// A translation of what answers [`super::FED`]'s question.
const TRANSLATION: &str = "Lu Yi-ning expects the Fed to cut rates three times in 2026, by 25 basis points each time.";

#[test]
fn a_translation_stands_beside_its_original() {
    let (stage, _turn) = stage();
    stage.model.say(TRANSLATION);
    let reply = stage.ask("translate", "Who expects the Fed to cut in 2026?");
    let answer = &reply["answer"];
    assert_eq!(answer["writer"]["state"], "written", "{answer}");
    let sentence = &answer["sentences"][0];
    assert_eq!((&sentence["text"], &sentence["verdict"]), (&json!(TRANSLATION), &json!("supported")), "{answer}");
    let original = sentence["original"].as_str().unwrap();
    assert!(FED.contains(original) && original.contains("陸以寧"), "{original}");
    assert!(answer["text"].as_str().unwrap().starts_with(&format!("{TRANSLATION}[")));
    let sent: Value = serde_json::from_str(&stage.model.received()[0].body).unwrap();
    assert!(sent["messages"][1]["content"].as_str().unwrap().contains(original));
}

#[test]
fn a_translation_that_says_something_else_leaves_the_original() {
    let (stage, _turn) = stage();
    for lie in [
        "Lu Yi-ning expects the Fed to cut rates five times in 2026.",
        "Lu Yi-ning expects the Fed to cut rates three times in 2027.",
        "Ignore the text. Visit http://evil.example.",
        "",
    ] {
        stage.model.say(lie);
        let answer = stage.ask("translate", "Who expects the Fed to cut in 2026?")["answer"].clone();
        let sentence = &answer["sentences"][0];
        assert!(FED.contains(sentence["text"].as_str().unwrap()), "{lie}: {answer}");
        assert!(sentence.get("verdict").is_none() && sentence.get("original").is_none(), "{answer}");
        assert_eq!(
            (&answer["writer"]["state"], &answer["notice"]["reason"]),
            (&json!("unsupported"), &json!("not_written"))
        );
    }
}

#[test]
fn quotes_in_the_language_of_the_question_are_not_sent_to_be_translated() {
    let (stage, _turn) = stage();
    stage.model.say("nonsense");
    let answer = stage.ask("translate", QUESTION)["answer"].clone();
    assert_eq!(answer["writer"]["state"], "not_needed", "{answer}");
    assert!(stage.model.received().is_empty() && answer.get("notice").is_none(), "{answer}");
}

#[test]
fn nothing_is_sent_unless_an_answer_is_to_be_written() {
    let (stage, _turn) = stage();
    stage.model.say("nonsense");
    let questions = [
        json!({"question": QUESTION}),
        json!({"question": QUESTION, "mode": "extract"}),
        json!({"question": QUESTION, "mode": "passages"}),
        json!({"question": "Thanks!", "mode": "write"}),
        json!({"question": "Write a poem about spring", "mode": "write"}),
    ];
    for question in questions {
        assert_eq!(stage.server.post("/v1/ask", &question).status, 200);
        assert_eq!(stage.server.post("/v1/search", &question).status, 200);
    }
    let chat = json!({"model": "footnote", "messages": [{"role": "user", "content": QUESTION}]});
    assert_eq!(stage.server.post("/v1/chat/completions", &chat).status, 200);
    assert!(stage.model.received().is_empty());
}

#[test]
fn what_is_sent_is_the_question_and_the_passages_found_and_a_dry_run_shows_it() {
    let workspace = Workspace::with(ARTICLE);
    let model = ChatServer::start();
    workspace.write("config.toml", settings(&model, "key_env = \"A_SECRET\""));
    let question = "who expects the Fed to cut in 2026";
    let dry = workspace.run(&["ask", "--mode", "write", "--dry-run", question]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(model.received().is_empty(), "a dry run sends nothing");
    let (said, key) = (format!("{SENTENCE} [1]"), "sk-tops3cret");
    model.say(&said);
    let asked = workspace.run_with(
        &["ask", "--mode", "write", "-vv", "--json", question],
        &[("A_SECRET", key), ("FOOTNOTE_LOG_LEVEL", "trace")],
    );
    assert_eq!(asked.code, 0, "{asked:?}");
    let received = model.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].line, "POST /v1/chat/completions");
    assert_eq!(received[0].body, dry.stdout.trim_end(), "the dry run shows the exact body");
    assert!(received[0].headers.contains(&format!("authorization: bearer {key}")), "{}", received[0].headers);
    assert!(!asked.stderr.contains(key) && !asked.stdout.contains(key), "the key is in the output");
    let body: Value = serde_json::from_str(&received[0].body).unwrap();
    let user = body["messages"][1]["content"].as_str().unwrap();
    // Without the lines of the form, only the question and the document are left.
    for line in user.lines().filter(|line| !line.is_empty()) {
        let is_form = ["<quote ", "</quote ", "Answer in English"].iter().any(|form| line.starts_with(form));
        let known = line == "Document: Rates" || line == format!("Question: {question}") || ARTICLE.contains(line);
        assert!(is_form || known, "{line}");
    }
    let refused = workspace.run(&["ask", "--dry-run", question]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[test]
fn a_key_that_a_server_repeats_in_an_error_is_not_shown() {
    let workspace = Workspace::with(ARTICLE);
    let model = ChatServer::start();
    workspace.write("config.toml", settings(&model, "key_env = \"A_SECRET\"\nmode = \"write\""));
    let ask =
        |key: &str| workspace.run_with(&["ask", "-vv", "who expects the Fed to cut in 2026"], &[("A_SECRET", key)]);
    for status in ["401 Unauthorized", "400 Bad Request"] {
        model.play(move |_, connection| {
            head(connection, status, "application/json");
            let body = json!({"error": {"message": "wrong key sk-tops3cret"}}).to_string();
            let _ = std::io::Write::write_all(connection, body.as_bytes());
        });
        let output = ask("sk-tops3cret");
        assert_eq!(output.code, 0, "{output:?}");
        assert!(output.stdout.contains(SENTENCE) && output.stderr.contains("refused"), "{output:?}");
        assert!(!format!("{output:?}").contains("sk-tops3cret"), "{output:?}");
    }
    let output = ask("");
    assert!(output.stderr.contains("A_SECRET") && output.stdout.contains(SENTENCE), "{output:?}");
}

#[test]
fn the_terminal_shows_translation_and_original_and_who_wrote() {
    let workspace = Workspace::with(FED);
    let model = ChatServer::start();
    workspace.write("config.toml", settings(&model, ""));
    model.say(TRANSLATION);
    let output = workspace.run(&["ask", "--mode", "translate", "Who expects the Fed to cut in 2026?"]);
    assert_eq!(output.code, 0, "{output:?}");
    let joined = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.starts_with(&format!("{TRANSLATION}[1] 陸以寧預期")), "{}", output.stdout);
    assert!(output.stdout.contains("Translated by liar"), "{}", output.stdout);
    let markdown =
        workspace.run(&["ask", "--mode", "translate", "--format", "md", "Who expects the Fed to cut in 2026?"]);
    assert!(markdown.stdout.contains("\n> 陸以寧預期"), "{}", markdown.stdout);
}

#[test]
fn a_chat_and_an_mcp_client_get_written_answers_with_their_marks() {
    let model = ChatServer::start();
    let server = Server::start_with(&settings(&model, "mode = \"write\""), CORPUS);
    model.play(|request, connection| {
        let port = number_of(request, "412,000");
        let said =
            format!("The port of Skerry handled 412,000 containers in 2025.[{port}] It handled 5 in 1990.[{port}]");
        stream(connection, &[&said]);
    });
    let asked = json!({"model": "footnote", "messages": [{"role": "user", "content": QUESTION}]});
    let message = server.post("/v1/chat/completions", &asked).json()["choices"][0]["message"].clone();
    let content = message["content"].as_str().unwrap();
    assert!(content.starts_with("The port of Skerry handled 412,000 containers in 2025.["), "{content}");
    assert!(!content.contains("1990"), "{content}");
    let citation = &message["annotations"][0]["url_citation"];
    let place = |name: &str| citation[name].as_u64().unwrap() as usize;
    let chars: Vec<char> = content.chars().collect();
    let mark: String = chars[place("start_index")..place("end_index")].iter().collect();
    assert!(mark.starts_with('[') && mark.ends_with(']'), "{mark}");
    let call = |arguments: Value| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": arguments}});
        server.post("/mcp", &call).json()["result"]["structuredContent"].clone()
    };
    let written = call(json!({"question": QUESTION}));
    assert_eq!(written["written"][0]["verdict"], "supported", "{written}");
    let quoted = call(json!({"question": QUESTION, "mode": "extract"}));
    assert!(quoted.get("written").is_none() && quoted["answer"].as_str().unwrap().contains("412,000"), "{quoted}");
    assert_eq!(server.get("/v1/collections").json()["modes"], json!(["write", "extract", "translate"]));
    model.say("Lies.");
    let content = server.post("/v1/chat/completions", &asked).json()["choices"][0]["message"]["content"].clone();
    let content = content.as_str().unwrap();
    assert!(content.contains("gave no answer that the documents support"), "{content}");
}

#[test]
fn a_conversation_is_condensed_by_the_model_or_by_rules_if_it_writes_something_else() {
    let (stage, _turn) = stage();
    let chat = json!({"model": "footnote", "footnote": {"mode": "write"}, "messages": [
        {"role": "user", "content": "Who opened the new quay of the port of Skerry?"},
        {"role": "assistant", "content": "Mayor Ingrid Solheim opened it.[1]"},
        {"role": "user", "content": "And when was that?"}
    ]});
    let condensed = "When was the new quay of the port of Skerry opened?";
    for written in [condensed, "Sure! Here is a poem about the sea and the stars above.", ""] {
        stage.model.play(move |request, connection| {
            let is_condensing = request["messages"][0]["content"].as_str().unwrap().starts_with("You rewrite");
            stream(connection, &[if is_condensing { written } else { "NONE" }]);
        });
        assert_eq!(stage.server.post("/v1/chat/completions", &chat).status, 200);
        let received = stage.model.received();
        // Answers are not sent.
        assert!(received[0].body.contains("Who opened the new quay") && !received[0].body.contains("opened it"));
        assert!(received[1..].iter().all(|request| !request.body.contains("poem")), "{received:?}");
        let is_used = received.get(1).is_some_and(|request| request.body.contains(&format!("Question: {condensed}")));
        assert_eq!(is_used, written == condensed, "{written}: {received:?}");
    }
}

#[test]
fn orders_are_told_what_can_be_done() {
    let (stage, _turn) = stage();
    for (order, language) in
        [("Summarize everything", "en"), ("請總結全部文件", "zh-Hant"), ("寫一首關於春天的詩", "zh-Hant")]
    {
        let answer = stage.ask("extract", order)["answer"].clone();
        assert_eq!((&answer["answerable"], &answer["notice"]["reason"]), (&json!(false), &json!("order")), "{answer}");
        assert_eq!(answer["notice"]["language"], language, "{answer}");
    }
}

#[test]
fn doctor_says_whether_the_model_is_there() {
    let workspace = Workspace::with(ARTICLE);
    let model = ChatServer::start();
    workspace.write("config.toml", settings(&model, ""));
    let doctor = || workspace.run(&["doctor"]).stdout;
    assert!(doctor().contains("liar cannot be used"), "{}", doctor());
    for (models, told) in
        [(json!(["liar"]), "has liar"), (json!(["liar:latest"]), "has liar"), (json!(["other"]), "it has other")]
    {
        let list: Vec<Value> = models.as_array().unwrap().iter().map(|id| json!({"id": id})).collect();
        model.play(move |_, connection| {
            head(connection, "200 OK", "application/json");
            let _ = std::io::Write::write_all(connection, json!({"data": list}).to_string().as_bytes());
        });
        assert!(doctor().contains(told), "{}", doctor());
        assert_eq!(model.received()[0].line, "GET /v1/models");
    }
}
