//! Files, locks and models that are not as they should be: each has a clear outcome and affects nothing else.

use std::io::{BufRead, BufReader};

use footnote::internals::embed::Embedder;
use footnote::internals::ingest::chunk::{Sizer, chunk};

use crate::harness::{Resource, Workspace, embedder, model_dir, needs};

fn ingested(workspace: &Workspace, text: &str) {
    let output = workspace.run_with_input(&["ingest", "-", "--id", "one", "--title", "One"], text.as_bytes());
    assert_eq!(output.code, 0, "{}", output.stderr);
}

#[test]
fn a_second_writer_is_refused_at_once_and_readers_are_not() {
    let workspace = Workspace::new();
    ingested(&workspace, "The lighthouse was repainted in May.");
    let mut server = workspace.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    let second = workspace.run_with_input(&["ingest", "-"], b"Another text.");
    assert_eq!(second.code, 4, "{}", second.stderr);
    let holder = format!("process {} (`footnote serve`", server.id());
    assert!(second.stderr.contains(&holder) && second.stderr.contains("hint:"), "{}", second.stderr);
    let reader = workspace.run(&["ask", "When was the lighthouse painted?"]);
    assert!(reader.code == 0 && reader.stdout.contains("repainted in May"), "{}{}", reader.stdout, reader.stderr);
    server.kill().unwrap();
    server.wait().unwrap();
    let third = workspace.run_with_input(&["ingest", "-"], b"Another text.");
    assert_eq!(third.code, 0, "a lock ends with its process: {}", third.stderr);
}

