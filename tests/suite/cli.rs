//! The command line as a user meets it: exit statuses, streams, messages.

use std::io::Read;

use serde_json::Value;

use crate::harness::{Output, Workspace};

const COMMANDS: [&[&str]; 19] = [
    &["ask"],
    &["search"],
    &["check"],
    &["ingest"],
    &["ls"],
    &["get"],
    &["rm"],
    &["status"],
    &["verify"],
    &["reindex"],
    &["serve"],
    &["models", "list"],
    &["models", "pull"],
    &["models", "verify"],
    &["models", "path"],
    &["config"],
    &["doctor"],
    &["completions"],
    &["man"],
];

const ARTICLE: &str = "\
The bakery on Mill Street opens at seven. Anna Lindqvist expects the Fed to cut rates twice in 2026. \
Rain is forecast for the weekend.
";

/// A workspace with one document, `memo`, in its index.
fn with_a_document() -> Workspace {
    let workspace = Workspace::new();
    let arguments =
        ["ingest", "-", "--id", "memo", "--title", "Rates", "--source", "Desk", "--published", "2025-12-20"];
    let output = workspace.run_with_input(&arguments, ARTICLE.as_bytes());
    assert_eq!(output.code, 0, "{output:?}");
    workspace
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

// Tests that need neither an index nor a model.

#[test]
fn every_command_explains_itself_with_examples() {
    let workspace = Workspace::new();
    for command in COMMANDS {
        let output = workspace.run(&[command, &["--help"]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{command:?}");
        assert!(output.stdout.contains("Examples:\n  footnote "), "{command:?}: {}", output.stdout);
        assert!(output.stdout.contains("--offline"), "global options are shown: {command:?}");
    }
}

#[test]
fn the_help_documents_every_exit_status() {
    let help = Workspace::new().run(&["--help"]).stdout;
    let (_, statuses) = help.split_once("Exit status:").expect("the help has a section on it");
    let documented: Vec<u8> =
        statuses.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
    assert_eq!(documented, [0, 1, 2, 3, 4, 5, 10, 130]);
}

#[test]
fn no_command_at_all_shows_the_help_and_is_a_usage_error() {
    let output = Workspace::new().run(&[]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("Usage: footnote"), "{}", output.stderr);
}

#[test]
fn an_unknown_flag_is_refused_with_the_one_that_was_meant() {
    let output = Workspace::new().run(&["ask", "why", "--topk", "3"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("'--topk'") && output.stderr.contains("'--top-k'"), "{}", output.stderr);
}

#[test]
fn a_misspelt_command_is_refused_with_the_one_that_was_meant() {
    let output = Workspace::new().run(&["igest", "."]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("'ingest'"), "{}", output.stderr);
}

#[test]
fn a_number_out_of_range_is_refused_with_the_range() {
    for flags in [["--top-k", "0"], ["--top-k", "101"], ["--context", "11"], ["--context", "many"]] {
        let output = Workspace::new().run(&["ask", "why", flags[0], flags[1]]);
        assert_eq!(output.code, 2, "{flags:?}");
        assert!(output.stderr.contains(flags[0]) && output.stderr.contains(flags[1]), "{}", output.stderr);
    }
}

#[test]
fn a_blank_question_is_a_usage_error_wherever_it_comes_from() {
    let workspace = Workspace::new();
    for (arguments, input) in [(vec!["ask", "  "], ""), (vec!["ask", "-"], "\n\n"), (vec!["search"], " ")] {
        let output = workspace.run_with_input(&arguments, input.as_bytes());
        assert_eq!(output.code, 2, "{arguments:?}: {output:?}");
        assert!(output.stderr.starts_with("footnote: there is no question\n  hint: "), "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    assert!(!workspace.folder().join("index").exists(), "a refused question creates nothing");
}

#[test]
fn a_question_that_is_no_text_is_a_usage_error() {
    let output = Workspace::new().run_with_input(&["ask", "-"], b"who\xff");
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("not UTF-8 from byte 3 on"), "{}", output.stderr);
}

#[test]
fn a_settings_file_that_is_not_there_is_named() {
    let output = Workspace::new().run(&["ls", "--config", "nowhere.toml"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.starts_with("footnote: ") && output.stderr.contains("nowhere.toml"), "{}", output.stderr);
}

#[test]
fn an_unknown_setting_is_named_with_the_known_ones() {
    let workspace = Workspace::new();
    workspace.write("config.toml", "[ask]\ntopk = 7\n");
    let output = workspace.run(&["ask", "why"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("unknown key `topk` in [ask]"), "{}", output.stderr);
    assert!(output.stderr.contains("top_k"), "{}", output.stderr);
}

#[test]
fn a_log_level_that_is_none_is_refused() {
    let workspace = Workspace::new();
    workspace.write("config.toml", "[log]\nlevel = \"loud\"\n");
    let output = workspace.run(&["config"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("`loud`") && output.stderr.contains("debug"), "{}", output.stderr);
}

#[test]
fn the_settings_in_force_are_those_of_the_file_overridden_by_flags() {
    let workspace = Workspace::new();
    let file = workspace.write("other.toml", "[ask]\ntop_k = 7\n");
    let file = file.to_str().expect("the temporary folder's name is UTF-8");
    let output = workspace.run(&["config", "--config", file, "--index", "elsewhere", "--offline"]);
    assert_eq!(output.code, 0, "{output:?}");
    for line in ["top_k = 7", "dir = \"elsewhere\"", "offline = true"] {
        assert!(output.stdout.lines().any(|printed| printed == line), "{line}: {}", output.stdout);
    }
    workspace.write("config.toml", &output.stdout);
    assert_eq!(workspace.run(&["config", "--index", "elsewhere"]).stdout, output.stdout, "it reads back the same");
}

#[test]
fn the_commented_defaults_are_the_file_of_the_project() {
    let output = Workspace::new().run(&["config", "--default"]);
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml")).unwrap();
    assert_eq!((output.code, output.stdout), (0, file));
}

#[test]
fn what_describes_standard_input_is_refused_beside_paths() {
    let workspace = Workspace::new();
    let output = workspace.run(&["ingest", "a.txt", "--title", "A"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("--title") && output.stderr.contains("hint: "), "{}", output.stderr);
    assert_eq!(workspace.run(&["ingest", "-", "a.txt"]).code, 2);
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let workspace = Workspace::new();
    let mut child = workspace.command(&["config", "--default"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

// What needs an index, but finds nothing in it.

#[test]
fn a_document_that_is_not_there_is_named_and_the_status_is_1() {
    let workspace = Workspace::new();
    for command in ["get", "rm"] {
        let output = workspace.run(&[command, "no-such-id"]);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{command}: {output:?}");
        assert!(output.stderr.contains("no document `no-such-id`"), "{}", output.stderr);
        assert!(output.stderr.contains("hint: `footnote ls`"), "{}", output.stderr);
    }
}

#[test]
fn an_empty_index_says_how_to_fill_it() {
    let workspace = Workspace::new();
    for arguments in [["ask", "why"], ["search", "why"]] {
        let output = workspace.run(&arguments);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{output:?}");
        assert!(output.stderr.contains("is empty\n  hint: `footnote ingest PATH`"), "{}", output.stderr);
    }
    let listed = workspace.run(&["ls"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (0, ""), "{listed:?}");
    assert_eq!(json(&workspace.run(&["ls", "--json"]))["documents"], Value::Array(vec![]));
}

#[test]
fn an_empty_index_has_no_problems() {
    let output = Workspace::new().run(&["verify"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.ends_with(": no problems\n"), "{}", output.stdout);
}

// What needs the model.

#[test]
fn a_question_is_answered_with_a_footnote() {
    let workspace = with_a_document();
    let output = workspace.run(&["ask", "who", "expects", "the", "Fed", "to", "cut", "in", "2026"]);
    assert_eq!(output.code, 0, "{output:?}");
    let sentence = "Anna Lindqvist expects the Fed to cut rates twice in 2026.";
    assert!(output.stdout.contains(&format!("{sentence}[")), "{}", output.stdout);
    assert!(
        output.stdout.contains("] Rates — Desk, 2025-12-20\n    line 1, bytes 42-100 · memo\n"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains(&format!("»{sentence}«")), "{}", output.stdout);
    assert!(!output.stdout.contains('\u{1b}'), "what is piped is not coloured");
}

#[test]
fn every_citation_of_the_json_is_the_documents_text_at_its_place() {
    let workspace = with_a_document();
    let text = workspace.run(&["get", "memo", "--text"]).stdout;
    assert_eq!(text, ARTICLE, "the text comes back to the byte");
    let output = workspace.run_with_input(&["ask", "--json"], b"who expects a cut?\n");
    assert_eq!(output.code, 0, "{output:?}");
    let answer = json(&output);
    let citations = answer["citations"].as_array().expect("there are citations");
    assert!(!citations.is_empty());
    for citation in citations {
        let at = |n: usize| citation["span"]["bytes"][n].as_u64().unwrap() as usize;
        assert_eq!(citation["quote"].as_str(), text.get(at(0)..at(1)), "{citation}");
    }
}

#[test]
fn passages_are_found_and_ranked() {
    let output = with_a_document().run(&["search", "--top-k", "1", "interest rate cuts"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.starts_with("1.  Rates — Desk, 2025-12-20 · score "), "{}", output.stdout);
}

#[test]
fn a_document_is_listed_shown_and_removed() {
    let workspace = with_a_document();
    let listed = workspace.run(&["ls"]).stdout;
    let cells: Vec<_> = listed.trim_end().split('\t').collect();
    assert_eq!((cells[0], &cells[2..]), ("memo", &["1", "2025-12-20", "Desk", "Rates"][..]), "{listed}");
    assert_eq!(json(&workspace.run(&["get", "memo", "--json"]))["text"], ARTICLE);
    assert_eq!(json(&workspace.run(&["status", "--json"]))["documents"], 1);
    assert_eq!(workspace.run(&["verify"]).code, 0);
    let removed = workspace.run(&["rm", "memo", "other"]);
    assert_eq!((removed.code, removed.stdout.as_str()), (1, "removed  memo\n"), "{removed:?}");
    assert!(removed.stderr.contains("no document `other`"), "{}", removed.stderr);
    assert_eq!(workspace.run(&["get", "memo"]).code, 1);
}

#[test]
fn one_bad_file_harms_only_itself() {
    let workspace = Workspace::new();
    workspace.write("good.txt", ARTICLE);
    workspace.write("bad.txt", b"bin\x00ary\x01\x02");
    let output = workspace.run(&["ingest", "good.txt", "bad.txt"]);
    assert_eq!(output.code, 5, "{output:?}");
    assert!(output.stdout.lines().any(|line| line.starts_with("added  ")), "{}", output.stdout);
    assert!(
        output.stdout.lines().any(|line| line.starts_with("failed  ") && line.contains("bad.txt")),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("2 documents: 1 added, 1 failed · 1 passage · "), "{}", output.stdout);
    let again = workspace.run(&["ingest", "--json", "good.txt"]);
    assert_eq!(json(&again)["status"], "unchanged", "{again:?}");
}

#[test]
fn quiet_prints_results_alone() {
    let workspace = Workspace::new();
    workspace.write("good.txt", ARTICLE);
    let output = workspace.run(&["ingest", "--quiet", "good.txt"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.starts_with("1 document: 1 added") && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn what_a_document_holds_cannot_drive_the_terminal() {
    let workspace = Workspace::new();
    let text = "Rates \u{1b}[2J fall in 2026\u{9b}31m.\n";
    let arguments = ["ingest", "-", "--id", "hostile", "--title", "T\u{1b}]0;owned\u{7}"];
    assert_eq!(workspace.run_with_input(&arguments, text.as_bytes()).code, 0);
    for arguments in [&["ask", "when do rates fall"][..], &["search", "rates"], &["get", "hostile"], &["ls"]] {
        let output = workspace.run(arguments);
        let shown = output.stdout + &output.stderr;
        assert!(shown.contains('\u{fffd}'), "{arguments:?}: {shown:?}");
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{arguments:?}: {shown:?}");
    }
    assert_eq!(workspace.run(&["get", "hostile", "--text"]).stdout, text, "what is piped is the text to the byte");
}

#[test]
fn a_model_that_is_not_here_and_may_not_be_fetched_is_status_3() {
    let workspace = Workspace::new();
    let empty = workspace.folder().join("no-models");
    let mut command = workspace.command(&["models", "verify", "--offline"]);
    let output = command.env("FOOTNOTE_MODEL_DIR", empty).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: "), "{output:?}");
}
