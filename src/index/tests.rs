//! Promises of a collection to questions that run during writes, of this process and of others.

use std::sync::mpsc::channel;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::maintenance::MIN_CHANGES;
use super::passages::{Checkpoint, Slots};
use super::store::samples::{DIMENSIONS, document, vector};
use super::successor::{Plan, Successor, Unfinished};
use super::*;
use crate::error::Error;
use crate::model::{ModelChoice, ModelIdentity};
use crate::terms::LexicalQuery;

fn model() -> ModelIdentity {
    ModelIdentity { name: "m".into(), fingerprint: "f".into() }
}

fn new_collection(dir: &Path) -> Collection {
    let collection = Collection::open(dir).unwrap();
    collection.adopt_model(&model(), DIMENSIONS).unwrap();
    collection
}

/// The documents in which `word` is found by terms, best first.
fn found(collection: &Collection, word: &str) -> Vec<String> {
    let index = collection.snapshot().unwrap().unwrap();
    let best = index.lexical(&LexicalQuery::literal(word)).unwrap().best(100, None).unwrap();
    let keys: Vec<u64> = best.into_iter().map(|(key, _)| key).collect();
    index.store().documents_of(&keys).unwrap().into_iter().map(|(_, id)| id).collect()
}

/// Puts a sound checkpoint that says something else in the place of the one on disk.
fn change_checkpoint(dir: &Path, change: impl FnOnce(&mut Checkpoint)) {
    let mut checkpoint = Checkpoint::current(dir).unwrap();
    change(&mut checkpoint);
    checkpoint.with_hash().unwrap().save(dir, None).unwrap();
}

#[test]
fn a_reader_takes_what_other_processes_write_without_rebuilding_anything() {
    let dir = tempfile::tempdir().unwrap();
    let ingest = |id: &str| new_collection(dir.path()).put(&document(id, &["common words", id])).unwrap();
    ingest("first");
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(found(&reader, "common"), ["first"]);
    assert_eq!((reader.derived.loads(), reader.derived.rebuilds()), (1, 0));
    // Each of these processes ends with new files on disk.
    ingest("second");
    assert_eq!(found(&reader, "common"), ["first", "second"]);
    assert_eq!((reader.derived.loads(), reader.derived.rebuilds()), (1, 0), "it applied the changes");
    ["third", "fourth", "fifth"].into_iter().for_each(|id| drop(ingest(id)));
    assert_eq!(found(&reader, "common"), ["fifth", "first", "fourth", "second", "third"]);
    assert_eq!((reader.derived.loads(), reader.derived.rebuilds()), (2, 0), "it loaded the newest files");
}

#[test]
fn a_reader_takes_the_model_with_which_another_process_embedded_the_collection_again() {
    let dir = tempfile::tempdir().unwrap();
    let writer = new_collection(dir.path());
    writer.put(&document("a", &["apple"])).unwrap();
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(reader.snapshot().unwrap().unwrap().model(), &model());
    let before = reader.derived.rebuilds();
    let successor = Successor::open(dir.path(), writer.store().unwrap(), &plan("other"), &mut |_| {}).unwrap();
    successor.put(&document("a", &["apple"]), 1).unwrap();
    assert!(writer.succeed_by(&successor).unwrap());
    let index = reader.snapshot().unwrap().unwrap();
    assert_eq!(index.model(), &plan("other").identity());
    assert_eq!(index.nearest(&vector(1), 9, None).unwrap().len(), 1);
    assert_eq!((writer.derived.rebuilds(), reader.derived.rebuilds()), (0, before), "the segments were taken over");
}

fn plan(fingerprint: &str) -> Plan {
    Plan {
        model: "m".into(),
        fingerprint: fingerprint.into(),
        choice: ModelChoice::named("m"),
        dimensions: DIMENSIONS,
        passage_tokens: 140,
        version: "0".into(),
    }
}

/// Gives a successor what it lacks, with passages of its own. Returns which documents it lacked.
fn bring_up(collection: &Collection, successor: &Successor) -> Vec<i64> {
    let store = collection.store().unwrap();
    let found = successor.differences(&store.snapshot().unwrap()).unwrap();
    found.extra.iter().for_each(|id| successor.delete(id).unwrap());
    for &key in &found.lacking {
        let stored = store.document_by_key(key).unwrap().unwrap();
        // The whole text is one passage.
        successor.put(&document(&stored.info.id, &[&stored.text]), key).unwrap();
    }
    found.lacking
}

