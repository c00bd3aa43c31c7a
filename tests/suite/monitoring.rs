//! What whoever runs a server sees of it: metrics, and a log in JSON.

use std::collections::{BTreeSet, HashMap};

use prometheus_parse::{Scrape, Value as Metric};
use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Server, Workspace, project};

const FED: &str = "Anna Lindqvist expects the Fed to cut rates twice in 2026.";
const QUESTION: &str = "who expects the Fed to cut?";

/// A server with a document, and two keys: one that may ask, one for all.
fn server(variables: &[(&str, &str)]) -> (Workspace, Server, [String; 2]) {
    let workspace = Workspace::with(FED);
    let server = Server::over(&workspace, ANY_PORT, variables);
    let key = |name: &str, scope: &str| {
        format!("Bearer {}", workspace.run(&["keys", "new", name, "--scope", scope]).stdout.trim())
    };
    let keys = [key("reader", "ask"), key("operator", "admin")];
    (workspace, server, keys)
}

fn ask(server: &Server, key: &str, id: &str) -> crate::harness::Reply {
    let headers = [("Authorization", key), ("Content-Type", "application/json"), ("X-Request-Id", id)];
    server.send("POST", "/v1/ask", &headers, json!({"question": QUESTION}).to_string().as_bytes())
}

fn scrape(server: &Server, key: &str) -> Scrape {
    let reply = server.get_with("/metrics", &[("Authorization", key)]);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    assert!(reply.text.ends_with("# EOF\n"), "{}", reply.text);
    Scrape::parse(reply.text.lines().map(|line| Ok(line.to_owned()))).unwrap()
}

