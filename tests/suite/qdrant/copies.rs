//! Copies of a collection: they read the cluster of the original and never write to it.

use footnote::Footnote;
use footnote::config::IndexEngine;

use super::{assert_whole, found, ingest, run, settings};
use crate::harness::Workspace;
use crate::qdrant::cluster::Cluster;

const ASKED: &str = "When does the bakery open?";
const TEXT: &str = "The bakery opens at nine.";

#[test]
fn a_copy_reads_the_clusters_collection_and_one_that_writes_makes_its_own() {
    let cluster = Cluster::start();
    let workspace = Workspace::new();
    let index = workspace.folder().join("index");
    {
        let footnote = Footnote::open(&settings(&index, &cluster.url)).unwrap();
        ingest(&footnote, &[("bakery", TEXT)]);
    }
    let original = cluster.names();
    let backup = run(&workspace, &cluster, &["backup", "backup"]);
    assert_eq!(backup.code, 0, "{backup:?}");

    // A reader on another machine has a copy of the corpus.
    let copy = settings(&workspace.folder().join("backup"), &cluster.url);
    let before = cluster.calls().len();
    let reader = Footnote::open_read_only(&copy).unwrap();
    assert_eq!(found(&reader, ASKED), [TEXT]);
    let asked = cluster.calls()[before..].to_vec();
    assert!(asked.contains(&"query") && !asked.contains(&"upsert") && !asked.contains(&"delete"), "{asked:?}");
    drop(reader);

    // A folder that is copied with all its files writes: into a collection of its own.
    let twin = workspace.folder().join("twin");
    std::fs::create_dir(&twin).unwrap();
    let copied = std::process::Command::new("cp").arg("-r").arg(index.join("default")).arg(&twin).status().unwrap();
    assert!(copied.success());
    {
        let twin = Footnote::open(&settings(&twin, &cluster.url)).unwrap();
        ingest(&twin, &[("pier", "The pier is long.")]);
        assert_eq!(found(&twin, ASKED)[0], TEXT);
        twin.checkpoint().unwrap();
        assert_eq!(twin.verify().unwrap().problems, Vec::<String>::new());
    }
    assert_eq!(cluster.names().len(), 2);
    assert_eq!(cluster.keys(&original[0]).len(), 1, "that of the original is as it was");
    let footnote = Footnote::open(&settings(&index, &cluster.url)).unwrap();
    ingest(&footnote, &[("museum", "The museum is closed on Mondays.")]);
    footnote.checkpoint().unwrap();
    assert_eq!(cluster.keys(&original[0]).len(), 2);
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_collection_that_is_lost_or_incomplete_is_told_and_made_again_without_the_model() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let config = settings(dir.path(), &cluster.url);
    let footnote = Footnote::open(&config).unwrap();
    ingest(&footnote, &[("bakery", TEXT), ("pier", "The pier is long.")]);
    footnote.checkpoint().unwrap();
    drop(footnote);

    cluster.lose_point(&cluster.names()[0]);
    let footnote = Footnote::open(&config).unwrap();
    let problems = footnote.verify().unwrap().problems.join(" ");
    assert!(
        problems.contains("lacks 1 of 2 passages") && problems.contains("footnote index move --to qdrant"),
        "{problems}"
    );
    ingest(&footnote, &[("museum", "The museum is closed on Mondays.")]);
    footnote.checkpoint().unwrap();
    assert_whole(&footnote, &cluster);

    cluster.lose(&cluster.names()[0]);
    assert_eq!(found(&footnote, ASKED)[0], TEXT, "a question is answered from the store's passages");
    footnote.move_index(IndexEngine::Qdrant).unwrap();
    assert_whole(&footnote, &cluster);
    assert_eq!(cluster.keys(&cluster.names()[0]).len(), 3);
}

#[test]
fn what_another_process_has_written_to_since_is_left_to_it() {
    let cluster = Cluster::start();
    let workspace = Workspace::new();
    let index = workspace.folder().join("index");
    let (current, earlier) = (index.join("default"), workspace.folder().join("earlier"));
    let write = |id: &str, text: &str| {
        let footnote = Footnote::open(&settings(&index, &cluster.url)).unwrap();
        ingest(&footnote, &[(id, text)]);
        footnote.checkpoint().unwrap();
        footnote
    };
    drop(write("bakery", TEXT));
    let copied = std::process::Command::new("cp").arg("-r").arg(&current).arg(&earlier).status().unwrap();
    assert!(copied.success());
    drop(write("pier", "The pier is long."));
    let original = cluster.names();
    assert_eq!(cluster.keys(&original[0]).len(), 2);
    // Now the folder is as it was before, and the other one is somewhere else.
    std::fs::rename(&current, workspace.folder().join("elsewhere")).unwrap();
    std::fs::rename(&earlier, &current).unwrap();
    let footnote = write("museum", "The museum is closed on Mondays.");
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
    assert_eq!(found(&footnote, ASKED)[0], TEXT);
    assert_eq!(cluster.names().len(), 2);
    assert_eq!(cluster.keys(&original[0]).len(), 2, "that of the other is as it was");
}

#[test]
fn an_index_leaves_a_cluster_that_the_settings_no_longer_name() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let mut config = settings(dir.path(), &cluster.url);
    let footnote = Footnote::open(&config).unwrap();
    ingest(&footnote, &[("bakery", TEXT)]);
    footnote.checkpoint().unwrap();
    drop(footnote);
    config.index.engine = IndexEngine::Embedded;
    config.qdrant.url.clear();
    let footnote = Footnote::open(&config).unwrap();
    footnote.move_index(IndexEngine::Embedded).unwrap();
    assert_eq!(found(&footnote, ASKED)[0], TEXT);
    ingest(&footnote, &[("pier", "The pier is long.")]);
    footnote.checkpoint().unwrap();
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
    assert_eq!(cluster.names().len(), 1, "it has to be removed by hand");
}
