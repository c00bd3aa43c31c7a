//! The promise of docs/stability.md, checked against what was recorded: fields, parameters and settings may be added, but
//! none may go, change its type or become required.
//!
//! `UPDATE_RECORDS=1 cargo test --release --test suite -- stability` records the present state, for a new major version or
//! after an addition.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Server, Workspace, project};

fn record(name: &str) -> PathBuf {
    project().join("tests/suite/stability").join(name)
}

/// What was recorded under this name; on request, `present` is recorded first.
fn recorded(name: &str, present: &str) -> String {
    let path = record(name);
    if std::env::var_os("UPDATE_RECORDS").is_some() {
        std::fs::write(&path, present).unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Which way a value goes. What a client sends must not be asked for more; what it receives must not be given less.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Received,
}

/// Compares a recorded description of an API with the present one.
struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    broken: Vec<String>,
    /// References under way, since schemas can contain themselves.
    seen: BTreeSet<(String, bool)>,
}

impl<'a> Comparison<'a> {
    fn of(old: &'a Value, new: &'a Value) -> Vec<String> {
        let mut comparison = Self { old, new, broken: Vec::new(), seen: BTreeSet::new() };
        comparison.api();
        comparison.broken
    }

    fn api(&mut self) {
        for (path, methods) in self.old["paths"].as_object().into_iter().flatten() {
            for (method, old) in methods.as_object().into_iter().flatten() {
                let new = &self.new["paths"][path][method];
                let at = format!("{method} {path}");
                if new.is_null() {
                    self.broken.push(format!("{at} is gone"));
                    continue;
                }
                self.parameters(&at, old, new);
                self.contents(&format!("{at} body"), &old["requestBody"], &new["requestBody"], Way::Sent);
                for (status, response) in old["responses"].as_object().into_iter().flatten() {
                    // Errors have forms of their own, which are checked where they are described.
                    let at = format!("{at} {status}");
                    match &new["responses"][status] {
                        Value::Null => self.broken.push(format!("{at} is gone")),
                        present => self.contents(&at, response, present, Way::Received),
                    }
                }
            }
        }
    }

    fn parameters(&mut self, at: &str, old: &Value, new: &Value) {
        let list = |operation: &'a Value| operation["parameters"].as_array().into_iter().flatten();
        // Both outlive the comparison.
        let (old, new): (&'a Value, &'a Value) = (reborrow(self.old, old), reborrow(self.new, new));
        for parameter in list(old) {
            let same = |other: &&Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
            let at = format!("{at} parameter {}", parameter["name"]);
            match list(new).find(same) {
                None => self.broken.push(format!("{at} is gone")),
                Some(present) => self.schema(&at, &parameter["schema"], &present["schema"], Way::Sent),
            }
        }
        for parameter in list(new).filter(|parameter| parameter["required"] == true) {
            if !list(old).any(|other| other["name"] == parameter["name"] && other["required"] == true) {
                self.broken.push(format!("{at} requires the parameter {}", parameter["name"]));
            }
        }
    }

    fn contents(&mut self, at: &str, old: &Value, new: &Value, way: Way) {
        for (kind, content) in old["content"].as_object().into_iter().flatten() {
            match &new["content"][kind] {
                Value::Null => self.broken.push(format!("{at} is no longer {kind}")),
                present => self.schema(at, &content["schema"], &present["schema"], way),
            }
        }
    }

