//! The ingest path: read -> split into documents -> chunk -> embed -> store. Three stages run side by side, so that
//! the model never waits for the disk nor the disk for the model.

pub mod chunk;
pub mod extract;
mod full_stop;
mod lines;
mod plan;
pub mod read;
pub mod sentences;
mod sizer;
pub mod split;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::config::IngestConfig;
use crate::embed::{Embedder, PassageInput, PassageVectors};
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::{EmbeddedPassage, PreparedDocument};
use crate::passage::NewDocument;
use plan::Plan;
use read::Reading;

/// Passages that are embedded together: enough to sort alike lengths into one batch.
const GROUP_PASSAGES: usize = 64;

/// What became of one document at ingest.
#[derive(Debug)]
pub struct Ingested {
    /// Its id; the path where it never became a document.
    pub id: String,
    /// Its title, where there is one.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a document at ingest.
#[derive(Debug)]
pub enum Outcome {
    /// It is new. Holds the number of passages.
    Added(usize),
    /// It replaced an earlier version of itself. Holds the number of passages.
    Updated(usize),
    /// It is already there, the same to the byte.
    Unchanged,
    /// Its file no longer holds it, so it was removed.
    Removed,
    /// There is nothing in it to take in; why.
    Skipped(String),
    /// It could not be taken in; an earlier version of it, if any, is still there.
    Failed(Error),
}

/// How far an ingest is; for a progress display.
#[derive(Debug)]
pub enum Progress<'a> {
    /// This many more passages are to be embedded.
    Planned {
        /// How many.
        passages: usize,
    },
    /// This many more passages were embedded.
    Embedded {
        /// How many.
        passages: usize,
        /// Tokens in them.
        tokens: usize,
    },
    /// A document is done and, where it was stored, safe on disk.
    Done(&'a Ingested),
}

/// What comes into the path: a document, or what already became of one.
enum Arrival {
    Document(Box<NewDocument>),
    Finished(Ingested),
}

/// What the stages tell the one that stores.
enum Event {
    Planned(usize),
    Embedded { passages: usize, tokens: usize },
    Ready(Vec<Ready>),
    Broken(Error),
}

enum Ready {
    Document(Box<PreparedDocument>),
    Finished(Ingested),
}

/// Takes in documents.
///
/// Each is wholly in or wholly out, and safe on disk when `progress` hears that it is done. The error is only for what
/// concerns all of them (the model, the disk); what concerns one is in its [`Outcome`].
pub fn documents(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    documents: Vec<NewDocument>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Ingested>> {
    let arrivals = documents.into_iter().map(|document| Arrival::Document(Box::new(document)));
    run(collection, embedder, config, arrivals, progress)
}

/// Takes in files and folders. Documents that came from one of the files before, and that it no longer holds, are
/// removed.
pub fn paths(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    paths: &[PathBuf],
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Ingested>> {
    let arrivals = read::files(paths, config.max_document_bytes).flat_map(|reading| match reading {
        Reading::File(file) => match split::split(&file) {
            Ok(documents) => documents.into_iter().map(|document| Arrival::Document(Box::new(document))).collect(),
            Err(error) => vec![Arrival::Finished(failed(file.path.display().to_string(), error))],
        },
        Reading::Skipped { path, reason } => vec![Arrival::Finished(Ingested {
            id: path.display().to_string(),
            title: String::new(),
            outcome: Outcome::Skipped(reason),
        })],
        Reading::Failed(error) => vec![Arrival::Finished(failed(name_of(&error), error))],
    });
    let mut kept: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let arrivals = arrivals.inspect(|arrival| {
        if let Arrival::Document(document) = arrival
            && let Some(origin) = &document.origin
        {
            kept.entry(origin.clone()).or_default().push(plan::id_of(document));
        }
    });
    let mut done = run(collection, embedder, config, arrivals, progress)?;
    let Some(store) = collection.store() else { return Ok(done) };
    for (origin, ids) in kept {
        for id in store.ids_read_from(&origin)? {
            if ids.contains(&id) {
                continue;
            }
            let title = store.document(&id)?.map(|document| document.info.title).unwrap_or_default();
            if collection.delete(&id)? {
                let removed = Ingested { id, title, outcome: Outcome::Removed };
                progress(Progress::Done(&removed));
                done.push(removed);
            }
        }
    }
    Ok(done)
}

/// Embeds all stored documents again, with this model and these settings, in one transaction.
pub fn reindex(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<usize> {
    let mut after: Option<String> = None;
    let mut next = || {
        let Some(store) = collection.store() else { return Ok(None) };
        let Some(info) = store.documents(after.as_deref(), 1)?.pop() else { return Ok(None) };
        after = Some(info.id.clone());
        let Some(document) = store.document(&info.id)? else { return Ok(None) };
        let hash = store.hash_of(&info.id)?.unwrap_or_default();
        let origin = store.origin_of(&info.id)?;
        let plan = plan::chunk(document, origin, hash, embedder, config)?;
        progress(Progress::Planned { passages: plan.inputs.len() });
        let mut vectors = Vec::with_capacity(plan.inputs.len());
        for inputs in plan.inputs.chunks(GROUP_PASSAGES) {
            let slice = embedder.embed_passages(inputs)?;
            progress(embedded(&slice));
            vectors.extend(slice);
        }
        Ok(Some(plan.with_vectors(&mut vectors.into_iter())))
    };
    collection.rewrite(embedder.identity(), embedder.dimensions(), &mut next)
}

fn run(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    arrivals: impl Iterator<Item = Arrival> + Send,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Ingested>> {
    collection.adopt_model(embedder.identity(), embedder.dimensions())?;
    std::thread::scope(|scope| {
        let (events, incoming) = sync_channel(2);
        let (groups, planned) = sync_channel(1);
        let told = events.clone();
        scope.spawn(move || plan_groups(collection, embedder, config, arrivals, &groups, &told));
        scope.spawn(move || embed_groups(embedder, &planned, &events));
        store_documents(collection, &incoming, progress)
    })
}

/// First stage: chunk. Ends early when the next stage is gone.
fn plan_groups(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    arrivals: impl Iterator<Item = Arrival>,
    groups: &SyncSender<Vec<Plan>>,
    events: &SyncSender<Event>,
) {
    let (mut group, mut passages) = (Vec::new(), 0);
    for arrival in arrivals {
        let plan = match arrival {
            Arrival::Finished(ingested) => Plan::Finished(ingested),
            Arrival::Document(document) => match plan::plan(*document, collection, embedder, config) {
                Ok(plan) => plan,
                Err(error) => {
                    let _ = events.send(Event::Broken(error));
                    return;
                }
            },
        };
        if let Plan::Embed(document) = &plan {
            passages += document.inputs.len();
            if events.send(Event::Planned(document.inputs.len())).is_err() {
                return;
            }
        }
        group.push(plan);
        if passages >= GROUP_PASSAGES || group.len() >= GROUP_PASSAGES {
            passages = 0;
            if groups.send(std::mem::take(&mut group)).is_err() {
                return;
            }
        }
    }
    // The last stage may be gone already; then there is no one left to tell.
    let _ = groups.send(group);
}

/// Second stage: embed. Ends early when the model fails or the next stage is gone.
fn embed_groups(embedder: &dyn Embedder, groups: &Receiver<Vec<Plan>>, events: &SyncSender<Event>) {
    for mut group in groups {
        let mut inputs = Vec::new();
        for plan in &mut group {
            if let Plan::Embed(document) = plan {
                inputs.append(&mut document.inputs);
            }
        }
        let mut vectors = Vec::with_capacity(inputs.len());
        for inputs in inputs.chunks(GROUP_PASSAGES) {
            match embed(embedder, inputs, events) {
                Ok(slice) => vectors.extend(slice),
                Err(error) => {
                    let _ = events.send(Event::Broken(error));
                    return;
                }
            }
        }
        let mut vectors = vectors.into_iter();
        let ready = group.into_iter().map(|plan| match plan {
            Plan::Finished(ingested) => Ready::Finished(ingested),
            Plan::Embed(document) => Ready::Document(Box::new(document.with_vectors(&mut vectors))),
        });
        if events.send(Event::Ready(ready.collect())).is_err() {
            return;
        }
    }
}

fn embed(embedder: &dyn Embedder, inputs: &[PassageInput], events: &SyncSender<Event>) -> Result<Vec<PassageVectors>> {
    let vectors = embedder.embed_passages(inputs)?;
    let tokens = vectors.iter().map(|vectors| vectors.tokens).sum();
    let _ = events.send(Event::Embedded { passages: vectors.len(), tokens });
    Ok(vectors)
}

/// Last stage, on the caller's thread: store, then acknowledge.
fn store_documents(
    collection: &Collection,
    events: &Receiver<Event>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Ingested>> {
    let mut done = Vec::new();
    for event in events {
        let ready = match event {
            Event::Planned(passages) => {
                progress(Progress::Planned { passages });
                continue;
            }
            Event::Embedded { passages, tokens } => {
                progress(Progress::Embedded { passages, tokens });
                continue;
            }
            Event::Broken(error) => return Err(error),
            Event::Ready(ready) => ready,
        };
        for document in ready {
            let ingested = match document {
                Ready::Finished(ingested) => ingested,
                Ready::Document(document) => store(collection, *document)?,
            };
            progress(Progress::Done(&ingested));
            done.push(ingested);
        }
    }
    Ok(done)
}

fn store(collection: &Collection, document: PreparedDocument) -> Result<Ingested> {
    let outcome = match collection.put(&document)? {
        None => Outcome::Unchanged,
        Some(written) if written.replaced => Outcome::Updated(document.passages.len()),
        Some(_) => Outcome::Added(document.passages.len()),
    };
    Ok(Ingested { id: document.info.id, title: document.info.title, outcome })
}

fn embedded(vectors: &[PassageVectors]) -> Progress<'static> {
    Progress::Embedded { passages: vectors.len(), tokens: vectors.iter().map(|vectors| vectors.tokens).sum() }
}

fn failed(id: String, error: Error) -> Ingested {
    Ingested { id, title: String::new(), outcome: Outcome::Failed(error) }
}

fn name_of(error: &Error) -> String {
    match error {
        Error::Document { document, .. } => document.clone(),
        other => other.to_string(),
    }
}

/// A passage with its vectors in one.
fn embedded_passage(chunk: crate::passage::Chunk, vectors: PassageVectors) -> EmbeddedPassage {
    EmbeddedPassage { chunk, tokens: vectors.tokens, vector: vectors.passage, sentences: vectors.compressed }
}
