//! `LibreChat`'s files: adding, reading and deleting them.

use std::sync::Arc;

use axum::extract::{Request, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::super::App;
use super::super::admission::{Read, Write};
use super::super::body::{DocumentId, JsonList, Parameters};
use super::super::caller::Caller;
use super::super::problem::Problem;
use super::super::schema::{LibreChatLookupProblems, LibreChatWriteProblems};
use super::PageContent;
use super::store::{self, Files};
use super::upload::{FileForm, Upload};
use crate::display::clean;
use crate::error::Error;

const MAX_IDS: usize = 500;

/// Whether the service can answer.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct ServiceHealth {
    /// `UP`.
    #[schema(example = "UP")]
    status: &'static str,
}

/// A file that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct FileAdded {
    /// Always true.
    status: bool,
    #[schema(example = "File processed successfully.")]
    message: &'static str,
    file_id: String,
    filename: String,
    /// Always true: a file that cannot be read is refused.
    known_type: bool,
}

/// The text of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct FileText {
    text: String,
    file_id: String,
    filename: String,
    /// Always true: a file that cannot be read is refused.
    known_type: bool,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct FilesDeleted {
    #[schema(example = "Documents for 1 file deleted successfully")]
    message: String,
}

/// Names files.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description only")]
pub(in super::super) struct FileIds {
    /// The ids of files; one parameter for each.
    #[param(min_items = 1, max_items = 500)]
    ids: Vec<String>,
}

/// Tell whether the service is up
///
/// For `LibreChat`: whether questions can be answered.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "librechat_health",
    tag = "others",
    security(()),
    responses((status = 200, description = "It is up", body = ServiceHealth), LibreChatLookupProblems)
)]
pub(in super::super) async fn health(State(app): State<Arc<App>>) -> Result<axum::Json<ServiceHealth>, Problem> {
    if app.library.is_ready() { Ok(axum::Json(ServiceHealth { status: "UP" })) } else { Err(Problem::not_ready()) }
}

/// Add a file
///
/// For `LibreChat`: adds a file to the collection `librechat`, which is made for it. The response comes when the file can
/// be asked about.
#[utoipa::path(
    post,
    path = "/embed",
    operation_id = "librechat_embed",
    tag = "others",
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The file is added", body = FileAdded), LibreChatWriteProblems)
)]
pub(in super::super) async fn embed(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    caller: Caller,
    request: Request,
) -> Result<axum::Json<FileAdded>, Problem> {
    let (upload, reserved) = Upload::receive(request).await?;
    let added = FileAdded {
        status: true,
        message: "File processed successfully.",
        file_id: upload.file_id.clone(),
        filename: upload.filename.clone(),
        known_type: true,
    };
    slot.run_on_library(&app, move |library| {
        let result = store::add(library, &upload, &caller);
        drop(reserved);
        result
    })
    .await?;
    Ok(axum::Json(added))
}

/// Read a file without adding it
///
/// For `LibreChat`: returns the text of a file. Nothing is stored.
#[utoipa::path(
    post,
    path = "/text",
    operation_id = "librechat_text",
    tag = "others",
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The text", body = FileText), LibreChatWriteProblems)
)]
pub(in super::super) async fn text(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    request: Request,
) -> Result<axum::Json<FileText>, Problem> {
    let (upload, reserved) = Upload::receive(request).await?;
    let work = move |footnote: &crate::Footnote| {
        let documents = footnote.read_upload(&upload.filename, &upload.bytes)?;
        drop(reserved);
        let texts: Vec<_> = documents.iter().map(|document| clean(document.text.trim())).collect();
        let Upload { file_id, filename, .. } = upload;
        Ok(FileText { text: texts.join("\n\n"), file_id, filename, known_type: true })
    };
    Ok(axum::Json(slot.run(&app, None, work).await?))
}

/// List the ids of all files
///
/// For `LibreChat`: the ids of its files that the token's user may see, and of the documents of the configured collection.
#[utoipa::path(
    get,
    path = "/ids",
    operation_id = "librechat_ids",
    tag = "others",
    responses((status = 200, description = "The ids", body = Vec<String>), LibreChatLookupProblems)
)]
pub(in super::super) async fn ids(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
) -> Result<axum::Json<Vec<String>>, Problem> {
    let seen = Files::of(&caller, None);
    Ok(axum::Json(slot.run_on_library(&app, move |library| store::ids(library, &seen)).await?))
}

/// Read files
///
/// For `LibreChat`: returns all passages of files.
#[utoipa::path(
    get,
    path = "/documents",
    operation_id = "librechat_documents",
    tag = "others",
    params(FileIds),
    responses((status = 200, description = "The passages in their order", body = Vec<PageContent>), LibreChatLookupProblems)
)]
pub(in super::super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Parameters(parameters): Parameters<Vec<(String, String)>>,
) -> Result<axum::Json<Vec<PageContent>>, Problem> {
    let ids: Vec<String> = parameters.into_iter().filter(|(name, _)| name == "ids").map(|(_, id)| id).collect();
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(Problem::bad_request(format!("there are {} ids", ids.len()), format!("send 1 to {MAX_IDS}")));
    }
    let seen = Files::of(&caller, None);
    let work = move |library: &crate::Library| {
        let mut passages = Vec::new();
        for id in &ids {
            for (document, spans) in store::read(library, id, &seen)? {
                let of_document = store::passages(&document, &spans).into_iter();
                passages.extend(of_document.map(|(_, text, metadata)| PageContent::new(text, metadata)));
            }
        }
        Ok(passages)
    };
    Ok(axum::Json(slot.run_on_library(&app, work).await?))
}

/// Delete files
///
/// For `LibreChat`: deletes files that were added with `/embed`.
#[utoipa::path(
    delete,
    path = "/documents",
    operation_id = "librechat_delete",
    tag = "others",
    request_body(content = Vec<String>, example = json!(["3f2c1b6e"])),
    responses((status = 200, description = "The files are deleted", body = FilesDeleted), LibreChatWriteProblems)
)]
pub(in super::super) async fn remove(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    caller: Caller,
    JsonList(ids, _reserved): JsonList<String>,
) -> Result<axum::Json<FilesDeleted>, Problem> {
    if ids.len() > MAX_IDS {
        return Err(Problem::bad_request(format!("there are {} ids", ids.len()), format!("send at most {MAX_IDS}")));
    }
    let count = ids.len();
    let seen = Files::of(&caller, None);
    if !slot.run_on_library(&app, move |library| store::remove(library, &ids, &seen)).await? {
        let missing = Error::NotFound { kind: "file", id: "one of them".into() };
        return Err(Problem::from(missing).with_hint("those that exist are deleted; GET /ids lists the ids"));
    }
    let files = if count == 1 { "file" } else { "files" };
    Ok(axum::Json(FilesDeleted { message: format!("Documents for {count} {files} deleted successfully") }))
}

/// Read a file as one text
///
/// For `LibreChat`: returns the whole text of a file, with its name and its pages.
#[utoipa::path(
    get,
    path = "/documents/{id}/context",
    operation_id = "librechat_context",
    tag = "others",
    params(("id" = String, Path, description = "The file's id, percent-encoded", example = "3f2c1b6e")),
    responses((status = 200, description = "The text", body = String, content_type = "application/json"), LibreChatLookupProblems)
)]
pub(in super::super) async fn context(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    DocumentId(id): DocumentId,
) -> Result<axum::Json<Value>, Problem> {
    let seen = Files::of(&caller, None);
    let documents = slot.run_on_library(&app, move |library| store::read(library, &id, &seen)).await?;
    Ok(axum::Json(store::context(&documents).into()))
}
