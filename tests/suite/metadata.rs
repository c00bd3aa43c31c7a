//! Metadata from the command line, from rules for folders, and from the fields of JSON files.

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Server, Workspace};

/// A workspace with these files in the folder `news`.
fn workspace(settings: &str, files: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("news")).unwrap();
    workspace.write("config.toml", settings);
    for (name, text) in files {
        workspace.write(&format!("news/{name}"), text);
    }
    workspace
}

/// The outcomes of an ingest of `news`, sorted.
fn ingest(workspace: &Workspace, arguments: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let output = workspace.run_with(&[&["ingest", "--json", "news"], arguments].concat(), variables);
    let outcome = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        format!("{} {}", line["status"].as_str().unwrap(), line["title"].as_str().unwrap())
    };
    let mut outcomes: Vec<String> = output.stdout.lines().map(outcome).collect();
    outcomes.sort();
    outcomes
}

/// The stored document with this title.
fn document(workspace: &Workspace, title: &str) -> Value {
    let output = workspace.run(&["ls", "--format", "ndjson"]);
    let documents = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    documents.into_iter().find(|document| document["title"] == title).unwrap_or_default()
}

const OWN: &str = "---\nsource: Own\ntags: [own]\n---\nPears are ripe.";

#[test]
fn the_command_line_wins_over_a_file_and_a_file_over_rules() {
    let rule =
        "[[ingest.rules]]\npath = \"news/**\"\nsource = \"Rule\"\ntags = [\"rule\"]\nmetadata = { desk = \"a\" }\n";
    let workspace = workspace(rule, &[("own.md", OWN), ("plain.txt", "Plums are ripe.")]);
    assert_eq!(ingest(&workspace, &[], &[]), ["added own", "added plain"]);
    let (own, plain) = (document(&workspace, "own"), document(&workspace, "plain"));
    assert_eq!((&own["source"], &own["tags"]), (&json!("Own"), &json!(["own", "rule"])), "{own}");
    assert_eq!((&plain["source"], &plain["metadata"]["desk"]), (&json!("Rule"), &json!("a")), "{plain}");
    assert_eq!(ingest(&workspace, &[], &[]), ["unchanged own", "unchanged plain"]);

    // A changed rule reads the files again; documents that come out the same are not stored again.
    workspace.write("config.toml", rule.replace("Rule", "Other rule"));
    assert_eq!(ingest(&workspace, &[], &[]), ["unchanged own", "updated plain"]);

    let given =
        ["--meta", "source=Given", "--meta", "tags=given", "--meta", "desk=b", "--meta", "published=2026年1月31日"];
    assert_eq!(ingest(&workspace, &given, &[]), ["updated own", "updated plain"]);
    let own = document(&workspace, "own");
    assert_eq!((&own["source"], &own["published"]), (&json!("Given"), &json!("2026-01-31")), "{own}");
    assert_eq!((&own["tags"], &own["metadata"]["desk"]), (&json!(["own", "rule", "given"]), &json!("b")), "{own}");
    assert_eq!(ingest(&workspace, &given, &[]), ["unchanged own", "unchanged plain"]);
}

#[test]
fn metadata_are_the_same_through_a_server() {
    let workspace = workspace("", &[("own.md", OWN)]);
    let server = Server::over(&workspace, ANY_PORT, &[]);
    let listen = [("FOOTNOTE_SERVER_LISTEN", server.address())];
    assert_eq!(ingest(&workspace, &["--meta", "source=Given", "--meta", "n=3"], &listen), ["added own"]);
    let stored = document(&workspace, "own");
    assert_eq!((&stored["source"], &stored["metadata"]["n"]), (&json!("Given"), &json!(3)), "{stored}");
}

#[test]
fn uploads_are_matched_by_their_names() {
    let rule = "[[ingest.rules]]\npath = \"*.txt\"\nsource = \"Rule\"\n";
    let workspace = workspace(rule, &[]);
    let server = Server::over(&workspace, ANY_PORT, &[]);
    let uploaded = server.upload("/v1/documents", &[("plums.txt", b"Plums are ripe.")]);
    assert_eq!(uploaded.status, 200, "{}", uploaded.text);
    assert_eq!(document(&workspace, "plums")["source"], "Rule");
}

#[test]
fn metadata_that_cannot_be_meant_are_refused_before_anything_is_read() {
    let workspace = workspace("", &[("own.md", OWN)]);
    for (pair, reason) in
        [("source", "not a key and a value"), ("id=a", "several documents"), ("date=3/4/2026", "date")]
    {
        let output = workspace.run(&["ingest", "news", "--meta", pair]);
        assert!(output.code == 2 && output.stderr.contains(reason), "{pair}: {output:?}");
    }
    assert_eq!(document(&workspace, "own"), Value::Null);
}

#[test]
fn the_fields_of_json_files_can_be_named() {
    let file = r#"{"story": "Pears are ripe in the valley.", "kicker": "Fruit", "text": "Click here to subscribe."}"#;
    let settings = "[ingest.json]\ntext = [\"/story\"]\ntitle = [\"kicker\"]\n";
    let workspace = workspace(settings, &[("a.json", file)]);
    assert_eq!(ingest(&workspace, &[], &[]), ["added Fruit"]);
    let asked = workspace.run(&["ask", "What is ripe in the valley?"]);
    assert!(asked.stdout.contains("Pears are ripe") && !asked.stdout.contains("subscribe"), "{asked:?}");
}
