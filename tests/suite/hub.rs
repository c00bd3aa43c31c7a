//! Models of a hub, from a small one on this machine: fetched by name, the same from then on, and never half.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{ANY_PORT, Hub, Output, Pace, Page, Server, Workspace, cross_encoder, encoder, model_dir};

/// The repository from which `multilingual-e5-large` comes, whose graph has its weights in another file.
const REPOSITORY: &str = "Qdrant/multilingual-e5-large-onnx";
const WEIGHTS: &str = "model.onnx_data";
const NAME: &str = "multilingual-e5-large";
const DIMENSIONS: usize = 1024;
const RERANKER: &str = "bge-reranker-base";
const FIRST: &str = "1111111111111111111111111111111111111111";
const SECOND: &str = "2222222222222222222222222222222222222222";
const WORDS: [&str; 12] =
    ["query", "passage", "the", "ferry", "sails", "at", "noon", "bread", "is", "baked", "night", "zebra"];
const ASKED: &str = "the ferry sails";

/// A workspace with a models directory of its own, which has the runtime and the default model.
struct Place {
    workspace: Workspace,
    hub: Hub,
}

impl Place {
    fn new() -> Self {
        let workspace = Workspace::new();
        let models = workspace.folder().join("models");
        std::fs::create_dir(&models).unwrap();
        for entry in std::fs::read_dir(model_dir()).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            link(&entry.path(), &models.join(entry.file_name()));
        }
        Self { workspace, hub: Hub::start() }
    }

    /// With the model on the hub.
    fn with_model() -> Self {
        let place = Self::new();
        place.hub.push(REPOSITORY, FIRST, &files());
        place
    }

    fn models(&self) -> PathBuf {
        self.workspace.folder().join("models")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let models = self.models();
        let own = [
            ("HF_ENDPOINT", self.hub.hub.url.as_str()),
            ("HF_TOKEN", "secret"),
            ("PIP_NO_INDEX", "1"),
            ("FOOTNOTE_MODEL_DIR", models.to_str().unwrap()),
        ];
        self.workspace.run_with(arguments, &[&own, variables].concat())
    }

    fn done(&self, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let output = self.run_with(arguments, variables);
        assert_eq!(output.code, 0, "{arguments:?}: {output:?}");
        output.stdout
    }

    /// Runs `arguments`, which must fail because of a model. Returns what is said.
    fn refused(&self, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let output = self.run_with(arguments, variables);
        assert_eq!(output.code, 3, "{arguments:?}: {output:?}");
        output.stderr
    }

    /// The names below the models directory that are not there from the beginning.
    fn installed(&self) -> Vec<String> {
        let is_old = |name: &str| name == ".lock" || model_dir().join(name).exists();
        let names = std::fs::read_dir(self.models()).unwrap().flatten();
        names.map(|entry| entry.file_name().into_string().unwrap()).filter(|name| !is_old(name)).collect()
    }

    fn record(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.models().join(NAME).join("checksums.json")).unwrap()).unwrap()
    }

    /// Ingests two documents with these settings.
    fn ingest(&self, variables: &[(&str, &str)]) {
        self.workspace.write("ferry.md", "The ferry sails at noon.");
        self.workspace.write("bread.md", "Bread is baked at night beside a zebra.");
        self.done(&["ingest", "ferry.md", "bread.md"], variables);
    }

    /// The titles of the passages that are found, the best first.
    fn found(&self, variables: &[(&str, &str)]) -> Vec<String> {
        let found: Value = serde_json::from_str(&self.done(&["search", "--json", ASKED], variables)).unwrap();
        let passages = found["passages"].as_array().unwrap().iter();
        passages.map(|passage| passage["document"]["title"].as_str().unwrap().to_owned()).collect()
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) {
    std::os::unix::fs::symlink(from, to).unwrap();
}

fn files() -> Vec<(String, Vec<u8>)> {
    encoder(&WORDS, DIMENSIONS, WEIGHTS)
}

fn file(name: &str) -> Vec<u8> {
    files().into_iter().find(|(known, _)| known == name).unwrap().1
}

const CHOSEN: (&str, &str) = ("FOOTNOTE_MODEL_NAME", NAME);

