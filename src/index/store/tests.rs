//! The store over documents that are made by hand, without a model.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::*;
use crate::filter::{Comparison, Field, Filter};
use crate::late::Codec;
use crate::passage::{At, Chunk, DocumentInfo, Format, Layout, Place, Row, Span};

const DIMENSIONS: usize = 32;

/// A folder with a store in it.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join(Store::FILE)
    }

    pub(super) fn open(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }

    pub(super) fn open_read_only(&self) -> Store {
        Store::open_read_only(&self.path()).unwrap().unwrap()
    }

    /// Changes the file behind the store's back.
    fn alter(&self, sql: &str) {
        let connection = Connection::open(self.path()).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection.execute_batch(sql).unwrap();
    }
}

fn unit_vector(seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    let vector: Vec<f32> = (0..DIMENSIONS).map(|_| random()).collect();
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / norm).collect()
}

/// A document of three passages of two sentences each.
pub(super) fn document(id: &str, word: &str) -> PreparedDocument {
    let codec = Codec::new(DIMENSIONS);
    let (mut text, mut passages) = (String::new(), Vec::new());
    for number in 0..3_u64 {
        let start = text.len();
        let mut sentences = Vec::new();
        for part in 0..2 {
            let sentence = format!("{word} 第{number}句{part}。");
            sentences.push(Span::new(text.len(), text.len() + sentence.len()));
            text.push_str(&sentence);
            text.push('\n');
        }
        let vector = unit_vector(number + text.len() as u64);
        let tokens: Vec<Vec<f32>> = (0..5).map(|token| unit_vector(token + 7 * number)).collect();
        let compressed =
            codec.compress_sentences(&vector, sentences.iter().map(|_| (vector.as_slice(), tokens.as_slice())));
        passages.push(EmbeddedPassage {
            chunk: Chunk { span: Span::new(start, text.len()), sentences, headings: vec![format!("標題 {number}")] },
            tokens: 10,
            vector,
            sentences: compressed,
        });
    }
    let hash = *blake3::hash(text.as_bytes()).as_bytes();
    PreparedDocument {
        layout: Layout::default(),
        info: DocumentInfo {
            id: id.to_owned(),
            title: format!("關於 {word}"),
            source: Some("報社".into()),
            uri: Some(format!("https://example.org/{id}")),
            published: Some("2026-01-31".into()),
            language: Some("zh-Hant".into()),
            tags: vec!["甲".into(), "乙".into()],
            metadata: serde_json::json!({ "page": 7 }).as_object().unwrap().clone(),
            format: Format::Markdown,
            size_bytes: text.len(),
            passages: passages.len(),
            ingested: "2026-02-03T04:05:06Z".into(),
        },
        text,
        origin: Some(format!("/docs/{id}.md")),
        original: None,
        hash,
        aliases: vec![("聯準會".into(), "fed".into())],
        passages,
    }
}

#[test]
fn what_is_stored_is_what_is_read() {
    let folder = Folder::new();
    let given = document("a", "降息");
    let written = folder.open().put(&given).unwrap().unwrap();
    let store = folder.open_read_only();
    let snapshot = store.snapshot().unwrap();
    let stored = snapshot.document("a").unwrap().unwrap();
    assert_eq!((&stored.info, &stored.text), (&given.info, &given.text));
    assert_eq!(snapshot.document_by_key(1).unwrap().unwrap(), stored);
    assert_eq!(snapshot.documents(None, 10).unwrap(), std::slice::from_ref(&given.info));
    assert_eq!(snapshot.hash_of("a").unwrap().unwrap(), given.hash);
    assert_eq!(snapshot.origin_of("a").unwrap(), given.origin);
    assert_eq!(snapshot.aliases_of(&["fed".into()]).unwrap(), [("fed".to_owned(), "聯準會".to_owned())]);
    let passages = snapshot.passages("a").unwrap();
    let candidates = snapshot.candidates(&written.added).unwrap();
    assert_eq!(written.added.len(), 3);
    for ((given, stored), candidate) in given.passages.iter().zip(&passages).zip(&candidates) {
        assert_eq!((stored.span, &stored.sentences), (given.chunk.span, &given.chunk.sentences));
        assert_eq!((&stored.headings, stored.tokens), (&given.chunk.headings, given.tokens));
        assert_eq!((candidate.key, candidate.document_id.as_str()), (stored.key, "a"));
        let compressed: Vec<&Vec<u8>> = candidate.sentences.iter().map(|sentence| &sentence.compressed).collect();
        assert_eq!(compressed, given.sentences.iter().collect::<Vec<_>>());
        let cosine: f32 = candidate.vector.iter().zip(&given.vector).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.999, "{cosine}");
    }
    assert_eq!(snapshot.integrity_problems().unwrap(), Vec::<String>::new());
}

