//! Raw messages over HTTP.

use serde_json::{Value, json};

use super::{BREAD, FED, QUESTION, introduction, structured};
use crate::harness::Server;

const POST: &[(&str, &str)] =
    &[("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];

/// A JSON-RPC request over HTTP.
fn post(server: &Server, method: &str, params: &Value) -> Value {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let reply = server.send("POST", "/mcp", POST, request.to_string().as_bytes());
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"), "{}", reply.text);
    reply.json()
}

fn call(server: &Server, tool: &str, arguments: &Value) -> Value {
    structured(&post(server, "tools/call", &json!({"name": tool, "arguments": arguments}))["result"])
}

#[test]
fn each_message_is_answered_in_json_and_links_lead_to_the_server() {
    let server = Server::start(&[("fed", FED), ("a/b?", BREAD)]);
    let about = post(&server, "initialize", &introduction());
    assert_eq!(about["result"]["serverInfo"]["name"], "footnote");
    let started = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.send("POST", "/mcp", POST, started.to_string().as_bytes()).status, 202);
    assert_eq!(post(&server, "tools/list", &json!({}))["result"]["tools"].as_array().unwrap().len(), 5);

    let answer = call(&server, "ask", &json!({"question": QUESTION}));
    let citation = &answer["citations"][0];
    let (start, end) = (&citation["span"]["bytes"][0], &citation["span"]["bytes"][1]);
    let page = format!("{}/documents/fed?collection=default#bytes={start}-{end}", server.url);
    assert_eq!(citation["url"], page);
    let found = call(&server, "search", &json!({"query": "how hot is the oven?"}));
    assert_eq!(found["results"][0]["id"], "a/b?");
    let limited = call(&server, "search", &json!({"query": "rates title:bread -nothing"}));
    let ids: Vec<&Value> = limited["results"].as_array().unwrap().iter().map(|hit| &hit["id"]).collect();
    assert_eq!(
        (ids, &limited["notes"]),
        (vec![&json!("a/b?")], &json!(["Understood as conditions: title:bread, -nothing."]))
    );
    let fetched = call(&server, "fetch", &json!({"id": "a/b?"}));
    assert_eq!(
        (&fetched["text"], &fetched["url"]),
        (&json!(BREAD), &json!(format!("{}/documents/a%2Fb%3F?collection=default", server.url)))
    );
    let read = post(&server, "resources/read", &json!({"uri": "footnote://default/fed"}));
    assert_eq!(read["result"]["contents"][0]["text"], FED);

    // What curl sends.
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let plain = [("Content-Type", "application/json"), ("Accept", "*/*")];
    assert_eq!(server.send("POST", "/mcp", &plain, ping.as_bytes()).json()["result"], json!({}));
    let log = server.log();
    assert!(log.contains("/mcp") && !log.contains(QUESTION) && !log.contains("降息"), "{log}");
}

#[test]
fn pages_of_other_origins_and_other_hosts_are_refused() {
    let server = Server::start(&[]);
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let send =
        |name: &str, value: &str| server.send("POST", "/mcp", &[POST, &[(name, value)]].concat(), ping.as_bytes());
    for origin in ["https://example.com", "null", "http://localhost.example.com"] {
        send("Origin", origin).problem(403);
    }
    send("Host", "example.com").problem(421);
    assert_eq!(send("Origin", "http://localhost:6274").status, 200, "a page of this machine may");
}

#[test]
fn what_is_no_message_is_a_json_rpc_error() {
    let server = Server::start(&[]);
    let send = |headers: &[(&str, &str)], body: &str| server.send("POST", "/mcp", headers, body.as_bytes());
    let (ping, long) = (json!({"jsonrpc": "2.0", "id": 7, "method": "ping"}).to_string(), "x".repeat(133_000));
    let event_stream = [("Content-Type", "application/json"), ("Accept", "text/event-stream")];
    let version = [POST, &[("MCP-Protocol-Version", "1999-01-01")]].concat();
    for (headers, body, status, code, id) in [
        (POST, "{", 400, -32700, Value::Null),
        (POST, "\"\u{1}\"", 400, -32700, Value::Null),
        (POST, "[]", 400, -32600, Value::Null),
        (POST, "{\"id\": 7}", 400, -32600, json!(7)),
        (POST, "{\"jsonrpc\": \"2.0\", \"id\": 7, \"method\": 3}", 400, -32600, json!(7)),
        (POST, &format!("[{ping}]"), 400, -32600, Value::Null),
        (POST, &long, 413, -32600, Value::Null),
        (&version, &ping, 400, -32600, json!(7)),
        (&event_stream, &ping, 406, -32600, json!(7)),
        (&[("Content-Type", "text/plain")], &ping, 415, -32600, json!(7)),
    ] {
        let reply = send(headers, body);
        let shown = body.chars().take(80).collect::<String>();
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, "application/json"),
            "{shown}: {}",
            reply.text
        );
        let error = reply.json();
        assert_eq!((&error["error"]["code"], &error["id"]), (&json!(code), &id), "{shown}: {error}");
        assert!(error["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    }
    let unknown = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/run"}).to_string();
    assert_eq!(send(POST, &unknown).json()["error"]["code"], -32601);
    for method in ["GET", "DELETE", "PUT"] {
        let reply = server.send(method, "/mcp", &[("Accept", "text/event-stream")], b"");
        reply.problem(405);
        assert_eq!(reply.header("allow"), "POST", "{method}");
    }
}

#[test]
fn two_clients_are_served_at_once() {
    let server = Server::start(&[("fed", FED), ("bread", BREAD)]);
    let ask = |question: &'static str, id: &'static str| {
        let server = &server;
        move || {
            for _ in 0..8 {
                let answer = call(server, "ask", &json!({"question": question}));
                assert_eq!(answer["citations"][0]["document"]["id"], id, "{answer}");
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(ask(QUESTION, "fed"));
        scope.spawn(ask("how hot is the oven for bread?", "bread"));
    });
}
