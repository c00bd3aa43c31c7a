//! Promises of the index: the same answers whatever its history, in memory and on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::late::Codec;
use crate::terms::{Concept, LexicalQuery, terms};

const DIMENSIONS: usize = 16;

/// Pseudo-random unit vectors, the same on every run.
fn vectors(count: usize, dimensions: usize) -> Vec<Vec<f32>> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    let unit = |vector: Vec<f32>| {
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        vector.into_iter().map(|value| value / norm).collect()
    };
    (0..count).map(|_| unit((0..dimensions).map(|_| next()).collect())).collect()
}

fn entry(key: u64, vector: &[f32], text: &str) -> Entry {
    Entry {
        key,
        document: key,
        document_id: format!("{key:06}").into(),
        ordinal: 0,
        vector: Codec::new(vector.len()).compress_passage(vector),
        terms: terms(text),
    }
}

/// An index in memory of these passages.
fn filled(passages: &[(u64, &str)]) -> Slots {
    let mut slots = Slots::default();
    slots.add(passages.iter().map(|(key, text)| entry(*key, &[1.0, 0.0], text)).collect());
    slots
}

/// What is in memory, written to disk.
fn flushed(slots: &Slots, dir: &Path) -> Slots {
    let mut slots = slots.clone();
    for new in write_all(&slots, dir, &Cancel::default()).unwrap() {
        assert!(new.take_place(&mut slots).unwrap());
    }
    slots
}

/// The same, with all that is due merged.
fn merged(slots: &Slots, dir: &Path) -> Slots {
    let mut slots = slots.clone();
    while let Some(sources) = due_merge(&slots, 0..=usize::MAX, |_| false) {
        let slot = write(&sources, dir, &Cancel::default()).unwrap();
        assert!(slots.replace(&sources, slot).unwrap());
    }
    slots
}

/// The same as another process would read it.
fn reopened(slots: &Slots, dir: &Path) -> Slots {
    let earlier = Checkpoint::current(dir);
    let sequence = earlier.as_ref().map_or(1, |earlier| earlier.sequence + 1);
    let checkpoint = Checkpoint::of(slots, dir, (sequence, sequence), "m", earlier.as_ref()).unwrap();
    checkpoint.save(dir, earlier.as_ref()).unwrap();
    let read = Checkpoint::current(dir).unwrap();
    assert_eq!(read, checkpoint);
    Slots::new(read.segments.iter().map(|segment| open(dir, segment).unwrap()).collect())
}

fn lexical(slots: &Slots, query: &LexicalQuery, count: usize) -> Vec<(u64, f32)> {
    let view = View::new(slots);
    view.best(&view.lexical(query).unwrap(), count, None).unwrap()
}

fn search(slots: &Slots, question: &str, count: usize) -> Vec<(u64, f32)> {
    lexical(slots, &LexicalQuery::literal(question), count)
}

fn keys(found: Vec<(u64, f32)>) -> Vec<u64> {
    found.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn a_score_is_the_share_of_what_the_question_could_score() {
    let found = search(&filled(&[(1, "apple pear"), (2, "apple plum")]), "pear grape", 10);
    // Both passages are of average length, so one occurrence scores idf x 2.2 / (1 + 1.2) = idf.
    let (pear, grape) = ((1.0_f32 + 1.5 / 1.5).ln(), (1.0_f32 + 2.5 / 0.5).ln());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, 1);
    assert!((found[0].1 - pear / (2.2 * (pear + grape))).abs() < 1e-6, "{found:?}");
}

#[test]
fn a_question_in_a_language_that_the_passages_are_not_in_scores_next_to_nothing() {
    let slots = filled(&[(1, "聯準會2026年可能降息兩次"), (2, "台積電上調2026年資本支出")]);
    let found = search(&slots, "who expects the federal reserve to lower rates twice in 2026", 10);
    assert!(found.iter().all(|(_, score)| *score < 0.1), "{found:?}");
    let found = search(&slots, "联准会会降息吗", 10);
    assert!(found[0].0 == 1 && found[0].1 > 0.15, "{found:?}");
}

