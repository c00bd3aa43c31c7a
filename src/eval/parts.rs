//! The collections of a corpus: one, or several of unequal size that are asked together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::sets::{self, Corpus};
use super::{EvalEvent, EvalOptions};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::footnote::{Collections, Footnote, Progress};
use crate::library::Library;
use crate::passage::NewDocument;

/// Percentages that a corpus is split into add up to this.
const WHOLE: u64 = 100;

/// The collections of a corpus.
pub(super) enum Parts {
    One(Box<Footnote>),
    /// All of them, and the first by itself.
    Several(Vec<Arc<Footnote>>, Arc<Footnote>),
}

impl Parts {
    /// All of them, to be asked together.
    pub(super) fn all(&self) -> Collections<'_> {
        match self {
            Self::One(footnote) => footnote.alone(),
            Self::Several(members, first) => Collections::together(members).unwrap_or_else(|| first.alone()),
        }
    }
}

/// The collections of a corpus and distractors, kept under a name that says what they depend on.
pub(super) fn open(
    config: &Config,
    dir: &Path,
    corpus: &Corpus,
    options: &EvalOptions,
    label: &str,
    events: &mut dyn FnMut(EvalEvent<'_>),
) -> Result<Parts> {
    check(&options.split)?;
    let mut config = config.clone();
    dir.clone_into(&mut config.index.dir);
    let name = name(&config, corpus, &options.distractors)?;
    let mut on_progress = |progress: Progress<'_>| events(EvalEvent::Ingesting { corpus: label, progress });
    if options.split.is_empty() {
        config.index.collection = name;
        let footnote = Footnote::open(&config)?;
        match corpus {
            Corpus::Lines(path, leave_out) => {
                footnote.ingest(sets::documents(path, *leave_out)?, &mut on_progress)?;
            }
            Corpus::Folder(path) => {
                footnote.ingest_paths(std::slice::from_ref(path), &mut on_progress)?;
            }
        }
        for path in &options.distractors {
            footnote.ingest(sets::documents(path, None)?, &mut on_progress)?;
        }
        return Ok(Parts::One(Box::new(footnote)));
    }
    let Corpus::Lines(path, leave_out) = corpus else {
        return Err(Error::Input {
            reason: "the documents of the set are a folder of files, which is not split".into(),
            hint: "split a set with a corpus*.jsonl".into(),
        });
    };
    let mut documents = sets::documents(path, *leave_out)?;
    for path in &options.distractors {
        documents.extend(sets::documents(path, None)?);
    }
    let mut parts: Vec<Vec<NewDocument>> = options.split.iter().map(|_| Vec::new()).collect();
    for document in documents {
        parts[part_of(document.id.as_deref().unwrap_or(&document.text), &options.split)].push(document);
    }
    let shares: Vec<String> = options.split.iter().map(u8::to_string).collect();
    let of = |part: usize| format!("{name}-{}-{part}", shares.join("-"));
    config.index.collection = of(0);
    let library = Library::open(&config, Box::new(|_| {}))?;
    let mut members = Vec::with_capacity(parts.len());
    for (part, documents) in parts.into_iter().enumerate() {
        let member = library.create(&of(part))?;
        member.ingest(documents, &mut on_progress)?;
        members.push(member);
    }
    Ok(Parts::Several(members, library.collection(None)?))
}

/// The name of the collection of a corpus and distractors.
fn name(config: &Config, corpus: &Corpus, distractors: &[PathBuf]) -> Result<String> {
    let mut identity = blake3::Hasher::new();
    identity.update(format!("{corpus:?} {distractors:?} {:?} {}", config.ingest, env!("CARGO_PKG_VERSION")).as_bytes());
    let lines = if let Corpus::Lines(path, _) = corpus { Some(path) } else { None };
    for path in lines.into_iter().chain(distractors) {
        identity.update(&std::fs::read(path).map_err(Error::io("read", path))?);
    }
    Ok(format!("eval-{}", &identity.finalize().to_hex()[..16]))
}

fn check(split: &[u8]) -> Result<()> {
    let sum: u64 = split.iter().map(|part| u64::from(*part)).sum();
    if split.is_empty() || (sum == WHOLE && split.iter().all(|part| *part > 0)) {
        return Ok(());
    }
    Err(Error::Input {
        reason: format!("the parts of the split add up to {sum} %"),
        hint: "give percentages that add up to 100, such as 80,15,5".into(),
    })
}

/// The part that the document with this id is in: always the same, and as often as the percentages say.
fn part_of(id: &str, split: &[u8]) -> usize {
    let hash = blake3::hash(id.as_bytes());
    let first: [u8; 8] = hash.as_bytes()[..8].try_into().unwrap_or_default();
    let place = u64::from_le_bytes(first) % WHOLE;
    let mut end = 0;
    let found = split.iter().position(|part| {
        end += u64::from(*part);
        place < end
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_split_by_the_percentages() {
        let split = [80, 15, 5];
        let mut sizes = [0; 3];
        (0..10_000).for_each(|number| sizes[part_of(&number.to_string(), &split)] += 1);
        for (size, share) in sizes.into_iter().zip(split) {
            assert!(((size as f32 / 100.0) - f32::from(share)).abs() < 2.0, "{sizes:?}");
        }
    }

    #[test]
    fn percentages_that_are_no_whole_are_refused() {
        assert!(check(&[]).is_ok() && check(&[80, 15, 5]).is_ok() && check(&[100]).is_ok());
        for split in [&[80, 15][..], &[100, 0], &[255, 255]] {
            assert!(check(split).unwrap_err().hint().is_some(), "{split:?}");
        }
    }
}
