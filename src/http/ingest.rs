//! `POST /v1/documents`: documents as JSON or as files of a form, each taken in or refused by itself.

use std::sync::Arc;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::admission::Write;
use super::body::{Json, media_type};
use super::schema::{WriteProblems, examples};
use super::problem::Problem;
use super::receive::{self, Reserved};
use crate::error::Result;
use crate::footnote::{Ingested, Outcome};
use crate::ingest::{read, split};
use crate::passage::NewDocument;
use crate::wire::{DocumentsResponse, Format};

/// Documents to take in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentsRequest {
    /// The collection that they go into; the configured one if not given.
    collection: Option<String>,
    #[schema(min_items = 1)]
    documents: Vec<DocumentRequest>,
}

/// A document to take in; only its text is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentRequest {
    /// A document with this id is replaced. The uri if not given, or a hash of the content.
    id: Option<String>,
    /// Its first line or its id if not given.
    title: Option<String>,
    /// Stored as it is.
    text: String,
    /// Who published it.
    source: Option<String>,
    /// Where it is to be found. It is not fetched.
    uri: Option<String>,
    /// When it was published: a date such as `2026-01-31`, or an RFC 3339 time.
    published: Option<String>,
    /// BCP 47 language tag; detected if not given.
    language: Option<String>,
    tags: Option<Vec<String>>,
    /// Anything else that is wanted back.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// `plain` if not given.
    #[schema(inline)]
    format: Option<Format>,
}

// Never built: it tells OpenAPI what `Upload::receive` reads. Doc comments here are part of the API's description.
/// Files to take in, as a form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct DocumentsForm {
    /// The collection that they go into; the configured one if not given.
    #[schema(nullable = false)]
    collection: Option<String>,
    /// Any number of files, under any name; each is split into its documents.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1)]
    file: Vec<String>,
}

/// A file of a form.
struct Upload {
    name: String,
    bytes: Vec<u8>,
}

/// What a request brings, before it is split into documents.
enum Delivery {
    Documents(Vec<NewDocument>),
    Files(Vec<Upload>),
}

/// Add documents
///
/// Each document is wholly in or wholly out, and safe on disk when the response is sent. One that cannot be taken in
/// is reported by name and keeps no other out.
#[utoipa::path(
    post,
    path = "/v1/documents",
    operation_id = "add_documents",
    tag = "documents",
    request_body(content(
        (DocumentsRequest = "application/json", example = json!(examples::new_documents())),
        (DocumentsForm = "multipart/form-data")
    )),
    responses(
        (status = 200, description = "What became of each document", body = DocumentsResponse,
            example = json!(examples::outcomes())),
        WriteProblems
    )
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    request: Request,
) -> Result<axum::Json<DocumentsResponse>, Problem> {
    let (collection, delivery, reserved) = Delivery::receive(request).await?;
    let outcomes = slot.run(&app, collection, move |footnote| {
        let (documents, refused) = delivery.into_documents();
        let mut outcomes = footnote.ingest(documents, &mut |_progress| {})?;
        outcomes.extend(refused);
        drop(reserved);
        Ok(outcomes)
    });
    Ok(axum::Json(DocumentsResponse::new(&outcomes.await?)))
}

impl Delivery {
    /// The collection that is meant, and what is to go into it.
    async fn receive(mut request: Request) -> Result<(Option<String>, Self, Reserved), Problem> {
        match media_type(request.headers()).as_deref() {
            Some("multipart/form-data") => {
                let (incoming, reserved, fault) = receive::begin(&mut request).await?;
                *request.body_mut() = incoming.into_body();
                let form = Multipart::from_request(request, &())
                    .await
                    .map_err(|rejected| Problem::bad_request(rejected.body_text(), "name the form's boundary"))?;
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

    /// The documents, and the files that hold none.
    fn into_documents(self) -> (Vec<NewDocument>, Vec<Ingested>) {
        match self {
            Self::Documents(documents) => (documents, Vec::new()),
            Self::Files(files) => {
                let mut documents = Vec::new();
                let mut refused = Vec::new();
                for Upload { name, bytes } in files {
                    match documents_of_upload(&name, bytes) {
                        Ok(found) => documents.extend(found),
                        Err(error) => {
                            refused.push(Ingested { id: name, title: String::new(), outcome: Outcome::Failed(error) });
                        }
                    }
                }
                (documents, refused)
            }
        }
    }
}

impl Upload {
    /// Reads a form: a field `collection` perhaps, and at least one file.
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
                    return Err(Problem::bad_request("the form names the collection twice", "name it once"));
                }
            } else {
                return Err(Problem::bad_request(
                    format!("the form's field `{}` is no file", field.name().unwrap_or_default()),
                    "the one field without a filename that is known is `collection`; a file's part has a filename",
                ));
            }
        }
        if files.is_empty() { Err(nothing("the form holds no file")) } else { Ok((collection, files)) }
    }
}

/// The documents of a file called `name`.
fn documents_of_upload(name: &str, bytes: Vec<u8>) -> Result<Vec<NewDocument>> {
    split::split_upload(&read::uploaded(name, bytes)?)
}

fn nothing(detail: &str) -> Problem {
    Problem::bad_request(detail, "send at least one document")
}

fn unread(error: &MultipartError) -> Problem {
    Problem::bad_request(
        format!("the form cannot be read: {}", error.body_text()),
        "send multipart/form-data as RFC 7578 has it; HTTP libraries do",
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
            origin: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Error;

    #[test]
    fn only_the_text_of_a_document_is_required() {
        let document: DocumentRequest = serde_json::from_value(json!({"text": "words"})).unwrap();
        assert_eq!(NewDocument::from(document), NewDocument { text: "words".into(), ..NewDocument::default() });
        assert!(serde_json::from_value::<DocumentRequest>(json!({"id": "d"})).is_err());
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_refused_and_keeps_no_other_out() {
        let file = |name: &str, bytes: &[u8]| Upload { name: name.into(), bytes: bytes.into() };
        let files = vec![file("good.txt", b"words"), file("bad.txt", b"ab\xff"), file("also.txt", b"more words")];
        let (documents, refused) = Delivery::Files(files).into_documents();
        assert_eq!(documents.len(), 2);
        let [Ingested { id, outcome: Outcome::Failed(error), .. }] = refused.as_slice() else { panic!("{refused:?}") };
        assert_eq!(
            (id.as_str(), error.to_string().as_str()),
            ("bad.txt", "bad.txt: is not UTF-8: the byte at offset 2, in line 1, begins no character")
        );
    }
}