#[test]
fn a_snapshot_does_not_see_what_is_written_after_its_first_read() {
    let folder = Folder::new();
    let store = folder.open();
    store.put(&document("a", "one")).unwrap();
    let before = store.snapshot().unwrap();
    let sequence = before.last_sequence().unwrap();
    store.put(&document("b", "two")).unwrap();
    store.delete("a").unwrap();
    assert_eq!(before.last_sequence().unwrap(), sequence);
    assert!(before.document("a").unwrap().is_some() && before.document("b").unwrap().is_none());
    let after = store.snapshot().unwrap();
    assert!(after.document("a").unwrap().is_none() && after.document("b").unwrap().is_some());
}

#[test]
fn any_number_of_snapshots_is_open_at_once() {
    let folder = Folder::new();
    let store = folder.open();
    store.put(&document("a", "one")).unwrap();
    let snapshots: Vec<Snapshot<'_>> = (0..100).map(|_| store.snapshot().unwrap()).collect();
    assert!(snapshots.iter().all(|snapshot| snapshot.document("a").unwrap().is_some()));
    assert!(store.put(&document("b", "two")).unwrap().is_some(), "readers keep nobody from writing");
}

#[test]
fn the_sentences_around_a_passage_are_those_of_as_many_passages_as_asked_for_and_of_no_other_document() {
    let folder = Folder::new();
    let store = folder.open();
    store.put(&document("a", "降息")).unwrap();
    let given = document("b", "升息");
    let keys = store.put(&given).unwrap().unwrap().added;
    store.put(&document("c", "降息")).unwrap();
    let sentences = |passages: &[usize]| -> Vec<Span> {
        passages.iter().flat_map(|&number| given.passages[number].chunk.sentences.clone()).collect()
    };
    for (key, back, ahead, passages) in [
        (keys[1], 0, 0, &[1][..]),
        (keys[1], 1, 0, &[0, 1]),
        (keys[1], 0, 1, &[1, 2]),
        (keys[0], 2, 2, &[0, 1, 2]),
        (keys[2], 1, 9, &[1, 2]),
    ] {
        assert_eq!(store.sentences_around(key, back, ahead).unwrap(), sentences(passages));
    }
}

#[test]
fn the_same_content_is_not_stored_again_and_a_snapshot_can_tell() {
    let folder = Folder::new();
    let store = folder.open();
    let given = document("a", "one");
    assert_eq!(store.hash_of("a").unwrap(), None);
    assert!(store.put(&given).unwrap().is_some());
    assert_eq!(store.hash_of("a").unwrap(), Some(given.hash));
    assert!(store.confirm("a", &given.hash, None, None).unwrap() && !store.confirm("a", &[0; 32], None, None).unwrap());
    assert_eq!(store.put(&given).unwrap(), None);
    let changed = document("a", "two");
    let written = store.put(&changed).unwrap().unwrap();
    assert!(written.replaced && written.removed == [1, 2, 3] && written.added == [4, 5, 6], "{written:?}");
}

#[test]
fn a_document_that_comes_from_another_file_belongs_to_that_file_and_stays_sound() {
    let folder = Folder::new();
    let store = folder.open();
    let mut given = document("a", "one");
    store.put(&given).unwrap();
    assert!(store.confirm("a", &given.hash, Some("/docs/moved.md"), None).unwrap());
    assert_eq!(store.origin_of("a").unwrap().as_deref(), Some("/docs/moved.md"));
    given.origin = Some("/docs/moved-again.md".into());
    assert_eq!(store.put(&given).unwrap(), None);
    assert_eq!(store.ids_read_from("/docs/moved-again.md").unwrap(), ["a"]);
    given.origin = None;
    assert_eq!(store.put(&given).unwrap(), None);
    assert_eq!(store.origin_of("a").unwrap().as_deref(), Some("/docs/moved-again.md"));
    assert_eq!(store.snapshot().unwrap().problem_of(1).unwrap(), None);
}

