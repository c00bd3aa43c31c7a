//! `footnote export` and `import`: documents as JSON lines, out of one index and into another.

use serde_json::Value;

use crate::harness::{Server, Workspace, exclusive_address, project};

const QUESTIONS: [&str; 4] = [
    "who expects the Fed to cut in 2026",
    "誰預期降息?",
    "when does the ferry to Tarbert leave?",
    "how is bread baked?",
];

/// A workspace with the example articles, a sheet with places, and a document with metadata.
fn filled() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("ferries.csv", "port,leaves at\nPort Ellen,six\nTarbert,half past six\nKennacraig,noon\n");
    let corpus = project().join("examples/corpus");
    let ingested = workspace.run(&["ingest", corpus.to_str().unwrap(), "ferries.csv"]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let text = "Bread is baked at 230 °C, after the dough has risen for an hour.";
    let options = ["--id", "bread", "--title", "Bread", "--uri", "https://example.org/bread", "--tag", "kitchen"];
    let added = workspace.run_with_input(&[&["ingest", "-"], &options[..]].concat(), text.as_bytes());
    assert_eq!(added.code, 0, "{added:?}");
    workspace
}

/// An answer without what is not of the documents.
fn answer(workspace: &Workspace, question: &str) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !matches!(name.as_str(), "took_ms" | "passage_id"));
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let asked = workspace.run(&["ask", "--json", "--no-server", question]);
    let mut answer = serde_json::from_str(&asked.stdout).unwrap_or_else(|error| panic!("{error}: {asked:?}"));
    strip(&mut answer);
    answer
}

fn listed(workspace: &Workspace) -> Vec<Value> {
    let listed = workspace.run(&["ls", "--format", "ndjson"]).stdout;
    let mut documents: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    documents.iter_mut().for_each(|document| {
        document.as_object_mut().unwrap().remove("ingested");
    });
    documents
}

#[test]
fn an_export_that_is_imported_into_an_empty_index_gives_the_same_answers() {
    let from = filled();
    let exported = from.run(&["export"]);
    assert_eq!(exported.code, 0, "{exported:?}");
    let lines: Vec<Value> = exported.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["format"], "footnote-export");
    assert_eq!(lines.last().unwrap()["documents"], lines.len() - 2);
    assert!(!exported.stdout.contains("vector"), "there are no embeddings");
    let sheet = lines.iter().find(|line| line["format"] == "csv").unwrap();
    assert!(!sheet["layout"]["places"].as_array().unwrap().is_empty(), "{sheet}");

    let to = Workspace::new();
    let imported = to.run_with_input(&["import", "-"], exported.stdout.as_bytes());
    assert_eq!(imported.code, 0, "{imported:?}");
    assert_eq!(listed(&to), listed(&from));
    for question in QUESTIONS {
        assert_eq!(answer(&to, question), answer(&from, question), "{question}");
    }
    assert_eq!(to.run(&["verify"]).code, 0);

    // Again, nothing changes; and the export of the import is the same but for its time.
    let again = to.run_with_input(&["import", "-"], exported.stdout.as_bytes());
    assert!(again.code == 0 && !again.stdout.contains("added  "), "{again:?}");
    let second = to.run(&["export"]).stdout;
    let documents = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(documents(&second), documents(&exported.stdout));
}