#[test]
fn a_successor_follows_what_is_added_changed_and_deleted_and_takes_over_exactly_that() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    let put = |id: &str, words: &[&str]| drop(collection.put(&document(id, words)).unwrap());
    ["a", "b", "c"].into_iter().for_each(|id| put(id, &["apple ", "pear "]));
    let open = |notices: &mut Vec<String>| {
        Successor::open(dir.path(), collection.store().unwrap(), &plan("g"), &mut |notice| notices.push(notice))
    };
    let mut notices = Vec::new();
    let successor = open(&mut notices).unwrap();
    assert!(matches!(open(&mut notices), Err(Error::Locked { .. })), "one process works on it");
    assert_eq!(bring_up(&collection, &successor), [1, 2, 3]);
    put("b", &["plum "]);
    put("d", &["apple "]);
    collection.delete("a").unwrap();
    collection.delete("c").unwrap();
    put("c", &["apple ", "pear "]);
    assert!(!collection.succeed_by(&successor).unwrap(), "it lacks documents");
    drop(successor);

    // Another process goes on, with exactly what is missing.
    let unfinished = Unfinished::find(dir.path(), collection.store().unwrap()).unwrap().unwrap();
    assert_eq!((unfinished.documents, unfinished.holder), (3, None));
    let successor = open(&mut notices).unwrap();
    assert_eq!(bring_up(&collection, &successor), [2, 4, 5], "b has changed, c was deleted and added, d is new");
    put("e", &["apple "]);
    collection.delete("d").unwrap();
    bring_up(&collection, &successor);
    collection.delete("b").unwrap();
    let all = |word: &str| {
        let mut all = found(&collection, word);
        all.sort();
        all
    };
    assert_eq!(all("apple"), ["c", "e"]);
    let rebuilds = collection.derived.rebuilds();
    assert!(collection.succeed_by(&successor).unwrap(), "what was deleted needs no work");
    assert_eq!(all("apple"), ["c", "e"]);
    assert_eq!(collection.store().unwrap().counts().unwrap().passages, 2);
    assert_eq!((collection.model().unwrap(), collection.derived.rebuilds()), (Some(plan("g").identity()), rebuilds));
    assert_eq!(collection.model_choice().unwrap(), Some(ModelChoice::named("m")));
    put("f", &["apple "]);
    assert_eq!(all("apple"), ["c", "e", "f"]);
    successor.remove().unwrap();
    assert!(!dir.path().join("next").exists() && notices.is_empty(), "{notices:?}");
    drop(collection);
    let collection = Collection::open(dir.path()).unwrap();
    assert_eq!((found(&collection, "apple").len(), collection.derived.rebuilds()), (3, 0));
    let verified = collection.verify(None).unwrap();
    assert!(verified.problems.is_empty() && verified.notes.is_empty(), "{verified:?}");
}

#[test]
fn a_successor_that_was_begun_in_another_way_is_kept_and_one_of_another_version_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    collection.put(&document("a", &["apple"])).unwrap();
    let mut notices = Vec::new();
    let mut open = |plan: &Plan| {
        Successor::open(dir.path(), collection.store().unwrap(), plan, &mut |notice| notices.push(notice))
    };
    bring_up(&collection, &open(&plan("g")).unwrap());
    for other in [plan("h"), Plan { passage_tokens: 99, ..plan("g") }] {
        let refused = open(&other).err().unwrap();
        assert!(refused.hint().unwrap().contains("--abandon"), "{refused}");
    }
    assert_eq!(open(&plan("g")).unwrap().counts().unwrap(), (1, 1));
    assert_eq!(open(&Plan { version: "1".into(), ..plan("g") }).unwrap().counts().unwrap(), (0, 0));
    assert_eq!(notices.len(), 1);
    assert!(successor::abandon(dir.path()).unwrap() && !successor::abandon(dir.path()).unwrap());
}

