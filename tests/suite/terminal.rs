//! The command line for terminals and other programs: forms of output, links, completions, the manual, suggestions.

use std::process::Command;

use serde_json::Value;

use crate::harness::{ARTICLE, Output, QUESTION, Resource, SENTENCE, Workspace, needs};

fn lines(output: &Output) -> Vec<Value> {
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{output:?}"))).collect()
}

// Forms of output.

#[test]
fn a_form_that_is_none_is_refused_with_the_one_that_was_meant() {
    let workspace = Workspace::new();
    for command in [&["ask", "x"][..], &["search", "x"], &["ls"], &["status"], &["get", "x"]] {
        let output = workspace.run(&[command, &["--format", "jsn"]].concat());
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.stderr.contains("'jsn'") && output.stderr.contains("'json'"), "{}", output.stderr);
        let both = workspace.run(&[command, &["--json", "--format", "md"]].concat());
        assert!(both.code == 2 && both.stderr.contains("cannot be used with"), "{}", both.stderr);
    }
}

#[test]
fn every_form_holds_the_same_answer() {
    let workspace = Workspace::with(ARTICLE);
    let ask = |format: &str| workspace.run(&["ask", "--format", format, QUESTION]);
    assert_eq!(ask("cli").stdout, workspace.run(&["ask", QUESTION]).stdout);

    let whole: Value = serde_json::from_str(&ask("json").stdout).unwrap();
    let lines_of = lines(&ask("ndjson"));
    assert_eq!((&lines_of[0]["type"], &lines_of[0]["answer"]), (&"answer".into(), &whole["answer"]));
    assert_eq!(lines_of.len(), 1 + whole["citations"].as_array().unwrap().len());
    for (line, citation) in lines_of[1..].iter().zip(whole["citations"].as_array().unwrap()) {
        assert_eq!(
            (&line["type"], &line["quote"], &line["id"]),
            (&"citation".into(), &citation["quote"], &citation["id"])
        );
    }

    let md = ask("md").stdout;
    assert!(md.contains("the **Fed**"), "words that match are bold: {md}");
    let md = md.replace("**", "");
    assert!(md.starts_with(&format!("{SENTENCE}[^1]\n\n[^1]: ")), "{md}");
    assert!(
        md.contains(&format!("»{SENTENCE}«")) && md.contains("[Rates](<https://example.org/a%20b>), line 1"),
        "{md}"
    );
    assert!(!md.contains('\u{1b}'), "{md}");
}

#[test]
fn passages_documents_and_figures_have_every_form() {
    let workspace = Workspace::with(ARTICLE);
    let run = |arguments: &[&str]| {
        let output = workspace.run(arguments);
        assert_eq!(output.code, 0, "{output:?}");
        output
    };
    for (arguments, kind) in [
        (vec!["search", "rate cuts"], "passage"),
        (vec!["ls"], "document"),
        (vec!["get", "memo"], "document"),
        (vec!["status"], "status"),
    ] {
        let lines = lines(&run(&[arguments.as_slice(), &["--format", "ndjson"]].concat()));
        assert!(lines.len() == 1 && lines[0]["type"] == kind, "{lines:?}");
        let json = run(&[arguments.as_slice(), &["--format", "json"]].concat());
        assert!(json.stdout.starts_with("{\n"), "{}", json.stdout);
    }
    assert!(
        run(&["search", "--format", "md", "rate cuts"]).stdout.starts_with("1. [Rates](<https://example.org/a%20b>)")
    );
    assert!(run(&["ls", "--format", "md"]).stdout.contains("| ID | LANGUAGE |"));
    assert!(run(&["status", "--format", "md"]).stdout.contains("| documents | 1 |"));
    let document = run(&["get", "memo", "--format", "md"]).stdout;
    assert!(document.starts_with("# Rates\n") && document.ends_with(ARTICLE), "{document}");
    assert_eq!(workspace.run(&["get", "memo", "--format", "md", "--text"]).code, 2);
    assert_eq!(workspace.run(&["search", "--explain", "--format", "md", "x"]).code, 2);
}

// Links.

#[test]
fn titles_are_links_where_the_terminal_has_them_and_only_there() {
    let workspace = Workspace::with(ARTICLE);
    let link = "\u{1b}]8;;https://example.org/a%20b\u{1b}\\Rates\u{1b}]8;;\u{1b}\\";
    for arguments in [&["ask", QUESTION][..], &["search", QUESTION]] {
        let forced = workspace.run_with(arguments, &[("FORCE_HYPERLINK", "1")]);
        assert!(forced.stdout.contains(link), "{:?}", forced.stdout);
        for variables in [&[][..], &[("FORCE_HYPERLINK", "0")], &[("TERM", "xterm-kitty")]] {
            let output = workspace.run_with(arguments, variables);
            assert!(!output.stdout.contains('\u{1b}'), "{variables:?}: {:?}", output.stdout);
        }
        let never = [arguments, &["--color", "never"]].concat();
        assert!(!workspace.run_with(&never, &[("FORCE_HYPERLINK", "1")]).stdout.contains('\u{1b}'));
    }
    let md = workspace.run_with(&["ask", "--format", "md", QUESTION], &[("FORCE_HYPERLINK", "1")]);
    assert!(!md.stdout.contains('\u{1b}'));
}

