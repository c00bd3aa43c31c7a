//! Jobs, as far as they need no model.

use std::io::Write as _;
use std::time::Duration;

use axum::Router;

use super::{Reply, Server};

const ASYNC: &str = "POST /v1/documents HTTP/1.1\nContent-Type: application/json\nPrefer: respond-async";

#[test]
fn there_are_no_jobs_at_first_and_an_unknown_one_is_a_404() {
    let server = Server::start();
    let listed = server.send("GET /v1/jobs HTTP/1.1", "");
    assert_eq!((listed.status, listed.body.as_str()), (200, r#"{"jobs":[]}"#));
    for head in ["GET /v1/jobs/x HTTP/1.1", "DELETE /v1/jobs/x HTTP/1.1", "GET /v1/jobs/x/events HTTP/1.1"] {
        let problem = server.send(head, "").problem(404);
        assert_eq!(problem["detail"], "no job `x`");
        assert!(problem["hint"].as_str().unwrap().contains("/v1/jobs"), "{problem}");
    }
}

#[test]
fn a_request_that_cannot_become_a_job_is_refused_as_any_other() {
    let server = Server::start();
    server.send(ASYNC, r#"{"documents": []}"#).problem(400);
    server.send(ASYNC, r#"{"collection": "other", "documents": [{"text": "x"}]}"#).problem(404);
    server.app.jobs.fill();
    let refused = server.send(ASYNC, r#"{"documents": [{"text": "x"}]}"#);
    refused.problem(503);
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    assert_eq!(server.send("GET /v1/jobs HTTP/1.1", "").body, r#"{"jobs":[]}"#);
}

#[test]
fn documents_that_arrive_slowly_outlast_the_time_limit() {
    let server = Server::with(Router::new(), |server| server.request_timeout_seconds = 1);
    let mut stream = server.connect();
    let body = r#"{"documents": []}"#;
    let head = format!(
        "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    for piece in body.as_bytes().chunks(6) {
        std::thread::sleep(Duration::from_millis(600));
        stream.write_all(piece).unwrap();
    }
    assert_eq!(Reply::read(stream).problem(400)["detail"], "`documents` is empty");
}