#[test]
fn a_checkpoint_that_a_failed_swap_left_never_counts_whatever_is_stored_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    collection.put(&document("a", &["apple"])).unwrap();
    // The same model, as for another size of passages.
    let plan = Plan { passage_tokens: 99, ..plan(&model().fingerprint) };
    let successor = Successor::open(dir.path(), collection.store().unwrap(), &plan, &mut |_| {}).unwrap();
    bring_up(&collection, &successor);
    successor.flush().unwrap();
    let last = collection.store().unwrap().last_sequence().unwrap();
    let next = dir.path().join("next");
    let of_next = Collection::open_read_only(&next).unwrap().store().unwrap().last_sequence().unwrap();
    passages::prepare(&next, dir.path(), (of_next, last + 1), &plan.fingerprint, "number").unwrap();
    let left = dir.path().join("checkpoint.next.json");
    let prepared = std::fs::read(&left).unwrap();
    // This is the change that the swap would have been.
    collection.put(&document("b", &["apple pear"])).unwrap();
    drop(collection);
    for _ in 0..2 {
        let reader = Collection::open_read_only(dir.path()).unwrap();
        let mut all = found(&reader, "apple");
        all.sort();
        assert_eq!((all, reader.derived.rebuilds()), (vec!["a".to_owned(), "b".to_owned()], 0));
        // A writer removes it, if it can.
        drop(Collection::open(dir.path()).unwrap());
        assert!(!left.exists());
        std::fs::write(&left, &prepared).unwrap();
    }
}

#[test]
fn a_reindex_is_not_ended_by_another_version_than_the_one_that_began_it() {
    let begun = Plan { version: "0.1.0".into(), ..plan("g") };
    assert!(begun.check_version(Path::new("index"), "0.1.0").is_ok());
    let refused = begun.check_version(Path::new("index"), "0.2.0").unwrap_err();
    assert!(
        refused.to_string().contains("version 0.1.0") && refused.to_string().contains("version 0.2.0"),
        "{refused}"
    );
    assert!(refused.hint().unwrap().contains("footnote reindex"));
}

#[test]
fn damage_to_a_successor_costs_only_what_is_damaged_and_never_the_collection() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    for number in 0..20 {
        let words = format!("apple {number} ").repeat(200);
        collection.put(&document(&format!("d{number}"), &[&words])).unwrap();
    }
    let store = collection.store().unwrap();
    let path = dir.path().join("next/store.db");
    let (mut dropped, mut mended) = (0, 0);
    for part in 0..40 {
        let successor = Successor::open(dir.path(), store, &plan("g"), &mut |_| {}).unwrap();
        bring_up(&collection, &successor);
        drop(successor);
        let mut bytes = std::fs::read(&path).unwrap();
        match part {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.clear(),
            _ => {
                let at = bytes.len() * part / 40;
                bytes[at..at + 16].iter_mut().for_each(|byte| *byte ^= 0x55);
            }
        }
        std::fs::write(&path, bytes).unwrap();
        let mut notices = Vec::new();
        match Successor::resume(dir.path(), store, &mut |notice| notices.push(notice)) {
            Ok(None) => {
                assert_eq!(notices.len(), 1);
                dropped += 1;
            }
            Ok(Some(successor)) => match successor.drop_damaged() {
                Ok(damaged) => {
                    mended += usize::from(damaged > 0);
                    assert_eq!(bring_up(&collection, &successor).len(), damaged);
                    assert_eq!(successor.drop_damaged().unwrap(), 0);
                }
                Err(Error::Corrupt { .. }) => {
                    dropped += 1;
                    successor.remove().unwrap();
                }
                Err(error) => panic!("{part}: {error}"),
            },
            Err(error) => panic!("{part}: {error}"),
        }
        assert_eq!(found(&collection, "apple").len(), 20);
    }
    assert!(dropped > 1 && mended > 4, "{dropped} {mended}");
    assert!(collection.verify(None).unwrap().problems.is_empty());
}

#[test]
fn files_that_are_written_while_a_reader_loads_are_used_with_a_newer_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let writer = new_collection(dir.path());
    writer.put(&document("a", &["apple"])).unwrap();
    let reader = Collection::open_read_only(dir.path()).unwrap();
    let older = reader.store().unwrap().snapshot().unwrap();
    assert_eq!(older.last_sequence().unwrap(), 1);
    writer.put(&document("b", &["apple"])).unwrap();
    writer.checkpoint().unwrap();
    assert!(reader.derived.refresh(&older).unwrap().is_none());
    assert_eq!(found(&reader, "apple"), ["a", "b"]);
    assert_eq!((reader.derived.loads(), reader.derived.rebuilds()), (1, 0));
}

