//! `footnote doctor` where all is well, and where something is not.

use std::path::Path;

use serde_json::Value;

use crate::harness::{ARTICLE, Workspace, model_dir};

/// The checks by name, each its state and what is told.
fn examined(workspace: &Workspace, variables: &[(&str, &str)], code: i32) -> impl Fn(&str) -> (String, String) + use<> {
    let output = workspace.run_with(&["doctor", "--json"], &[&[("LC_ALL", "C.UTF-8")], variables].concat());
    assert_eq!(output.code, code, "{output:?}");
    let report: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(report["ok"], code == 0);
    move |name| {
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
        let check = check.unwrap_or_else(|| panic!("{name}: {report:#}"));
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        (text("state"), format!("{} {}", text("told"), text("hint")))
    }
}

#[test]
fn all_is_well_where_all_is_well() {
    let workspace = Workspace::with(ARTICLE);
    let listen = [("FOOTNOTE_SERVER_LISTEN", "127.0.0.1:1"), ("LC_ALL", "C.UTF-8")];
    let before = std::fs::read(workspace.folder().join("index/default/store.db")).unwrap();
    let output = workspace.run_with(&["doctor"], &listen);
    assert_eq!(output.code, 0, "{output:?}");
    for line in output.stdout.lines().filter(|line| !line.contains("disk")) {
        assert!(line.starts_with("✓ "), "{}", output.stdout);
    }
    let check = examined(&workspace, &listen, 0);
    for name in
        ["settings", "models", "model", "dictionaries", "index", "fingerprint", "derived", "lock", "server", "locale"]
    {
        assert_eq!(check(name).0, "ok", "{name}: {}", check(name).1);
    }
    assert_eq!(std::fs::read(workspace.folder().join("index/default/store.db")).unwrap(), before);
    let ascii = workspace.run_with(&["doctor"], &[("LC_ALL", "C"), listen[0]]);
    assert!(ascii.code == 0 && ascii.stdout.contains("! locale") && ascii.stdout.is_ascii(), "{}", ascii.stdout);
}

#[test]
fn what_is_broken_is_named_with_what_to_do() {
    let workspace = Workspace::with(ARTICLE);
    let folder = workspace.folder().to_owned();

    let no_models = folder.join("no-models");
    let no_models = no_models.to_str().unwrap();
    let check = examined(&workspace, &[("FOOTNOTE_MODEL_DIR", no_models)], 0);
    assert!(check("model").0 == "note" && check("model").1.contains("footnote models pull"), "{:?}", check("model"));
    assert!(!Path::new(no_models).exists(), "nothing is fetched");
    let check = examined(&workspace, &[("FOOTNOTE_MODEL_DIR", no_models), ("FOOTNOTE_MODEL_OFFLINE", "true")], 3);
    assert!(check("model").0 == "wrong" && check("model").1.contains("offline"), "{:?}", check("model"));

    let other_model =
        format!("[model]\npath = {:?}\nquery_prefix = \"q\"\n", model_dir().join("multilingual-e5-small"));
    workspace.write("other.toml", other_model);
    let check = examined(&workspace, &[("FOOTNOTE_CONFIG", "other.toml")], 4);
    assert!(check("fingerprint").1.contains("footnote reindex"), "{:?}", check("fingerprint"));

    workspace.write("wrong.toml", "[ask]\ntopk = 1\n");
    let check = examined(&workspace, &[("FOOTNOTE_CONFIG", "wrong.toml")], 2);
    assert!(check("settings").1.contains("did you mean `top_k`?"), "{:?}", check("settings"));
    let check = examined(&workspace, &[("FOOTNOTE_CONFIG", "nowhere.toml")], 2);
    assert!(check("settings").1.contains("nowhere.toml"), "{:?}", check("settings"));
    let check = examined(&workspace, &[("FOOTNOTE_SERVER_LISTEN", "nonsense")], 2);
    assert_eq!(check("server").0, "wrong");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let check = examined(&workspace, &[("FOOTNOTE_SERVER_LISTEN", &taken)], 0);
    assert!(check("server").0 == "note" && check("server").1.contains("another program"), "{:?}", check("server"));

    let index = folder.join("index/default");
    let vectors = std::fs::read_dir(&index)
        .unwrap()
        .flatten()
        .find(|file| file.file_name().to_string_lossy().starts_with("vectors"));
    let vectors = vectors.expect("the vector index is on disk").path();
    std::fs::write(&vectors, "altered").unwrap();
    let check = examined(&workspace, &[], 0);
    assert!(check("derived").0 == "note" && check("derived").1.contains("was altered"), "{:?}", check("derived"));

    std::fs::write(index.join("store.db"), "not a database at all, but some text").unwrap();
    let check = examined(&workspace, &[], 4);
    assert!(check("index").0 == "wrong" && check("index").1.contains("damaged"), "{:?}", check("index"));

    let check = examined(&Workspace::new(), &[], 0);
    assert!(check("index").0 == "note" && check("index").1.contains("footnote ingest"), "{:?}", check("index"));
}
