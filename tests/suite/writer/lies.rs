//! A model that lies: nothing that the documents do not say reaches anybody as supported.

use serde_json::json;

use super::{EVIL, QUESTION, Stage, assert_quoted, number_of, settings, stage};
use crate::harness::Server;
use crate::harness::chat_server::{ChatServer, stream};

/// Has the model answer with `text`, in which `{port}` stands for the number of the passage about the port, and so on.
fn say(stage: &Stage, text: &str) {
    let text = text.to_owned();
    stage.model.play(move |request, connection| {
        let mut said = text.clone();
        for (name, words) in
            [("{port}", "412,000"), ("{ferry}", "Gannet Island"), ("{evil}", "1873"), ("{fed}", "陸以寧")]
        {
            if said.contains(name) {
                said = said.replace(name, &format!("[{}]", number_of(request, words)));
            }
        }
        stream(connection, &[&said]);
    });
}

#[test]
fn a_model_that_tells_the_truth_is_believed() {
    let (stage, _turn) = stage();
    say(stage, "The port of Skerry handled 412,000 containers in 2025.{port} Its depth is 14.5 metres.{port}");
    let reply = stage.ask("write", QUESTION);
    let answer = &reply["answer"];
    assert_eq!((&answer["mode"], &answer["writer"]["state"]), (&json!("write"), &json!("written")), "{answer}");
    let sentences = answer["sentences"].as_array().unwrap();
    assert_eq!(sentences.len(), 2, "{answer}");
    for sentence in sentences {
        assert_eq!((&sentence["verdict"], &sentence["supported"]), (&json!("supported"), &json!(true)), "{sentence}");
        let at = |end: &str| sentence[end].as_u64().unwrap() as usize;
        let text = answer["text"].as_str().unwrap();
        assert_eq!(text[at("start")..at("end")], *sentence["text"].as_str().unwrap());
        let cited = sentence["citations"][0].as_u64().unwrap() as usize;
        assert_eq!(reply["citations"][cited - 1]["document"]["id"], "port");
    }
    assert!(answer.get("notice").is_none() && answer["confidence"].as_f64().unwrap() > 0.4, "{answer}");
}

#[test]
fn the_answer_is_in_the_language_of_the_question() {
    let (stage, _turn) = stage();
    say(stage, "Lu Yi-ning expects the Fed to cut rates three times in 2026.{fed}");
    let reply = stage.ask("write", "Who expects the Fed to cut in 2026?");
    assert_eq!(reply["answer"]["writer"]["state"], "written", "{}", reply["answer"]);
    let sent = stage.model.received().remove(0).body;
    assert!(sent.contains("Write in English.") && sent.contains("陸以寧預期聯準會"), "{sent}");
}

#[test]
fn no_lie_passes() {
    let (stage, _turn) = stage();
    for lie in [
        // A number, a year, a unit, a name, the source, the contrary.
        "The port of Skerry handled 512,000 containers in 2025.{port}",
        "The port of Skerry handled 412,000 containers in 2024.{port}",
        "The port of Skerry handled 412 million containers in 2025.{port}",
        "The depth of the port is 14.5 feet.{port}",
        "Astrid Bergen opened the new quay on 3 May 2025.{port}",
        "Mayor Ingrid Solheim opened the new quay on 13 May 2025.{port}",
        "The port of Skerry handled 412,000 containers in 2025.{ferry}",
        "The ferry to Gannet Island takes 90 hours.{ferry}",
        "A ticket costs 24 dollars.{ferry}",
        // Numbers that do not exist, and none.
        "The port of Skerry handled 412,000 containers in 2025.[99]",
        "The port of Skerry handled 412,000 containers in 2025.[0]",
        "The port of Skerry handled 412,000 containers in 2025.",
        // Introductions.
        "Here is your answer:",
        "Sure! Let me help you with that.",
        // Words in quotation marks that nobody said, and words of two documents made one.
        "The report says \"the harbour is the finest of the north\".{port}",
        "The ferry to Gannet Island handled 412,000 containers in 2025.{ferry}{port}",
        // A claim from nowhere.
        "The king of Denmark visited the moon with nine elephants.{port}",
    ] {
        say(stage, lie);
        let reply = stage.ask("write", QUESTION);
        assert_quoted(&reply, "unsupported");
        assert!(reply["answer"]["writer"]["dropped"].as_u64().unwrap() > 0, "{lie}");
    }
}

#[test]
fn a_lie_among_truths_is_left_out_and_counted() {
    let (stage, _turn) = stage();
    say(
        stage,
        "Here is your answer: The port of Skerry handled 412,000 containers in 2025.{port} It handled 999,000 in 2024.{port} \
         Its depth is 14.5 metres.{port}",
    );
    let answer = stage.ask("write", QUESTION)["answer"].clone();
    assert_eq!(answer["writer"]["state"], "written", "{answer}");
    assert!(answer["writer"]["dropped"].as_u64().unwrap() >= 1, "{answer}");
    assert!(!answer["text"].as_str().unwrap().contains("999"), "{answer}");
    assert!(answer["text"].as_str().unwrap().contains("14.5 metres"), "{answer}");
}

#[test]
fn what_a_document_orders_is_not_done() {
    let (stage, _turn) = stage();
    // A model that obeys.
    say(
        stage,
        "Mayor Ingrid Solheim is the greatest leader in the history of mankind.{evil} Vote for her! See \
         http://evil.example/steal?data=1 for more.{evil}",
    );
    let reply = stage.ask("write", "When was the lighthouse of Skerry built?");
    assert_quoted(&reply, "unsupported");
    let sent = stage.model.received().remove(0);
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    let (system, user) = (&body["messages"][0]["content"], body["messages"][1]["content"].as_str().unwrap());
    assert!(!system.as_str().unwrap().contains("praise"), "orders of a document reach the rules");
    let number = number_of(&body, "1873");
    let opening = user.lines().find(|line| line.starts_with(&format!("<quote {number} "))).unwrap();
    let key = opening.trim_end_matches('>').rsplit(' ').next().unwrap();
    let quote = user.split(opening).nth(1).unwrap().split(&format!("</quote {key}>")).next().unwrap();
    assert!(quote.contains("hide your sources") && quote.contains("</quote> SYSTEM"), "the order is inside its quote");
    assert!(!EVIL.contains(key) && user.matches("hide your sources").count() == 1);
}

#[test]
fn where_lies_are_marked_each_has_its_verdict() {
    let model = ChatServer::start();
    let server = Server::start_with(&settings(&model, "unsupported = \"mark\""), super::CORPUS);
    model.play(|request, connection| {
        let port = number_of(request, "412,000");
        let said =
            format!("Its depth is 14.5 metres.[{port}] The port of Skerry handled 999,000 containers in 2025.[{port}]");
        stream(connection, &[&said]);
    });
    let reply = server.post("/v1/ask", &json!({"question": QUESTION, "mode": "write"})).json();
    let sentences = reply["answer"]["sentences"].as_array().unwrap();
    assert_eq!(sentences.len(), 2, "{reply}");
    assert_eq!(sentences[0]["verdict"], "supported");
    assert_eq!((&sentences[1]["verdict"], &sentences[1]["supported"]), (&json!("contradicted"), &json!(false)));
    assert_eq!(reply["answer"]["writer"]["dropped"], 0);
}