#[test]
fn the_ways_of_saying_a_concept_count_as_one_term() {
    let slots = filled(&[(1, "alpha beta gamma"), (2, "alpha delta"), (3, "beta epsilon zeta"), (4, "eta")]);
    let concept = Concept { alternatives: vec![vec!["alpha".into(), "beta".into()], vec!["delta".into()]] };
    let found = keys(lexical(&slots, &LexicalQuery { concepts: vec![concept] }, 10));
    assert_eq!(found, [2, 1], "all terms of one way, or all of another; the shorter passage first");
}

#[test]
fn only_allowed_passages_are_found_and_any_passage_can_be_scored() {
    let slots = filled(&[(1, "rate rate"), (2, "rate cut now"), (3, "rate of tax on income and more"), (4, "none")]);
    let view = View::new(&slots);
    let scores = view.lexical(&LexicalQuery::literal("rate")).unwrap();
    let best = |count, allowed: Option<&Allowed>| keys(view.best(&scores, count, allowed).unwrap());
    assert_eq!(best(1, None), [1]);
    assert_eq!(best(1, Some(&Allowed::Passages(vec![2, 3]))), [2]);
    let mut documents = DocumentSet::default();
    [2, 3].into_iter().for_each(|document| documents.add(document));
    assert_eq!(best(9, Some(&Allowed::Documents(documents))), [2, 3]);
    assert_eq!(keys(view.scores_of(&scores, &[3, 4, 9, 1]).unwrap()), [3, 1]);
}

#[test]
fn however_many_passages_have_the_common_terms_the_best_and_their_scores_are_those_of_scoring_all() {
    let mut random = 7_u64;
    let mut below = |bound: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    let text = |below: &mut dyn FnMut(u64) -> u64| {
        let words = [("one", 1), ("two", 2), ("nine", 9), ("forty", 40), ("hundred", 100), ("thousand", 1_000)];
        let mut text = "every".to_owned();
        for (word, share) in words {
            for _ in 0..if below(share) == 0 { 1 + below(3) } else { 0 } {
                text.extend([" ", word]);
            }
        }
        (0..below(20)).for_each(|_| text.push_str(" other"));
        text
    };
    let dir = tempfile::tempdir().unwrap();
    let mut slots = Slots::default();
    for part in 0..3 {
        slots.add((1..=4_000).map(|key| entry(4_000 * part + key, &[1.0, 0.0], &text(&mut below))).collect());
        slots = if part < 2 { flushed(&slots, dir.path()) } else { slots };
    }
    (1..12_000).step_by(11).for_each(|key| slots.remove(key).unwrap());
    let view = View::new(&slots);
    let all: Vec<u64> = (1..=12_000).collect();
    let mut half = DocumentSet::default();
    (0..12_000).step_by(2).for_each(|document| half.add(document));
    let few: Vec<u64> = (0..100).map(|number| 1 + 113 * number).collect();
    for question in ["every one two nine forty hundred thousand", "every two thousand", "one forty", "every", "none"] {
        let mut concepts = LexicalQuery::literal(question).concepts;
        concepts.push(Concept { alternatives: vec![vec!["hundred".into(), "one".into()], vec!["forty".into()]] });
        let scores = view.lexical(&LexicalQuery { concepts }).unwrap();
        let scored = view.scores_of(&scores, &all).unwrap();
        for allowed in [None, Some(Allowed::Documents(half.clone())), Some(Allowed::Passages(few.clone()))] {
            let is_allowed = |key: u64| match &allowed {
                None => true,
                Some(Allowed::Documents(half)) => half.has(key),
                Some(Allowed::Passages(few)) => few.contains(&key),
            };
            let mut expected: Vec<(u64, f32)> = scored.iter().copied().filter(|(key, _)| is_allowed(*key)).collect();
            expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            expected.truncate(30);
            assert_eq!(view.best(&scores, 30, allowed.as_ref()).unwrap(), expected, "{question}");
        }
    }
}

