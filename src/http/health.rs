//! `GET /healthz` and `GET /readyz`: for whatever starts, watches and balances the server, and for programs beside it.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::openapi::ReadinessProblems;
use super::problem::Problem;
use crate::config::Config;
use crate::identity;

/// How the server is, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    pub(crate) status: String,
    /// Of the program.
    #[schema(example = "0.1.0")]
    pub(crate) version: String,
    /// The collection that is asked where none is named.
    #[schema(example = "default")]
    pub(crate) collection: String,
    /// A hash of what answers depend on: the index directory, its writer and the settings. A program on the same machine
    /// that computes the same one gets the answers that it would give itself.
    pub(crate) identity: Option<String>,
}

impl Health {
    /// What holds as long as a server with these settings runs.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            status: "ok".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            collection: config.index.collection.clone(),
            identity: identity::of(config),
        }
    }
}

/// Liveness
///
/// Answers as long as the server runs.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "get_liveness",
    tag = "health",
    responses((status = 200, description = "The server runs", body = Health))
)]
pub(super) async fn alive(State(app): State<Arc<App>>) -> axum::Json<Health> {
    axum::Json(app.health.clone())
}

/// Readiness
///
/// Answers with success once questions can be answered: the model is loaded and the index open.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
    tag = "health",
    responses((status = 200, description = "Questions can be answered", body = Health), ReadinessProblems)
)]
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<axum::Json<Health>, Problem> {
    match app.library.is_ready() {
        true => Ok(axum::Json(Health { status: "ready".to_owned(), ..app.health.clone() })),
        false => Err(Problem::not_ready()),
    }
}