#[test]
fn an_index_is_used_with_its_own_model_whatever_the_settings_name_and_refused_without_it() {
    let workspace = Workspace::new();
    ingested(&workspace, "The lighthouse was repainted in May.");
    // The same files with other prefixes are another model.
    let own = workspace.folder().join("own-e5");
    std::fs::create_dir(&own).unwrap();
    for entry in std::fs::read_dir(model_dir().join("footnote-e5-small")).unwrap().flatten() {
        std::fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    let settings = format!("[model]\npath = {own:?}\nquery_prefix = \"query: \"\npassage_prefix = \"text: \"\n");
    workspace.write("note.txt", "A note.");
    let config = workspace.write("other.toml", settings);
    let config = config.to_str().unwrap();
    let answered = workspace.run(&["ask", "--config", config, "When was it painted?"]);
    assert!(answered.code == 0 && answered.stdout.contains("May"), "{answered:?}");
    let again = workspace.run(&["reindex", "--config", config]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let answered = workspace.run(&["ask", "--config", config, "When was it painted?"]);
    assert!(answered.code == 0 && answered.stdout.contains("May"), "{}{}", answered.stdout, answered.stderr);
    assert_eq!(workspace.run(&["verify", "--config", config]).code, 0);
    // The collection has recorded where its model is.
    let answered = workspace.run(&["ask", "When was it painted?"]);
    assert!(answered.code == 0 && answered.stdout.contains("May"), "{answered:?}");
    std::fs::rename(own, workspace.folder().join("gone")).unwrap();
    for arguments in [&["ask", "When was it painted?"][..], &["ingest", "note.txt"]] {
        let refused = workspace.run(arguments);
        assert!(refused.code == 4 && refused.stderr.contains("own-e5 ("), "{refused:?}");
        assert!(refused.stderr.contains("footnote reindex"), "{refused:?}");
    }
}

#[test]
fn a_damaged_store_is_reported_and_nothing_panics() {
    let workspace = Workspace::new();
    ingested(&workspace, "The lighthouse was repainted in May.");
    let store = workspace.folder().join("index/default/store.db");
    let whole = std::fs::read(&store).unwrap();
    let overwritten: Vec<u8> =
        whole.iter().enumerate().map(|(at, &byte)| if at > 4000 { !byte } else { byte }).collect();
    for bytes in [b"not a database at all, but some text".to_vec(), whole[..whole.len() / 2].to_vec(), overwritten] {
        std::fs::write(&store, bytes).unwrap();
        for arguments in [&["ask", "When was it painted?"][..], &["verify"], &["ls"], &["ingest", "-"]] {
            let output = workspace.run_with_input(arguments, b"A text.");
            assert!(!output.stderr.contains("panicked"), "{arguments:?}: {}", output.stderr);
            assert!([1, 4, 10].contains(&output.code), "{arguments:?}: {} {}", output.code, output.stderr);
        }
        let verified = workspace.run(&["verify"]);
        assert!(verified.code == 4, "{}{}", verified.stdout, verified.stderr);
    }
}

#[test]
fn a_bad_file_in_a_folder_does_not_affect_the_others() {
    let workspace = Workspace::new();
    let folder = workspace.folder().join("mixed");
    std::fs::create_dir(&folder).unwrap();
    workspace.write("mixed/good.txt", "The harbour froze in January.\n");
    workspace.write("mixed/also-good.md", "# Notes\n\nThe ferry did not sail.\n");
    workspace.write("mixed/latin.txt", b"The caf\xe9 at the harbour is open.");
    workspace.write("mixed/binary.txt", b"The\0harbour");
    workspace.write("mixed/broken.md", "---\ntitle: [unclosed\n---\ntext\n");
    workspace.write("mixed/empty.txt", "");
    workspace.write("mixed/blank.txt", " \n\t\n");
    workspace.write("mixed/huge.txt", "x".repeat(50 * 1024 * 1024));
    workspace.write("mixed/picture.png", b"not looked at");
    let output = workspace.run(&["ingest", "mixed"]);
    assert_eq!(output.code, 5, "{}{}", output.stdout, output.stderr);
    let all = format!("{}{}", output.stdout, output.stderr);
    for (name, reason) in [("binary.txt", "NUL"), ("broken.md", "line"), ("huge.txt", "16 MB of text")] {
        assert!(all.lines().any(|line| line.contains(name)) && all.contains(reason), "{name}: {all}");
    }
    assert!(all.contains("empty.txt") && all.contains("blank.txt") && !all.contains("picture.png"), "{all}");
    let listed = workspace.run(&["ls"]);
    assert_eq!(listed.stdout.lines().count(), 3, "{}", listed.stdout);
    assert_eq!(workspace.run(&["verify"]).code, 0);
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_to_read_is_reported_and_the_others_are_ingested() {
    use std::os::unix::fs::PermissionsExt;

    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("mixed")).unwrap();
    workspace.write("mixed/good.txt", "The harbour froze in January.\n");
    let secret = workspace.write("mixed/secret.txt", "Nobody may read this.");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let arguments = ["ingest", "mixed"];
    let mut ingest = workspace.command(&arguments);
    if std::fs::File::open(&secret).is_ok() {
        // Root reads everything, unless it gives these capabilities up.
        let setpriv = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
        let mut cat = workspace.command_under(&setpriv, "cat", &[secret.to_str().unwrap()]);
        let refused = match cat.output() {
            Ok(output) if String::from_utf8_lossy(&output.stderr).contains("Permission denied") => Ok(()),
            other => Err(format!("this user reads files without permission, and setpriv does not help: {other:?}")),
        };
        let Some(()) = needs(Resource::Permissions, refused) else { return };
        ingest = workspace.command_under(&setpriv, env!("CARGO_BIN_EXE_footnote"), &arguments);
    }
    let output = ingest.output().unwrap();
    let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(5), "{all}");
    assert!(all.contains("secret.txt:"), "{all}");
    let listed = workspace.run(&["ls"]);
    assert_eq!(listed.stdout.lines().count(), 1, "{}", listed.stdout);
}

#[test]
fn a_long_line_without_punctuation_is_split_and_never_beyond_what_the_model_reads() {
    let line = "聯準會降息預期升溫 and yields fell ".repeat(12_000);
    let embedder = embedder();
    let count = embedder.token_counter(&line).unwrap();
    let max_tokens = embedder.max_passage_tokens();
    let sizer = Sizer { count: &*count, target_tokens: 140, max_tokens, title: "", whole_lines: false };
    let chunks = chunk(&line, &[], &sizer).unwrap();
    assert!(chunks.len() > 100);
    assert_eq!((chunks[0].span.start, chunks.last().unwrap().span.end), (0, line.len()));
    for chunk in &chunks {
        assert!(count(line[chunk.span.range()].trim_end()).unwrap() <= embedder.max_passage_tokens());
    }
}

#[test]
fn unchanged_content_is_left_alone_and_changed_content_replaces_it() {
    let workspace = Workspace::new();
    let file = workspace.write("note.txt", "Note\n\nThe bridge opened in 1931.\n");
    let path = file.to_str().unwrap();
    assert!(workspace.run(&["ingest", path]).stdout.starts_with("added"));
    let again = workspace.run(&["ingest", path]);
    assert!(again.stdout.starts_with("unchanged"), "{}", again.stdout);
    workspace.write("note.txt", "Note\n\nThe bridge opened in 1932.\n");
    assert!(workspace.run(&["ingest", path]).stdout.starts_with("updated"));
    let answer = workspace.run(&["ask", "When did the bridge open?"]).stdout;
    assert!(answer.contains("1932") && !answer.contains("1931"), "{answer}");
    assert_eq!(workspace.run(&["ls"]).stdout.lines().count(), 1);
}

#[test]
fn an_article_that_is_no_longer_in_its_digest_is_removed() {
    let workspace = Workspace::new();
    let article =
        |name: &str| format!("{name}\nThe {name} question was settled last week by a vote of nine to two. (daily)\n");
    let write = |names: &[&str]| {
        let articles: String = names.iter().map(|name| article(name)).collect();
        workspace.write("digest.txt", format!("#news\n{articles}"))
    };
    write(&["canal", "tariff", "harbour"]);
    assert_eq!(workspace.run(&["ingest", "digest.txt"]).stdout.matches("added").count(), 4);
    write(&["quota", "canal", "harbour"]);
    let second = workspace.run(&["ingest", "digest.txt"]).stdout;
    for (status, count) in [("added ", 1), ("unchanged ", 2), ("removed ", 1)] {
        assert_eq!(second.lines().filter(|line| line.starts_with(status)).count(), count, "{second}");
    }
    let listed = workspace.run(&["ls"]).stdout;
    assert!(listed.lines().count() == 3 && !listed.contains("tariff"), "{listed}");
    assert_eq!(workspace.run(&["verify"]).code, 0);
}