/// Ways to damage document `a`, as SQL.
const DAMAGES: [&str; 14] = [
    "UPDATE texts SET text = replace(text, '第', '弟')",
    "UPDATE texts SET text = CAST(CAST(text AS BLOB) || x'FF' AS TEXT)",
    "DELETE FROM texts",
    "UPDATE documents SET title = 'other'",
    "UPDATE documents SET tags = '[\"甲\"]'",
    "UPDATE documents SET tags = '[nonsense'",
    "UPDATE documents SET format = 'future'",
    "UPDATE documents SET hash = x'00'",
    "UPDATE documents SET uri = 'https://elsewhere.example'",
    "UPDATE passages SET span_end = span_end - 1 WHERE ordinal = 1",
    "UPDATE passages SET vector = zeroblob(length(vector)) WHERE ordinal = 2",
    "UPDATE passages SET compressed = zeroblob(length(compressed)) WHERE ordinal = 0",
    "DELETE FROM passages WHERE ordinal = 2",
    "DELETE FROM aliases",
];

#[test]
fn a_damaged_document_is_listed_found_by_the_check_and_healed_by_ingesting_it_again() {
    for damage in DAMAGES {
        let folder = Folder::new();
        let given = document("a", "降息");
        folder.open().put(&given).unwrap();
        folder.open().put(&document("b", "other")).unwrap();
        folder.alter(&damage.replace("UPDATE documents", "UPDATE OR IGNORE documents"));
        let store = folder.open();
        let problem = store.snapshot().unwrap().problem_of(1).unwrap();
        assert!(problem.is_some(), "{damage}");
        assert_eq!(store.documents(None, 10).unwrap().len(), 2, "{damage}");
        assert_eq!(store.hash_of("a").unwrap(), None, "{damage}");
        assert!(store.put(&given).unwrap().is_some(), "{damage}");
        assert_eq!(store.snapshot().unwrap().problem_of(1).unwrap(), None, "{damage}");
        assert_eq!(store.document("a").unwrap().unwrap().info, given.info, "{damage}");
        assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new(), "{damage}");
    }
}

#[test]
fn a_damaged_document_can_be_removed() {
    for damage in DAMAGES {
        let folder = Folder::new();
        folder.open().put(&document("a", "降息")).unwrap();
        folder.alter(damage);
        let store = folder.open();
        assert!(store.delete("a").unwrap().is_some(), "{damage}");
        assert_eq!(store.counts().unwrap(), Counts::default(), "{damage}");
        assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new(), "{damage}");
    }
}

#[test]
fn damage_is_an_error_that_names_the_document_and_says_how_to_heal_it() {
    let folder = Folder::new();
    folder.open().put(&document("a", "降息")).unwrap();
    folder.alter("UPDATE texts SET text = replace(text, '第', '弟')");
    let error = folder.open_read_only().document("a").unwrap_err();
    assert!(matches!(&error, Error::Damaged { document, .. } if document == "a"), "{error:?}");
    assert!(error.to_string().contains("text does not match its checksum"), "{error}");
    assert!(error.hint().unwrap().contains("ingest the document again"));
    folder.alter("UPDATE passages SET compressed = zeroblob(length(compressed))");
    let error = folder.open_read_only().candidates(&[2]).unwrap_err();
    assert!(matches!(&error, Error::Damaged { document, .. } if document == "a"), "{error:?}");
}

#[test]
fn a_list_shows_nothing_of_a_damaged_document_but_its_id() {
    let folder = Folder::new();
    folder.open().put(&document("a", "降息")).unwrap();
    folder.alter("UPDATE documents SET title = 'altered'");
    let listed = folder.open_read_only().documents(None, 10).unwrap().remove(0);
    assert_eq!(listed.id, "a");
    assert!(listed.title.contains("damaged") && listed.source.is_none(), "{listed:?}");
}

#[test]
fn a_filter_over_metadata_that_cannot_be_read_names_the_document() {
    let folder = Folder::new();
    folder.open().put(&document("a", "降息")).unwrap();
    folder.alter("UPDATE documents SET tags = '[nonsense'");
    let filter = Filter::Is(Field::Tags, Comparison::Equal, "甲".into());
    let error = folder.open_read_only().passages_where(&filter).unwrap_err();
    assert!(matches!(&error, Error::Damaged { document, .. } if document == "a"), "{error:?}");
}

#[test]
fn a_setting_that_was_altered_is_not_believed() {
    let folder = Folder::new();
    folder.open().set("model_name", "right").unwrap();
    assert_eq!(folder.open_read_only().get("model_name").unwrap().as_deref(), Some("right"));
    folder.alter("UPDATE settings SET value = 'wrong' WHERE name = 'model_name'");
    let store = folder.open_read_only();
    assert!(matches!(store.get("model_name"), Err(Error::Corrupt { .. })));
    let problems = store.snapshot().unwrap().integrity_problems().unwrap();
    assert!(problems.iter().any(|problem| problem.contains("model_name")), "{problems:?}");
}

