//! Files of real tools, ingested by the program: their sentences are whole, and each stands where it says.

use std::collections::BTreeSet;

use footnote::Footnote;
use footnote::passage::{CitedPlace, Document, Span};

use crate::harness::{Workspace, config, data};

/// A file, a sentence in it, and its place.
const SENTENCES: &[(&str, &str, &str)] = &[];

/// All documents in an index of everything in tests/data/formats.
fn documents() -> Vec<Document> {
    let workspace = Workspace::new();
    let output = workspace.run(&["ingest", "--json", data("formats").to_str().unwrap()]);
    let failed: BTreeSet<&str> = output
        .stdout
        .lines()
        .filter(|line| line.contains("\"status\":\"failed\""))
        .filter_map(|line| line.split("formats/").nth(1)?.split('"').next())
        .collect();
    assert_eq!(failed.into_iter().collect::<Vec<_>>(), [""; 0], "{}", output.stdout);
    let footnote = Footnote::open_read_only(&config(&workspace.folder().join("index"))).unwrap();
    let listed = footnote.documents(None, 1_000).unwrap();
    listed.iter().map(|info| footnote.document(&info.id).unwrap()).collect()
}

#[test]
fn the_sentences_of_every_format_are_whole_and_stand_where_their_place_says() {
    let documents = documents();
    let mut problems = Vec::new();
    for (file, sentence, place) in SENTENCES {
        let of_file =
            documents.iter().filter(|document| document.info.uri.as_deref().is_some_and(|uri| uri.contains(file)));
        let found = of_file.filter_map(|document| Some((document, document.text.find(sentence)?))).next();
        let Some((document, start)) = found else {
            problems.push(format!("{file} lacks {sentence:?}"));
            continue;
        };
        let span = Span::new(start, start + sentence.len());
        let label = CitedPlace::of(&document.layout, &document.text, span).map(|place| place.label());
        if label.as_deref().unwrap_or_default() != *place {
            problems.push(format!("{file}: {sentence:?} stands at {label:?}, not at {place:?}"));
        }
    }
    assert_eq!(problems, [""; 0]);
}
