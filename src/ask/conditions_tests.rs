//! Tests of conditions on passages, over a collection without a model.

use super::*;
use crate::error::Error;
use crate::index::Collection;
use crate::index::store::PreparedDocument;
use crate::index::store::samples::{self, DIMENSIONS};
use crate::model::ModelIdentity;

/// A document with a title and headings.
fn document(passages: &[&str]) -> PreparedDocument {
    let mut document = samples::document("d", passages);
    document.info.title = "Harbour news".into();
    document.passages.iter_mut().for_each(|passage| passage.chunk.headings = vec!["Annual report".into()]);
    document
}

fn filter(phrases: &[&str], without: &[&str]) -> PassageFilter {
    let owned = |words: &[&str]| words.iter().map(|words| (*words).to_owned()).collect();
    PassageFilter { phrases: owned(phrases), without: owned(without) }
}

#[test]
fn few_passages_are_compared_with_a_phrase_all_and_many_as_far_as_they_fit() {
    let dir = tempfile::tempdir().unwrap();
    let collection = Collection::open(dir.path()).unwrap();
    collection.adopt_model(&ModelIdentity { name: "m".into(), fingerprint: "f".into() }, DIMENSIONS).unwrap();
    let mut passages: Vec<String> =
        (0..MOST_COMPARED + 500).map(|n| format!("The ferry pier closes, says notice {n}. ")).collect();
    passages.push("The pier has no ferry, and nobody waits. ".into());
    collection.put(&document(&passages.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    let index = Snapshots::new(vec![(None, collection.snapshot().unwrap().unwrap())]);
    let (all, cancel) = (Filter::default(), Cancel::default());
    let exactly = |phrases: &[&str], without: &[&str]| {
        let limited = exactly_limited(&index, &all, &filter(phrases, without), &cancel).unwrap()?;
        let [Some(Allowed::Passages(keys))] = limited.allowed.as_slice() else { panic!("passages are listed") };
        Some(keys.len())
    };
    assert_eq!(exactly(&["says notice 17"], &[]), Some(1));
    assert_eq!(exactly(&["notice 17 says"], &[]), Some(0));
    assert_eq!(exactly(&["notice 17", "ferry pier"], &["pier closes"]), Some(0));
    assert_eq!(exactly(&["nobody waits"], &["ferry pier"]), Some(1));
    assert_eq!(exactly(&["ferry pier"], &[]), None, "too many");
    assert_eq!(exactly(&[], &["ferry"]), None, "too many");
    assert_eq!(
        exactly_limited(&index, &all, &filter(&[], &[]), &cancel).unwrap(),
        Some(Limited { allowed: vec![None], compared: None })
    );

    let vector = vec![(DIMENSIONS as f32).sqrt().recip(); DIMENSIONS];
    let fitting = |phrases: &[&str], without: &[&str]| {
        let asked = || Ok((vector.as_slice(), LexicalQuery::literal("ferry")));
        let limited = limited(&index, &all, &filter(phrases, without), &cancel, asked).unwrap();
        let [Some(Allowed::Passages(keys))] = limited.allowed.as_slice() else { panic!("passages are listed") };
        (keys.len(), limited.compared)
    };
    let (met, compared) = fitting(&["ferry pier"], &[]);
    assert!(met >= 1_000 && compared.is_some_and(|compared| compared <= MOST_COMPARED && met <= compared), "{met}");
    let (met, compared) = fitting(&[], &["pier closes"]);
    assert!(met <= 1 && compared.is_none(), "{met}");

    let may_have = |phrase: &str| may_have(&index, &all, phrase, None, &cancel).unwrap();
    assert!(
        may_have("ferry pier") && may_have("nobody WAITS") && may_have("harbour news") && may_have("annual report")
    );
    assert!(!may_have("pier nobody") && !may_have("whale"));
}

#[test]
fn a_phrase_is_looked_for_as_of_the_moment_of_a_cursor_and_no_further_once_nobody_waits() {
    let dir = tempfile::tempdir().unwrap();
    let collection = Collection::open(dir.path()).unwrap();
    collection.adopt_model(&ModelIdentity { name: "m".into(), fingerprint: "f".into() }, DIMENSIONS).unwrap();
    let put = |id: &str, text: &str| {
        let mut document = document(&[text]);
        document.info.id = id.into();
        collection.put(&document).unwrap();
    };
    let index = || Snapshots::new(vec![(None, collection.snapshot().unwrap().unwrap())]);
    put("early", "The ferry pier closes.");
    let moment = index().last_passages().unwrap();
    put("late", "A whale was seen from the pier.");
    let (index, all, cancel) = (index(), Filter::default(), Cancel::default());
    let may_have = |phrase: &str, at: Option<&LastPassages>| may_have(&index, &all, phrase, at, &cancel);
    assert!(may_have("whale was seen", None).unwrap() && may_have("ferry pier", Some(&moment)).unwrap());
    assert!(!may_have("whale was seen", Some(&moment)).unwrap());
    cancel.cancel();
    assert!(matches!(may_have("ferry pier", None), Err(Error::Cancelled)));
    let phrases = filter(&["ferry pier"], &[]);
    assert!(matches!(met(index.iter().next().unwrap(), &phrases, vec![1, 2], &cancel), Err(Error::Cancelled)));
}
