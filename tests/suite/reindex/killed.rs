//! A reindex that is killed before any sync, rename or removal of a file: the index is the old one or the new one, whole, and
//! what was embedded is not embedded again.

use std::collections::BTreeSet;
use std::path::Path;

use footnote::internals::index::Collection;
use footnote::internals::index::successor::{Plan, Successor, Unfinished};
use footnote::internals::model::{ModelChoice, ModelIdentity};

use crate::killed::{CALLS, VARIABLE, can_kill, copied, document, found, killed, left_behind};

const TEST: &str = "reindex::killed::a_reindex_that_is_killed";
const EMBEDDED: &str = "embedded";
const SWAPPED: &str = "the new index is in place";

fn plan() -> Plan {
    Plan {
        model: "new".into(),
        fingerprint: "g".into(),
        choice: ModelChoice::named("new"),
        dimensions: 4,
        passage_tokens: 140,
        version: "0".into(),
    }
}

/// Gives the successor what it lacks; each document is one passage.
fn bring_up(collection: &Collection, successor: &Successor, each: &mut dyn FnMut(i64)) {
    let store = collection.store().unwrap();
    let lacking = successor.differences(&store.snapshot().unwrap()).unwrap();
    lacking.extra.iter().for_each(|id| successor.delete(id).unwrap());
    for key in lacking.lacking {
        let stored = store.document_by_key(key).unwrap().unwrap();
        successor.put(&document(&stored.info.id, &[&stored.text]), key).unwrap();
        each(key);
    }
}

fn begun(collection: &Collection) -> Successor {
    Successor::open(collection.dir(), collection.store().unwrap(), &plan(), &mut |_| {}).unwrap()
}

#[test]
#[ignore = "another test runs it"]
fn a_reindex_that_is_killed() {
    let Some(dir) = std::env::var_os(VARIABLE) else { return };
    let dir = Path::new(&dir);
    {
        let reader = Collection::open_read_only(dir).unwrap();
        let successor = begun(&reader);
        bring_up(&reader, &successor, &mut |key| println!("{EMBEDDED} {key}"));
    }
    // As another process ends it, with what has come since.
    let collection = Collection::open(dir).unwrap();
    collection.put(&document("d", &["apple in d. "])).unwrap();
    collection.delete("a").unwrap();
    let successor = begun(&collection);
    bring_up(&collection, &successor, &mut |key| println!("{EMBEDDED} {key}"));
    assert!(collection.succeed_by(&successor).unwrap());
    println!("{SWAPPED}");
    successor.remove().unwrap();
}

fn model(collection: &Collection) -> String {
    collection.model().unwrap().unwrap().fingerprint
}

fn documents(collection: &Collection) -> BTreeSet<String> {
    let listed = collection.store().unwrap().documents(None, 10).unwrap();
    listed.into_iter().map(|document| document.id).collect()
}

#[test]
fn a_reindex_killed_before_any_sync_rename_or_removal_is_all_or_nothing_and_goes_on() {
    let Some(()) = can_kill() else { return };
    let prepared = tempfile::tempdir().unwrap();
    let collection = Collection::open(prepared.path()).unwrap();
    collection.adopt_model(&ModelIdentity { name: "m".into(), fingerprint: "f".into() }, 4).unwrap();
    for id in ["a", "b", "c"] {
        collection.put(&document(id, &[&format!("apple in {id}. "), &format!("pear in {id}. ")])).unwrap();
    }
    drop(collection);
    let (mut kills, mut old, mut new, mut kept) = (Vec::new(), 0, 0, 0);
    for calls in CALLS {
        for number in 1.. {
            let place = format!("before call {number} of {calls}");
            let dir = copied(prepared.path());
            let output = killed(TEST, dir.path(), calls, number);
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let embedded: BTreeSet<i64> =
                said.lines().filter_map(|line| line.trim().strip_prefix(EMBEDDED)?.trim().parse().ok()).collect();

            // A reader finds one whole index, before anybody mends anything.
            let reader = Collection::open_read_only(dir.path()).unwrap();
            let stored = documents(&reader);
            assert_eq!(found(&reader), stored, "{place}");
            let is_new = model(&reader) == "g";
            assert!(is_new || !said.contains(SWAPPED), "{place}: {said}");
            let passages = reader.store().unwrap().counts().unwrap().passages;
            assert_eq!(
                passages,
                if is_new { stored.len() } else { 2 * stored.len() - usize::from(stored.contains("d")) }
            );
            drop(reader);

            // A writer mends it without the model.
            let collection = Collection::open(dir.path()).unwrap();
            assert_eq!((found(&collection), model(&collection) == "g"), (stored.clone(), is_new), "{place}");
            let verified = collection.verify(None).unwrap();
            assert!(verified.problems.is_empty() && verified.notes.is_empty(), "{place}: {verified:?}");
            let unfinished = Unfinished::find(dir.path(), collection.store().unwrap()).unwrap();
            if is_new {
                new += 1;
                assert_eq!(unfinished, None, "{place}");
                assert!(!dir.path().join("next").exists() && !dir.path().join("next.gone").exists(), "{place}");
            } else {
                old += 1;
                let successor = begun(&collection);
                let mut again = BTreeSet::new();
                bring_up(&collection, &successor, &mut |key| {
                    again.insert(key);
                });
                assert_eq!(again.intersection(&embedded).count(), 0, "{place}: {again:?} {embedded:?}");
                kept += embedded.len();
                assert!(collection.succeed_by(&successor).unwrap(), "{place}");
                successor.remove().unwrap();
                assert_eq!((found(&collection), model(&collection)), (stored.clone(), "g".into()), "{place}");
            }
            collection.put(&document("e", &["apple in e. "])).unwrap();
            drop(collection);
            let reader = Collection::open_read_only(dir.path()).unwrap();
            let mut all = stored;
            all.insert("e".into());
            assert_eq!(found(&reader), all, "{place}");
            let verified = reader.verify(None).unwrap();
            assert!(verified.problems.is_empty() && verified.notes.is_empty(), "{place}: {verified:?}");
            drop(reader);
            assert!(left_behind(dir.path()).is_empty() && !dir.path().join("checkpoint.next.json").exists(), "{place}");
            if output.status.success() {
                assert!(said.contains(SWAPPED), "{said}");
                kills.push(number - 1);
                break;
            }
        }
    }
    // It was killed within the work on the new index, the swap, and the removal of what was left.
    assert!(kills[0] + kills[1] > 40 && kills[2] > 4 && kills[3] > 20, "{kills:?}");
    assert!(old > 20 && new > 10 && kept > 20, "{old} with the old index, {new} with the new one, {kept} kept");
}