#[test]
fn vectors_that_are_not_finite_are_refused_and_nothing_is_stored() {
    let folder = Folder::new();
    let store = folder.open();
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut given = document("a", "one");
        given.passages[1].vector[3] = value;
        assert!(matches!(store.put(&given), Err(Error::Embedding { .. })), "{value}");
        let mut given = document("a", "one");
        given.passages[1].sentences[0][..2].copy_from_slice(&half::f16::from_f32(value).to_le_bytes());
        assert!(matches!(store.put(&given), Err(Error::Embedding { .. })), "{value}");
    }
    assert_eq!(store.counts().unwrap().documents, 0);
}

#[test]
fn vectors_of_another_codec_are_neither_read_nor_added_to_until_those_of_another_store_are_taken_over() {
    let folder = Folder::new();
    let store = folder.open();
    let given = document("a", "one");
    store.put(&given).unwrap();
    store.set(CODEC, "one of the future").unwrap();
    let incompatible = |error: Error| {
        assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
        assert!(error.hint().unwrap().contains("footnote reindex"), "{error:?}");
    };
    incompatible(store.candidates(&[1]).unwrap_err());
    incompatible(store.each_text(&[1], |_, _| Ok(())).unwrap_err());
    incompatible(store.put(&document("b", "two")).unwrap_err());
    assert_eq!(store.document("a").unwrap().unwrap().text, given.text, "texts are readable all the same");
    assert!(taken_over(&store, &[given], &mut |commit| commit()).unwrap());
    assert_eq!(store.candidates(&store.passage_keys(0, 10).unwrap()).unwrap().len(), 3);
}

/// Makes another store with these documents, and lets `store` take it over.
fn taken_over(
    store: &Store,
    documents: &[PreparedDocument],
    commit: &mut dyn FnMut(takeover::Commit<'_>) -> Result<()>,
) -> Result<bool> {
    let folder = Folder::new();
    let other = folder.open();
    let snapshot = store.snapshot().unwrap();
    other.begin_keys_after(snapshot.last_of_generation().unwrap()).unwrap();
    for version in snapshot.versions(0, 100).unwrap() {
        let Some(document) = documents.iter().find(|document| document.info.id == version.id) else { continue };
        let hash = version.hash.as_slice().try_into().unwrap();
        other.put_as(&PreparedDocument { hash, ..document.clone() }, Some(version.key)).unwrap();
    }
    drop(snapshot);
    store.take_over(&folder.path(), &[("model_name", "m".into())], commit)
}

#[test]
fn passages_of_another_store_are_taken_over_with_nothing_else_or_not_at_all() {
    let folder = Folder::new();
    let store = folder.open();
    let documents = ["c", "a", "b"].map(|id| document(id, id));
    documents.iter().for_each(|document| drop(store.put(document).unwrap()));
    store.delete("c").unwrap();
    let state = |store: &Store| {
        let listed = store.documents(None, 10).unwrap();
        (listed, store.passage_keys(0, 100).unwrap(), store.get("model_name").unwrap(), store.last_sequence().unwrap())
    };
    let before = state(&store);
    // One passage instead of three, and made at another time.
    let again = documents.map(|mut document| {
        document.passages.truncate(1);
        document.info.ingested = "2030-01-01T00:00:00Z".into();
        document.origin = Some("elsewhere".into());
        document
    });
    let failed = taken_over(&store, &again, &mut |_| Err(Error::Busy));
    assert!(matches!(failed, Err(Error::Busy)) && state(&store) == before);
    assert!(!taken_over(&store, &again[1..2], &mut |commit| commit()).unwrap(), "a document is missing");
    assert!(state(&store) == before);
    assert!(taken_over(&store, &again, &mut |commit| commit()).unwrap());
    let after = state(&store);
    assert_eq!((after.1.len(), after.2.as_deref(), after.3), (2, Some("m"), before.3 + 1));
    assert!(after.1[0] > 1 << 36, "keys of the next generation: {:?}", after.1);
    for (one, other) in before.0.iter().zip(&after.0) {
        assert_eq!(DocumentInfo { passages: 1, ..one.clone() }, *other, "nothing else has changed");
    }
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.integrity_problems().unwrap(), Vec::<String>::new());
    for (key, _) in snapshot.document_keys(0, 10).unwrap() {
        assert_eq!(snapshot.problem_of(key).unwrap(), None);
    }
    assert_eq!(snapshot.changes_after(before.3).unwrap(), None, "an index has to be made anew");
    drop(snapshot);
    assert!(store.put(&document("d", "d")).unwrap().unwrap().added[0] > after.1[1]);
}

