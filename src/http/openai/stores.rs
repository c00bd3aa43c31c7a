//! `GET /v1/vector_stores`, `/v1/vector_stores/{id}`, `…/files`, `…/files/{file_id}` and `…/files/{file_id}/content`:
//! collections and their documents in the format of `OpenAI`'s vector stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::super::App;
use super::super::admission::Read;
use super::super::attributes::attributes;
use super::super::body::{DocumentId, Parameters};
use super::super::problem::Problem;
use super::super::schema::OpenAiProblems;
use crate::display::clean;
use crate::error::{Error, Result as CoreResult};
use crate::footnote::{DocumentQuery, Footnote, SortBy, Status};
use crate::json::in_range;
use crate::library::Library;
use crate::passage::DocumentInfo;

const DEFAULT_LISTED: usize = 20;
const MAX_LISTED: usize = 100;

/// Selects a page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct ListParameters {
    /// The `last_id` of the previous page.
    after: Option<String>,
    /// Objects in a page, at most. Default: 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// By the time when they were first added. Default: `desc`, newest first.
    #[param(inline)]
    order: Option<Order>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct StoreList<T> {
    #[schema(example = "list")]
    object: &'static str,
    data: Vec<T>,
    #[schema(required)]
    first_id: Option<String>,
    #[schema(required)]
    last_id: Option<String>,
    has_more: bool,
}

/// A collection.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct VectorStore {
    /// The collection's name.
    #[schema(example = "default")]
    id: String,
    #[schema(example = "vector_store")]
    object: &'static str,
    /// When the server started, in seconds since 1970: collections have no date of their own.
    created_at: i64,
    name: String,
    /// What it takes on disk.
    usage_bytes: u64,
    file_counts: FileCounts,
    #[schema(example = "completed")]
    status: &'static str,
    #[schema(required)]
    last_active_at: Option<i64>,
    #[schema(required, value_type = Option<Object>)]
    metadata: Option<BTreeMap<String, String>>,
}

/// The documents of a collection.
#[derive(Debug, Serialize, ToSchema)]
struct FileCounts {
    in_progress: usize,
    completed: usize,
    failed: usize,
    cancelled: usize,
    total: usize,
}

/// A document.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct StoreFile {
    /// The document's id.
    id: String,
    #[schema(example = "vector_store.file")]
    object: &'static str,
    /// When this version was added, in seconds since 1970.
    created_at: i64,
    vector_store_id: String,
    #[schema(example = "completed")]
    status: &'static str,
    #[schema(required)]
    last_error: Option<String>,
    /// The size of its text.
    usage_bytes: usize,
    /// The document's fields and metadata.
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
}

/// The text of a document.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct FileContentPage {
    #[schema(example = "vector_store.file_content.page")]
    object: &'static str,
    /// Exactly one.
    data: Vec<FileContent>,
    has_more: bool,
    #[schema(required)]
    next_page: Option<String>,
}

/// A text.
#[derive(Debug, Serialize, ToSchema)]
struct FileContent {
    #[schema(example = "text")]
    r#type: &'static str,
    text: String,
}

impl<T> StoreList<T> {
    fn new(data: Vec<T>, has_more: bool, id: impl Fn(&T) -> &String) -> Self {
        let (first_id, last_id) = (data.first().map(&id).cloned(), data.last().map(&id).cloned());
        Self { object: "list", data, first_id, last_id, has_more }
    }
}

impl ListParameters {
    fn limit(&self) -> CoreResult<usize> {
        Ok(in_range("limit", self.limit, 1, MAX_LISTED)?.unwrap_or(DEFAULT_LISTED))
    }
}

/// List vector stores
///
/// Lists the collections by name.
#[utoipa::path(
    get,
    path = "/v1/vector_stores",
    operation_id = "openai_list_vector_stores",
    tag = "openai",
    params(ListParameters),
    responses((status = 200, description = "A page of collections", body = StoreList<VectorStore>), OpenAiProblems)
)]
pub(in super::super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<axum::Json<StoreList<VectorStore>>, Problem> {
    let limit = parameters.limit()?;
    let created_at = app.started;
    let (stores, has_more) = slot.run_on_library(&app, move |library| page(library, &parameters, limit)).await?;
    let stores = stores.into_iter().map(|status| VectorStore::new(&status, created_at)).collect();
    Ok(axum::Json(StoreList::new(stores, has_more, |store| &store.id)))
}

/// The collections of a page, and whether there are more. Collections have no dates, so `asc` is by name.
fn page(library: &Library, parameters: &ListParameters, limit: usize) -> CoreResult<(Vec<Status>, bool)> {
    let mut names = library.names()?;
    if parameters.order == Some(Order::Desc) {
        names.reverse();
    }
    let start = match &parameters.after {
        None => 0,
        Some(after) => 1 + names.iter().position(|name| name == after).ok_or_else(|| no_such("collection", after))?,
    };
    let rest = &names[start..];
    let page = rest.iter().take(limit).map(|name| library.collection(Some(name))?.status());
    Ok((page.collect::<CoreResult<_>>()?, rest.len() > limit))
}

/// Show a vector store
#[utoipa::path(
    get,
    path = "/v1/vector_stores/{id}",
    operation_id = "openai_show_vector_store",
    tag = "openai",
    params(("id" = String, Path, description = "The collection's name", example = "default")),
    responses((status = 200, description = "The collection", body = VectorStore), OpenAiProblems)
)]
pub(in super::super) async fn show(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
) -> Result<axum::Json<VectorStore>, Problem> {
    let status = slot.run(&app, Some(id), Footnote::status).await?;
    Ok(axum::Json(VectorStore::new(&status, app.started)))
}