    fn schema(&mut self, at: &str, old: &Value, new: &Value, way: Way) {
        if let (Some(old), Some(new)) = (old["$ref"].as_str(), new["$ref"].as_str())
            && !self.seen.insert((format!("{old} {new}"), way == Way::Sent))
        {
            return;
        }
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        if types(old) != types(new) {
            let widened = way == Way::Sent && types(old).is_subset(&types(new));
            if !widened {
                self.broken.push(format!("{at} is {:?} and was {:?}", types(new), types(old)));
            }
        }
        for value in old["enum"].as_array().into_iter().flatten() {
            if !new["enum"].as_array().is_none_or(|values| values.contains(value)) {
                self.broken.push(format!("{at} has no value {value} any more"));
            }
        }
        for (name, property) in old["properties"].as_object().into_iter().flatten() {
            match &new["properties"][name] {
                Value::Null => self.broken.push(format!("{at}.{name} is gone")),
                present => self.schema(&format!("{at}.{name}"), property, present, way),
            }
        }
        let required = |schema: &Value| -> BTreeSet<String> {
            schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect()
        };
        let (before, now) = (required(old), required(new));
        match way {
            Way::Sent => {
                now.difference(&before).for_each(|name| self.broken.push(format!("{at}.{name} became required")));
            }
            Way::Received => {
                before.difference(&now).for_each(|name| self.broken.push(format!("{at}.{name} may be absent now")));
            }
        }
        if !old["items"].is_null() {
            self.schema(&format!("{at}[]"), &old["items"], &new["items"], way);
        }
        for word in ["oneOf", "anyOf", "allOf"] {
            let (old, new) = (old[word].as_array(), new[word].as_array());
            let (Some(old), Some(new)) = (old, new) else {
                if old.is_some() {
                    self.broken.push(format!("{at} is no {word} any more"));
                }
                continue;
            };
            if new.len() < old.len() {
                self.broken.push(format!("{at} has fewer alternatives"));
            }
            for (old, new) in old.iter().zip(new) {
                self.schema(at, old, new, way);
            }
        }
    }
}

/// Removes what is for people.
fn drop_words(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // A property can have such a name; then it is a schema and no text.
            members.retain(|name, word| {
                let is_word = matches!(name.as_str(), "description" | "summary") && word.is_string();
                !(is_word || name.starts_with("example"))
            });
            members.values_mut().for_each(drop_words);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_words),
        _ => {}
    }
}

/// `part`, which is somewhere in `whole`, for as long as that lives.
fn reborrow<'a>(whole: &'a Value, part: &Value) -> &'a Value {
    fn find<'a>(value: &'a Value, part: &Value) -> Option<&'a Value> {
        if std::ptr::eq(value, part) {
            return Some(value);
        }
        match value {
            Value::Object(members) => members.values().find_map(|member| find(member, part)),
            Value::Array(items) => items.iter().find_map(|item| find(item, part)),
            _ => None,
        }
    }
    find(whole, part).expect("it is a part of the whole")
}

fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| api.pointer(reference.trim_start_matches('#'))) {
        Some(schema) => resolved(api, schema),
        None => schema,
    }
}

/// The types that a value may have; none if any.
fn types(schema: &Value) -> BTreeSet<String> {
    let named = |value: &Value| value.as_str().map(str::to_owned);
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(named).collect(),
        one => named(one).into_iter().collect(),
    }
}

#[test]
fn nothing_of_the_api_that_was_recorded_has_gone_or_changed_its_type() {
    let server = Server::start(&[]);
    let mut present = server.get("/openapi.json").json();
    drop_words(&mut present);
    let old: Value = serde_json::from_str(&recorded("openapi.json", &format!("{present:#}\n"))).unwrap();
    let broken = Comparison::of(&old, &present);
    assert!(broken.is_empty(), "docs/stability.md promises otherwise:\n{}", broken.join("\n"));
}

