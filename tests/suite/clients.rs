//! Unchanged clients of other projects against the real server.

use std::process::Command;

use footnote::internals::keys::NewKey;

use crate::harness::{ANY_PORT, Reply, Server, Workspace, client_modules, client_python, project};

const FED: &str = "市場展望\n通膨持續降溫。陸以寧預期聯準會2026年將降息三次。美元因此走弱。";
const BREAD: &str = "這家店的麵包很香，每天早上七點出爐。";

/// A server that asks for a key, and the key.
fn server_with_a_key() -> (Server, String) {
    let NewKey { key, entry } = NewKey::generate("client").unwrap();
    let server = Server::start_with(&format!("[server]\nkeys = [\"{entry}\"]\n"), &[]);
    let authorization = format!("Bearer {key}");
    let documents = serde_json::json!({"documents": [{"id": "fed", "text": FED}, {"id": "bread", "text": BREAD}]});
    let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
    let Reply { status, text, .. } = server.send("POST", "/v1/documents", &headers, documents.to_string().as_bytes());
    assert_eq!(status, 200, "{text}");
    (server, key)
}

fn run(command: &mut Command, server: &Server) {
    for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", server.log());
    print!("{said}");
}

#[test]
fn the_official_openai_client_and_langchain_find_all_as_they_expect() {
    let Some(python) = client_python() else { return };
    let (server, key) = server_with_a_key();
    let script = project().join("tests/clients/openai_client.py");
    run(Command::new(python).arg(script).args([&server.url, &key]), &server);
}

#[test]
fn the_official_ollama_client_and_llamaindex_find_all_as_they_expect() {
    let Some(python) = client_python() else { return };
    let (server, key) = server_with_a_key();
    let script = project().join("tests/clients/ollama_client.py");
    run(Command::new(python).arg(script).args([&server.url, &key]), &server);
}

#[test]
fn the_official_cohere_client_ranks_texts() {
    let Some(python) = client_python() else { return };
    let (server, key) = server_with_a_key();
    let script = project().join("tests/clients/rerank_client.py");
    run(Command::new(python).arg(script).args([&server.url, &key]), &server);
}

#[test]
fn librechat_s_requests_are_answered_as_by_its_own_retrieval_service() {
    let Some(python) = client_python() else { return };
    let workspace = Workspace::new();
    let settings =
        [("FOOTNOTE_SERVER_LIBRECHAT_SECRET_ENV", "LIBRECHAT_JWT_SECRET"), ("LIBRECHAT_JWT_SECRET", "s3cret")];
    let server = Server::over(&workspace, ANY_PORT, &settings);
    let script = project().join("tests/clients/librechat_client.py");
    run(Command::new(python).arg(script).args([&server.url, "s3cret"]), &server);
}

#[test]
fn prometheus_s_own_parser_reads_the_metrics() {
    let Some(python) = client_python() else { return };
    let server = Server::start(&[("fed", FED)]);
    assert_eq!(server.post("/v1/ask", &serde_json::json!({"question": "誰預期降息?"})).status, 200);
    run(Command::new(python).arg(project().join("tests/clients/metrics_client.py")).arg(&server.url), &server);
}

#[cfg(unix)]
#[test]
fn the_official_javascript_client_and_the_ai_sdk_find_all_as_they_expect() {
    let Some(modules) = client_modules() else { return };
    let (server, key) = server_with_a_key();
    // Node looks for packages beside the script.
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
    let script = folder.path().join("openai_client.mjs");
    std::fs::copy(project().join("tests/clients/openai_client.mjs"), &script).unwrap();
    run(Command::new("node").arg(script).args([&server.url, &key]), &server);
}

/// Every check that schemathesis has, over requests that fit the description and requests that do not: no response
/// breaks the description, and the server never fails.
#[test]
fn the_description_holds_under_schemathesis() {
    let Some(python) = client_python() else { return };
    let (server, key) = server_with_a_key();
    let config = project().join("tests/clients/schemathesis.toml");
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command.arg("--config-file").arg(config).args(["run", &format!("{}/openapi.json", server.url)]);
    command.args(["--header", &format!("Authorization: Bearer {key}"), "--checks", "all", "--max-examples", "20"]);
    command.args(["--phases", "examples,coverage,fuzzing", "--workers", "1", "--seed", "1", "--no-color"]);
    // It keeps what it found where it is started.
    let folder = tempfile::tempdir().unwrap();
    run(command.current_dir(folder.path()), &server);
}
