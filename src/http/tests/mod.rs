//! The router on a real socket, without a model: errors, limits and what every response has.

mod jobs;
mod waiting;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::dialect::Dialect;
use super::limits::Limits;
use super::{App, protect, routes};
use crate::Library;
use crate::config::{Config, ServerConfig};
use crate::keys::NewKey;

struct Server {
    address: SocketAddr,
    app: Arc<App>,
    runtime: Option<Runtime>,
    /// Stops the server when dropped.
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
    _index: tempfile::TempDir,
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Server {
    fn start() -> Self {
        Self::with(Router::new(), |_server| {})
    }

    /// A server with `more` routes, its settings changed by `set`.
    fn with(more: Router, set: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::within(Limits::default(), more, set)
    }

    /// The same with other limits.
    fn within(limits: Limits, more: Router, set: impl FnOnce(&mut ServerConfig)) -> Self {
        let index = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.index.dir = index.path().to_owned();
        config.server.listen = "127.0.0.1:0".into();
        set(&mut config.server);
        let library = Arc::new(Library::open(&config, Box::new(|_| {})).unwrap());
        let app = Arc::new(App::new(library, &config, limits.clone()));
        let router = protect(routes(Arc::clone(&app)).merge(more), Arc::clone(&app.metrics), &config).unwrap();
        let grace = Duration::from_secs(config.server.shutdown_seconds);

        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(super::bind(&config)).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let served = Some(runtime.spawn(super::serve::serve_within(limits, listener, router, shutdown, grace)));
        Self { address, app, runtime: Some(runtime), stop: Some(stop), served, _index: index }
    }

    /// Sends `head` (a request line and headers, without Host) and `body`.
    fn send(&self, head: &str, body: &str) -> Reply {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\n", body.len()) };
        self.send_raw(&format!("{head}\nHost: localhost\n{length}Connection: close\n\n").replace('\n', "\r\n"), body)
    }

    fn send_raw(&self, head: &str, body: &str) -> Reply {
        let mut stream = self.connect();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        Reply::read(stream)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// A connection whose request announces a body of nine bytes and sends one.
    fn connect_with_slow_body(&self, path: &str) -> TcpStream {
        let mut stream = self.connect();
        let head =
            format!("POST {path} HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 9\n\n{{");
        stream.write_all(head.replace('\n', "\r\n").as_bytes()).unwrap();
        stream
    }

    /// Stops the server. Panics if it has not ended after a while that is much shorter than the grace.
    fn stop(&mut self) {
        drop(self.stop.take());
        let served = self.served.take().unwrap();
        let in_time = async { tokio::time::timeout(Duration::from_secs(10), served).await };
        self.runtime.as_ref().unwrap().block_on(in_time).unwrap().unwrap();
    }

    fn ask(&self, body: &str) -> Reply {
        self.send("POST /v1/ask HTTP/1.1\nContent-Type: application/json", body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Reply {
    /// All that comes until the server closes the connection.
    fn read(mut stream: TcpStream) -> Self {
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Checks that it is a problem with `status` and the headers that every response has.
    #[track_caller]
    fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
        assert!(self.head.contains("x-content-type-options: nosniff"), "{}", self.head);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"), "{problem}");
        for member in ["title", "detail", "instance"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {problem}");
        }
        problem
    }
}

#[test]
fn a_path_without_a_route_is_a_404_that_names_it() {
    let problem = Server::start().send("GET /v2/ask?x=1 HTTP/1.1", "").problem(404);
    assert_eq!(problem["instance"], "/v2/ask");
    assert!(problem["hint"].as_str().unwrap().contains("/openapi.json"));
}

#[test]
fn the_description_names_every_method_of_every_route() {
    let server = Server::start();
    let reply = server.send("GET /openapi.json HTTP/1.1", "");
    assert!(reply.status == 200 && reply.head.contains("nosniff"), "{}", reply.head);
    let api: Value = serde_json::from_str(&reply.body).unwrap();
    let paths = api["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 53);
    for (path, item) in paths {
        let asked = ["{id}", "{file_id}", "{name}", "{model}", "{page}"]
            .iter()
            .fold(path.clone(), |path, part| path.replace(part, "x"));
        let reply = server.send(&format!("PATCH {asked} HTTP/1.1"), "");
        assert_eq!(reply.status, 405, "{path}");
        if Dialect::of(&asked) == Dialect::Own {
            reply.problem(405);
        }
        let allow = reply.head.lines().find_map(|line| line.strip_prefix("allow: ")).unwrap();
        let mut allowed: Vec<_> = allow.split(',').map(str::trim).filter(|method| *method != "head").collect();
        allowed.sort_unstable();
        let mut described: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        described.sort_unstable();
        assert_eq!(allowed, described, "{path}");
    }
}

#[test]
fn each_api_is_refused_in_its_own_format() {
    let server = Server::start();
    let refused = |path: &str| {
        let reply = server.send(&format!("POST {path} HTTP/1.1\nContent-Type: application/json"), "{}");
        assert_eq!(reply.status, 400, "{}", reply.body);
        serde_json::from_str::<Value>(&reply.body).unwrap()
    };
    for path in ["/v1/chat/completions", "/v1/embeddings", "/v1/vector_stores/default/search"] {
        let error = &refused(path)["error"];
        assert_eq!((&error["type"], &error["param"]), (&"invalid_request_error".into(), &Value::Null), "{error}");
        assert!(error["message"].as_str().unwrap().contains("missing field"), "{error}");
    }
    assert_eq!(refused("/retrieval")["error_code"], 400);
    assert!(refused("/query")["detail"].as_str().unwrap().contains("missing field"));
    let no_model = r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "who?"}]}"#;
    let reply = server.send("POST /v1/chat/completions HTTP/1.1\nContent-Type: application/json", no_model);
    let error: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status, &error["error"]["code"]), (404, &"not_found".into()));
    assert!(error["error"]["message"].as_str().unwrap().contains("GET /v1/models"), "{error}");
}

#[test]
fn a_server_with_keys_accepts_their_holders_and_shows_others_only_that_it_runs() {
    let key = NewKey::generate("laptop").unwrap();
    let server = Server::with(Router::new(), |settings| settings.keys = vec![key.entry.clone()]);
    let head = "GET /v1/collections HTTP/1.1";
    let problem = server.send(head, "").problem(401);
    assert!(problem["hint"].as_str().unwrap().contains("Authorization: Bearer KEY"), "{problem}");
    assert!(server.send(head, "").head.contains("www-authenticate: bearer realm"));
    server.send(&format!("{head}\nAuthorization: Bearer fn-00"), "").problem(401);
    assert_eq!(server.send(&format!("{head}\nAuthorization: Bearer {}", key.key), "").status, 200);
    assert_eq!(server.send("GET /healthz HTTP/1.1", "").status, 200);
    let reply = server.send("GET /v1/models HTTP/1.1", "");
    let error: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status, &error["error"]["code"]), (401, &"invalid_api_key".into()));
    for (authorization, code) in [("", 1001), ("\nAuthorization: Bearer fn-00", 1002)] {
        let head = format!("POST /retrieval HTTP/1.1\nContent-Type: application/json{authorization}");
        let reply = server.send(&head, "{}");
        assert_eq!(
            (reply.status, serde_json::from_str::<Value>(&reply.body).unwrap()["error_code"].clone()),
            (403, code.into())
        );
    }
}