#[test]
fn changes_that_were_forgotten_are_not_taken_for_known_when_less_is_forgotten_later() {
    let folder = Folder::new();
    let store = folder.open();
    for id in ["a", "b"] {
        store.put(&document(id, id)).unwrap();
    }
    store.forget_changes_through(4).unwrap();
    store.forget_changes_through(0).unwrap();
    assert_eq!(store.changes_after(3).unwrap(), None);
    assert_eq!(store.changes_after(4).unwrap(), Some((vec![Change::Added(5), Change::Added(6)], 6)));
    assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new());
}

#[test]
fn a_page_of_documents_goes_on_behind_the_one_named_and_says_when_that_one_is_gone() {
    let folder = Folder::new();
    let store = folder.open();
    for id in ["c", "a", "b"] {
        store.put(&document(id, id)).unwrap();
    }
    let ids = |after: Option<&str>| -> Vec<String> {
        store.documents(after, 2).unwrap().into_iter().map(|info| info.id).collect()
    };
    assert_eq!(ids(None), ["c", "a"]);
    assert_eq!(ids(Some("a")), ["b"]);
    store.delete("a").unwrap();
    assert!(matches!(store.documents(Some("a"), 2), Err(Error::NotFound { kind: "document", .. })));
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let folder = Folder::new();
    std::fs::write(folder.path(), "not a database, but long enough to be looked at as one".repeat(20)).unwrap();
    assert!(matches!(Store::open(&folder.path()), Err(Error::Corrupt { .. })));
    assert!(matches!(Store::open_read_only(&folder.path()), Err(Error::Corrupt { .. })));
}

#[test]
fn a_database_of_another_program_is_not_touched() {
    let folder = Folder::new();
    folder.alter("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert!(matches!(Store::open(&folder.path()), Err(Error::Corrupt { .. })));
    assert!(matches!(Store::open_read_only(&folder.path()), Err(Error::Corrupt { .. })));
    folder.alter("INSERT INTO theirs VALUES (2)");
}

#[test]
fn a_file_that_a_first_start_left_empty_is_an_empty_store() {
    let folder = Folder::new();
    std::fs::write(folder.path(), "").unwrap();
    assert!(Store::open_read_only(&folder.path()).unwrap().is_none());
    // Killed after the journal mode was set, before the tables were made.
    folder.alter("PRAGMA journal_mode = WAL");
    assert!(Store::open_read_only(&folder.path()).unwrap().is_none());
    assert!(folder.open().put(&document("a", "one")).unwrap().is_some());
}

#[test]
fn a_store_of_a_newer_version_is_not_called_damaged() {
    let folder = Folder::new();
    folder.open();
    folder.alter("PRAGMA user_version = 99");
    for error in [Store::open(&folder.path()).err(), Store::open_read_only(&folder.path()).err()] {
        let error = error.unwrap();
        assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
        assert!(error.to_string().contains("newer version"), "{error}");
    }
}

#[test]
fn a_row_that_no_longer_matches_its_indexes_can_be_replaced() {
    let folder = Folder::new();
    folder.open().put(&document("a", "降息")).unwrap();
    // As a flipped bit would, this changes the row and not the index over it.
    folder.alter(
        "PRAGMA writable_schema = ON;
         CREATE TABLE kept AS SELECT name, sql FROM sqlite_schema WHERE name = 'documents_by_uri';
         UPDATE sqlite_schema SET sql = 'CREATE INDEX documents_by_uri ON documents (origin)' WHERE name = 'documents_by_uri';",
    );
    folder.alter("UPDATE documents SET uri = 'https://altered.example'");
    folder.alter(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = 'documents_by_uri';
         DROP TABLE kept;",
    );
    let store = folder.open();
    assert!(!store.snapshot().unwrap().integrity_problems().unwrap().is_empty());
    assert!(store.put(&document("a", "降息")).unwrap().is_some());
    assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new());
    assert_eq!(store.snapshot().unwrap().problem_of(1).unwrap(), None);
}