#[test]
fn the_graph_finds_nearly_all_that_comparing_everything_finds_with_the_same_scores() {
    let vectors = vectors(build::GRAPH_FROM + 2_000, 24);
    let mut exact = Slots::default();
    exact.add((1..).zip(&vectors).map(|(key, vector)| entry(key, vector, "")).collect());
    // A tenth is deleted before the graph is made, another tenth after.
    (1..=vectors.len() as u64).step_by(10).for_each(|key| exact.remove(key).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut slots = flushed(&exact, dir.path());
    assert!(slots.get(0).segment.graph().is_some());
    for key in (2..=vectors.len() as u64).step_by(10) {
        exact.remove(key).unwrap();
        slots.remove(key).unwrap();
    }
    let mut half = DocumentSet::default();
    (0..vectors.len() as u64).step_by(2).for_each(|document| half.add(document));
    let half = Allowed::Documents(half);
    let slots = reopened(&slots, dir.path());
    for allowed in [None, Some(&half)] {
        let (mut hits, mut wanted) = (0, 0);
        for query in vectors.iter().step_by(97) {
            let all = View::new(&exact).nearest(query, 10, allowed).unwrap();
            let found = View::new(&slots).nearest(query, 10, allowed).unwrap();
            assert_eq!(found.len(), 10);
            hits += all.iter().filter(|hit| found.contains(hit)).count();
            wanted += 10;
        }
        assert!(hits * 100 >= wanted * 97, "{hits} of {wanted}");
    }
}

#[test]
fn equal_cosines_are_in_the_order_of_documents_however_few_are_wanted() {
    let one = vectors(1, 8).remove(0);
    let mut slots = Slots::default();
    let opposite: Vec<f32> = one.iter().map(|value| -value).collect();
    slots.add([&one, &one, &opposite, &one].into_iter().zip(1..).map(|(v, key)| entry(key, v, "")).collect());
    let nearest = |count, allowed: Option<&Allowed>| keys(View::new(&slots).nearest(&one, count, allowed).unwrap());
    assert_eq!(nearest(2, None), [1, 2]);
    assert_eq!(nearest(1, Some(&Allowed::Passages(vec![2, 3, 4]))), [2]);
    assert_eq!(nearest(0, None), [] as [u64; 0]);
    assert_eq!(keys(View::new(&slots).cosines(&one, &[4, 9, 2]).unwrap()), [4, 2]);
}

#[test]
fn small_segments_are_merged_so_that_few_are_left_and_each_passage_is_written_seldom() {
    let dir = tempfile::tempdir().unwrap();
    let (mut slots, mut written) = (Slots::default(), 0);
    for key in 1..=300 {
        slots.add(vec![entry(key, &[1.0, 0.0], "apple")]);
        slots = flushed(&slots, dir.path());
        written += 1;
        while let Some(sources) = due_merge(&slots, 0..=usize::MAX, |_| false) {
            written += sources.iter().map(Slot::len).sum::<usize>();
            assert!(slots.replace(&sources, write(&sources, dir.path(), &Cancel::default()).unwrap()).unwrap());
        }
        assert!(slots.iter().count() <= 8);
    }
    assert_eq!(slots.len(), 300);
    // All are below the smallest size class here, where a merge takes a few milliseconds.
    assert!(written < 300 * 60, "{written}");
}

#[test]
fn what_is_deleted_while_segments_are_merged_stays_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let mut slots = Slots::default();
    slots.add((1..=20).map(|key| entry(key, &[1.0, 0.0], "apple")).collect());
    slots.remove(3).unwrap();
    let sources: Vec<Slot> = slots.iter().cloned().collect();
    let slot = write(&sources, dir.path(), &Cancel::default()).unwrap();
    slots.remove(7).unwrap();
    assert!(slots.replace(&sources, slot.clone()).unwrap());
    let wanted: Vec<u64> = (1..=20).filter(|key| ![3, 7].contains(key)).collect();
    assert_eq!(keys(search(&slots, "apple", 99)), wanted);
    assert!(!slots.replace(&sources, slot).unwrap(), "they are no longer there");
    assert_eq!(slots.len(), 18);
}

