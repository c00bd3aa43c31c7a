//! The MCP server with the real program and model: raw messages over standard input and output and over HTTP, and the
//! official Python client.

mod http;
mod stdio;

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Server, Workspace, client_python, project};

const FED: &str = "全球市場展望\n通膨持續降溫，勞動市場放緩。高盛預期聯準會將在2026年降息兩次。美元指數因此走弱。\n";
const BREAD: &str =
    "# Bread\n\nMix flour, water, salt and yeast. Let the dough rise for an hour, then bake it at 230 °C.\n";
const QUESTION: &str = "who expects the Fed to cut in 2026";

/// A workspace with a few documents in `default` and one in the collection `kitchen`.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    let put = |arguments: &[&str], text: &str| {
        let output = workspace.run_with_input(&[&["ingest", "-"], arguments].concat(), text.as_bytes());
        assert_eq!(output.code, 0, "{output:?}");
    };
    put(&["--id", "https://example.com/fed?y=2026", "--title", "Outlook", "--source", "Desk"], FED);
    put(&["--id", "cats", "--title", "猫"], "猫は一日に十五時間ほど眠ります。水はいつも新しいものにしてください。\n");
    put(&["-c", "kitchen", "--id", "bread/1", "--title", "Bread"], BREAD);
    workspace
}

/// What a client says first.
fn introduction() -> Value {
    json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
}

/// What a tool gave, which is the same in both forms.
#[track_caller]
fn structured(result: &Value) -> Value {
    assert_eq!(result["isError"], false, "{result}");
    let content = result["content"].as_array().unwrap();
    let text = content.last().unwrap()["text"].as_str().unwrap();
    let structured = &result["structuredContent"];
    assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), structured, "both forms say the same");
    structured.clone()
}

#[test]
fn the_official_python_client_works() {
    let Some(python) = client_python() else { return };
    let workspace = workspace();
    let server = Server::start(&[("fed", FED), ("bread", BREAD)]);
    let mut command = Command::new(python);
    command.arg(project().join("tests/clients/mcp_client.py")).arg(env!("CARGO_BIN_EXE_footnote")).arg(&server.url);
    // What the script finds of our variables it hands on to the program.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("FOOTNOTE_") {
            command.env_remove(name);
        }
    }
    command.env("FOOTNOTE_INDEX_DIR", workspace.folder().join("index"));
    command.env("FOOTNOTE_MODEL_DIR", project().join("models")).current_dir(workspace.folder());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", server.log());
    print!("{said}");
}