#[test]
fn a_store_of_the_earlier_format_is_converted_by_a_writer_and_asks_for_a_reindex() {
    let folder = Folder::new();
    let old = include_str!("format_2.sql");
    folder.alter(old);
    let error = Store::open_read_only(&folder.path()).err().unwrap();
    assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("footnote reindex"));
    let store = folder.open();
    let snapshot = store.snapshot().unwrap();
    let document = snapshot.document("a").unwrap().unwrap();
    assert_eq!(document.text, "One sentence. Another one.");
    assert_eq!((document.info.title.as_str(), document.info.passages), ("Title", 1));
    assert_eq!(document.info.tags, ["x"]);
    assert_eq!(snapshot.passages("a").unwrap()[0].sentences, [Span::new(0, 13), Span::new(14, 26)]);
    assert_eq!(snapshot.get("model_name").unwrap().as_deref(), Some("m"));
    assert_eq!(snapshot.aliases_of(&["a1".into()]).unwrap(), [("a1".to_owned(), "b1".to_owned())]);
    assert_eq!((snapshot.last_sequence().unwrap(), snapshot.problem_of(1).unwrap()), (5, None));
    assert_eq!(snapshot.integrity_problems().unwrap(), Vec::<String>::new());
    assert!(matches!(snapshot.candidates(&[4]), Err(Error::Incompatible { .. })));
    drop(snapshot);
    assert!(taken_over(&store, &[super::tests::document("a", "new")], &mut |commit| commit()).unwrap());
    let keys = store.passage_keys(0, 10).unwrap();
    assert!(keys.len() == 3 && keys[0] > 9, "no key that was ever used is used again: {keys:?}");
    assert_eq!(store.candidates(&keys).unwrap().len(), 3);
}

/// A document that was read from a PDF.
fn with_layout(id: &str, page: u32) -> PreparedDocument {
    let mut document = document(id, "降息");
    let span = Span::new(0, document.text.len());
    document.info.format = Format::Docx;
    document.layout =
        Layout { reader: "docx 1".into(), places: vec![Place { span, at: At::Paragraph(page) }], ..Layout::default() };
    document.hash[0] ^= page as u8;
    document
}

#[test]
fn a_layout_is_stored_with_its_text_and_goes_with_it() {
    let folder = Folder::new();
    let store = folder.open();
    let layout_of = |id: &str| store.document(id).unwrap().unwrap().layout;
    store.put(&with_layout("a", 1)).unwrap();
    assert_eq!(layout_of("a"), with_layout("a", 1).layout);
    store.put(&with_layout("a", 2)).unwrap();
    assert_eq!(layout_of("a"), with_layout("a", 2).layout);
    store.put(&document("a", "升息")).unwrap();
    assert_eq!(layout_of("a"), Layout::default());
    store.put(&with_layout("a", 3)).unwrap();
    store.delete("a").unwrap();
    drop(store);
    let left: i64 = Connection::open(folder.path())
        .unwrap()
        .query_row("SELECT count(*) FROM layouts", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_damaged_or_missing_layout_is_damage_of_its_document() {
    for damage in ["UPDATE layouts SET layout = x'0100'", "DELETE FROM layouts"] {
        let folder = Folder::new();
        folder.open().put(&with_layout("a", 1)).unwrap();
        folder.alter(damage);
        let store = folder.open();
        let error = store.document("a").unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{damage}: {error:?}");
        assert!(store.snapshot().unwrap().problem_of(1).unwrap().is_some(), "{damage}");
        assert!(store.put(&with_layout("a", 1)).unwrap().is_some(), "ingesting it again heals it");
        assert_eq!(store.snapshot().unwrap().problem_of(1).unwrap(), None);
    }
}

#[test]
fn a_store_without_layouts_is_read_as_it_is_and_gets_them_from_a_writer() {
    let folder = Folder::new();
    folder.open().put(&document("a", "降息")).unwrap();
    folder.alter("DROP TABLE layouts; DROP TABLE files; DROP TABLE originals; PRAGMA user_version = 3;");
    let store = Store::open_read_only(&folder.path()).unwrap().unwrap();
    assert_eq!(store.document("a").unwrap().unwrap().layout, Layout::default());
    drop(store);
    let store = folder.open();
    store.put(&with_layout("b", 1)).unwrap();
    assert!(store.document("b").unwrap().is_some());
    assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new());
}

/// Gives the only document of a store its layout as format 4 had it, and the store that format.
fn put_layout_of_format_4(folder: &Folder, document: &PreparedDocument) {
    let layout = document.layout.to_bytes_without_rows();
    let checksum = super::checksum::of_text_and_layout(document.text.as_bytes(), Some(&layout));
    let store = Connection::open(folder.path()).unwrap();
    store.execute("UPDATE layouts SET layout = ?1", [layout]).unwrap();
    store.execute("UPDATE documents SET text_checksum = ?1", [checksum]).unwrap();
    let of_row = |row: &rusqlite::Row<'_>| {
        let values: Vec<ValueRef<'_>> = (0..18).map(|column| row.get_ref(column)).collect::<Result<_, _>>()?;
        Ok(super::checksum::of_values(&values))
    };
    let checksum = store.query_row("SELECT * FROM documents", [], of_row).unwrap();
    store.execute("UPDATE documents SET checksum = ?1", [checksum]).unwrap();
    store.pragma_update(None, "user_version", 4).unwrap();
}

