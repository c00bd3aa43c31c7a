//! One of several collections cannot be read: the error names it, and the others can be asked without it.

use serde_json::json;

use super::{CATS, FED, FERRY};
use crate::harness::{ANY_PORT, Server, Workspace, model_dir};

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (collection, text) in [("default", FED), ("sea", FERRY), ("pets", CATS)] {
        let ingested = workspace.run_with_input(&["-c", collection, "ingest", "-"], text.as_bytes());
        assert_eq!(ingested.code, 0, "{ingested:?}");
    }
    workspace
}

#[test]
fn a_damaged_collection_is_named_and_hides_nothing() {
    let workspace = workspace();
    let store = workspace.folder().join("index/sea/store.db");
    let length = std::fs::metadata(&store).unwrap().len() as usize;
    std::fs::write(&store, vec![0x5a; length]).unwrap();
    for several in [&["-c", "default,sea"][..], &["--all-collections"]] {
        let refused = workspace.run(&[&["ask"], several, &["Who expects the Fed to cut rates?"]].concat());
        assert!(refused.code == 4 && refused.stderr.contains("collection `sea`"), "{refused:?}");
        assert!(refused.stderr.contains("without `sea`"), "{refused:?}");
    }
    let others = workspace.run(&["ask", "-c", "default,pets", "Who expects the Fed to cut rates?"]);
    assert!(others.code == 0 && others.stdout.contains("Lindqvist"), "{others:?}");

    let server = Server::over(&workspace, ANY_PORT, &[]);
    let problem = server.post("/v1/ask", &json!({"question": "who?", "collections": ["*"]})).problem(500);
    assert!(problem["detail"].as_str().unwrap().starts_with("collection `sea`: "), "{problem}");
    assert!(!problem.to_string().contains("store.db"), "{problem}");
}

#[test]
fn a_collection_of_another_model_is_named() {
    let workspace = workspace();
    let settings = format!(
        "[model]\npath = {:?}\nquery_prefix = \"query: \"\npassage_prefix = \"text: \"\n",
        model_dir().join("footnote-e5-small")
    );
    let config = workspace.write("other.toml", settings);
    let again = workspace.run(&["-c", "sea", "reindex", "--config", config.to_str().unwrap()]);
    assert_eq!(again.code, 0, "{again:?}");
    let refused = workspace.run(&["ask", "-c", "default,sea", "When does the ferry sail?"]);
    assert!(refused.code == 4 && refused.stderr.contains("collection `sea`"), "{refused:?}");
    assert!(refused.stderr.contains("footnote reindex"), "{refused:?}");
}
