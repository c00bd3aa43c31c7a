//! Clients with a key do not learn where the server's files lie, by any interface.

use serde_json::{Value, json};

use crate::harness::{ANY_PORT, Server, Workspace, exclusive_address};

const FOLDER: &str = "quarterly-board-papers";
const TEXT: &str = "# Ferry timetable\n\nThe ferry leaves the harbour of Port Ellen at half past six in the morning.\n";

/// A workspace with a file in a folder whose name nobody else should learn, and two copies of its text.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join(FOLDER)).unwrap();
    for name in ["ferry.md", "copy.md"] {
        workspace.write(&format!("{FOLDER}/{name}"), TEXT);
    }
    workspace.write(&format!("{FOLDER}/cells.csv"), "port,hour\nPort Ellen,6\nTarbert,7\n");
    let ingested = workspace.run(&["ingest", FOLDER]);
    assert_eq!(ingested.code, 0, "{ingested:?}");
    workspace
}

/// Everything that a client can learn with this header, each with how it was asked for.
fn everything(server: &Server, key: &str) -> Vec<(String, String)> {
    let get = |path: &str| server.get_with(path, &[("Authorization", key)]).text;
    let post = |path: &str, body: &Value| {
        let headers = [("Authorization", key), ("Content-Type", "application/json")];
        server.send("POST", path, &headers, body.to_string().as_bytes()).text
    };
    let question = "when does the ferry leave the harbour?";
    let ask = |more: Value| {
        let mut body = json!({"question": question});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let chat = |model: &str| json!({"model": model, "messages": [{"role": "user", "content": question}]});
    let mut found = Vec::new();
    let list = get("/v1/documents");
    let ids: Vec<String> = serde_json::from_str::<Value>(&list).unwrap()["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 3, "{list}");
    found.push(("list".to_owned(), list));
    for id in &ids {
        for path in [
            format!("/v1/documents/{id}"),
            format!("/v1/documents/{id}/place"),
            format!("/v1/documents/{id}/place?bytes=0-5"),
            format!("/v1/documents/{id}/sheet"),
            format!("/v1/documents/{id}/pages/1.png"),
            format!("/v1/vector_stores/default/files/{id}"),
            format!("/v1/vector_stores/default/files/{id}/content"),
            format!("/documents/{id}/context"),
            format!("/documents?ids={id}"),
        ] {
            found.push((path.clone(), get(&path)));
        }
    }
    for path in [
        "/v1/jobs",
        "/v1/collections",
        "/v1/models",
        "/v1/vector_stores",
        "/v1/vector_stores/default/files",
        "/api/tags",
        "/ids",
        "/healthz",
        "/readyz",
    ] {
        found.push((path.to_owned(), get(path)));
    }
    let mcp =
        |method: &str, parameters: Value| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
    let tool = |name: &str, arguments: Value| mcp("tools/call", json!({"name": name, "arguments": arguments}));
    for (path, body) in [
        ("/v1/ask", ask(json!({}))),
        ("/v1/ask", ask(json!({"mode": "passages"}))),
        ("/v1/ask", ask(json!({"stream": true}))),
        ("/v1/search", ask(json!({}))),
        ("/v1/search", ask(json!({"format": "anthropic"}))),
        ("/v1/search", ask(json!({"format": "cohere"}))),
        ("/v1/check", json!({"text": "The ferry leaves the harbour of Port Ellen at half past six."})),
        ("/v1/chat/completions", chat("footnote")),
        ("/v1/chat/completions", chat("footnote:passages")),
        (
            "/v1/responses",
            json!({"model": "footnote", "input": question, "tools": [{"type": "file_search"}],
            "include": ["file_search_call.results"]}),
        ),
        ("/v1/vector_stores/default/search", json!({"query": question})),
        ("/api/chat", chat("footnote")),
        ("/api/generate", json!({"model": "footnote", "prompt": question})),
        (
            "/retrieval",
            json!({"knowledge_id": "default", "query": question,
            "retrieval_setting": {"top_k": 3, "score_threshold": 0}}),
        ),
        ("/query_multiple", json!({"query": question, "file_ids": ids})),
        ("/query", json!({"query": question, "file_id": ids[0]})),
        ("/mcp", tool("ask", json!({"question": question}))),
        ("/mcp", tool("search", json!({"query": question}))),
        ("/mcp", tool("fetch", json!({"id": ids[0]}))),
        ("/mcp", tool("list_documents", json!({}))),
        ("/mcp", tool("check", json!({"text": "The ferry leaves at half past six."}))),
        ("/mcp", mcp("resources/list", json!({}))),
        ("/v1/documents", json!({"collection": "no-such", "documents": [{"text": "x"}]})),
    ] {
        found.push((format!("{path} {body}"), post(path, &body)));
    }
    found
}

fn get_id(server: &Server, key: &str) -> String {
    let listed = server.get_with("/v1/documents?q=ferry", &[("Authorization", key)]).json();
    listed["documents"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_learns_the_titles_and_links_of_documents_and_no_path_of_the_server() {
    let workspace = workspace();
    let key = workspace.run(&["keys", "new", "reader", "--scope", "admin"]);
    let key = format!("Bearer {}", key.stdout.trim());
    let folder = workspace.folder().canonicalize().unwrap();
    let paths = [FOLDER, folder.to_str().unwrap()];
    {
        let server = Server::over(&workspace, ANY_PORT, &[]);
        let mut with_title = 0;
        for (asked, learnt) in everything(&server, &key) {
            for path in paths {
                assert!(!learnt.contains(path), "{asked} tells {path}: {learnt}");
            }
            with_title += usize::from(learnt.contains("Ferry timetable"));
        }
        assert!(with_title > 20, "only {with_title} of the responses are about the document");

        // Nor by naming files as those to check against, or as sources in the text.
        let headers = [("Authorization", &*key), ("Content-Type", "application/json")];
        let checked = |body: Value| server.send("POST", "/v1/check", &headers, body.to_string().as_bytes());
        let sentence = "The ferry leaves the harbour of Port Ellen at half past six in the morning";
        let path = folder.join(FOLDER).join("ferry.md");
        let path = path.to_str().unwrap();
        let guesses =
            [path.to_owned(), format!("file://{path}"), format!("FILE://{path}"), format!("{FOLDER}/ferry.md")];
        for guess in guesses {
            let named = checked(json!({"text": sentence, "documents": [guess]}));
            assert_eq!(named.status, 404, "{guess}: {}", named.text);
            let arguments = json!({"text": sentence, "documents": [guess]});
            let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "check", "arguments": arguments}});
            let named = server.send("POST", "/mcp", &headers, call.to_string().as_bytes());
            assert!(!named.text.contains("verdict"), "{guess}: {}", named.text);
            let cited = checked(json!({"text": format!("{sentence} [1].\n\n[1]: {guess}\n")}));
            let documents = &cited.json()["sentences"][0]["cited"][0]["documents"];
            assert!(documents.is_null() || *documents == json!([]), "{guess}: {}", cited.text);
        }
        let id = get_id(&server, &key);
        assert_eq!(checked(json!({"text": sentence, "documents": [id]})).status, 200);
        let cited = checked(json!({"text": format!("{sentence} [1].\n\n[1]: {id}\n")})).json();
        assert_eq!(cited["sentences"][0]["cited"][0]["documents"], json!([id]), "an id is found: {cited}");

        // Nor by comparing.
        let get = |path: &str| server.get_with(path, &[("Authorization", &*key)]).json();
        assert_eq!(get(&format!("/v1/documents?q={FOLDER}"))["total"], 0);
        assert_eq!(get("/v1/documents?q=ferry")["total"], 2, "titles are found");
        for (filter, count) in [
            (json!({"uri": {"gte": "file:"}}), 0),
            (json!({"uri": {"exists": true}}), 0),
            (json!({"title": {"exists": true}}), 1),
        ] {
            let body = json!({"question": "when does the ferry leave?", "filter": filter}).to_string();
            let found = server.send("POST", "/v1/search", &headers, body.as_bytes());
            let passages = found.json()["passages"].as_array().map_or(0, Vec::len);
            assert_eq!(passages.min(1), count, "{filter}: {}", found.text);
        }
    }
    let server = Server::over(&workspace, ANY_PORT, &[("FOOTNOTE_SERVER_SHOW_PATHS", "true")]);
    let shown = everything(&server, &key);
    assert!(shown.iter().filter(|(_, learnt)| learnt.contains(FOLDER)).count() > 5, "the setting shows them");
}

#[test]
fn programs_on_a_server_s_own_machine_and_its_user_s_command_line_see_paths() {
    let workspace = workspace();
    let server = Server::over(&workspace, &exclusive_address(), &[]);
    assert!(server.get("/v1/documents").text.contains(FOLDER));
    let path = workspace.folder().canonicalize().unwrap().join(FOLDER).join("ferry.md");
    let body = json!({"text": "The ferry leaves at half past six.", "documents": [path]});
    assert_eq!(server.post("/v1/check", &body).status, 200, "it may name files");
    assert_eq!(workspace.run(&["keys", "new", "reader"]).code, 0);
    let variables = [("FOOTNOTE_SERVER_LISTEN", server.address()), ("FOOTNOTE_LOG_LEVEL", "footnote=info")];
    let asked = workspace.run_with(&["ask", "when does the ferry leave the harbour?"], &variables);
    assert!(asked.stdout.contains(FOLDER), "{asked:?}");
    assert!(!asked.stderr.contains("doing it here"), "{asked:?}");
}