#[test]
fn a_model_is_pulled_by_name_and_recorded_with_the_commit_of_the_hub() {
    let place = Place::with_model();
    let pulled = place.done(&["models", "pull", "intfloat/multilingual-e5-large"], &[]);
    assert!(pulled.contains(NAME), "{pulled}");
    assert_eq!(place.installed(), [NAME]);
    let record = place.record();
    assert_eq!(record["origin"]["repository"], REPOSITORY);
    assert_eq!(record["origin"]["revision"], FIRST);
    let hash = blake3::hash(&file(WEIGHTS)).to_hex().to_string();
    assert_eq!(record["files"][WEIGHTS]["blake3"], hash.as_str());

    let asked = place.hub.hub.asked();
    assert!(asked.iter().all(|asked| asked.headers.contains("authorization: bearer secret")), "{asked:?}");
    let elsewhere = place.hub.storage.asked();
    assert!(elsewhere.len() == 2 && elsewhere.iter().all(|asked| !asked.headers.contains("secret")), "{elsewhere:?}");

    assert!(place.done(&["models", "verify", NAME], &[]).lines().all(|line| line.starts_with("ok")));
    let listed = place.done(&["models", "list"], &[CHOSEN]);
    let line = listed.lines().find(|line| line.starts_with(NAME)).unwrap();
    assert_eq!(line, format!("{NAME}\tmodel, {DIMENSIONS} dimensions\tMIT\tmodel hub\tyes\tyes"));
    place.done(&["models", "pull", NAME], &[]);
    assert_eq!(place.hub.hub.asked(), [], "it is there");
}

#[test]
fn a_question_is_answered_with_it_and_an_index_goes_over_to_it() {
    let place = Place::with_model();
    place.ingest(&[]);
    assert!(place.installed().is_empty(), "who asks for no other model gets none");
    let before = place.done(&["status"], &[]);
    assert!(before.contains("footnote-e5-small"), "{before}");
    let reindexed = place.done(&["reindex", "--model", "intfloat/multilingual-e5-large"], &[]);
    assert!(reindexed.contains(&format!("2 documents embedded again with {NAME}")), "{reindexed}");
    let status = place.done(&["status"], &[]);
    assert!(status.contains(NAME), "{status}");
    // The collection keeps its model, whatever the settings name, and without a hub.
    for variables in [&[][..], &[CHOSEN], &[("HF_ENDPOINT", "http://127.0.0.1:9"), ("FOOTNOTE_MODEL_OFFLINE", "true")]]
    {
        assert_eq!(place.found(variables), ["ferry", "bread"], "{variables:?}");
    }
    let doctor = place.run_with(&["doctor"], &[CHOSEN]);
    assert!(doctor.stdout.contains("files are what was installed"), "{doctor:?}");
    assert!(place.done(&["verify"], &[CHOSEN]).contains("2 documents"));
}

#[test]
fn another_machine_gets_the_commit_that_the_collection_records() {
    let place = Place::with_model();
    place.ingest(&[CHOSEN]);
    // The repository goes on, and the model is not here any more.
    let mut changed = files();
    changed.iter_mut().find(|(name, _)| name == WEIGHTS).unwrap().1.reverse();
    place.hub.push(REPOSITORY, SECOND, &changed);
    std::fs::remove_dir_all(place.models().join(NAME)).unwrap();
    let _ = place.hub.resolved();
    assert_eq!(place.found(&[]), ["ferry", "bread"]);
    let resolved = place.hub.resolved();
    assert!(!resolved.is_empty() && resolved.iter().all(|path| path.starts_with(FIRST)), "{resolved:?}");

    // Who chooses the new commit gets it, and the index is refused with it rather than used.
    let newer = [CHOSEN, ("FOOTNOTE_MODEL_REVISION", SECOND)];
    place.done(&["models", "pull", "--force"], &newer);
    assert_eq!(place.record()["origin"]["revision"], SECOND);
    let refused = place.run(&["search", ASKED]);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains(NAME), "{refused:?}");
    let refused = place.refused(&["models", "pull"], &[CHOSEN, ("FOOTNOTE_MODEL_REVISION", FIRST)]);
    assert!(refused.contains(FIRST) && refused.contains("--force"), "{refused}");
}

