//! The first minutes of a new user: no index and no model are there yet, and each step says what it does.

use crate::harness::{Resource, Workspace, needs, project};

const QUESTION: &str = "who expects the Fed to cut in 2026";

/// A folder with two files of the example corpus in it and no index.
fn newcomer() -> Workspace {
    let workspace = Workspace::new();
    let corpus = workspace.folder().join("examples/corpus");
    std::fs::create_dir_all(&corpus).unwrap();
    for name in ["market-digest.txt", "ecb-holds.md"] {
        std::fs::copy(project().join("examples/corpus").join(name), corpus.join(name)).unwrap();
    }
    workspace
}

#[test]
fn the_first_question_reads_the_example_corpus_says_so_and_is_answered() {
    let workspace = newcomer();
    let first = workspace.run(&["ask", QUESTION]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("No index yet: reading the example corpus in examples/corpus"), "{}", first.stderr);
    assert!(first.stdout.contains("聯準會2026年將降息三次"), "{}", first.stdout);
    let second = workspace.run(&["ask", QUESTION]);
    assert_eq!((second.code, second.stderr.as_str()), (0, ""));
    assert_eq!(second.stdout, first.stdout);
    assert_eq!(workspace.run(&["ls"]).stdout.lines().count(), 6);
}

#[test]
fn a_first_question_without_a_model_says_what_to_do_and_the_next_one_works() {
    let workspace = newcomer();
    let mut offline = workspace.command(&["--offline", "ask", QUESTION]);
    let output = offline.env("FOOTNOTE_MODEL_DIR", workspace.folder().join("no-models")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("offline forbids fetching it") && told.contains("hint:"), "{told}");
    let next = workspace.run(&["ask", QUESTION]);
    assert!(next.code == 0 && next.stdout.contains("[1]"), "{}{}", next.stdout, next.stderr);
}

/// The sizes and hashes of the model's packages are fixed, so that only the real ones can be fetched.
#[test]
fn two_processes_that_need_the_model_at_once_fetch_it_once() {
    // The 127 MB are fetched only where a registry is known to be near.
    let wanted = if Resource::Network.is_required() { Ok(()) } else { Err("it fetches 127 MB".to_owned()) };
    let Some(()) = needs(Resource::Network, wanted) else { return };
    let workspace = newcomer();
    let models = workspace.folder().join("fresh-models");
    let pull = || workspace.command(&["models", "pull"]).env("FOOTNOTE_MODEL_DIR", &models).spawn().unwrap();
    let outputs = [pull(), pull()].map(|child| child.wait_with_output().unwrap());
    for output in &outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let downloads = outputs.iter().filter(|output| String::from_utf8_lossy(&output.stderr).contains("Downloading"));
    assert_eq!(downloads.count(), 1);
    let mut left: Vec<_> =
        std::fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(
        left,
        [".lock", "cc-cedict", "footnote-e5-small", "onnxruntime-1.32.0", "pdfium-8149", "pyspellchecker"]
    );
    let verified = workspace.command(&["models", "verify"]).env("FOOTNOTE_MODEL_DIR", &models).output().unwrap();
    assert!(verified.status.success());
}