#[test]
fn a_browser_may_read_answers_from_pages_of_allowed_origins_only() {
    let chat = "https://chat.example.com";
    let server = Server::with(Router::new(), |settings| settings.allowed_origins = vec![chat.into()]);
    let preflight = |origin: &str| {
        let asked = "Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization,content-type";
        server.send(&format!("OPTIONS /v1/ask HTTP/1.1\nOrigin: {origin}\n{asked}"), "").head
    };
    let allowed = preflight(chat);
    assert!(allowed.contains(&format!("access-control-allow-origin: {chat}")), "{allowed}");
    assert!(allowed.contains("access-control-allow-headers: authorization,content-type"), "{allowed}");
    assert!(!preflight("https://example.com").contains("access-control-allow-origin"));
    let head = "GET /v1/collections HTTP/1.1\nOrigin:";
    let reply = server.send(&format!("{head} {chat}"), "");
    assert!(
        reply.status == 200 && reply.head.contains(&format!("access-control-allow-origin: {chat}")),
        "{}",
        reply.head
    );
    server.send(&format!("{head} https://example.com"), "").problem(403);
    let closed = Server::start().send(&format!("{head} http://localhost:3000"), "");
    assert!(closed.status == 200 && !closed.head.contains("access-control"), "{}", closed.head);
}

