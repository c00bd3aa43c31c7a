//! Requests that wait, bodies and connections that are slow or idle, and the stop.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use serde_json::Value;

use super::super::limits::Limits;
use super::{Reply, Server};

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn a_question_that_waits_too_long_is_refused_and_told_when_to_try_again() {
    let server = Server::within(Limits { read_patience: SHORT, ..Limits::default() }, Router::new(), |_server| {});
    let held = server.app.admission.fill();
    let reply = server.ask(r#"{"question": "q"}"#);
    reply.problem(503);
    assert!(reply.head.contains("retry-after: 1"), "{}", reply.head);
    assert_eq!(server.send("GET /healthz HTTP/1.1", "").status, 200, "an overloaded server is alive");
    drop(held);
    server.ask("{}").problem(400);
}

#[test]
fn lookups_and_writes_wait_for_their_turn() {
    let server = Server::with(Router::new(), |server| server.request_timeout_seconds = 1);
    let held = server.app.admission.fill();
    std::thread::scope(|scope| {
        let lookup = scope.spawn(|| server.send("GET /v1/collections HTTP/1.1", ""));
        let write = scope.spawn(|| server.send("DELETE /v1/documents/x HTTP/1.1", ""));
        lookup.join().unwrap().problem(503);
        // Longer than the time limit, which does not apply to a write that has arrived.
        std::thread::sleep(Duration::from_millis(1_200));
        assert!(!write.is_finished());
        drop(held);
        write.join().unwrap().problem(404);
    });
    assert_eq!(server.send("GET /v1/collections HTTP/1.1", "").status, 200);
}

#[test]
fn a_body_that_stops_arriving_holds_no_room_and_is_a_408() {
    let limits = Limits { body_stall: Duration::from_secs(1), ..Limits::default() };
    let server = Server::within(limits, Router::new(), |server| server.max_concurrent = 1);
    let slow: Vec<_> = ["/v1/ask", "/v1/chat/completions", "/v1/documents", "/v1/embeddings", "/mcp"]
        .iter()
        .flat_map(|path| [server.connect_with_slow_body(path), server.connect_with_slow_body(path)])
        .collect();
    assert_eq!(server.send("GET /v1/collections HTTP/1.1", "").status, 200);
    server.send("DELETE /v1/documents/x HTTP/1.1", "").problem(404);
    for stream in slow {
        let reply = Reply::read(stream);
        assert!(reply.status == 408 && reply.head.contains("connection: close"), "{}", reply.head);
    }
}

#[test]
fn a_body_that_trickles_in_is_a_408() {
    let limits = Limits { body_grace: SHORT, body_bytes_per_second: 1_000_000, ..Limits::default() };
    let server = Server::within(limits, Router::new(), |_server| {});
    let mut stream = server.connect_with_slow_body("/v1/ask");
    let mut sent = 0;
    while sent < 7 && stream.write_all(b" ").is_ok() {
        std::thread::sleep(SHORT);
        sent += 1;
    }
    assert_eq!(Reply::read(stream).status, 408);
}

#[test]
fn connections_that_send_no_request_are_closed() {
    let limits = Limits { first_byte: SHORT, head: SHORT, keep_alive: SHORT, ..Limits::default() };
    let server = Server::within(limits, Router::new(), |_server| {});
    let begins = ["", "GET /healthz HTTP/1.1\r\nHost: loc", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"];
    for begin in begins {
        let mut stream = server.connect();
        stream.write_all(begin.as_bytes()).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert_eq!(!rest.is_empty(), begin.ends_with("\r\n\r\n"), "{begin}");
    }
}

#[test]
fn the_connection_that_was_idle_for_longest_makes_room_for_a_new_one() {
    let server = Server::within(Limits { max_connections: 4, ..Limits::default() }, Router::new(), |_server| {});
    let mut idle: Vec<_> = (0..20).map(|_| server.connect()).collect();
    idle.extend((0..4).map(|_| server.connect_with_slow_body("/v1/ask")));
    assert_eq!(server.send("GET /healthz HTTP/1.1", "").status, 200);
    let mut closed = Vec::new();
    idle.remove(0).read_to_end(&mut closed).unwrap();
    assert!(closed.is_empty());
}

#[test]
fn neither_idle_connections_nor_bodies_that_do_not_arrive_delay_the_stop() {
    let mut server = Server::start();
    let mut idle = server.connect();
    let slow = server.connect_with_slow_body("/v1/documents");
    assert_eq!(server.send("GET /healthz HTTP/1.1", "").status, 200, "both were accepted before");
    server.stop();
    assert_eq!(idle.read_to_end(&mut Vec::new()).unwrap(), 0);
    assert_eq!(Reply::read(slow).problem(503)["title"], "Stopping");
}

#[test]
fn a_model_that_calls_a_tool_learns_of_overload() {
    let limits = Limits { read_patience: SHORT, ..Limits::default() };
    let server = Server::within(limits, Router::new(), |_server| {});
    let _held = server.app.admission.fill();
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_documents"}}"#;
    let reply = server.send("POST /mcp HTTP/1.1\nContent-Type: application/json", call);
    let reply: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(reply["result"]["isError"], true, "{reply}");
    assert!(reply["result"]["content"][0]["text"].as_str().unwrap().contains("try again"), "{reply}");
}

#[test]
fn a_message_that_does_not_arrive_is_a_408() {
    let server = Server::with(Router::new(), |server| server.request_timeout_seconds = 1);
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    server.send_raw(head, "{").problem(408);
}

#[test]
fn a_request_that_takes_too_long_is_given_up() {
    let slow = get(|| tokio::time::sleep(Duration::from_mins(1)));
    let server = Server::with(Router::new().route("/slow", slow), |server| server.request_timeout_seconds = 1);
    let reply = server.send("GET /slow HTTP/1.1", "");
    assert_eq!(reply.problem(503)["title"], "Timeout");
    assert!(reply.head.contains("retry-after"), "{}", reply.head);
}

#[test]
fn a_body_that_does_not_arrive_is_a_408() {
    let server = Server::with(Router::new(), |server| server.request_timeout_seconds = 1);
    let head =
        "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    server.send_raw(head, "{").problem(408);
}

#[test]
fn a_request_under_way_at_the_stop_is_answered_within_the_grace() {
    let slow = get(async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        "done"
    });
    let mut server = Server::with(Router::new().route("/slow", slow), |_server| {});
    let (stop, served) = (server.stop.take(), server.served.take().unwrap());
    let reply = std::thread::scope(|scope| {
        let asking = scope.spawn(|| server.send("GET /slow HTTP/1.1", ""));
        std::thread::sleep(Duration::from_millis(200));
        drop(stop);
        asking.join().unwrap()
    });
    assert_eq!((reply.status, reply.body.as_str()), (200, "done"));
    server.runtime.as_ref().unwrap().block_on(served).unwrap();
    assert!(TcpStream::connect(server.address).is_err(), "it no longer listens");
}

#[test]
fn a_request_that_outlasts_the_grace_does_not_keep_the_server() {
    let slow = get(|| tokio::time::sleep(Duration::from_mins(1)));
    let mut server = Server::with(Router::new().route("/slow", slow), |server| server.shutdown_seconds = 0);
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.stop();
}
