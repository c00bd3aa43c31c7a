//! `POST /v1/documents`: adds documents, sent as JSON or as files of a form. Each is added or refused on its own.
//!
//! A small request is answered when all of it is done. A large one, or one whose client asks for it, becomes a
//! [job](crate::jobs).

use std::sync::Arc;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::App;
use super::admission::Write;
use super::body::{Json, media_type};
use super::caller::Caller;
use super::connection::Connection;
use super::deadline::Deadline;
use super::jobs::{documents_of, until_end};
use super::prefer::Preferences;
use super::problem::Problem;
use super::receive::{self, Reserved};
use super::schema::{WriteProblems, examples};
use crate::footnote::{Ingested, Outcome};
use crate::jobs::Part;
use crate::passage::{Layout, NewDocument};
use crate::wire::{DocumentsResponse, Format, Job, JobState};

/// A request with more than this many bytes of files or text, or more than this many of them, becomes a job. Embedding so
/// much takes minutes on a small machine, which is longer than many clients and proxies wait; one article or report is
/// smaller.
const MAX_WAITED_FOR_BYTES: usize = 4 * 1024 * 1024;
const MAX_WAITED_FOR_ITEMS: usize = 100;
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Documents to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentsRequest {
    /// The collection to add them to. Default: the configured collection.
    collection: Option<String>,
    #[schema(min_items = 1)]
    documents: Vec<DocumentRequest>,
}

/// A document to add. Only its text is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentRequest {
    /// Replaces the document with this id. Default: the uri, or else a hash of the content. No two documents of a request
    /// may have the same id.
    id: Option<String>,
    /// Default: its first line, or else its id.
    title: Option<String>,
    /// Stored unchanged. A blank text removes the document with this id.
    text: String,
    /// Who published it.
    source: Option<String>,
    /// Its address. Footnote does not fetch it.
    uri: Option<String>,
    /// When it was published: a date such as `2026-01-31`, `2026-01` or `31 January 2026`, or an RFC 3339 time.
    published: Option<String>,
    /// BCP 47 language tag. Default: detected.
    language: Option<String>,
    tags: Option<Vec<String>>,
    /// Other facts to keep with it. Filters can use them.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// Default: `plain`.
    #[schema(inline)]
    format: Option<Format>,
}

// Never built: it describes what `Upload::receive` reads. Doc comments here are part of the API's description.
/// Files to add, as a form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct DocumentsForm {
    /// The collection to add them to. Default: the configured collection.
    #[schema(nullable = false)]
    collection: Option<String>,
    /// Any number of files, under any field name. Each is split into its documents.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1)]
    file: Vec<String>,
}

/// A file of a form.
struct Upload {
    name: String,
    bytes: Vec<u8>,
}

/// What a request contains, before files are split into documents.
enum UploadedInput {
    Documents(Vec<NewDocument>),
    Files(Vec<Upload>),
}

/// Add documents
///
/// Each document is added atomically and is safe on disk when the response is sent. A document that cannot be added is
/// reported by name and does not affect the others; if it is the only file of a request without `Prefer`, that is an error. Requests wait for their turn; once the server has received a request
/// it completes it, however long that takes.
///
/// A request of more than 4 MiB of files or text, or of more than 100 files or documents, is answered with 202 and a job
/// as soon as it is safe on disk; so is any request with the header `Prefer: respond-async`. With `Prefer: wait=N` the
/// server waits up to N seconds for the job, and answers with 200 if it is done by then.
#[utoipa::path(
    post,
    path = "/v1/documents",
    operation_id = "add_documents",
    tag = "documents",
    params((
        "Prefer" = Option<String>, Header, example = "respond-async",
        description = "`respond-async`: answer with a job. `wait=N`: wait up to N seconds for the job (RFC 7240)"
    )),
    request_body(content(
        (DocumentsRequest = "application/json", example = json!(examples::new_documents())),
        (DocumentsForm = "multipart/form-data")
    )),
    responses(
        (status = 200, description = "The outcome for each document", body = DocumentsResponse,
            example = json!(examples::outcomes())),
        (status = 202, description = "The job that adds the documents", body = Job,
            headers(("Location" = String, description = "The address of the job")), example = json!(examples::job())),
        WriteProblems
    )
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    caller: Caller,
    preferences: Preferences,
    request: Request,
) -> Result<Response, Problem> {
    let deadline = Deadline::of(request.extensions());
    let connection = Connection::of(request.extensions());
    let (collection, input, reserved) = UploadedInput::receive(request).await?;
    if preferences.respond_async || input.is_large() {
        deadline.lift();
        let job = accept(&app, &caller, collection, input.into_parts(), reserved).await?;
        return respond(&app, job, preferences, connection.as_deref()).await;
    }
    // Whoever asks to wait gets the outcomes in any case, as of a job.
    let is_one_file = preferences.wait.is_none() && matches!(&input, UploadedInput::Files(files) if files.len() == 1);
    let outcomes = slot.run(&app, collection, move |footnote| {
        let (documents, refused) = input.into_documents(|name, bytes| footnote.read_upload(name, bytes));
        let mut outcomes = footnote.ingest(documents, &mut |_progress| {})?;
        outcomes.extend(refused);
        drop(reserved);
        Ok(outcomes)
    });
    let mut outcomes = outcomes.await?;
    // Whoever sends one file learns from the status whether it was added.
    match outcomes.pop() {
        Some(Ingested { outcome: Outcome::Failed(error), .. }) if is_one_file && outcomes.is_empty() => {
            Err(error.into())
        }
        last => {
            outcomes.extend(last);
            Ok(axum::Json(DocumentsResponse::new(&outcomes)).into_response())
        }
    }
}

