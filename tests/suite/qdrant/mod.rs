//! The passage index in a Qdrant cluster: the same answers as beside the store, and nothing lost or half done whatever fails.
//!
//! The cluster is a server on this machine that speaks Qdrant's protocol; [`real`] runs against the one that
//! `FOOTNOTE_QDRANT_URL` names.

mod answers;
mod cluster;
mod copies;
mod faults;
mod points;
mod real;

use std::path::Path;

use footnote::config::{Config, IndexEngine};
use footnote::passage::NewDocument;
use footnote::{Footnote, Question};

use crate::harness::{Workspace, config};
use cluster::Cluster;

/// Settings with an index in `dir` and a cluster at `url`.
fn settings(dir: &Path, url: &str) -> Config {
    let mut config = config(dir);
    config.index.engine = IndexEngine::Qdrant;
    url.clone_into(&mut config.qdrant.url);
    config.qdrant.timeout_ms = 2_000;
    config
}

/// The same for the program.
fn variables(cluster: &Cluster) -> [(&'static str, String); 3] {
    [
        ("FOOTNOTE_INDEX_ENGINE", "qdrant".to_owned()),
        ("FOOTNOTE_QDRANT_URL", cluster.url.clone()),
        ("FOOTNOTE_QDRANT_TIMEOUT_MS", "2000".to_owned()),
    ]
}

/// Runs the program with the cluster.
fn run(workspace: &Workspace, cluster: &Cluster, arguments: &[&str]) -> crate::harness::Output {
    let variables = variables(cluster);
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    workspace.run_with(arguments, &variables)
}

fn document(id: &str, text: &str) -> NewDocument {
    NewDocument { id: Some(id.to_owned()), text: text.to_owned(), ..NewDocument::default() }
}

fn ingest(footnote: &Footnote, documents: &[(&str, &str)]) {
    let documents = documents.iter().map(|(id, text)| document(id, text)).collect();
    let ingested = footnote.ingest_quiet(documents).unwrap();
    assert!(ingested.iter().all(|one| !matches!(one.outcome, footnote::Outcome::Failed(_))), "{ingested:?}");
}

fn question(text: &str) -> Question {
    Question { text: text.to_owned(), ..Question::default() }
}

/// The texts of the passages that are found, best first.
fn found(footnote: &Footnote, asked: &str) -> Vec<String> {
    let found = footnote.search(&question(asked)).unwrap();
    found.passages.into_iter().map(|passage| passage.text).collect()
}

/// What is wrong with the collection, and whether it has exactly the passages of the cluster's only collection.
fn assert_whole(footnote: &Footnote, cluster: &Cluster) {
    let verified = footnote.verify().unwrap();
    assert_eq!(verified.problems, Vec::<String>::new(), "{verified:?}");
    let names = cluster.names();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(cluster.keys(&names[0]).len() >= footnote.status().unwrap().passages - verified.notes.len());
}
