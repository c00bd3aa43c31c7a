//! Tests of conditions on passages, over a collection without a model.

use super::*;
use crate::index::Collection;
use crate::index::store::{EmbeddedPassage, PreparedDocument};
use crate::late::Codec;
use crate::model::ModelIdentity;
use crate::passage::{Chunk, DocumentInfo, Layout, Span};

const DIMENSIONS: usize = 8;

/// A document with one sentence in each passage.
fn document(passages: &[String]) -> PreparedDocument {
    let vector = vec![(DIMENSIONS as f32).sqrt().recip(); DIMENSIONS];
    let mut end = 0;
    let embedded = passages.iter().map(|passage| {
        let span = Span::new(end, end + passage.len());
        end = span.end;
        EmbeddedPassage {
            chunk: Chunk { span, sentences: vec![span], headings: vec!["Annual report".into()] },
            tokens: 3,
            sentences: Codec::new(DIMENSIONS).compress_sentences(&vector, [(vector.as_slice(), &[][..])].into_iter()),
            vector: vector.clone(),
        }
    });
    let embedded: Vec<EmbeddedPassage> = embedded.collect();
    let text = passages.concat();
    let hash = *blake3::hash(text.as_bytes()).as_bytes();
    PreparedDocument {
        info: DocumentInfo {
            id: "d".into(),
            title: "Harbour news".into(),
            size_bytes: text.len(),
            passages: embedded.len(),
            ingested: "2026-01-01T00:00:00Z".into(),
            ..DocumentInfo::default()
        },
        text,
        layout: Layout::default(),
        origin: None,
        original: None,
        hash,
        aliases: Vec::new(),
        passages: embedded,
    }
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
    collection.put(&document(&passages)).unwrap();
    let index = Snapshots::new(vec![(None, collection.snapshot().unwrap().unwrap())]);
    let all = Filter::default();
    let exactly = |phrases: &[&str], without: &[&str]| {
        let limited = exactly_limited(&index, &all, &filter(phrases, without)).unwrap()?;
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
        exactly_limited(&index, &all, &filter(&[], &[])).unwrap(),
        Some(Limited { allowed: vec![None], compared: None })
    );

    let vector = vec![(DIMENSIONS as f32).sqrt().recip(); DIMENSIONS];
    let fitting = |phrases: &[&str], without: &[&str]| {
        let asked = || Ok((vector.as_slice(), LexicalQuery::literal("ferry")));
        let limited = limited(&index, &all, &filter(phrases, without), asked).unwrap();
        let [Some(Allowed::Passages(keys))] = limited.allowed.as_slice() else { panic!("passages are listed") };
        (keys.len(), limited.compared)
    };
    let (met, compared) = fitting(&["ferry pier"], &[]);
    assert!(met >= 1_000 && compared.is_some_and(|compared| compared <= MOST_COMPARED && met <= compared), "{met}");
    let (met, compared) = fitting(&[], &["pier closes"]);
    assert!(met <= 1 && compared.is_none(), "{met}");

    let may_have = |phrase: &str| may_have(&index, &all, phrase).unwrap();
    assert!(
        may_have("ferry pier") && may_have("nobody WAITS") && may_have("harbour news") && may_have("annual report")
    );
    assert!(!may_have("pier nobody") && !may_have("whale"));
}
