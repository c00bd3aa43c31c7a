//! Three collections of very unequal size answer as one with all of their documents does.

use footnote::passage::NewDocument;
use footnote::{Footnote, Library, Question};

use crate::harness::{config, example_questions, examples};

/// Of the twelve documents of the example corpus so many are in the first collection, and so many in the first two.
const ENDS: [usize; 2] = [9, 11];
const NAMES: [&str; 3] = ["large", "medium", "small"];

/// The example corpus in three collections.
fn split(footnote: &Footnote) -> (tempfile::TempDir, Library) {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::open(&config(dir.path()), Box::new(|_| {})).unwrap();
    let mut parts: [Vec<NewDocument>; 3] = Default::default();
    let mut documents = footnote.documents(None, 10_000).unwrap();
    // In no order that the documents have.
    documents.sort_by_key(|info| *blake3::hash(info.id.as_bytes()).as_bytes());
    for (place, info) in documents.into_iter().enumerate() {
        let document = footnote.document(&info.id).unwrap();
        let part = ENDS.iter().filter(|end| place >= **end).count();
        let info = document.info;
        parts[part].push(NewDocument {
            id: Some(info.id),
            title: Some(info.title),
            text: document.text,
            source: info.source,
            uri: info.uri,
            published: info.published,
            language: info.language,
            tags: info.tags,
            metadata: info.metadata,
            format: info.format,
            layout: document.layout,
            ..NewDocument::default()
        });
    }
    for (name, documents) in NAMES.into_iter().zip(parts) {
        assert!(!documents.is_empty(), "{name}");
        library.create(name).unwrap().ingest_quiet(documents).unwrap();
    }
    (dir, library)
}

#[test]
fn three_collections_of_unequal_size_answer_as_one_does() {
    let one = examples();
    let (_dir, library) = split(one);
    let (mut same_first, mut same_quote, mut asked) = (0, 0, 0);
    let mut further: f32 = 0.0;
    for question in example_questions() {
        let question = Question { text: question["question"].as_str().unwrap().into(), ..Question::default() };
        let (joined, apart) = (one.search(&question).unwrap(), library.search(&NAMES, &question).unwrap());
        let (Some(best), Some(best_apart)) = (joined.passages.first(), apart.passages.first()) else { continue };
        asked += 1;
        same_first += usize::from(best.document.id == best_apart.document.id);
        same_quote += usize::from(best.quote.text == best_apart.quote.text);
        further = further.max((joined.confidence - apart.confidence).abs());
    }
    println!("of {asked}: first document {same_first}, first quote {same_quote}, confidence within {further}");
    assert!(asked > 20 && same_first + 1 >= asked && same_quote + 1 >= asked, "{same_first} {same_quote} {asked}");
    assert!(further < 0.02, "{further}");
}
