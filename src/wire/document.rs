//! The JSON of documents: what is known of one, a page of them, and the outcome of adding some.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;
use crate::error_report::ErrorReport;
use crate::footnote::{Ingested, Listed, Outcome};
use crate::passage::{DocumentInfo, Format};

/// A document's metadata.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentResponse {
    id: String,
    title: String,
    /// Who published it.
    #[schema(required)]
    source: Option<String>,
    /// Its address. Footnote does not fetch it.
    #[schema(required)]
    uri: Option<String>,
    /// When it was published, ISO 8601.
    #[schema(required)]
    published: Option<String>,
    /// BCP 47 language tag, with the script for Chinese.
    #[schema(required)]
    language: Option<String>,
    tags: Vec<String>,
    /// Other facts that were given with it.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, serde_json::Value>,
    /// The format of its file: `plain`, `markdown`, `pdf`, `docx` and so on.
    #[schema(value_type = String, example = "pdf")]
    format: Format,
    /// Length of its text in bytes.
    size_bytes: usize,
    /// How many passages it was split into.
    passages: usize,
    /// When this version was stored, RFC 3339 in UTC.
    ingested: String,
}

/// A page of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentPage {
    /// In the order of `sort`.
    documents: Vec<DocumentResponse>,
    /// How many documents there are on all pages.
    total: usize,
    /// The `after` of the next page; null on the last page.
    #[schema(required)]
    next: Option<String>,
}

/// The outcome for each document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentsResponse {
    documents: Vec<DocumentOutcome>,
}

/// The outcome for one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentOutcome {
    /// Its id, or the file's name if it contains no document.
    id: String,
    title: String,
    #[schema(inline)]
    status: DocumentStatus,
    /// How many passages it was split into; null if it was not stored.
    #[schema(required)]
    passages: Option<usize>,
    /// Why it was skipped or refused; null otherwise.
    #[schema(required)]
    error: Option<DocumentProblem>,
    /// Remarks on a document that was stored, such as a date that cannot be read.
    notes: Vec<String>,
}

/// Why a document was not added, or why a job failed. The response as a whole is a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentProblem {
    /// The kind of problem.
    #[schema(example = "Document refused")]
    title: String,
    /// What went wrong.
    #[schema(example = "notes.txt: the file is not text (invalid UTF-8 at byte 17)")]
    detail: String,
    /// What to do about it.
    #[schema(required)]
    hint: Option<String>,
}

/// What happened to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DocumentStatus {
    /// It is new and stored on disk.
    Added,
    /// It replaced its earlier version and is stored on disk.
    Updated,
    /// The same version is already stored.
    Unchanged,
    /// It was removed: its text is blank now, or its file no longer contains it.
    Removed,
    /// It has no text, and no earlier version was stored.
    Skipped,
    /// It could not be added. Its earlier version, if there is one, is still stored.
    Failed,
}

impl DocumentPage {
    /// The first `limit` of `found`; there is a next page if it holds more.
    pub(crate) fn new(listed: Listed, limit: usize) -> Self {
        let Listed { documents: mut found, total } = listed;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.id.clone());
        Self { documents: found.into_iter().map(Into::into).collect(), total, next }
    }
}

impl From<DocumentInfo> for DocumentResponse {
    fn from(info: DocumentInfo) -> Self {
        Self {
            id: info.id,
            title: info.title,
            source: info.source,
            uri: info.uri,
            published: info.published,
            language: info.language,
            tags: info.tags,
            metadata: info.metadata,
            format: info.format,
            size_bytes: info.size_bytes,
            passages: info.passages,
            ingested: info.ingested,
        }
    }
}

impl DocumentsResponse {
    pub(crate) fn new(outcomes: &[Ingested]) -> Self {
        Self { documents: outcomes.iter().map(Into::into).collect() }
    }
}

impl FromIterator<DocumentOutcome> for DocumentsResponse {
    fn from_iter<T: IntoIterator<Item = DocumentOutcome>>(outcomes: T) -> Self {
        Self { documents: outcomes.into_iter().collect() }
    }
}

impl DocumentOutcome {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn status(&self) -> DocumentStatus {
        self.status
    }

    pub(crate) fn passages(&self) -> Option<usize> {
        self.passages
    }

    pub(crate) fn error(&self) -> Option<&DocumentProblem> {
        self.error.as_ref()
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl From<&Error> for DocumentProblem {
    fn from(error: &Error) -> Self {
        let ErrorReport { title, detail, hint, .. } = ErrorReport::of(error);
        Self { title: title.to_owned(), detail, hint }
    }
}

impl DocumentProblem {
    /// The document holds nothing to add.
    pub(crate) fn skipped(reason: String) -> Self {
        Self { title: "Nothing to add".to_owned(), detail: reason, hint: None }
    }
}

impl From<&Ingested> for DocumentOutcome {
    fn from(ingested: &Ingested) -> Self {
        let (status, passages, error) = match &ingested.outcome {
            Outcome::Added(passages) => (DocumentStatus::Added, Some(*passages), None),
            Outcome::Updated(passages) => (DocumentStatus::Updated, Some(*passages), None),
            Outcome::Unchanged => (DocumentStatus::Unchanged, None, None),
            Outcome::Removed => (DocumentStatus::Removed, None, None),
            Outcome::Skipped(reason) => (DocumentStatus::Skipped, None, Some(DocumentProblem::skipped(reason.clone()))),
            Outcome::Failed(error) => (DocumentStatus::Failed, None, Some(error.into())),
        };
        let (id, title, notes) = (ingested.id.clone(), ingested.title.clone(), ingested.notes.clone());
        Self { id, title, status, passages, error, notes }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::example;

    fn listed(total: usize) -> Listed {
        let document = |n| DocumentInfo { id: format!("d{n}"), ..example::info() };
        Listed { documents: (1..=total).map(document).collect(), total }
    }

    #[test]
    fn a_page_names_its_last_document_only_if_more_follow() {
        let page = DocumentPage::new(listed(3), 2);
        assert_eq!((page.documents.len(), page.next.as_deref()), (2, Some("d2")));
        let page = DocumentPage::new(listed(2), 2);
        assert_eq!((page.documents.len(), page.next), (2, None));
        assert_eq!(DocumentPage::new(listed(0), 2).next, None);
    }

    fn shown(outcome: Outcome) -> serde_json::Value {
        let ingested = Ingested::new("d".into(), "T".into(), outcome);
        serde_json::to_value(DocumentOutcome::from(&ingested)).unwrap()
    }

    #[test]
    fn every_outcome_has_its_status() {
        assert_eq!(shown(Outcome::Added(3))["status"], "added");
        assert_eq!(shown(Outcome::Updated(3))["passages"], 3);
        assert_eq!(shown(Outcome::Unchanged)["passages"], json!(null));
        assert_eq!(shown(Outcome::Removed)["error"], json!(null));
        assert_eq!(shown(Outcome::Skipped("it is empty".into()))["error"]["detail"], "it is empty");
    }

    #[test]
    fn a_document_that_failed_is_explained_without_paths_and_causes() {
        let hint = "convert it".to_owned();
        let refused = shown(Outcome::Failed(Error::Document { document: "d".into(), reason: "odd".into(), hint }));
        assert_eq!(refused["error"], json!({"title": "Document refused", "detail": "d: odd", "hint": "convert it"}));
        let source = std::io::Error::other("secret");
        let failed = shown(Outcome::Failed(Error::Io { action: "write", path: "/secret".into(), source }));
        assert!(failed["status"] == "failed" && !failed.to_string().contains("secret"), "{failed}");
    }
}
