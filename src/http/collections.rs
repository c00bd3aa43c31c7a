//! `GET|POST /v1/collections`, `DELETE /v1/collections/{name}`: lists, creates and deletes collections.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::admission::{Read, Write};
use super::body::{DocumentId, Json};
use super::caller::Caller;
use super::problem::Problem;
use super::schema::{CollectionProblems, NewCollectionProblems, RemoveCollectionProblems};
use crate::library::{CollectionInfo, Library};
use crate::wire::Mode;

/// Selects a collection.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InCollection {
    /// The collection's name. Default: the configured collection.
    pub(super) collection: Option<String>,
}

/// A collection.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Collection {
    #[schema(example = "default")]
    name: String,
    /// Documents in it.
    documents: usize,
    /// Passages in it.
    passages: usize,
}

/// All collections.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Collections {
    /// Sorted by name.
    collections: Vec<Collection>,
    /// The modes of `POST /v1/ask` that write an answer here, the default first.
    #[schema(inline)]
    modes: Vec<Mode>,
}

/// A collection to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCollection {
    /// Letters, digits, `-` and `_`.
    #[schema(min_length = 1, max_length = 128, pattern = "^[\\p{L}\\p{N}_-]+$", example = "news")]
    name: String,
}

/// List collections
#[utoipa::path(
    get,
    path = "/v1/collections",
    operation_id = "list_collections",
    tag = "collections",
    responses((status = 200, description = "All collections, sorted by name", body = Collections), CollectionProblems)
)]
pub(super) async fn list(State(app): State<Arc<App>>, Read(slot): Read) -> Result<axum::Json<Collections>, Problem> {
    let found = slot.run_on_library(&app, Library::list).await?;
    let collections = found.into_iter().map(Into::into).collect();
    Ok(axum::Json(Collections { collections, modes: app.modes.clone() }))
}

/// Create a collection
///
/// Creates an empty collection. If it exists, it is left unchanged.
#[utoipa::path(
    post,
    path = "/v1/collections",
    operation_id = "create_collection",
    tag = "collections",
    request_body = NewCollection,
    responses((status = 200, description = "The collection", body = Collection), NewCollectionProblems)
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    Json(NewCollection { name }, _reserved): Json<NewCollection>,
) -> Result<axum::Json<Collection>, Problem> {
    let status = slot.run_on_library(&app, move |library| library.create(&name)?.status()).await?;
    let info = CollectionInfo { name: status.collection, documents: status.documents, passages: status.passages };
    Ok(axum::Json(info.into()))
}

/// Delete a collection
///
/// Deletes it with all its documents. The configured collection cannot be deleted.
#[utoipa::path(
    delete,
    path = "/v1/collections/{name}",
    operation_id = "delete_collection",
    tag = "collections",
    params(("name" = String, Path, description = "The collection's name, percent-encoded")),
    responses((status = 204, description = "The collection is deleted"), RemoveCollectionProblems)
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    caller: Caller,
    DocumentId(name): DocumentId,
) -> Result<StatusCode, Problem> {
    // For who may not use it, it is not there.
    if name == app.library.configured() && caller.reach().includes(&name) {
        return Err(Problem::configured_collection(&name));
    }
    let deleted = name.clone();
    slot.run_on_library(&app, move |library| library.delete(&deleted)).await?;
    app.cursors.forget(&name);
    Ok(StatusCode::NO_CONTENT)
}

impl From<CollectionInfo> for Collection {
    fn from(info: CollectionInfo) -> Self {
        let CollectionInfo { name, documents, passages } = info;
        Self { name, documents, passages }
    }
}
