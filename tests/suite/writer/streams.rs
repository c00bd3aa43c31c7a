//! Written answers that are streamed: each sentence when it is checked, and nothing more once the client is gone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::{QUESTION, Stage, number_of, stage};
use crate::harness::chat_server::{delta, end, head};

/// More than anything here takes, even on a busy machine.
const LONG: Duration = Duration::from_mins(2);

/// Sends a question over a connection of its own.
fn open(stage: &Stage) -> TcpStream {
    post(stage, "/v1/ask", &json!({"question": QUESTION, "mode": "write", "stream": true}))
}

fn post(stage: &Stage, path: &str, body: &Value) -> TcpStream {
    let body = body.to_string();
    let mut connection = TcpStream::connect(stage.server.address()).unwrap();
    connection.set_read_timeout(Some(LONG)).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        stage.server.address(),
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(body.as_bytes()).unwrap();
    connection
}

/// The next event with this name, before which there may be others.
fn next(reader: &mut impl std::io::BufRead, name: &str) -> Value {
    let mut found = false;
    for line in reader.lines() {
        let line = line.unwrap();
        if let Some(event) = line.strip_prefix("event: ") {
            found = event == name;
        }
        if let Some(data) = line.strip_prefix("data: ").filter(|_| found) {
            return serde_json::from_str(data).unwrap();
        }
    }
    panic!("the stream has no {name}");
}

/// A script that says a sentence, waits for a signal, and says another.
fn in_two_steps(stage: &Stage, go_on: Receiver<()>) {
    let gate = Mutex::new(go_on);
    stage.model.play(move |request, connection| {
        head(connection, "200 OK", "text/event-stream");
        let port = number_of(request, "412,000");
        delta(
            connection,
            &format!(
                "The port of Skerry handled 412,000 containers in 2025.[{port}] It handled 7 in 1990.[{port}] Its"
            ),
        );
        gate.lock().unwrap().recv_timeout(LONG).unwrap();
        delta(connection, &format!(" depth is 14.5 metres.[{port}]"));
        end(connection);
    });
}

#[test]
fn a_sentence_is_sent_when_it_is_checked_while_the_model_goes_on() {
    let (stage, _turn) = stage();
    let (go_on, gate) = channel();
    in_two_steps(stage, gate);
    let mut reader = BufReader::new(open(stage));
    let first = next(&mut reader, "answer.delta");
    assert_eq!(first["sentence"]["verdict"], "supported", "{first}");
    assert!(first["text"].as_str().unwrap().contains("412,000"), "{first}");
    let citation = next(&mut reader, "citation");
    assert_eq!((&citation["document"]["id"], &citation["id"]), (&json!("port"), &first["sentence"]["citations"][0]));
    // Only now does the model say the rest.
    go_on.send(()).unwrap();
    let second = next(&mut reader, "answer.delta");
    assert!(second["text"].as_str().unwrap().contains("14.5"), "{second}");
    let whole = next(&mut reader, "answer.done");
    let text = whole["answer"]["text"].as_str().unwrap();
    assert_eq!(text, format!("{}{}", first["text"].as_str().unwrap(), second["text"].as_str().unwrap()));
    assert_eq!((&whole["answer"]["writer"]["dropped"], text.contains("1990")), (&json!(1), false));
}

#[test]
fn a_client_that_goes_closes_the_model_s_connection() {
    let (stage, _turn) = stage();
    let (closed, has_closed) = channel();
    let closed = Mutex::new(closed);
    stage.model.play(move |request, connection| {
        head(connection, "200 OK", "text/event-stream");
        let port = number_of(request, "412,000");
        delta(connection, &format!("The port of Skerry handled 412,000 containers in 2025.[{port}] Its"));
        // The model is silent; the read ends when the other side closes.
        connection.set_read_timeout(Some(LONG)).unwrap();
        let read = connection.read(&mut [0; 1]);
        closed
            .lock()
            .unwrap()
            .send(matches!(read, Ok(0)) || read.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset))
            .unwrap();
    });
    let mut reader = BufReader::new(open(stage));
    let first = next(&mut reader, "answer.delta");
    assert!(first["text"].as_str().unwrap().contains("412,000"), "{first}");
    drop(reader);
    assert!(has_closed.recv_timeout(LONG).unwrap(), "the model's connection stayed open");
}

#[test]
fn a_chat_streams_each_sentence_when_it_is_checked_and_its_annotations_fit_the_whole() {
    let (stage, _turn) = stage();
    let (go_on, gate) = channel();
    in_two_steps(stage, gate);
    let request = json!({"model": "footnote", "stream": true, "footnote": {"mode": "write"},
        "messages": [{"role": "user", "content": QUESTION}]});
    let reader = BufReader::new(post(stage, "/v1/chat/completions", &request));
    let (mut content, mut annotations, mut finish) = (String::new(), Value::Null, Value::Null);
    let mut go_on = Some(go_on);
    for line in reader.lines() {
        let line = line.unwrap();
        let Some(data) = line.strip_prefix("data: ") else { continue };
        if data == "[DONE]" {
            break;
        }
        let choice = serde_json::from_str::<Value>(data).unwrap()["choices"][0].clone();
        content += choice["delta"]["content"].as_str().unwrap_or_default();
        if content.contains("412,000")
            && let Some(go_on) = go_on.take()
        {
            assert!(!content.contains("14.5"), "{content}");
            // Only now does the model say the rest.
            go_on.send(()).unwrap();
        }
        if choice["delta"]["annotations"].is_array() {
            annotations = choice["delta"]["annotations"].clone();
        }
        finish = choice["finish_reason"].clone();
    }
    assert!(content.contains("14.5 metres.[") && !content.contains("1990") && finish == "stop", "{content}");
    let chars: Vec<char> = content.chars().collect();
    assert!(annotations.as_array().unwrap().len() >= 2, "{annotations}");
    for annotation in annotations.as_array().unwrap() {
        let place = |name: &str| annotation["url_citation"][name].as_u64().unwrap() as usize;
        let mark: String = chars[place("start_index")..place("end_index")].iter().collect();
        assert!(mark.starts_with('[') && mark.ends_with(']'), "{mark} in {content}");
    }
}