#[test]
fn a_store_of_format_4_is_read_as_it_is_and_a_writer_makes_it_one_of_format_5() {
    let folder = Folder::new();
    let mut document = with_layout("a", 1);
    let start = document.text.len();
    document.text.push_str("Bank: ECB; Rate: 2.15 %");
    folder.open().put(&document).unwrap();
    put_layout_of_format_4(&folder, &document);
    let version = || -> i32 {
        let store = Connection::open(folder.path()).unwrap();
        store.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let row = Row { span: Span::new(start, document.text.len()), header: None };
    let expected = Layout { rows: vec![row], ..document.layout.clone() };
    let store = Store::open_read_only(&folder.path()).unwrap().unwrap();
    assert_eq!(store.document("a").unwrap().unwrap().layout, expected);
    drop(store);
    assert_eq!(version(), 4);
    let store = folder.open();
    assert_eq!(store.document("a").unwrap().unwrap().layout, expected);
    drop(store);
    assert_eq!(version(), 5);
}

/// A folder that nobody can write to; `None` where this user may write everywhere.
fn read_only_copy(folder: &Folder) -> Option<tempfile::TempDir> {
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path(), copy.path().join(Store::FILE)).unwrap();
    let set = |path: &Path| {
        let mut permissions = std::fs::metadata(path).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(path, permissions).unwrap();
    };
    set(&copy.path().join(Store::FILE));
    set(copy.path());
    std::fs::write(copy.path().join("probe"), "").is_err().then_some(copy)
}

#[test]
fn a_store_that_cannot_be_written_is_read() {
    let folder = Folder::new();
    folder.open().put(&document("a", "降息")).unwrap();
    let Some(copy) = read_only_copy(&folder) else { return read_through_an_immutable_address(&folder) };
    let store = Store::open_read_only(&copy.path().join(Store::FILE)).unwrap().unwrap();
    assert!(store.document("a").unwrap().is_some());
}

/// The last resort of a reader, tried by itself: root can write everywhere.
fn read_through_an_immutable_address(folder: &Folder) {
    let odd = folder.0.path().join("a b?c#d%20é");
    std::fs::create_dir(&odd).unwrap();
    let path = odd.join(Store::FILE);
    std::fs::copy(folder.path(), &path).unwrap();
    let reader = pool::open_immutable(&path).unwrap().unwrap();
    let documents: i64 = reader.connection.query_row("SELECT count(*) FROM documents", [], |row| row.get(0)).unwrap();
    assert_eq!(documents, 1);
    assert_eq!(std::fs::read_dir(&odd).unwrap().count(), 1, "nothing is written beside it");
}

#[test]
fn a_reader_of_a_store_that_it_cannot_write_sees_what_others_write_to_it_later() {
    let folder = Folder::new();
    folder.open().put(&document("a", "one")).unwrap();
    let store = Store::reading(&folder.path());
    let seen = || store.counts().unwrap().documents;
    store.readers.put_back(pool::open_immutable(&folder.path()).unwrap().unwrap());
    assert_eq!(seen(), 1);
    let writer = folder.open();
    writer.put(&document("b", "two")).unwrap();
    assert_eq!(seen(), 2, "the change lies in the log");
    drop((store, writer));
    let store = Store::reading(&folder.path());
    store.readers.put_back(pool::open_immutable(&folder.path()).unwrap().unwrap());
    folder.open().delete("a").unwrap();
    assert_eq!(store.counts().unwrap().documents, 1, "the change was copied into the file");
}

