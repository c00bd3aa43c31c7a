//! The command line and a running server: the server gives the same answers to the byte, or it is not asked.

use std::process::Command;

use serde_json::json;

use crate::harness::{ANY_PORT, ARTICLE, Output, QUESTION, Server, Workspace, exclusive_address};

/// What was printed, without what it took.
fn untimed(output: &Output) -> String {
    let timed =
        |line: &&str| ["\"embed\"", "\"search\"", "\"cite\"", "\"total\""].iter().any(|step| line.contains(step));
    let text: Vec<String> = output
        .stdout
        .lines()
        .map(|line| match line.split_once("\"took_ms\":{") {
            Some((before, after)) => before.to_owned() + after.split_once('}').map_or("", |(_, after)| after),
            None => line.to_owned(),
        })
        .collect();
    text.iter().map(String::as_str).filter(|line| !timed(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn through_a_server_every_answer_is_the_same_to_the_byte() {
    let workspace = Workspace::with(ARTICLE);
    let other = "The ferry to Gotland sails at noon. Bo Ek expects a storm on Friday.\n";
    let ingested = workspace.run_with_input(&["ingest", "-c", "sea", "-", "--id", "ferry"], other.as_bytes());
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    let server = [("FOOTNOTE_SERVER_LISTEN", serving.address()), ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info")];
    let by_server = |arguments: &[&str], expected: bool| {
        let output = workspace.run_with(arguments, &server);
        assert_eq!(output.stderr.contains("asking the server at"), expected, "{arguments:?}: {}", output.stderr);
        assert!(!expected || !output.stderr.contains("doing it here"), "{arguments:?}: {}", output.stderr);
        output
    };
    let sea = ["ask", "-c", "sea", "who expects a storm"];
    let output = by_server(&sea, false);
    assert!(output.stdout.contains("Bo Ek") && output.stderr.contains("does not hold sea"), "{output:?}");
    let unhindered = workspace.run_with_input(&["ingest", "-c", "sea", "-", "--id", "more"], b"The pier is closed.");
    assert_eq!(unhindered.code, 0, "{unhindered:?}");
    // A question does not make the server hold a collection; a write does.
    let asked = serving.post("/v1/ask", &json!({"question": "who", "collection": "sea"}));
    assert_eq!(asked.status, 200, "{}", asked.text);
    let unhindered = workspace.run_with_input(&["ingest", "-c", "sea", "-", "--id", "more"], b"The pier is open.");
    assert_eq!(unhindered.code, 0, "{unhindered:?}");
    let written = json!({"collection": "sea", "documents": [{"id": "pier", "text": "The pier is closed."}]});
    let taken = serving.post("/v1/documents", &written);
    assert_eq!(taken.status, 200, "{}", taken.text);
    for question in [
        &[QUESTION][..],
        &["--passages", "-k", "3", "-C", "0", "weekend"],
        &["-c", "sea", "who expects a storm"],
        &["--where", "id=memo", "--where", "id=x", "--since", "1999", "rates"],
        &["--language", "en", "--where", "metadata.n=3", QUESTION],
        &["what colour is the moon"],
    ] {
        for format in ["cli", "json", "ndjson", "md"] {
            for command in ["ask", "search"] {
                let question: Vec<&str> = match command {
                    "search" => question.iter().copied().filter(|word| *word != "--passages").collect(),
                    _ => question.to_vec(),
                };
                let arguments = [&[command, "--format", format], question.as_slice()].concat();
                let served = by_server(&arguments, true);
                let here = workspace.run(&[arguments.as_slice(), &["--no-server"]].concat());
                assert_eq!((served.code, untimed(&served)), (here.code, untimed(&here)), "{arguments:?}");
            }
        }
    }
    assert!(by_server(&sea, true).stdout.contains("Bo Ek"));
    by_server(&["ask", "--no-server", QUESTION], false);
    by_server(&["search", "--explain", QUESTION], false);
    let declined =
        workspace.run_with(&["ask", QUESTION], &[server[0], server[1], ("FOOTNOTE_ASK_USE_SERVER", "false")]);
    assert!(declined.code == 0 && !declined.stderr.contains("asking the server"), "{declined:?}");
    let unknown = workspace.run_with(&["ask", "-c", "see", QUESTION], &server);
    assert!(unknown.code == 2 && unknown.stderr.contains("no collection `see`; there is `sea`"), "{unknown:?}");
    let long = "why ".repeat(3000);
    let refused = workspace.run_with(&["ask", &long], &server);
    assert!(refused.code == 2 && refused.stderr.contains("hint:"), "{refused:?}");
}

#[test]
fn a_server_over_another_index_or_with_other_settings_is_never_asked() {
    let workspace = Workspace::with(ARTICLE);
    let foreign = Workspace::with("Carl Berg expects the Fed to cut rates nine times in 2026.\n");
    let serving = Server::over(&foreign, &exclusive_address(), &[]);
    let address = serving.address().to_owned();
    let listen = ("FOOTNOTE_SERVER_LISTEN", address.as_str());
    let log = ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info");
    let output = workspace.run_with(&["ask", QUESTION], &[listen, log]);
    assert!(output.stdout.contains("Anna Lindqvist") && !output.stdout.contains("Carl Berg"), "{output:?}");
    assert!(output.stderr.contains("serves another index"), "{output:?}");

    // A copy of the served index, the lock's file and all, is another index as soon as either is written to.
    let copy = Workspace::new();
    let copied =
        Command::new("cp").args(["-r", "index"]).arg(copy.folder()).current_dir(foreign.folder()).status().unwrap();
    assert!(copied.success());
    let output = copy.run_with(&["ask", QUESTION], &[listen, log]);
    assert!(output.code == 0 && output.stderr.contains("serves another index"), "{output:?}");

    let output = foreign.run_with(&["ask", QUESTION], &[listen, log, ("FOOTNOTE_ASK_SENTENCES", "1")]);
    assert!(output.code == 0 && output.stderr.contains("serves another index, or has other settings"), "{output:?}");
    let output = foreign.run_with(&["ask", QUESTION], &[listen, log]);
    assert!(output.stdout.contains("Carl Berg") && output.stderr.contains("asking the server"), "{output:?}");

    let report = foreign.run_with(&["doctor"], &[listen]);
    assert!(report.stdout.contains("serves this index at") && report.stdout.contains("held by process"), "{report:?}");
    drop(serving);
    let output = foreign.run_with(&["ask", QUESTION], &[listen, log]);
    assert!(output.code == 0 && output.stderr.contains("no server answers"), "{output:?}");
}

#[test]
fn a_server_with_nothing_in_it_is_told_as_an_empty_index() {
    let workspace = Workspace::new();
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    let output = workspace.run_with(&["ask", "why"], &[("FOOTNOTE_SERVER_LISTEN", serving.address())]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("is empty\n  hint: `footnote ingest PATH`"), "{output:?}");
}

#[test]
fn a_server_is_asked_only_at_the_address_that_it_proves_itself_for() {
    let workspace = Workspace::with(ARTICLE);
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    // Another program passes on what the server says, and would get the question.
    let (relay, to) = (std::net::TcpListener::bind(ANY_PORT).unwrap(), serving.address().to_owned());
    let listen = relay.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut from in relay.incoming().flatten() {
            let Ok(mut server) = std::net::TcpStream::connect(&to) else { return };
            let (mut back, mut forth) = (server.try_clone().unwrap(), from.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut back, &mut forth));
            let _ = std::io::copy(&mut from, &mut server);
        }
    });
    let log = ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info");
    let output = workspace.run_with(&["ask", QUESTION], &[("FOOTNOTE_SERVER_LISTEN", &listen), log]);
    assert!(output.code == 0 && output.stderr.contains("serves another index"), "{output:?}");
    let output = workspace.run_with(&["ask", QUESTION], &[("FOOTNOTE_SERVER_LISTEN", serving.address()), log]);
    assert!(output.code == 0 && output.stderr.contains("asking the server"), "{output:?}");
}

/// The lines of an ingest without the time it took.
fn outcomes(output: &Output) -> Vec<String> {
    let untimed = |line: &str| line.rsplit_once(" · ").map_or(line, |(line, _)| line).to_owned();
    output.stdout.lines().map(untimed).collect()
}

/// A folder with files of each kind, and one that cannot be read.
fn folder_of_files(workspace: &Workspace) {
    std::fs::create_dir(workspace.folder().join("notes")).unwrap();
    workspace.write("notes/fed.md", format!("---\nid: fed\ntitle: The Fed\n---\n\n{ARTICLE}"));
    workspace.write("notes/plain.txt", "The ferry to Gotland sails at noon. Bo Ek expects a storm on Friday.\n");
    workspace.write(
        "notes/digest.txt",
        "#sea\nStorm\nA storm is expected on Friday night, says the harbour master. (Harbour Post)\nCalm\nThe sea will \
         be calm again on Sunday, says the harbour master. (Harbour Post)\n",
    );
    workspace.write("notes/empty.txt", " \n");
    workspace.write("notes/data.txt", b"caf\0\x01");
}

#[test]
fn documents_that_go_through_the_server_are_those_that_this_process_would_store() {
    // The same files into two indexes: one that a server holds, and one that nobody does.
    let workspace = Workspace::new();
    let serving = Server::over(&workspace, ANY_PORT, &[("FOOTNOTE_LOG_LEVEL", "info")]);
    let alone = workspace.folder().join("alone");
    let index = ("FOOTNOTE_INDEX_DIR", alone.to_str().unwrap());
    let listen = ("FOOTNOTE_SERVER_LISTEN", serving.address());
    folder_of_files(&workspace);
    let both = |arguments: &[&str]| {
        let served = workspace.run_with(arguments, &[listen]);
        let here = workspace.run_with(arguments, &[index, ("FOOTNOTE_ASK_USE_SERVER", "false")]);
        assert_eq!((served.code, outcomes(&served)), (here.code, outcomes(&here)), "{arguments:?}: {served:?}");
        served
    };
    assert_eq!(both(&["ingest", "notes"]).code, 5, "one file is no text");
    assert!(both(&["ingest", "notes"]).stdout.contains("unchanged"));
    workspace.write(
        "notes/digest.txt",
        "#sea\nStorm\nA storm is expected on Friday night, says the harbour master. (Harbour Post)\n",
    );
    assert!(both(&["ingest", "notes/digest.txt"]).stdout.contains("removed"), "an article is gone from its file");
    both(&["ls"]);
    assert_eq!(both(&["ask", QUESTION]).code, 0);
    assert_eq!(both(&["rm", "fed", "notes/plain.txt", "no-such-document"]).code, 1);
    both(&["rm", "no-such-document"]);
    both(&["ls"]);
    let verified = workspace.run(&["verify"]);
    assert!(verified.code == 0 && verified.stdout.contains("no problems"), "{verified:?}");
    for variables in [&[listen][..], &[index]] {
        let mut command = workspace.command(&["ingest", "-", "--id", "memo", "--title", "Memo"]);
        let input = std::fs::File::open(workspace.folder().join("notes/plain.txt")).unwrap();
        let output = command.envs(variables.iter().copied()).stdin(input).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    both(&["get", "--text", "memo"]);
    assert!(serving.log().contains("/handoff/ingest"), "{}", serving.log());
}

#[test]
fn documents_do_not_go_to_a_server_with_other_settings_of_ingest_nor_where_that_is_declined() {
    let workspace = Workspace::new();
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    workspace.write("a.txt", ARTICLE);
    let listen = ("FOOTNOTE_SERVER_LISTEN", serving.address());
    let other = workspace.run_with(&["ingest", "a.txt"], &[listen, ("FOOTNOTE_INGEST_PASSAGE_TOKENS", "99")]);
    assert!(other.code != 0 && other.stderr.contains("proof") && other.stderr.contains("[ingest]"), "{other:?}");
    let declined = workspace.run_with(&["ingest", "--no-server", "a.txt"], &[listen]);
    assert!(declined.code == 4 && declined.stderr.contains("in use by process"), "{declined:?}");
}

#[test]
fn nobody_else_can_say_which_file_a_document_comes_from() {
    let workspace = Workspace::with(ARTICLE);
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    let line = br#"{"end": "/etc/passwd"}"#;
    for proof in ["", "00", &format!("00 {}", "0".repeat(64))] {
        for path in ["/handoff/ingest", "/handoff/remove", "/handoff/reindex"] {
            serving.send("POST", path, &[("footnote-proof", proof)], line).problem(403);
        }
    }
    let origin = json!({"documents": [{"text": "x", "origin": "/etc/passwd"}]});
    assert_eq!(serving.post("/v1/documents", &origin).status, 400, "the API has no such field");
}

#[cfg(unix)]
#[test]
fn an_ingest_that_is_interrupted_leaves_what_it_reported_and_removes_nothing() {
    use std::io::{BufRead as _, BufReader};

    let workspace = Workspace::new();
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    let listen = ("FOOTNOTE_SERVER_LISTEN", serving.address());
    std::fs::create_dir(workspace.folder().join("many")).unwrap();
    for n in 0..400 {
        workspace.write(&format!("many/{n:03}.txt"), format!("Note {n}. {ARTICLE}"));
    }
    let mut command = workspace.command(&["ingest", "many"]);
    let mut running = command.envs([listen]).spawn().unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut reported: Vec<String> = lines.by_ref().take(1).collect();
    let interrupted = Command::new("kill").arg("-INT").arg(running.id().to_string()).status().unwrap();
    assert!(interrupted.success());
    reported.extend(lines.filter(|line| line.starts_with("added")));
    assert_eq!(running.wait().unwrap().code(), Some(130));
    let stored = workspace.run(&["ls"]);
    for line in &reported {
        let id = line.split_whitespace().nth(1).unwrap();
        assert!(stored.stdout.contains(id), "{line}");
    }
    let again = workspace.run_with(&["ingest", "many"], &[listen]);
    assert!(again.code == 0 && again.stdout.contains("400 documents"), "{}", again.stderr);
    assert!(!again.stdout.contains("removed"));
    assert_eq!(workspace.run(&["verify"]).code, 0);
}
