//! `GET /healthz` and `GET /readyz`: for whatever starts, watches and balances the server, and for programs beside it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Parameters;
use super::openapi::{LivenessProblems, ReadinessProblems};
use super::problem::Problem;
use super::serve::ReachedAt;
use crate::config::Config;
use crate::identity::{self, Identity};

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
    /// For the `nonce` of the request, where it has one: a keyed hash that only the server's own user can compute, of the
    /// index directory, its writer, the settings and the server's address. A program that computes the same one gets
    /// the answers that it would give itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    pub(crate) proof: Option<String>,
}

/// What is to be proved.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Challenge {
    /// Random hexadecimal digits, for which the server proves what it is.
    #[param(pattern = "^[0-9a-f]{1,64}$")]
    nonce: Option<String>,
}

/// What is told, as long as the server runs.
pub(super) struct Told {
    version: &'static str,
    collection: String,
    identity: Option<Identity>,
}

impl Told {
    /// By a server with these settings.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            collection: config.index.collection.clone(),
            identity: identity::of(config),
        }
    }

    fn health(&self, status: &str, nonce: Option<&str>, at: Option<ReachedAt>) -> Result<Health, Problem> {
        if nonce.is_some_and(|nonce| !identity::is_nonce(nonce)) {
            let longest = identity::LONGEST_NONCE;
            return Err(Problem::bad_request(
                "`nonce` is not one",
                format!("a nonce has 1 to {longest} hexadecimal digits, in lower case"),
            ));
        }
        let prove = |nonce| Some(self.identity.as_ref()?.proof(nonce, at?.0).to_hex().to_string());
        Ok(Health {
            status: status.to_owned(),
            version: self.version.to_owned(),
            collection: self.collection.clone(),
            proof: nonce.and_then(prove),
        })
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
    params(Challenge),
    responses((status = 200, description = "The server runs", body = Health), LivenessProblems)
)]
pub(super) async fn alive(
    State(app): State<Arc<App>>,
    at: Option<Extension<ReachedAt>>,
    Parameters(Challenge { nonce }): Parameters<Challenge>,
) -> Result<axum::Json<Health>, Problem> {
    app.told.health("ok", nonce.as_deref(), at.map(|Extension(at)| at)).map(axum::Json)
}

/// Readiness
///
/// Answers with success once questions can be answered: the model is loaded and the index open.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
    tag = "health",
    params(Challenge),
    responses((status = 200, description = "Questions can be answered", body = Health), ReadinessProblems)
)]
pub(super) async fn ready(
    State(app): State<Arc<App>>,
    at: Option<Extension<ReachedAt>>,
    Parameters(Challenge { nonce }): Parameters<Challenge>,
) -> Result<axum::Json<Health>, Problem> {
    let ready = app.told.health("ready", nonce.as_deref(), at.map(|Extension(at)| at))?;
    if app.library.is_ready() { Ok(axum::Json(ready)) } else { Err(Problem::not_ready()) }
}