#[test]
fn what_was_forgotten_of_the_changes_stays_forgotten() {
    let folder = Folder::new();
    let store = folder.open();
    for id in ["a", "b", "c"] {
        store.put(&document(id, id)).unwrap();
    }
    store.forget_changes_through(6).unwrap();
    store.put(&document("d", "d")).unwrap();
    // As after the loss of the list of index files.
    store.forget_changes_through(0).unwrap();
    assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new());
    assert_eq!(store.changes_after(3).unwrap(), None);
    let added = (7..=12).map(Change::Added).collect();
    assert_eq!(store.changes_after(6).unwrap(), Some((added, 12)));
    // As after a backup was put in place of a store that the index files were ahead of.
    store.forget_changes_through(100).unwrap();
    assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new());
    assert_eq!(store.changes_after(12).unwrap(), Some((Vec::new(), 12)));
    store.put(&document("e", "e")).unwrap();
    assert!(store.changes_after(12).unwrap().is_some() && store.changes_after(11).unwrap().is_none());
}

#[test]
fn damaged_or_missing_changes_have_the_indexes_made_anew_and_end_with_the_next_saving() {
    for damage in [
        "UPDATE changes SET passage = 1 WHERE sequence = 5",
        "UPDATE changes SET checksum = x'00' WHERE sequence = 5",
        "DELETE FROM changes WHERE sequence = 5",
        "DELETE FROM changes WHERE sequence = 6",
        "DELETE FROM changes WHERE sequence <= 4",
        "UPDATE settings SET value = '0' WHERE name = 'changes_forgotten_through'",
        "UPDATE settings SET value = 'many' WHERE name = 'changes_forgotten_through'",
    ] {
        let folder = Folder::new();
        let store = folder.open();
        store.put(&document("a", "one")).unwrap();
        store.forget_changes_through(1).unwrap();
        store.put(&document("b", "two")).unwrap();
        folder.alter(damage);
        assert_eq!(store.changes_after(2).unwrap(), None, "{damage}");
        assert!(!store.snapshot().unwrap().integrity_problems().unwrap().is_empty(), "{damage}");
        store.forget_changes_through(6).unwrap();
        assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new(), "{damage}");
        store.put(&document("c", "three")).unwrap();
        assert_eq!(store.changes_after(6).unwrap().map(|(_, last)| last), Some(9), "{damage}");
    }
}

#[test]
fn a_passage_that_lost_its_key_or_its_document_goes_when_its_document_is_replaced_or_removed() {
    for damage in [
        "UPDATE passages SET document = 99 WHERE key = 2",
        "UPDATE passages SET document = 99 WHERE document = 1",
        "UPDATE passages SET key = 99 WHERE key = 2",
    ] {
        for removed in [false, true] {
            let folder = Folder::new();
            let store = folder.open();
            store.put(&document("a", "one")).unwrap();
            store.put(&document("b", "two")).unwrap();
            folder.alter(damage);
            let written = if removed { store.delete("a").unwrap() } else { store.put(&document("a", "one")).unwrap() };
            let sequence = written.unwrap().sequence;
            assert_eq!(store.snapshot().unwrap().integrity_problems().unwrap(), Vec::<String>::new(), "{damage}");
            assert_eq!(store.counts().unwrap().passages, if removed { 3 } else { 6 }, "{damage}");
            assert_eq!(store.changes_after(6).unwrap(), None, "an index may hold key 2 still: {damage}");
            assert!(sequence > 6 && store.changes_after(sequence).unwrap().is_some(), "{damage}");
        }
    }
}

#[test]
fn damage_that_leaves_the_passages_keeps_the_derived_indexes() {
    let folder = Folder::new();
    let store = folder.open();
    store.put(&document("a", "one")).unwrap();
    folder.alter("UPDATE documents SET title = 'altered'");
    store.put(&document("a", "one")).unwrap().unwrap();
    assert!(store.changes_after(3).unwrap().is_some());
}

#[test]
fn a_long_write_ahead_log_is_emptied_once_no_snapshot_reads_from_it() {
    let folder = Folder::new();
    let store = folder.open();
    let log_bytes = || std::fs::metadata(stamp::log_of(&folder.path())).unwrap().len();
    store.put(&document("a", "one")).unwrap();
    assert!(log_bytes() > 0);
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.counts().unwrap().documents, 1);
    store.log_limit.store(0, Ordering::Relaxed);
    store.put(&document("b", "two")).unwrap();
    assert!(log_bytes() > 0 && store.log_limit.load(Ordering::Relaxed) > MAX_LOG_BYTES / 4, "the next waits longer");
    assert_eq!(snapshot.counts().unwrap().documents, 1);
    drop(snapshot);
    store.log_limit.store(0, Ordering::Relaxed);
    store.put(&document("c", "three")).unwrap();
    assert_eq!((log_bytes(), store.log_limit.load(Ordering::Relaxed)), (0, MAX_LOG_BYTES));
    assert_eq!(store.counts().unwrap().documents, 3);
}