#[test]
fn an_import_over_the_index_that_was_exported_changes_nothing_and_an_edited_document_keeps_its_file() {
    let workspace = filled();
    let exported = workspace.run(&["export"]).stdout;
    let same = workspace.run_with_input(&["import", "-"], exported.as_bytes());
    assert!(same.code == 0 && !same.stdout.contains("updated") && !same.stdout.contains("added"), "{same:?}");

    let edited = exported.replace(r#""title":"ferries""#, r#""title":"Sailings""#);
    assert_ne!(edited, exported);
    let updated = workspace.run_with_input(&["import", "-"], edited.as_bytes());
    assert_eq!((updated.code, updated.stdout.matches("updated  ").count()), (0, 1), "{updated:?}");
    // It is still the document of its file, so that one that is removed goes with it.
    assert_eq!(workspace.run(&["get", "ferries.csv"]).code, 0);
    std::fs::remove_file(workspace.folder().join("ferries.csv")).unwrap();
    // A folder without any file might be that of a disk that is not there.
    std::fs::write(workspace.folder().join("notes.txt"), "The pier is closed in winter.").unwrap();
    let pruned = workspace.run(&["ingest", "--prune", "."]);
    assert!(pruned.stdout.contains("Sailings"), "{pruned:?}");
}

#[test]
fn documents_go_from_one_server_to_another_while_both_serve() {
    let (from, to) = (filled(), Workspace::new());
    let _serving = Server::over(&from, &exclusive_address(), &[]);
    assert_eq!(from.run(&["export", "documents.jsonl"]).code, 0);
    let server = Server::over(&to, &exclusive_address(), &[]);
    let variables = [("FOOTNOTE_SERVER_LISTEN", server.address())];
    let file = from.folder().join("documents.jsonl");
    let imported = to.run_with(&["import", file.to_str().unwrap()], &variables);
    assert!(imported.code == 0 && imported.stdout.contains("added"), "{imported:?}");
    let found = server.post("/v1/ask", &serde_json::json!({"question": QUESTIONS[0]})).json();
    assert_eq!(found["answer"]["answerable"], true, "{found}");
    assert_eq!(server.get("/v1/documents").json()["total"], listed(&from).len());

    // The server leaves alone what it has, and stores what was edited.
    let exported = std::fs::read_to_string(&file).unwrap();
    to.write("edited.jsonl", exported.replace(r#""title":"ferries""#, r#""title":"Sailings""#));
    let again = to.run_with(&["import", "edited.jsonl"], &variables);
    assert_eq!((again.code, again.stdout.matches("updated  ").count()), (0, 1), "{again:?}");
    assert!(!again.stdout.contains("added  "), "{again:?}");
}

#[test]
fn a_document_whose_places_are_not_those_of_its_text_is_refused_and_the_others_are_stored() {
    let workspace = Workspace::new();
    let head = r#"{"format":"footnote-export","version":1,"collection":"c","made":"2026-01-01T00:00:00Z"}"#;
    let document = |id: &str, start: usize, end: usize| {
        let rows = format!(r#"[{{"span":{{"start":{start},"end":{end}}},"header":null}}]"#);
        format!(
            r#"{{"id":"{id}","title":"t","format":"csv","text":"Port: Tarbert; Hour: 6",
            "layout":{{"reader":"","headings":[],"pages":[],"places":[],"rows":{rows}}}}}"#
        )
        .replace('\n', "")
    };
    let wrong = [document("a", 90, 99), document("b", 20, 3), document("c", 0, 22)].join("\n");
    let export = format!("{head}\n{wrong}\n{{\"documents\":3}}\n");
    let imported = workspace.run_with_input(&["import", "-"], export.as_bytes());
    assert!(imported.code == 5 && imported.stdout.contains("not those of its text"), "{imported:?}");
    assert_eq!(listed(&workspace).len(), 1);
}

#[test]
fn an_export_that_is_cut_off_or_of_something_else_is_refused() {
    let from = filled();
    let exported = from.run(&["export"]).stdout;
    let cut: String = exported.split_inclusive('\n').take(4).collect();
    let to = Workspace::new();
    let refused = to.run_with_input(&["import", "-"], cut.as_bytes());
    assert!(refused.code == 2 && refused.stderr.contains("cut off behind line 4"), "{refused:?}");
    assert_eq!(listed(&to).len(), 3, "what came before is stored");
    for (text, said) in [
        ("{\"title\": \"a record\"}\n", "line 1"),
        ("plain text\n", "line 1"),
        ("", "does not begin"),
        ("{\"format\":\"footnote-export\",\"version\":99,\"collection\":\"c\",\"made\":\"\"}\n", "version 99"),
    ] {
        let other = Workspace::new();
        let refused = other.run_with_input(&["import", "-"], text.as_bytes());
        assert!(refused.code == 2 && refused.stderr.contains(said), "{text}: {refused:?}");
        assert!(!other.folder().join("index").exists());
    }
}