#[test]
fn a_term_that_only_deleted_passages_have_is_in_none_and_later_ones_do_not_count_at_an_earlier_moment() {
    let dir = tempfile::tempdir().unwrap();
    let mut slots = filled(&[(1, "fig pear"), (2, "fig melon"), (3, "pear")]);
    slots = flushed(&slots, dir.path());
    slots.add(vec![entry(4, &[1.0, 0.0], "fig plum")]);
    let passages = |slots: &Slots, term: &str, last| View::new(slots).passages_with(term, last).unwrap();
    assert_eq!(["fig", "pear", "melon", "plum", "kiwi"].map(|term| passages(&slots, term, u64::MAX)), [3, 2, 1, 1, 0]);
    assert_eq!(["fig", "pear", "melon", "plum"].map(|term| passages(&slots, term, 3)), [2, 2, 1, 0]);
    assert_eq!(["fig", "pear", "melon"].map(|term| passages(&slots, term, 1)), [1, 1, 0], "within a segment");
    for key in [2, 4] {
        slots.remove(key).unwrap();
    }
    assert_eq!(["melon", "plum"].map(|term| passages(&slots, term, u64::MAX)), [0, 0]);
    assert!(passages(&slots, "fig", u64::MAX) > 0 && passages(&slots, "pear", u64::MAX) == 2);
    slots.remove(1).unwrap();
    assert_eq!(passages(&slots, "fig", u64::MAX), 0, "in both segments it was deleted");
}

#[test]
fn a_damaged_file_of_a_segment_is_noticed_by_what_reads_it_and_by_the_check() {
    let vectors = vectors(build::GRAPH_FROM, DIMENSIONS);
    let mut slots = Slots::default();
    slots.add((1..).zip(&vectors).map(|(key, vector)| entry(key, vector, "apple pear")).collect());
    let dir = tempfile::tempdir().unwrap();
    let slots = reopened(&flushed(&slots, dir.path()), dir.path());
    let checkpoint = Checkpoint::current(dir.path()).unwrap();
    let [segment] = checkpoint.segments.as_slice() else { panic!("{checkpoint:?}") };
    let (nearest, best) = (View::new(&slots).nearest(&vectors[5], 5, None).unwrap(), search(&slots, "pear", 5));
    let mut files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(&segment.stem));
    assert!(files.len() >= 7, "{files:?}");
    for path in files {
        let whole = std::fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&path, damaged).unwrap();
            let what = format!("byte {at} of {}", path.display());
            match open(dir.path(), segment) {
                Err(error) => assert!(is_failure(&error), "{what}: {error}"),
                Ok(slot) => {
                    let slots = Slots::new(vec![slot]);
                    let searched = View::new(&slots).nearest(&vectors[5], 5, None);
                    assert!(searched.is_err() || searched.unwrap() == nearest, "{what}");
                    let view = View::new(&slots);
                    let scored = view.lexical(&LexicalQuery::literal("pear")).and_then(|s| view.best(&s, 5, None));
                    assert!(scored.is_err() || scored.unwrap() == best, "{what}");
                    assert!(slots.get(0).check_all().is_err() && slots.get(0).is_damaged(), "{what}");
                }
            }
        }
        std::fs::write(&path, whole).unwrap();
    }
    assert!(open(dir.path(), segment).unwrap().check_all().is_ok());
}

#[test]
fn files_that_no_checkpoint_names_are_removed_and_those_that_it_names_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut slots = filled(&[(1, "apple"), (2, "pear")]);
    slots = flushed(&slots, dir.path());
    slots.remove(1).unwrap();
    let slots = reopened(&slots, dir.path());
    let count = || std::fs::read_dir(dir.path()).unwrap().count();
    let before = count();
    flushed(&filled(&[(3, "plum")]), dir.path());
    std::fs::write(dir.path().join("segment-1.table"), "left behind").unwrap();
    assert!(count() > before + 5);
    remove_unlisted(dir.path());
    assert_eq!(count(), before);
    assert_eq!(keys(search(&reopened(&slots, dir.path()), "pear", 9)), [2]);
}

#[test]
fn a_checkpoint_of_which_any_byte_changed_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let mut slots = flushed(&filled(&[(1, "apple"), (2, "pear")]), dir.path());
    slots.remove(1).unwrap();
    reopened(&slots, dir.path());
    let whole = Checkpoint::current(dir.path()).unwrap();
    let path = dir.path().join("checkpoint.json");
    let bytes = std::fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            std::fs::write(&path, damaged).unwrap();
            // One white space may stand for another.
            match Checkpoint::read(dir.path()) {
                Found::Corrupt(_) => {}
                Found::Current(same) if same == whole && bytes[at].is_ascii_whitespace() => {}
                other => panic!("byte {at}, bit {bit}: {other:?}"),
            }
        }
    }
}