#[test]
fn files_that_are_ahead_of_the_store_itself_are_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let writer = new_collection(dir.path());
    writer.put(&document("a", &["apple"])).unwrap();
    writer.checkpoint().unwrap();
    let reader = Collection::open_read_only(dir.path()).unwrap();
    change_checkpoint(dir.path(), |checkpoint| checkpoint.through = 9);
    assert_eq!(found(&reader, "apple"), ["a"]);
    assert_eq!((reader.derived.loads(), reader.derived.rebuilds()), (1, 1));
}

#[test]
fn an_index_by_earlier_rules_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    new_collection(dir.path()).put(&document("a", &["apple"])).unwrap();
    change_checkpoint(dir.path(), |checkpoint| checkpoint.rules -= 1);
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(found(&reader, "apple"), ["a"]);
    assert_eq!(reader.derived.rebuilds(), 1);
    drop(new_collection(dir.path()));
    assert_eq!(Checkpoint::current(dir.path()).unwrap().rules, passages::rules(), "a writer replaces the file");
}

#[test]
fn a_reader_takes_the_segments_that_a_writer_made_of_many_new_passages() {
    let dir = tempfile::tempdir().unwrap();
    let writer = new_collection(dir.path());
    writer.put(&document("a", &["apple"])).unwrap();
    writer.checkpoint().unwrap();
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(found(&reader, "apple"), ["a"]);
    writer.put(&document("many", &vec!["pear. "; 9_300])).unwrap();
    writer.checkpoint().unwrap();
    assert_eq!(found(&reader, "apple"), ["a"]);
    assert_eq!((reader.derived.loads(), reader.derived.rebuilds()), (2, 0));
    assert_eq!(reader.derived.lock().as_ref().unwrap().slots.in_memory(), 0);
}

#[test]
fn an_index_that_an_earlier_version_wrote_is_made_again_once() {
    let dir = tempfile::tempdir().unwrap();
    new_collection(dir.path()).put(&document("a", &["apple"])).unwrap();
    let earlier = r#"{"lexical": {"file": "lexical-1.zip", "blake3": "0", "sequence": 1, "passages": 1, "model": "f"},
        "vectors": {"file": "vectors-1.bin", "blake3": "0", "sequence": 1, "passages": 1, "model": "f", "rules": 0}}"#;
    std::fs::write(dir.path().join("checkpoint.json"), earlier).unwrap();
    for name in ["lexical-1.zip", "vectors-1.bin"] {
        std::fs::write(dir.path().join(name), "of an earlier version").unwrap();
    }
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!((found(&reader, "apple"), reader.derived.rebuilds()), (vec!["a".to_owned()], 1));
    drop(new_collection(dir.path()));
    assert!(!dir.path().join("lexical-1.zip").exists() && !dir.path().join("vectors-1.bin").exists());
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!((found(&reader, "apple"), reader.derived.rebuilds()), (vec!["a".to_owned()], 0));
}

#[test]
fn a_part_that_turns_out_to_be_damaged_is_made_again_while_a_question_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let writer = new_collection(dir.path());
    for id in ["a", "b", "c"] {
        writer.put(&document(id, &["apple", id])).unwrap();
    }
    writer.delete("b").unwrap();
    drop(writer);
    for extension in ["vectors", "idx", "passages", "fieldnorm"] {
        let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let path = entries.into_iter().find(|path| path.extension().is_some_and(|e| e == extension)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged.iter_mut().for_each(|byte| *byte ^= 1);
        std::fs::write(&path, damaged).unwrap();
        let reader = Collection::open_read_only(dir.path()).unwrap();
        let index = reader.snapshot().unwrap().unwrap();
        assert_eq!(index.nearest(&vector(1), 9, None).unwrap().len(), 4, "{extension}");
        drop(index);
        assert_eq!(found(&reader, "apple"), ["a", "c"], "{extension}");
        assert!(reader.derived.rebuilds() <= 1, "{extension}");
        assert_eq!(reader.damaged_files().len(), 1, "{extension}");
        std::fs::write(&path, whole).unwrap();
    }
    // A writer puts sound files in the place of damaged ones.
    let checkpoint = std::fs::read_to_string(dir.path().join("checkpoint.json")).unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_name().to_string_lossy().starts_with("segment-") {
            std::fs::write(entry.path(), "damaged").unwrap();
        }
    }
    let writer = new_collection(dir.path());
    assert_eq!(found(&writer, "apple"), ["a", "c"]);
    writer.checkpoint().unwrap();
    assert_ne!(std::fs::read_to_string(dir.path().join("checkpoint.json")).unwrap(), checkpoint);
    assert_eq!(writer.damaged_files(), [] as [String; 0]);
    let found = writer.verify(None).unwrap();
    assert_eq!((found.problems.len(), found.notes.len()), (0, 0), "{found:?}");
}

