//! Every way to ask: streams, adapters, MCP, the command line, beside a server, and the page.

use serde_json::{Value, json};

use super::{CATS, FED, FERRY, server};
use crate::harness::{ANY_PORT, Browser, Server, Workspace};

const QUESTION: &str = "When does the ferry sail?";

#[test]
fn a_stream_and_the_formats_of_other_assistants_name_the_collection() {
    let server = server();
    let asked = json!({"question": QUESTION, "collections": ["default", "sea"], "stream": true});
    let stream = server.post("/v1/ask", &asked).text;
    let data = |name: &str| -> Value {
        let event = stream.split("\n\n").find(|event| event.starts_with(&format!("event: {name}\n"))).unwrap();
        serde_json::from_str(event.split_once("data: ").unwrap().1).unwrap()
    };
    assert_eq!(data("passages")["passages"][0]["collection"], "sea");
    assert_eq!(data("citation")["collection"], "sea");
    assert_eq!(data("answer.done")["citations"][0]["collection"], "sea");
    let unknown = json!({"question": QUESTION, "collections": ["sea", "see"], "stream": true});
    server.post("/v1/ask", &unknown).problem(404);

    for format in ["anthropic", "cohere"] {
        let asked = json!({"question": QUESTION, "collections": ["default", "sea"], "format": format});
        let found = server.post("/v1/search", &asked).text;
        assert!(found.contains("/documents/ferry?collection=sea"), "{found}");
    }
}

#[test]
fn the_adapters_take_several_names_where_they_take_one() {
    let server = server();
    let listed = server.get("/v1/models").text;
    assert!(listed.contains("\"footnote/*\""), "{listed}");
    for model in ["footnote/default+sea", "footnote/*"] {
        let chat = json!({"model": model, "messages": [{"role": "user", "content": QUESTION}]});
        let said = server.post("/v1/chat/completions", &chat);
        assert!(said.text.contains("sails at noon") && said.text.contains("collection=sea"), "{}", said.text);
    }
    let tools = json!([{"type": "file_search", "vector_store_ids": ["default", "sea"]}]);
    let response = json!({"model": "footnote", "input": QUESTION, "tools": tools,
        "include": ["file_search_call.results"]});
    let response = server.post("/v1/responses", &response);
    assert!(response.text.contains("\"vector_store_id\":\"sea\""), "{}", response.text);
    let differing = json!({"model": "footnote/pets", "input": QUESTION, "tools": tools});
    assert_eq!(server.post("/v1/responses", &differing).status, 400);
    let found = server.post("/v1/vector_stores/default+sea/search", &json!({"query": QUESTION})).json();
    assert_eq!(
        (&found["data"][0]["file_id"], &found["data"][0]["attributes"]["collection"]),
        (&json!("ferry"), &json!("sea"))
    );
    let setting = json!({"top_k": 3, "score_threshold": 0});
    let dify = json!({"knowledge_id": "*", "query": QUESTION, "retrieval_setting": setting});
    let dify = server.post("/retrieval", &dify).json();
    assert_eq!(dify["records"][0]["metadata"]["collection"], "sea", "{dify}");
}

#[test]
fn the_tools_of_mcp_ask_several_collections_and_their_ids_can_be_fetched() {
    let server = server();
    let call = |name: &str, arguments: Value| -> Value {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": name, "arguments": arguments}});
        let reply = server.post("/mcp", &request).text;
        let data = reply.lines().find_map(|line| line.strip_prefix("data: ")).filter(|data| data.contains("jsonrpc"));
        serde_json::from_str::<Value>(data.unwrap_or(&reply)).unwrap()["result"].clone()
    };
    let answer = call("ask", json!({"question": QUESTION, "collections": ["*"]}));
    let first = &answer["structuredContent"]["citations"][0]["document"];
    assert_eq!((&first["id"], &first["collection"]), (&json!("footnote://sea/ferry"), &json!("sea")), "{answer}");
    assert_eq!(call("fetch", json!({"id": first["id"]}))["structuredContent"]["text"], FERRY);
    let found = call("search", json!({"query": "rates", "collections": ["sea", "default"]}));
    let ids: Vec<&Value> =
        found["structuredContent"]["results"].as_array().unwrap().iter().map(|hit| &hit["id"]).collect();
    assert!(ids.contains(&&json!("fed")), "documents of the configured collection have bare ids: {ids:?}");
    let refused = call("ask", json!({"question": QUESTION, "collections": ["sea", "see"]}));
    assert!(refused["isError"] == true && refused.to_string().contains("`see`"), "{refused}");
}

/// A workspace with the collections `default`, `sea` and `pets`.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (collection, id, text) in [("default", "fed", FED), ("sea", "ferry", FERRY), ("pets", "cats", CATS)] {
        let ingested = workspace.run_with_input(&["-c", collection, "ingest", "-", "--id", id], text.as_bytes());
        assert_eq!(ingested.code, 0, "{ingested:?}");
    }
    workspace
}