#[test]
fn an_address_that_could_do_harm_is_no_link() {
    for uri in ["javascript:alert(1)", "https://e.org/\u{7}\u{1b}]0;owned\u{7}", "file://elsewhere/share"] {
        let workspace = Workspace::new();
        let ingested = workspace.run_with_input(&["ingest", "-", "--id", "m", "--uri", uri], ARTICLE.as_bytes());
        assert_eq!(ingested.code, 0, "{ingested:?}");
        let output = workspace.run_with(&["ask", QUESTION], &[("FORCE_HYPERLINK", "1")]);
        assert!(output.code == 0 && !output.stdout.contains(['\u{1b}', '\u{7}']), "{output:?}");
        let md = workspace.run(&["ask", "--format", "md", QUESTION]).stdout;
        assert!(!md.contains("](<"), "{md}");
    }
}

#[test]
fn what_a_question_holds_does_nothing_to_the_terminal() {
    let workspace = Workspace::with(ARTICLE);
    let output = workspace.run(&["search", "--explain", "rates \u{1b}]0;owned\u{7} \u{1b}[2J"]);
    assert!(output.code == 0 && output.stdout.contains("rates"), "{output:?}");
    assert!(!output.stdout.contains(['\u{1b}', '\u{7}']), "{output:?}");
}

// Completions and the manual.

#[test]
fn a_shell_is_given_a_script_that_it_understands() {
    let workspace = Workspace::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = workspace.run(&["completions", shell]);
        assert!(output.code == 0 && output.stdout.contains("doctor"), "{shell}: {output:?}");
    }
    let script = workspace.write("footnote.bash", workspace.run(&["completions", "bash"]).stdout);
    let checked = Command::new("bash").arg("-n").arg(&script).output();
    let checked = checked.map_err(|error| format!("bash does not run: {error}"));
    let Some(checked) = needs(Resource::Bash, checked) else { return };
    assert!(checked.status.success(), "{checked:?}");
    // What a user would see after `footnote do<Tab>`.
    let complete = "source \"$0\"; COMP_WORDS=(footnote do); COMP_CWORD=1; _footnote footnote do footnote; echo \"${COMPREPLY[@]}\"";
    let completed = Command::new("bash").args(["-c", complete]).arg(&script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&completed.stdout).trim(), "doctor", "{completed:?}");
    let wrong = workspace.run(&["completions", "bsh"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("'bash'"), "{}", wrong.stderr);
}

#[test]
fn the_manual_has_a_page_for_each_command_that_man_can_show() {
    let workspace = Workspace::new();
    // What needs no settings works whatever they are.
    workspace.write("config.toml", "[nonsense]\n");
    assert_eq!(workspace.run(&["man", "--dir", "pages/man1"]).code, 0);
    let folder = workspace.folder().join("pages/man1");
    for page in ["footnote.1", "footnote-ask.1", "footnote-models-pull.1", "footnote-doctor.1"] {
        assert!(folder.join(page).is_file(), "{page}");
    }
    let page = workspace.run(&["man", "ask"]).stdout;
    assert_eq!(page, std::fs::read_to_string(folder.join("footnote-ask.1")).unwrap());
    let mut man = Command::new("man");
    man.arg("-l").arg(folder.join("footnote-ask.1")).env("MANPAGER", "cat").env("LC_ALL", "C");
    let shown = man.env_remove("MANOPT").env_remove("MANROFFOPT").output();
    let text = shown.map(|shown| String::from_utf8_lossy(&shown.stdout).into_owned()).unwrap_or_default();
    let formatted =
        if text.contains("SYNOPSIS") { Ok(text) } else { Err("there is no man that formats a file".into()) };
    if let Some(text) = needs(Resource::Man, formatted) {
        assert!(text.contains("--top-k") && text.contains("Examples:"), "{text}");
    }
    let wrong = workspace.run(&["man", "aks"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("did you mean `ask`?"), "{}", wrong.stderr);
}

#[test]
fn the_version_is_one_line_or_all_that_a_report_should_have() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["-V"]).stdout, format!("footnote {}\n", env!("CARGO_PKG_VERSION")));
    let long = workspace.run(&["--version"]).stdout;
    for word in ["footnote-e5-small", "ONNX Runtime", std::env::consts::ARCH] {
        assert!(long.contains(word), "{long}");
    }
}

// What was probably meant.

#[test]
fn a_name_with_a_slip_in_it_is_answered_with_the_one_that_was_meant() {
    let workspace = Workspace::new();
    let ingested = workspace.run_with_input(&["ingest", "-c", "news", "-", "--id", "a"], ARTICLE.as_bytes());
    assert_eq!(ingested.code, 0, "{ingested:?}");
    workspace.write("slip.toml", "[ask]\ntopk = 1\n");
    for (arguments, told) in [
        (&["ask", "-c", "newz", "why"][..], "no collection `newz`; there is `news`"),
        (&["search", "-c", "newz", "why"], "no collection `newz`; there is `news`"),
        (&["ls", "-c", "newz"], "no collection `newz`; there is `news`"),
        (&["rm", "-c", "newz", "a"], "no collection `newz`; there is `news`"),
        (&["status"], "no collection `default`; there is `news`"),
        (&["ask", "--where", "titel=x", "why"], "a filter cannot be on `titel`; did you mean `title`?"),
        (&["models", "path", "footnote-e5-smal"], "did you mean `footnote-e5-small`?"),
        (&["config", "--config", "slip.toml"], "did you mean `top_k`?"),
    ] {
        let output = workspace.run(arguments);
        assert!([2, 3].contains(&output.code), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains(told), "{arguments:?}: {}", output.stderr);
    }
    assert!(!workspace.folder().join("index/newz").exists(), "a slip makes no collection");
    let variable = workspace.run_with(&["config"], &[("FOOTNOTE_ASK_TOPK", "1")]);
    assert!(variable.stderr.contains("did you mean `FOOTNOTE_ASK_TOP_K`?"), "{}", variable.stderr);
}