#[test]
fn a_server_that_runs_is_alive() {
    let reply = Server::start().send("GET /healthz HTTP/1.1", "");
    assert!(reply.status == 200 && reply.body.starts_with(r#"{"status":"ok","version":""#), "{}", reply.body);
}

#[test]
fn a_body_that_is_not_json_is_a_400_with_its_line_and_column() {
    let problem = Server::start().ask("{\n  \"question\": oops}").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("line 2 column 15"), "{problem}");
}

#[test]
fn an_unknown_field_is_a_400_that_names_the_known_ones() {
    let server = Server::start();
    let problem = server.ask(r#"{"question": "q", "confidence": 1}"#).problem(400);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("`confidence`") && detail.contains("`context_sentences`"), "{problem}");
    let problem = server.send("GET /v1/documents?page=2 HTTP/1.1", "").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("`after`"), "{problem}");
}

#[test]
fn missing_fields_and_values_out_of_range_are_a_400() {
    let server = Server::start();
    let bodies =
        ["{}", r#"{"question": " "}"#, r#"{"question": "q", "top_k": 0}"#, r#"{"question": "q", "mode": "x"}"#];
    for body in bodies {
        server.ask(body).problem(400);
    }
    for query in ["limit=0", "limit=1001", "limit=many"] {
        server.send(&format!("GET /v1/documents?{query} HTTP/1.1"), "").problem(400);
    }
    server.send("GET /v1/documents/x/text?bytes=7 HTTP/1.1", "").problem(400);
    server.send("GET /v1/documents/%ff HTTP/1.1", "").problem(400);
}

#[test]
fn an_unknown_collection_is_a_404_that_says_where_they_are_listed() {
    let server = Server::start();
    let problem = server.ask(r#"{"question": "q", "collection": "other"}"#).problem(404);
    assert_eq!(problem["detail"], "no collection `other`");
    assert!(problem["hint"].as_str().unwrap().contains("/v1/collections"), "{problem}");
    let head = "POST /v1/documents HTTP/1.1\nContent-Type: multipart/form-data; boundary=b";
    let form = "--b\r\nContent-Disposition: form-data; name=\"collection\"\r\n\r\nother\r\n--b\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ntext\r\n--b--\r\n";
    server.send(head, form).problem(404);
}

#[test]
fn a_body_of_another_kind_is_a_415() {
    let server = Server::start();
    server.send("POST /v1/ask HTTP/1.1\nContent-Type: text/plain", "who?").problem(415);
    server.send("POST /v1/search HTTP/1.1", "who?").problem(415);
    server.send("POST /v1/documents HTTP/1.1\nContent-Type: application/xml", "<a/>").problem(415);
}

#[test]
fn a_body_that_is_too_large_is_a_413() {
    let server = Server::with(Router::new(), |server| server.max_body_bytes = 1000);
    let text = "x".repeat(2000);
    let json = format!("{{\"documents\": [{{\"text\": \"{text}\"}}]}}");
    let problem = server.send("POST /v1/documents HTTP/1.1\nContent-Type: application/json", &json).problem(413);
    assert!(problem["detail"].as_str().unwrap().contains("larger than 1000 bytes"), "{problem}");
    let head = "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    server.send_raw(head, &format!("{:x}\r\n{json}\r\n0\r\n\r\n", json.len())).problem(413);
    let form = format!("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{text}\r\n--b--\r\n");
    server.send("POST /v1/documents HTTP/1.1\nContent-Type: multipart/form-data; boundary=b", &form).problem(413);
}

#[test]
fn a_form_without_a_file_or_with_an_unknown_field_is_a_400() {
    let server = Server::start();
    let head = "POST /v1/documents HTTP/1.1\nContent-Type: multipart/form-data; boundary=b";
    server.send(head, "--b--\r\n").problem(400);
    server.send(head, "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n--b--\r\n").problem(400);
    server.send(head, "no form at all").problem(400);
    server.send("POST /v1/documents HTTP/1.1\nContent-Type: multipart/form-data", "x").problem(400);
    server.send("POST /v1/documents HTTP/1.1\nContent-Type: application/json", r#"{"documents": []}"#).problem(400);
}

#[test]
fn a_host_that_is_not_this_machine_is_misdirected() {
    let server = Server::start();
    let problem = server.send_raw("GET /healthz HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", "");
    assert!(problem.problem(421)["detail"].as_str().unwrap().contains("example.com"));
    server.send_raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", "").problem(400);
    let absolute = "GET http://example.com/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    server.send_raw(absolute, "").problem(421);
}

#[test]
fn a_page_of_another_origin_is_refused_and_gets_no_cors_header() {
    let server = Server::start();
    let reply = server.send("POST /v1/documents HTTP/1.1\nOrigin: https://example.com", "{}");
    reply.problem(403);
    assert!(!reply.head.contains("access-control"), "{}", reply.head);
    assert_eq!(server.send("GET /healthz HTTP/1.1\nOrigin: http://localhost:3000", "").status, 200);
}

#[test]
fn a_panic_is_a_500_without_its_message() {
    let panics = get(async || -> &'static str { panic!("secret") });
    let server = Server::with(Router::new().route("/panic", panics), |_server| {});
    let reply = server.send("GET /panic HTTP/1.1", "");
    reply.problem(500);
    assert!(!reply.body.contains("secret"), "{}", reply.body);
    assert_eq!(server.send("GET /healthz HTTP/1.1", "").status, 200, "the server goes on");
}