#[test]
fn the_revision_of_the_settings_concerns_their_model_alone() {
    let place = Place::with_model();
    place.ingest(&[]);
    let of_another = [("FOOTNOTE_MODEL_NAME", "bge-m3"), ("FOOTNOTE_MODEL_REVISION", SECOND)];
    place.done(&["models", "pull", NAME], &of_another);
    assert_eq!(place.record()["origin"]["revision"], FIRST);

    // The settings name a commit that is not the one installed. That blocks no collection of another model.
    let wrong = [CHOSEN, ("FOOTNOTE_MODEL_REVISION", SECOND)];
    assert!(place.refused(&["models", "pull"], &wrong).contains(SECOND));
    assert_eq!(place.found(&wrong), ["ferry", "bread"]);
}

#[test]
fn an_index_goes_over_to_the_commit_that_the_settings_name() {
    let place = Place::with_model();
    place.ingest(&[]);
    place.hub.push(REPOSITORY, SECOND, &encoder(&["another"], DIMENSIONS, WEIGHTS));
    let older = [CHOSEN, ("FOOTNOTE_MODEL_REVISION", FIRST)];
    place.done(&["reindex", "--model", "intfloat/multilingual-e5-large"], &older);
    assert_eq!(place.record()["origin"]["revision"], FIRST);
    assert_eq!(place.found(&[]), ["ferry", "bread"]);
}

#[test]
fn the_same_files_under_another_commit_are_the_same_model() {
    let place = Place::with_model();
    place.ingest(&[CHOSEN]);
    place.hub.push(REPOSITORY, SECOND, &files());
    place.done(&["models", "pull", "--force"], &[CHOSEN, ("FOOTNOTE_MODEL_REVISION", SECOND)]);
    assert_eq!(place.record()["origin"]["revision"], SECOND);
    let _ = place.hub.resolved();
    let (first, second) = (("FOOTNOTE_MODEL_REVISION", FIRST), ("FOOTNOTE_MODEL_REVISION", SECOND));
    for variables in [&[][..], &[CHOSEN], &[CHOSEN, first], &[CHOSEN, second]] {
        assert_eq!(place.found(variables), ["ferry", "bread"], "{variables:?}");
    }
    assert!(place.hub.resolved().is_empty());
}

#[test]
fn a_file_that_changed_under_the_same_commit_is_refused_and_what_is_installed_stays() {
    let place = Place::with_model();
    place.ingest(&[CHOSEN]);
    let mut vectors = file(WEIGHTS);
    vectors.reverse();
    place.hub.put(REPOSITORY, FIRST, &["main", FIRST], WEIGHTS, &vectors);
    let refused = place.refused(&["models", "pull", "--force", NAME], &[]);
    assert!(refused.contains(WEIGHTS) && refused.contains(FIRST) && refused.contains("do not trust"), "{refused}");
    assert_eq!(place.installed(), [NAME]);
    assert_eq!(place.found(&[]), ["ferry", "bread"]);

    // A damaged file is told, and comes again as it was.
    let damaged = place.models().join(NAME).join(WEIGHTS);
    std::fs::write(&damaged, &vectors).unwrap();
    assert!(place.refused(&["search", ASKED], &[]).contains(&format!("models pull --force {NAME}")));
    let verified = place.refused(&["models", "verify", NAME], &[]);
    assert!(verified.contains(&format!("models pull --force {NAME}")), "{verified}");
    place.hub.push(REPOSITORY, FIRST, &files());
    place.done(&["models", "pull", "--force", NAME], &[]);
    assert_eq!(place.found(&[]), ["ferry", "bread"]);
}

#[test]
fn a_later_pull_asks_for_the_recorded_commit() {
    let place = Place::with_model();
    place.done(&["models", "pull", NAME], &[]);
    let first = place.record();
    place.hub.push(REPOSITORY, SECOND, &encoder(&["another"], DIMENSIONS, WEIGHTS));
    place.hub.resolved();
    place.done(&["models", "pull", "--force", NAME], &[]);
    assert!(place.hub.resolved().iter().all(|path| path.starts_with(FIRST)));
    assert_eq!(place.record(), first);
}

