//! The last stage of ingest, on the caller's thread: stores documents, removes those that are gone, reports both.

use std::collections::HashSet;

use super::plan::{Confirmation, Plan, Planned, plan};
use super::split::is_incomplete;
use super::title::file_of;
use super::{GROUP_PASSAGES, Ingested, Outcome};
use crate::config::IngestConfig;
use crate::embed::{Embedder, PassageVectors};
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::{FileStamp, NotedFile, PageRecord, PreparedDocument, Store, UnreadFile};

/// Files are recorded in one transaction for so many of them.
const FILES_AT_ONCE: usize = 64;

/// What the storing stage has to do.
pub(super) enum Ready {
    Store { document: Box<PreparedDocument>, notes: Vec<String> },
    Confirm(Box<Confirmation>),
    Remove(Ingested, Option<String>),
    Fail(Ingested),
    End(String, Option<Box<FileStamp>>),
    Touched(String, Box<FileStamp>),
    Report(Ingested),
    Unread(String, Box<UnreadFile>, Ingested),
    Mount(String, bool),
    Page(String, Box<PageRecord>),
}

/// Stores documents in the order in which they come.
pub(super) struct Recorder<'a> {
    collection: &'a Collection,
    embedder: &'a dyn Embedder,
    config: &'a IngestConfig,
    origin: Origin,
    /// What is still to be recorded of files. If the process ends before, they are read again: nothing is lost.
    files: Vec<NotedFile>,
}

/// What is known of the documents of the current origin.
#[derive(Default)]
struct Origin {
    /// Ids of those that are stored.
    stored: HashSet<String>,
    /// Those without text, which are removed at the end.
    blank: Vec<Ingested>,
    has_failed: bool,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(collection: &'a Collection, embedder: &'a dyn Embedder, config: &'a IngestConfig) -> Self {
        Self { collection, embedder, config, origin: Origin::default(), files: Vec::new() }
    }

