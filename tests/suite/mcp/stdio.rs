//! Raw messages over standard input and output.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::{BREAD, FED, QUESTION, introduction, structured, workspace};
use crate::harness::Workspace;

/// A `footnote mcp` and its ends of the pipes.
struct Client {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    id: u64,
}

impl Client {
    fn start(workspace: &Workspace, arguments: &[&str]) -> Self {
        let mut command = workspace.command(&[&["mcp"], arguments].concat());
        let log = std::fs::File::create(workspace.folder().join("log")).unwrap();
        let mut process = command.stdin(Stdio::piped()).stderr(log).spawn().unwrap();
        let (input, output) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, input, output, id: 0 }
    }

    /// One that has introduced itself.
    fn introduced(workspace: &Workspace, arguments: &[&str]) -> Self {
        let mut client = Self::start(workspace, arguments);
        let result = client.ok("initialize", &introduction());
        assert_eq!(result["protocolVersion"], "2025-11-25");
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        client
    }

    fn send(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?} is no message"))
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.id += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}).to_string());
        let reply = self.receive();
        assert_eq!((&reply["jsonrpc"], &reply["id"]), (&json!("2.0"), &json!(self.id)), "{reply}");
        reply
    }

    fn ok(&mut self, method: &str, params: &Value) -> Value {
        let reply = self.request(method, params);
        assert!(reply.get("error").is_none(), "{reply}");
        reply["result"].clone()
    }

    /// What a tool gives, which is the same in both forms.
    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.ok("tools/call", &json!({"name": tool, "arguments": arguments}));
        structured(&result)
    }

    /// What a tool that cannot do it says.
    fn refused(&mut self, tool: &str, arguments: &Value) -> String {
        let result = self.ok("tools/call", &json!({"name": tool, "arguments": arguments}));
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Closes its input, and gives what it still wrote and how it ended.
    fn close(mut self) -> (String, i32) {
        drop(self.input.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (rest, self.process.wait().unwrap().code().unwrap_or(-1))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_client_learns_what_the_server_is_and_what_its_tools_take_and_give() {
    let workspace = Workspace::new();
    let mut client = Client::start(&workspace, &[]);
    let about = client.ok("initialize", &introduction());
    assert_eq!((&about["serverInfo"]["name"], &about["serverInfo"]["title"]), (&json!("footnote"), &json!("Footnote")));
    assert_eq!(about["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(about["capabilities"], json!({"tools": {}, "prompts": {}, "resources": {}}));
    assert!(about["instructions"].as_str().unwrap().contains("cite"), "{about}");
    client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());

    let tools = client.ok("tools/list", &json!({}))["tools"].clone();
    let names: Vec<_> = tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ask", "search", "fetch", "check", "list_documents"]);
    for tool in tools.as_array().unwrap() {
        assert_eq!((&tool["inputSchema"]["type"], &tool["outputSchema"]["type"]), (&json!("object"), &json!("object")));
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
    }
    assert_eq!(client.close(), (String::new(), 0), "the end of input ends it with success");
    assert!(!workspace.folder().join("index").exists(), "nothing was made");
}

#[test]
fn an_answer_cites_documents_that_can_be_fetched_and_read() {
    let workspace = workspace();
    let mut client = Client::introduced(&workspace, &[]);
    let result = client.ok("tools/call", &json!({"name": "ask", "arguments": {"question": QUESTION}}));
    let answer = structured(&result);
    assert_eq!(answer["answerable"], true, "{answer}");
    assert!(answer["answer"].as_str().unwrap().contains("降息兩次。[1]"), "{answer}");
    let citation = &answer["citations"][0];
    assert_eq!((&citation["id"], &citation["document"]["title"]), (&json!(1), &json!("Outlook")));
    assert_eq!(citation["in_answer"], true);
    let url = "footnote://default/https%3A%2F%2Fexample.com%2Ffed%3Fy%3D2026";
    assert_eq!(citation["url"], url);

    let prose = result["content"][0]["text"].as_str().unwrap();
    let quote = citation["quote"].as_str().unwrap();
    for words in [answer["answer"].as_str().unwrap(), "[1] Outlook, Desk", url, quote] {
        assert!(prose.contains(words), "{words} is not in {prose}");
    }

    let document = client.call("fetch", &json!({"id": citation["document"]["id"]}));
    let (start, end) = (&citation["span"]["bytes"][0], &citation["span"]["bytes"][1]);
    let text = document["text"].as_str().unwrap();
    assert_eq!(&text[start.as_u64().unwrap() as usize..end.as_u64().unwrap() as usize], quote);
    assert_eq!((text, &document["title"], &document["url"]), (FED, &json!("Outlook"), &json!(url)));
    assert_eq!(document["metadata"]["source"], "Desk");
    assert_eq!(client.call("fetch", &json!({"id": url})), document, "by its URI, too");

    let none = client.call("ask", &json!({"question": QUESTION, "filter": {"id": "cats"}, "top_k": 1}));
    assert_eq!(none["answerable"], false, "{none}");
    assert_eq!((&none["answer"], none["citations"].as_array().unwrap().len()), (&json!(""), 1));
}

#[test]
fn a_search_gives_each_document_once_with_an_id_to_fetch_in_any_collection() {
    let workspace = workspace();
    let mut client = Client::introduced(&workspace, &[]);
    let results = client.call("search", &json!({"query": "聯準會 降息"}))["results"].clone();
    let results = results.as_array().unwrap();
    let ids: Vec<_> = results.iter().map(|result| result["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["https://example.com/fed?y=2026", "cats"]);
    for field in ["title", "url", "quote", "passage"] {
        assert!(results[0][field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {}", results[0]);
    }
    assert!(results[0]["score"].as_f64() > results[1]["score"].as_f64());

    let found = client.call("search", &json!({"query": "how hot is the oven?", "collection": "kitchen", "top_k": 1}));
    let id = &found["results"][0]["id"];
    assert_eq!(id, "footnote://kitchen/bread%2F1");
    assert_eq!(client.call("fetch", &json!({"id": id}))["text"], BREAD);
}

#[test]
fn documents_are_listed_page_by_page() {
    let workspace = workspace();
    let mut client = Client::introduced(&workspace, &[]);
    let first = client.call("list_documents", &json!({"limit": 1}));
    assert_eq!(first["documents"][0]["id"], "https://example.com/fed?y=2026");
    assert_eq!(first["documents"][0]["size_bytes"], FED.len());
    let second = client.call("list_documents", &json!({"limit": 1, "after": first["next"]}));
    assert_eq!((&second["documents"][0]["id"], &second["next"]), (&json!("cats"), &Value::Null));
}

#[test]
fn documents_are_resources_of_their_own_media_type() {
    let workspace = workspace();
    let bread = workspace.write("bread.md", BREAD);
    assert_eq!(workspace.run(&["ingest", bread.to_str().unwrap()]).code, 0);
    let mut client = Client::introduced(&workspace, &[]);
    let resources = client.ok("resources/list", &json!({}))["resources"].clone();
    let resources = resources.as_array().unwrap();
    assert_eq!(resources.len(), 3);
    assert_eq!(resources[0]["uri"], "footnote://default/https%3A%2F%2Fexample.com%2Ffed%3Fy%3D2026");
    assert_eq!((&resources[0]["mimeType"], &resources[0]["size"]), (&json!("text/plain"), &json!(FED.len())));
    assert_eq!(resources[2]["mimeType"], "text/markdown");
    for (resource, text) in [(&resources[0], FED), (&resources[2], BREAD)] {
        let read = client.ok("resources/read", &json!({"uri": resource["uri"]}))["contents"][0].clone();
        let expected = (&json!(text), &resource["mimeType"], &resource["uri"]);
        assert_eq!((&read["text"], &read["mimeType"], &read["uri"]), expected);
    }
    let template = client.ok("resources/templates/list", &json!({}))["resourceTemplates"][0].clone();
    assert_eq!(template["uriTemplate"], "footnote://{collection}/{id}");
    let other = client.ok("resources/read", &json!({"uri": "footnote://kitchen/bread%2F1"}));
    assert_eq!(other["contents"][0]["text"], BREAD);

    for uri in ["footnote://default/none", "footnote://none/cats", "file:///etc/passwd", ""] {
        let error = client.request("resources/read", &json!({"uri": uri}))["error"].clone();
        assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32002), &json!(uri)), "{error}");
    }
    let error = client.request("resources/list", &json!({"cursor": "none"}))["error"].clone();
    assert_eq!(error["code"], -32602, "{error}");
}

#[test]
fn prompts_are_listed_and_filled_in() {
    let mut client = Client::introduced(&Workspace::new(), &[]);
    let prompts = client.ok("prompts/list", &json!({}))["prompts"].clone();
    let names: Vec<_> = prompts.as_array().unwrap().iter().map(|prompt| prompt["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ask_with_footnotes", "compare_sources"]);
    assert_eq!(
        prompts[0]["arguments"][0],
        json!({"name": "question", "description": "The question, in any language", "required": true})
    );
    let filled = client.ok("prompts/get", &json!({"name": names[0], "arguments": {"question": QUESTION}}));
    let message = &filled["messages"][0];
    assert_eq!(message["role"], "user");
    assert!(message["content"]["text"].as_str().unwrap().contains(QUESTION), "{filled}");
    let refused = client.request("prompts/get", &json!({"name": names[0], "arguments": {}}))["error"].clone();
    assert!(refused["code"] == -32602 && refused["message"].as_str().unwrap().contains("question"), "{refused}");
}

#[test]
fn a_mistake_in_a_call_is_explained_to_the_model_with_what_to_do() {
    let workspace = workspace();
    let mut client = Client::introduced(&workspace, &[]);
    for (tool, arguments, words) in [
        ("ask", json!({}), "question"),
        ("ask", json!({"question": " "}), "ask something"),
        ("ask", json!({"question": "q", "topk": 3}), "top_k"),
        ("ask", json!({"question": "q", "top_k": 0}), "between 1 and 50"),
        ("ask", json!({"question": "q", "filter": {"author": "A"}}), "metadata.NAME"),
        ("ask", json!({"question": "q", "collection": "none"}), "the collections are default, kitchen"),
        ("search", json!({"query": 3}), "string"),
        ("fetch", json!({"id": "none"}), "list_documents"),
        ("fetch", json!({"id": "footnote://none/x"}), "the collections are"),
        ("list_documents", json!({"after": "none"}), "list_documents"),
        ("list_documents", json!({"limit": 201}), "between 1 and 200"),
    ] {
        let text = client.refused(tool, &arguments);
        assert!(text.contains(words) && text.contains("What to do:"), "{tool} {arguments}: {text}");
    }
    let error = client.request("tools/call", &json!({"name": "answer", "arguments": {}}))["error"].clone();
    assert_eq!(error["code"], -32602, "{error}");
    assert_eq!(client.request("completion/none", &json!({}))["error"]["code"], -32601);
    let error = client.request("prompts/get", &json!({"name": "none"}))["error"].clone();
    assert_eq!(error["code"], -32602, "{error}");
}

#[test]
fn standard_output_carries_nothing_but_the_protocol_and_the_log_no_words_of_anyone() {
    let workspace = workspace();
    let mut client = Client::introduced(&workspace, &["-vv"]);
    for line in ["", "{", "no json", "\u{feff}[]", "{\"jsonrpc\": \"2.0\", \"method\": \"notifications/unknown\"}"] {
        client.send(line);
    }
    client.send(&json!({"jsonrpc": "2.0", "id": "a", "method": "ping"}).to_string());
    let ponged = (0..4).map(|_| client.receive()).find(|reply| reply["id"] == "a");
    assert_eq!(ponged.unwrap()["result"], json!({}), "what makes no sense ends nothing");

    let ask = |id: u64| {
        let params = json!({"name": "ask", "arguments": {"question": QUESTION}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string()
    };
    (100..103).for_each(|id| client.send(&ask(id)));
    let (rest, code) = client.close();
    let mut answered: Vec<u64> = rest
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line:?}")))
        .filter_map(|reply| reply["id"].as_u64())
        .collect();
    answered.sort_unstable();
    assert_eq!((answered, code), (vec![100, 101, 102], 0), "what was under way at the end is answered");
    let log = std::fs::read_to_string(workspace.folder().join("log")).unwrap();
    for words in [QUESTION, "降息"] {
        assert!(!log.contains(words), "{words} is in the log:\n{log}");
    }
}

#[test]
fn every_line_that_is_not_a_message_gets_an_error_and_ends_nothing() {
    let workspace = Workspace::new();
    let mut client = Client::start(&workspace, &[]);
    // Before the introduction: ignored, since nobody expects an answer.
    client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
    client.send(&json!({"jsonrpc": "2.0", "id": 9, "result": {}}).to_string());
    let nested = format!("{{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\", \"params\": {}", "[".repeat(200));
    let long = json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"x": "x".repeat(1_100_000)}}).to_string();
    let hostile = [
        (nested.as_str(), -32700, Value::Null),
        (
            "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\", \"params\": {\"x\": \"\\ud800\"}}",
            -32700,
            Value::Null,
        ),
        (long.as_str(), -32600, Value::Null),
        ("[]", -32600, Value::Null),
        ("{\"jsonrpc\": \"2.0\", \"id\": 7, \"method\": 3}", -32600, json!(7)),
    ];
    let check = |client: &mut Client| {
        for (line, code, id) in &hostile {
            client.send(line);
            let reply = client.receive();
            assert_eq!((&reply["error"]["code"], &reply["id"]), (&json!(code), id), "{reply}");
            assert!(reply["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{reply}");
        }
    };
    check(&mut client);
    client.ok("initialize", &introduction());
    check(&mut client);
    assert_eq!(client.ok("ping", &json!({})), json!({}));
}

#[test]
fn a_reader_runs_beside_a_writer_and_sees_what_it_adds() {
    let workspace = Workspace::new();
    let mut client = Client::introduced(&workspace, &[]);
    let text = client.refused("ask", &json!({"question": QUESTION}));
    assert!(text.contains("has no documents yet") && text.contains("footnote ingest"), "{text}");
    assert_eq!(client.call("list_documents", &json!({}))["documents"], json!([]));
    assert_eq!(client.ok("resources/list", &json!({}))["resources"], json!([]));
    let output = workspace.run_with_input(&["ingest", "-", "--id", "fed"], FED.as_bytes());
    assert_eq!(output.code, 0, "the index is not locked: {output:?}");
    assert_eq!(client.call("ask", &json!({"question": QUESTION}))["citations"][0]["document"]["id"], "fed");
    assert_eq!(workspace.run_with_input(&["ingest", "-", "--id", "bread"], BREAD.as_bytes()).code, 0);
    let found = client.call("search", &json!({"query": "how hot is the oven?"}));
    assert_eq!(found["results"][0]["id"], "bread");
}

#[test]
fn a_client_of_the_newest_revision_needs_no_introduction() {
    let workspace = workspace();
    let mut client = Client::start(&workspace, &[]);
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}});
    let about = client.ok("server/discover", &json!({"_meta": meta}));
    assert!(about["supportedVersions"].as_array().unwrap().contains(&json!("2026-07-28")), "{about}");
    let call = json!({"name": "fetch", "arguments": {"id": "cats"}, "_meta": meta});
    let result = client.ok("tools/call", &call);
    assert_eq!((&result["resultType"], &structured(&result)["title"]), (&json!("complete"), &json!("猫")));
    let missing = client.request("resources/read", &json!({"uri": "footnote://default/none", "_meta": meta}));
    assert_eq!(missing["error"]["code"], -32602, "{missing}");
}

#[test]
fn unusable_settings_are_reported_on_standard_error() {
    let workspace = Workspace::new();
    let output = workspace.run(&["mcp", "--config", "nowhere.toml"]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("nowhere.toml"), "{}", output.stderr);
    assert_eq!(workspace.run(&["mcp"]).code, 0, "a client that says nothing is no error");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_success() {
    let workspace = Workspace::new();
    for signal in ["-INT", "-TERM"] {
        let mut client = Client::introduced(&workspace, &[]);
        let sent = Command::new("kill").arg(signal).arg(client.process.id().to_string()).status().unwrap();
        assert!(sent.success());
        assert!(client.process.wait().unwrap().success(), "{signal}");
    }
}