#[test]
fn a_question_is_answered_however_many_segments_are_damaged() {
    let dir = tempfile::tempdir().unwrap();
    for id in ["a", "b", "c"] {
        new_collection(dir.path()).put(&document(id, &["apple", id])).unwrap();
    }
    for entry in std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|extension| extension == "vectors") {
            let damaged = vec![0xff; std::fs::metadata(&entry).unwrap().len() as usize];
            std::fs::write(&entry, damaged).unwrap();
        }
    }
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(reader.snapshot().unwrap().unwrap().nearest(&vector(1), 9, None).unwrap().len(), 6);
    assert_eq!(reader.derived.rebuilds(), 1, "all three are made again at once");
}

#[test]
fn a_process_that_begins_to_write_takes_the_files_that_another_has_written() {
    let dir = tempfile::tempdir().unwrap();
    for id in ["a", "b", "c"] {
        new_collection(dir.path()).put(&document(id, &["apple", id])).unwrap();
    }
    let later = Collection::open_unlocked(dir.path()).unwrap();
    assert_eq!(found(&later, "apple"), ["a", "b", "c"]);
    // It merges what the other has loaded.
    new_collection(dir.path()).put(&document("d", &["apple"])).unwrap();
    later.put(&document("e", &["apple"])).unwrap();
    later.checkpoint().unwrap();
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(found(&reader, "apple").len(), 5);
    assert_eq!((reader.derived.rebuilds(), later.derived.rebuilds()), (0, 0));
    let found = later.verify(None).unwrap();
    assert_eq!((found.problems.len(), found.notes.len()), (0, 0), "{found:?}");
}

#[test]
fn a_merge_that_cannot_be_done_keeps_no_change_from_being_written_and_damage_is_repaired() {
    let dir = tempfile::tempdir().unwrap();
    for id in ["a", "b", "c"] {
        new_collection(dir.path()).put(&document(id, &["apple", id])).unwrap();
    }
    let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let vectors = entries.into_iter().find(|path| path.extension().is_some_and(|e| e == "vectors")).unwrap();
    std::fs::write(&vectors, vec![0xff; std::fs::metadata(&vectors).unwrap().len() as usize]).unwrap();
    let writer = new_collection(dir.path());
    writer.put(&document("d", &["apple"])).unwrap();
    writer.checkpoint().unwrap();
    assert_eq!(Checkpoint::last_sequence(dir.path()), Some(7));
    writer.put(&document("e", &["apple"])).unwrap();
    writer.checkpoint().unwrap();
    let found = writer.verify(None).unwrap();
    assert_eq!((found.problems.len(), found.notes.len()), (0, 0), "{found:?}");
}

#[test]
fn questions_are_answered_while_the_indexes_are_loaded_rebuilt_or_written_to_disk() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    collection.put(&document("a", &["apple"])).unwrap();
    assert_eq!(found(&collection, "apple"), ["a"]);
    // Both are held while an index is loaded or made again.
    let (_writing, _loaded) = (collection.write_guard(), collection.derived.lock());
    std::thread::scope(|scope| {
        let (answered, answers) = channel();
        for _ in 0..4 {
            let (answered, collection) = (answered.clone(), &collection);
            scope.spawn(move || answered.send(found(collection, "apple")).unwrap());
        }
        for _ in 0..4 {
            assert_eq!(answers.recv_timeout(std::time::Duration::from_mins(1)).unwrap(), ["a"]);
        }
    });
}