/// List the files of a vector store
///
/// Lists the documents of a collection.
#[utoipa::path(
    get,
    path = "/v1/vector_stores/{id}/files",
    operation_id = "openai_list_vector_store_files",
    tag = "openai",
    params(("id" = String, Path, description = "The collection's name", example = "default"), ListParameters),
    responses((status = 200, description = "A page of documents", body = StoreList<StoreFile>), OpenAiProblems)
)]
pub(in super::super) async fn files(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<axum::Json<StoreList<StoreFile>>, Problem> {
    let limit = parameters.limit()?;
    let descending = parameters.order != Some(Order::Asc);
    let query = DocumentQuery { sort: SortBy::Added, descending, ..DocumentQuery::default() };
    let store = id.clone();
    let list = move |footnote: &Footnote| footnote.list(&query, parameters.after.as_deref(), limit + 1);
    let mut documents = slot.run(&app, Some(id), list).await?.documents;
    let has_more = documents.len() > limit;
    documents.truncate(limit);
    let files = documents.iter().map(|document| StoreFile::new(document, &store)).collect();
    Ok(axum::Json(StoreList::new(files, has_more, |file| &file.id)))
}

/// Show a file of a vector store
#[utoipa::path(
    get,
    path = "/v1/vector_stores/{id}/files/{file_id}",
    operation_id = "openai_show_vector_store_file",
    tag = "openai",
    params(
        ("id" = String, Path, description = "The collection's name", example = "default"),
        ("file_id" = String, Path, description = "The document's id, percent-encoded", example = "outlook-2026")
    ),
    responses((status = 200, description = "The document", body = StoreFile), OpenAiProblems)
)]
pub(in super::super) async fn file(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    FileOf { store, file }: FileOf,
) -> Result<axum::Json<StoreFile>, Problem> {
    let document = slot.run(&app, Some(store.clone()), move |footnote| footnote.document(&file)).await?;
    Ok(axum::Json(StoreFile::new(&document.info, &store)))
}

/// Read a file of a vector store
#[utoipa::path(
    get,
    path = "/v1/vector_stores/{id}/files/{file_id}/content",
    operation_id = "openai_read_vector_store_file",
    tag = "openai",
    params(
        ("id" = String, Path, description = "The collection's name", example = "default"),
        ("file_id" = String, Path, description = "The document's id, percent-encoded", example = "outlook-2026")
    ),
    responses((status = 200, description = "The document's text", body = FileContentPage), OpenAiProblems)
)]
pub(in super::super) async fn content(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    FileOf { store, file }: FileOf,
) -> Result<axum::Json<FileContentPage>, Problem> {
    let document = slot.run(&app, Some(store), move |footnote| footnote.document(&file)).await?;
    let data = vec![FileContent { r#type: "text", text: clean(&document.text).into_owned() }];
    Ok(axum::Json(FileContentPage { object: "vector_store.file_content.page", data, has_more: false, next_page: None }))
}

/// The collection and the document of a path, percent-decoded.
pub(in super::super) struct FileOf {
    store: String,
    file: String,
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for FileOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        let Path((store, file)) = Path::from_request_parts(parts, state).await.map_err(|rejected| {
            Problem::bad_request(rejected.body_text(), "percent-encode the ids' UTF-8 bytes in the path")
        })?;
        Ok(Self { store, file })
    }
}

impl VectorStore {
    fn new(status: &Status, created_at: i64) -> Self {
        let total = status.documents;
        Self {
            id: status.collection.clone(),
            object: "vector_store",
            created_at,
            name: status.collection.clone(),
            usage_bytes: status.store_bytes + status.vector_bytes + status.lexical_bytes,
            file_counts: FileCounts { in_progress: 0, completed: total, failed: 0, cancelled: 0, total },
            status: "completed",
            last_active_at: None,
            metadata: None,
        }
    }
}

impl StoreFile {
    fn new(document: &DocumentInfo, store: &str) -> Self {
        let added = document.ingested.parse::<jiff::Timestamp>();
        Self {
            id: document.id.clone(),
            object: "vector_store.file",
            created_at: added.map_or(0, jiff::Timestamp::as_second),
            vector_store_id: store.to_owned(),
            status: "completed",
            last_error: None,
            usage_bytes: document.size_bytes,
            attributes: attributes(document),
        }
    }
}

fn no_such(kind: &'static str, id: &str) -> Error {
    Error::NotFound { kind, id: id.to_owned() }
}
