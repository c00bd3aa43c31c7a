//! The JSON of jobs: writes that the server finishes in the background.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{DocumentOutcome, DocumentProblem, DocumentStatus};

/// A write that the server does in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Job {
    #[schema(example = "5f0c9a1e7b3d2468")]
    pub(crate) id: String,
    #[schema(inline)]
    pub(crate) state: JobState,
    /// The collection that it writes to.
    #[schema(example = "default")]
    pub(crate) collection: String,
    /// The name of the key that it was sent with; null without keys.
    #[schema(required, example = "laptop")]
    #[serde(default)]
    pub(crate) key: Option<String>,
    /// Tells that key from another one of the same name; absent without keys.
    #[schema(example = "4f0c2b9e6d1a7835")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<String>,
    /// When it was accepted, RFC 3339 in UTC.
    #[schema(example = "2026-01-02T03:04:05Z")]
    pub(crate) created: String,
    /// When it began to run; null while it waits.
    #[schema(required)]
    pub(crate) started: Option<String>,
    /// When it ended; null until then.
    #[schema(required)]
    pub(crate) finished: Option<String>,
    /// How much of it is done.
    pub(crate) progress: JobProgress,
    /// Its documents by outcome.
    pub(crate) counts: JobCounts,
    /// Why it failed as a whole; null unless its state is `failed`.
    #[schema(required)]
    pub(crate) error: Option<DocumentProblem>,
}

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobState {
    /// It waits for its turn.
    Queued,
    /// The server works on it.
    Running,
    /// Each of its items has an outcome. Some may have failed.
    Done,
    /// Something that concerns all of its items ended it. What was stored before stays.
    Failed,
    /// It was cancelled. What was stored before stays.
    Cancelled,
}

/// How much of a job is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct JobProgress {
    /// Files, or documents of a JSON request, in the job.
    pub(crate) items: usize,
    /// Those that have an outcome.
    pub(crate) items_done: usize,
    /// Documents that have an outcome. A file can contain several.
    pub(crate) documents: usize,
    /// Passages that the documents read so far were split into and that have to be embedded.
    pub(crate) passages_planned: usize,
    /// Those that are embedded.
    pub(crate) passages_embedded: usize,
    /// Tokens in those.
    pub(crate) tokens: usize,
}

/// The documents of a job by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct JobCounts {
    pub(crate) added: usize,
    pub(crate) updated: usize,
    pub(crate) unchanged: usize,
    pub(crate) removed: usize,
    pub(crate) skipped: usize,
    pub(crate) failed: usize,
}

/// A file of a job, or a document of a JSON request, with its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct JobItem {
    /// The file's name, or the document's id or title.
    #[schema(example = "report.pdf")]
    pub(crate) name: String,
    #[schema(inline)]
    pub(crate) status: ItemStatus,
    /// Passages of its documents that were stored; null if none was.
    #[schema(required)]
    pub(crate) passages: Option<usize>,
    /// The first error among its documents; null if there is none.
    #[schema(required)]
    pub(crate) error: Option<DocumentProblem>,
    /// Remarks on its documents.
    pub(crate) notes: Vec<String>,
    /// The outcome for each of its documents.
    pub(crate) documents: Vec<DocumentOutcome>,
}

/// The state or outcome of an item. That of a file with several documents is the first in this list that one of them has:
/// `failed`, `updated`, `added`, `removed`, `unchanged`, `skipped`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemStatus {
    /// It has no outcome yet.
    Waiting,
    Added,
    Updated,
    Unchanged,
    Removed,
    Skipped,
    Failed,
    /// The job was cancelled or failed before the item was done. Of a file with several documents, `documents` has those
    /// that were stored.
    NotDone,
}

/// A job with its items.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobWithItems {
    #[serde(flatten)]
    pub(crate) job: Job,
    /// In the order of the request.
    pub(crate) items: Vec<JobItem>,
}

/// Jobs that wait, run, or ended a while ago.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jobs {
    /// In the order in which they were accepted.
    pub(crate) jobs: Vec<Job>,
}

/// An item that has its outcome, and how much of its job is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ItemDone {
    pub(crate) item: JobItem,
    pub(crate) progress: JobProgress,
    pub(crate) counts: JobCounts,
}

impl Job {
    /// A job that waits for its turn.
    pub(crate) fn queued(id: String, collection: String, created: String, items: usize) -> Self {
        Self {
            id,
            state: JobState::Queued,
            collection,
            key: None,
            key_id: None,
            created,
            started: None,
            finished: None,
            progress: JobProgress { items, ..JobProgress::default() },
            counts: JobCounts::default(),
            error: None,
        }
    }
}