#[test]
fn a_download_that_breaks_off_or_is_not_what_the_hub_promised_installs_nothing() {
    let place = Place::with_model();
    place.hub.cut(REPOSITORY, FIRST, WEIGHTS, &file(WEIGHTS));
    let refused = place.refused(&["models", "pull", NAME], &[]);
    assert!(refused.contains("broke off") || refused.contains("incomplete"), "{refused}");
    assert_eq!(place.installed(), [""; 0]);

    // As long as it should be, and not the same.
    let mut other = file(WEIGHTS);
    other.reverse();
    let at = format!("/{REPOSITORY}/{FIRST}/{WEIGHTS}");
    place.hub.storage.put(&at, Page::new("binary/octet-stream", other));
    let refused = place.refused(&["models", "pull", NAME], &[]);
    assert!(refused.contains("incomplete or damaged") && refused.contains("nothing was installed"), "{refused}");
    assert_eq!(place.installed(), [""; 0]);

    place.hub.push(REPOSITORY, FIRST, &files());
    place.done(&["models", "pull", NAME], &[]);
    assert_eq!(place.installed(), [NAME]);
}

#[test]
fn a_download_that_is_killed_leaves_nothing_that_is_used() {
    let place = Place::with_model();
    let at = format!("/{REPOSITORY}/{FIRST}/{WEIGHTS}");
    place.hub.storage.put(&at, Page::without_end(Pace::Slow));
    let mut command = place.workspace.command(&["models", "pull", NAME]);
    command.env("HF_ENDPOINT", &place.hub.hub.url).env("FOOTNOTE_MODEL_DIR", place.models());
    let mut pull = command.spawn().unwrap();
    while place.hub.storage.asked().is_empty() {
        assert_eq!(pull.try_wait().unwrap(), None, "it has to wait for the hub");
        std::thread::sleep(Duration::from_millis(20));
    }
    pull.kill().unwrap();
    pull.wait().unwrap();
    assert!(!place.installed().iter().any(|name| name == NAME), "{:?}", place.installed());
    place.hub.push(REPOSITORY, FIRST, &files());
    place.done(&["models", "pull", NAME], &[]);
    assert_eq!(place.installed(), [NAME], "what was left over is gone");
}

#[test]
fn a_model_that_cannot_be_had_is_an_error_that_says_why_and_what_to_do() {
    let place = Place::with_model();
    let offline = place.refused(&["models", "pull", NAME], &[("FOOTNOTE_MODEL_OFFLINE", "true")]);
    assert!(offline.contains("offline forbids"), "{offline}");
    let offline = place.refused(&["models", "pull", RERANKER], &[("FOOTNOTE_MODEL_OFFLINE", "true")]);
    assert!(offline.contains("offline forbids"), "{offline}");
    let wrong = place.refused(&["models", "pull", "multilingual-e5-lage"], &[]);
    assert!(wrong.contains("did you mean `multilingual-e5-large`?"), "{wrong}");
    let memo = place.workspace.write("memo.md", "The ferry sails at noon.");
    let reranker = place.refused(&["ingest", memo.to_str().unwrap()], &[("FOOTNOTE_MODEL_NAME", RERANKER)]);
    assert!(reranker.contains(&format!("set [reranker] name = \"{RERANKER}\"")), "{reranker}");
    for path in ["../multilingual-e5-large", "multilingual-e5-large/../x", "/etc", "models\\x", "..%2Fx"] {
        assert!(place.refused(&["models", "pull", path], &[]).contains("no model of this name"), "{path}");
        assert!(place.refused(&["models", "path", path], &[]).contains("no model of this name"), "{path}");
    }
    assert_eq!(place.hub.hub.asked(), [], "nothing was asked for");

    let unreachable = place.refused(&["models", "pull", NAME], &[("HF_ENDPOINT", "http://127.0.0.1:9")]);
    for told in ["http://127.0.0.1:9", "HF_ENDPOINT", "copy the folder multilingual-e5-large", "`path`"] {
        assert!(unreachable.contains(told), "{told}: {unreachable}");
    }
    let no_address = place.refused(&["models", "pull", NAME], &[("HF_ENDPOINT", "hub.example")]);
    assert!(no_address.contains("HF_ENDPOINT is `hub.example`"), "{no_address}");
    place.hub.hub.put(&format!("/{REPOSITORY}/resolve/main/{WEIGHTS}"), Page::status(401));
    assert!(place.refused(&["models", "pull", NAME], &[]).contains("the token in HF_TOKEN may have expired"));
    assert!(place.refused(&["models", "pull", NAME], &[("HF_TOKEN", "")]).contains("set HF_TOKEN"));
    place.hub.hub.put(&format!("/{REPOSITORY}/resolve/main/{WEIGHTS}"), Page::new("text/html", "<p>A login page."));
    assert!(place.refused(&["models", "pull", NAME], &[]).contains("names no commit"));
    assert_eq!(place.installed(), [""; 0]);
}

