//! Without a settings file in the folder, everything is where the platform keeps a user's data.

use std::path::Path;

use crate::harness::{ARTICLE, QUESTION, SENTENCE, Workspace};

/// What `footnote` prints in a folder, with the index and models of the user.
fn run_in(workspace: &Workspace, folder: &str, arguments: &[&str]) -> String {
    let folder = workspace.folder().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = workspace.command(arguments);
    let output = command.env_remove("FOOTNOTE_INDEX_DIR").current_dir(folder).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn documents_added_in_one_folder_are_found_from_any_other_and_a_folder_with_settings_has_its_own() {
    let workspace = Workspace::new();
    let article = workspace.write("article.md", ARTICLE);
    run_in(&workspace, "notes", &["ingest", article.to_str().unwrap()]);
    assert!(workspace.folder().join("home/data/footnote/index/default/store.db").is_file());
    assert!(run_in(&workspace, "elsewhere", &["ask", QUESTION]).contains(SENTENCE));
    let left: Vec<_> = std::fs::read_dir(workspace.folder().join("notes")).unwrap().collect();
    assert!(left.is_empty(), "nothing is left in the folder that the command ran in: {left:?}");

    std::fs::create_dir_all(workspace.folder().join("project")).unwrap();
    workspace.write("project/config.toml", "");
    assert_eq!(run_in(&workspace, "project", &["ls"]), "");
    run_in(&workspace, "project", &["ingest", article.to_str().unwrap()]);
    assert!(workspace.folder().join("project/index/default/store.db").is_file());
}

#[test]
fn the_user_s_settings_hold_where_the_folder_has_none_even_beside_another_program_s_file() {
    let workspace = Workspace::new();
    std::fs::create_dir_all(workspace.folder().join("home/config/footnote")).unwrap();
    workspace.write("home/config/footnote/config.toml", "[index]\ncollection = \"mine\"\n");
    std::fs::create_dir_all(workspace.folder().join("site")).unwrap();
    workspace.write("site/config.toml", "baseURL = \"https://example.org\"\n[params]\nauthor = \"A\"\n");
    let settings = run_in(&workspace, "site", &["config"]);
    assert!(settings.contains("collection = \"mine\""), "{settings}");
}

#[test]
fn config_paths_shows_the_files_in_use() {
    let workspace = Workspace::new();
    let printed = run_in(&workspace, "anywhere", &["config", "paths", "--json"]);
    let paths: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let home = std::path::absolute(workspace.folder().join("home")).unwrap();
    let path = |name: &str| Path::new(paths[name].as_str().unwrap()).to_owned();
    assert_eq!(path("settings"), home.join("config/footnote/config.toml"));
    assert_eq!(path("index"), home.join("data/footnote/index"));
    assert!(path("models").ends_with("models"));
}
