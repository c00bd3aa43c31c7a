//! A language model for tests: a server on this machine with `OpenAI`'s chat completions that says what a test scripts.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::ANY_PORT;

/// What a server does with a connection once it has read the request: its body, or null if it has none.
pub(crate) type Script = dyn Fn(&Value, &mut TcpStream) + Send + Sync;

/// A request that was received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// `POST /v1/chat/completions`
    pub(crate) line: String,
    /// The headers, in lower case.
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// A server. Its threads end with the tests.
pub(crate) struct ChatServer {
    /// The base of its API.
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    script: Arc<Mutex<Arc<Script>>>,
}

impl ChatServer {
    /// Starts a server that says nothing until it has a script.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(ANY_PORT).unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let silent: Arc<Script> = Arc::new(|_, _| ());
        let script = Arc::new(Mutex::new(silent));
        let server = Self { url, received: Arc::clone(&received), script: Arc::clone(&script) };
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (received, script) = (Arc::clone(&received), Arc::clone(&script));
                thread::spawn(move || serve(connection, &received, &script));
            }
        });
        server
    }

    /// From now on, it does this with every connection.
    pub(crate) fn play(&self, script: impl Fn(&Value, &mut TcpStream) + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
        self.received.lock().unwrap().clear();
    }

    /// From now on, it answers every request with this text, streamed.
    pub(crate) fn say(&self, text: &str) {
        let text = text.to_owned();
        self.play(move |_, connection| stream(connection, &[&text]));
    }

    /// What it has received since the last script.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn serve(mut connection: TcpStream, received: &Mutex<Vec<Received>>, script: &Mutex<Arc<Script>>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut line = String::new();
    let mut headers = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) == 0 || header == "\r\n" {
            break;
        }
        headers += &header.to_lowercase();
    }
    let length = headers.lines().find_map(|header| header.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let body = String::from_utf8(body).unwrap();
    let json = serde_json::from_str(&body).unwrap_or(Value::Null);
    let line = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    received.lock().unwrap().push(Received { line, headers, body });
    // The lock is not held while it plays.
    let script = Arc::clone(&script.lock().unwrap());
    script(&json, &mut connection);
    let _ = connection.shutdown(Shutdown::Write);
}

/// The head of a response that ends with its connection.
pub(crate) fn head(connection: &mut TcpStream, status: &str, kind: &str) -> bool {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
    connection.write_all(head.as_bytes()).is_ok()
}

/// One chunk of a stream with this text; whether the client was still there.
pub(crate) fn delta(connection: &mut TcpStream, text: &str) -> bool {
    let chunk = json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]});
    connection.write_all(format!("data: {chunk}\n\n").as_bytes()).and_then(|()| connection.flush()).is_ok()
}

/// A whole stream with these texts.
pub(crate) fn stream(connection: &mut TcpStream, texts: &[&str]) {
    head(connection, "200 OK", "text/event-stream");
    for text in texts {
        delta(connection, text);
    }
    end(connection);
}

/// The end of a stream.
pub(crate) fn end(connection: &mut TcpStream) {
    let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let _ = connection.write_all(format!("data: {last}\n\ndata: [DONE]\n\n").as_bytes());
}
