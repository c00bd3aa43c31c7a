//! A model that fails: the quoted answer is given, says so, and nothing hangs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{CORPUS, QUESTION, assert_quoted, number_of, settings, stage};
use crate::harness::Server;
use crate::harness::chat_server::{ChatServer, delta, head, stream};

/// What a model does with a request.
type Play = fn(&Value, &mut TcpStream);

const EVENTS: &str = "text/event-stream";

/// Reads until the client is gone.
fn wait_until_closed(connection: &mut TcpStream) {
    let _ = connection.read(&mut [0; 1]);
}

#[test]
fn every_failure_leaves_the_quotes() {
    let (stage, _turn) = stage();
    let plays: [(&str, Play); 14] = [
        ("unreachable", |_, _| ()),
        ("garbled", |_, connection| {
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }),
        ("garbled", |_, connection| {
            head(connection, "200 OK", EVENTS);
            let _ = connection.write_all(b"\x00\xff\xfe garbage without end or sense\n\n\n");
        }),
        ("garbled", |_, connection| {
            head(connection, "200 OK", "text/html");
            let _ = connection.write_all(b"<html><body>It works!</body></html>");
        }),
        ("garbled", |_, connection| {
            head(connection, "200 OK", EVENTS);
            let _ = connection.write_all(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xff\"}}]}\n\n");
        }),
        ("garbled", |_, connection| {
            // A line that never ends.
            head(connection, "200 OK", EVENTS);
            while connection.write_all(&[b'a'; 8_192]).is_ok() {}
        }),
        ("garbled", |_, connection| {
            // A sentence that never ends.
            head(connection, "200 OK", EVENTS);
            while delta(connection, "and so on ") {}
        }),
        ("unsupported", |_, connection| {
            // The same for ever.
            head(connection, "200 OK", EVENTS);
            while delta(connection, "The moon is made of cheese. ") {}
        }),
        ("unsupported", |_, connection| {
            // Something new for ever.
            head(connection, "200 OK", EVENTS);
            let mut number = 0;
            while delta(connection, &format!("There are {number} moons of cheese. ")) {
                number += 1;
            }
        }),
        ("refused", |_, connection| {
            head(connection, "500 Internal Server Error", "application/json");
            let _ = connection.write_all(br#"{"error":{"message":"no memory left"}}"#);
        }),
        ("refused", |_, connection| {
            head(connection, "404 Not Found", "text/plain");
        }),
        ("refused", |_, connection| {
            let _ = connection.write_all(
                b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/evil\r\nContent-Length: 0\r\n\r\n",
            );
        }),
        ("cut_short", |_, connection| {
            // It breaks off before the end of the first sentence.
            head(connection, "200 OK", EVENTS);
            delta(connection, "The port of Skerry handled");
        }),
        ("declined", |_, connection| stream(connection, &["NONE"])),
    ];
    for (state, play) in plays {
        stage.model.play(play);
        let reply = stage.ask("write", QUESTION);
        assert_quoted(&reply, state);
        assert!(reply["answer"]["text"].as_str().unwrap().contains("412,000"), "{reply}");
    }
}

#[test]
fn a_model_that_breaks_off_keeps_what_it_said_before() {
    let (stage, _turn) = stage();
    stage.model.play(|request, connection| {
        head(connection, "200 OK", EVENTS);
        let port = number_of(request, "412,000");
        delta(connection, &format!("The port of Skerry handled 412,000 containers in 2025.[{port}] Its depth is 14"));
    });
    let answer = stage.ask("write", QUESTION)["answer"].clone();
    assert_eq!((&answer["writer"]["state"], &answer["notice"]["reason"]), (&json!("cut_short"), &json!("cut_short")));
    assert_eq!(answer["sentences"].as_array().unwrap().len(), 1, "{answer}");
}

#[test]
fn a_model_that_says_nothing_is_not_waited_for_longer_than_configured() {
    let model = ChatServer::start();
    let server = Server::start_with(&settings(&model, "timeout_seconds = 1"), CORPUS);
    let ask = |mode: &str, question: &str| server.post("/v1/ask", &json!({"question": question, "mode": mode})).json();
    // It never answers; it answers slowly; it never closes.
    let plays: [Play; 3] = [
        |_, connection| wait_until_closed(connection),
        |_, connection| {
            head(connection, "200 OK", EVENTS);
            while delta(connection, " ") {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        },
        |_, connection| {
            head(connection, "200 OK", EVENTS);
            delta(connection, "The port");
            wait_until_closed(connection);
        },
    ];
    for play in plays {
        model.play(play);
        assert_quoted(&ask("write", QUESTION), "timed_out");
        assert_quoted(&ask("translate", "Wer erwartet 2026 Zinssenkungen der Fed?"), "timed_out");
    }
}

#[test]
fn a_server_that_does_not_stream_and_a_model_that_wants_other_parameters_are_understood() {
    let (stage, _turn) = stage();
    stage.model.play(|request, connection| {
        if request.get("max_tokens").is_some() {
            head(connection, "400 Bad Request", "application/json");
            let message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
            let _ = connection.write_all(json!({"error": {"message": message}}).to_string().as_bytes());
            return;
        }
        assert!(request["max_completion_tokens"].is_number() && request.get("temperature").is_none());
        let said =
            format!("The port of Skerry handled 412,000 containers in 2025 [{}].", number_of(request, "412,000"));
        head(connection, "200 OK", "application/json");
        let whole =
            json!({"object": "chat.completion", "choices": [{"message": {"content": said}, "finish_reason": "stop"}]});
        let _ = connection.write_all(whole.to_string().as_bytes());
    });
    let answer = stage.ask("write", QUESTION)["answer"].clone();
    assert_eq!(answer["writer"]["state"], "written", "{answer}");
    assert_eq!(stage.model.received().len(), 2);
}

#[test]
fn a_server_that_nobody_runs_leaves_the_quotes() {
    let settings = "[writer]\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"none\"\nmode = \"write\"\n";
    let server = Server::start_with(settings, CORPUS);
    assert_quoted(&server.post("/v1/ask", &json!({"question": QUESTION})).json(), "unreachable");
}

#[test]
fn without_a_configured_model_written_answers_are_refused_with_what_to_do() {
    let server = Server::start_with("", CORPUS);
    for mode in ["write", "translate"] {
        let problem = server.post("/v1/ask", &json!({"question": QUESTION, "mode": mode})).problem(400);
        assert!(problem["hint"].as_str().unwrap().contains("[writer] url"), "{problem}");
    }
    assert_eq!(server.get("/v1/collections").json()["modes"], json!(["extract"]));
}