/// Makes a job of the input.
pub(super) async fn accept(
    app: &Arc<App>,
    caller: &Caller,
    collection: Option<String>,
    parts: Vec<Part>,
    reserved: Reserved,
) -> Result<watch::Receiver<Job>, Problem> {
    let (jobs, library, key) = (Arc::clone(&app.jobs), app.library.within(caller.reach()), caller.holder());
    let accepting = tokio::task::spawn_blocking(move || {
        let name = library.collection(collection.as_deref())?.name().to_owned();
        let accepted = jobs.accept(name, key, parts);
        drop(reserved);
        accepted
    });
    Ok(accepting.await.map_err(|_panic| Problem::internal())??)
}

/// Answers with the job or, if it is done while the client waits, with the outcomes.
pub(super) async fn respond(
    app: &Arc<App>,
    mut job: watch::Receiver<Job>,
    preferences: Preferences,
    connection: Option<&Connection>,
) -> Result<Response, Problem> {
    let stopped = async {
        match connection {
            Some(connection) => connection.stopped().await,
            None => std::future::pending().await,
        }
    };
    let mut now = job.borrow().clone();
    if let Some(wait) = preferences.wait {
        now = tokio::select! {
            ended = until_end(&mut job, wait) => ended,
            () = stopped => now,
        };
    }
    if now.state == JobState::Done && preferences.wait.is_some() {
        let app = Arc::clone(app);
        let read = tokio::task::spawn_blocking(move || documents_of(&app, &now.id));
        let documents = read.await.map_err(|_panic| Problem::internal())??;
        return Ok(axum::Json(documents).into_response());
    }
    let location = HeaderValue::from_maybe_shared(format!("/v1/jobs/{}", now.id)).map_err(|_| Problem::internal())?;
    let mut response = (StatusCode::ACCEPTED, [(LOCATION, location)], axum::Json(now)).into_response();
    if preferences.respond_async {
        response.headers_mut().insert(PREFERENCE_APPLIED, HeaderValue::from_static("respond-async"));
    }
    Ok(response)
}

impl UploadedInput {
    /// The collection's name and the input.
    async fn receive(mut request: Request) -> Result<(Option<String>, Self, Reserved), Problem> {
        match media_type(request.headers()).as_deref() {
            Some("multipart/form-data") => {
                let (incoming, reserved, fault) = receive::begin(&mut request).await?;
                *request.body_mut() = incoming.into_body();
                let form = Multipart::from_request(request, &()).await.map_err(|rejected| {
                    Problem::bad_request(rejected.body_text(), "send the form's boundary in Content-Type")
                })?;
                // The form's reader knows only that its input failed.
                let (collection, files) =
                    Upload::receive(form).await.map_err(|problem| fault.get().unwrap_or(problem))?;
                Ok((collection, Self::Files(files), reserved))
            }
            Some("application/json") => {
                let Json(DocumentsRequest { collection, documents }, reserved) =
                    Json::from_request(request, &()).await?;
                if documents.is_empty() {
                    return Err(nothing("`documents` is empty"));
                }
                Ok((collection, Self::Documents(documents.into_iter().map(Into::into).collect()), reserved))
            }
            other => Err(Problem::unsupported_media_type(other, "application/json or multipart/form-data")),
        }
    }

