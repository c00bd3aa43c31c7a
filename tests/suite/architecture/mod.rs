//! The rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check: which module may name which, which crate is
//! named where, and how long a file is.

mod source;

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::project;
use source::Sources;

/// The modules at the top level, from the outside in. A module may name those of its own line and of the lines below,
/// as long as no circle arises.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["http"],
    &["mcp"],
    &["jobs"],
    &["wire", "handoff"],
    &["library", "identity", "eval"],
    &["footnote"],
    &["engine"],
    &["meter"],
    &["check"],
    &["ingest", "ask", "writer"],
    &["model_store", "ocr", "web"],
    &["embed", "index", "late"],
    &["lexicon", "spelling"],
    &["model"],
    &["error_report", "room", "links", "formats"],
    &["quantities", "feedback", "operators"],
    &["terms"],
    &[
        "filter",
        "keys",
        "cancel",
        "json",
        "suggest",
        "passage",
        "lines",
        "markdown",
        "notices",
        "error",
        "config",
        "display",
        "tables",
        "tls",
        "disk",
        "language_tag",
        "timestamp",
    ],
];

/// Crates that only some files may name: those below these paths.
const CRATES: &[(&str, &[&str])] = &[
    ("anyhow", &["cli/", "main.rs"]),
    ("axum", &["http/", "mcp/address.rs", "config/server.rs"]),
    ("clap", &["cli/", "main.rs"]),
    ("fastembed", &["embed/session.rs", "embed/rerank.rs", "model/hub.rs"]),
    ("fearless_simd", &["late/table.rs"]),
    ("fst", &["lexicon/word_list.rs"]),
    ("ort", &["embed/runtime.rs", "ocr/session.rs"]),
    ("qdrant_client", &["index/cluster/exchange/"]),
    ("rmcp", &["mcp/"]),
    ("pinyin", &["spelling/han.rs"]),
    ("robotxt", &["web/hosts.rs"]),
    ("rusqlite", &["index/store/", "error.rs"]),
    ("tantivy", &["index/passages/file.rs", "index/passages/terms/"]),
    ("tokio_rustls", &["tls.rs"]),
    ("ureq", &["model_store/hub/client.rs"]),
    ("url", &["ingest/pages.rs", "ingest/page_file.rs", "web/"]),
    ("usearch", &["index/passages/graph.rs"]),
];

/// Lines of a file without its tests.
const MAX_LINES: usize = 450;

fn sources() -> Sources {
    Sources::read(&project().join("src"))
}

/// The sets of nodes that can reach one another, of more than one node.
fn circles<T: Ord + Copy>(edges: &BTreeMap<T, BTreeSet<T>>) -> BTreeSet<BTreeSet<T>> {
    let reachable = |from: T| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(node) = open.pop() {
            open.extend(edges.get(&node).into_iter().flatten().copied().filter(|next| seen.insert(*next)));
        }
        seen
    };
    let reached: BTreeMap<T, BTreeSet<T>> = edges.keys().map(|&node| (node, reachable(node))).collect();
    let circle = |node: &T| -> BTreeSet<T> {
        reached[node]
            .iter()
            .copied()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(node)))
            .collect()
    };
    reached.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn arrows_between_modules_point_downward_and_form_no_circle() {
    let sources = sources();
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut problems = BTreeSet::new();
    let mut modules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, targets) in sources.edges() {
        for to in targets {
            let (from, to) = (&sources.files[from], &sources.files[to]);
            let (above, below) = (from.top_level(), to.top_level());
            if above == below || above == "lib" || below == "lib" {
                continue;
            }
            modules.entry(above).or_default().insert(below);
            match (layer(above), layer(below)) {
                (Some(upper), Some(lower)) if upper > lower => {
                    problems.insert(format!("{} names {}, but {below} is above {above}", from.path, to.path));
                }
                (None, _) => {
                    problems.insert(format!("{above} has no place in LAYERS"));
                }
                (_, None) => {
                    problems.insert(format!("{below} has no place in LAYERS"));
                }
                _ => {}
            }
        }
    }
    for circle in circles(&modules) {
        problems.insert(format!("these modules name one another: {circle:?}"));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn no_files_name_one_another_in_a_circle() {
    let sources = sources();
    let edges = sources.edges();
    let mut problems = Vec::new();
    for circle in circles(&edges) {
        for from in &circle {
            for to in edges[from].intersection(&circle) {
                problems.push(format!("{} -> {}", sources.files[*from].path, sources.files[*to].path));
            }
        }
    }
    assert!(problems.is_empty(), "arrows that form circles: {problems:#?}");
}

#[test]
fn each_large_dependency_is_named_only_where_it_belongs() {
    let sources = sources();
    let mut problems = Vec::new();
    for (file, crates) in sources.crates() {
        for (name, places) in CRATES {
            if crates.contains(*name) && !places.iter().any(|place| file.path.starts_with(place)) {
                problems.push(format!("{} names {name}, which only {} may", file.path, places.join(" and ")));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let named: BTreeSet<String> = sources.crates().into_iter().flat_map(|(_, crates)| crates).collect();
    for (name, _) in CRATES {
        assert!(named.contains(*name), "no file names {name}, so its rule is out of date");
    }
}

#[test]
fn no_file_has_grown_beyond_its_purpose() {
    let long: Vec<_> = sources().files.iter().filter(|file| file.lines > MAX_LINES).map(|f| f.path.clone()).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines, tests aside: {long:?}");
}
