//! Embeds the stored documents of a collection into its successor, for another model or another size of passages.

use super::plan::{self, Planned};
use super::{Ingested, Outcome, Progress, embedded};
use crate::config::IngestConfig;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::index::store::{Snapshot, Store};
use crate::index::successor::Successor;

/// Passages of documents that are embedded together. Few, so that an interruption costs little, and a process that wants
/// something erased waits for seconds.
const GROUP_PASSAGES: usize = 16;
/// So many of the documents that are damaged or cannot be split are named.
const MAX_NAMED: usize = 20;
/// Documents are embedded together until their texts and inputs reach this size, however few passages they have.
const MAX_GROUP_BYTES: usize = 4 * 1024 * 1024;

/// What a successor lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Documents.
    pub documents: usize,
    /// Their passages.
    pub passages: usize,
}

/// Splits the documents that `successor` lacks, without keeping the result.
///
/// # Errors
///
/// [`Error::Damaged`] that names the documents which are damaged; without them [`Error::Document`] that names those which cannot
/// be split with these settings.
pub fn survey(store: &Store, successor: &Successor, embedder: &dyn Embedder, config: &IngestConfig) -> Result<Lacking> {
    let keys = successor.differences(&store.snapshot()?)?.lacking;
    let (mut lacking, mut damaged, mut unsplit) = (Lacking::default(), Faults::default(), Faults::default());
    for key in keys {
        match planned(&store.snapshot()?, key, embedder, config) {
            // It was deleted since.
            Ok(None) => {}
            Ok(Some(planned)) => {
                lacking.documents += 1;
                lacking.passages += planned.inputs.len();
            }
            Err(error @ Error::Damaged { .. }) => damaged.add(error),
            Err(error @ Error::Document { .. }) => unsplit.add(error),
            Err(error) => return Err(error),
        }
    }
    if let Some(Error::Damaged { path, document, reason }) = damaged.first.take() {
        let others = match damaged.count - 1 {
            0 => String::new(),
            1 => format!("; one other document is damaged, too: {}", damaged.others()),
            others => format!("; {others} other documents are damaged, too: {}", damaged.others()),
        };
        return Err(Error::Damaged { path, document, reason: format!("{reason}{others}; nothing was embedded") });
    }
    let Some(first) = unsplit.first.take() else { return Ok(lacking) };
    let others = unsplit.others();
    let others = if others.is_empty() { others } else { format!("; {others}") };
    Err(Error::Document {
        document: format!("{} of the stored documents", unsplit.count),
        reason: format!("cannot be split with these settings, so nothing was changed: {first}{others}"),
        hint: first.hint().unwrap_or_default(),
    })
}

/// Faults of one kind: the first, and of the others as many as are named.
#[derive(Default)]
struct Faults {
    first: Option<Error>,
    named: Vec<String>,
    count: usize,
}

impl Faults {
    fn add(&mut self, error: Error) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some(error);
        } else if self.named.len() + 1 < MAX_NAMED {
            self.named.push(match error {
                Error::Damaged { document, reason, .. } => format!("`{document}` ({reason})"),
                error => error.to_string(),
            });
        }
    }

    /// The others, in words; empty if there is one.
    fn others(&self) -> String {
        let left = self.count.saturating_sub(1 + self.named.len());
        let more = (left > 0).then(|| format!("and {left} more"));
        self.named.iter().cloned().chain(more).collect::<Vec<_>>().join("; ")
    }
}

/// Gives `successor` all documents of the store, also those that come meanwhile, and takes away those that are gone. Each
/// document is safe on disk when `progress` gets it.
pub fn bring_up(
    store: &Store,
    successor: &Successor,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    loop {
        let found = successor.differences(&store.snapshot()?)?;
        found.extra.iter().try_for_each(|id| successor.delete(id))?;
        if found.lacking.is_empty() {
            return successor.erase_if_asked(store);
        }
        let mut group = Group::default();
        for key in found.lacking {
            if let Some(planned) = planned(&store.snapshot()?, key, embedder, config)? {
                group.add(key, planned);
            }
            if group.is_full() {
                std::mem::take(&mut group).embed(store, successor, embedder, progress)?;
            }
        }
        group.embed(store, successor, embedder, progress)?;
    }
}

/// Documents that are embedded together.
#[derive(Default)]
struct Group {
    documents: Vec<(i64, Planned)>,
    passages: usize,
    bytes: usize,
}

impl Group {
    fn add(&mut self, key: i64, planned: Planned) {
        self.passages += planned.inputs.len();
        self.bytes += planned.size_bytes();
        self.documents.push((key, planned));
    }

    fn is_full(&self) -> bool {
        self.passages >= GROUP_PASSAGES || self.bytes >= MAX_GROUP_BYTES
    }

    fn embed(
        mut self,
        store: &Store,
        successor: &Successor,
        embedder: &dyn Embedder,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<()> {
        let inputs: Vec<_> =
            self.documents.iter_mut().flat_map(|(_, planned)| std::mem::take(&mut planned.inputs)).collect();
        let mut vectors = Vec::with_capacity(inputs.len());
        for inputs in inputs.chunks(GROUP_PASSAGES) {
            successor.erase_if_asked(store)?;
            let slice = embedder.embed_passages(inputs)?;
            progress(embedded(&slice));
            vectors.extend(slice);
        }
        let mut vectors = vectors.into_iter();
        for (key, planned) in self.documents {
            let (id, title) = planned.id_and_title();
            let document = planned.with_vectors(&mut vectors);
            // It may have been deleted since. What is erased from now on is erased behind this document.
            if !is_stored(&store.snapshot()?, key, &document.hash)? {
                continue;
            }
            successor.put(&document, key)?;
            progress(Progress::Done(&Ingested::new(id, title, Outcome::Updated(document.passages.len()))));
        }
        Ok(())
    }
}

/// Whether the store has this version of a document.
fn is_stored(store: &Snapshot<'_>, key: i64, hash: &[u8; 32]) -> Result<bool> {
    Ok(store.versions(key - 1, 1)?.pop().is_some_and(|version| version.key == key && version.hash == hash))
}

/// The document of the store with this key, split; `None` if there is none.
fn planned(store: &Snapshot<'_>, key: i64, embedder: &dyn Embedder, config: &IngestConfig) -> Result<Option<Planned>> {
    let Some(version) = store.versions(key - 1, 1)?.pop().filter(|version| version.key == key) else { return Ok(None) };
    let Some(document) = store.document_by_key(key)? else { return Ok(None) };
    let damaged = |_| Error::Damaged {
        path: store.path().to_owned(),
        document: version.id.clone(),
        reason: "its hash does not have the length of one".into(),
    };
    let hash: [u8; 32] = version.hash.as_slice().try_into().map_err(damaged)?;
    let headings = plan::headings_of(&document.text, &document.layout, document.info.format).into_owned();
    plan::chunk(document, None, hash, &headings, embedder, config).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_damaged_documents_some_are_named_and_the_others_counted() {
        let damaged = |number: usize| Error::Damaged {
            path: "store.db".into(),
            document: format!("d{number}"),
            reason: "r".into(),
        };
        let faults = |count: usize| {
            let mut faults = Faults::default();
            (0..count).for_each(|number| faults.add(damaged(number)));
            faults.others()
        };
        assert_eq!((faults(1), faults(3)), (String::new(), "`d1` (r); `d2` (r)".into()));
        assert!(faults(MAX_NAMED).ends_with("`d19` (r)") && faults(MAX_NAMED + 5).ends_with("`d19` (r); and 5 more"));
    }
}
