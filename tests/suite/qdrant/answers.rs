//! What both engines give.

use footnote::config::IndexEngine;
use footnote::filter::Filter;
use footnote::{Footnote, Question};
use serde_json::json;

use super::{assert_whole, found, ingest, question, settings};
use crate::harness::{example_questions, examples, project};
use crate::qdrant::cluster::Cluster;

/// The example corpus in a collection that is in the cluster.
fn examples_in(cluster: &Cluster) -> (tempfile::TempDir, Footnote) {
    let dir = tempfile::tempdir().unwrap();
    let config = settings(dir.path(), &cluster.url);
    let footnote = Footnote::open(&config).unwrap();
    footnote.ingest_paths(&[project().join("examples/corpus")], &mut |_| {}).unwrap();
    footnote.checkpoint().unwrap();
    (dir, footnote)
}

fn example_texts() -> Vec<String> {
    example_questions().iter().map(|line| line["question"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that the candidates of a question are the same, with scores that differ by rounding only.
fn assert_same_ranking(one: &Footnote, other: &Footnote, asked: &Question) {
    let (one, other) = (one.rank(asked).unwrap(), other.rank(asked).unwrap());
    assert_eq!(one.passages.len(), other.passages.len(), "{}", asked.text);
    for (a, b) in one.passages.iter().zip(&other.passages) {
        let is_near = |a: f32, b: f32| (a - b).abs() < 1e-5;
        assert_eq!(a.document_id, b.document_id, "{}: {a:?} and {b:?}", asked.text);
        assert!(is_near(a.scores.dense, b.scores.dense), "{}: {a:?} and {b:?}", asked.text);
        assert!(is_near(a.scores.lexical, b.scores.lexical), "{}: {a:?} and {b:?}", asked.text);
    }
}

#[test]
fn both_engines_find_the_same_candidates_with_the_same_scores_and_give_the_same_answers() {
    let cluster = Cluster::start();
    let (_dir, footnote) = examples_in(&cluster);
    assert_whole(&footnote, &cluster);
    for text in example_texts() {
        let asked = question(&text);
        assert_same_ranking(examples(), &footnote, &asked);
        let (embedded, remote) = (examples().ask(&asked).unwrap(), footnote.ask(&asked).unwrap());
        assert_eq!(embedded.text, remote.text, "{text}");
        assert!((embedded.confidence - remote.confidence).abs() < 1e-3, "{text}");
    }
    let created = cluster.created(&cluster.names()[0]);
    let strict = created.strict_mode_config.unwrap();
    assert_eq!((strict.enabled, strict.unindexed_filtering_retrieve), (Some(true), Some(false)));
}

#[test]
fn a_filter_is_exact_in_the_cluster_too() {
    let cluster = Cluster::start();
    let (_dir, footnote) = examples_in(&cluster);
    for filter in [json!({"language": "en"}), json!({"language": "zh-Hant"}), json!({"language": "none"})] {
        let filter = Filter::from_json(filter.as_object().unwrap()).unwrap();
        for text in example_texts().into_iter().take(4) {
            let asked = Question { filter: filter.clone(), ..question(&text) };
            assert_same_ranking(examples(), &footnote, &asked);
        }
    }
}

#[test]
fn an_index_that_moves_there_and_back_gives_the_same_answers_and_leaves_nothing_behind() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let mut config = settings(dir.path(), &cluster.url);
    config.index.engine = IndexEngine::Embedded;
    let footnote = Footnote::open(&config).unwrap();
    ingest(&footnote, &[("one", "The harbour opens at seven."), ("two", "The bakery opens at nine.")]);
    let before = found(&footnote, "When does the harbour open?");
    footnote.checkpoint().unwrap();
    assert_eq!(cluster.names(), Vec::<String>::new(), "nothing is there before the move");

    footnote.move_index(IndexEngine::Qdrant).unwrap();
    assert_whole(&footnote, &cluster);
    assert_eq!(footnote.status().unwrap().index.cluster_collection.as_deref(), Some(cluster.names()[0].as_str()));
    assert_eq!(found(&footnote, "When does the harbour open?"), before);
    ingest(&footnote, &[("three", "The museum is closed on Mondays.")]);
    assert_eq!(found(&footnote, "When is the museum closed?")[0], "The museum is closed on Mondays.");

    footnote.move_index(IndexEngine::Embedded).unwrap();
    assert_eq!(cluster.names(), Vec::<String>::new());
    assert_eq!(found(&footnote, "When is the museum closed?")[0], "The museum is closed on Mondays.");
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
    drop(footnote);
    // Without any settings of a cluster.
    config.qdrant.url.clear();
    let footnote = Footnote::open(&config).unwrap();
    assert_eq!(found(&footnote, "When does the bakery open?")[0], "The bakery opens at nine.");
}

#[test]
fn what_is_removed_or_replaced_is_not_found_and_not_counted_and_leaves_the_cluster() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let footnote = Footnote::open(&settings(dir.path(), &cluster.url)).unwrap();
    ingest(
        &footnote,
        &[("a", "The zephyr ledger is green."), ("b", "The zephyr ledger is blue."), ("c", "Bread is sold.")],
    );
    footnote.checkpoint().unwrap();
    let known = |footnote: &Footnote| footnote.rank(&question("zephyr ledger")).unwrap().passages.len();
    let before = known(&footnote);
    footnote.delete("a").unwrap();
    ingest(&footnote, &[("b", "The zephyr ledger is red.")]);
    // The old points are there still.
    assert_eq!(cluster.keys(&cluster.names()[0]).len(), 3);
    assert_eq!(known(&footnote), before - 1);
    let texts = found(&footnote, "What colour is the zephyr ledger?");
    assert!(texts[0].contains("red") && texts.iter().all(|text| !text.contains("green") && !text.contains("blue")));
    let twin_dir = tempfile::tempdir().unwrap();
    let mut config = settings(twin_dir.path(), &cluster.url);
    config.index.engine = IndexEngine::Embedded;
    let twin = Footnote::open(&config).unwrap();
    ingest(&twin, &[("b", "The zephyr ledger is red."), ("c", "Bread is sold.")]);
    assert_same_ranking(&twin, &footnote, &question("zephyr ledger bread"));
    // One checkpoint later than the removal, when nobody can be searching for them any more.
    footnote.checkpoint().unwrap();
    ingest(&footnote, &[("d", "The pier is long.")]);
    footnote.checkpoint().unwrap();
    assert_eq!(cluster.keys(&cluster.names()[0]).len(), 3);
    assert_whole(&footnote, &cluster);
}

#[test]
fn an_erased_document_takes_its_collection_of_the_cluster_with_it() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let footnote = Footnote::open(&settings(dir.path(), &cluster.url)).unwrap();
    ingest(&footnote, &[("a", "The zephyr ledger is green."), ("b", "The bakery opens at nine.")]);
    footnote.checkpoint().unwrap();
    let before = cluster.names();
    footnote.delete("a").unwrap();
    footnote.erase_traces().unwrap();
    assert_eq!(cluster.names().len(), 1);
    assert_ne!(cluster.names(), before, "the old one, with all that its server kept of it, is gone");
    assert_eq!(cluster.keys(&cluster.names()[0]).len(), 1);
    assert_eq!(found(&footnote, "When does the bakery open?")[0], "The bakery opens at nine.");
}
