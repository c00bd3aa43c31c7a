//! The ingest pipeline. Three stages run side by side (plan, embed, store), so that the model never waits for the disk nor
//! the disk for the model. Bounded channels between them bound the memory.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::plan::{self, Plan};
use super::store::{Ready, Recorder, ready};
use super::title::file_of;
use super::used_ids::UsedIds;
use super::{GROUP_PASSAGES, Ingested, Outcome, Progress};
use crate::config::IngestConfig;
use crate::embed::{Embedder, PassageInput, PassageVectors};
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::{FileStamp, KnownDocument, PageRecord, UnreadFile};
use crate::passage::NewDocument;

/// A group of documents closes when their texts and inputs reach this size, however few passages they have.
const MAX_GROUP_BYTES: usize = 4 * 1024 * 1024;

/// What enters the pipeline.
#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "without a server, nothing is handed over"))]
pub(crate) enum Item {
    /// A document.
    Document(Box<NewDocument>),
    /// A document of an export, by itself: its file is not read, and has no end.
    Imported(Box<NewDocument>),
    /// All documents of this origin have been given. With a stamp, the file need not be read again while it is like that.
    End(String, Option<Box<FileStamp>>),
    /// A document whose file, its origin, has not changed.
    Unchanged(Box<KnownDocument>, String),
    /// A file of this origin has another time of modification, but is the same.
    Touched(String, Box<FileStamp>),
    /// A file that gave no document, or a document that needs no work.
    Report(Ingested),
    /// A file of this origin gives no document, and will not while it is like that.
    Unread(String, Box<UnreadFile>, Ingested),
    /// Whether another file system is found in a folder.
    Mount(String, bool),
    /// What the server of this page says of it.
    Page(String, Box<PageRecord>),
}

/// What the planning stage decides for an item.
enum Step {
    Plan(Plan),
    End(String, Option<Box<FileStamp>>),
    Touched(String, Box<FileStamp>),
    Report(Ingested),
    Unread(String, Box<UnreadFile>, Ingested),
    Mount(String, bool),
    Page(String, Box<PageRecord>),
}

/// Messages to the storing stage.
enum Event {
    Planned(usize),
    Read { origin: String, bytes: u64, passages: usize },
    Embedded { passages: usize, tokens: usize },
    Ready(Vec<Ready>),
    Broken(Error),
}

/// Adds an [`Item::End`] behind the documents of each origin.
pub(crate) fn with_ends(documents: impl Iterator<Item = NewDocument>) -> impl Iterator<Item = Item> {
    let mut documents = documents.peekable();
    let mut end = None;
    std::iter::from_fn(move || {
        if let Some(origin) = end.take() {
            return Some(Item::End(origin, None));
        }
        let document = documents.next()?;
        let is_last = documents.peek().is_none_or(|next| next.origin != document.origin);
        end = document.origin.clone().filter(|_| is_last);
        Some(Item::Document(Box::new(document)))
    })
}

/// Runs items through the pipeline, up to an error among them. `progress` gets each result, then `finish` takes it.
pub(super) fn run(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    used: &mut UsedIds,
    items: impl Iterator<Item = Result<Item>> + Send,
    progress: &mut dyn FnMut(Progress<'_>),
    finish: &mut dyn FnMut(Ingested),
) -> Result<()> {
    collection.adopt_chosen_model(embedder.identity(), embedder.dimensions(), embedder.choice())?;
    std::thread::scope(|scope| {
        let (events, incoming) = sync_channel(2);
        let (groups, planned) = sync_channel(1);
        let plan_events = events.clone();
        let planner = Planner { collection, embedder, config, used };
        scope.spawn(move || planner.plan_groups(items, &groups, &plan_events));
        scope.spawn(move || embed_groups(embedder, &planned, &events));
        let mut recorder = Recorder::new(collection, embedder, config);
        for event in &incoming {
            match event {
                Event::Planned(passages) => progress(Progress::Planned { passages }),
                Event::Read { origin, bytes, passages } => progress(Progress::Read { file: &origin, bytes, passages }),
                Event::Embedded { passages, tokens } => progress(Progress::Embedded { passages, tokens }),
                Event::Broken(error) => return Err(error),
                Event::Ready(ready) => {
                    for step in ready {
                        recorder.record(step, &mut |ingested| {
                            progress(Progress::Done(&ingested));
                            finish(ingested);
                        })?;
                    }
                }
            }
        }
        recorder.finish()
    })
}

/// Plans one document.
type PlanDocument = fn(NewDocument, &Collection, &dyn Embedder, &IngestConfig) -> Result<Plan>;

/// The first stage.
struct Planner<'a> {
    collection: &'a Collection,
    embedder: &'a dyn Embedder,
    config: &'a IngestConfig,
    used: &'a mut UsedIds,
}