/// The value of the metric with these labels, as a whole number.
fn count(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> u64 {
    value(scrape, name, labels) as u64
}

/// The value of the metric with these labels.
fn value(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |sample: &&prometheus_parse::Sample| {
        sample.metric == name && labels.iter().all(|(label, value)| sample.labels.get(label) == Some(value))
    };
    match scrape.samples.iter().find(fits).map(|sample| &sample.value) {
        Some(Metric::Counter(value) | Metric::Gauge(value) | Metric::Untyped(value)) => *value,
        other => panic!("{name} {labels:?} is {other:?}"),
    }
}

#[test]
fn the_metrics_count_what_was_done_and_refused_and_need_a_key_that_may_see_them() {
    let (_workspace, server, [reader, operator]) = server(&[]);
    server.get("/metrics").problem(401);
    server.get_with("/metrics", &[("Authorization", &*reader)]).problem(403);
    assert_eq!(ask(&server, &reader, "a").status, 200);
    assert_eq!(ask(&server, &reader, "b").status, 200);
    let headers = [("Authorization", &*operator), ("Content-Type", "application/json")];
    let text = "The ferry to Tarbert leaves at half past six in the morning.";
    let documents = json!({"documents": [{"id": "ferry", "text": text}]}).to_string();
    assert_eq!(server.send("POST", "/v1/documents", &headers, documents.as_bytes()).status, 200);

    let scrape = scrape(&server, &operator);
    let requests = |status: &str| {
        count(&scrape, "footnote_requests_total", &[("route", "/v1/ask"), ("method", "POST"), ("status", status)])
    };
    assert_eq!(requests("200"), 2);
    assert_eq!(count(&scrape, "footnote_refusals_total", &[("kind", "no-key")]), 1);
    assert_eq!(count(&scrape, "footnote_refusals_total", &[("kind", "no-scope")]), 1);
    assert_eq!(count(&scrape, "footnote_questions_total", &[("answered", "yes")]), 2);
    assert_eq!(count(&scrape, "footnote_request_duration_seconds_count", &[("route", "/v1/ask")]), 2);
    for stage in ["embed", "search", "cite"] {
        let labels = [("stage", stage)];
        assert!(value(&scrape, "footnote_question_stage_duration_seconds_count", &labels) >= 2.0);
        assert!(value(&scrape, "footnote_question_stage_duration_seconds_sum", &labels) > 0.0);
        let of_stage = |sample: &&prometheus_parse::Sample| {
            sample.metric == "footnote_question_stage_duration_seconds" && sample.labels.get("stage") == Some(stage)
        };
        let Some(Metric::Histogram(ranges)) = scrape.samples.iter().find(of_stage).map(|sample| &sample.value) else {
            panic!("there is no histogram of {stage}: {:?}", scrape.samples)
        };
        assert!(ranges.len() > 10 && ranges.is_sorted_by(|a, b| a.less_than < b.less_than && a.count <= b.count));
        assert!(ranges.last().is_some_and(|last| last.less_than.is_infinite() && last.count >= 2.0), "{ranges:?}");
    }
    assert!(value(&scrape, "footnote_embedded_tokens_total", &[]) > 5.0);
    assert_eq!(count(&scrape, "footnote_documents", &[("collection", "default")]), 2);
    assert!(value(&scrape, "footnote_index_size_bytes", &[("collection", "default"), ("part", "store")]) > 4096.0);
    assert_eq!(count(&scrape, "footnote_jobs", &[("state", "running")]), 0);
    assert_eq!(count(&scrape, "footnote_queue_waiting", &[("queue", "questions")]), 0);
    assert_eq!(count(&scrape, "footnote_ready", &[]), 1);
    assert_eq!(count(&scrape, "footnote_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), 1);
    // No words of anyone, and no ids of documents.
    let shown = format!("{:?}", scrape.samples);
    assert!(!shown.contains("Lindqvist") && !shown.contains("ferry") && !shown.contains("reader"), "{shown}");
}

#[test]
fn a_setting_opens_the_metrics_and_nothing_else() {
    let (_workspace, server, _keys) = server(&[("FOOTNOTE_SERVER_OPEN_METRICS", "true")]);
    assert_eq!(server.get("/metrics").status, 200);
    server.get("/v1/documents").problem(401);
}

#[test]
fn the_dashboard_shows_metrics_that_there_are() {
    let (_workspace, server, [reader, operator]) = server(&[]);
    server.get("/metrics").problem(401);
    assert_eq!(ask(&server, &reader, "a").status, 200);
    let name = |sample: prometheus_parse::Sample| match sample.value {
        Metric::Histogram(_) => format!("{}_bucket", sample.metric),
        _ => sample.metric,
    };
    let known: BTreeSet<String> = scrape(&server, &operator).samples.into_iter().map(name).collect();
    let text = std::fs::read_to_string(project().join("examples/deploy/grafana.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let named: BTreeSet<String> = targets
        .flat_map(|target| {
            let expression = target["expr"].as_str().unwrap().to_owned();
            let words: Vec<String> =
                expression.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect();
            words
        })
        .filter(|word| word.starts_with("footnote_"))
        .collect();
    assert!(named.len() > 8, "{named:?}");
    assert_eq!(named.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The lines of a log in JSON.
fn lines(log: &str) -> Vec<HashMap<String, Value>> {
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn a_log_in_json_has_the_request_s_id_and_the_key_s_name_and_no_question() {
    let variables = [("FOOTNOTE_LOG_FORMAT", "json"), ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info")];
    let (_workspace, server, [reader, _]) = server(&variables);
    let answered = ask(&server, &reader, "checkout-7f.3");
    assert_eq!((answered.status, answered.header("x-request-id")), (200, "checkout-7f.3"));
    let refused = server.get_with("/v1/jobs", &[("Authorization", &*reader), ("X-Request-Id", "not sane")]);
    let problem = refused.problem(403);
    let id = refused.header("x-request-id");
    assert!(id.len() == 32 && problem["request_id"] == id, "{problem}");
    let unknown = server.get("/v1/models");
    assert_eq!((unknown.status, unknown.header("x-request-id").len()), (401, 32));

    let log = server.log();
    assert!(!log.contains(QUESTION) && !log.contains("Lindqvist"), "{log}");
    let lines = lines(&log);
    let of = |id: &str| {
        let fits = |line: &&HashMap<String, Value>| line["message"] == "request" && line["span"]["id"] == id;
        lines.iter().find(fits).unwrap_or_else(|| panic!("no line of {id}:\n{log}"))
    };
    let line = of("checkout-7f.3");
    assert_eq!((&line["route"], &line["status"], &line["method"]), (&json!("/v1/ask"), &json!(200), &json!("POST")));
    assert_eq!(line["span"]["key"], "reader");
    assert_eq!(of(id)["status"], 403);
}

#[test]
fn questions_are_logged_with_the_request_s_id_if_a_setting_says_so() {
    let variables = [
        ("FOOTNOTE_LOG_FORMAT", "json"),
        ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info"),
        ("FOOTNOTE_LOG_QUESTIONS", "true"),
    ];
    let (_workspace, server, [reader, _]) = server(&variables);
    assert_eq!(ask(&server, &reader, "q-1").status, 200);
    let log = server.log();
    let lines = lines(&log);
    let line = lines.iter().find(|line| line["message"] == "question").unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&line["question"], &line["span"]["id"]), (&json!(QUESTION), &json!("q-1")));
    assert!(!log.contains("Lindqvist"));
}
