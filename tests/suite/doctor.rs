//! `footnote doctor` where all is well, and where something is not.

use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::harness::{ANY_PORT, ARTICLE, Server, Workspace, exclusive_address, model_dir};

fn report(workspace: &Workspace, variables: &[(&str, &str)], code: i32) -> Value {
    let output = workspace.run_with(&["doctor", "--json"], &[&[("LC_ALL", "C.UTF-8")], variables].concat());
    assert_eq!(output.code, code, "{output:?}");
    let report: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(report["ok"], code == 0);
    report
}

/// The checks by name: the state and the message of each.
fn examined(workspace: &Workspace, variables: &[(&str, &str)], code: i32) -> impl Fn(&str) -> (String, String) + use<> {
    let report = report(workspace, variables, code);
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
    let free = TcpListener::bind(exclusive_address()).unwrap().local_addr().unwrap().to_string();
    let listen = [("FOOTNOTE_SERVER_LISTEN", free.as_str()), ("LC_ALL", "C.UTF-8")];
    let before = std::fs::read(workspace.folder().join("index/default/store.db")).unwrap();
    let output = workspace.run_with(&["doctor"], &listen);
    assert!(output.code == 0 && output.stdout.contains("✓ settings"), "{output:?}");
    let report = report(&workspace, &listen, 0);
    let names: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    for name in [
        "settings",
        "models",
        "model",
        "dictionaries",
        "reader",
        "index",
        "fingerprint",
        "derived",
        "lock",
        "server",
        "locale",
    ] {
        assert!(names.contains(&name), "{name}: {report:#}");
    }
    // How much room there is depends on the machine.
    for check in report["checks"].as_array().unwrap().iter().filter(|check| check["name"] != "disk") {
        assert_eq!(check["state"], "ok", "{check}");
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

    let other_model = format!("[model]\npath = {:?}\nquery_prefix = \"q\"\n", model_dir().join("footnote-e5-small"));
    workspace.write("other.toml", other_model);
    let check = examined(&workspace, &[("FOOTNOTE_CONFIG", "other.toml")], 0);
    let (state, told) = check("fingerprint");
    assert!(state == "note" && told.contains("footnote reindex"), "{state} {told}");

    workspace.write("wrong.toml", "[ask]\ntopk = 1\n");
    let check = examined(&workspace, &[("FOOTNOTE_CONFIG", "wrong.toml")], 2);
    assert!(check("settings").1.contains("did you mean `top_k`?"), "{:?}", check("settings"));
    let check = examined(&workspace, &[("FOOTNOTE_CONFIG", "nowhere.toml")], 2);
    assert!(check("settings").1.contains("nowhere.toml"), "{:?}", check("settings"));
    let check = examined(&workspace, &[("FOOTNOTE_SERVER_LISTEN", "nonsense")], 2);
    assert_eq!(check("server").0, "wrong");

    let listener = TcpListener::bind(ANY_PORT).unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    // It closes every connection without an answer.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let check = examined(&workspace, &[("FOOTNOTE_SERVER_LISTEN", &taken)], 0);
    assert!(check("server").0 == "note" && check("server").1.contains("another program"), "{:?}", check("server"));
    // No machine has this address, which is for documentation (RFC 5737).
    let check = examined(&workspace, &[("FOOTNOTE_SERVER_LISTEN", "192.0.2.1:8642")], 0);
    assert!(check("server").0 == "note" && !check("server").1.contains("free"), "{:?}", check("server"));

    let index = folder.join("index/default");
    let vectors = std::fs::read_dir(&index)
        .unwrap()
        .flatten()
        .find(|file| file.file_name().to_string_lossy().ends_with(".vectors"));
    let vectors = vectors.expect("the index is on disk").path();
    std::fs::write(&vectors, "altered").unwrap();
    let check = examined(&workspace, &[], 0);
    assert!(check("derived").0 == "note" && check("derived").1.contains("is damaged"), "{:?}", check("derived"));

    std::fs::write(index.join("store.db"), "not a database at all, but some text").unwrap();
    let check = examined(&workspace, &[], 4);
    assert!(check("index").0 == "wrong" && check("index").1.contains("damaged"), "{:?}", check("index"));

    let check = examined(&Workspace::new(), &[], 0);
    assert!(check("index").0 == "note" && check("index").1.contains("footnote ingest"), "{:?}", check("index"));
}

#[test]
fn a_server_is_said_to_be_used_only_where_it_is() {
    let workspace = Workspace::with(ARTICLE);
    let ingested =
        workspace.run_with_input(&["ingest", "-c", "sea", "-", "--id", "ferry"], b"The ferry sails at noon.");
    assert_eq!(ingested.code, 0, "{ingested:?}");
    let serving = Server::over(&workspace, ANY_PORT, &[]);
    let listen = ("FOOTNOTE_SERVER_LISTEN", serving.address());
    for (variables, told) in [
        (&[listen][..], "ask, search, ingest and rm use it"),
        (&[listen, ("FOOTNOTE_ASK_USE_SERVER", "false")], "commands do not use it, by [ask] use_server"),
        (&[listen, ("FOOTNOTE_INDEX_COLLECTION", "sea")], "does not hold sea"),
    ] {
        let check = examined(&workspace, variables, 0);
        assert!(check("server").0 == "ok" && check("server").1.contains(told), "{:?}", check("server"));
    }
}