/// What happens to an index.
#[derive(Debug, Clone)]
enum Step {
    Add(Vec<usize>),
    Remove(usize),
    Join,
    Flush,
    Merge,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => proptest::collection::vec(0_usize..8, 0..6).prop_map(Step::Add),
        2 => any::<usize>().prop_map(Step::Remove),
        1 => Just(Step::Join),
        2 => Just(Step::Flush),
        1 => Just(Step::Merge),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn an_index_gives_the_same_answers_after_any_history(steps in proptest::collection::vec(step(), 1..40)) {
        const WORDS: [&str; 8] = ["apple", "pear", "plum", "fig", "date", "lime", "kiwi", "quince"];
        let vectors = vectors(64, DIMENSIONS);
        let dir = tempfile::tempdir().unwrap();
        let (mut slots, mut expected) = (Slots::default(), BTreeMap::new());
        let mut removed = BTreeSet::new();
        for (key, step) in (1..).zip(steps) {
            match step {
                Step::Add(words) => {
                    let text: Vec<&str> = words.into_iter().map(|word| WORDS[word]).collect();
                    let entry = entry(key, &vectors[key as usize % 64], &text.join(" "));
                    expected.insert(key, entry.clone());
                    slots.add(vec![entry]);
                }
                Step::Remove(which) if !expected.is_empty() => {
                    let key = *expected.keys().nth(which % expected.len()).unwrap();
                    expected.remove(&key);
                    removed.insert(key);
                    slots.remove(key).unwrap();
                }
                Step::Remove(_) => {}
                Step::Join => slots.join_last(|_| false),
                Step::Flush => slots = flushed(&slots, dir.path()),
                Step::Merge => slots = merged(&slots, dir.path()),
                Step::Reopen => slots = reopened(&flushed(&slots, dir.path()), dir.path()),
            }
        }
        let mut straight = Slots::default();
        straight.add(expected.values().cloned().collect());
        prop_assert_eq!(slots.len(), expected.len());
        prop_assert_eq!(slots.tokens(), straight.tokens());
        for key in expected.keys() {
            prop_assert!(slots.find(*key).unwrap().is_some());
        }
        for key in removed {
            prop_assert!(slots.find(key).unwrap().is_none());
        }
        let query = LexicalQuery { concepts: vec![
            Concept { alternatives: vec![vec!["apple".into()], vec!["pear".into(), "plum".into()]] },
            Concept::term("fig".into()),
        ] };
        for count in [1, 3, 100] {
            prop_assert_eq!(lexical(&slots, &query, count), lexical(&straight, &query, count));
            let nearest = |slots: &Slots| View::new(slots).nearest(&vectors[9], count, None).unwrap();
            prop_assert_eq!(nearest(&slots), nearest(&straight));
        }
    }
}

#[test]
fn a_segment_that_no_index_takes_leaves_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let slots = filled(&[(1, "apple"), (2, "pear")]);
    let files = || std::fs::read_dir(dir.path()).unwrap().count();
    let new = write_all(&slots, dir.path(), &Cancel::default()).unwrap();
    assert!(files() > 0);
    // Its sources are not those of another index.
    for new in new {
        assert!(!new.take_place(&mut filled(&[(1, "apple")])).unwrap());
    }
    assert_eq!(files(), 0);
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(write_all(&slots, dir.path(), &cancel).is_err());
    assert_eq!(files(), 0);
}

#[test]
fn a_filter_that_lets_through_all_of_one_segment_and_nothing_of_another_finds_the_nearest() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = vectors(2 * build::GRAPH_FROM, 8);
    let keys = |from: usize| (from as u64 + 1..).zip(&vectors[from..from + build::GRAPH_FROM]);
    let mut slots = Slots::default();
    for from in [0, build::GRAPH_FROM] {
        slots.add(keys(from).map(|(key, vector)| entry(key, vector, "")).collect());
        slots = flushed(&slots, dir.path());
    }
    let second: Vec<u64> = keys(build::GRAPH_FROM).map(|(key, _)| key).collect();
    let mut documents = DocumentSet::default();
    second.iter().for_each(|key| documents.add(*key));
    let by_documents = nearest::nearest(&slots, &vectors[3], 5, Some(&Allowed::Documents(documents))).unwrap();
    let by_keys = nearest::nearest(&slots, &vectors[3], 5, Some(&Allowed::Passages(second))).unwrap();
    assert_eq!(by_documents[0], by_keys[0]);
    assert_eq!(by_documents.len(), 5);
}
