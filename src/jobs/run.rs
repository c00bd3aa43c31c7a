//! Runs one job: its parts go through the ingest pipeline in turns, and each outcome goes to the job's folder.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::folder::{Folder, PartSpec};
use super::pages::{self, PageOptions};
use super::{Part, PartKind};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::footnote::{Footnote, Ingested, Outcome, Progress};
use crate::handoff::HandedDocument;
use crate::ingest::{Item, Pages};
use crate::passage::NewDocument;
use crate::web::Web;
use crate::wire::{DocumentOutcome, ItemDone, JobCounts, JobItem, JobProgress};

/// A turn of this many parts or bytes takes no more. Other writes to the collection run between two turns, so a turn should
/// take seconds; yet it should have enough passages for the model to work on long batches.
const MAX_TURN_PARTS: usize = 64;
const MAX_TURN_BYTES: usize = 1024 * 1024;

/// How much of a job is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) progress: JobProgress,
    pub(super) counts: JobCounts,
}

impl Part {
    /// A file that was uploaded.
    pub(crate) fn file(name: String, bytes: Vec<u8>) -> Self {
        Self { name, kind: PartKind::File, bytes }
    }

    /// A document; the `number`th of its request, from 1 on.
    pub(crate) fn document(number: usize, document: NewDocument) -> Self {
        let name = document.id.clone().or_else(|| document.title.clone());
        // Strings, numbers and lists always serialize.
        let bytes = serde_json::to_vec(&HandedDocument::from(document)).unwrap_or_default();
        Self { name: name.unwrap_or_else(|| format!("document {number}")), kind: PartKind::Document, bytes }
    }
}

/// Does the parts of a job that have no outcome yet. `tell` learns of each step. If the job ends within a part, what was
/// stored of it is in `rest`.
///
/// # Errors
///
/// [`Error::Cancelled`], or the error that ended it.
#[expect(clippy::too_many_arguments, reason = "a job's input, its standing and its ends")]
pub(super) fn run(
    footnote: &Footnote,
    web: Option<&Arc<Web>>,
    folder: &Folder,
    id: &str,
    mut standing: Standing,
    cancel: &Cancel,
    tell: &mut dyn FnMut(Standing),
    rest: &mut Option<ItemDone>,
) -> Result<()> {
    let parts = folder.spec()?.parts;
    let mut outcomes = folder.open_outcomes()?;
    let documents_of = Mutex::default();
    let options = &PageOptions::new();
    let input = Input { footnote, web, options, folder, id, parts: &parts, cancel, documents_of: &documents_of };
    let mut failed = None;
    let mut documents = Vec::new();
    let finished = footnote.ingest_until(input.turns(standing.progress.items_done), cancel, &mut |event| {
        match event {
            Progress::Planned { passages } => standing.progress.passages_planned += passages,
            Progress::Read { .. } => return,
            Progress::Embedded { passages, tokens } => {
                standing.progress.passages_embedded += passages;
                standing.progress.tokens += tokens;
            }
            Progress::Done(ingested) => match parts.get(standing.progress.items_done) {
                Some(part) if ingested.id == input.mark(standing.progress.items_done) => {
                    let mut open = input.documents_of.lock().unwrap_or_else(PoisonError::into_inner);
                    open.remove(&standing.progress.items_done);
                    drop(open);
                    standing.progress.items_done += 1;
                    let item = JobItem::done(part.name.clone(), std::mem::take(&mut documents));
                    if let Err(error) = outcomes.push(&standing.with(item)) {
                        // The pipeline takes no error from here.
                        failed.get_or_insert(error);
                        cancel.cancel();
                    }
                }
                _ => {
                    let outcome = DocumentOutcome::from(ingested);
                    standing.progress.documents += 1;
                    standing.counts.count(&outcome);
                    documents.push(outcome);
                }
            },
        }
        tell(standing);
    });
    let number = standing.progress.items_done;
    if let Some(part) = parts.get(number).filter(|_| !documents.is_empty()) {
        let all = input.documents_of.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        // The end may have come between its last document and the mark behind it.
        let item = if all.is_some_and(|all| documents.len() >= all) {
            standing.progress.items_done += 1;
            JobItem::done(part.name.clone(), documents)
        } else {
            JobItem::broken_off(part.name.clone(), documents)
        };
        *rest = Some(standing.with(item));
        tell(standing);
    }
    failed.map_or(finished, Err)
}

impl Standing {
    fn with(self, item: JobItem) -> ItemDone {
        ItemDone { item, progress: self.progress, counts: self.counts }
    }
}

/// The input of a job, as far as it is read.
#[derive(Clone, Copy)]
struct Input<'a> {
    footnote: &'a Footnote,
    web: Option<&'a Arc<Web>>,
    options: &'a PageOptions,
    folder: &'a Folder,
    id: &'a str,
    parts: &'a [PartSpec],
    cancel: &'a Cancel,
    /// The number of documents in each part that was read and is not done.
    documents_of: &'a Mutex<HashMap<usize, usize>>,
}

