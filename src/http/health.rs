//! `GET /healthz` and `GET /readyz`: for whatever starts, watches and balances the server.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::openapi::ReadinessProblems;
use super::problem::Problem;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
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
pub(super) async fn alive() -> axum::Json<Health> {
    axum::Json(Health { status: "ok" })
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
    if app.library.is_ready() { Ok(axum::Json(Health { status: "ready" })) } else { Err(Problem::not_ready()) }
}