#[test]
fn while_one_question_applies_many_changes_the_others_are_answered_from_what_there_was() {
    let dir = tempfile::tempdir().unwrap();
    let writer = new_collection(dir.path());
    writer.put(&document("old", &["apple"])).unwrap();
    writer.put(&document("gone", &["apple"])).unwrap();
    let reader = Collection::open_read_only(dir.path()).unwrap();
    assert_eq!(found(&reader, "apple"), ["gone", "old"]);
    writer.delete("gone").unwrap();
    let passages: Vec<String> = (0..1_500).map(|number| format!("apple {number}. ")).collect();
    writer.put(&document("new", &passages.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    let applying = reader.derived.lock();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| found(&reader, "apple"));
        assert_eq!(other.join().unwrap(), ["old"], "what was deleted is not answered");
    });
    drop(applying);
    assert_eq!(found(&reader, "apple").len(), 100);
}

#[test]
fn a_snapshot_keeps_what_was_there_and_a_later_one_has_what_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    collection.put(&document("a", &["apple one"])).unwrap();
    collection.put(&document("b", &["apple two"])).unwrap();
    let before = collection.snapshot().unwrap().unwrap();
    collection.delete("a").unwrap();
    collection.put(&document("b", &["pear"])).unwrap();
    let best = |index: &IndexSnapshot<'_>, word: &str| {
        index.lexical(&LexicalQuery::literal(word)).unwrap().best(9, None).unwrap().len()
    };
    assert_eq!((best(&before, "apple"), best(&before, "pear")), (2, 0));
    assert_eq!(before.nearest(&vector(1), 9, None).unwrap().len(), 2);
    let after = collection.snapshot().unwrap().unwrap();
    assert_eq!((best(&after, "apple"), best(&after, "pear")), (0, 1));
    assert_eq!(after.nearest(&vector(1), 9, None).unwrap().len(), 1);
}

#[test]
fn a_document_is_found_at_every_moment_while_it_is_updated() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    collection.put(&document("a", &["apple 0"])).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut questions = 0;
                    while !done.load(Ordering::Relaxed) || questions == 0 {
                        assert_eq!(found(&collection, "apple"), ["a"]);
                        questions += 1;
                    }
                })
            })
            .collect();
        for version in 1..60 {
            collection.put(&document("a", &[&format!("apple {version}")])).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn after_a_panic_in_a_change_the_indexes_are_loaded_again() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    collection.put(&document("a", &["apple"])).unwrap();
    assert_eq!(found(&collection, "apple"), ["a"]);
    let panicked = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let mut loaded = collection.derived.lock();
                // Half of a change: it has lost all, and believes to be up to date.
                loaded.as_mut().unwrap().slots = Slots::default();
                panic!("as a bug in a library would");
            })
            .join()
    });
    assert!(panicked.is_err());
    assert_eq!(found(&collection, "apple"), ["a"], "what was published is whole");
    collection.put(&document("b", &["apple and pear"])).unwrap();
    let index = collection.snapshot().unwrap().unwrap();
    assert_eq!(index.nearest(&vector(1), 9, None).unwrap().len(), 2);
    assert_eq!(collection.derived.loads(), 2);
    drop(index);
    collection.checkpoint().unwrap();
    assert_eq!(collection.verify(None).unwrap().problems, [] as [String; 0]);
}

#[test]
fn changes_are_written_to_disk_in_the_background_and_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let collection = new_collection(dir.path());
    let passages: Vec<String> = (0..10).map(|number| format!("passage {number}. ")).collect();
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    for number in 0..130 {
        collection.put(&document(&number.to_string(), &passages)).unwrap();
    }
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let written = loop {
        match Checkpoint::current(dir.path()) {
            Some(checkpoint) => break checkpoint,
            None => assert!(std::time::Instant::now() < until, "nothing was written"),
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert!(written.sequence >= MIN_CHANGES);
    collection.put(&document("last", &passages)).unwrap();
    collection.checkpoint().unwrap();
    let after = Checkpoint::current(dir.path()).unwrap();
    assert!(after.sequence == 1_310 && after.segments[..written.segments.len()] == written.segments, "{after:?}");
    assert_eq!(collection.verify(None).unwrap().problems, [] as [String; 0]);
}