impl JobState {
    /// Whether the job has ended.
    pub(crate) fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

impl JobCounts {
    /// Counts one document.
    pub(crate) fn count(&mut self, outcome: &DocumentOutcome) {
        let count = match outcome.status() {
            DocumentStatus::Added => &mut self.added,
            DocumentStatus::Updated => &mut self.updated,
            DocumentStatus::Unchanged => &mut self.unchanged,
            DocumentStatus::Removed => &mut self.removed,
            DocumentStatus::Skipped => &mut self.skipped,
            DocumentStatus::Failed => &mut self.failed,
        };
        *count += 1;
    }
}

impl JobItem {
    /// An item whose documents have these outcomes.
    pub(crate) fn done(name: String, documents: Vec<DocumentOutcome>) -> Self {
        // In the order of `ItemStatus`'s description.
        let by_weight = [
            (DocumentStatus::Failed, ItemStatus::Failed),
            (DocumentStatus::Updated, ItemStatus::Updated),
            (DocumentStatus::Added, ItemStatus::Added),
            (DocumentStatus::Removed, ItemStatus::Removed),
            (DocumentStatus::Unchanged, ItemStatus::Unchanged),
        ];
        let has = |status| documents.iter().any(|document| document.status() == status);
        let status = by_weight.into_iter().find(|(status, _)| has(*status)).map(|(_, status)| status);
        let passages = documents.iter().filter_map(DocumentOutcome::passages).reduce(|sum, more| sum + more);
        let error = match documents.iter().find_map(DocumentOutcome::error) {
            None if documents.is_empty() => Some(DocumentProblem::skipped(format!("{name}: contains no document"))),
            error => error.cloned(),
        };
        let notes = documents.iter().flat_map(DocumentOutcome::notes).cloned().collect();
        Self { name, status: status.unwrap_or(ItemStatus::Skipped), passages, error, notes, documents }
    }

    /// The outcome for each of its documents.
    pub(crate) fn documents(&self) -> &[DocumentOutcome] {
        &self.documents
    }

    /// An item whose job ended when only these of its documents were done.
    pub(crate) fn broken_off(name: String, documents: Vec<DocumentOutcome>) -> Self {
        Self { status: ItemStatus::NotDone, ..Self::done(name, documents) }
    }

    /// An item without an outcome, of a job that has ended or not.
    pub(crate) fn open(name: String, has_ended: bool) -> Self {
        let status = if has_ended { ItemStatus::NotDone } else { ItemStatus::Waiting };
        Self { name, status, passages: None, error: None, notes: Vec::new(), documents: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::footnote::{Ingested, Outcome};

    fn outcome(id: &str, outcome: Outcome) -> DocumentOutcome {
        let mut ingested = Ingested::new(id.into(), String::new(), outcome);
        ingested.notes = vec![format!("a note on {id}")];
        (&ingested).into()
    }

    #[test]
    fn an_item_sums_up_its_documents() {
        let refused = Error::Document { document: "c".into(), reason: "odd".into(), hint: "h".into() };
        let documents = vec![
            outcome("a", Outcome::Unchanged),
            outcome("b", Outcome::Added(3)),
            outcome("c", Outcome::Failed(refused)),
            outcome("d", Outcome::Updated(4)),
        ];
        let mut counts = JobCounts::default();
        documents.iter().for_each(|document| counts.count(document));
        assert_eq!(counts, JobCounts { added: 1, updated: 1, unchanged: 1, failed: 1, ..JobCounts::default() });
        let item = JobItem::done("file.txt".into(), documents);
        assert_eq!((item.status, item.passages, item.notes.len()), (ItemStatus::Failed, Some(7), 4));
        let json = serde_json::to_value(&item).unwrap();
        assert_eq!(json["error"]["detail"], "c: odd");
        assert_eq!(serde_json::from_value::<JobItem>(json).unwrap(), item, "it can be kept on disk");
    }

    #[test]
    fn a_file_without_documents_is_skipped_with_a_reason() {
        let item = JobItem::done("empty.txt".into(), Vec::new());
        assert_eq!((item.status, item.passages), (ItemStatus::Skipped, None));
        assert!(serde_json::to_value(&item.error).unwrap()["detail"].as_str().unwrap().contains("empty.txt"));
    }

    #[test]
    fn what_a_job_did_not_get_to_is_told_once_it_has_ended() {
        assert_eq!(JobItem::open("a".into(), false).status, ItemStatus::Waiting);
        assert_eq!(serde_json::to_value(JobItem::open("a".into(), true)).unwrap()["status"], "not_done");
    }
}