#[test]
fn a_hub_cannot_choose_where_files_go_or_send_in_circles() {
    let place = Place::with_model();
    let path = format!("/{REPOSITORY}/resolve/main/{WEIGHTS}");
    let evil = Page::new("binary/octet-stream", file(WEIGHTS)).with("X-Repo-Commit", "../../../../evil");
    place.hub.hub.put(&path, evil);
    assert!(place.refused(&["models", "pull", NAME], &[]).contains("names no commit"));
    place.hub.hub.put(&path, Page::redirect(302, &path).with("X-Repo-Commit", FIRST));
    assert!(place.refused(&["models", "pull", NAME], &[]).contains("without end"));
    place.hub.hub.put(&path, Page::redirect(302, "file:///etc/passwd").with("X-Repo-Commit", FIRST));
    assert!(place.refused(&["models", "pull", NAME], &[]).contains("not followed"));
    assert_eq!(place.installed(), [""; 0]);
}

#[test]
fn a_reranker_by_name_decides_the_order() {
    let place = Place::new();
    let folder = cross_encoder("zebra");
    let names = ["tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];
    let mut files: Vec<_> =
        names.map(|name| (name.to_owned(), std::fs::read(folder.path().join(name)).unwrap())).into();
    files.push(("onnx/model.onnx".to_owned(), std::fs::read(folder.path().join("model.onnx")).unwrap()));
    place.hub.push("BAAI/bge-reranker-base", FIRST, &files);
    place.ingest(&[]);
    assert_eq!(place.found(&[]), ["ferry", "bread"]);
    let chosen = [("FOOTNOTE_RERANKER_NAME", "BAAI/bge-reranker-base")];
    assert_eq!(place.found(&chosen), ["bread", "ferry"], "it counts zebras");
    assert_eq!(place.installed(), [RERANKER]);
    let offline = [chosen[0], ("FOOTNOTE_MODEL_OFFLINE", "true")];
    assert_eq!(place.found(&offline), ["bread", "ferry"]);
    let doctor = place.run_with(&["doctor"], &chosen);
    assert!(doctor.stdout.contains(&format!("{RERANKER}; its files are what was installed")), "{doctor:?}");

    let verified = place.done(&["models", "verify"], &chosen);
    let graph = format!("{RERANKER}/model.onnx\n");
    assert!(verified.contains(&graph) && verified.lines().all(|line| line.starts_with("ok")), "{verified}");

    let both = [chosen[0], ("FOOTNOTE_RERANKER_PATH", folder.path().to_str().unwrap())];
    let refused = place.run_with(&["search", ASKED], &both);
    assert!(refused.code != 0 && refused.stderr.contains("only one of them"), "{refused:?}");
    let wrong = place.refused(&["search", ASKED], &[("FOOTNOTE_RERANKER_NAME", "bge-reranker-bas")]);
    assert!(wrong.contains("did you mean `bge-reranker-base`?"), "{wrong}");
    let graph = place.models().join(RERANKER).join("model.onnx");
    let mut bytes = std::fs::read(&graph).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&graph, bytes).unwrap();
    assert!(place.refused(&["search", ASKED], &chosen).contains(&format!("models pull --force {RERANKER}")));
}

#[test]
fn a_server_fetches_a_model_of_a_hub_at_its_start() {
    let place = Place::with_model();
    let models = place.models();
    let variables = [
        ("HF_ENDPOINT", place.hub.hub.url.as_str()),
        ("PIP_NO_INDEX", "1"),
        ("FOOTNOTE_MODEL_DIR", models.to_str().unwrap()),
        CHOSEN,
        ("FOOTNOTE_MODEL_REVISION", FIRST),
    ];
    place.ingest(&variables);
    std::fs::remove_dir_all(models.join(NAME)).unwrap();
    let _ = place.hub.resolved();
    let server = Server::over(&place.workspace, ANY_PORT, &variables);
    let found = server.post("/v1/search", &serde_json::json!({ "question": ASKED }));
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(place.hub.resolved().len(), 6, "each file once");
}
