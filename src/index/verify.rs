//! Checking a real collection against the promises made of it.

use std::path::Path;

use super::checkpoint::{Checkpoint, Loaded};
use super::leg::{Derived, Live};
use super::lexical::LexicalIndex;
use super::store::{Candidate, Store, StoredPassage};
use super::vector::VectorIndex;
use super::{Collection, MODEL_DIMENSIONS};
use crate::error::Result;
use crate::passage::{Document, Span};

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Documents checked.
    pub documents: usize,
    /// Passages checked.
    pub passages: usize,
    /// Sentences checked.
    pub sentences: usize,
    /// What will mend itself when the collection is next written, one sentence each.
    pub notes: Vec<String>,
    /// What is wrong, one sentence each; empty when all is well.
    pub problems: Vec<String>,
}

/// Documents read at a time.
const PAGE: usize = 256;

impl Collection {
    /// The derived files that are not what was written, and why. They are made again from the store when next needed.
    pub fn damaged_files(&self) -> Vec<String> {
        let damaged = |name| match Checkpoint::load(self.dir(), name) {
            Loaded::Damaged(reason) => Some(reason),
            Loaded::Whole(..) | Loaded::Absent => None,
        };
        [VectorIndex::NAME, LexicalIndex::NAME].into_iter().filter_map(damaged).collect()
    }

    /// Checks that the store is sound; that passages tile their documents and sentences lie in them, on character
    /// boundaries; that every passage and sentence has a vector of the model's length; that no passage was longer than
    /// `max_tokens`, if that is known; and that each derived index holds exactly the store's passages.
    pub fn verify(&self, max_tokens: Option<usize>) -> Result<Verification> {
        let mut found = Verification::default();
        let Some(store) = self.store() else { return Ok(found) };
        found.problems = store.integrity_problems()?;
        let dimensions = store.get(MODEL_DIMENSIONS)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut keys = Vec::new();
        let mut after: Option<String> = None;
        let sequence = store.last_sequence()?;
        loop {
            let page = store.documents(after.as_deref(), PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for info in &page {
                let Some(document) = store.document(&info.id)? else { continue };
                let passages = store.passages(&info.id)?;
                check_document(&document, &passages, max_tokens, &mut found);
                let own: Vec<u64> = passages.iter().map(|passage| passage.key).collect();
                for candidate in store.candidates(&own)? {
                    check_vectors(&document, &candidate, dimensions, &mut found);
                }
                keys.extend(own);
            }
        }
        if store.last_sequence()? != sequence {
            found.notes.push("it was written to meanwhile, so the derived indexes were not compared; try again".into());
        } else if dimensions > 0 {
            check_derived::<VectorIndex>(self.dir(), store, dimensions, &keys, &mut found)?;
            check_derived::<LexicalIndex>(self.dir(), store, dimensions, &keys, &mut found)?;
        }
        Ok(found)
    }
}

/// What is on disk, not what this process has in memory, is what counts.
fn check_derived<I: Derived>(
    dir: &Path,
    store: &Store,
    dimensions: usize,
    keys: &[u64],
    found: &mut Verification,
) -> Result<()> {
    let name = I::NAME;
    let (file, bytes) = match Checkpoint::load(dir, name) {
        Loaded::Whole(file, bytes) => (file, bytes),
        Loaded::Absent => {
            found.notes.push(format!("the {name} index is not on disk yet; it is made from the store"));
            return Ok(());
        }
        Loaded::Damaged(reason) => {
            found.notes.push(format!("{reason}; it is not used, but made again from the store"));
            return Ok(());
        }
    };
    let index = match I::from_trusted_bytes(&bytes, dimensions) {
        Ok(index) => index,
        Err(error) => {
            found.notes.push(format!("{error}; the {name} index is made again from the store"));
            return Ok(());
        }
    };
    let mut live = Live { index, sequence: file.sequence, saved: 0 };
    if !live.catch_up(store)? {
        found.notes.push(format!("the {name} index is too far behind; it is made again from the store"));
        return Ok(());
    }
    let (held, missing) = live.index.compare(keys)?;
    if missing > 0 {
        found.problems.push(format!("the {name} index lacks {missing} passages of the store"));
    }
    let extra = (held + missing).saturating_sub(keys.len());
    if extra > 0 {
        found.problems.push(format!("the {name} index holds {extra} passages that the store does not have"));
    }
    Ok(())
}

fn check_document(
    document: &Document,
    passages: &[StoredPassage],
    max_tokens: Option<usize>,
    found: &mut Verification,
) {
    let (id, text) = (&document.info.id, document.text.as_str());
    let mut problem = |what: String| found.problems.push(format!("document {id}: {what}"));
    let sound = |span: Span| text.get(span.range()).is_some();
    let mut end = 0;
    for passage in passages {
        if passage.span.start != end || !sound(passage.span) {
            problem(format!("the passage at {}..{} does not follow", passage.span.start, passage.span.end));
        }
        end = passage.span.end;
        let mut last = passage.span.start;
        for &sentence in &passage.sentences {
            if sentence.start < last || !passage.span.contains(sentence) || sentence.is_empty() || !sound(sentence) {
                problem(format!("the sentence at {}..{} is out of place", sentence.start, sentence.end));
            }
            last = sentence.end;
        }
        if max_tokens.is_some_and(|most| passage.tokens > most) {
            problem(format!("a passage of {} tokens was cut off by the model", passage.tokens));
        }
    }
    if end != text.len() {
        problem(format!("its passages end at {end}, its text at {}", text.len()));
    }
    found.documents += 1;
    found.passages += passages.len();
    found.sentences += passages.iter().map(|passage| passage.sentences.len()).sum::<usize>();
}

fn check_vectors(document: &Document, candidate: &Candidate, dimensions: usize, found: &mut Verification) {
    let sentences = candidate.sentences.iter().map(|sentence| &sentence.vector);
    for vector in std::iter::once(&candidate.vector).chain(sentences) {
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        // NaN is in no range.
        if vector.len() != dimensions || !(0.99..1.01).contains(&norm) {
            let what = format!("a vector of {} dimensions and length {norm}", vector.len());
            found.problems.push(format!("document {}: {what}", document.info.id));
        }
    }
}