impl Planner<'_> {
    /// Plans items and collects them in groups. Ends early when the next stage is gone.
    fn plan_groups(
        mut self,
        items: impl Iterator<Item = Result<Item>>,
        groups: &SyncSender<Vec<(Step, Option<String>)>>,
        events: &SyncSender<Event>,
    ) {
        let (mut group, mut passages, mut bytes) = (Vec::new(), 0, 0);
        let mut passages_of_file = 0;
        for item in items {
            self.used.items += 1;
            let item = match item {
                Ok(item) => item,
                Err(error) => {
                    let _ = events.send(Event::Broken(error));
                    return;
                }
            };
            let origin = if let Item::Document(document) = &item { document.origin.clone() } else { None };
            let step = match item {
                Item::Report(ingested) => Ok(Step::Report(ingested)),
                Item::Unread(origin, file, ingested) => Ok(Step::Unread(origin, file, ingested)),
                Item::Mount(folder, is_there) => Ok(Step::Mount(folder, is_there)),
                Item::Page(origin, page) => Ok(Step::Page(origin, page)),
                Item::Touched(origin, stamp) => Ok(Step::Touched(origin, stamp)),
                Item::Unchanged(document, origin) => Ok(Step::Report(self.unchanged(*document, &origin))),
                Item::End(origin, stamp) => Ok(Step::End(origin, stamp)),
                Item::Document(document) => self.plan(*document, plan::plan),
                Item::Imported(document) => self.plan(*document, plan::plan_imported),
            };
            let step = match step {
                Ok(step) => step,
                Err(error) => {
                    let _ = events.send(Event::Broken(error));
                    return;
                }
            };
            match &step {
                Step::Plan(Plan::Embed(document)) => {
                    passages += document.inputs.len();
                    passages_of_file += document.inputs.len();
                    bytes += document.size_bytes();
                    if events.send(Event::Planned(document.inputs.len())).is_err() {
                        return;
                    }
                }
                Step::Plan(Plan::Confirm(confirmation)) => bytes += confirmation.document.text.len(),
                Step::End(origin, Some(stamp)) | Step::Touched(origin, stamp) => {
                    let passages = std::mem::take(&mut passages_of_file);
                    if events.send(Event::Read { origin: origin.clone(), bytes: stamp.size_bytes, passages }).is_err() {
                        return;
                    }
                }
                Step::Unread(origin, file, _) => {
                    let (origin, bytes) = (origin.clone(), file.stamp.size_bytes);
                    if events.send(Event::Read { origin, bytes, passages: 0 }).is_err() {
                        return;
                    }
                }
                _ => {}
            }
            // The next page takes a second or more to come, and this one should not wait for it.
            let ends_page = matches!(step, Step::Page(..));
            group.push((step, origin));
            if ends_page || passages >= GROUP_PASSAGES || group.len() >= GROUP_PASSAGES || bytes >= MAX_GROUP_BYTES {
                (passages, bytes) = (0, 0);
                if groups.send(std::mem::take(&mut group)).is_err() {
                    return;
                }
            }
        }
        // If the next stage is gone, so is the one that would report it.
        let _ = groups.send(group);
    }

    fn unchanged(&mut self, document: KnownDocument, origin: &str) -> Ingested {
        let KnownDocument { id, title, hash } = document;
        let outcome = match self.used.claim(&id, &hash, || Some(file_of(origin).into()), || file_of(origin).to_owned())
        {
            Ok(_) => Outcome::Unchanged,
            Err(error) => Outcome::Failed(error),
        };
        Ingested::new(id, title, outcome)
    }

    fn plan(&mut self, mut document: NewDocument, plan: PlanDocument) -> Result<Step> {
        let number = self.used.items;
        let plan = match plan::claim(&mut document, self.used, number) {
            Some(failed) => Plan::Fail(failed),
            None => plan(document, self.collection, self.embedder, self.config)?,
        };
        Ok(Step::Plan(plan))
    }
}

/// The second stage: embeds. Ends early when the model fails or the next stage is gone.
fn embed_groups(embedder: &dyn Embedder, groups: &Receiver<Vec<(Step, Option<String>)>>, events: &SyncSender<Event>) {
    for mut group in groups {
        let mut inputs = Vec::new();
        for (step, _) in &mut group {
            if let Step::Plan(Plan::Embed(document)) = step {
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
        let ready = group.into_iter().map(|(step, origin)| match step {
            Step::Report(ingested) => Ready::Report(ingested),
            Step::Unread(origin, file, ingested) => Ready::Unread(origin, file, ingested),
            Step::Mount(folder, is_there) => Ready::Mount(folder, is_there),
            Step::Page(origin, page) => Ready::Page(origin, page),
            Step::Touched(origin, stamp) => Ready::Touched(origin, stamp),
            Step::End(origin, stamp) => Ready::End(origin, stamp),
            Step::Plan(Plan::Fail(ingested)) => Ready::Fail(ingested),
            Step::Plan(Plan::Remove(ingested)) => Ready::Remove(ingested, origin),
            Step::Plan(Plan::Confirm(confirmation)) => Ready::Confirm(confirmation),
            Step::Plan(Plan::Embed(planned)) => ready(*planned, &mut vectors),
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