#[test]
fn the_comparison_finds_what_breaks_a_client_and_lets_additions_pass() {
    let api = |properties: &str, required: &str, sent: &str| -> Value {
        let text = format!(
            r##"{{"paths": {{"/a": {{"post": {{
                "parameters": [{{"name": "q", "in": "query", "schema": {{"type": "string"}}}}],
                "requestBody": {{"content": {{"application/json": {{"schema": {{"type": "object", "properties": {{"x": {{"type": "string"}}, "y": {{"type": "string"}}}}, "required": [{sent}]}}}}}}}},
                "responses": {{"200": {{"content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/R"}}}}}}}}}}
            }}}}}}, "components": {{"schemas": {{"R": {{"type": "object", "properties": {{{properties}}}, "required": [{required}]}}}}}}}}"##
        );
        serde_json::from_str(&text).unwrap()
    };
    let old = api(r#""n": {"type": "integer"}, "s": {"enum": ["a", "b"], "type": "string"}"#, r#""n""#, r#""x""#);
    let more =
        r#""n": {"type": "integer"}, "s": {"enum": ["a", "b", "c"], "type": "string"}, "new": {"type": "array"}"#;
    let broken = |new: &Value| Comparison::of(&old, new).join("\n");
    assert_eq!(broken(&old), "");
    assert_eq!(broken(&api(more, r#""n", "new""#, r#""x""#)), "", "additions pass");
    assert_eq!(broken(&api(more, r#""n""#, "")), "", "less is asked for");
    for (new, said) in [
        (api(r#""s": {"type": "string"}"#, "", r#""x""#), ".n is gone"),
        (api(&more.replace("integer", "string"), r#""n""#, r#""x""#), ".n is"),
        (api(more, "", r#""x""#), ".n may be absent"),
        (api(&more.replace(r#""b", "#, ""), r#""n""#, r#""x""#), "no value \"b\""),
        (api(more, r#""n""#, r#""x", "y""#), ".y became required"),
        (serde_json::json!({"paths": {}}), "post /a is gone"),
    ] {
        assert!(broken(&new).contains(said), "{said}: {}", broken(&new));
    }
}

/// The settings with their types, a line each.
fn settings(text: &str) -> String {
    let table: toml::Table = toml::from_str(text).unwrap();
    let mut lines = Vec::new();
    for (section, values) in &table {
        if section != "glossary" {
            for (key, value) in values.as_table().unwrap() {
                lines.push(format!("[{section}] {key}: {}\n", value.type_str()));
            }
        }
    }
    lines.concat()
}

#[test]
fn no_setting_that_was_recorded_has_gone_or_changed_its_type() {
    let defaults = Workspace::new().run(&["config", "--default"]).stdout;
    let present = settings(&defaults);
    let gone: Vec<String> = recorded("settings.txt", &present)
        .lines()
        .filter(|line| !present.lines().any(|other| other == *line))
        .map(str::to_owned)
        .collect();
    assert_eq!(gone, Vec::<String>::new());
}

/// The exit statuses in a table of a document: `| 3 | … |`.
fn statuses(document: &str) -> Vec<(u8, String)> {
    let text = std::fs::read_to_string(project().join(document)).unwrap();
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        Some((cells.next()?.parse().ok()?, cells.next()?.trim_end_matches(" |").to_owned()))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn the_exit_statuses_are_those_of_the_promise() {
    let promised: Vec<u8> = statuses("docs/stability.md").into_iter().map(|(status, _)| status).collect();
    assert_eq!(promised, [0, 1, 2, 3, 4, 5, 10, 130]);
    assert_eq!(promised, statuses("README.md").into_iter().map(|(status, _)| status).collect::<Vec<_>>());
    let workspace = Workspace::with("The ferry leaves at six.");
    let code = |arguments: &[&str]| workspace.run(arguments).code;
    assert_eq!(code(&["ls"]), 0);
    assert_eq!(code(&["get", "no-such"]), 1);
    assert_eq!(code(&["ask", "--no-such-option"]), 2);
    let elsewhere = [("FOOTNOTE_MODEL_DIR", "/no/such/folder"), ("FOOTNOTE_MODEL_OFFLINE", "true")];
    assert_eq!(workspace.run_with(&["ask", "--no-server", "when does it leave?"], &elsewhere).code, 3);
    workspace.write("broken.pdf", "%PDF-1.7 nothing");
    assert_eq!(code(&["ingest", "broken.pdf"]), 5);
    std::fs::write(workspace.folder().join("index/default/store.db"), "not a database, but long enough to look at")
        .unwrap();
    assert_eq!(code(&["ls"]), 4);
}