    /// Whether it is too large to keep its client waiting.
    fn is_large(&self) -> bool {
        let (items, bytes) = match self {
            Self::Documents(documents) => {
                (documents.len(), documents.iter().map(|document| document.text.len()).sum::<usize>())
            }
            Self::Files(files) => (files.len(), files.iter().map(|file| file.bytes.len()).sum()),
        };
        items > MAX_WAITED_FOR_ITEMS || bytes > MAX_WAITED_FOR_BYTES
    }

    fn into_parts(self) -> Vec<Part> {
        match self {
            Self::Documents(documents) => {
                documents.into_iter().zip(1..).map(|(document, number)| Part::document(number, document)).collect()
            }
            Self::Files(files) => files.into_iter().map(|Upload { name, bytes }| Part::file(name, bytes)).collect(),
        }
    }

    /// The documents, and the files that could not be read.
    fn into_documents(
        self,
        read: impl Fn(&str, &[u8]) -> crate::Result<Vec<NewDocument>>,
    ) -> (Vec<NewDocument>, Vec<Ingested>) {
        match self {
            Self::Documents(documents) => (documents, Vec::new()),
            Self::Files(files) => {
                let mut documents = Vec::new();
                let mut refused = Vec::new();
                for Upload { name, bytes } in files {
                    match read(&name, &bytes) {
                        Ok(found) => documents.extend(found),
                        Err(error) => {
                            refused.push(Ingested::new(name, String::new(), Outcome::Failed(error)));
                        }
                    }
                }
                (documents, refused)
            }
        }
    }
}

impl Upload {
    /// Reads a form: an optional field `collection`, and at least one file.
    async fn receive(mut form: Multipart) -> Result<(Option<String>, Vec<Self>), Problem> {
        let mut files = Vec::new();
        let mut collection = None;
        while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
            if let Some(name) = field.file_name().map(str::to_owned) {
                if name.is_empty() {
                    return Err(Problem::bad_request("a file of the form has an empty filename", "name the file"));
                }
                let bytes = field.bytes().await.map_err(|error| unread(&error))?.into();
                files.push(Self { name, bytes });
            } else if field.name() == Some("collection") {
                let name = field.text().await.map_err(|error| unread(&error))?;
                if collection.replace(name).is_some() {
                    return Err(Problem::bad_request("the form has the field `collection` twice", "send it once"));
                }
            } else {
                return Err(Problem::bad_request(
                    format!("the form's field `{}` is not a file", field.name().unwrap_or_default()),
                    "send files with a filename; the only other field is `collection`",
                ));
            }
        }
        if files.is_empty() { Err(nothing("the form contains no file")) } else { Ok((collection, files)) }
    }
}

fn nothing(detail: &str) -> Problem {
    Problem::bad_request(detail, "send at least one document")
}

fn unread(error: &MultipartError) -> Problem {
    Problem::bad_request(
        format!("the form cannot be read: {}", error.body_text()),
        "send multipart/form-data as in RFC 7578; HTTP libraries do this",
    )
}

impl From<DocumentRequest> for NewDocument {
    fn from(document: DocumentRequest) -> Self {
        Self {
            id: document.id,
            title: document.title,
            text: document.text,
            source: document.source,
            uri: document.uri,
            published: document.published,
            language: document.language,
            tags: document.tags.unwrap_or_default(),
            metadata: document.metadata.unwrap_or_default(),
            format: document.format.map(Into::into).unwrap_or_default(),
            layout: Layout::default(),
            origin: None,
            original: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_text_of_a_document_is_required() {
        let document: DocumentRequest = serde_json::from_value(json!({"text": "words"})).unwrap();
        assert_eq!(NewDocument::from(document), NewDocument { text: "words".into(), ..NewDocument::default() });
        assert!(serde_json::from_value::<DocumentRequest>(json!({"id": "d"})).is_err());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_without_affecting_others() {
        let file = |name: &str, bytes: &[u8]| Upload { name: name.into(), bytes: bytes.into() };
        let files = vec![file("good.txt", b"words"), file("bad.txt", b"ab\xff"), file("also.txt", b"more words")];
        let (documents, refused) = UploadedInput::Files(files).into_documents(|name, bytes| {
            let text = String::from_utf8(bytes.to_vec()).map_err(|_| crate::Error::Document {
                document: name.into(),
                reason: "is not text".into(),
                hint: String::new(),
            })?;
            Ok(vec![NewDocument { text, ..NewDocument::default() }])
        });
        assert_eq!(documents.len(), 2);
        let [Ingested { id, outcome: Outcome::Failed(error), .. }] = refused.as_slice() else { panic!("{refused:?}") };
        assert_eq!((id.as_str(), error.to_string().as_str()), ("bad.txt", "bad.txt: is not text"));
    }
}