    /// Takes one step; `report` gets the results.
    pub(super) fn record(&mut self, step: Ready, report: &mut dyn FnMut(Ingested)) -> Result<()> {
        match step {
            Ready::Report(ingested) => report(ingested),
            Ready::Unread(origin, file, ingested) => {
                self.note(Some(NotedFile::unread(origin, *file)))?;
                report(ingested);
            }
            Ready::Mount(folder, is_there) => self.note(Some(NotedFile::mount(folder, is_there)))?,
            Ready::Page(origin, page) => self.note(Some(NotedFile::page(origin, *page)))?,
            Ready::Touched(origin, stamp) => {
                let Some(store) = self.collection.store() else { return Ok(()) };
                let snapshot = store.snapshot()?;
                // Unless its documents were changed or removed since they were compared.
                if snapshot.known_file(&origin, false)?.is_some() {
                    let noted = snapshot.noted(&origin, Some(&stamp))?;
                    drop(snapshot);
                    self.note(noted)?;
                }
            }
            Ready::Fail(ingested) => {
                self.origin.has_failed = true;
                report(ingested);
            }
            Ready::Store { document, notes } => report(self.store(*document, notes)?),
            Ready::Confirm(confirmation) => self.confirm(*confirmation, report)?,
            Ready::Remove(ingested, Some(_)) => self.origin.blank.push(ingested),
            Ready::Remove(ingested, None) => {
                let is_removed = self.collection.delete(&ingested.id)?;
                report(if is_removed { removed(ingested.id, ingested.title) } else { ingested });
            }
            Ready::End(path, stamp) => {
                let noted = std::mem::take(&mut self.origin).end(self.collection, &path, stamp.as_deref(), report)?;
                self.note(noted)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, noted: Option<NotedFile>) -> Result<()> {
        self.files.extend(noted);
        if self.files.len() >= FILES_AT_ONCE { self.finish() } else { Ok(()) }
    }

    /// Records what is known of the files so far.
    pub(super) fn finish(&mut self) -> Result<()> {
        let files = std::mem::take(&mut self.files);
        self.collection.note_files(&files)
    }

    fn store(&mut self, document: PreparedDocument, notes: Vec<String>) -> Result<Ingested> {
        let outcome = match self.collection.put(&document)? {
            None => Outcome::Unchanged,
            Some(written) if written.replaced => Outcome::Updated(document.passages.len()),
            Some(_) => Outcome::Added(document.passages.len()),
        };
        self.origin.has_failed |= is_incomplete(&document.info.metadata);
        self.origin.stored.insert(document.info.id.clone());
        Ok(Ingested { notes, ..Ingested::new(document.info.id, document.info.title, outcome) })
    }

    /// Reports a document as unchanged, if it still is: it may have been removed since it was planned.
    fn confirm(&mut self, confirmation: Confirmation, report: &mut dyn FnMut(Ingested)) -> Result<()> {
        let Confirmation { document, id, title, hash } = confirmation;
        if self.collection.confirm(&id, &hash, document.origin.as_deref(), document.original.as_deref())? {
            self.origin.has_failed |= is_incomplete(&document.metadata);
            self.origin.stored.insert(id.clone());
            report(Ingested::new(id, title, Outcome::Unchanged));
            return Ok(());
        }
        let origin = document.origin.clone();
        let step = match plan(document, self.collection, self.embedder, self.config)? {
            Plan::Fail(ingested) => Ready::Fail(ingested),
            Plan::Remove(ingested) => Ready::Remove(ingested, origin),
            Plan::Confirm(confirmation) => Ready::Confirm(confirmation),
            Plan::Embed(mut planned) => {
                let mut vectors = Vec::with_capacity(planned.inputs.len());
                for inputs in std::mem::take(&mut planned.inputs).chunks(GROUP_PASSAGES) {
                    vectors.extend(self.embedder.embed_passages(inputs)?);
                }
                ready(*planned, &mut vectors.into_iter())
            }
        };
        self.record(step, report)
    }
}

impl Origin {
    /// Removes the stored documents of an origin that it no longer holds, unless one of its documents failed: then nobody
    /// knows which of the stored ones it replaces.
    fn end(
        self,
        collection: &Collection,
        origin: &str,
        stamp: Option<&FileStamp>,
        report: &mut dyn FnMut(Ingested),
    ) -> Result<Option<NotedFile>> {
        let Self { stored, blank, has_failed } = self;
        let Some(store) = collection.store() else { return Ok(None) };
        let earlier: HashSet<String> = store.ids_read_from(origin)?.into_iter().collect();
        let mut gone = HashSet::new();
        if !has_failed {
            for id in earlier.iter().filter(|id| !stored.contains(*id)) {
                let title = title_of(store, id);
                if collection.delete(id)? {
                    gone.insert(id.clone());
                    report(removed(id.clone(), title));
                }
            }
        }
        // Whatever else changed the collection meanwhile, only these documents are those of the file.
        let is_whole = !has_failed
            && !stored.is_empty()
            && blank.is_empty()
            && store.ids_read_from(origin)?.into_iter().collect::<HashSet<_>>() == stored;
        let is_blank = !has_failed && stored.is_empty() && gone.len() == earlier.len();
        let noted = match (stamp, blank.first().map(|ingested| &ingested.outcome)) {
            (Some(stamp), Some(Outcome::Skipped(reason))) if is_blank => {
                let reason = without_subject(reason);
                let file = UnreadFile { stamp: stamp.clone(), is_failure: false, reason, hint: String::new() };
                Some(NotedFile::unread(origin.to_owned(), file))
            }
            _ => store.snapshot()?.noted(origin, stamp.filter(|_| is_whole))?,
        };
        for ingested in blank {
            let is_reported = gone.contains(&ingested.id) || stored.is_empty() && !gone.is_empty();
            if has_failed && earlier.contains(&ingested.id) {
                let error = Error::Document {
                    document: file_of(origin).to_owned(),
                    reason: format!("`{}` has no text, but its earlier version stays", ingested.title),
                    hint: "another document of the file failed; correct it and ingest the file again".to_owned(),
                };
                report(Ingested::new(ingested.id, ingested.title, Outcome::Failed(error)));
            } else if !is_reported {
                report(skipped(origin, ingested, !stored.is_empty()));
            }
        }
        Ok(noted)
    }
}

/// The title under which the removal of a document is reported. One that cannot be read is removed all the same.
fn title_of(store: &Store, id: &str) -> String {
    store.document(id).ok().flatten().map(|document| document.info.title).unwrap_or_default()
}

fn removed(id: String, title: String) -> Ingested {
    Ingested::new(id, title, Outcome::Removed)
}

/// Reports a file without text under its own name; of several documents, the one without text by its title.
fn skipped(origin: &str, ingested: Ingested, has_others: bool) -> Ingested {
    let reason = match &ingested.outcome {
        _ if has_others => format!("`{}` has no text", ingested.title),
        Outcome::Skipped(reason) => without_subject(reason),
        _ => "has no text".to_owned(),
    };
    Ingested::new(file_of(origin).to_owned(), ingested.title, Outcome::Skipped(reason))
}

fn without_subject(reason: &str) -> String {
    reason.strip_prefix("it ").unwrap_or(reason).to_owned()
}

/// A planned document with its vectors, ready to be stored.
pub(super) fn ready(mut planned: Planned, vectors: &mut impl Iterator<Item = PassageVectors>) -> Ready {
    let notes = std::mem::take(&mut planned.notes);
    Ready::Store { document: Box::new(planned.with_vectors(vectors)), notes }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::index::store::samples;
    use crate::model::ModelIdentity;

    const FILE: &str = "/docs/rates.jsonl";

    /// A document of one sentence from `FILE`.
    fn document(id: &str) -> PreparedDocument {
        document_of(id, FILE)
    }

    /// A document of one sentence.
    pub(in super::super) fn document_of(id: &str, origin: &str) -> PreparedDocument {
        let text = format!("The rate of {id} fell.");
        let mut document = samples::document(id, &[&text]);
        document.info.title = format!("Title of {id}");
        document.origin = Some(origin.into());
        document
    }

    #[test]
    fn a_damaged_document_that_its_file_no_longer_holds_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let collection = Collection::open(dir.path()).unwrap();
        collection
            .adopt_model(&ModelIdentity { name: "m".into(), fingerprint: "f".into() }, samples::DIMENSIONS)
            .unwrap();
        ["kept", "gone", "damaged"].into_iter().for_each(|id| drop(collection.put(&document(id)).unwrap()));
        let damage = "UPDATE documents SET tags = '[nonsense' WHERE id = 'damaged'";
        rusqlite::Connection::open(dir.path().join(Store::FILE)).unwrap().execute_batch(damage).unwrap();
        let mut reported = Vec::new();
        let origin = Origin { stored: HashSet::from(["kept".to_owned()]), ..Origin::default() };
        origin.end(&collection, FILE, None, &mut |ingested| reported.push((ingested.id, ingested.title))).unwrap();
        reported.sort();
        let expected = [("damaged", ""), ("gone", "Title of gone")].map(|(id, title)| (id.into(), title.into()));
        assert_eq!(reported, expected);
        assert_eq!(collection.store().unwrap().ids_read_from(FILE).unwrap(), ["kept"]);
    }
}