#[test]
fn the_command_line_asks_several_collections_or_all() {
    let workspace = workspace();
    for several in [&["-c", "default", "-c", "sea"][..], &["-c", "default,sea"], &["--all-collections"]] {
        for command in ["ask", "search"] {
            let output = workspace.run(&[&[command], several, &[QUESTION]].concat());
            let shown = output.stdout.replace('\n', " ");
            assert!(output.code == 0 && shown.contains("collection sea"), "{several:?}: {output:?}");
        }
        let output = workspace.run(&[&["ask", "--format", "md"], several, &[QUESTION]].concat());
        assert!(output.stdout.contains("collection sea"), "{output:?}");
        let output = workspace.run(&[&["ask", "--json"], several, &[QUESTION]].concat());
        let answer: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(answer["citations"][0]["collection"], "sea");
    }
    let explained = workspace.run(&["search", "--explain", "-c", "default,sea", QUESTION]);
    assert!(explained.stdout.contains("sea/ferry"), "{explained:?}");
    let one = workspace.run(&["ask", "-c", "sea", QUESTION]);
    assert!(one.code == 0 && !one.stdout.contains("collection"), "{one:?}");

    let misspelt = workspace.run(&["ask", "-c", "default,see", QUESTION]);
    assert!(
        misspelt.code == 2 && misspelt.stderr.contains("`see`") && misspelt.stderr.contains("hint"),
        "{misspelt:?}"
    );
    let both = workspace.run(&["ask", "-c", "sea", "--all-collections", QUESTION]);
    assert!(both.code == 2 && both.stderr.contains("--all-collections"), "{both:?}");
    let limited = workspace.run(&["search", "-c", "default,sea", "--source", "Nobody", QUESTION]);
    assert!(limited.code == 1 && limited.stderr.contains("no document has a source"), "{limited:?}");
    for command in ["ls", "status", "doctor", "check"] {
        let refused = workspace.run(&["-c", "default,sea", command]);
        assert!(refused.code == 2 && refused.stderr.contains("takes one"), "{command}: {refused:?}");
    }
}

#[test]
fn a_server_answers_a_question_to_several_collections_as_this_process_does() {
    let workspace = workspace();
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    let server = [("FOOTNOTE_SERVER_LISTEN", serving.address()), ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info")];
    for several in [&["-c", "default,sea"][..], &["--all-collections"]] {
        for format in ["cli", "md"] {
            let arguments = [&["ask", "--format", format], several, &[QUESTION]].concat();
            let served = workspace.run_with(&arguments, &server);
            assert!(served.stderr.contains("asking the server at"), "{served:?}");
            assert!(!served.stderr.contains("doing it here"), "{served:?}");
            let here = workspace.run(&[arguments.as_slice(), &["--no-server"]].concat());
            assert_eq!((served.code, served.stdout), (here.code, here.stdout), "{arguments:?}");
        }
    }
}

#[test]
fn the_page_asks_all_collections_or_some_and_opens_what_they_cite() {
    let Some(browser) = Browser::start() else { return };
    let server = server();
    browser.open(&server.url);
    browser.wait_for("!document.querySelector('#picker').hidden");
    browser.run(
        "const picker = document.querySelector('#collection'); picker.value = '*'; \
                 picker.dispatchEvent(new Event('change'))",
        &json!([]),
    );
    browser.type_into("#question", &format!("{QUESTION}{}", crate::harness::ENTER));
    browser.wait_for("document.querySelector('.note .facts')");
    assert!(browser.text("document.querySelector('.note').innerText").contains("Collection sea"));
    browser.click("a.mark");
    browser.wait_for("document.querySelector('.panel mark, .text mark')");
    assert!(browser.text("location.search").contains("collection=sea"));
    assert_eq!(browser.text("document.querySelector('#collection').value"), "*", "the choice stays");

    // Some of them are chosen in a dialog.
    browser.run(
        "const picker = document.querySelector('#collection'); picker.value = '?'; \
                 picker.dispatchEvent(new Event('change'))",
        &json!([]),
    );
    browser.wait_for("document.querySelector('dialog .tick')");
    browser.run(
        "for (const tick of document.querySelectorAll('dialog .tick input')) \
                 tick.checked = ['pets', 'sea'].includes(tick.value)",
        &json!([]),
    );
    browser.click("dialog menu button");
    browser.wait_for("document.querySelector('#collection').value.includes(',')");
    let chosen = browser.text("document.querySelector('#collection').value");
    assert!(chosen == "pets,sea" || chosen == "sea,pets", "{chosen}");
    browser.wait_for("location.search.includes('pets')");
}
