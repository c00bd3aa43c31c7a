//! Tests with servers that give prepared replies.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::index::Collection;

fn serving(replies: Vec<String>) -> Config {
    listening(vec![replies]).0
}

/// A server that gives replies, a list of them to each connection, and the requests that it got.
fn listening(connections: Vec<Vec<String>>) -> (Config, Receiver<String>) {
    let (sender, requests) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::default();
    config.server.listen = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for replies in connections {
            let (mut stream, _) = listener.accept().unwrap();
            for reply in replies {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap();
                let _ = sender.send(String::from_utf8_lossy(&request[..length]).to_lowercase());
                stream.write_all(reply.as_bytes()).unwrap();
            }
        }
    });
    (config, requests)
}

fn reply(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The identity of this process over a collection that it holds.
fn identity() -> (tempfile::TempDir, Config, Identity) {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.index.dir = dir.path().into();
    let _collection = Collection::open(&config.index.collection_dir()).unwrap();
    let identity = identity::of(&config).unwrap();
    (dir, config, identity)
}

fn server(config: &Config) -> Server {
    let connection = Connection::open(config.server.listen.parse().unwrap()).unwrap();
    Server { connection, collection: "default".into(), patience: ANSWER, identity: identity().2 }
}

fn question(text: &str) -> Question {
    Question { text: text.into(), ..Question::default() }
}

#[test]
fn a_server_is_reached_on_this_machine_if_its_address_is_known() {
    let found = |listen: &str| addresses(listen).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(found("127.0.0.1:8642"), ["127.0.0.1:8642"]);
    assert_eq!(found("0.0.0.0:1"), ["127.0.0.1:1"]);
    assert_eq!(found("[::]:1"), ["[::1]:1"]);
    let local = found("localhost:1");
    assert!(local.iter().any(|address| ["127.0.0.1:1", "[::1]:1"].contains(&address.as_str())), "{local:?}");
    for none in ["127.0.0.1:0", "localhost:0", "", "localhost", "example.org:80", "127.0.0.1"] {
        assert!(found(none).is_empty(), "{none}");
    }
}

#[test]
fn no_program_another_program_and_another_index_are_distinguished() {
    let mut config = Config::default();
    config.server.listen = "127.0.0.1:1".into();
    assert_eq!(probe(&config), Found::Nothing);
    for other in [reply(200, "hello"), reply(200, "{\"status\": \"ok\"}"), reply(404, ""), "nonsense".into()] {
        assert_eq!(probe(&serving(vec![other])), Found::Other);
    }
    let forged =
        format!(r#"{{"status": "ok", "version": "9", "collection": "default", "proof": "{}"}}"#, "0".repeat(64));
    let (config, _requests) = listening(vec![vec![reply(200, &forged)], vec![reply(200, &forged)]]);
    assert_eq!(probe(&config), Found::Footnote(ServerInfo { version: "9".into(), identity: None }));
    assert!(Server::find(&config).is_none());
}

#[test]
fn a_question_whose_answer_cannot_be_used_is_answered_here() {
    let wrong = [
        reply(401, "{}"),
        reply(404, "{}"),
        reply(500, "{}"),
        reply(503, "{}"),
        reply(302, ""),
        reply(400, "no problem details"),
        reply(200, "{}"),
        reply(200, "{\"answer\": 3}"),
        "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nshort".into(),
        String::new(),
    ];
    for wrong in wrong {
        let (config, _requests) = listening(vec![vec![wrong.clone()], vec![wrong.clone()]]);
        assert!(server(&config).ask(&question("why"), &AskedOf::default()).unwrap().is_none(), "{wrong}");
        assert!(server(&config).search(&question("why"), &AskedOf::default()).unwrap().is_none(), "{wrong}");
    }
}

#[test]
fn a_slow_server_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::default();
    config.server.listen = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        std::thread::sleep(Duration::from_millis(400));
        let health = r#"{"status": "ok", "version": "9", "collection": "default"}"#;
        let _ = stream.write_all(reply(200, health).as_bytes());
    });
    assert!(matches!(probe(&config), Found::Footnote(_)));
}

#[test]
fn a_proof_that_stands_in_for_a_key_is_sent_with_the_question() {
    let (config, requests) = listening(vec![vec![reply(200, "{}")], vec![reply(200, "{}")]]);
    probe(&config);
    let mut asked = server(&config);
    asked.ask(&question("why"), &AskedOf::default()).unwrap();
    let sent: Vec<String> = requests.iter().take(2).collect();
    assert!(sent[0].starts_with("get /healthz") && !sent[0].contains("footnote-proof"), "{}", sent[0]);
    let proof = sent[1].lines().find_map(|line| line.strip_prefix("footnote-proof: ")).unwrap();
    let (nonce, proof) = proof.split_once(' ').unwrap();
    let address = config.server.listen.parse().unwrap();
    assert_eq!(proof, asked.identity.request_proof("/v1/ask", nonce, address).to_hex().as_str());
    assert!(sent[1].starts_with("post /v1/ask") && !sent[1].contains("authorization"), "{}", sent[1]);
}

#[test]
fn a_question_is_sent_to_no_process_that_took_the_address_after_the_proof() {
    let (_dir, mut config, identity) = identity();
    let _held = Collection::open(&config.index.collection_dir()).unwrap();
    let identity = identity::of(&config).unwrap_or(identity);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    config.server.listen = address.to_string();
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        let (mut proved, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = proved.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let nonce = request.split_once("nonce=").and_then(|(_, rest)| rest.split(' ').next()).unwrap().to_owned();
        let proof = identity.proof(&nonce, address).to_hex();
        let health = format!(r#"{{"status": "ready", "version": "9", "collection": "default", "proof": "{proof}"}}"#);
        proved.write_all(reply(200, &health).as_bytes()).unwrap();
        // It ends, and another process listens at its address.
        drop(proved);
        let (mut impostor, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let _ = impostor.read_to_end(&mut request);
        let _ = sender.send(request);
    });
    let mut server = Server::find(&config).expect("it has proved itself");
    assert!(server.ask(&question("a secret"), &AskedOf::default()).unwrap().is_none(), "it is answered here");
    // A connection of the test's own, that sends nothing, is the next one that the impostor gets.
    drop(std::net::TcpStream::connect(address).unwrap());
    assert_eq!(requests.recv().unwrap(), b"", "nothing was sent to the impostor before");
}

#[test]
fn a_question_that_the_server_refuses_is_refused() {
    let config = serving(vec![reply(400, r#"{"detail": "too long", "hint": "ask in fewer words"}"#)]);
    let error = server(&config).ask(&Question::default(), &AskedOf::default()).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.hint().as_deref()), ("too long", Some("ask in fewer words")));
}