impl<'a> Input<'a> {
    /// The parts from the `first` on, in turns.
    fn turns(self, first: usize) -> impl Iterator<Item = Turn<'a>> {
        let mut next = first;
        let mut offset = self.parts.iter().take(first).map(|part| part.bytes as u64).sum();
        let mut site: Option<Site<'a>> = None;
        std::iter::from_fn(move || {
            let start = next;
            let (mut bytes, start_offset) = (0, offset);
            if site.is_none()
                && let Some(part) = self.parts.get(next).filter(|part| part.kind() == PartKind::Pages)
            {
                site = Some(self.site(next, part, offset));
                offset += part.bytes as u64;
                next += 1;
            }
            if let Some(open) = &mut site {
                // Outside of any turn, since fetching takes its time.
                let page = open.page();
                let is_last = page.is_none();
                let ready = page.unwrap_or_else(|| open.end(&self));
                if is_last {
                    site = None;
                }
                return Some(Turn { input: self, parts: 0..0, offset: 0, ready: ready.into_iter() });
            }
            while let Some(part) = self.parts.get(next).filter(|part| part.kind() != PartKind::Pages)
                && next - start < MAX_TURN_PARTS
                && (next == start || bytes < MAX_TURN_BYTES)
            {
                bytes += part.bytes;
                offset += part.bytes as u64;
                next += 1;
            }
            let turn = Turn { input: self, parts: start..next, offset: start_offset, ready: Vec::new().into_iter() };
            (start < next).then_some(turn)
        })
    }

    /// The items of a part, and a mark behind them: a report that comes out of the pipeline when all that was before it is
    /// done.
    fn items(&self, number: usize, part: &PartSpec, offset: u64) -> Vec<Item> {
        let mut items = match self.folder.part(part, offset) {
            Ok(bytes) if part.kind() == PartKind::File => self.footnote.uploaded_items(&part.name, &bytes, self.cancel),
            Ok(bytes) => match serde_json::from_slice::<HandedDocument>(&bytes) {
                Ok(document) => vec![Item::Document(Box::new(document.into()))],
                Err(error) => vec![unreadable(&part.name, &error)],
            },
            Err(error) => vec![report(&part.name, Outcome::Failed(error))],
        };
        items.push(self.end(number, documents_in(&items)));
        items
    }

    /// The mark behind a part of so many documents.
    fn end(&self, number: usize, documents: usize) -> Item {
        self.documents_of.lock().unwrap_or_else(PoisonError::into_inner).insert(number, documents);
        report(&self.mark(number), Outcome::Skipped(String::new()))
    }

    /// The pages of a part.
    fn site(&self, number: usize, part: &PartSpec, offset: u64) -> Site<'a> {
        let opened = self
            .folder
            .part(part, offset)
            .and_then(|bytes| pages::open(&part.name, &bytes, self.web, self.footnote, self.options, self.cancel));
        match opened {
            Ok(pages) => Site { number, pages: Some(pages), refused: None, documents: 0 },
            Err(error) => {
                let refused = Some(report(&part.name, Outcome::Failed(error)));
                Site { number, pages: None, refused, documents: 0 }
            }
        }
    }

    /// An id that no document has, since nobody knew the job's id when the documents were sent.
    fn mark(&self, number: usize) -> String {
        format!("end of part {number} of job {}", self.id)
    }
}

/// The pages of a part, under way.
struct Site<'a> {
    number: usize,
    pages: Option<Pages<'a>>,
    /// Why there are none.
    refused: Option<Item>,
    documents: usize,
}

impl Site<'_> {
    /// What follows from the next page; `None` at the end.
    fn page(&mut self) -> Option<Vec<Item>> {
        let items = self.refused.take().map(|item| vec![item]).or_else(|| self.pages.as_mut()?.page())?;
        self.documents += documents_in(&items);
        Some(items)
    }

    /// What comes behind the last page: nothing if the job is cancelled, since then there may be more pages.
    fn end(&self, input: &Input<'_>) -> Vec<Item> {
        if input.cancel.check().is_err() { Vec::new() } else { vec![input.end(self.number, self.documents)] }
    }
}

fn documents_in(items: &[Item]) -> usize {
    let is_document = |item: &&Item| !matches!(item, Item::End(..) | Item::Touched(..) | Item::Page(..));
    items.iter().filter(is_document).count()
}

fn report(id: &str, outcome: Outcome) -> Item {
    Item::Report(Ingested::new(id.to_owned(), String::new(), outcome))
}

fn unreadable(name: &str, error: &serde_json::Error) -> Item {
    let reason = format!("cannot be read again ({error})");
    let hint = "another version of Footnote accepted it; send it again".to_owned();
    report(name, Outcome::Failed(Error::Document { document: name.to_owned(), reason, hint }))
}

/// Parts that are worked on together, read one by one, up to an error once the job is cancelled.
struct Turn<'a> {
    input: Input<'a>,
    parts: Range<usize>,
    /// Bytes of the input before the next part.
    offset: u64,
    ready: std::vec::IntoIter<Item>,
}

impl Iterator for Turn<'_> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Result<Item>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Some(Ok(item));
            }
            let number = self.parts.next()?;
            let part = self.input.parts.get(number)?;
            if let Err(error) = self.input.cancel.check() {
                return Some(Err(error));
            }
            self.ready = self.input.items(number, part, self.offset).into_iter();
            // Recognising a long scan takes minutes. What was read of it is no outcome.
            if let Err(error) = self.input.cancel.check() {
                return Some(Err(error));
            }
            self.offset += part.bytes as u64;
        }
    }
}
